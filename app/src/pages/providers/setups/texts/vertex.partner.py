import json
import os
import urllib.request

request = urllib.request.Request(
    PROXY_URL,
    data=json.dumps(
        {
            "model": MODEL,
            "messages": [{"role": "user", "content": QUESTION}],
        }
    ).encode(),
    headers={
        "Authorization": f"Bearer {os.environ['WEIR_TOKEN']}",
        "Content-Type": "application/json",
    },
)
with urllib.request.urlopen(request) as answer:
    print(json.load(answer)["choices"][0]["message"]["content"])
