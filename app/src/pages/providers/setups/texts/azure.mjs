import { AzureOpenAI } from "openai";

const client = new AzureOpenAI({
  endpoint: PROXY_URL,
  apiKey: process.env.WEIR_TOKEN,
  apiVersion: API_VERSION,
});
const answer = await client.chat.completions.create({
  model: MODEL,
  messages: [{ role: "user", content: QUESTION }],
});
console.log(answer.choices[0].message.content);
