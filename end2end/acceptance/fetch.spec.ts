// "Fetch from upstream", and the commands that a provider's page prints. Runs with JavaScript and without.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "@playwright/test";
import { beginProvider, choose, createSecret, createToken, fill, firstAdmin, signIn } from "../support/console.ts";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await createSecret(page, weir, "UPSTREAM_KEY");
  await weir.api("PUT", "/api/v1/secrets/WRONG_KEY", { value: "sk-wrong" });
  await page.close();
});
test.afterAll(async () => {
  await weir.stop();
});
test.beforeEach(async ({ page }) => {
  await signIn(page, weir);
});

test("the upstream's models are there to tick, and everything typed is kept", async ({ page, javaScriptEnabled }) => {
  await beginProvider(page, weir, "Rack", "openai_compatible");
  await fill(page, { "openai_compatible.base_url": `${weir.upstream}/v1`, "openai_compatible.key": "UPSTREAM_KEY" });
  await page.getByLabel("Record outputs").check();
  await page.getByRole("button", { name: "Fetch from upstream" }).click();
  const found = page.locator("#models-found");
  await expect(page.getByText("From the upstream", { exact: true })).toBeVisible();
  await expect(page.getByLabel("Display name").first()).toHaveValue("Rack");
  await expect(page.locator('[name="openai_compatible.base_url"]')).toHaveValue(`${weir.upstream}/v1`);
  await expect(page.getByLabel("Record outputs")).toBeChecked();

  const boxes = found.locator("input[type=checkbox]");
  const id = (await boxes.first().getAttribute("value"))!;
  await boxes.first().check();
  if (!javaScriptEnabled) await page.getByRole("button", { name: "Select what is ticked" }).click();
  await expect(page.getByRole("heading", { name: "Selected, 1" })).toBeVisible();
  await expect(page.getByText("From the upstream", { exact: true }), "the list stays while one picks").toBeVisible();
  await page.getByRole("button", { name: "Put the list away" }).click();
  await expect(page.getByText("From the upstream", { exact: true })).toHaveCount(0);
  await expect(page.getByRole("heading", { name: "Selected, 1" })).toBeVisible();
  await page.getByRole("button", { name: "Create provider" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Rack" })).toBeVisible();
  await expect(page.locator(`#model option[value="${id}"]`)).toHaveCount(1);
});

test("profiles of Bedrock are listed with where they run", async ({ page }) => {
  await beginProvider(page, weir, "Profiles", "bedrock");
  await choose(page, "bedrock.mode", "bearer");
  await fill(page, { "bedrock.region": "us-east-1", "bedrock.api_key.key": "UPSTREAM_KEY" });
  await page.getByRole("button", { name: "Fetch from upstream" }).click();
  const row = page.locator("#models-found tr").filter({ has: page.locator('input[value="us.anthropic.claude-opus-5-5"][type=checkbox]') });
  await expect(row).toContainText("US");
  await expect(row).toContainText("+10 %");
});

test("Cohere's list comes page by page", async ({ page }) => {
  await beginProvider(page, weir, "Pages", "cohere");
  await fill(page, { "cohere.base_url": weir.upstream, "cohere.key": "UPSTREAM_KEY" });
  await page.getByRole("button", { name: "Fetch from upstream" }).click();
  for (const id of ["command-a-03-2025", "rerank-v3.5"]) await expect(page.locator(`#models-found input[value="${id}"][type=checkbox]`)).toHaveCount(1);
});

test("a new secret is saved first, and its value never comes back", async ({ page }) => {
  const name = `FETCH_KEY_${Date.now()}`;
  await beginProvider(page, weir, "With a new key", "google_ai");
  await choose(page, "google_ai.key_from", "new");
  await fill(page, { "google_ai.base_url": weir.upstream, "google_ai.new_key": name, "google_ai.new_value": "hush-of-the-upstream" });
  await page.getByRole("button", { name: "Fetch from upstream" }).click();
  await expect(page.getByText(`${name} is saved and chosen`)).toBeVisible();
  await expect(page.getByText("The upstream did not list its models.")).toBeVisible();
  expect(await page.content()).not.toContain("hush-of-the-upstream");
});

test("a failure is told with its advice, and what is missing beside the button", async ({ page }) => {
  await beginProvider(page, weir, "Refused", "openai");
  await page.getByRole("button", { name: "Fetch from upstream" }).click();
  await expect(page.getByText("The upstream was not asked.")).toBeVisible();
  await expect(page.getByText("Name the secret that holds the OpenAI key.").last()).toBeVisible();
  await fill(page, { "openai.base_url": `${weir.upstream}/v1`, "openai.key": "WRONG_KEY" });
  await page.getByRole("button", { name: "Fetch from upstream" }).click();
  await expect(page.getByText("The upstream did not list its models.")).toBeVisible();
  await expect(page.getByText("401, word for word")).toBeVisible();
  await expect(page.getByText("The key in secret WRONG_KEY is wrong")).toBeVisible();
  await expect(page.getByLabel("Display name").first()).toHaveValue("Refused");
});

test("each type's curl works as it is printed", async ({ page }, info) => {
  test.skip(info.project.name !== "with JavaScript", "the text is the same without");
  const token = await createToken(page, weir, "commands");
  const key = { api_key: "UPSTREAM_KEY" };
  const providers = [
    { type: "openai", base_url: `${weir.upstream}/v1`, ...key, models: [{ id: "gpt-5-mini" }], answers: "choices" },
    { type: "anthropic", base_url: weir.upstream, ...key, models: [{ id: "claude-sonnet-5-5" }], answers: "content" },
    { type: "google_ai", base_url: weir.upstream, ...key, models: [{ id: "gemini-2.5-flash" }], answers: "candidates" },
    { type: "bedrock", region: "us-east-1", credentials: { mode: "bearer", ...key }, models: [{ id: "us.amazon.nova-lite-v1:0" }], answers: "output" },
    { type: "azure_openai", base_url: `${weir.upstream}/as/azure`, ...key, models: [{ id: "front-desk" }], answers: "choices" },
    { type: "openai_compatible", base_url: `${weir.upstream}/v1`, ...key, models: [{ id: "org/it's-own" }], answers: "choices" },
    { type: "cohere", base_url: weir.upstream, ...key, models: [{ id: "command-a-03-2025" }], answers: "message" },
  ];
  for (const { answers, ...provider } of providers) {
    const { id } = await weir.api("POST", "/api/v1/providers", { display_name: `Commands ${provider.type}`, ...provider });
    await page.goto(`${weir.url}/providers/${id}`);
    await page.getByText("Show commands").click();
    const command = await page.locator("#commands pre").first().textContent();
    const env = { ...process.env, WEIR_TOKEN: token };
    const { stdout } = await promisify(execFile)("bash", ["-c", command!.replace("curl ", "curl --silent --show-error ")], { env });
    expect(JSON.parse(stdout), `${provider.type}: ${stdout}`).toHaveProperty(answers);
  }
});
