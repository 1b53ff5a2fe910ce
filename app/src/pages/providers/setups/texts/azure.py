import os

from openai import AzureOpenAI

client = AzureOpenAI(
    azure_endpoint=PROXY_URL,
    api_key=os.environ["WEIR_TOKEN"],
    api_version=API_VERSION,
)
answer = client.chat.completions.create(
    model=MODEL,
    messages=[{"role": "user", "content": QUESTION}],
)
print(answer.choices[0].message.content)
