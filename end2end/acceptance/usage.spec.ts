// Cost & Usage: ranges, groupings and filters stand in the address, figures add up, each chart's data is in its table and its
// CSV. Runs with JavaScript and without: without, the tables stand open.
import { expect, type Page, test } from "@playwright/test";
import { firstAdmin, signIn, watch } from "../support/console.ts";
import { seed } from "../support/seed.ts";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await page.close();
  await seed(weir);
});
test.afterAll(async () => {
  await weir.stop();
});
test.beforeEach(async ({ page }) => {
  await signIn(page, weir);
});

async function open(page: Page, path: string) {
  await page.goto(weir.url + path, { waitUntil: "networkidle" });
}

/** The total of a chart's table, exactly: nano-dollars, requests or tokens. */
async function total(page: Page, chart: string): Promise<bigint> {
  return exact(await page.locator(`#${chart}-table tfoot td`).last().textContent());
}

function exact(figure: string | null): bigint {
  const [whole, decimals = ""] = figure!.replace(/[$,]/g, "").trim().split(".");
  return BigInt(whole + (figure!.includes(".") ? decimals.padEnd(9, "0") : ""));
}

/** What the REST API says of the same. */
async function ofApi(query: string): Promise<bigint> {
  const from = new Date(Date.now() - 40 * 86_400_000).toISOString();
  const usage = await weir.api("GET", `/api/v1/usage?${query}&from=${from}`);
  return exact(String(usage.total));
}

test("every range shows its figures, and a shared link the same", async ({ page, browser, javaScriptEnabled }) => {
  const complaints = watch(page);
  await open(page, "/");
  await page.getByRole("link", { name: "Cost & Usage" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Cost & Usage" })).toBeVisible();
  const spend = await ofApi("metric=spend");
  const requests = await ofApi("metric=requests");
  // The calls are seconds old and so are in every range: what is proved is that each range is led to and has an answer. Which
  // calls of older days are in which range is proved by the tests of the console over HTTP.
  const ranges = ["24 hours", "7 days", "14 days", "30 days", "90 days"].map((range) => `Last ${range}`);
  for (const range of [...ranges, "Month to date", "Quarter to date", "Year to date"]) {
    await page.getByRole("link", { name: range, exact: true }).click();
    await expect(page.getByRole("link", { name: range, exact: true })).toHaveAttribute("aria-current", "true");
    expect([await total(page, "spend"), await total(page, "requests")], range).toEqual([spend, requests]);
  }
  const other = await browser.newPage({ javaScriptEnabled: false });
  await signIn(other, weir);
  await other.goto(page.url());
  await expect(other.getByRole("link", { name: "Year to date" })).toHaveAttribute("aria-current", "true");
  expect(await total(other, "spend")).toBe(spend);
  await other.close();
  // Without script the browser finds that what was loaded ahead for it is not used.
  if (javaScriptEnabled) expect(complaints).toEqual([]);
});

test("every grouping splits the same sum, in the table and in the file", async ({ page }) => {
  await open(page, "/usage");
  const [spend, tokens] = [await total(page, "spend"), await total(page, "tokens")];
  for (const group of ["Model", "Token type", "Agent", "User", "Nothing", "Provider"]) {
    await page.getByRole("group", { name: "Group by" }).getByRole("link", { name: group, exact: true }).click();
    await expect(page.getByRole("group", { name: "Group by" }).getByRole("link", { name: group, exact: true })).toHaveAttribute("aria-current", "true");
    expect([await total(page, "spend"), await total(page, "tokens")], group).toEqual([spend, tokens]);
    const cells = (await page.locator("#spend-table tfoot td").allTextContents()).map(exact);
    if (cells.length > 1) expect(cells.slice(0, -1).reduce((sum, cell) => sum + cell), group).toBe(spend);
    const address = await page.getByRole("link", { name: "Spend as CSV" }).getAttribute("href");
    const file = await (await page.request.get(weir.url + address)).text();
    const sums = file.trim().split("\r\n").slice(1).map((line) => exact(line.split(",").at(-1)!));
    expect(sums.reduce((sum, line) => sum + line), group).toBe(spend);
  }
  await page.getByRole("group", { name: "Group by" }).getByRole("link", { name: "Token type" }).click();
  await expect(page.getByText("A request cannot be split by token type or cost type.")).toBeVisible();
  const parts = (await page.locator(".sum dd").evaluateAll((cells) => cells.map((cell) => cell.firstChild!.textContent))).map(exact);
  expect(parts.slice(1, 6).reduce((sum, part) => sum + part)).toBe(parts[0]);
  expect(parts[0]).toBe(spend);
});

test("filters leave, leave out, go away one by one and all at once", async ({ page, javaScriptEnabled }) => {
  const complaints = watch(page);
  await open(page, "/usage?group_by=model");
  const panel = (name: string) => page.getByRole("group", { name: `Filter by ${name}` });
  const apply = async (label: string, choose: () => Promise<void>) => {
    await page.getByRole("button", { name: label, exact: true }).click();
    await choose();
    await panel(label.toLowerCase()).getByRole("button", { name: "Apply" }).click();
  };
  await apply("Provider", async () => {
    await panel("provider").getByLabel("OpenAI main").check();
    await panel("provider").getByLabel("Gemini main").check();
  });
  await expect(page).toHaveURL(/provider=openai-main/);
  expect(await total(page, "spend")).toBe(await ofApi("metric=spend&provider=openai-main&provider=gemini-main"));

  await apply("Model", async () => {
    await panel("model").getByText("is not", { exact: true }).click();
    await panel("model").getByLabel("gpt-5-mini").check();
  });
  await expect(page).toHaveURL(/model\.not=gpt-5-mini/);
  await expect(page.getByText("Model is not")).toBeVisible();
  expect(await total(page, "requests")).toBe(
    await ofApi("metric=requests&provider=openai-main&provider=gemini-main&model.not=gpt-5-mini"),
  );

  await apply("User", async () => panel("user").getByLabel("User", { exact: true }).fill("ada"));
  await expect(page).toHaveURL(/user=ada/);
  await apply("Cost type", async () => panel("cost type").getByLabel("Output", { exact: true }).check());
  await expect(page).toHaveURL(/cost_type=output/);
  await expect(page).toHaveURL(/group_by=model/);
  expect(await total(page, "spend")).toBe(
    await ofApi("metric=spend&provider=openai-main&provider=gemini-main&model.not=gpt-5-mini&user=ada&cost_type=output"),
  );

  await page.getByRole("link", { name: "Remove the filter Provider Gemini main" }).click();
  await expect(page.getByRole("link", { name: "Remove the filter Provider Gemini main" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Remove the filter Provider OpenAI main" })).toBeVisible();
  await page.getByRole("link", { name: "Clear filters" }).click();
  await expect(page.getByRole("link", { name: "Clear filters" })).toHaveCount(0);
  await expect(page).toHaveURL(/\/usage\?group_by=model$/);
  // Without script the browser finds that what was loaded ahead for it is not used.
  if (javaScriptEnabled) expect(complaints).toEqual([]);
});

test("a range of one's own, and what is wrong with one", async ({ page }) => {
  await open(page, "/usage?agent=support-bot");
  await page.locator("#custom-add").click();
  await page.getByLabel(/^From, /).fill("2026-01-01T00:00");
  await page.getByLabel(/^To, not included/).fill("2025-01-01T00:00");
  await page.getByRole("group", { name: "Range of your own" }).getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("The range is empty: its end must be after its beginning.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Remove the filter Agent support-bot" })).toBeVisible();
  await page.locator("#custom-add").click();
  await expect(page.getByLabel(/^From, /)).toHaveValue(/^2026-01-01T00:00/);
  await page.getByLabel(/^From, /).fill("2020-01-01T00:00");
  await page.getByRole("group", { name: "Range of your own" }).getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("There was no call in this range.").or(page.getByText("No call of this range fits the filters."))).toBeVisible();
});

test("the period before stands beside, and top lists narrow", async ({ page }) => {
  await open(page, "/usage");
  await page.getByRole("link", { name: "Compare with the period before" }).click();
  await expect(page).toHaveURL(/compare=previous/);
  await expect(page.getByText("$0.00 before")).toBeVisible();
  await page.getByRole("region", { name: "Models" }).getByRole("link", { name: "gpt-5.6" }).click();
  await expect(page).toHaveURL(/model=gpt-5\.6/);
  expect(await total(page, "spend")).toBe(await ofApi("metric=spend&model=gpt-5.6"));
  await page.getByRole("link", { name: "Stop comparing" }).click();
  await expect(page).toHaveURL(/\/usage\?model=gpt-5\.6$/);
});

test("figures elsewhere lead here, and unpriced calls to the calls", async ({ page }) => {
  await open(page, "/providers/vllm-gpu-rack");
  await page.getByRole("link", { name: "View more of requests" }).click();
  await expect(page).toHaveURL(/\/usage\?provider=vllm-gpu-rack&range=7d$/);
  await expect(page.getByRole("link", { name: "Last 7 days" })).toHaveAttribute("aria-current", "true");
  await page.getByRole("link", { name: /unpriced calls$/ }).click();
  await expect(page).toHaveURL(/\/calls\?provider=vllm-gpu-rack&price_state=unpriced&from=/);
  await expect(page.locator("table.ledger tbody tr")).toHaveCount(6);
});

test("each table stands open, or behind its toggle", async ({ page, javaScriptEnabled }) => {
  await open(page, "/usage");
  const table = page.getByRole("region", { name: "Spend as a table" });
  if (javaScriptEnabled) {
    await expect(table).toBeHidden();
    await page.locator("#spend-table-toggle summary").click();
  } else {
    await expect(page.locator(".plot").first()).toBeHidden();
  }
  await expect(table).toBeVisible();
});
