// Forms keep what was typed, say what is wrong beside the field, and dangerous acts ask first.
import { expect, test } from "@playwright/test";
import { choose, createProvider, createSecret, createToken, firstAdmin, PERSON, signIn } from "../support/console.ts";
import { startWeir, UPSTREAM_KEY, type Weir } from "../support/weir.ts";

let weir: Weir;
test.beforeAll(async () => {
  weir = await startWeir();
});
test.afterAll(async () => {
  await weir.stop();
});

test.describe.configure({ mode: "serial" });

test("nothing is open before there is an admin, and nothing to strangers after", async ({ page }) => {
  for (const path of ["/", "/providers", "/secrets", "/calls", "/sign-in"]) {
    await page.goto(weir.url + path);
    await expect(page.getByText("weir admin link")).toBeVisible();
  }
  await page.goto(weir.firstLink);
  await page.getByLabel("Your name").fill(PERSON);
  await page.getByLabel("Password", { exact: true }).fill("short");
  await page.getByRole("button", { name: "Create admin and sign in" }).click();
  await expect(page.getByLabel("Your name")).toHaveValue(PERSON);
  await expect(page.getByLabel("Password", { exact: true })).toHaveAttribute("aria-invalid", "true");
  await expect(page.getByLabel("Password", { exact: true })).toHaveValue("");
  await firstAdmin(page, weir);

  await page.context().clearCookies();
  await page.goto(weir.firstLink);
  await expect(page.getByText("used before")).toBeVisible();
  const answer = await page.goto(`${weir.url}/providers`);
  expect(new URL(page.url()).pathname).toBe("/sign-in");
  expect(answer!.headers()["content-security-policy"]).toContain("'wasm-unsafe-eval'");
  expect(answer!.headers()["content-security-policy"]).not.toContain("unsafe-inline");
});

test("a wrong password is told without saying which half was wrong, and signing out ends it", async ({ page }) => {
  await page.goto(`${weir.url}/sign-in`);
  await page.getByLabel("Name", { exact: true }).fill(PERSON);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.request().method() === "POST"),
    page.getByRole("button", { name: "Sign in" }).click(),
  ]);
  expect(answer.status()).toBe(422);
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue(PERSON);
  await signIn(page, weir);
  await expect(page.getByRole("heading", { level: 1, name: "LLM Providers" })).toBeVisible();
  await page.locator("summary").filter({ hasText: PERSON }).click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.goto(`${weir.url}/providers`);
  expect(new URL(page.url()).pathname).toBe("/sign-in");
});

test("secrets: names are checked, values are never shown", async ({ page }) => {
  await signIn(page, weir);
  await page.goto(`${weir.url}/new-secret`);
  await page.getByLabel("Name", { exact: true }).fill("lower_case");
  await page.getByLabel("Value").fill(UPSTREAM_KEY);
  await page.getByRole("button", { name: "Create secret" }).click();
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("lower_case");
  await expect(page.getByLabel("Name", { exact: true })).toHaveAttribute("aria-invalid", "true");
  expect(await page.content()).not.toContain(UPSTREAM_KEY);
  await createSecret(page, weir, "UPSTREAM_KEY");
  expect(await page.content()).not.toContain(UPSTREAM_KEY);
});

test("providers: every error at once, nothing typed is lost, and the page shows what was made", async ({ page }) => {
  await signIn(page, weir);
  await page.goto(`${weir.url}/new-provider`);
  await page.getByLabel("Display name").first().fill("Groq trial");
  await choose(page, "type", "openai_compatible");
  await page.locator('[name="openai_compatible.base_url"]').fill("not an address");
  await page.getByRole("button", { name: "Create provider" }).click();
  await expect(page.getByLabel("Display name").first()).toHaveValue("Groq trial");
  const address = page.locator('[name="openai_compatible.base_url"]');
  await expect(address).toHaveValue("not an address");
  await expect(address).toHaveAttribute("aria-invalid", "true");
  await address.fill(`${weir.upstream}/v1`);
  await page.getByRole("button", { name: "Create provider" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Groq trial" })).toBeVisible();
  await expect(page.getByText("/llm/v1/providers/groq-trial").first()).toBeVisible();

  await createProvider(page, weir, { name: "OpenAI main", type: "openai", baseUrl: `${weir.upstream}/v1`, secret: "UPSTREAM_KEY" });
  await page.goto(`${weir.url}/providers?q=groq`);
  await expect(page.getByText("Groq trial").first()).toBeVisible();
  await expect(page.getByText("OpenAI main")).toHaveCount(0);
  await page.goto(`${weir.url}/providers?q=nothing-like-it`);
  await expect(page.getByText("Groq trial")).toHaveCount(0);
});

test("a secret that a provider uses stays, one that none uses is deleted by its name", async ({ page }) => {
  await signIn(page, weir);
  await page.goto(`${weir.url}/secrets/UPSTREAM_KEY`);
  await expect(page.getByText("It can be deleted once no provider refers to it any more.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Delete secret" })).toHaveCount(0);
  // As from a page that was opened before a provider referred to it.
  const refused = await page.request.post(`${weir.url}/secrets/UPSTREAM_KEY/delete`, {
    form: { confirm: "UPSTREAM_KEY" },
    headers: { origin: weir.url },
  });
  expect(refused.status()).toBe(409);
  expect(await refused.text()).toContain("It is in use, so it was not deleted.");
  await page.goto(`${weir.url}/secrets`);
  await expect(page.getByRole("link", { name: "UPSTREAM_KEY", exact: true })).toBeVisible();

  await createSecret(page, weir, "UNUSED_KEY");
  await page.goto(`${weir.url}/secrets/UNUSED_KEY`);
  const confirm = page.locator("[name=confirm]");
  await confirm.fill("UNUSED");
  await page.getByRole("button", { name: "Delete secret" }).click();
  await expect(confirm).toHaveAttribute("aria-invalid", "true");
  await confirm.fill("UNUSED_KEY");
  await page.getByRole("button", { name: "Delete secret" }).click();
  await expect(page.getByText("UNUSED_KEY is deleted")).toBeVisible();
  await expect(page.getByRole("link", { name: "UNUSED_KEY", exact: true })).toHaveCount(0);
});

test("tokens are shown once and can be revoked", async ({ page }) => {
  await signIn(page, weir);
  const token = await createToken(page, weir, "ci");
  await page.goto(`${weir.url}/tokens`);
  await expect(page.getByText("ci", { exact: true }).first()).toBeVisible();
  expect(await page.content()).not.toContain(token);

  const called = async () => {
    const answer = await fetch(`${weir.url}/llm/v1/providers/openai-main/models`, { headers: { authorization: `Bearer ${token}` } });
    await answer.text();
    return answer.status;
  };
  expect(await called()).toBe(200);
  await page.getByRole("link", { name: "ci", exact: true }).click();
  const confirm = page.locator("[name=confirm]");
  await confirm.fill("not ci");
  await page.getByRole("button", { name: "Revoke token" }).click();
  await expect(confirm).toHaveAttribute("aria-invalid", "true");
  expect(await called()).toBe(200);
  await confirm.fill("ci");
  await page.getByRole("button", { name: "Revoke token" }).click();
  await expect(page.getByText("ci is revoked")).toBeVisible();
  await expect(page.getByRole("link", { name: "ci", exact: true })).toHaveCount(0);
  expect(await called()).toBe(401);
});
