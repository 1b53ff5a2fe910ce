// Calls that are followed live: they come in by themselves, never under one's hands, and not while nobody looks.
import { expect, type Page, test } from "@playwright/test";
import { firstAdmin, signIn, watch } from "../support/console.ts";
import { seed } from "../support/seed.ts";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
let token: string;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await page.close();
  await seed(weir);
  ({ token } = await weir.api("POST", "/api/v1/tokens", { name: "live" }));
});
test.afterAll(async () => {
  await weir.stop();
});
test.beforeEach(async ({ page }) => {
  await signIn(page, weir);
  await page.goto(`${weir.url}/calls`, { waitUntil: "networkidle" });
});

const rows = (page: Page) => page.locator(".ledger tbody tr[id]");
const follow = (page: Page) => page.getByRole("switch", { name: "Follow live" });

/** Makes a call. Returns its id. */
async function call(agent = "live"): Promise<string> {
  const answer = await fetch(`${weir.url}/llm/v1/providers/openai-main/chat/completions`, {
    method: "POST",
    headers: { "x-weir-token": token, "content-type": "application/json", "x-weir-agent": agent },
    body: JSON.stringify({ model: "gpt-5-mini", messages: [{ role: "user", content: "Hi" }] }),
  });
  expect(answer.status).toBe(200);
  await answer.text();
  return answer.headers.get("x-weir-call-id")!;
}

test("new calls come in at the top by themselves, and a screen reader is told", async ({ page }) => {
  const complaints = watch(page);
  await follow(page).focus();
  await page.keyboard.press("Space");
  await expect(follow(page)).toHaveAttribute("aria-checked", "true");
  await expect(follow(page)).toBeFocused();
  await expect(page).toHaveURL(/follow=on/);
  const first = await call();
  await expect(rows(page).first()).toHaveId(`call-${first}`);
  await expect(page.getByRole("status").filter({ hasText: "1 new call" })).toBeAttached();
  const second = await call();
  await expect(rows(page).first()).toHaveId(`call-${second}`);
  await expect(rows(page).nth(1)).toHaveId(`call-${first}`);
  await expect(rows(page)).toHaveCount(25);

  await page.keyboard.press("Space");
  await expect(follow(page)).toHaveAttribute("aria-checked", "false");
  await expect(page).not.toHaveURL(/follow/);
  expect(complaints).toEqual([]);
});

test("nothing moves under the pointer, the focus or an open row: a button counts what waits", async ({ page }) => {
  await follow(page).click();
  await expect(follow(page)).toHaveAttribute("aria-checked", "true");
  await rows(page).nth(3).hover();
  const before = await rows(page).first().getAttribute("id");
  await call();
  const second = await call();
  const show = page.getByRole("button", { name: "Show 2 new calls" });
  await expect(show).toBeVisible();
  await expect(rows(page).first()).toHaveId(before!);
  await show.focus();
  await page.keyboard.press("Enter");
  await expect(rows(page).first()).toHaveId(`call-${second}`);
  await expect(show).toBeHidden();
  await expect(follow(page)).toBeFocused();

  await page.mouse.move(0, 0);
  await page.locator("a.rowbtn").nth(1).click();
  await expect(page.locator(".account")).toBeVisible();
  await follow(page).hover();
  const third = await call();
  await expect(page.getByRole("button", { name: "Show 1 new call" })).toBeVisible();
  await expect(page.locator(".account")).toBeVisible();
  await page.getByRole("button", { name: "Show 1 new call" }).click();
  await expect(rows(page).first()).toHaveId(`call-${third}`);
});

test("only calls that fit the filters are new", async ({ page }) => {
  await page.goto(`${weir.url}/calls?follow=on&agent=wanted`, { waitUntil: "networkidle" });
  await call("other");
  const wanted = await call("wanted");
  await expect(rows(page)).toHaveCount(1);
  await expect(rows(page).first()).toHaveId(`call-${wanted}`);
  await page.getByRole("link", { name: "Remove the filter Agent wanted" }).click();
  await expect(rows(page)).toHaveCount(25);
  await expect(follow(page)).toHaveAttribute("aria-checked", "true");
  await page.mouse.move(0, 0);
  const other = await call("other");
  await expect(rows(page).first()).toHaveId(`call-${other}`);
});

test("nobody is asked while the tab is hidden", async ({ page }) => {
  const hide = (hidden: boolean) =>
    page.evaluate((hidden) => {
      Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
      document.dispatchEvent(new Event("visibilitychange"));
    }, hidden);
  await page.clock.install();
  await page.goto(`${weir.url}/calls?follow=on`, { waitUntil: "networkidle" });
  let asked = 0;
  page.on("request", (request) => {
    if (request.url().includes("/calls/new")) asked += 1;
  });
  await hide(true);
  const id = await call();
  await page.clock.runFor(20_000);
  expect(asked).toBe(0);
  await hide(false);
  await expect(rows(page).first()).toHaveId(`call-${id}`);
  expect(asked).toBeGreaterThan(0);
});

test("whoever is signed out meanwhile is told so, with the way back", async ({ page, context }) => {
  await page.goto(`${weir.url}/calls?follow=on&agent=support-bot`, { waitUntil: "networkidle" });
  const asked = page.waitForRequest((request) => request.url().includes("/calls/new"));
  expect(await (await asked).headerValue("x-weir-by-itself")).toBe("1");
  await context.clearCookies();
  await expect(page.getByText("You are signed out. Sign in")).toBeVisible();
  const link = page.locator("#follow-words").getByRole("link", { name: "Sign in" });
  await link.focus();
  // It asks again, and the link stays the one that has the focus.
  await page.waitForResponse((answer) => answer.url().includes("/calls/new"));
  await page.waitForResponse((answer) => answer.url().includes("/calls/new"));
  await expect(link).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/sign-in\?next=.*calls.*follow/);
});

test("older calls are not followed", async ({ page }) => {
  await follow(page).click();
  await page.getByRole("link", { name: "Older" }).click();
  await expect(follow(page)).toHaveAttribute("aria-checked", "false");
  await follow(page).click();
  await expect(follow(page)).toHaveAttribute("aria-checked", "true");
  await expect(page).not.toHaveURL(/cursor/);
});
