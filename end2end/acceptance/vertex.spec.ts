// Vertex AI through the pages: its form in both credential modes, what is wrong beside its field, what was saved in the
// form again, the upstream's models, a test that passes, and no value of a secret ever back. With JavaScript and without.
import { expect, type Page, test } from "@playwright/test";
import { beginProvider, choose, fill, firstAdmin, signIn } from "../support/console.ts";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
/** The key of the stand-in's service account, as Google hands it out: in many lines. */
let key: string;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  key = await (await fetch(`${weir.upstream}/standin/service-account.json`)).text();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await weir.api("PUT", "/api/v1/secrets/VERTEX_KEY", { value: JSON.stringify(JSON.parse(key), undefined, 2) });
  await weir.api("PUT", "/api/v1/secrets/OTHER", { value: "no-key-at-all" });
  await page.close();
});
test.afterAll(async () => {
  await weir.stop();
});
test.beforeEach(async ({ page }) => {
  await signIn(page, weir);
});

const field = (page: Page, name: string) => page.locator(`[name="${name}"]`);
const create = (page: Page) => page.getByRole("button", { name: "Create provider" }).click();

/** The field is wrong and says so in these words beside it. */
async function isWrong(page: Page, name: string, words: string | RegExp) {
  await expect(field(page, name)).toHaveAttribute("aria-invalid", "true");
  const about = await field(page, name).getAttribute("aria-describedby");
  await expect(page.locator(`[id="${about!.split(" ")[0]}"]`)).toContainText(words);
}

test("a credential mode shows its own field, and what is wrong stands beside it", async ({ page }) => {
  await beginProvider(page, weir, "Wrong", "vertex_ai");
  await expect(field(page, "vertex_ai.service_account.key")).toBeHidden();
  await choose(page, "vertex_ai.mode", "service_account");
  await choose(page, "vertex_ai.service_account.key_from", "existing");
  await expect(field(page, "vertex_ai.service_account.key")).toBeVisible();
  await fill(page, { "vertex_ai.project": "My Project", "vertex_ai.location": "Iowa", "vertex_ai.service_account.key": "NOT_THERE" });
  await create(page);
  await isWrong(page, "vertex_ai.project", "Write the id of a Google Cloud project");
  await isWrong(page, "vertex_ai.location", "Write a location of Vertex AI");
  await isWrong(page, "vertex_ai.service_account.key", "There is no secret NOT_THERE");
  await fill(page, { "vertex_ai.project": "my-project", "vertex_ai.location": "us-central1", "vertex_ai.service_account.key": "OTHER" });
  await create(page);
  await isWrong(page, "vertex_ai.service_account.key", "does not hold the key of a service account");
  expect(await page.content()).not.toContain("no-key-at-all");
});

test("a service account: made, shown, its models fetched, tested, in the form again", async ({ page }) => {
  await beginProvider(page, weir, "Service account", "vertex_ai");
  await choose(page, "vertex_ai.mode", "service_account");
  await choose(page, "vertex_ai.service_account.key_from", "existing");
  await fill(page, {
    "vertex_ai.project": "my-project", "vertex_ai.location": "us-central1", "vertex_ai.base_url": weir.upstream,
    "vertex_ai.service_account.key": "VERTEX_KEY",
  });
  await page.getByRole("button", { name: "Fetch from upstream" }).click();
  await expect(page.locator('#models-found input[name="pick"][value="claude-opus-5"]')).toBeVisible();
  await create(page);
  await expect(page).toHaveURL(/\/providers\/service-account/);
  for (const text of ["Service account", "VERTEX_KEY", "my-project", "us-central1"]) {
    await expect(page.locator(".kv").getByText(text, { exact: true }).first()).toBeVisible();
  }
  for (const model of ["gemini-2.5-flash", "claude-opus-5"]) {
    await field(page, "model").fill(model);
    await page.getByRole("button", { name: /^Test (connection|again)$/ }).click();
    await expect(page.getByText(/^Passed in/)).toBeVisible();
    await expect(page.getByText("Credentials found: passed")).toBeVisible();
  }
  expect(await page.content()).not.toContain("PRIVATE KEY");
  await page.goto(`${weir.url}/providers/service-account/edit`);
  await expect(field(page, "vertex_ai.project")).toHaveValue("my-project");
  await expect(field(page, "vertex_ai.location")).toHaveValue("us-central1");
  await expect(field(page, "vertex_ai.mode").and(page.locator("[value=service_account]"))).toBeChecked();
  await expect(field(page, "vertex_ai.service_account.key")).toHaveValue("VERTEX_KEY");
});

test("a new key is saved with the provider and never comes back", async ({ page }) => {
  await beginProvider(page, weir, "New key", "vertex_ai");
  await choose(page, "vertex_ai.mode", "service_account");
  await choose(page, "vertex_ai.service_account.key_from", "new");
  await fill(page, {
    "vertex_ai.project": "my-project", "vertex_ai.location": "global",
    "vertex_ai.service_account.new_key": "NEW_KEY", "vertex_ai.service_account.new_value": JSON.stringify(JSON.parse(key)),
  });
  await create(page);
  await expect(page).toHaveURL(/\/providers\/new-key/);
  await expect(page.locator(".kv").getByText("https://aiplatform.googleapis.com")).toBeVisible();
  await page.goto(`${weir.url}/providers/new-key/edit`);
  await expect(field(page, "vertex_ai.service_account.key")).toHaveValue("NEW_KEY");
  expect(await page.content()).not.toContain("PRIVATE KEY");
});

test("a machine without credentials is told what to do", async ({ page }) => {
  await beginProvider(page, weir, "No credentials", "vertex_ai");
  await fill(page, { "vertex_ai.project": "my-project", "vertex_ai.location": "global", "vertex_ai.base_url": weir.upstream });
  await create(page);
  await expect(page).toHaveURL(/\/providers\/no-credentials/);
  await field(page, "model").fill("gemini-2.5-flash");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("Failed at 1 of 7")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("gives Google credentials")).toBeVisible();
});
