// What a person does in the console, by the labels that a person reads.
import { expect, type Page } from "@playwright/test";
import { UPSTREAM_KEY, type Weir } from "./weir.ts";

export const PERSON = "Ada Lindqvist";
export const PASSWORD = "a password of the tests, long enough";

/** Opens the one-time link and makes the first admin. */
export async function firstAdmin(page: Page, weir: Weir) {
  await page.goto(weir.firstLink);
  await page.getByLabel("Your name").fill(PERSON);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Create admin and sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "LLM Providers" })).toBeVisible();
}

export async function signIn(page: Page, weir: Weir) {
  await page.goto(`${weir.url}/sign-in`);
  await page.getByLabel("Name", { exact: true }).fill(PERSON);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "LLM Providers" })).toBeVisible();
}

/** Stores the upstream's key as a secret. */
export async function createSecret(page: Page, weir: Weir, name: string) {
  await page.goto(`${weir.url}/new-secret`);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Value").fill(UPSTREAM_KEY);
  await page.getByRole("button", { name: "Create secret" }).click();
  await expect(page.getByText(name).first()).toBeVisible();
}

/** Creates a provider that refers to a secret which exists. */
export async function createProvider(page: Page, weir: Weir, provider: { name: string; type: string; baseUrl: string; secret: string }) {
  await page.goto(`${weir.url}/new-provider`);
  await page.getByLabel("Display name").first().fill(provider.name);
  await choose(page, "type", provider.type);
  await page.locator(`[name="${provider.type}.base_url"]`).fill(provider.baseUrl);
  await page.locator(`[name="${provider.type}.key"]`).fill(provider.secret);
  await page.getByRole("button", { name: "Create provider" }).click();
  await expect(page.getByRole("heading", { level: 1, name: provider.name })).toBeVisible();
}

/** Begins a new provider: its name and type. */
export async function beginProvider(page: Page, weir: Weir, name: string, type: string) {
  await page.goto(`${weir.url}/new-provider`, { waitUntil: "networkidle" });
  await page.getByLabel("Display name").first().fill(name);
  await choose(page, "type", type);
}

/** Fills in a field by its name in the form. */
export async function fill(page: Page, fields: Record<string, string>) {
  for (const [name, value] of Object.entries(fields)) await page.locator(`[name="${name}"]`).fill(value);
}

/** Chooses one of several by name and value. */
export async function choose(page: Page, name: string, value: string) {
  await page.locator(`[name="${name}"][value="${value}"]`).check();
}

/** Makes a gateway token and reads it from the one page that shows it. */
export async function createToken(page: Page, weir: Weir, name: string): Promise<string> {
  await page.goto(`${weir.url}/new-token`);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create token" }).click();
  const shown = page.getByText(/^wr_[A-Za-z0-9_-]{43}$/);
  await expect(shown).toBeVisible();
  return (await shown.textContent())!.trim();
}

/** Fails the test on anything that the browser complains about. */
export function watch(page: Page): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  return complaints;
}
