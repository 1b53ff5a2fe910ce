import os

from anthropic import Anthropic

client = Anthropic(
    base_url=PROXY_URL,
    auth_token=os.environ["ANTHROPIC_AUTH_TOKEN"],
    default_headers={"x-weir-token": os.environ["WEIR_TOKEN"]},
)
answer = client.messages.create(
    model=MODEL,
    max_tokens=1000,
    messages=[{"role": "user", "content": QUESTION}],
)
print("".join(part.text for part in answer.content if part.type == "text"))
