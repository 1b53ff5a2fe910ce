// The charts of Cost & Usage as they are drawn: what is told of a bar is what stands in the table, by pointer and by keys;
// colours follow light and dark; on paper the tables stand open.
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
  await expect(page.locator("figure.chart:not([data-drawn])")).toHaveCount(0);
}

const plot = (page: Page, place = 0) => page.locator("figure.chart .plot").nth(place);

/** The words of a row of a chart's table: its head, its total, and what is not nothing. */
async function row(page: Page, chart: string, place: number, sign = "") {
  const names = await page.locator(`#${chart}-table thead th`).allTextContents();
  const cells = await page.locator(`#${chart}-table tbody tr`).nth(place).locator("th, td").allTextContents();
  const parts = names.slice(1, -1).map((name, at) => [name, cells[at + 1]]).filter(([, figure]) => /[1-9]/.test(figure));
  return `${cells[0]}: ${sign}${cells.at(-1)}. ${parts.map(([name, figure]) => `${name} ${sign}${figure}`).join(", ")}`;
}

test("keys move from bar to bar and tell what the table says", async ({ page }) => {
  const complaints = watch(page);
  await open(page, "/usage?range=7d");
  const reading = page.locator("figure.chart .reading").first();
  await plot(page).focus();
  await page.keyboard.press("End");
  await expect(reading).toHaveText(await row(page, "spend", 6, "$"));
  const first = await page.locator("#spend-table tbody th").first().textContent();
  await page.keyboard.press("Home");
  await expect(reading).toContainText(`${first}: $0.`);
  await page.keyboard.press("ArrowLeft");
  await expect(reading).toContainText(`${first}: $0.`);
  await page.keyboard.press("ArrowRight");
  await expect(reading).toContainText((await page.locator("#spend-table tbody th").nth(1).textContent())!);
  await page.keyboard.press("Escape");
  await expect(reading).toHaveText("");
  await expect(plot(page)).toBeFocused();
  await page.keyboard.press("ArrowLeft");
  await expect(reading).toHaveText(await row(page, "spend", 6, "$"));
  await plot(page, 2).focus();
  await page.keyboard.press("End");
  await expect(page.locator("figure.chart .reading").nth(2)).toHaveText(await row(page, "tokens", 6));
  expect(complaints).toEqual([]);
});

test("the pointer tells the same, series by series", async ({ page }) => {
  await open(page, "/usage?range=7d&group_by=model");
  const box = (await plot(page).boundingBox())!;
  await page.mouse.move(box.x + box.width - 60, box.y + box.height - 60);
  const tip = page.locator(".tip:visible");
  await expect(tip).toBeVisible();
  const cells = await page.locator("#spend-table tbody tr").last().locator("td").allTextContents();
  await expect(tip.locator(".h .n")).toHaveText(`$${cells.at(-1)}`);
  expect(await tip.locator(".r .n").allTextContents()).toEqual(cells.slice(0, -1).map((cell) => `$${cell}`));
  const names = await page.locator("#spend-table thead th").allTextContents();
  expect(await tip.locator(".r .cut").allTextContents()).toEqual(names.slice(1, -1));
});

/** The colours that a canvas shows. */
const painted = (page: Page) =>
  page.locator("figure.chart canvas").first().evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
    const seen = new Map<string, number>();
    for (let at = 0; at < data.length; at += 4)
      if (data[at + 3] === 255) {
        const colour = `${data[at]} ${data[at + 1]} ${data[at + 2]}`;
        seen.set(colour, (seen.get(colour) ?? 0) + 1);
      }
    return [...seen].filter(([, count]) => count > 200).map(([colour]) => colour);
  });

test("bars have the colours of their swatches, in light and in dark", async ({ page }) => {
  await open(page, "/usage?range=7d&group_by=none");
  const swatch = () =>
    page.locator("figure.chart .swatch").first().evaluate((element) => getComputedStyle(element).backgroundColor.match(/\d+/g)!.slice(0, 3).join(" "));
  const light = await swatch();
  expect(await painted(page)).toContain(light);
  await page.getByRole("button", { name: "Dark" }).click();
  await expect.poll(swatch).not.toBe(light);
  const dark = await swatch();
  await expect.poll(() => painted(page)).toContain(dark);
  expect(await painted(page)).not.toContain(light);
  await page.getByRole("button", { name: "Light" }).click();
  await expect.poll(() => painted(page)).toContain(light);
});

test("another grouping is drawn in place, without the page beginning anew", async ({ page }) => {
  await open(page, "/usage");
  await page.evaluate(() => (document.documentElement.dataset.same = "page"));
  await page.getByRole("link", { name: "Token type", exact: true }).click();
  await expect(page).toHaveURL(/group_by=token_type/);
  await expect(page.locator("figure.chart[data-drawn] canvas")).toHaveCount(2);
  await page.goBack();
  await expect(page.locator("figure.chart[data-drawn] canvas")).toHaveCount(3);
  await expect(page.locator("html[data-same=page]")).toHaveCount(1);
});

test("on paper the tables stand open, without what leads elsewhere", async ({ page }) => {
  await open(page, "/usage?group_by=model");
  await page.emulateMedia({ media: "print" });
  for (const title of ["Spend", "Requests", "Tokens"]) await expect(page.getByRole("region", { name: `${title} as a table` })).toBeVisible();
  await expect(page.getByRole("navigation", { name: "Main" })).toBeHidden();
  await expect(page.getByRole("link", { name: "Spend as CSV" })).toBeHidden();
  await expect(page.locator("figure.chart canvas").first()).toBeVisible();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
  expect((await page.screenshot({ path: "screenshots/usage-print.png", fullPage: true })).length).toBeGreaterThan(5_000);
});

test("g u leads to the page", async ({ page }) => {
  await page.goto(`${weir.url}/providers`, { waitUntil: "networkidle" });
  await page.keyboard.press("g");
  await page.keyboard.press("u");
  await expect(page).toHaveURL(/\/usage$/);
});
