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

test("what would be deleted is shown and asked about, and then it goes and no figure with it", async ({ browser }, { project }) => {
  test.setTimeout(180_000);
  const demo = await startWeir(["--pause", "0ms"], "demo");
  try {
    const page = await (await browser.newContext({ javaScriptEnabled: project.use.javaScriptEnabled })).newPage();
    await firstAdmin(page, demo);
    const now = new Date();
    const range = `from=${new Date(now.getTime() - 30 * 86_400_000).toISOString()}&to=${now.toISOString()}`;
    const spend = async () => (await demo.api("GET", `/api/v1/usage?metric=spend&bucket=month&${range}`)).total;
    const storage = async () => (await demo.api("GET", "/api/v1/system")).storage;
    // The past is in the ledger once no more of it comes.
    let last = -1;
    const allThere = async () => {
      const { calls } = await storage();
      const same = calls > 0 && calls === last;
      last = calls;
      return same;
    };
    await expect.poll(allThere, { timeout: 90_000, intervals: [2000] }).toBe(true);
    const [before, calls] = [await spend(), (await storage()).calls];

    await page.goto(`${demo.url}/settings/storage`);
    await page.getByLabel(/^Keep calls/).fill("5");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByRole("heading", { name: "Keep calls for 5 days, and sums for ever?" })).toBeVisible();
    await expect(page.getByText("Nothing is saved or deleted yet.")).toBeVisible();
    await page.getByRole("link", { name: "Cancel" }).click();
    await expect(page.getByLabel(/^Keep calls/)).toHaveValue("");
    expect((await demo.api("GET", "/api/v1/settings")).keep_calls_days).toBeNull();

    await page.getByLabel(/^Keep calls/).fill("5");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("button", { name: "Save and delete" }).click();
    await expect(page.getByText("Calls are kept for 5 days, sums for ever").first()).toBeVisible();
    await expect.poll(async () => (await storage()).last_calls?.ended_at ?? null, { timeout: 120_000 }).not.toBeNull();
    const after = await storage();
    expect(after.calls + after.last_calls.rows).toBe(calls);
    expect(after.calls).toBeLessThan(calls);
    expect(await spend()).toBe(before);
    await page.goto(`${demo.url}/calls?to=${after.calls_from.slice(0, 10)}`);
    await expect(page.getByText("their sums stay in Cost & Usage")).toBeVisible();
    await page.getByRole("link", { name: "Settings, Storage" }).click();
    await expect(page.getByText("Calls deleted before")).toBeVisible();
  } finally {
    await demo.stop();
  }
});
