import { GoogleGenAI } from "@google/genai";

const client = new GoogleGenAI({
  vertexai: true,
  apiKey: process.env.WEIR_TOKEN,
  httpOptions: { baseUrl: PROXY_URL },
});
const answer = await client.models.generateContent({
  model: MODEL,
  contents: QUESTION,
});
console.log(answer.text);
