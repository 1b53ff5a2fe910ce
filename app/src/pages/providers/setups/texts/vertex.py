import os

from google import genai
from google.genai import types

client = genai.Client(
    vertexai=True,
    api_key=os.environ["WEIR_TOKEN"],
    http_options=types.HttpOptions(base_url=PROXY_URL),
)
answer = client.models.generate_content(model=MODEL, contents=QUESTION)
print(answer.text)
