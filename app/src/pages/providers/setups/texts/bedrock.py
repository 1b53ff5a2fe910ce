import boto3

client = boto3.client(
    "bedrock-runtime",
    region_name=REGION,
    endpoint_url=PROXY_URL,
)
answer = client.converse(
    modelId=MODEL,
    messages=[{"role": "user", "content": [{"text": QUESTION}]}],
)
for part in answer["output"]["message"]["content"]:
    if "text" in part:
        print(part["text"])
