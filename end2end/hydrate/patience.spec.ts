// What takes its time, or is refused by the browser: a test of a connection, a form on its way, a copy, a free id.
import { expect, type Page, test } from "@playwright/test";
import { beginProvider, fill, firstAdmin, signIn } from "../support/console.ts";
import { startWeir, type Weir } from "../support/weir.ts";

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

async function open(page: Page, path: string) {
  await page.goto(weir.url + path, { waitUntil: "networkidle" });
}

// The first answer of the server is none, and leaves the browser where it is.
async function unanswered(page: Page, path: string): Promise<() => number> {
  let posts = 0;
  await page.route(`**${path}`, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    posts += 1;
    await (posts > 1 ? route.continue() : route.fulfill({ status: 204 }));
  });
  return () => posts;
}

test("a test of a connection says that it runs, and is sent once", async ({ page }) => {
  const slow = { id: "slow", display_name: "Slow", type: "openai_compatible", base_url: `${weir.upstream}/v1`, models: [{ id: "m" }] };
  await weir.api("POST", "/api/v1/providers", slow);
  await open(page, "/providers/slow");
  const posts = await unanswered(page, "/providers/slow/test");
  const button = page.getByRole("button", { name: "Test connection" });
  await button.dblclick();
  const card = page.locator("#verify");
  const running = card.getByRole("status").filter({ hasText: "Testing…" });
  await expect(running).toContainText(/Testing… [2-9] s/);
  await expect(running.locator("li")).toHaveCount(7);
  await expect(running.locator("li").last()).toHaveText(/Usage understood\s*Not reached yet/);
  await expect(card.getByText("Not tested yet")).toBeHidden();
  await expect(button).toBeDisabled();
  await page.screenshot({ path: "screenshots/testing.png" });
  expect(posts()).toBe(1);

  await open(page, "/providers/slow");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(card.locator(".badge")).not.toHaveText("Not tested yet");
  await expect(running).toBeHidden();
  await expect(page.getByRole("button", { name: "Test again" })).toBeEnabled();
  expect(posts()).toBe(2);
});

test("a form whose answer never came can be sent again", async ({ page }) => {
  await page.clock.install();
  await beginProvider(page, weir, "Twice", "openai_compatible");
  await fill(page, { "openai_compatible.base_url": "http://llm.example/v1" });
  const posts = await unanswered(page, "/new-provider");
  const create = page.getByRole("button", { name: "Create provider" });
  await create.click();
  await expect.poll(posts).toBe(1);
  await create.click();
  await page.clock.fastForward(9_000);
  expect(posts()).toBe(1);
  await page.clock.fastForward(1_000);
  await create.click();
  await expect(page.getByRole("heading", { level: 1, name: "Twice" })).toBeVisible();
  expect(posts()).toBe(2);
});

test("a copy that the browser refuses is not said to be done", async ({ page }) => {
  await weir.api("POST", "/api/v1/providers", { id: "copied", display_name: "Copied", type: "openai_compatible", base_url: "http://llm.example/v1" });
  await page.addInitScript(() => {
    Object.defineProperty(navigator, "clipboard", { value: { writeText: () => Promise.reject(new DOMException("no", "NotAllowedError")) } });
    document.execCommand = () => (window as any).mayCopy === true;
  });
  await open(page, "/providers?q=copied");
  const copy = page.getByRole("button", { name: "Copy the proxy URL of Copied" });
  await copy.click();
  await expect(copy.getByRole("status")).toHaveText("Not copied. Copy it by hand.");
  await expect(copy.getByRole("status")).not.toHaveClass("sr");
  await page.evaluate(() => ((window as any).mayCopy = true));
  await copy.click();
  await expect(copy.getByRole("status")).toHaveText("Copied");
});

test("a late answer is not about the id that stands there now", async ({ page }) => {
  await weir.api("POST", "/api/v1/providers", { id: "taken-id", display_name: "Taken", type: "openai_compatible", base_url: "http://llm.example/v1" });
  await open(page, "/new-provider");
  let go: (() => void) | undefined;
  await page.route("**/new-provider/free-id?id=free-id", async (route) => {
    await new Promise<void>((answer) => (go = answer));
    await route.fulfill({ body: "free" });
  });
  const id = page.getByLabel("Resource id");
  await id.fill("free-id");
  await expect.poll(() => go !== undefined).toBe(true);
  await id.fill("taken-id");
  await expect(page.locator("#id-help")).toHaveText("Taken. Choose another id.");
  const late = page.waitForResponse(/id=free-id/);
  go!();
  await late;
  await page.evaluate(() => new Promise((next) => setTimeout(next)));
  await expect(page.locator("#id-help")).toHaveText("Taken. Choose another id.");
});

test("where the program does not come, the form has the buttons of a page without script", async ({ page }) => {
  const search = page.getByRole("button", { name: "Search", exact: true });
  await open(page, "/new-provider?type=openai");
  await expect(search).toBeHidden();
  await page.route(/\.wasm/, (route) => route.abort());
  await open(page, "/new-provider?type=openai");
  await fill(page, { q: "gpt-5-mini" });
  await search.click();
  await expect(page.locator("#models-found")).toContainText("for “gpt-5-mini”");
});
