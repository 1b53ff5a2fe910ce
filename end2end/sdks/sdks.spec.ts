// The official SDKs of Google, AWS and OpenAI against every kind of provider, streaming and not.
// No page: what is tested is the way of an application.
import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand, CountTokensCommand, InvokeModelCommand, InvokeModelWithResponseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { GoogleGenAI } from "@google/genai";
import { expect, test } from "@playwright/test";
import OpenAI from "openai";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
let token: string;
test.beforeEach(async () => {
  weir = await startWeir();
  await weir.api("PUT", "/api/v1/secrets/KEY", { value: "sk-upstream-of-the-browser-tests" });
  token = (await weir.api("POST", "/api/v1/tokens", { name: "application" })).token;
});
test.afterEach(async () => {
  await weir.stop();
});

async function provider(settings: Record<string, unknown>): Promise<string> {
  const made = await weir.api("POST", "/api/v1/providers", settings);
  return `${weir.url}/llm/v1/providers/${made.id}`;
}

/** The rows of the ledger, once there are so many, oldest first. */
async function rows(count: number): Promise<any[]> {
  const calls = async () => (await weir.api("GET", "/api/v1/calls")).items;
  await expect.poll(async () => (await calls()).length).toBe(count);
  return (await calls()).reverse();
}

const summary = (row: any) => `${row.operation} ${row.streamed ? "stream" : "plain"} ${row.outcome} ${row.price_state}`;

test("@google/genai", async () => {
  const baseUrl = await provider({ id: "gemini", display_name: "G", type: "google_ai", base_url: weir.upstream, api_key: "KEY" });
  const model = "gemini-3-pro-preview";
  for (const apiVersion of ["v1", "v1beta"]) {
    const google = new GoogleGenAI({ apiKey: token, apiVersion, httpOptions: { baseUrl } });
    const plain = await google.models.generateContent({ model, contents: "What is a weir?" });
    expect(plain.text).toBeTruthy();
    let text = "";
    for await (const chunk of await google.models.generateContentStream({ model, contents: "What is a weir?" })) {
      text += chunk.text ?? "";
    }
    expect(text).not.toBe("");
    expect((await google.models.countTokens({ model, contents: "What is a weir?" })).totalTokens).toBeGreaterThan(0);
    const embedded = await google.models.embedContent({ model: "gemini-embedding-001", contents: "weir" });
    expect(embedded.embeddings?.[0]?.values?.length).toBeGreaterThan(0);
    const models = await google.models.list();
    expect(models.page.length).toBeGreaterThan(0);
  }
  const stranger = new GoogleGenAI({ apiKey: "wr_nobody", httpOptions: { baseUrl } });
  await expect(stranger.models.generateContent({ model, contents: "Hi" })).rejects.toMatchObject({ status: 401 });
  const seen = (await rows(10)).map(summary);
  for (const of of [seen.slice(0, 5), seen.slice(5)]) {
    expect(of[0]).toBe("generate plain ok priced");
    expect(of[1]).toBe("generate stream ok priced");
    expect(of[2]).toBe("count_tokens plain ok not_billed");
    expect(of[3]).toMatch(/^embeddings plain ok (priced|estimated)$/);
    expect(of[4]).toBe("models plain ok not_billed");
  }
});

for (const [how, credentials] of Object.entries({
  "with a key": { mode: "bearer", api_key: "KEY" },
  signed: { mode: "static_keys", access_key_id: "AWS_ID", secret_access_key: "AWS_SECRET" },
})) test(`@aws-sdk/client-bedrock-runtime, ${how}`, async () => {
  await weir.api("PUT", "/api/v1/secrets/AWS_ID", { value: "AKIDEXAMPLE" });
  await weir.api("PUT", "/api/v1/secrets/AWS_SECRET", { value: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" });
  const endpoint = await provider({ id: "bedrock", display_name: "B", type: "bedrock", region: "us-east-1", base_url: weir.upstream, credentials });
  const bedrock = new BedrockRuntimeClient({ region: "us-east-1", endpoint, token: { token }, authSchemePreference: ["httpBearerAuth"], maxAttempts: 1 });
  const modelId = "us.anthropic.claude-opus-5-5";
  const messages = [{ role: "user" as const, content: [{ text: "What is a weir?" }] }];
  const plain = await bedrock.send(new ConverseCommand({ modelId, messages }));
  expect(plain.output?.message?.content?.[0]?.text).toBeTruthy();
  let text = "";
  let usage: unknown;
  for await (const event of (await bedrock.send(new ConverseStreamCommand({ modelId, messages }))).stream ?? []) {
    text += event.contentBlockDelta?.delta?.text ?? "";
    usage = event.metadata?.usage ?? usage;
  }
  expect(text).not.toBe("");
  expect(usage).toBeTruthy();
  const body = JSON.stringify({ anthropic_version: "bedrock-2023-05-31", max_tokens: 32, messages: [{ role: "user", content: "What is a weir?" }] });
  const invoked = await bedrock.send(new InvokeModelCommand({ modelId, body, contentType: "application/json" }));
  expect(JSON.parse(new TextDecoder().decode(invoked.body)).content.length).toBeGreaterThan(0);
  let chunks = 0;
  for await (const event of (await bedrock.send(new InvokeModelWithResponseStreamCommand({ modelId, body, contentType: "application/json" }))).body ?? []) {
    chunks += event.chunk ? 1 : 0;
  }
  expect(chunks).toBeGreaterThan(1);
  const counted = await bedrock.send(new CountTokensCommand({ modelId, input: { converse: { messages } } }));
  expect(counted.inputTokens).toBeGreaterThan(0);
  const arn = "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123standin";
  expect((await bedrock.send(new ConverseCommand({ modelId: arn, messages }))).stopReason).toBeTruthy();

  const stranger = new BedrockRuntimeClient({ region: "us-east-1", endpoint, token: { token: "wr_nobody" }, authSchemePreference: ["httpBearerAuth"], maxAttempts: 1 });
  await expect(stranger.send(new ConverseCommand({ modelId, messages }))).rejects.toMatchObject({ $metadata: { httpStatusCode: 401 } });
  expect((await rows(6)).map(summary)).toEqual([
    "converse plain ok priced",
    "converse stream ok priced",
    "invoke plain ok priced",
    "invoke stream ok priced",
    "count_tokens plain ok not_billed",
    "converse plain ok unpriced",
  ]);
});

test("openai, for the OpenAI styles of Google and Bedrock and for compatible hosts", async () => {
  const bases = [
    `${await provider({ id: "gemini", display_name: "G", type: "google_ai", base_url: weir.upstream, api_key: "KEY" })}/v1beta/openai`,
    `${await provider({ id: "bedrock", display_name: "B", type: "bedrock", region: "us-east-1", base_url: weir.upstream, credentials: { mode: "bearer", api_key: "KEY" } })}/openai/v1`,
  ];
  const models = ["gemini-3-pro-preview", "openai.gpt-oss-20b-1:0"];
  for (const [preset, host, path] of [["groq", "groq", "/openai/v1"], ["deepseek", "deepseek", "/v1"], ["mistral", "mistral", "/v1"], ["xai", "xai", "/v1"], ["together_ai", "together", "/v1"], ["databricks", "databricks", "/serving-endpoints"]]) {
    bases.push(await provider({ display_name: preset, type: "openai_compatible", preset, base_url: `${weir.upstream}/as/${host}${path}`, api_key: "KEY", models: [{ id: "m", rates: { input: "1", output: "2", cached_input: "0.1" } }] }));
    models.push("m");
  }
  for (const [index, baseURL] of bases.entries()) {
    const openai = new OpenAI({ apiKey: token, baseURL, maxRetries: 0 });
    const question = { model: models[index]!, messages: [{ role: "user" as const, content: "What is a weir?" }] };
    expect((await openai.chat.completions.create(question)).choices[0]?.message.content, baseURL).toBeTruthy();
    let text = "";
    for await (const chunk of await openai.chat.completions.create({ ...question, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? "";
    }
    expect(text, baseURL).not.toBe("");
  }
  const seen = await rows(2 * bases.length);
  for (const [index, row] of seen.entries()) {
    expect(summary(row), row.provider).toBe(`chat ${index % 2 ? "stream" : "plain"} ok priced`);
  }
});
