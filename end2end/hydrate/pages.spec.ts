// With JavaScript: no page complains, each passes the accessibility scan in light and dark, nothing jumps.
import { AxeBuilder } from "@axe-core/playwright";
import { expect, test } from "@playwright/test";
import { firstAdmin, signIn, watch } from "../support/console.ts";
import { PAGES, seed } from "../support/seed.ts";
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

for (const colorScheme of ["light", "dark"] as const) {
  test(`every page is quiet, accessible and still in ${colorScheme}`, async ({ browser }) => {
    test.setTimeout(180_000);
    const context = await browser.newContext({ colorScheme });
    const page = await context.newPage();
    const complaints = watch(page);
    await signIn(page, weir);
    for (const [name, path] of Object.entries(PAGES)) {
      const answer = await page.goto(weir.url + path, { waitUntil: "networkidle" });
      expect(answer!.status(), name).toBe(name === "missing" ? 404 : 200);
      const found = await new AxeBuilder({ page }).analyze();
      const told = found.violations.map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join("; ")}`);
      expect(told, `${name} in ${colorScheme}`).toEqual([]);
      const shift = await page.evaluate(() => new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) sum += (entry as any).value;
        }).observe({ type: "layout-shift", buffered: true });
        setTimeout(() => resolve(sum), 50);
      }));
      expect(shift, `layout shift of ${name}`).toBeLessThanOrEqual(0.02);
    }
    expect(complaints.filter((text) => !text.includes("404"))).toEqual([]);
    await context.close();
  });
}

test("no page scrolls sideways on a phone", async ({ browser }) => {
  const page = await browser.newPage({ viewport: { width: 390, height: 844 } });
  await signIn(page, weir);
  for (const [name, path] of Object.entries(PAGES)) {
    await page.goto(weir.url + path);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overflow, name).toBeLessThanOrEqual(0);
  }
  await page.close();
});

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
