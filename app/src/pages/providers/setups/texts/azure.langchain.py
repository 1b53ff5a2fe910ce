import os

from langchain_openai import AzureChatOpenAI

model = AzureChatOpenAI(
    azure_deployment=MODEL,
    azure_endpoint=PROXY_URL,
    api_key=os.environ["WEIR_TOKEN"],
    api_version=API_VERSION,
)
print(model.invoke(QUESTION).text)
