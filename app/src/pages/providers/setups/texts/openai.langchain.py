import os

from langchain_openai import ChatOpenAI

model = ChatOpenAI(
    model=MODEL,
    base_url=PROXY_URL,
    api_key=os.environ["WEIR_TOKEN"],
)
print(model.invoke(QUESTION).text)
