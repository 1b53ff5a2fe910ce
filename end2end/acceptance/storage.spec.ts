// Settings, Storage: for how long calls and sums are kept, and the books. With JavaScript and without.
import { expect, test } from "@playwright/test";
import { firstAdmin, signIn, watch } from "../support/console.ts";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await page.close();
  await weir.api("PUT", "/api/v1/secrets/KEY", { value: "sk-wrong" });
  const provider = { id: "main", display_name: "Main", type: "openai", base_url: `${weir.upstream}/v1`, api_key: "KEY" };
  await weir.api("POST", "/api/v1/providers", provider);
  const { token } = await weir.api("POST", "/api/v1/tokens", { name: "storage" });
  await (await fetch(`${weir.url}/llm/v1/providers/main/models`, { headers: { authorization: `Bearer ${token}` } })).text();
  await expect.poll(async () => (await weir.api("GET", "/api/v1/calls")).items.length).toBe(1);
});
test.afterAll(async () => {
  await weir.stop();
});
test.beforeEach(async () => {
  await weir.api("PATCH", "/api/v1/settings", { keep_calls_days: null, keep_sums_days: null });
});

test("calls are kept for as long as is typed, and what cannot be is told beside its field", async ({ page }) => {
  const complaints = watch(page);
  await signIn(page, weir);
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("link", { name: "Storage" }).click();
  const [calls, sums] = [page.getByLabel(/^Keep calls/), page.getByLabel(/^Keep sums/)];
  await expect(calls).toHaveValue("");
  await expect(page.getByText("1 in the ledger")).toBeVisible();
  await calls.fill("90");
  await sums.fill("30");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Keep sums as long as calls at least, which is 90 days.")).toBeVisible();
  await expect(sums).toHaveAttribute("aria-invalid", "true");
  await expect(sums).toBeFocused();
  await expect(calls).toHaveValue("90");
  await sums.fill("");
  await page.getByRole("button", { name: "Save" }).click();
  // Nothing is as old as that, and so nothing is asked.
  await expect(page.getByText("Calls are kept for 90 days, sums for ever").first()).toBeVisible();
  await expect(calls).toHaveValue("90");
  expect((await weir.api("GET", "/api/v1/settings")).keep_calls_days).toBe(90);
  // The page with what was refused has the status 422, which browsers tell as an error.
  expect(complaints.filter((complaint) => !complaint.includes("422"))).toEqual([]);
});

test("the books are checked at a button", async ({ page }) => {
  await signIn(page, weir);
  await page.goto(`${weir.url}/settings/storage`);
  await page.getByRole("button", { name: "Check the books" }).click();
  await expect(page.getByText("The books are being checked").first()).toBeVisible();
  await expect.poll(async () => (await weir.api("GET", "/api/v1/system")).storage.checked?.differences).toBe(0);
  await page.reload();
  await expect(page.getByText("They balance")).toBeVisible();
});

test("sizes are told, and how the file shrinks", async ({ page }) => {
  await signIn(page, weir);
  await page.goto(`${weir.url}/settings/storage`);
  for (const name of ["SQLite’s file", "Write-ahead log", "Free in the file", "Journal"])
    await expect(page.getByRole("term").filter({ hasText: name })).toBeVisible();
  await expect(page.getByText("the file gives it back by itself")).toBeVisible();
});
