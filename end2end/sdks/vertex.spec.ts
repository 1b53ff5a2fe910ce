// The official SDKs of Google, Anthropic and OpenAI against a provider of Vertex AI, streaming and not. The stand-in
// takes only access tokens that it issued itself for the service account whose key the provider has.
import { AnthropicVertex } from "@anthropic-ai/vertex-sdk";
import { GoogleGenAI } from "@google/genai";
import { OAuth2Client } from "google-auth-library";
import { expect, test } from "@playwright/test";
import OpenAI from "openai";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
let token: string;
let proxy: string;
test.beforeEach(async () => {
  weir = await startWeir();
  const key = await (await fetch(`${weir.upstream}/standin/service-account.json`)).text();
  await weir.api("PUT", "/api/v1/secrets/VERTEX_KEY", { value: key });
  token = (await weir.api("POST", "/api/v1/tokens", { name: "application" })).token;
  const made = await weir.api("POST", "/api/v1/providers", {
    id: "vertex", display_name: "V", type: "vertex_ai", project: "own-project", location: "us-central1", base_url: weir.upstream,
    credentials: { mode: "service_account", service_account: "VERTEX_KEY" },
  });
  proxy = `${weir.url}/llm/v1/providers/${made.id}`;
});
test.afterEach(async () => {
  await weir.stop();
});

/** The rows of the ledger, once there are so many, oldest first. */
async function rows(count: number): Promise<string[]> {
  const calls = async () => (await weir.api("GET", "/api/v1/calls")).items;
  await expect.poll(async () => (await calls()).length).toBe(count);
  return (await calls()).reverse().map((row: any) => `${row.operation} ${row.model} ${row.streamed ? "stream" : "plain"} ${row.outcome} ${row.price_state}`);
}

test("@google/genai in Vertex mode", async () => {
  const model = "gemini-3-pro-preview";
  const google = new GoogleGenAI({ vertexai: true, apiKey: token, httpOptions: { baseUrl: proxy } });
  const plain = await google.models.generateContent({ model, contents: "What is a weir?" });
  expect(plain.text).toBeTruthy();
  let text = "";
  for await (const chunk of await google.models.generateContentStream({ model, contents: "What is a weir?" })) text += chunk.text ?? "";
  expect(text).not.toBe("");
  expect((await google.models.countTokens({ model, contents: "What is a weir?" })).totalTokens).toBeGreaterThan(0);
  const embedded = await google.models.embedContent({ model: "text-embedding-005", contents: "weir" });
  expect(embedded.embeddings?.[0]?.values?.length).toBeGreaterThan(0);
  expect((await google.models.list()).page.length).toBeGreaterThan(0);
  const stranger = new GoogleGenAI({ vertexai: true, apiKey: "wr_nobody", httpOptions: { baseUrl: proxy } });
  await expect(stranger.models.generateContent({ model, contents: "Hi" })).rejects.toMatchObject({ status: 401 });
  expect(await rows(5)).toEqual([
    `generate ${model} plain ok priced`,
    `generate ${model} stream ok priced`,
    `count_tokens ${model} plain ok not_billed`,
    "embeddings text-embedding-005 plain ok priced",
    "models null plain ok not_billed",
  ]);
});

test("@anthropic-ai/vertex-sdk", async () => {
  const client = (shown: string) => {
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: shown });
    // Another project and region than the provider's: its own count.
    return new AnthropicVertex({ baseURL: `${proxy}/v1`, projectId: "their-project", region: "europe-west1", authClient, maxRetries: 0 });
  };
  const claude = client(token);
  const question = { model: "claude-opus-5", max_tokens: 64, messages: [{ role: "user" as const, content: "What is a weir?" }] };
  const plain = await claude.messages.create(question);
  expect(plain.content.length).toBeGreaterThan(0);
  let text = "";
  const stream = claude.messages.stream(question).on("text", (piece) => (text += piece));
  expect((await stream.finalMessage()).usage.output_tokens).toBeGreaterThan(0);
  expect(text).not.toBe("");
  expect((await claude.messages.countTokens({ model: question.model, messages: question.messages })).input_tokens).toBeGreaterThan(0);
  await expect(client("wr_nobody").messages.create(question)).rejects.toMatchObject({ status: 401 });
  expect(await rows(3)).toEqual([
    "messages claude-opus-5 plain ok priced",
    "messages claude-opus-5 stream ok priced",
    "count_tokens claude-opus-5 plain ok not_billed",
  ]);
});

test("openai, at the OpenAI-style endpoint", async () => {
  const openai = new OpenAI({ apiKey: token, baseURL: `${proxy}/v1/projects/their-project/locations/global/endpoints/openapi`, maxRetries: 0 });
  for (const model of ["google/gemini-3-pro-preview", "meta/llama-3.3-70b-instruct-maas"]) {
    const question = { model, messages: [{ role: "user" as const, content: "What is a weir?" }] };
    expect((await openai.chat.completions.create(question)).choices[0]?.message.content).toBeTruthy();
    let text = "";
    for await (const chunk of await openai.chat.completions.create({ ...question, stream: true })) text += chunk.choices[0]?.delta.content ?? "";
    expect(text).not.toBe("");
  }
  expect(await rows(4)).toEqual([
    "chat gemini-3-pro-preview plain ok priced",
    "chat gemini-3-pro-preview stream ok priced",
    "chat meta/llama-3.3-70b-instruct-maas plain ok priced",
    "chat meta/llama-3.3-70b-instruct-maas stream ok priced",
  ]);
});
