import { CohereClientV2 } from "cohere-ai";

const client = new CohereClientV2({
  token: process.env.WEIR_TOKEN,
  environment: PROXY_URL,
});
const answer = await client.chat({
  model: MODEL,
  messages: [{ role: "user", content: QUESTION }],
});
for (const part of answer.message?.content ?? []) {
  if (part.type === "text") console.log(part.text);
}
