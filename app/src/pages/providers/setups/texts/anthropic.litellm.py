import os

from litellm import completion

answer = completion(
    model=MODEL,
    custom_llm_provider="anthropic",
    api_base=PROXY_URL,
    api_key=os.environ["WEIR_TOKEN"],
    messages=[{"role": "user", "content": QUESTION}],
    max_tokens=1000,
)
print(answer.choices[0].message.content)
