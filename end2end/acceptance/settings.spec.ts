// Settings: people and their links, one's own API tokens, the time zone, the password. With JavaScript and without.
import { expect, type Page, test } from "@playwright/test";
import { firstAdmin, PASSWORD, PERSON, signIn } from "../support/console.ts";
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

/** Opens the menu of somebody's row and presses what stands there. */
async function act(page: Page, name: string, what: string) {
  await page.getByRole("button", { name: `More for ${name}` }).click();
  await page.getByRole("button", { name: what }).click();
}

/** Opens a one-time link in a page of its own and sets a password. */
async function setPassword(page: Page, link: string, name: string, password: string) {
  await page.goto(link);
  await expect(page.getByText(`You sign in as ${name}.`)).toBeVisible();
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Set password and sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "LLM Providers" })).toBeVisible();
}

test("a person is added, sets a password with the link, and is out as soon as they are disabled", async ({ browser, page }, { project }) => {
  const name = `Eve ${project.name}`;
  await signIn(page, weir);
  await page.getByRole("link", { name: "Settings" }).click();
  await page.getByRole("link", { name: "People" }).click();
  await page.getByRole("link", { name: "Add person" }).click();
  await page.getByLabel("Name", { exact: true }).fill(PERSON.toUpperCase());
  await page.getByRole("button", { name: "Add person" }).click();
  await expect(page.getByText("Somebody has this name already")).toBeVisible();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(PERSON.toUpperCase());
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Add person" }).click();
  const link = (await page.locator("#link").textContent())!;
  const done = page.getByRole("link", { name: "Done" });
  await expect(done).toBeHidden();
  await page.getByLabel("I copied it").check();
  await done.click();
  const row = page.getByRole("row").filter({ hasText: name });
  await expect(row).toContainText("No password yet");
  expect(await page.content()).not.toContain(new URL(link).searchParams.get("link"));

  const theirs = await (await browser.newContext({ javaScriptEnabled: project.use.javaScriptEnabled })).newPage();
  await setPassword(theirs, link, name, "the password of Eve, long enough");
  await theirs.goto(link);
  await expect(theirs.getByText("used before")).toBeVisible();
  await theirs.goto(`${weir.url}/settings/people`);
  await expect(theirs.getByRole("row").filter({ hasText: name })).toContainText("you");

  await page.reload();
  await expect(row).toContainText("Active");
  await act(page, name, "Disable");
  await expect(page.getByText(`${name} is disabled`)).toBeVisible();
  await theirs.goto(`${weir.url}/calls`);
  expect(new URL(theirs.url()).pathname).toBe("/sign-in");
  await theirs.getByLabel("Name", { exact: true }).fill(name);
  await theirs.getByLabel("Password", { exact: true }).fill("the password of Eve, long enough");
  await theirs.getByRole("button", { name: "Sign in" }).click();
  await expect(theirs.getByText("Name or password is wrong")).toBeVisible();

  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText(`${name} is enabled`)).toBeVisible();
  await act(page, name, "Make a one-time link");
  await page.getByRole("button", { name: "Make the link" }).click();
  const again = (await page.locator("#link").textContent())!;
  await setPassword(theirs, again, name, "another password of Eve, long too");
  await page.goto(`${weir.url}/settings/people?status=disabled`);
  await expect(page.getByText("Nothing matches")).toBeVisible();
  await theirs.context().close();
});

test("nobody is offered to disable themselves", async ({ page }) => {
  await signIn(page, weir);
  await page.goto(`${weir.url}/settings/people`);
  await page.getByRole("button", { name: `More for ${PERSON}` }).click();
  await expect(page.getByRole("button", { name: "Make a one-time link" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Disable" })).toHaveCount(0);
});

test("an API token of one's own opens the REST API until it is revoked", async ({ page }, { project }) => {
  const name = `laptop ${project.name}`;
  await signIn(page, weir);
  await page.goto(`${weir.url}/settings/api-tokens`);
  await page.getByRole("link", { name: "Create API token" }).first().click();
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("In 90 days").check();
  await page.getByRole("button", { name: "Create token" }).click();
  const shown = page.getByText(/^wra_[A-Za-z0-9_-]{43}$/);
  const token = (await shown.textContent())!.trim();
  const asked = async (method: string, path: string, body?: unknown) => {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    return fetch(weir.url + path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  };
  expect((await asked("GET", "/api/v1/providers")).status).toBe(200);
  const own = await (await asked("GET", "/api/v1/api-tokens")).json();
  expect(own.items.map((item: any) => item.name)).toEqual([name]);
  await expect.poll(async () => (await (await asked("GET", "/api/v1/api-tokens")).json()).items[0].last_used_at).not.toBeNull();

  await page.getByLabel("I saved it").check();
  await page.getByRole("link", { name: "Done" }).click();
  expect(await page.content()).not.toContain(token);
  await page.getByRole("link", { name, exact: true }).click();
  await page.locator("[name=confirm]").fill("another");
  await page.getByRole("button", { name: "Revoke token" }).click();
  await expect(page.locator("[name=confirm]")).toHaveAttribute("aria-invalid", "true");
  expect((await asked("GET", "/api/v1/providers")).status).toBe(200);
  await page.locator("[name=confirm]").fill(name);
  await page.getByRole("button", { name: "Revoke token" }).click();
  await expect(page.getByText(`${name} is revoked`)).toBeVisible();
  expect((await asked("GET", "/api/v1/providers")).status).toBe(401);
});

test("the time zone changes the times on Calls, and a wrong one is kept beside its error", async ({ page }) => {
  await weir.api("PATCH", "/api/v1/settings", { report_time_zone: "UTC" });
  await weir.api("PUT", "/api/v1/secrets/KEY", { value: "sk-wrong" });
  const known = (await weir.api("GET", "/api/v1/providers")).items.length > 0;
  const provider = { id: "main", display_name: "Main", type: "openai", base_url: `${weir.upstream}/v1`, api_key: "KEY" };
  if (!known) await weir.api("POST", "/api/v1/providers", provider);
  const { token } = await weir.api("POST", "/api/v1/tokens", { name: "zone" });
  await (await fetch(`${weir.url}/llm/v1/providers/main/models`, { headers: { authorization: `Bearer ${token}` } })).text();
  await expect.poll(async () => (await weir.api("GET", "/api/v1/calls")).items.length).toBeGreaterThan(0);

  await signIn(page, weir);
  await page.goto(`${weir.url}/calls`);
  const time = page.locator("table.ledger tbody time").first();
  const started = new Date((await time.getAttribute("datetime"))!);
  const clock = (minutes: number) => new Date(started.getTime() + minutes * 60_000).toISOString().slice(11, 19);
  await expect(time).toContainText(clock(0));
  await expect(page.getByRole("columnheader", { name: "Time, UTC", exact: true })).toBeVisible();

  await page.goto(`${weir.url}/settings`);
  const zone = page.getByLabel("Time zone");
  await zone.fill("Mars/Olympus");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(zone).toHaveValue("Mars/Olympus");
  await expect(zone).toHaveAttribute("aria-invalid", "true");
  await expect(zone).toBeFocused();
  await zone.fill("Asia/Kathmandu");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText("Times are told in Asia/Kathmandu")).toBeVisible();
  await expect(page.locator("#now")).toContainText("UTC+05:45");

  await page.goto(`${weir.url}/calls`);
  await expect(page.getByRole("columnheader", { name: "Time, UTC+05:45" })).toBeVisible();
  await expect(time).toContainText(clock(345));
  expect(await time.getAttribute("title")).toContain(`${clock(345)}`);
  await page.goto(`${weir.url}/providers`);
  await expect(page.locator("[title*='UTC+05:45']").first()).toBeAttached();
  await weir.api("PATCH", "/api/v1/settings", { report_time_zone: null });
});

test("the password is changed, and other sessions end", async ({ browser, page }, { project }) => {
  const name = `Carl ${project.name}`;
  const { link } = await weir.api("POST", "/api/v1/people", { name });
  await setPassword(page, link, name, PASSWORD);
  const other = await (await browser.newContext()).newPage();
  await other.goto(`${weir.url}/sign-in`);
  await other.getByLabel("Name", { exact: true }).fill(name);
  await other.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await other.getByRole("button", { name: "Sign in" }).click();
  await expect(other.getByRole("heading", { level: 1, name: "LLM Providers" })).toBeVisible();

  await page.goto(`${weir.url}/settings`);
  await page.getByRole("link", { name: "Password", exact: true }).click();
  const [current, next] = [page.locator("[name=current_password]"), page.locator("[name=new_password]")];
  const change = page.getByRole("button", { name: "Change password" });
  await current.fill("not my password");
  await next.fill("a new password that is long");
  await change.click();
  await expect(page.getByText("This is not your password.")).toBeVisible();
  await expect(current).toBeFocused();
  await current.fill(PASSWORD);
  await next.fill("short");
  await change.click();
  await expect(next).toHaveAttribute("aria-invalid", "true");
  await current.fill(PASSWORD);
  await next.fill("a new password that is long");
  await change.click();
  await expect(page.getByText("Password changed")).toBeVisible();
  await other.goto(`${weir.url}/calls`);
  expect(new URL(other.url()).pathname).toBe("/sign-in");
  await other.context().close();
});
