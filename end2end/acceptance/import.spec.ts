// Credentials of other gateways, pasted: all that is wrong is told at once and by its field, no secret comes back, and
// what is right becomes a provider with its secrets and endpoints. Runs with JavaScript and without.
import { expect, type Page, test } from "@playwright/test";
import { fill, firstAdmin, signIn } from "../support/console.ts";
import { startWeir, type Weir } from "../support/weir.ts";

const HUSH = "hush-value-of-a-pasted-key";

let weir: Weir;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await page.close();
});
test.afterAll(async () => {
  await weir.stop();
});
test.beforeEach(async ({ page }) => {
  await signIn(page, weir);
});

async function paste(page: Page, kind: string, name: string, credentials: unknown): Promise<void> {
  await page.goto(`${weir.url}/new-provider`);
  await page.getByRole("link", { name: "Import credentials" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Import credentials" })).toBeVisible();
  await page.locator("#kind").selectOption(kind);
  await fill(page, { display_name: name, credentials: JSON.stringify(credentials) });
  await page.getByRole("button", { name: "Import" }).click();
}

test("what is wrong is told by its field, and the pasted text does not come back", async ({ page }) => {
  await paste(page, "aws", "Mine", { endpoints: [{ region: "<your-aws-region>", secret_access_key: HUSH }] });
  await expect(page.getByText("endpoints[0].region")).toBeVisible();
  await expect(page.getByText("endpoints[0].access_key_id")).toBeVisible();
  await expect(page.locator("#credentials-about")).toContainText("2 fields are wrong, told below");
  await expect(page.locator("#credentials")).toHaveValue("");
  await expect(page.locator("#credentials")).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator("#display_name")).toHaveValue("Mine");
  await expect(page.locator("#kind")).toHaveValue("aws");
  expect(await page.content()).not.toContain(HUSH);
  await page.goto(`${weir.url}/secrets`);
  await expect(page.getByText("No secrets yet")).toBeVisible();
});

test("what reading finds and what holds for every provider is told at once", async ({ page }) => {
  const endpoints = [
    { api_type: "open_ai", api_base: "https://res.openai.azure.com/", api_version: "latest", api_key: HUSH },
    { api_type: "azure", api_base: "no address", api_version: "2024-10-21", api_key: "<your-api-key>" },
  ];
  await paste(page, "azure", "Mine", { stray: HUSH, endpoints });
  const told = page.locator("#credentials-fields");
  for (const field of ["[0].api_type", "[0].api_version", "[1].api_base", "[1].api_key"])
    await expect(told.getByText(`endpoints${field}`, { exact: true })).toBeVisible();
  await expect(told.getByText("credentials.stray", { exact: true })).toBeVisible();
  await expect(told.getByRole("listitem")).toHaveCount(5);
  expect(await page.content()).not.toContain(HUSH);
  await page.goto(`${weir.url}/secrets`);
  await expect(page.getByText("No secrets yet")).toBeVisible();
});

test("several endpoints become one provider", async ({ page }) => {
  const name = `Two regions ${test.info().project.name}`;
  const role_arn = "arn:aws:iam::123456789012:role/caller";
  const endpoints = [
    { region: "us-east-1", role_arn },
    { region: "eu-west-1", role_arn, use_web_identity: true },
  ];
  await paste(page, "", name, { endpoints });
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  const card = page.getByRole("region", { name: "Endpoints", exact: true });
  await expect(card.getByText("us-east-1").first()).toBeVisible();
  await expect(card.getByText("eu-west-1").first()).toBeVisible();
});

test("what is right becomes a provider and its secrets", async ({ page }) => {
  const name = `Claude ${test.info().project.name}`;
  await paste(page, "anthropic", name, { endpoints: [{ region: "us", api_key: HUSH }] });
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  await expect(page.getByText(/_API_KEY/).first()).toBeVisible();
  expect(await page.content()).not.toContain(HUSH);
});
