import os

from langchain_google_genai import ChatGoogleGenerativeAI

model = ChatGoogleGenerativeAI(
    model=MODEL,
    base_url=PROXY_URL,
    api_key=os.environ["WEIR_TOKEN"],
)
print(model.invoke(QUESTION).text)
