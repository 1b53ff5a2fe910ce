// With JavaScript: no page complains, each passes the accessibility scan in light and dark, nothing jumps.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { beginProvider, choose, fill, firstAdmin, signIn, watch } from "../support/console.ts";
import { pages, seed } from "../support/seed.ts";
import { prepare, reach, STATES } from "../support/states.ts";
import { startWeir, type Weir } from "../support/weir.ts";

/** What one page may take, with the scan: on a slow machine most of them take a fifth of it. */
const PER_PAGE = 5_000;

let weir: Weir;
let all: Record<string, string>;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await seed(weir);
  await prepare(page, weir);
  await page.close();
  all = await pages(weir);
});
test.afterAll(async () => {
  await weir.stop();
});

/** What the accessibility scan has against the page. */
async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).analyze();
  return found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join("; ")}`);
}

const overflow = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** Opens a page and sees to it that it is this one, and not what a refusal leads to. */
async function open(page: Page, name: string, path: string) {
  const answer = await page.goto(weir.url + path, { waitUntil: "networkidle" });
  expect(answer!.status(), name).toBe(name === "missing" ? 404 : 200);
  expect(page.url(), name).toBe(weir.url + path);
  if (name.endsWith("-opened")) await expect(page.locator("tr.detail"), name).toBeVisible();
}

const WIDE = { width: 1440, height: 900 };
const NARROW = { width: 390, height: 844 };

/** How far things moved on the page that nobody touched. */
const shift = (page: Page) => page.evaluate(() => new Promise<number>((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) sum += (entry as any).value;
  }).observe({ type: "layout-shift", buffered: true });
  setTimeout(() => resolve(sum), 50);
}));

// The light ones load on a screen, the dark ones on a phone; the scan is of the whole width each time.
for (const [colorScheme, viewport] of [["light", WIDE], ["dark", NARROW]] as const) {
  test(`every page is quiet, accessible and still in ${colorScheme}, ${viewport.width} wide`, async ({ browser }) => {
    test.setTimeout(30_000 + PER_PAGE * Object.keys(all).length);
    const context = await browser.newContext({ colorScheme, viewport });
    const page = await context.newPage();
    const complaints = watch(page);
    await signIn(page, weir);
    for (const [name, path] of Object.entries(all)) {
      await page.setViewportSize(viewport);
      await open(page, name, path);
      expect(await shift(page), `layout shift of ${name}`).toBeLessThanOrEqual(0.02);
      expect(await overflow(page), `${name} scrolls sideways`).toBeLessThanOrEqual(0);
      await page.setViewportSize(WIDE);
      expect.soft(await violations(page), `${name} in ${colorScheme}`).toEqual([]);
      // Of the page that is missing the browser says that it is.
      const told = complaints.splice(0).filter((text) => !(name === "missing" && text.includes("404")));
      expect(told, name).toEqual([]);
    }
    await context.close();
  });

  test(`what forms answer is accessible and fits in ${colorScheme}`, async ({ browser }) => {
    test.setTimeout(30_000 + 2 * PER_PAGE * Object.keys(STATES).length);
    const context = await browser.newContext({ colorScheme, viewport: WIDE });
    const page = await context.newPage();
    for (const state of Object.keys(STATES)) {
      await page.setViewportSize(WIDE);
      await reach(page, weir, state);
      expect(await violations(page), `${state} in ${colorScheme}`).toEqual([]);
      await page.setViewportSize(NARROW);
      expect(await overflow(page), state).toBeLessThanOrEqual(0);
    }
    await context.close();
  });
}

test("calls of another year fit on a phone", async ({ browser }) => {
  const page = await browser.newPage({ viewport: NARROW });
  await signIn(page, weir);
  await open(page, "calls", all.calls!);
  // The calls of this test are of today, whose rows leave the day out.
  const rows = page.locator(".ledger > tbody > tr > td time");
  expect(await rows.count()).toBeGreaterThan(10);
  await rows.evaluateAll((times) => times.forEach((time) => time.prepend("21 Nov 2025 ")));
  expect(await overflow(page)).toBeLessThanOrEqual(0);
  await page.close();
});

/** States of the form that no address has. */
const FORM_STATES: Record<string, (page: Page) => Promise<void>> = {
  "static keys, to be made": async (page) => {
    await choose(page, "bedrock.mode", "static_keys");
    for (const part of ["access_key_id", "secret_access_key", "session_token"]) await choose(page, `bedrock.${part}.key_from`, "new");
  },
  "a role": (page) => choose(page, "bedrock.mode", "assume_role"),
  "a key, and profiles found": async (page) => {
    await choose(page, "bedrock.mode", "bearer");
    await fill(page, { "bedrock.region": "eu-central-1", q: "claude-opus" });
    await expect(page.locator("#models-found")).toContainText("for “claude-opus”");
  },
  "the upstream's list": async (page) => {
    await choose(page, "bedrock.mode", "bearer");
    await fill(page, { "bedrock.region": "us-east-1", "bedrock.api_key.key": "BEDROCK_API_KEY" });
    await page.getByRole("button", { name: "Fetch from upstream" }).click();
    await expect(page.getByText("From the upstream", { exact: true })).toBeVisible();
  },
  "everything wrong": async (page) => {
    await choose(page, "bedrock.mode", "static_keys");
    await fill(page, { "bedrock.base_url": "nonsense", "bedrock.guardrail_id": "g", "bedrock.access_key_id.key": "sk-x" });
    await page.getByRole("button", { name: "Fetch from upstream" }).click();
    await expect(page.getByText("The upstream was not asked.")).toBeVisible();
    await page.getByRole("button", { name: "Create provider" }).click();
    await expect(page.locator('[name="bedrock.region"]')).toHaveAttribute("aria-invalid", "true");
    await expect(page.locator('[name="bedrock.region"]')).toBeFocused();
  },
};

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test(`states of the form are accessible and fit, ${width} wide in ${colorScheme}`, async ({ browser }) => {
      test.setTimeout(120_000);
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 900 } });
      const page = await context.newPage();
      await signIn(page, weir);
      for (const [state, reach] of Object.entries(FORM_STATES)) {
        await beginProvider(page, weir, "States", "bedrock");
        await reach(page);
        expect(await violations(page), state).toEqual([]);
        expect(await overflow(page), state).toBeLessThanOrEqual(0);
      }
      await context.close();
    });
  }
}

test("islands wake: the id follows the name, the theme is remembered", async ({ page }) => {
  await signIn(page, weir);
  await page.goto(`${weir.url}/new-provider`, { waitUntil: "networkidle" });
  await page.getByLabel("Display name").first().pressSequentially("Bedrock: EU (claims)");
  await expect(page.locator("[name=id]")).toHaveValue("bedrock-eu-claims");
  await page.getByRole("button", { name: /dark/i }).first().click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.reload();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});

test("the model picker sends no secret, and says so where it is not answered", async ({ page }) => {
  await signIn(page, weir);
  await page.goto(`${weir.url}/new-provider`, { waitUntil: "networkidle" });
  await choose(page, "type", "openai");
  await choose(page, "openai.key_from", "new");
  await page.locator('[name="openai.new_key"]').fill("ANOTHER_KEY");
  const value = page.locator('[name="openai.new_value"]');
  await value.fill("sk-hush");
  const search = page.locator("#q");
  const asked = () => page.waitForRequest((request) => request.method() === "POST" && request.postData()!.includes("do=search"));

  const [request] = await Promise.all([asked(), search.fill("gpt-5-mini")]);
  expect(request.postData()).toContain("openai.new_key=ANOTHER_KEY");
  expect(request.postData()).not.toContain("hush");
  await expect(page.locator("#models-found")).toContainText("gpt-5-mini");

  await page.context().clearCookies();
  await search.fill("gpt-5.6");
  await expect(page.getByText("You are signed out. Sign in again in another tab")).toBeVisible();
  await page.context().setOffline(true);
  await search.fill("gpt-4o");
  await expect(page.getByText("Weir did not answer, so the models stay as they were.")).toBeVisible();
  await expect(value).toHaveValue("sk-hush");
  await page.context().setOffline(false);
  await signIn(await page.context().newPage(), weir);
  await search.fill("gpt-4o-mini");
  await expect(page.locator("#models-found")).toContainText("gpt-4o-mini");
  await expect(page.getByText("Weir did not answer")).toHaveCount(0);
});
