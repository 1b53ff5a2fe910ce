// Azure OpenAI through the pages: its form with a key and with a service principal, what is wrong beside its field, what
// was saved in the form again, and no value of a secret ever back. Runs with JavaScript and without.
import { expect, type Page, test } from "@playwright/test";
import { beginProvider, choose, createSecret, fill, firstAdmin, signIn } from "../support/console.ts";
import { startWeir, type Weir } from "../support/weir.ts";

const HUSH = "hush-value-of-a-new-secret";
const TOKEN_URL = "https://login.microsoftonline.com/tenant/oauth2/v2.0/token";

let weir: Weir;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await createSecret(page, weir, "UPSTREAM_KEY");
  await page.close();
});
test.afterAll(async () => {
  await weir.stop();
});
test.beforeEach(async ({ page }) => {
  await signIn(page, weir);
});

const field = (page: Page, name: string) => page.locator(`[name="${name}"]`);
const create = (page: Page) => page.getByRole("button", { name: "Create provider" }).click();
const facts = (page: Page) => page.locator(".kv");

/** The field is wrong and says so in these words beside it. */
async function isWrong(page: Page, name: string, words: string) {
  await expect(field(page, name)).toHaveAttribute("aria-invalid", "true");
  const about = await field(page, name).getAttribute("aria-describedby");
  await expect(page.locator(`[id="${about!.split(" ")[0]}"]`)).toContainText(words);
}

async function made(page: Page, name: string) {
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  expect(await page.content()).not.toContain(HUSH);
}

async function edited(page: Page) {
  await page.getByRole("link", { name: "Edit" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Edit provider" })).toBeVisible();
  expect(await page.content()).not.toContain(HUSH);
}

test("a credential type shows its own fields, and keeps those of the other", async ({ page }) => {
  await beginProvider(page, weir, "Ways", "azure_openai");
  await expect(field(page, "azure_openai.key")).toBeVisible();
  await expect(field(page, "azure_openai.client_id")).toBeHidden();
  await expect(field(page, "bedrock.region")).toBeHidden();
  await choose(page, "azure_openai.mode", "service_principal");
  await expect(field(page, "azure_openai.key")).toBeHidden();
  for (const name of ["client_id", "client_secret.key", "token_url", "scope"]) await expect(field(page, `azure_openai.${name}`)).toBeVisible();
  await fill(page, { "azure_openai.client_id": "client-1" });
  await choose(page, "azure_openai.mode", "api_key");
  await create(page);
  await isWrong(page, "azure_openai.base_url", "Write the endpoint of the resource");
  await isWrong(page, "azure_openai.key", "Name the secret that holds a key of the resource");
  await expect(field(page, "azure_openai.client_id")).toHaveValue("client-1");
});

test("an address is taken as it was copied, with its version; the connection is tested by a deployment’s name", async ({ page }) => {
  await beginProvider(page, weir, "Azure by key", "azure_openai");
  const resource = `${weir.upstream}/as/azure`;
  await fill(page, { "azure_openai.base_url": `${resource}/openai/deployments/d/chat/completions?api-version=2025-01-01-preview`, "azure_openai.api_version": "v1" });
  await choose(page, "azure_openai.key_from", "existing");
  await fill(page, { "azure_openai.key": "UPSTREAM_KEY" });
  await field(page, "azure_openai.data_zone").selectOption("eu");
  await create(page);
  await isWrong(page, "azure_openai.api_version", "Write a date");
  await expect(field(page, "azure_openai.data_zone")).toHaveValue("eu");
  await fill(page, { "azure_openai.api_version": "" });
  await create(page);
  await made(page, "Azure by key");
  await expect(facts(page).getByText(resource, { exact: true }).first()).toBeVisible();
  await expect(facts(page).getByText("2025-01-01-preview")).toBeVisible();
  await expect(facts(page).getByText("European Union")).toBeVisible();
  await expect(page.getByText("api-key: $WEIR_TOKEN")).toBeAttached();
  await field(page, "model").fill("front-desk");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText(/^Passed in/)).toBeVisible();
  await edited(page);
  await expect(field(page, "azure_openai.base_url")).toHaveValue(resource);
  await expect(field(page, "azure_openai.api_version")).toHaveValue("2025-01-01-preview");
});

test("a deployment that there is not: what to do", async ({ page }) => {
  await beginProvider(page, weir, "Azure without it", "azure_openai");
  await fill(page, { "azure_openai.base_url": `${weir.upstream}/as/azure` });
  await choose(page, "azure_openai.key_from", "existing");
  await fill(page, { "azure_openai.key": "UPSTREAM_KEY" });
  await create(page);
  await made(page, "Azure without it");
  await field(page, "model").fill("missing");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("Use the name of a deployment")).toBeVisible();
});

const WRONG: Record<string, [string, string]> = {
  "azure_openai.client_id": ["has space", "without spaces"],
  "azure_openai.client_secret.key": ["NOT_THERE", "There is no secret NOT_THERE"],
  "azure_openai.token_url": ["https://login.microsoftonline.com", "Write the whole address of the tenant"],
  "azure_openai.scope": ["two words", "without spaces"],
};

test("a service principal: errors beside the fields, then made with a new secret, then in the form again", async ({ page }) => {
  await beginProvider(page, weir, "Azure by Entra ID", "azure_openai");
  await fill(page, { "azure_openai.base_url": "https://res.openai.azure.us" });
  await choose(page, "azure_openai.mode", "service_principal");
  await choose(page, "azure_openai.client_secret.key_from", "existing");
  for (const [name, [typed]] of Object.entries(WRONG)) await fill(page, { [name]: typed });
  await create(page);
  for (const [name, [typed, words]] of Object.entries(WRONG)) {
    await isWrong(page, name, words);
    await expect(field(page, name)).toHaveValue(typed);
  }
  await fill(page, { "azure_openai.client_id": "client-1", "azure_openai.token_url": TOKEN_URL, "azure_openai.scope": "" });
  await choose(page, "azure_openai.client_secret.key_from", "new");
  await fill(page, { "azure_openai.client_secret.new_key": "ENTRA_SECRET", "azure_openai.client_secret.new_value": HUSH });
  await create(page);
  await made(page, "Azure by Entra ID");
  for (const text of ["Service principal", "client-1", "ENTRA_SECRET"]) await expect(facts(page).getByText(text, { exact: true }).first()).toBeVisible();
  await expect(facts(page).getByText("https://cognitiveservices.azure.us/.default").first()).toBeVisible();
  await edited(page);
  await expect(field(page, "azure_openai.mode").and(page.locator("[value=service_principal]"))).toBeChecked();
  await expect(field(page, "azure_openai.token_url")).toHaveValue(TOKEN_URL);
  await expect(field(page, "azure_openai.client_secret.key")).toHaveValue("ENTRA_SECRET");
});

test("a service principal signs in, and the test says whose token it found", async ({ page }) => {
  await weir.api("PUT", "/api/v1/secrets/STANDIN_ENTRA_SECRET", { value: "standin~client.secret" });
  await beginProvider(page, weir, "Azure signed in", "azure_openai");
  await fill(page, { "azure_openai.base_url": `${weir.upstream}/as/azure` });
  await choose(page, "azure_openai.mode", "service_principal");
  await choose(page, "azure_openai.client_secret.key_from", "existing");
  await fill(page, {
    "azure_openai.client_id": "6a3c9f50-0000-4000-8000-57a9d17057a9", "azure_openai.client_secret.key": "STANDIN_ENTRA_SECRET",
    "azure_openai.token_url": `${weir.upstream}/standin-tenant/oauth2/v2.0/token`,
  });
  await create(page);
  await made(page, "Azure signed in");
  await field(page, "model").fill("front-desk");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText(/^Passed in/)).toBeVisible();
  await expect(page.getByText("access token of").first()).toBeVisible();
  expect(await page.content()).not.toContain("standin~client.secret");
});

test("deployments are typed, since Azure lists them to nobody who calls", async ({ page }) => {
  await beginProvider(page, weir, "Typed", "azure_openai");
  await fill(page, { q: "front-desk" });
  await page.getByRole("button", { name: "Add this id" }).click();
  await expect(page.locator("#models-selected").getByText("front-desk").first()).toBeVisible();
  await page.getByRole("button", { name: "Fetch from upstream" }).click();
  await expect(page.getByText("Type the name of each deployment")).toBeVisible();
  await expect(page.locator("#models-selected").getByText("front-desk").first()).toBeVisible();
});
