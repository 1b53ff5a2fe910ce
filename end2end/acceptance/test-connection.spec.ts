// Test Connection where it fails: the stage that failed, the upstream's own words, the cure and its buttons.
// Runs with JavaScript and without. The upstreams are listeners of this test, each wrong in its own way.
import { readFileSync } from "node:fs";
import { createServer as http, type RequestListener } from "node:http";
import { createServer as https } from "node:https";
import { type AddressInfo, createServer as tcp, type Server } from "node:net";
import { expect, type Page, test } from "@playwright/test";
import { certificates, type Certificates } from "../support/certificates.ts";
import { firstAdmin, signIn } from "../support/console.ts";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
let tls: Certificates;
const servers: Server[] = [];
test.beforeAll(async ({ browser }) => {
  tls = await certificates();
  weir = await startWeir(["--upstream-ca", tls.ca, "--first-byte-timeout", "2s", "--connect-timeout", "2s"]);
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await page.close();
  await weir.api("PUT", "/api/v1/secrets/KEY", { value: "not the right one" });
});
test.afterAll(async () => {
  for (const server of servers) {
    (server as any).closeAllConnections?.();
    server.close();
  }
  await weir?.stop();
  tls?.remove();
});
test.beforeEach(async ({ page }) => {
  await signIn(page, weir);
});

async function port(server: Server): Promise<number> {
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

/** An upstream that answers every inference call with this, and its list of models with those. */
async function answering(status: number, body: unknown, headers: Record<string, string> = {}, models: string[] = []): Promise<string> {
  const answer: RequestListener = (request, response) => {
    const list = request.method === "GET";
    const text = list ? JSON.stringify({ data: models.map((id) => ({ id })) }) : typeof body === "string" ? body : JSON.stringify(body);
    request.resume().on("end", () => response.writeHead(list ? 200 : status, { "content-type": "application/json", ...headers }).end(text));
  };
  return `http://127.0.0.1:${await port(http(answer))}`;
}

let made = 0;
async function provider(settings: Record<string, unknown>): Promise<string> {
  const id = `p${(made += 1)}`;
  await weir.api("POST", "/api/v1/providers", { id, display_name: id, ...settings });
  return id;
}
const compatible = (base_url: string, more: Record<string, unknown> = {}) => provider({ type: "openai_compatible", base_url, api_key: "KEY", models: [{ id: "asked-model" }], ...more });
const bedrock = (more: Record<string, unknown>) => provider({ type: "bedrock", region: "eu-central-1", credentials: { mode: "bearer", api_key: "KEY" }, models: [{ id: "eu.anthropic.claude-opus-5-5" }], ...more });

/** Runs the test of a provider; the stage that failed must be this one, and the card must say all these. */
async function fails(page: Page, id: string, stage: string, ...says: (string | RegExp)[]) {
  await page.goto(`${weir.url}/providers/${id}`);
  await expect(page.getByText("Not tested yet")).toBeVisible();
  await page.getByRole("button", { name: "Test connection" }).click();
  await failed(page, stage, ...says);
}
async function failed(page: Page, stage: string, ...says: (string | RegExp)[]) {
  const card = page.locator("#verify");
  await expect(card.locator(".stages .fail")).toContainText(`${stage}: failed`, { timeout: 20_000 });
  for (const words of says) await expect(card.getByRole("status").first()).toContainText(words);
}

test("wrong credentials: the secret is named, with the way to its value", async ({ page }) => {
  const id = await compatible(await answering(401, { error: { message: "Incorrect API key provided" } }));
  await fails(page, id, "Signed in", "401, word for word", "Incorrect API key provided", "The key in secret KEY is wrong");
  await page.getByRole("link", { name: "Replace the value of KEY" }).click();
  await expect(page).toHaveURL(`${weir.url}/secrets/KEY#value-card`);
});

test("wrong credentials at Google: the header is named", async ({ page }) => {
  const body = { error: { code: 400, message: "API key not valid.", details: [{ reason: "API_KEY_INVALID" }] } };
  const id = await provider({ type: "google_ai", base_url: await answering(400, body), api_key: "KEY", models: [{ id: "gemini-2.5-flash" }] });
  await fails(page, id, "Signed in", "x-goog-api-key, not as Bearer");
});

test("wrong credentials at AWS are told from missing rights", async ({ page }) => {
  const base_url = await answering(403, { message: "The security token included in the request is invalid." }, { "x-amzn-errortype": "UnrecognizedClientException" });
  await fails(page, await bedrock({ base_url }), "Signed in", "AWS does not take these credentials");
  await expect(page.getByText("bedrock:InvokeModel")).toHaveCount(0);
});

test("passthrough: an Authorization is asked for, used once, and not kept", async ({ page }) => {
  const base_url = await answering(401, { error: { message: "OAuth token has expired" } });
  const id = await provider({ type: "anthropic", authorization_passthrough: true, base_url });
  await page.goto(`${weir.url}/providers/${id}`);
  await page.getByLabel("Model to test with").fill("claude-sonnet-5");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByLabel("Authorization of a caller")).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Authorization of a caller").fill("Bearer of-a-person");
  await page.getByRole("button", { name: "Test connection" }).click();
  await failed(page, "Signed in", "OAuth token has expired", "sign in again and use a fresh one");
  expect(await page.content()).not.toContain("of-a-person");
});

test("403 at AWS: the policy for exactly this provider’s models", async ({ page }) => {
  const base_url = await answering(403, { message: "User is not authorized to perform: bedrock:InvokeModel" }, { "x-amzn-errortype": "AccessDeniedException" });
  const profile = "arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/abc123";
  const id = await bedrock({ base_url, models: [{ id: "eu.anthropic.claude-opus-5-5" }, { id: "amazon.nova-pro-v1:0" }, { id: profile, price_as: "eu.anthropic.claude-sonnet-5" }] });
  await fails(page, id, "Signed in", "is not authorized", "exactly this provider’s models");
  const policy = JSON.parse(await page.locator("#verify .cure pre").innerText());
  expect(policy.Statement[0]).toEqual({
    Effect: "Allow",
    Action: ["bedrock:InvokeModel", "bedrock:InvokeModelWithResponseStream"],
    Resource: [
      "arn:aws:bedrock:eu-central-1:*:inference-profile/eu.anthropic.claude-opus-5-5",
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-opus-5-5",
      "arn:aws:bedrock:eu-central-1::foundation-model/amazon.nova-pro-v1:0",
      profile,
      "arn:aws:bedrock:*::foundation-model/anthropic.claude-sonnet-5",
    ],
  });
  const { failure } = await weir.api("POST", `/api/v1/providers/${id}/test`);
  expect(failure.policy).toEqual(policy);
});

test("on-demand: the profiles that the region can call, tried by a click", async ({ page }) => {
  await weir.api("PUT", "/api/v1/secrets/RIGHT_KEY", { value: "sk-upstream-of-the-browser-tests" });
  const id = await bedrock({ base_url: weir.upstream, credentials: { mode: "bearer", api_key: "RIGHT_KEY" }, models: [{ id: "anthropic.claude-opus-5-5" }] });
  await fails(page, id, "Model answered", "on-demand throughput isn’t supported", "by inference profile alone");
  await expect(page.getByRole("link", { name: "Change its models" }).first()).toHaveAttribute("href", `/providers/${id}/edit#models`);
  await expect(page.getByRole("button", { name: "Test global.anthropic.claude-opus-5-5" })).toBeVisible();
  await page.getByRole("button", { name: "Test eu.anthropic.claude-opus-5-5" }).click();
  await expect(page.getByText(/^Passed in/)).toBeVisible();
  await expect(page.getByLabel("Model to test with")).toContainText("eu.anthropic.claude-opus-5-5 (tried, not in its list)");
});

test("wrong region: a host that is not there, and AWS’ own words", async ({ page }) => {
  const nowhere = await bedrock({ region: "eu-central-7", base_url: "https://bedrock-runtime.eu-central-7.amazonaws.com" });
  await fails(page, nowhere, "Name resolved", "bedrock-runtime.eu-central-7.amazonaws.com", "eu-central-7 may be misspelled");
  const base_url = await answering(400, { message: "This model is not supported in this region." }, { "x-amzn-errortype": "ValidationException" });
  await fails(page, await bedrock({ base_url }), "Model answered", "does not belong to eu-central-1");
});

test("wrong model: ids of the upstream’s own list that are like it", async ({ page }) => {
  const base = await answering(404, { error: { message: "The model `asked-model` does not exist" } }, {}, ["asked-model-2", "whisper", "embedder", "other"]);
  await fails(page, await compatible(base), "Model answered", "does not exist", "GET /v1/models lists them", "usually ends in /v1");
  await expect(page.getByRole("button", { name: "Test asked-model-2" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Test whisper" })).toHaveCount(0);
});

test("a request that AWS does not take", async ({ page }) => {
  const base_url = await answering(400, { message: "messages.0: something is odd" }, { "x-amzn-errortype": "ValidationException" });
  await fails(page, await bedrock({ base_url }), "Model answered", "messages.0: something is odd", "profile is of another geography");
});

test("429 and 500 do not blame the settings", async ({ page }) => {
  await fails(page, await compatible(`${await answering(429, { error: { message: "Slow down" } })}/v1`), "Model answered", "Slow down", "The key itself is good");
  await fails(page, await compatible(`${await answering(500, { error: { message: "Oh no" } })}/v1`), "Model answered", "Oh no", "Nothing is wrong with this provider’s settings");
});

test("a page instead of an API", async ({ page }) => {
  const id = await compatible(await answering(404, "<!doctype html><title>Sign in to the portal</title>", { "content-type": "text/html" }));
  await fails(page, id, "Model answered", "a web page: Sign in to the portal", "does not speak this provider type's API");
});

test("dead host: not resolved, and refused, with what was tried", async ({ page }) => {
  await fails(page, await compatible("http://no-such-host.invalid/v1"), "Name resolved", "no-such-host.invalid", "Check its spelling");
  const server = tcp();
  const gone = await port(server);
  await new Promise((resolve) => server.close(resolve));
  await fails(page, await compatible(`http://127.0.0.1:${gone}/v1`), "Connected", `127.0.0.1:${gone}`, /after \d+ ms/, "host.docker.internal");
});

test("TLS: each way in which a certificate is wrong", async ({ page }) => {
  const secure = async (pair: keyof Certificates) => {
    const { cert, key } = tls[pair] as { cert: string; key: string };
    return `https://127.0.0.1:${await port(https({ cert: readFileSync(cert), key: readFileSync(key) }))}/v1`;
  };
  await fails(page, await compatible(await secure("stranger")), "TLS agreed", "UnknownIssuer", "--upstream-ca");
  await fails(page, await compatible(await secure("expired")), "TLS agreed", "is over or not valid yet");
  await fails(page, await compatible(await secure("elsewhere")), "TLS agreed", "elsewhere.example", "is for another name");
  const plain = await answering(200, {});
  await fails(page, await compatible(plain.replace("http:", "https:")), "TLS agreed", "does not speak TLS", "write http://");
});

test("hang: how long was waited, and for whom", async ({ page }) => {
  const silent = `127.0.0.1:${await port(tcp())}`;
  await fails(page, await compatible(`http://${silent}/v1`), "Model answered", `${silent}: no answer within 2 s`, "took the request and said nothing");
});

test("commands: curl and the SDKs, by the same texts as the Connect tab", async ({ page }) => {
  const id = await provider({ type: "google_ai", base_url: weir.upstream, api_key: "KEY", models: [{ id: "gemini-2.5-flash" }] });
  await page.goto(`${weir.url}/providers/${id}`);
  await page.getByText("Show commands").click();
  const shown = await page.locator("#commands pre").allInnerTexts();
  expect(shown).toHaveLength(3);
  await page.getByRole("link", { name: "All clients, and what to install" }).click();
  for (const [place, name] of ["curl", "Python", "TypeScript"].entries()) {
    await page.getByRole("navigation", { name: "Client" }).getByRole("link", { name, exact: true }).click();
    await expect(page.locator("#setup-code pre")).toHaveText(shown[place]!);
  }
});

test("Connect: the token step leads to a token for this provider alone", async ({ page }) => {
  const id = await compatible(`${weir.upstream}/v1`, { models: [{ id: "asked-model" }, { id: "second-model" }] });
  await weir.api("POST", "/api/v1/tokens", { name: `only ${id}`, providers: [id] });
  await page.goto(`${weir.url}/providers/${id}`);
  await page.getByRole("navigation", { name: "Provider" }).getByRole("link", { name: "Connect" }).click();
  await expect(page.getByRole("link", { name: `only ${id}` })).toBeVisible();
  await page.getByLabel("Model", { exact: true }).selectOption("second-model");
  await page.getByRole("button", { name: "Show", exact: true }).click();
  await expect(page.locator("#setup-code pre")).toContainText("second-model");
  await expect(page).toHaveURL(/client=curl&model=second-model/);
  await page.getByRole("link", { name: "Make one for this provider" }).click();
  await expect(page.locator(`input[name=provider][value=${id}]`)).toBeChecked();
});
