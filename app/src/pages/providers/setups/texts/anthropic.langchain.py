import os

from langchain_anthropic import ChatAnthropic

model = ChatAnthropic(
    model=MODEL,
    base_url=PROXY_URL,
    api_key=os.environ["WEIR_TOKEN"],
    max_tokens=1000,
)
print(model.invoke(QUESTION).text)
