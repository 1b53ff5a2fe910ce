// The way of everybody who starts: first admin → secret → provider → token → calls by the official SDKs → Calls.
// Runs with JavaScript and without.
import Anthropic from "@anthropic-ai/sdk";
import { expect, test } from "@playwright/test";
import OpenAI from "openai";
import { createProvider, createSecret, createToken, firstAdmin, watch } from "../support/console.ts";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
test.beforeEach(async () => {
  weir = await startWeir();
});
test.afterEach(async () => {
  await weir.stop();
});

test("from the one-time link to calls with their cost", async ({ page }) => {
  const complaints = watch(page);
  await firstAdmin(page, weir);
  await createSecret(page, weir, "UPSTREAM_KEY");
  await createProvider(page, weir, { name: "OpenAI main", type: "openai", baseUrl: `${weir.upstream}/v1`, secret: "UPSTREAM_KEY" });
  await createProvider(page, weir, { name: "Anthropic main", type: "anthropic", baseUrl: weir.upstream, secret: "UPSTREAM_KEY" });
  const token = await createToken(page, weir, "first application");

  const proxy = `${weir.url}/llm/v1/providers`;
  const openai = new OpenAI({ apiKey: token, baseURL: `${proxy}/openai-main`, maxRetries: 0 });
  const anthropic = new Anthropic({ apiKey: token, baseURL: `${proxy}/anthropic-main`, maxRetries: 0 });
  const question = [{ role: "user" as const, content: "What is a weir?" }];

  // gpt-5-mini: 0.25 in, 0.025 cached, 2 out. 1000 uncached, 2000 cached, 50 out:
  // 250 + 50 + 100 = 400 µ$, plain and streamed.
  const usage = { prompt_tokens: 3000, completion_tokens: 50, total_tokens: 3050, prompt_tokens_details: { cached_tokens: 2000 } };
  const headers = { "x-standin-usage": JSON.stringify(usage) };
  const plain = await openai.chat.completions.create({ model: "gpt-5-mini", messages: question }, { headers });
  expect(plain.choices[0]!.message.content).toBeTruthy();
  let text = "";
  const stream = await openai.chat.completions.create({ model: "gpt-5-mini", messages: question, stream: true }, { headers });
  for await (const chunk of stream) {
    expect(chunk.usage ?? null, "the chunk that Weir asked for does not reach the client").toBeNull();
    text += chunk.choices[0]?.delta.content ?? "";
  }
  expect(text).not.toBe("");
  const response = await openai.responses.create({ model: "gpt-5-mini", input: "What is a weir?" });
  expect(response.output_text).toBeTruthy();
  const embedding = await openai.embeddings.create({ model: "text-embedding-3-small", input: "weir" });
  expect(embedding.data[0]!.embedding.length).toBeGreaterThan(0);
  expect((await openai.models.list()).data.length).toBeGreaterThan(0);

  // claude-sonnet-5-5: 2 in, 0.1 cached, 10 out. 100 in, 1000 cached, 20 out: 200 + 100 + 200 = 500 µ$.
  const messageUsage = { input_tokens: 100, cache_read_input_tokens: 1000, cache_creation_input_tokens: 0, output_tokens: 20 };
  const messageHeaders = { "x-standin-usage": JSON.stringify(messageUsage) };
  const message = await anthropic.messages.create(
    { model: "claude-sonnet-5-5", max_tokens: 64, messages: question }, { headers: messageHeaders });
  expect(message.content.length).toBeGreaterThan(0);
  const final = await anthropic.messages
    .stream({ model: "claude-sonnet-5-5", max_tokens: 64, messages: question }, { headers: messageHeaders })
    .finalMessage();
  expect(final.usage.output_tokens).toBe(20);
  const counted = await anthropic.messages.countTokens({ model: "claude-sonnet-5-5", messages: question });
  expect(counted.input_tokens).toBeGreaterThan(0);

  await expect.poll(async () => (await weir.api("GET", "/api/v1/calls")).items.length).toBe(8);
  const calls = (await weir.api("GET", "/api/v1/calls")).items;
  const totals = (model: string, operation: string) =>
    calls.filter((call: any) => call.model === model && call.operation === operation).map((call: any) => call.cost_usd.total);
  expect(totals("gpt-5-mini", "chat")).toEqual(["0.000400000", "0.000400000"]);
  expect(totals("claude-sonnet-5-5", "messages")).toEqual(["0.000500000", "0.000500000"]);

  await page.goto(`${weir.url}/calls`);
  await expect(page.getByRole("heading", { level: 1, name: "Calls" })).toBeVisible();
  const rows = page.getByRole("row");
  await expect(rows.filter({ hasText: "gpt-5-mini" }).filter({ hasText: "$0.0004" }).first()).toBeVisible();
  await expect(rows.filter({ hasText: "claude-sonnet-5-5" }).filter({ hasText: "$0.0005" }).first()).toBeVisible();
  expect(complaints).toEqual([]);
});

test("SDK errors are the SDKs' own", async () => {
  await weir.api("PUT", "/api/v1/secrets/KEY", { value: "sk-wrong" });
  await weir.api("POST", "/api/v1/providers", { id: "openai-main", display_name: "O", type: "openai", base_url: `${weir.upstream}/v1`, api_key: "KEY" });
  await weir.api("POST", "/api/v1/providers", { id: "anthropic-main", display_name: "A", type: "anthropic", base_url: weir.upstream, api_key: "KEY", models: [{ id: "claude-haiku-5-5" }] });
  const { token } = await weir.api("POST", "/api/v1/tokens", { name: "t" });
  const proxy = `${weir.url}/llm/v1/providers`;
  const messages = [{ role: "user" as const, content: "Hi" }];

  const stranger = new OpenAI({ apiKey: "wr_nobody", baseURL: `${proxy}/openai-main`, maxRetries: 0 });
  await expect(stranger.models.list()).rejects.toMatchObject({ status: 401, code: "token_unknown" });
  const openai = new OpenAI({ apiKey: token, baseURL: `${proxy}/openai-main`, maxRetries: 0 });
  await expect(openai.chat.completions.create({ model: "gpt-5-mini", messages })).rejects.toBeInstanceOf(OpenAI.AuthenticationError);

  const anthropic = new Anthropic({ apiKey: token, baseURL: `${proxy}/anthropic-main`, maxRetries: 0 });
  const refused = anthropic.messages.create({ model: "claude-opus-5-5", max_tokens: 5, messages });
  await expect(refused).rejects.toBeInstanceOf(Anthropic.PermissionDeniedError);
  await expect(refused).rejects.toMatchObject({ status: 403, error: { error: { details: { error_code: "model_not_allowed" } } } });
});
