import { AnthropicVertex } from "@anthropic-ai/vertex-sdk";
import { OAuth2Client } from "google-auth-library";

const authClient = new OAuth2Client();
authClient.setCredentials({ access_token: process.env.WEIR_TOKEN });
const client = new AnthropicVertex({
  baseURL: PROXY_URL,
  projectId: PROJECT,
  region: LOCATION,
  authClient,
});
const answer = await client.messages.create({
  model: MODEL,
  max_tokens: 1000,
  messages: [{ role: "user", content: QUESTION }],
});
for (const part of answer.content) {
  if (part.type === "text") console.log(part.text);
}
