import os

from litellm import completion

answer = completion(
    model="converse/" + MODEL,
    custom_llm_provider="bedrock",
    aws_region_name=REGION,
    aws_bedrock_runtime_endpoint=PROXY_URL,
    api_key=os.environ["WEIR_TOKEN"],
    messages=[{"role": "user", "content": QUESTION}],
)
print(answer.choices[0].message.content)
