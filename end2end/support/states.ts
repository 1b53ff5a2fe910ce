// States of pages that no address has: what is answered to a form. Reached as a person reaches them.
import { expect, type Page } from "@playwright/test";
import { newerCatalog } from "./catalog.ts";
import { beginProvider, choose, createToken, fill, signIn } from "./console.ts";
import { UPSTREAM_KEY, type Weir } from "./weir.ts";

/** Makes what the states need and the seed has not: a provider whose key is wrong, an API token of the person. */
export async function prepare(page: Page, weir: Weir) {
  await weir.api("PUT", "/api/v1/secrets/WRONG_KEY", { value: `not ${UPSTREAM_KEY}` });
  await weir.api("POST", "/api/v1/providers", {
    id: "wrong-key", display_name: "Wrong key", type: "openai_compatible", base_url: `${weir.upstream}/v1`, api_key: "WRONG_KEY", models: [{ id: "gpt-5-mini" }],
  });
  await createApiToken(page, weir, "laptop");
}

/** Makes an API token; its page that is shown once stays open. */
async function createApiToken(page: Page, weir: Weir, name: string) {
  await page.goto(`${weir.url}/settings/api-tokens/new`);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create token" }).click();
  await expect(page.getByText(/^wra_/)).toBeVisible();
}

/** Makes a one-time link for Eve and reads it; the page that shows it stays open. */
async function makeLink(page: Page, weir: Weir): Promise<string> {
  await askForLink(page, weir);
  await page.getByRole("button", { name: "Make the link" }).click();
  const link = page.locator("#link");
  await expect(link).toBeVisible();
  return (await link.textContent())!;
}

async function askForLink(page: Page, weir: Weir) {
  const people = (await weir.api("GET", "/api/v1/people")).items;
  const eve = people.find((person: any) => person.name === "Eve Okafor");
  await page.goto(`${weir.url}/settings/people/${eve.id}/link`);
  await expect(page.getByRole("heading", { level: 1, name: "A one-time link for Eve Okafor" })).toBeVisible();
}

async function test(page: Page, weir: Weir, provider: string, answer: RegExp) {
  await page.goto(`${weir.url}/providers/${provider}`);
  await page.getByRole("button", { name: /^Test (connection|again)$/i }).first().click();
  await expect(page.locator("#verify").getByText(answer).first()).toBeVisible({ timeout: 20_000 });
}

/** Each begins signed in. */
export const STATES: Record<string, (page: Page, weir: Weir) => Promise<void>> = {
  "test-passed": (page, weir) => test(page, weir, "openai-main", /^Passed in/),
  "test-failed": (page, weir) => test(page, weir, "wrong-key", /^Failed at/),
  "deletion-refused": async (page, weir) => {
    await page.goto(`${weir.url}/providers/openai-main`);
    await page.getByLabel("Type openai-main to confirm").fill("openai");
    await page.getByRole("button", { name: "Delete provider" }).click();
    await expect(page.getByText("This is not its id. Nothing was deleted.")).toBeVisible();
  },
  "token-provider-gone": async (page, weir) => {
    await page.goto(`${weir.url}/new-token?provider=gone`);
    await page.getByLabel("Name", { exact: true }).fill("limited");
    await page.getByRole("button", { name: "Create token" }).click();
    await expect(page.getByLabel("gone (deleted)")).toBeFocused();
  },
  "token-made": async (page, weir) => {
    await createToken(page, weir, "shown once");
  },
  "token-made-before": async (page, weir) => {
    await createToken(page, weir, "sent again");
    await page.reload();
    await expect(page.getByRole("heading", { level: 1, name: "No second token was made" })).toBeVisible();
  },
  "api-token": async (page, weir) => {
    await page.goto(`${weir.url}/settings/api-tokens`);
    await page.getByRole("link", { name: "laptop", exact: true }).first().click();
    await expect(page.getByRole("heading", { level: 1, name: "laptop" })).toBeVisible();
  },
  "api-token-made": (page, weir) => createApiToken(page, weir, "shown once"),
  "link-asked": askForLink,
  "link-made": async (page, weir) => {
    await makeLink(page, weir);
  },
  "link-made-before": async (page, weir) => {
    await makeLink(page, weir);
    await page.reload();
    await expect(page.getByRole("heading", { level: 1, name: "No second link was made" })).toBeVisible();
  },
  "settings-zone-wrong": async (page, weir) => {
    await page.goto(`${weir.url}/settings`);
    await page.getByLabel("Time zone").fill("Mars/Olympus");
    await page.getByRole("button", { name: "Save" }).click();
    await expect(page.getByLabel("Time zone")).toHaveAttribute("aria-invalid", "true");
  },
  "catalog-refused": async (page, weir) => {
    await page.goto(`${weir.url}/settings/catalog`);
    const file = newerCatalog("2099-03-03", "1").replace('"mode":"chat"', '"mode":"dance"');
    await page.getByLabel("Upload a file").setInputFiles({ name: "models.jsonl", mimeType: "application/jsonl", buffer: Buffer.from(file) });
    await page.getByRole("button", { name: "Upload and compare" }).click();
    await expect(page.getByText(/This file was not taken/)).toBeVisible();
  },
  "signed-out-form": async (page, weir) => {
    await beginProvider(page, weir, "Patient", "openai");
    await page.context().clearCookies();
    await page.getByRole("button", { name: "Create provider" }).click();
    await expect(page.getByText("You are signed out, so nothing was sent")).toBeVisible();
  },
  "signed-out-send-again": async (page, weir) => {
    await beginProvider(page, weir, "Patient", "openai");
    await choose(page, "openai.key_from", "new");
    await fill(page, { "openai.new_key": "PATIENT_KEY" });
    await page.context().clearCookies();
    // As a browser without JavaScript sends it.
    await page.locator("main form[method=post]").first().evaluate((form) => HTMLFormElement.prototype.submit.call(form));
    await expect(page.getByText("What you typed is kept on this page")).toBeVisible();
  },
  "sign-in": async (page, weir) => {
    await page.context().clearCookies();
    await page.goto(`${weir.url}/sign-in`);
    await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  },
  "sign-in-refused": async (page, weir) => {
    await page.context().clearCookies();
    await page.goto(`${weir.url}/sign-in`);
    await page.getByLabel("Name", { exact: true }).fill("Nobody");
    await page.getByLabel("Password", { exact: true }).fill("nothing of the sort");
    await page.getByRole("button", { name: "Sign in" }).click();
    await expect(page.getByText("Name or password is wrong")).toBeVisible();
  },
  welcome: async (page, weir) => {
    const link = await makeLink(page, weir);
    await page.context().clearCookies();
    await page.goto(link);
    await expect(page.getByText("You sign in as Eve Okafor.")).toBeVisible();
  },
  "welcome-used": async (page, weir) => {
    await page.context().clearCookies();
    await page.goto(weir.firstLink);
    await expect(page.getByText("This link was used before").first()).toBeVisible();
  },
};

/** Reaches a state, signed in anew where the one before signed out. */
export async function reach(page: Page, weir: Weir, state: string) {
  const cookies = await page.context().cookies();
  if (!cookies.some((cookie) => cookie.name.includes("session"))) await signIn(page, weir);
  await STATES[state](page, weir);
  // The words are there before the style sheet is.
  await page.waitForLoadState("networkidle");
}
