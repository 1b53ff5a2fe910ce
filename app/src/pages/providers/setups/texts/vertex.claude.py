import os

from anthropic import AnthropicVertex

client = AnthropicVertex(
    base_url=PROXY_URL,
    project_id=PROJECT,
    region=LOCATION,
    access_token=os.environ["WEIR_TOKEN"],
)
answer = client.messages.create(
    model=MODEL,
    max_tokens=1000,
    messages=[{"role": "user", "content": QUESTION}],
)
print("".join(part.text for part in answer.content if part.type == "text"))
