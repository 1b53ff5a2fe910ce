import os

from openai import OpenAI

client = OpenAI(
    base_url=PROXY_URL,
    api_key=os.environ["WEIR_TOKEN"],
)
answer = client.chat.completions.create(
    model=MODEL,
    messages=[{"role": "user", "content": QUESTION}],
)
print(answer.choices[0].message.content)
