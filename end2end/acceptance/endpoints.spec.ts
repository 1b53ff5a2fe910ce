// Several endpoints in one provider through the pages: rows that are added and taken away, what is wrong beside its
// field, what was saved in the form again, and how they are on the provider's page. Runs with JavaScript and without.
import { expect, type Page, test } from "@playwright/test";
import { beginProvider, choose, createSecret, fill, firstAdmin, signIn } from "../support/console.ts";
import { startWeir, type Weir } from "../support/weir.ts";

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
const add = (page: Page) => page.getByRole("button", { name: "Add endpoint" }).click();

test("endpoints are added, taken away, saved, shown and changed", async ({ page }) => {
  await beginProvider(page, weir, "Two places", "openai");
  await choose(page, "openai.key_from", "existing");
  await fill(page, { "openai.key": "UPSTREAM_KEY", "openai.base_url": `${weir.upstream}/v1` });
  await add(page);
  await expect(field(page, "openai.base_url")).toHaveValue(`${weir.upstream}/v1`);
  await fill(page, { first_endpoint: "here", "endpoint.2.name": "here", "endpoint.2.key": "UPSTREAM_KEY" });
  await add(page);
  await expect(field(page, "endpoint.2.key")).toHaveValue("UPSTREAM_KEY");
  await expect(page.getByRole("group", { name: "Endpoint 3" })).toBeVisible();
  await page.getByRole("button", { name: "Remove endpoint 3" }).click();
  await expect(page.getByRole("group", { name: "Endpoint 3" })).toHaveCount(0);
  await page.getByRole("button", { name: "Create provider" }).click();
  await expect(field(page, "endpoint.2.name")).toHaveAttribute("aria-invalid", "true");
  await expect(page.locator(`[id="endpoint.2.name-about"]`)).toContainText("Another endpoint is called here");
  // Nothing listens there.
  await fill(page, { "endpoint.2.name": "nowhere", "endpoint.2.base_url": "http://127.0.0.1:9/v1" });
  await page.getByRole("button", { name: "Create provider" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Two places" })).toBeVisible();
  const card = page.getByRole("region", { name: "Endpoints", exact: true });
  await expect(card.getByText("All healthy")).toBeVisible();
  await expect(card.getByRole("row")).toHaveCount(3);

  await field(page, "endpoint").selectOption("here");
  await field(page, "model").fill("gpt-5-mini");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText(/^Passed in/)).toBeVisible();
  await field(page, "endpoint").selectOption("nowhere");
  await page.getByRole("button", { name: "Test again" }).click();
  await expect(page.getByText(/^Failed at/)).toBeVisible();

  await page.getByRole("link", { name: "Edit" }).first().click();
  await expect(field(page, "first_endpoint")).toHaveValue("here");
  await expect(field(page, "endpoint.2.base_url")).toHaveValue("http://127.0.0.1:9/v1");
  await page.getByRole("button", { name: "Remove endpoint 2" }).click();
  await expect(page.getByRole("group", { name: "Endpoint 2" })).toHaveCount(0);
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Two places" })).toBeVisible();
  await expect(page.getByRole("region", { name: "Endpoints", exact: true })).toHaveCount(0);
});
