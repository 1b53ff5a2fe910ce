// By the keyboard alone: palette, keys, menus, messages; acts that show at once and are taken back if the server refuses.
import { AxeBuilder } from "@axe-core/playwright";
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

async function open(page: Page, path: string) {
  await page.goto(weir.url + path, { waitUntil: "networkidle" });
}
const palette = (page: Page) => page.getByRole("dialog", { name: "Jump to" });
const selected = (page: Page) => palette(page).locator("[role=option][aria-selected=true] .what");

test("the palette goes anywhere", async ({ page }) => {
  const complaints = watch(page);
  await signIn(page, weir);
  await open(page, "/secrets");
  await page.getByRole("link", { name: "Create secret" }).focus();
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: "Jump to" });
  await expect(field).toBeFocused();
  await expect(selected(page)).toHaveText("LLM Providers");
  await page.keyboard.press("ArrowDown");
  await expect(selected(page)).toHaveText("Secrets");
  const active = await field.getAttribute("aria-activedescendant");
  await expect(page.locator(`#${active}`)).toContainText("Secrets");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("ArrowUp");
  await expect(selected(page)).toHaveText("Sign out");
  await page.keyboard.press("Escape");
  await expect(palette(page)).toBeHidden();
  await expect(page.getByRole("link", { name: "Create secret" })).toBeFocused();

  await page.keyboard.press("Meta+k");
  await page.keyboard.type("bedrock frankfurt");
  await expect(selected(page)).toHaveText("Bedrock in Frankfurt");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/providers\/bedrock-eu$/);

  await open(page, "/tokens?q=support");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("theme: dark");
  await expect(selected(page)).toHaveText("Theme: dark");
  await page.keyboard.press("Enter");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await expect(page).toHaveURL(/\/tokens\?q=support$/);

  await page.getByRole("link", { name: /^Jump to…/ }).click();
  await page.keyboard.type("no such thing");
  await expect(palette(page).getByText("Nothing is called “no such thing”")).toBeVisible();
  await page.keyboard.press("Enter");
  await expect(palette(page)).toBeVisible();
  await page.mouse.click(5, 5);
  await expect(palette(page)).toBeHidden();
  expect(complaints).toEqual([]);
});

test("the newest question counts, and a server that is away is told", async ({ page }) => {
  await signIn(page, weir);
  await open(page, "/calls");
  let held: (() => void) | undefined;
  await page.route("**/find/list?q=open&*", async (route) => {
    await new Promise<void>((go) => (held = go));
    await route.continue();
  });
  await page.keyboard.press("Control+k");
  const slow = page.waitForRequest(/q=open&/);
  await page.keyboard.type("open");
  await slow;
  await page.keyboard.type("ai main");
  await expect(selected(page)).toHaveText("OpenAI main");
  const late = page.waitForResponse(/q=open&/);
  held!();
  await late;
  await expect(selected(page)).toHaveText("OpenAI main");
  await page.context().setOffline(true);
  await page.keyboard.type("x");
  await expect(palette(page).getByRole("status")).toHaveText("Weir did not answer. Try again in a moment.");
  await page.context().setOffline(false);
});

test("single keys go, search, create and edit; not while one types, not when they are off", async ({ page }) => {
  await signIn(page, weir);
  await open(page, "/providers");
  for (const [keys, path] of [["gs", "/secrets"], ["gt", "/tokens"], ["gc", "/calls"], ["gp", "/providers"]]) {
    await page.keyboard.press(keys![0]!);
    await page.keyboard.press(keys![1]!);
    await page.waitForURL(weir.url + path);
    await page.waitForLoadState("networkidle");
  }
  await page.keyboard.press("/");
  await expect(page.getByLabel("Name or resource id")).toBeFocused();
  await page.keyboard.type("n?gs");
  await expect(page.getByLabel("Name or resource id")).toHaveValue("n?gs");
  await open(page, "/tokens");
  await page.keyboard.press("Control+n");
  await page.keyboard.press("n");
  await page.waitForURL(`${weir.url}/new-token`);
  await open(page, "/providers/openai-main");
  await page.keyboard.press("e");
  await page.waitForURL(`${weir.url}/providers/openai-main/edit`);

  await open(page, "/secrets");
  await page.keyboard.press("?");
  const list = page.getByRole("dialog", { name: "Keys" });
  await expect(list.getByText("Go to Gateway tokens")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(list).toBeHidden();
  await page.keyboard.press("?");
  await list.getByRole("button", { name: "Switch single keys off" }).press("Enter");
  await page.waitForLoadState("networkidle");
  await expect(page).toHaveURL(`${weir.url}/secrets`);
  await page.keyboard.press("n");
  await page.keyboard.press("?");
  await page.keyboard.press("Control+k");
  await expect(palette(page)).toBeVisible();
  await expect(list).toBeHidden();
  await expect(page).toHaveURL(`${weir.url}/secrets`);
  await expect(palette(page).locator("[role=option] kbd")).toHaveCount(0);
});

test("a row menu is worked by arrows, and the focus comes back", async ({ page }) => {
  await signIn(page, weir);
  await open(page, "/providers?q=groq");
  const button = page.getByRole("button", { name: "More for Groq trial" });
  await button.focus();
  await page.keyboard.press("ArrowDown");
  const menu = page.locator(".panel:popover-open");
  await expect(menu.getByRole("link", { name: "Open" })).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(menu.getByRole("link", { name: "Delete…" })).toBeFocused();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowDown");
  await expect(menu.getByRole("button", { name: "Copy proxy URL" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(menu).toBeHidden();
  await expect(button).toBeFocused();

  await page.keyboard.press("ArrowDown");
  for (let step = 0; step < 3; step += 1) await page.keyboard.press("ArrowDown");
  await expect(menu.getByRole("button", { name: "Enable" })).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(page.locator("#status-groq-trial")).toHaveText("Active");
  await expect(page.locator(".toast")).toContainText("Groq trial is enabled");
  await expect(button).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.locator(".toast")).toBeHidden();
  await weir.api("PATCH", "/api/v1/providers/groq-trial", { enabled: false });
});

test("a change shows at once, without a new page, and is taken back if the server refuses", async ({ page }) => {
  await signIn(page, weir);
  await open(page, "/providers?q=gemini");
  await page.evaluate(() => ((window as any).samePage = true));
  let answer: (() => void) | undefined;
  await page.route("**/providers/gemini-main/disable", async (route) => {
    await new Promise<void>((go) => (answer = go));
    await route.fulfill({ status: 503, contentType: "text/html", body: "<h1>Weir is busy</h1><p class=lede>Try again in a moment.</p>" });
  });
  const disable = async () => {
    await page.getByRole("button", { name: "More for Gemini main" }).click();
    await page.locator(".panel:popover-open").getByRole("button", { name: "Disable" }).click();
  };
  await disable();
  await expect(page.locator("#status-gemini-main")).toHaveText("Disabled");
  await expect.poll(() => answer !== undefined).toBe(true);
  answer!();
  await expect(page.locator("#status-gemini-main")).toHaveText("Active");
  await expect(page.locator(".toast")).toContainText("Weir is busy");
  await page.unroute("**/providers/gemini-main/disable");
  await disable();
  await expect(page.locator(".toast")).toContainText("Gemini main is disabled");
  await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
  await expect(page.locator(".toast")).toContainText("Gemini main is enabled");
  await expect(page.locator("#status-gemini-main")).toHaveText("Active");
  expect(await page.evaluate(() => (window as any).samePage)).toBe(true);
});

test("many providers are narrowed by a field that is sent nowhere", async ({ page }) => {
  await signIn(page, weir);
  await open(page, "/new-token");
  const find = page.getByLabel("Find a provider");
  await page.getByLabel(/^OpenAI main/).check();
  await find.fill("bedrock");
  await expect(page.locator(".boxes.many label:visible")).toHaveCount(5);
  await find.press("Enter");
  await expect(page).toHaveURL(`${weir.url}/new-token`);
  await page.getByLabel("Name", { exact: true }).fill("narrowed");
  const [request] = await Promise.all([
    page.waitForRequest((request) => request.method() === "POST"),
    page.getByRole("button", { name: "Create token" }).click(),
  ]);
  expect(request.postData()).toContain("provider=openai-main");
  expect(request.postData()).not.toContain("bedrock");
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [1440, 390]) {
    test(`what opens is accessible and fits, ${width} wide in ${colorScheme}`, async ({ browser }) => {
      const context = await browser.newContext({ colorScheme, viewport: { width, height: 844 } });
      const page = await context.newPage();
      await signIn(page, weir);
      const check = async (state: string) => {
        const found = await new AxeBuilder({ page }).analyze();
        const told = found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join("; ")}`);
        expect(told, state).toEqual([]);
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        expect(overflow, state).toBeLessThanOrEqual(0);
        await page.screenshot({ path: `screenshots/${state}-${width}-${colorScheme}.png` });
      };
      await open(page, "/providers");
      await page.keyboard.press("Control+k");
      await expect(selected(page)).toHaveText("LLM Providers");
      await check("palette");
      await page.keyboard.type("anthropic");
      await expect(selected(page)).toContainText("Anthropic");
      await check("palette-found");
      await page.keyboard.type(" nothing");
      await expect(palette(page).getByText("Nothing is called")).toBeVisible();
      await check("palette-nothing");
      await page.keyboard.press("Escape");
      await expect(palette(page)).toBeHidden();
      await page.keyboard.press("?");
      await expect(page.getByRole("dialog", { name: "Keys" })).toBeVisible();
      await check("keys-dialog");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "More for Gemini main" }).click();
      await check("row-menu");
      await page.locator(".panel:popover-open").getByRole("button", { name: "Disable" }).click();
      await expect(page.locator(".toast")).toBeVisible();
      await check("toast");
      await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
      await expect(page.locator(".toast")).toContainText("enabled");
      await open(page, "/tokens");
      await page.getByRole("link", { name: "support bot" }).click();
      // The text is there before the style is.
      await page.waitForURL("**/tokens/*");
      await expect(page.getByText("TOTAL SPEND")).toBeVisible();
      await check("token");
      await context.close();
    });
  }
}
