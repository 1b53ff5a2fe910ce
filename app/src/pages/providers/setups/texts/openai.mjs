import OpenAI from "openai";

const client = new OpenAI({
  baseURL: PROXY_URL,
  apiKey: process.env.WEIR_TOKEN,
});
const answer = await client.chat.completions.create({
  model: MODEL,
  messages: [{ role: "user", content: QUESTION }],
});
console.log(answer.choices[0].message.content);
