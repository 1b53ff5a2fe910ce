// Pricing calls again: from calls without a price to the difference, to their price. Runs with JavaScript and without.
import { expect, type Page, test } from "@playwright/test";
import { firstAdmin, PERSON, signIn } from "../support/console.ts";
import { UPSTREAM_KEY, startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
let token: string;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await page.close();
  await weir.api("PUT", "/api/v1/secrets/OPENAI_API_KEY", { value: UPSTREAM_KEY });
  token = (await weir.api("POST", "/api/v1/tokens", { name: "tests" })).token;
});
test.afterAll(async () => {
  await weir.stop();
});
test.beforeEach(async ({ page }) => {
  await signIn(page, weir);
});

/** A provider of one model that no catalog knows, and three calls of it. */
async function withCalls(id: string): Promise<any[]> {
  await weir.api("POST", "/api/v1/providers", {
    id, display_name: `GPU rack ${id}`, type: "openai_compatible", base_url: `${weir.upstream}/v1`, api_key: "OPENAI_API_KEY",
    models: [{ id: "own-model" }],
  });
  for (let made = 0; made < 3; made += 1) {
    const response = await fetch(`${weir.url}/llm/v1/providers/${id}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "own-model", messages: [{ role: "user", content: "What is a weir?" }] }),
    });
    await response.text();
  }
  let rows: any[] = [];
  await expect.poll(async () => (rows = (await weir.api("GET", `/api/v1/calls?provider=${id}`)).items).length, { timeout: 10_000 }).toBe(3);
  return rows;
}

async function setRates(id: string, rate: string) {
  await weir.api("PATCH", `/api/v1/providers/${id}`, { models: [{ id: "own-model", rates: { input: rate, output: rate, cached_input: rate } }] });
}

/** Reloads by the page's own link until it is no more on its way. */
async function until(page: Page, heading: string) {
  await expect(async () => {
    const reload = page.getByRole("link", { name: "Reload" });
    if (await reload.isVisible()) await reload.click();
    await expect(page.getByRole("heading", { name: heading })).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 15_000 });
}

test("calls without a price are one click from their price, and keep the one that they had", async ({ page, javaScriptEnabled }) => {
  const id = javaScriptEnabled ? "rack-one" : "rack-two";
  const [newest] = await withCalls(id);
  await page.goto(`${weir.url}/calls?open=${newest.id}`);
  await page.getByRole("link", { name: "Price it again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "New re-pricing" })).toBeVisible();
  await expect(page.getByRole("checkbox", { name: "own-model" })).toBeChecked();
  await expect(page.getByRole("checkbox", { name: id })).toBeChecked();
  await expect(page.getByRole("link", { name: "Set its rates first" })).toHaveAttribute("href", `/providers/${id}/edit?price=own-model`);

  await setRates(id, "2");
  await page.reload();
  await expect(page.getByRole("link", { name: "Set its rates first" })).toHaveCount(0);
  await page.getByRole("button", { name: "Work out the difference" }).click();
  await until(page, "By day and model");
  await expect(page.getByRole("region", { name: "Difference by day and model" })).toContainText("3 → 0");
  expect((await weir.api("GET", `/api/v1/calls?provider=${id}&price_state=unpriced`)).items).toHaveLength(3);

  await page.getByRole("button", { name: "Apply to 3 calls" }).click();
  await expect(page.getByText("It is being applied").first()).toBeVisible();
  await expect.poll(async () => (await weir.api("GET", "/api/v1/repricings?limit=1")).items[0].state, { timeout: 10_000 }).toBe("applied");
  await page.reload();
  await expect(page.getByRole("heading", { name: "What became of it" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Apply/ })).toHaveCount(0);

  const rows = (await weir.api("GET", `/api/v1/calls?provider=${id}`)).items;
  expect(rows.map((row: any) => row.price_state)).toEqual(["priced", "priced", "priced"]);
  expect(rows[0].rates.input).toEqual({ usd_per_mtok: "2", source: "override" });
  await page.goto(`${weir.url}/calls?open=${newest.id}`);
  const before = page.getByRole("group", { name: "Prices before" });
  await expect(before).toContainText(`by ${PERSON}; before: unpriced`);
  await before.getByRole("link", { name: "Priced again" }).click();
  await page.getByRole("link", { name: "In the audit" }).click();
  await expect(page.getByRole("table")).toContainText("Finished");
});

test("rates that change after one looked are refused, and worked out anew", async ({ page, javaScriptEnabled }) => {
  const id = javaScriptEnabled ? "rack-three" : "rack-four";
  await withCalls(id);
  await setRates(id, "2");
  await page.goto(`${weir.url}/repricing/new?provider=${id}`);
  await page.getByRole("button", { name: "Work out the difference" }).click();
  await until(page, "Apply it");
  await setRates(id, "4");
  await page.getByRole("button", { name: "Apply to 3 calls" }).click();
  await expect(page.getByRole("alert")).toContainText("nothing was applied");
  await page.goto(`${weir.url}/repricing`);
  await page.getByRole("table").getByRole("link").first().click();
  await until(page, "Apply it");
  await page.getByRole("button", { name: "Discard" }).click();
  await expect(page.getByText("The re-pricing is discarded").first()).toBeVisible();
  expect((await weir.api("GET", `/api/v1/calls?provider=${id}&price_state=unpriced`)).items).toHaveLength(3);
});

test("a range that ends before it begins is told beside its field", async ({ page }) => {
  await page.goto(`${weir.url}/repricing/new`);
  await page.getByLabel("From").fill("2026-11-20T00:00");
  await page.getByLabel("To,").fill("2026-11-01T00:00");
  await page.getByLabel("Models").fill("one\ntwo, and three");
  await page.getByRole("button", { name: "Work out the difference" }).click();
  await expect(page.getByText("The end must be after the beginning.")).toBeVisible();
  await expect(page.getByLabel("To,")).toBeFocused();
  await expect(page.getByLabel("Models")).toHaveValue("one\ntwo, and three");
});
