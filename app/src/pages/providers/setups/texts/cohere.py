import os

import cohere

client = cohere.ClientV2(
    api_key=os.environ["WEIR_TOKEN"],
    base_url=PROXY_URL,
)
answer = client.chat(
    model=MODEL,
    messages=[{"role": "user", "content": QUESTION}],
)
print(answer.message.content[0].text)
