import os

from litellm import completion

answer = completion(
    model=MODEL,
    custom_llm_provider="openai",
    api_base=PROXY_URL,
    api_key=os.environ["WEIR_TOKEN"],
    messages=[{"role": "user", "content": QUESTION}],
)
print(answer.choices[0].message.content)
