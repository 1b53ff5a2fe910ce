import Anthropic from "@anthropic-ai/sdk";

const client = new Anthropic({
  baseURL: PROXY_URL,
  authToken: process.env.ANTHROPIC_AUTH_TOKEN,
  defaultHeaders: { "x-weir-token": process.env.WEIR_TOKEN },
});
const answer = await client.messages.create({
  model: MODEL,
  max_tokens: 1000,
  messages: [{ role: "user", content: QUESTION }],
});
for (const part of answer.content) {
  if (part.type === "text") console.log(part.text);
}
