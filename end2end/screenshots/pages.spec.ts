// A picture of every page and of what forms answer, light and dark, wide and narrow, into this folder (not kept in git), for people to look at:
// `make screenshots`.
import { type Browser, expect, type Page, test } from "@playwright/test";
import { firstAdmin, signIn } from "../support/console.ts";
import { pages, seed } from "../support/seed.ts";
import { prepare, reach, STATES } from "../support/states.ts";
import { startWeir, type Weir } from "../support/weir.ts";

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

for (const width of [1440, 390]) {
  for (const colorScheme of ["light", "dark"] as const) {
    const picture = async (page: Page, name: string) => {
      const taken = await page.screenshot({ path: `screenshots/${name}-${width}-${colorScheme}.png`, fullPage: true });
      expect(taken.length, name).toBeGreaterThan(5_000);
    };
    const open = (browser: Browser) => browser.newPage({ colorScheme, viewport: { width, height: 900 } });

    test(`pages at ${width} in ${colorScheme}`, async ({ browser }) => {
      test.setTimeout(30_000 + 5_000 * Object.keys(all).length);
      const page = await open(browser);
      await signIn(page, weir);
      for (const [name, path] of Object.entries(all)) {
        await page.goto(weir.url + path, { waitUntil: "networkidle" });
        expect(page.url(), name).toBe(weir.url + path);
        await picture(page, name);
      }
      await page.close();
    });

    test(`what forms answer at ${width} in ${colorScheme}`, async ({ browser }) => {
      test.setTimeout(30_000 + 10_000 * Object.keys(STATES).length);
      const page = await open(browser);
      for (const state of Object.keys(STATES)) {
        await reach(page, weir, state);
        await picture(page, state);
      }
      await page.close();
    });
  }
}
