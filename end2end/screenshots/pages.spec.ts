// A picture of every page, light and dark, wide and narrow, into screenshots/ (not kept in git), for people to look at.
import { expect, test } from "@playwright/test";
import { firstAdmin, signIn } from "../support/console.ts";
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

for (const width of [1440, 390]) {
  for (const colorScheme of ["light", "dark"] as const) {
    test(`pages at ${width} in ${colorScheme}`, async ({ browser }) => {
      test.setTimeout(180_000);
      const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
      await page.goto(`${weir.url}/sign-in`);
      await page.screenshot({ path: `screenshots/sign-in-${width}-${colorScheme}.png` });
      await signIn(page, weir);
      for (const [name, path] of Object.entries(PAGES)) {
        await page.goto(weir.url + path, { waitUntil: "networkidle" });
        const picture = await page.screenshot({ path: `screenshots/${name}-${width}-${colorScheme}.png`, fullPage: true });
        expect(picture.length).toBeGreaterThan(5_000);
      }
      await page.close();
    });
  }
}
