// OpenAI's own client for Azure, against a provider with a key and one with a service principal, whose tokens the
// stand-in's Entra issues: both families of paths, streaming and not.
// No page: what is tested is the way of an application.
import { expect, test } from "@playwright/test";
import OpenAI, { AzureOpenAI } from "openai";
import { startWeir, UPSTREAM_KEY, type Weir } from "../support/weir.ts";

let weir: Weir;
let token: string;
test.beforeEach(async () => {
  weir = await startWeir();
  await weir.api("PUT", "/api/v1/secrets/KEY", { value: UPSTREAM_KEY });
  token = (await weir.api("POST", "/api/v1/tokens", { name: "application" })).token;
});
test.afterEach(async () => {
  await weir.stop();
});

/** The application that the stand-in's Entra knows. */
const ENTRA = { tenant: "standin-tenant", client_id: "6a3c9f50-0000-4000-8000-57a9d17057a9", secret: "standin~client.secret" };

/** The rows of the ledger, once there are so many, oldest first. */
async function rows(count: number): Promise<any[]> {
  const calls = async () => (await weir.api("GET", "/api/v1/calls")).items;
  await expect.poll(async () => (await calls()).length).toBe(count);
  return (await calls()).reverse();
}

const summary = (row: any) => `${row.operation} ${row.streamed ? "stream" : "plain"} ${row.model} ${row.outcome} ${row.price_state}`;
const messages = [{ role: "user" as const, content: "What is a weir?" }];

/** What an application does with a client of either kind. */
async function everything(client: OpenAI, embedder: OpenAI) {
  expect((await client.chat.completions.create({ model: "front-desk", messages })).choices[0]?.message.content).toBeTruthy();
  let text = "";
  for await (const chunk of await client.chat.completions.create({ model: "front-desk", messages, stream: true })) text += chunk.choices[0]?.delta.content ?? "";
  expect(text).not.toBe("");
  const embedded = await embedder.embeddings.create({ model: "text-embedding-3-small", input: "weir", dimensions: 4 });
  expect(embedded.data[0]?.embedding.length).toBe(4);
  expect((await client.responses.create({ model: "front-desk", input: "What is a weir?" })).output_text).toBeTruthy();
  let last = "";
  for await (const event of await client.responses.create({ model: "front-desk", input: "What is a weir?", stream: true })) last = event.type;
  expect(last).toBe("response.completed");
}

const SEEN = [
  "chat plain front-desk ok priced",
  "chat stream front-desk ok priced",
  "embeddings plain text-embedding-3-small ok priced",
  "responses plain front-desk ok priced",
  "responses stream front-desk ok priced",
];

test("AzureOpenAI and OpenAI, to a provider with a key", async () => {
  const made = await weir.api("POST", "/api/v1/providers", { id: "azure", display_name: "A", type: "azure_openai", base_url: `${weir.upstream}/as/azure`, api_key: "KEY" });
  const endpoint = `${weir.url}/llm/v1/providers/${made.id}`;
  const azure = new AzureOpenAI({ endpoint, apiKey: token, apiVersion: "2025-04-01-preview", maxRetries: 0 });
  await everything(azure, azure);
  const openai = new OpenAI({ baseURL: `${endpoint}/openai/v1`, apiKey: token, maxRetries: 0 });
  await everything(openai, openai);
  // With Entra ID on the application's side, the gateway token takes the place of its token.
  const signedIn = new AzureOpenAI({ endpoint, azureADTokenProvider: async () => token, apiVersion: "2025-04-01-preview", maxRetries: 0 });
  await everything(signedIn, signedIn);
  const stranger = new AzureOpenAI({ endpoint, apiKey: "wr_nobody", apiVersion: "2025-04-01-preview", maxRetries: 0 });
  await expect(stranger.chat.completions.create({ model: "front-desk", messages })).rejects.toMatchObject({ status: 401 });
  await expect(azure.chat.completions.create({ model: "missing", messages })).rejects.toMatchObject({ status: 404, code: "DeploymentNotFound" });
  expect((await rows(16)).slice(0, 15).map(summary)).toEqual([...SEEN, ...SEEN, ...SEEN]);
});

test("AzureOpenAI, to a provider with a service principal", async () => {
  await weir.api("PUT", "/api/v1/secrets/ENTRA_SECRET", { value: ENTRA.secret });
  const credentials = { mode: "service_principal", client_id: ENTRA.client_id, client_secret: "ENTRA_SECRET", token_url: `${weir.upstream}/${ENTRA.tenant}/oauth2/v2.0/token` };
  const made = await weir.api("POST", "/api/v1/providers", { id: "azure", display_name: "A", type: "azure_openai", base_url: `${weir.upstream}/as/azure`, credentials });
  const endpoint = `${weir.url}/llm/v1/providers/${made.id}`;
  const azure = new AzureOpenAI({ endpoint, apiKey: token, apiVersion: "2025-04-01-preview", maxRetries: 0 });
  await everything(azure, azure);
  expect((await rows(5)).map(summary)).toEqual(SEEN);
});
