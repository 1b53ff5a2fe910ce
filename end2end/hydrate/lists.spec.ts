// Lists where script runs: the keyboard keeps its place when a list changes, a list that takes long says so, and acts on
// a row or on a message leave one where one was.
import { expect, type Page, test } from "@playwright/test";
import { firstAdmin, signIn } from "../support/console.ts";
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
const toast = (page: Page) => page.locator(".toast");

for (const path of ["/audit", "/calls", "/settings/catalog?kind=openai"])
  test(`a row that opens keeps the focus: ${path}`, async ({ page }) => {
    await open(page, path);
    const row = page.locator("a.rowbtn").nth(2);
    await row.focus();
    await page.keyboard.press("Enter");
    await expect(row).toHaveAttribute("aria-expanded", "true");
    await expect(row).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(row).toHaveAttribute("aria-expanded", "false");
    await expect(row).toBeFocused();
  });

test("sorting, paging, and filtering by keyboard keep the focus", async ({ page }) => {
  await open(page, "/providers");
  const head = page.getByRole("columnheader", { name: "Updated" });
  await head.getByRole("link").focus();
  for (const order of ["descending", "ascending"]) {
    await page.keyboard.press("Enter");
    await expect(head).toHaveAttribute("aria-sort", order);
    await expect(head.getByRole("link")).toBeFocused();
  }
  const ten = page.getByRole("navigation", { name: "Rows per page" }).getByRole("link", { name: "10", exact: true });
  await ten.focus();
  await page.keyboard.press("Enter");
  await expect(ten).toHaveAttribute("aria-current", "true");
  await expect(ten).toBeFocused();

  const add = page.getByRole("button", { name: "Type", exact: true });
  await add.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("group", { name: "Filter by Type" }).getByLabel("Anthropic", { exact: true }).check();
  await page.getByRole("group", { name: "Filter by Type" }).getByRole("button", { name: "Apply" }).focus();
  await page.keyboard.press("Enter");
  const remove = page.getByRole("link", { name: "Remove the filter Type Anthropic" });
  await expect(remove).toBeVisible();
  await expect(add).toBeFocused();

  // What had the focus is gone for good.
  await remove.focus();
  await page.keyboard.press("Enter");
  await expect(remove).toHaveCount(0);
  await expect(add).toBeFocused();
});

test("the last page has no next one: the focus stays in the list", async ({ page }) => {
  await open(page, "/calls?rows=25");
  const older = page.getByRole("link", { name: "Older" });
  await older.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("further back")).toBeVisible();
  await expect(page.locator("#list-card :focus")).toHaveCount(1);
});

test("a list that takes long says so, one that comes does not", async ({ page }) => {
  await open(page, "/providers");
  let go: (() => void) | undefined;
  await page.route("**/providers?sort=*", async (route) => {
    await new Promise<void>((answer) => (go = answer));
    await route.continue();
  });
  await page.getByRole("columnheader", { name: "Updated" }).getByRole("link").click();
  const card = page.locator("#list-card");
  await expect(card).toHaveAttribute("aria-busy", "true");
  const animation = () => card.evaluate((element) => getComputedStyle(element, "::before").animationName);
  expect(await animation()).toBe("sweep");
  await page.emulateMedia({ reducedMotion: "reduce" });
  expect(await animation()).toBe("none");
  go!();
  await expect(page.getByRole("columnheader", { name: "Updated" })).toHaveAttribute("aria-sort", /./);
  await expect(page.locator("[aria-busy]")).toHaveCount(0);
});

test("after Undo by keyboard the focus is at the new message", async ({ page }) => {
  await open(page, "/providers?q=gemini");
  await page.getByRole("button", { name: "More for Gemini main" }).click();
  await page.locator(".panel:popover-open").getByRole("button", { name: "Disable" }).click();
  await expect(toast(page)).toContainText("Gemini main is disabled");
  await toast(page).getByRole("button", { name: "Undo" }).focus();
  await page.keyboard.press("Enter");
  await expect(toast(page)).toContainText("Gemini main is enabled");
  await expect(toast(page).getByRole("button", { name: "Close this message" })).toBeFocused();
});

test("Undo leaves the list as it was narrowed since", async ({ page }) => {
  await open(page, "/providers");
  await page.getByRole("button", { name: "More for Gemini main" }).click();
  await page.locator(".panel:popover-open").getByRole("button", { name: "Disable" }).click();
  await expect(toast(page)).toContainText("Gemini main is disabled");
  await page.getByLabel("Name or resource id").fill("gemini");
  await expect(page.locator("tbody a.name")).toHaveCount(1);
  await expect(page).toHaveURL(/q=gemini/);
  await toast(page).getByRole("button", { name: "Undo" }).click();
  await expect(toast(page)).toContainText("Gemini main is enabled");
  await expect(page.locator("#status-gemini-main")).toHaveText("Active");
  await expect(page.locator("tbody a.name")).toHaveText(["Gemini main"]);
  await expect(page).toHaveURL(/q=gemini/);
});

test("a one-time link is shown, and an act that leads elsewhere is followed there", async ({ page }) => {
  await open(page, "/settings/people");
  await page.getByRole("button", { name: "More for Eve Okafor" }).click();
  await page.getByRole("button", { name: "Make a one-time link" }).click();
  await page.getByRole("button", { name: "Make the link" }).click();
  await expect(page.locator("#link")).toContainText("link=");

  await open(page, "/settings/people");
  await page.route("**/disable", (route) => route.fulfill({ contentType: "text/html", body: "<h1>Another page</h1>" }));
  await page.getByRole("button", { name: "More for Eve Okafor" }).click();
  await page.locator(".panel:popover-open").getByRole("button", { name: "Disable" }).click();
  await page.waitForURL(/\/disable$/);
});
