// The form of a provider: two people at once, what is wrong beside its field, nothing lost. With JavaScript and without.
import { expect, type Page, test } from "@playwright/test";
import { beginProvider, choose, createSecret, fill, firstAdmin, signIn } from "../support/console.ts";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await createSecret(page, weir, "UPSTREAM_KEY");
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
const save = (page: Page) => page.getByRole("button", { name: "Save changes" }).click();

/** A provider of one's own, made through the REST API; its id. */
async function made(name: string, more: object = {}): Promise<string> {
  const { id } = await weir.api("POST", "/api/v1/providers", {
    display_name: name, type: "openai", api_key: "UPSTREAM_KEY", models: [{ id: "gpt-5-mini" }, { id: "gpt-5.6" }], ...more,
  });
  return id;
}

const edit = (page: Page, id: string) => page.goto(`${weir.url}/providers/${id}/edit`, { waitUntil: "networkidle" });

test("the second of two is told, with both versions, and chooses", async ({ page }) => {
  const id = await made("Shared");
  await edit(page, id);
  await fill(page, { display_name: "Mine", "openai.organization": "org-mine" });
  await weir.api("PATCH", `/api/v1/providers/${id}`, { display_name: "Theirs", project: "proj_theirs", models: [{ id: "gpt-5-mini", rates: { input: "9" } }] });
  await save(page);
  await expect(page.getByRole("heading", { level: 1, name: "Somebody else changed this provider" })).toBeVisible();
  const row = (name: string) => page.getByRole("row").filter({ has: page.getByRole("rowheader", { name }) });
  await expect(row("Display name")).toContainText("Shared");
  await expect(row("Display name")).toContainText("Theirs");
  await expect(row("Display name")).toContainText("Mine");
  await expect(row("Display name").getByRole("radio", { checked: true })).toHaveCount(0);
  await expect(row("Organization").getByRole("radio", { name: "Take mine" })).toBeChecked();
  await expect(row("Project").getByRole("radio", { name: "Keep theirs" })).toBeChecked();
  await expect(row("Model gpt-5-mini")).toContainText("$9.00");
  await expect(row("Model gpt-5.6").getByRole("radio", { name: "Keep theirs" })).toBeChecked();
  await expect(page.getByRole("row")).toHaveCount(6);
  await page.getByRole("button", { name: "Save with these choices" }).click();
  await expect(page.getByText("Choose one of the two.")).toBeVisible();
  await expect(row("Display name").getByRole("radio", { name: "Keep theirs" })).toBeFocused();

  await page.getByRole("button", { name: "Back to the form" }).click();
  await expect(field(page, "display_name")).toHaveValue("Mine");
  await expect(field(page, "openai.organization")).toHaveValue("org-mine");
  await save(page);
  await row("Display name").getByRole("radio", { name: "Take mine" }).check();
  await row("Project").getByRole("radio", { name: "Take mine" }).check();
  await page.getByRole("button", { name: "Save with these choices" }).click();
  await expect(page.getByText("Mine is saved")).toBeVisible();
  const now = await weir.api("GET", `/api/v1/providers/${id}`);
  expect(now).toMatchObject({ display_name: "Mine", organization: "org-mine", models: [{ id: "gpt-5-mini", rates: { input: "9" } }] });
  expect(now.project).toBeUndefined();
});

test("what is switched off meanwhile stays so, and asks nothing", async ({ page }) => {
  const id = await made("Switched");
  await edit(page, id);
  await fill(page, { "openai.project": "proj_1" });
  await weir.api("PATCH", `/api/v1/providers/${id}`, { enabled: false });
  await save(page);
  await expect(page.getByText("Switched is saved")).toBeVisible();
  expect(await weir.api("GET", `/api/v1/providers/${id}`)).toMatchObject({ enabled: false, project: "proj_1" });
});

test("what is deleted meanwhile can be made anew", async ({ page }) => {
  const id = await made("Deleted");
  await edit(page, id);
  await fill(page, { "openai.organization": "org-kept", "model_name.gpt-5.6": "Big" });
  await weir.api("DELETE", `/api/v1/providers/${id}`);
  await save(page);
  await expect(page.getByText("Admin token deleted this provider")).toBeVisible();
  await expect(field(page, "openai.organization")).toHaveValue("org-kept");
  await expect(field(page, "model_name.gpt-5.6")).toHaveValue("Big");
  await create(page);
  await expect(page.getByRole("heading", { level: 1, name: "Deleted" })).toBeVisible();
  const { items } = await weir.api("GET", "/api/v1/providers?limit=200");
  expect(items.filter((item: any) => item.organization === "org-kept")).toHaveLength(1);
});

test("a pricing dialog opens by its address", async ({ page }) => {
  const id = await made("Priced");
  await page.goto(`${weir.url}/providers/${id}/edit?price=gpt-5.6`, { waitUntil: "networkidle" });
  const dialog = page.getByRole("dialog", { name: "Override pricing" });
  await expect(dialog).toBeVisible();
  await expect(dialog).toContainText("gpt-5.6");
  for (const bucket of ["input", "output", "cached_input", "cache_write_30m", "cache_write_12h"])
    await expect(dialog.locator(`[name="rate.${bucket}.gpt-5.6"]`)).toBeVisible();
  await dialog.locator('[name="rate.input.gpt-5.6"]').fill("1.25");
  await dialog.getByRole("button", { name: "Done" }).click();
  await expect(dialog).toBeHidden();
  await expect(page.locator("#models-selected")).toContainText("1.25");
  await save(page);
  await expect(page.getByText("Priced is saved")).toBeVisible();
  expect((await weir.api("GET", `/api/v1/providers/${id}`)).models[1]).toEqual({ id: "gpt-5.6", rates: { input: "1.25" } });
});

test("a wrong rate is in sight, with its dialog open", async ({ page }) => {
  await beginProvider(page, weir, "Wrong rate", "openai");
  await fill(page, { "openai.key": "UPSTREAM_KEY", q: "my-own" });
  await page.getByRole("button", { name: "Add this id" }).click();
  await page.getByRole("button", { name: "Override pricing of my-own" }).click();
  await field(page, "rate.output.my-own").fill("2,50");
  await page.getByRole("button", { name: "Done" }).click();
  await create(page);
  await expect(field(page, "rate.output.my-own")).toBeVisible();
  await expect(field(page, "rate.output.my-own")).toBeFocused();
  await expect(page.getByText("Write a plain decimal number of US dollars")).toBeVisible();
});

test("what is wrong stands beside its field, the first has the focus, and the rest stays", async ({ page }) => {
  await beginProvider(page, weir, "Everything wrong", "openai");
  await fill(page, {
    id: "Not An Id", "openai.base_url": "nonsense", "openai.key": "GONE", "openai.organization": "o p", "openai.project": "proj_ok",
  });
  await page.getByLabel("Record inputs").check();
  await create(page);
  await expect(field(page, "id")).toBeFocused();
  for (const [name, words] of [
    ["id", "Use lower-case letters, digits and hyphens"], ["openai.base_url", "Write a whole address"],
    ["openai.key", "There is no secret GONE"], ["openai.organization", "It is sent as a header"],
  ]) {
    await expect(field(page, name)).toHaveAttribute("aria-invalid", "true");
    await expect(field(page, name)).toHaveAccessibleDescription(new RegExp(words));
  }
  await expect(field(page, "openai.project")).toHaveValue("proj_ok");
  await expect(page.getByLabel("Record inputs")).toBeChecked();
  await expect(page.getByLabel("Record outputs")).not.toBeChecked();
});

test("switching the type keeps what was typed", async ({ page }) => {
  await beginProvider(page, weir, "Switcher", "openai");
  await fill(page, { "openai.base_url": "https://a.example/v1", "openai.organization": "org-1" });
  await choose(page, "type", "anthropic");
  await expect(field(page, "openai.organization")).toBeHidden();
  await fill(page, { "anthropic.base_url": "https://b.example" });
  await page.getByLabel("Authorization passthrough").check();
  await choose(page, "type", "openai");
  await expect(field(page, "openai.base_url")).toHaveValue("https://a.example/v1");
  await create(page);
  await expect(field(page, "openai.key")).toHaveAttribute("aria-invalid", "true");
  await expect(field(page, "openai.organization")).toHaveValue("org-1");
  await choose(page, "type", "anthropic");
  await expect(field(page, "anthropic.base_url")).toHaveValue("https://b.example");
  await expect(page.getByLabel("Authorization passthrough")).toBeChecked();
  await create(page);
  await expect(page.getByRole("heading", { level: 1, name: "Switcher" })).toBeVisible();
});

test("a session that ended meanwhile loses nothing", async ({ page, javaScriptEnabled }) => {
  await beginProvider(page, weir, "Patient", "openai");
  await fill(page, { "openai.key": "UPSTREAM_KEY", "openai.project": "proj_kept" });
  await page.context().clearCookies();
  await create(page);
  await expect(page.getByText(javaScriptEnabled ? "You are signed out, so nothing was sent" : "What you typed is kept on this page")).toBeVisible();
  const other = await page.context().newPage();
  await signIn(other, weir);
  await expect(other.getByRole("heading", { level: 1, name: "LLM Providers" })).toBeVisible();
  if (javaScriptEnabled) {
    await expect(field(page, "openai.project")).toHaveValue("proj_kept");
    await create(page);
  } else {
    await page.getByRole("button", { name: "Send again" }).click();
  }
  await expect(page.getByRole("heading", { level: 1, name: "Patient" })).toBeVisible();
  expect(await weir.api("GET", "/api/v1/providers/patient")).toMatchObject({ project: "proj_kept" });
});

test("name and type must be set, and the Summary says so", async ({ page, javaScriptEnabled }) => {
  await page.goto(`${weir.url}/new-provider`, { waitUntil: "networkidle" });
  const summary = page.getByRole("complementary", { name: "Summary" });
  await expect(summary.getByRole("listitem").filter({ hasText: "Name" })).toContainText("Still missing");
  const button = page.getByRole("button", { name: "Create provider" });
  if (javaScriptEnabled) {
    await expect(button).toBeDisabled();
    await fill(page, { display_name: "Summed" });
    await expect(button).toBeDisabled();
    await choose(page, "type", "google_ai");
    await expect(button).toBeEnabled();
    await expect(summary.getByRole("listitem").filter({ hasText: "Credentials" })).toContainText("Still missing: API key");
  } else {
    await button.click();
    await expect(field(page, "display_name")).toBeFocused();
    await expect(field(page, "display_name")).toHaveAccessibleDescription(/Give the provider a name/);
    await expect(page.getByText("Choose a provider type: openai")).toBeVisible();
  }
});
