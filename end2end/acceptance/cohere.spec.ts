// Cohere through the pages: its form, what is wrong beside its field, its own list of models, a tested
// connection, and no value of a secret ever back. Runs with JavaScript and without.
import { expect, type Page, test } from "@playwright/test";
import { beginProvider, choose, createSecret, fill, firstAdmin, signIn } from "../support/console.ts";
import { startWeir, type Weir } from "../support/weir.ts";

const HUSH = "hush-value-of-a-new-secret";

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

test("Cohere: made with a new secret, shown, changed, tested", async ({ page }) => {
  await beginProvider(page, weir, "Cohere", "cohere");
  await expect(page.getByText("such calls are told as unpriced")).toBeVisible();
  await expect(field(page, "bedrock.region")).toBeHidden();
  await fill(page, { "cohere.base_url": `${weir.upstream}/v2`, "cohere.key": "UPSTREAM_KEY" });
  await page.getByRole("button", { name: "Create provider" }).click();
  await expect(field(page, "cohere.base_url")).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByText("Leave out /v1, /v2 and /compatibility").first()).toBeVisible();
  await choose(page, "cohere.key_from", "new");
  await fill(page, { "cohere.base_url": weir.upstream, "cohere.new_key": "COHERE_KEY", "cohere.new_value": HUSH });
  await page.getByRole("button", { name: "Create provider" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Cohere" })).toBeVisible();
  expect(await page.content()).not.toContain(HUSH);
  await page.getByRole("link", { name: "Edit" }).first().click();
  await expect(field(page, "cohere.base_url")).toHaveValue(weir.upstream);
  await expect(field(page, "cohere.key")).toHaveValue("COHERE_KEY");
  await fill(page, { "cohere.key": "UPSTREAM_KEY" });
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Cohere" })).toBeVisible();
  // What came, and what the catalog says: of the stand-in's vectors one kind is shorter than it should be.
  for (const [model, words] of [
    ["embed-v4.0", "The vector has 1,536 dimensions, as the catalog says."],
    ["embed-v5.0-fast", "The vector has 1,024 dimensions, and the catalog says 2,048."],
  ] as const) {
    await page.goto(`${weir.url}/providers/cohere`);
    await field(page, "model").fill(model);
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByText(words)).toBeVisible();
  }
  for (const model of ["command-a-03-2025", "embed-v4.0", "rerank-v3.5"]) {
    await page.goto(`${weir.url}/providers/cohere`);
    await field(page, "model").fill(model);
    await page.getByRole("button", { name: "Test connection" }).click();
    await expect(page.getByText(/^Passed in/)).toBeVisible();
  }
});
