// A Weir with something to look at, made through the REST API and by real calls.
import type { Weir } from "./weir.ts";
import { newerCatalog, newerVersion } from "./catalog.ts";
import { conversation, talker } from "./talk.ts";
import { ADMIN_TOKEN, UPSTREAM_KEY } from "./weir.ts";

export async function seed(weir: Weir) {
  await weir.api("PUT", "/api/v1/secrets/OPENAI_API_KEY", { value: UPSTREAM_KEY });
  for (const name of ["ANTHROPIC_API_KEY", "GEMINI_API_KEY", "BEDROCK_API_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"])
    await weir.api("PUT", `/api/v1/secrets/${name}`, { value: UPSTREAM_KEY });
  const models = [{ id: "gpt-5-mini" }, { id: "gpt-5.6", rates: { output: "18" } }, { id: "text-embedding-3-small" }];
  for (const provider of [
    { id: "openai-main", display_name: "OpenAI main", type: "openai", base_url: `${weir.upstream}/v1`, api_key: "OPENAI_API_KEY", models },
    { id: "anthropic-production", display_name: "Anthropic production", type: "anthropic", base_url: weir.upstream, api_key: "ANTHROPIC_API_KEY" },
    { id: "anthropic-engineers", display_name: "Anthropic, engineers’ own accounts", type: "anthropic", authorization_passthrough: true },
    { id: "vllm-gpu-rack", display_name: "vLLM on the GPU rack: claims handling, regulated workloads only", type: "openai_compatible",
      base_url: `${weir.upstream}/v1`, api_key: "OPENAI_API_KEY", models: [{ id: "qwen3.5-72b-instruct" }, { id: "qwen3.8-27b-ft-support" }] },
    { id: "groq-trial", display_name: "Groq trial", type: "openai_compatible", preset: "groq", base_url: "https://api.groq.com/openai/v1", enabled: false },
    { id: "gemini-main", display_name: "Gemini main", type: "google_ai", base_url: weir.upstream, api_key: "GEMINI_API_KEY",
      models: [{ id: "gemini-2.5-flash" }, { id: "gemini-2.5-pro" }] },
    { id: "bedrock-eu", display_name: "Bedrock in Frankfurt", type: "bedrock", region: "eu-central-1",
      credentials: { mode: "bearer", api_key: "BEDROCK_API_KEY" }, guardrail: { id: "gr7k2q9x1m", version: "3" },
      models: [{ id: "eu.anthropic.claude-opus-5-5" }, { id: "global.anthropic.claude-sonnet-5", rates: { input: "1.8" } }, { id: "eu.amazon.nova-pro-v1:0" }] },
    { id: "bedrock-keys", display_name: "Bedrock by keys", type: "bedrock", region: "us-east-1", fips: true,
      credentials: { mode: "static_keys", access_key_id: "AWS_ACCESS_KEY_ID", secret_access_key: "AWS_SECRET_ACCESS_KEY" } },
    { id: "bedrock-role", display_name: "Bedrock by role", type: "bedrock", region: "us-gov-west-1",
      credentials: { mode: "assume_role", role_arn: "arn:aws-us-gov:iam::123456789012:role/platform/bedrock-caller", external_id: "weir-7", session_name: "weir-gov" } },
    { id: "bedrock-pod", display_name: "Bedrock by web identity", type: "bedrock", region: "ap-northeast-1",
      credentials: { mode: "web_identity", role_arn: "arn:aws:iam::123456789012:role/bedrock-caller" }, models: [{ id: "jp.anthropic.claude-sonnet-5" }] },
  ]) await weir.api("POST", "/api/v1/providers", provider);
  const catalog = await fetch(`${weir.url}/api/v1/catalog`, {
    method: "POST",
    headers: { authorization: `Bearer ${ADMIN_TOKEN}` },
    body: newerCatalog(newerVersion(1), "0.3", ["gemini-2.5-pro", "gpt-4-turbo"]),
  });
  if (!catalog.ok) throw new Error(await catalog.text());
  const { token } = await weir.api("POST", "/api/v1/tokens", { name: "support bot", agent: "support-bot" });
  await weir.api("POST", "/api/v1/tokens", { name: "code review", providers: ["anthropic-production"], expires_at: "2099-01-01T00:00:00Z" });
  await weir.api("POST", "/api/v1/people", { name: "Eve Okafor" });
  const { id: left } = await weir.api("POST", "/api/v1/people", { name: "Bo Andersen" });
  await weir.api("PATCH", `/api/v1/people/${left}`, { enabled: false });
  const call = async (provider: string, path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${weir.url}/llm/v1/providers/${provider}${path}`, {
      method: "POST",
      headers: { "x-weir-token": token, "content-type": "application/json", "anthropic-version": "2023-06-01", "x-weir-user": "ada", ...headers },
      body: JSON.stringify(body),
    });
    await response.text();
  };
  const messages = [{ role: "user", content: "What is a weir?" }];
  let made = 0;
  for (let turn = 0; turn < 6; turn += 1) {
    await call("openai-main", "/chat/completions", { model: "gpt-5.6", messages, prompt_cache_key: "k", max_completion_tokens: 40 + turn });
    await call("openai-main", "/chat/completions", { model: "gpt-5-mini", messages, stream: true });
    await call("anthropic-production", "/v1/messages", { model: "claude-sonnet-5-5", messages, max_tokens: 90, stream: turn % 2 === 0 });
    await call("vllm-gpu-rack", "/chat/completions", { model: "qwen3.5-72b-instruct", messages });
    await call("gemini-main", "/v1beta/models/gemini-2.5-flash:generateContent", { contents: [{ role: "user", parts: [{ text: "What is a weir?" }] }] });
    await call("bedrock-eu", "/model/eu.anthropic.claude-opus-5-5/converse", { messages: [{ role: "user", content: [{ text: "What is a weir?" }] }] });
    made += 6;
  }
  await call("openai-main", "/chat/completions", { model: "gpt-5-mini", messages }, { "x-standin-status": "429" });
  await call("openai-main", "/chat/completions", { model: "not-on-the-list", messages });
  made += 2;
  for (let tries = 0; tries < 200; tries += 1) {
    if ((await weir.api("GET", "/api/v1/calls?limit=200")).items.length === made) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the rows of the calls did not come");
}

/** Two re-pricings, of which the first is applied; one call stays unpriced. Their ids, and that of a call which has another price by now. */
async function reprice(weir: Weir) {
  const state = async (id: string, wanted: string) => {
    for (let tries = 0; tries < 200; tries += 1) {
      const found = await weir.api("GET", `/api/v1/repricings/${id}`);
      if (found.state === wanted) return found;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the re-pricing is not ${wanted}`);
  };
  const rates = { rates: { input: "0.9", output: "2.7" } };
  const list = (await weir.api("GET", "/api/v1/providers/vllm-gpu-rack")).models.map((model: any) => ({ id: model.id }));
  const rack = (rated: object) => weir.api("PATCH", "/api/v1/providers/vllm-gpu-rack", { models: [{ ...list[0], ...rated }, ...list.slice(1)] });
  await rack(rates);
  const from = new Date(Date.now() - 86_400_000).toISOString();
  const calls = (await weir.api("GET", "/api/v1/calls?provider=vllm-gpu-rack")).items;
  const chosen = { from, to: calls[0].started_at, providers: ["vllm-gpu-rack"], only_unpriced: true };
  const { id } = await weir.api("POST", "/api/v1/repricings", chosen);
  const { fingerprint } = await state(id, "ready");
  await weir.api("POST", `/api/v1/repricings/${id}/apply`, { fingerprint });
  await state(id, "applied");
  await rack({ rates: { input: "1.1", output: "2.7" } });
  const { id: waiting } = await weir.api("POST", "/api/v1/repricings", { from });
  await state(waiting, "ready");
  return { applied: id, waiting, call: calls[1].id };
}

/** Providers of the cloud types, and one at several places of which one is gone; the call that was tried there, too. */
async function clouds(weir: Weir) {
  for (const name of ["ENTRA_SECRET", "COHERE_API_KEY"]) await weir.api("PUT", `/api/v1/secrets/${name}`, { value: UPSTREAM_KEY });
  const place = (name: string, base_url: string) => ({ name, base_url, api_key: "OPENAI_API_KEY" });
  for (const provider of [
    { id: "vertex-iowa", display_name: "Vertex AI in Iowa", type: "vertex_ai", project: "weir-platform", location: "us-central1",
      credentials: { mode: "default_chain" }, models: [{ id: "gemini-3-pro-preview" }, { id: "claude-opus-5" }] },
    { id: "azure-sweden", display_name: "Azure OpenAI in Sweden", type: "azure_openai", base_url: "https://weir-sweden.openai.azure.com", data_zone: "eu",
      credentials: { mode: "service_principal", client_id: "6731de76-14a6-49ae-97bc-6eba6914391e", client_secret: "ENTRA_SECRET",
        token_url: "https://login.microsoftonline.com/contoso.example/oauth2/v2.0/token" },
      models: [{ id: "chat-prod", price_as: "gpt-5" }, { id: "embeddings" }] },
    { id: "cohere-main", display_name: "Cohere main", type: "cohere", base_url: weir.upstream, api_key: "COHERE_API_KEY",
      models: [{ id: "command-a-03-2025" }, { id: "embed-v4.0" }, { id: "rerank-v3.5" }] },
    { id: "openai-places", display_name: "OpenAI at three places", type: "openai",
      endpoints: [place("main", `${weir.upstream}/v1`), place("gone", "http://127.0.0.1:9/v1"), place("spare", `${weir.upstream}/v1`)] },
  ]) await weir.api("POST", "/api/v1/providers", provider);
  const { token } = await weir.api("POST", "/api/v1/tokens", { name: "places" });
  for (let turn = 0; turn < 2; turn += 1) {
    const response = await fetch(`${weir.url}/llm/v1/providers/openai-places/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "gpt-5-mini", messages: [{ role: "user", content: "What is a weir?" }] }),
    });
    await response.text();
  }
  for (let tries = 0; tries < 200; tries += 1) {
    const { items } = await weir.api("GET", "/api/v1/calls?provider=openai-places&endpoint=gone");
    if (items.length > 0) return items[0].id;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error("the row of the endpoint that is gone did not come");
}

/** Every page of the console by its address, also those with a row opened, whose number only this Weir knows. */
export async function pages(weir: Weir): Promise<Record<string, string>> {
  const newest = async (list: string) => (await weir.api("GET", `/api/v1/${list}`)).items[0].id;
  const repriced = await reprice(weir);
  const { address, calls } = await conversation(weir, await talker(weir));
  const fixed = {
    ...PAGES,
    repricing: `/repricing/${repriced.waiting}`,
    "repricing-applied": `/repricing/${repriced.applied}`,
    transcript: address,
    "transcript-raw": `${address}?raw=${calls[1]}`,
    "transcript-earlier": `${address}?earlier=${calls[2]}`,
    "transcript-delete": `${address}/delete`,
    "call-priced-again-opened": `/calls?open=${repriced.call}`,
    token: `/tokens/${await newest("tokens?limit=1")}`,
    "call-opened": `/calls?open=${await newest("calls?limit=1")}`,
    "audit-opened": `/audit?kind=secret&open=${await newest("audit?kind=secret&limit=1")}`,
  };
  return { ...fixed, "call-attempts-opened": `/calls?open=${await clouds(weir)}` };
}

/** Those whose address never changes. */
const PAGES = {
  providers: "/providers",
  "providers-nothing": "/providers?q=nothing-like-it",
  "provider-create": "/new-provider",
  "provider-create-google": "/new-provider?type=google_ai",
  "provider-create-bedrock": "/new-provider?type=bedrock",
  "provider-create-vertex": "/new-provider?type=vertex_ai",
  "provider-create-azure": "/new-provider?type=azure_openai",
  "provider-create-cohere": "/new-provider?type=cohere",
  "provider-import": "/new-provider/import",
  provider: "/providers/openai-main",
  "provider-models": "/providers/openai-main/models",
  "provider-connect": "/providers/openai-main/connect",
  "provider-connect-python": "/providers/vllm-gpu-rack/connect?client=python",
  "provider-connect-claude": "/providers/anthropic-production/connect",
  "provider-connect-passthrough": "/providers/anthropic-engineers/connect?client=typescript",
  "provider-connect-google": "/providers/gemini-main/connect?client=langchain",
  "provider-connect-bedrock": "/providers/bedrock-eu/connect?client=python",
  "provider-activity": "/providers/openai-main/activity",
  "provider-edit": "/providers/openai-main/edit",
  "provider-edit-price": "/providers/openai-main/edit?price=gpt-5.6",
  "provider-google": "/providers/gemini-main",
  "provider-bedrock": "/providers/bedrock-eu",
  "provider-bedrock-models": "/providers/bedrock-eu/models",
  "provider-bedrock-role": "/providers/bedrock-role",
  "provider-edit-google": "/providers/gemini-main/edit",
  "provider-edit-bedrock-bearer": "/providers/bedrock-eu/edit",
  "provider-edit-bedrock-keys": "/providers/bedrock-keys/edit",
  "provider-edit-bedrock-role": "/providers/bedrock-role/edit",
  "provider-edit-bedrock-pod": "/providers/bedrock-pod/edit",
  "provider-vertex": "/providers/vertex-iowa",
  "provider-vertex-models": "/providers/vertex-iowa/models",
  "provider-azure": "/providers/azure-sweden",
  "provider-azure-models": "/providers/azure-sweden/models",
  "provider-edit-azure": "/providers/azure-sweden/edit",
  "provider-cohere-models": "/providers/cohere-main/models",
  "provider-endpoints": "/providers/openai-places",
  "provider-edit-endpoints": "/providers/openai-places/edit",
  "provider-connect-vertex": "/providers/vertex-iowa/connect?client=typescript",
  "provider-connect-azure": "/providers/azure-sweden/connect?client=langchain",
  secrets: "/secrets",
  "secret-create": "/new-secret",
  secret: "/secrets/OPENAI_API_KEY",
  tokens: "/tokens",
  "token-create": "/new-token",
  usage: "/usage",
  "usage-models": "/usage?group_by=model&range=24h&compare=previous",
  "usage-types": "/usage?group_by=token_type&range=90d&agent=support-bot",
  "usage-nothing": "/usage?agent=nobody&provider.not=groq-trial",
  calls: "/calls",
  "calls-unpriced": "/calls?price_state=unpriced",
  transcripts: "/transcripts",
  "transcripts-found": "/transcripts?q=bookcase",
  "transcripts-nothing": "/transcripts?agent=nothing-like-it",
  "transcripts-delete": "/transcripts/delete",
  "transcripts-delete-provider": "/transcripts/delete?provider=openai-recorded",
  "settings-transcripts": "/settings/transcripts",
  repricings: "/repricing",
  "repricing-new": "/repricing/new?provider=vllm-gpu-rack&model=qwen3.8-27b-ft-support&only_unpriced=on",
  "calls-followed": "/calls?follow=on&agent.not=nothing-like-it",
  "calls-nothing": "/calls?agent=nothing-like-it",
  "usage-report": "/usage/report",
  "usage-report-filtered": "/usage/report?provider=openai-main&agent.not=&by=user&by=agent&customStart=2026-11-01",
  audit: "/audit",
  "audit-nothing": "/audit?object=nothing-like-it",
  catalog: "/settings/catalog",
  "catalog-model": "/settings/catalog?kind=openai&q=gpt-5.6&open=gpt-5.6",
  "catalog-changes": "/settings/catalog/changes",
  find: "/find?q=openai",
  "find-nothing": "/find?q=nothing-like-it",
  keys: "/keys",
  account: "/account/password",
  settings: "/settings",
  people: "/settings/people",
  "person-add": "/settings/people/new",
  storage: "/settings/storage",
  "api-tokens": "/settings/api-tokens",
  "api-token-create": "/settings/api-tokens/new",
  missing: "/no-such-page",
};
