import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";

const client = new BedrockRuntimeClient({
  region: REGION,
  endpoint: PROXY_URL,
});
const answer = await client.send(
  new ConverseCommand({
    modelId: MODEL,
    messages: [{ role: "user", content: [{ text: QUESTION }] }],
  }),
);
for (const part of answer.output?.message?.content ?? []) {
  if (part.text) console.log(part.text);
}
