from langchain_aws import ChatBedrockConverse

model = ChatBedrockConverse(
    model=MODEL,
    region_name=REGION,
    endpoint_url=PROXY_URL,
)
print(model.invoke(QUESTION).text)
