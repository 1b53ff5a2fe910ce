// The page of calls: each filter, alone and together; pages back and forth; a row opened; and the full report as a file.
// Runs with JavaScript and without.
import { readFileSync } from "node:fs";
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
  // Two calls of somebody else, with a token of their own.
  const { token } = await weir.api("POST", "/api/v1/tokens", { name: "nightly job" });
  for (let made = 0; made < 2; made += 1) {
    const answer = await fetch(`${weir.url}/llm/v1/providers/anthropic-production/v1/messages`, {
      method: "POST",
      headers: { "x-weir-token": token, "content-type": "application/json", "anthropic-version": "2023-06-01", "x-weir-user": "bo", "x-weir-agent": "nightly" },
      body: JSON.stringify({ model: "claude-sonnet-5-5", messages: [{ role: "user", content: "What is a weir?" }], max_tokens: 90 }),
    });
    expect(answer.status).toBe(200);
    await answer.text();
  }
  await expect.poll(async () => (await weir.api("GET", "/api/v1/calls?user=bo")).items.length, { timeout: 10_000 }).toBe(2);
});
test.afterAll(async () => {
  await weir.stop();
});
test.beforeEach(async ({ page }) => {
  await signIn(page, weir);
});

const CALLS = 40;
const rows = (page: Page) => page.locator(".ledger tbody tr[id]");

async function open(page: Page, path: string) {
  await page.goto(weir.url + path, { waitUntil: "networkidle" });
}

async function tick(page: Page, name: string, choice: string) {
  await page.getByRole("button", { name, exact: true }).click();
  const panel = page.getByRole("group", { name: `Filter by ${name}` });
  await panel.getByLabel(choice, { exact: true }).check();
  await panel.getByRole("button", { name: "Apply" }).click();
}

async function type(page: Page, name: string, value: string, button = "Apply") {
  await page.getByRole("button", { name, exact: true }).click();
  const panel = page.getByRole("group", { name: `Filter by ${name}` });
  await panel.getByLabel(button === "Apply" ? name : `${name} is not`, { exact: true }).fill(value);
  await panel.getByRole("button", { name: button }).click();
}

test("each filter narrows the list, and its chip widens it again", async ({ page }) => {
  const complaints = watch(page);
  for (const [set, count, chip] of [
    [() => tick(page, "Provider", "OpenAI main"), 14, "Provider OpenAI main"],
    [() => type(page, "Model", "gpt-5.6"), 6, "Model gpt-5.6"],
    [() => type(page, "Model", "gpt-5.6", "Leave out"), CALLS - 6, "Model is not gpt-5.6"],
    [() => type(page, "Agent", "nothing-like-it"), 0, "Agent nothing-like-it"],
    [() => type(page, "Agent", "support-bot"), CALLS - 2, "Agent support-bot"],
    [() => type(page, "User", "bo"), 2, "User bo"],
    [() => type(page, "User", "bo", "Leave out"), CALLS - 2, "User is not bo"],
    [() => tick(page, "Gateway token", "nightly job"), 2, "Gateway token nightly job"],
    [() => tick(page, "Gateway token", "support bot"), CALLS - 2, "Gateway token support bot"],
    [() => type(page, "Status", "4xx"), 2, "Status 4xx"],
    [() => tick(page, "Outcome", "Refused by Weir"), 1, "Outcome Refused by Weir"],
    [() => tick(page, "Price state", "Unpriced"), 6, "Price state Unpriced"],
    [() => tick(page, "Operation", "messages"), 8, "Operation messages"],
    [() => type(page, "Cost above", "1000"), 0, "Cost above 1000"],
    [() => type(page, "Latency above", "600000"), 0, "Latency above 600000"],
  ] as const) {
    await open(page, "/calls?rows=100");
    await expect(rows(page)).toHaveCount(CALLS);
    await set();
    await expect(rows(page)).toHaveCount(count);
    await page.getByRole("link", { name: `Remove the filter ${chip}` }).click();
    await expect(rows(page)).toHaveCount(CALLS);
  }
  expect(complaints).toEqual([]);
});

test("filters go together, stand in the address, and lead the same way again", async ({ page, context }) => {
  await open(page, "/calls?rows=100");
  await tick(page, "Provider", "OpenAI main");
  await expect(rows(page)).toHaveCount(14);
  await type(page, "Model", "gpt-5-mini");
  await expect(rows(page)).toHaveCount(7);
  await type(page, "Status", "429", "Apply");
  await expect(rows(page)).toHaveCount(1);
  await expect(page).toHaveURL(/provider=openai-main.*model=gpt-5-mini.*status=429/);
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(rows(other)).toHaveCount(1);
  await page.getByRole("link", { name: "Remove the filter Status 429" }).click();
  await expect(rows(page)).toHaveCount(7);
  await page.getByRole("button", { name: "User", exact: true }).click();
  await page.getByRole("link", { name: "Calls without a user" }).click();
  await expect(page.getByText("No call fits the filters.")).toBeVisible();
  await expect(page.getByRole("link", { name: "Remove the filter User nobody" })).toBeVisible();
  // Another filter beside it keeps it.
  await tick(page, "Outcome", "Ok");
  await expect(page.getByRole("link", { name: "Remove the filter User nobody" })).toBeVisible();
});

test("pages lead to older calls and back again", async ({ page }) => {
  await open(page, "/calls?rows=10");
  const ids = () => rows(page).evaluateAll((rows) => rows.map((row) => row.id));
  const seen = [await ids()];
  for (const count of [10, 10, 10]) {
    await page.getByRole("link", { name: "Older" }).click();
    await expect(rows(page)).toHaveCount(count);
    await expect(rows(page).first()).not.toHaveId(seen.at(-1)![0]!);
    seen.push(await ids());
  }
  expect(new Set(seen.flat()).size).toBe(CALLS);
  for (const expected of seen.slice(0, -1).toReversed()) {
    await page.getByRole("link", { name: "Newer" }).click();
    await expect(rows(page).first()).toHaveId(expected[0]!);
    expect(await ids()).toEqual(expected);
  }
  await expect(page.getByRole("link", { name: "Newer", disabled: true })).toBeVisible();
});

test("a row opens with its sum written out", async ({ page }) => {
  await open(page, "/calls?model=gpt-5.6");
  await page.locator("a.rowbtn").first().click();
  const sum = page.getByRole("region", { name: "Cost, bucket by bucket" });
  await expect(sum.getByRole("row", { name: /^Output .*× \$18\.00 = \$.* override/ })).toBeVisible();
  await expect(sum.getByRole("row", { name: /^Total/ })).toContainText("$0.0");
  await expect(page).toHaveURL(/open=/);
});

test("the full report is a file of what the form says", async ({ page }) => {
  const complaints = watch(page);
  await open(page, "/usage/report?provider=openai-main&range=7d");
  await expect(page.getByRole("link", { name: "Remove the filter Provider OpenAI main" })).toBeVisible();
  await page.getByLabel("Whole range").check();
  await page.getByLabel("Provider", { exact: true }).uncheck();
  await page.getByLabel("Agent", { exact: true }).check();
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Download CSV" }).click()]);
  expect(download.suggestedFilename()).toMatch(/^weir-usage-by-total-\d{4}-\d\d-\d\d-to-\d{4}-\d\d-\d\d\.csv$/);
  const [head, ...lines] = readFileSync(await download.path(), "utf8").trimEnd().split("\r\n").map((line) => line.split(","));
  expect(head!.slice(0, 5)).toEqual(["start", "model", "agent", "calls", "requests"]);
  expect(lines.map((line) => line.slice(1, 5).join(" "))).toEqual([
    "gpt-5-mini support-bot 7 7", "gpt-5.6 support-bot 6 6", "not-on-the-list support-bot 1 0",
  ]);

  await page.getByLabel("Outcome", { exact: true }).check();
  await page.getByRole("button", { name: "Download CSV" }).click();
  await expect(page.getByText(/only together with provider and model/)).toBeVisible();
  await expect(page.getByLabel("Outcome", { exact: true })).toBeChecked();
  expect(complaints.filter((complaint) => !complaint.includes("400"))).toEqual([]);
});
