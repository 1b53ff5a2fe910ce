// Cohere's official SDK, streaming and not; and OpenAI's on Cohere's compatible paths.
// No page: what is tested is the way of an application.
import { expect, test } from "@playwright/test";
import { CohereClientV2 } from "cohere-ai";
import OpenAI from "openai";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
let token: string;
let environment: string;
test.beforeEach(async () => {
  weir = await startWeir();
  await weir.api("PUT", "/api/v1/secrets/KEY", { value: "sk-upstream-of-the-browser-tests" });
  token = (await weir.api("POST", "/api/v1/tokens", { name: "application" })).token;
  await weir.api("POST", "/api/v1/providers", { id: "cohere", display_name: "C", type: "cohere", base_url: weir.upstream, api_key: "KEY" });
  environment = `${weir.url}/llm/v1/providers/cohere`;
});
test.afterEach(async () => {
  await weir.stop();
});

/** The rows of the ledger, once there are so many, oldest first. */
async function rows(count: number): Promise<any[]> {
  const calls = async () => (await weir.api("GET", "/api/v1/calls")).items;
  await expect.poll(async () => (await calls()).length).toBe(count);
  return (await calls()).reverse();
}

const summary = (row: any) => `${row.operation} ${row.streamed ? "stream" : "plain"} ${row.outcome} ${row.price_state}`;
const model = "command-a-03-2025";
const messages = [{ role: "user" as const, content: "What is a weir?" }];

test("cohere-ai", async () => {
  const cohere = new CohereClientV2({ token, environment, maxRetries: 0 });
  const plain = await cohere.chat({ model, messages });
  expect(plain.message?.content?.[0]).toMatchObject({ type: "text", text: expect.stringMatching(/\p{L}{2}/u) });
  expect(plain.usage?.billedUnits?.inputTokens).toBeGreaterThan(0);

  let text = "";
  let billed: number | undefined;
  for await (const event of await cohere.chatStream({ model, messages })) {
    if (event.type === "content-delta") text += event.delta?.message?.content?.text ?? "";
    if (event.type === "message-end") billed = event.delta?.usage?.billedUnits?.outputTokens;
  }
  expect(text).not.toBe("");
  expect(billed).toBeGreaterThan(0);

  const tools = [{ type: "function" as const, function: { name: "level", parameters: { type: "object", properties: { river: { type: "string" } } } } }];
  const called = await cohere.chat({ model, messages: [{ role: "user", content: "Please use the tool." }], tools });
  expect(called.message?.toolCalls?.[0]?.function?.name).toBe("level");

  const embedded = await cohere.embed({ model: "embed-v4.0", texts: ["a river", "a dam"], inputType: "search_document", embeddingTypes: ["float"] });
  expect(embedded.embeddings.float?.length).toBe(2);
  expect(embedded.embeddings.float?.[0]?.length).toBe(1536);

  const ranked = await cohere.rerank({ model: "rerank-v3.5", query: "Which one holds water?", documents: ["a river", "a dam"] });
  expect(ranked.results.length).toBe(2);

  const stranger = new CohereClientV2({ token: "wr_nobody", environment, maxRetries: 0 });
  await expect(stranger.chat({ model, messages })).rejects.toMatchObject({ statusCode: 401 });
  expect((await rows(5)).map(summary)).toEqual([
    "cohere_chat plain ok priced",
    "cohere_chat stream ok priced",
    "cohere_chat plain ok priced",
    "embeddings plain ok priced",
    "rerank plain ok unpriced",
  ]);
});

test("openai, on the compatible paths", async () => {
  const openai = new OpenAI({ apiKey: token, baseURL: `${environment}/compatibility/v1`, maxRetries: 0 });
  expect((await openai.chat.completions.create({ model, messages })).choices[0]?.message.content).toBeTruthy();
  let text = "";
  for await (const chunk of await openai.chat.completions.create({ model, messages, stream: true })) {
    text += chunk.choices[0]?.delta.content ?? "";
  }
  expect(text).not.toBe("");
  expect((await openai.embeddings.create({ model: "embed-v4.0", input: "a river" })).data[0]?.embedding.length).toBeGreaterThan(0);
  expect((await rows(3)).map(summary)).toEqual(["chat plain ok priced", "chat stream ok priced", "embeddings plain ok priced"]);
});
