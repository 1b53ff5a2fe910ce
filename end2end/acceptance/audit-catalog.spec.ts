// Who changed what, and a newer catalog in two steps. Runs with JavaScript and without.
import { expect, type Page, test } from "@playwright/test";
import { newerCatalog, newerVersion } from "../support/catalog.ts";
import { firstAdmin, PERSON, signIn } from "../support/console.ts";
import { UPSTREAM_KEY, startWeir, type Weir } from "../support/weir.ts";

async function upload(page: Page, file: string) {
  await page.goto(`${weir.url}/settings/catalog`);
  await page.getByLabel("Upload a file").setInputFiles({ name: "models.jsonl", mimeType: "application/jsonl", buffer: Buffer.from(file) });
  await page.getByRole("button", { name: "Upload and compare" }).click();
}

/** A call of gpt-5-mini; the row that it leaves. */
async function call(token: string): Promise<any> {
  const response = await fetch(`${weir.url}/llm/v1/providers/openai-main/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-5-mini", messages: [{ role: "user", content: "What is a weir?" }] }),
  });
  await response.text();
  const id = response.headers.get("x-weir-call-id");
  let row: any;
  await expect
    .poll(async () => (row = (await weir.api("GET", "/api/v1/calls")).items.find((row: any) => row.id === id)), { timeout: 10_000 })
    .toBeTruthy();
  return row;
}

let weir: Weir;
let token: string;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await page.close();
  await weir.api("PUT", "/api/v1/secrets/OPENAI_API_KEY", { value: UPSTREAM_KEY });
  await weir.api("POST", "/api/v1/providers", {
    id: "openai-main", display_name: "OpenAI main", type: "openai", base_url: `${weir.upstream}/v1`, api_key: "OPENAI_API_KEY",
    models: [{ id: "gpt-5-mini" }],
  });
  token = (await weir.api("POST", "/api/v1/tokens", { name: "tests" })).token;
});
test.afterAll(async () => {
  await weir.stop();
});
test.beforeEach(async ({ page }) => {
  await signIn(page, weir);
});

test("a change of a provider reads before and after, and never shows a secret", async ({ page }) => {
  await page.goto(`${weir.url}/providers/openai-main/edit`);
  await page.getByLabel("Display name").first().fill("OpenAI for everybody");
  await page.getByRole("button", { name: "Save" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "OpenAI for everybody" })).toBeVisible();
  await page.getByRole("link", { name: "Changes" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Audit" })).toBeVisible();
  const row = page.locator("tr").filter({ hasText: "Changed" }).filter({ hasText: PERSON }).first();
  await row.locator("a.rowbtn").click();
  const difference = page.getByRole("region", { name: "What changed" });
  await expect(difference.getByRole("row", { name: "Display name" })).toContainText("OpenAI main");
  await expect(difference.getByRole("row", { name: "Display name" })).toContainText("OpenAI for everybody");
  await expect(page.locator("details.fold").first()).not.toHaveAttribute("open");
  await page.locator("details.fold > summary").first().click();
  await expect(page.getByRole("region", { name: "What did not change" })).toContainText("OPENAI_API_KEY");
  expect(await page.content()).not.toContain(UPSTREAM_KEY);
});

test("the audit is narrowed by chips, found by name, and says when nothing fits", async ({ page }) => {
  await page.goto(`${weir.url}/audit`);
  await page.getByRole("button", { name: "Kind" }).click();
  await page.getByRole("group", { name: "Filter by Kind" }).getByLabel("Secret").check();
  await page.getByRole("group", { name: "Filter by Kind" }).getByRole("button", { name: "Apply" }).click();
  await expect(page).toHaveURL(/kind=secret/);
  await expect(page.getByRole("table").getByText("OPENAI_API_KEY")).toHaveCount(1);
  await page.goto(`${weir.url}/audit?object=tests`);
  await expect(page.getByRole("table").getByRole("link", { name: "tests", exact: true })).toBeVisible();
  await page.goto(`${weir.url}/audit?actor=nobody`);
  await expect(page.getByText("No change fits the filters.")).toBeVisible();
  await page.getByRole("link", { name: "Clear search and filters" }).click();
  await expect(page.getByRole("table")).toBeVisible();
});

test("a sign-in that is refused is there, without what was typed", async ({ browser, page, javaScriptEnabled }) => {
  const context = await browser.newContext({ javaScriptEnabled });
  const other = await context.newPage();
  await other.goto(`${weir.url}/sign-in`);
  await other.getByLabel("Name", { exact: true }).fill("a password in the wrong field");
  await other.getByLabel("Password", { exact: true }).fill("not the password");
  await other.getByRole("button", { name: "Sign in" }).click();
  await expect(other.getByRole("alert").first()).toBeVisible();
  await context.close();
  await page.goto(`${weir.url}/audit?result=refused`);
  await expect(page.getByRole("table")).toContainText("Not signed in");
  expect(await page.content()).not.toContain("wrong field");
});

test("a newer catalog shows what it changes, then prices new calls and no old one", async ({ page, javaScriptEnabled }) => {
  const [version, input] = javaScriptEnabled ? [newerVersion(1), "7.25"] : [newerVersion(2), "8.5"];
  const old = await call(token);
  await upload(page, newerCatalog(version, input));
  await expect(page.getByRole("heading", { level: 1, name: `Catalog ${version}` })).toBeVisible();
  const affected = page.getByRole("region", { name: "Models of your providers" }).last();
  await expect(affected).toContainText("gpt-5-mini");
  await expect(affected).toContainText(`$${input === "8.5" ? "8.50" : input}`);
  await page.goto(`${weir.url}/providers/openai-main/models`);
  await expect(page.getByRole("table")).not.toContainText(input);

  await page.goto(`${weir.url}/settings/catalog/changes`);
  await page.getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText(`Catalog ${version} is in use`)).toBeVisible();
  await page.goto(`${weir.url}/providers/openai-main/models`);
  await expect(page.getByRole("table")).toContainText(input);
  const row = await call(token);
  expect(row.rates.input.usd_per_mtok).toBe(input);
  const rows = (await weir.api("GET", "/api/v1/calls")).items;
  expect(rows.find((row: any) => row.id === old.id)).toEqual(old);

  await page.goto(`${weir.url}/settings/catalog`);
  await page.getByRole("button", { name: "Back to the built-in catalog" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Back to the built-in catalog" })).toBeVisible();
  await page.getByRole("button", { name: "Go back" }).click();
  await expect(page.getByText("Built into this release")).toBeVisible();
});

test("a file that is no catalog says what is wrong with it", async ({ page }) => {
  await upload(page, newerCatalog(newerVersion(3), "1").replace('"mode":"chat"', '"mode":"dance"'));
  await expect(page.getByText(/This file was not taken: line \d+ of the catalog/)).toBeVisible();
  await expect(page.getByLabel("Upload a file")).toHaveAttribute("aria-invalid", "true");
  await page.getByRole("button", { name: "Upload and compare" }).click();
  await expect(page.getByText("Choose the file of a catalog.")).toBeVisible();
});

test("a model is looked up by host and name", async ({ page, javaScriptEnabled }) => {
  await page.goto(`${weir.url}/settings/catalog`);
  await page.getByRole("navigation", { name: "Host" }).getByRole("link", { name: "Anthropic" }).click();
  await expect(page).toHaveURL(/kind=anthropic/);
  await page.getByLabel("Id or name of a model").fill("claude-opus-5-5");
  if (!javaScriptEnabled) await page.getByLabel("Id or name of a model").press("Enter");
  await expect(page).toHaveURL(/q=claude-opus-5-5/);
  await page.locator("a.rowbtn").filter({ hasText: "claude-opus-5-5" }).first().click();
  await expect(page.getByRole("region", { name: "Every price of the model" })).toContainText("Cached input");
});
