// Google AI and AWS Bedrock through the pages: their forms in every credential mode, what is wrong beside its
// field, what was saved in the form again, and no value of a secret ever back. Runs with JavaScript and without.
import { expect, type Page, test } from "@playwright/test";
import { beginProvider, choose, createSecret, fill, firstAdmin, signIn } from "../support/console.ts";
import { startWeir, UPSTREAM_KEY, type Weir } from "../support/weir.ts";

const ROLE = "arn:aws:iam::123456789012:role/bedrock-caller";
const HUSH = "hush-value-of-a-new-secret";

let weir: Weir;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  for (const name of ["UPSTREAM_KEY", "KEY_ID"]) await createSecret(page, weir, name);
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

async function made(page: Page, name: string) {
  await expect(page.getByRole("heading", { level: 1, name })).toBeVisible();
  expect(await page.content()).not.toContain(HUSH);
}

/** The form of a provider, as it was saved. */
async function edited(page: Page) {
  await page.getByRole("link", { name: "Edit" }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Edit provider" })).toBeVisible();
  expect(await page.content()).not.toContain(HUSH);
}

test("Google AI: made with a new secret, shown, changed", async ({ page }) => {
  await beginProvider(page, weir, "Gemini", "google_ai");
  await expect(page.getByText("not as Bearer")).toBeVisible();
  await expect(field(page, "bedrock.region")).toBeHidden();
  await choose(page, "google_ai.key_from", "new");
  await fill(page, { "google_ai.base_url": "nonsense", "google_ai.new_key": "gemini key", "google_ai.new_value": HUSH });
  await create(page);
  await isWrong(page, "google_ai.base_url", "Write a whole address");
  await isWrong(page, "google_ai.new_key", "Did you mean GEMINI_KEY?");
  expect(await page.content()).not.toContain(HUSH);
  await fill(page, { "google_ai.base_url": weir.upstream, "google_ai.new_key": "GEMINI_KEY", "google_ai.new_value": HUSH });
  await create(page);
  await made(page, "Gemini");
  await expect(page.getByText("x-goog-api-key: $WEIR_TOKEN")).toBeAttached();
  await edited(page);
  await expect(field(page, "google_ai.base_url")).toHaveValue(weir.upstream);
  await expect(field(page, "google_ai.key")).toHaveValue("GEMINI_KEY");
  await fill(page, { "google_ai.key": "UPSTREAM_KEY" });
  await page.getByRole("button", { name: "Save changes" }).click();
  await made(page, "Gemini");
  await field(page, "model").fill("gemini-2.5-flash");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText(/^Passed in/)).toBeVisible();
});

test("a credential mode shows its own fields, and keeps those of the others", async ({ page }) => {
  await beginProvider(page, weir, "Modes", "bedrock");
  const fields = {
    default_chain: [],
    static_keys: ["bedrock.access_key_id.key", "bedrock.secret_access_key.key", "bedrock.session_token.key"],
    assume_role: ["bedrock.role_arn", "bedrock.external_id", "bedrock.session_name"],
    web_identity: ["bedrock.role_arn"],
    bearer: ["bedrock.api_key.key"],
  };
  const all = [...new Set(Object.values(fields).flat())];
  for (const [mode, own] of Object.entries(fields)) {
    await choose(page, "bedrock.mode", mode);
    for (const name of all) await expect(field(page, name), `${name} in ${mode}`).toBeVisible({ visible: (own as string[]).includes(name) });
  }
  await choose(page, "bedrock.mode", "assume_role");
  await fill(page, { "bedrock.role_arn": ROLE, "bedrock.external_id": "outside-7" });
  await choose(page, "bedrock.mode", "bearer");
  await create(page);
  await isWrong(page, "bedrock.region", "Name the AWS region");
  await isWrong(page, "bedrock.api_key.key", "Name the secret that holds the Bedrock API key");
  await expect(field(page, "bedrock.mode").and(page.locator("[value=bearer]"))).toBeChecked();
  await expect(field(page, "bedrock.role_arn")).toHaveValue(ROLE);
  await expect(field(page, "bedrock.external_id")).toHaveValue("outside-7");
});

const MODES: { mode: string; wrong: Record<string, string>; words: string; right: Record<string, string>; shown: string[] }[] = [
  { mode: "default_chain", wrong: { "bedrock.region": "Frankfurt" }, words: "Write an AWS region", right: { "bedrock.region": "eu-central-1" }, shown: ["Default chain"] },
  {
    mode: "static_keys",
    wrong: { "bedrock.access_key_id.key": "KEY_ID", "bedrock.secret_access_key.key": "NOT_THERE" },
    words: "There is no secret NOT_THERE",
    right: { "bedrock.access_key_id.key": "KEY_ID", "bedrock.secret_access_key.key": "UPSTREAM_KEY", "bedrock.session_token.key": "" },
    shown: ["Static keys", "KEY_ID", "UPSTREAM_KEY"],
  },
  {
    mode: "assume_role",
    wrong: { "bedrock.role_arn": "role/bedrock-caller" },
    words: "Write the whole ARN",
    right: { "bedrock.role_arn": ROLE, "bedrock.external_id": "outside-7", "bedrock.session_name": "weir-main" },
    shown: ["Assume IAM role", ROLE, "outside-7", "weir-main"],
  },
  { mode: "web_identity", wrong: { "bedrock.role_arn": "" }, words: "Write the ARN of the role", right: { "bedrock.role_arn": ROLE }, shown: ["Web identity", ROLE] },
  {
    mode: "bearer",
    wrong: { "bedrock.api_key.key": "sk-not-a-name" },
    words: "never the key itself",
    right: { "bedrock.api_key.key": "UPSTREAM_KEY" },
    shown: ["API key", "UPSTREAM_KEY"],
  },
];

for (const { mode, wrong, words, right, shown } of MODES) {
  test(`AWS Bedrock by ${mode}: an error beside its field, then made, then in the form again`, async ({ page }) => {
    await beginProvider(page, weir, `Bedrock ${mode}`, "bedrock");
    await fill(page, { "bedrock.region": "eu-central-1" });
    await choose(page, "bedrock.mode", mode);
    await fill(page, wrong);
    await create(page);
    await isWrong(page, Object.keys(wrong).at(-1)!, words);
    // A key that was pasted where a name belongs stands in no page.
    for (const [name, value] of Object.entries(wrong)) await expect(field(page, name)).toHaveValue(value.startsWith("sk-") ? "" : value);
    await expect(field(page, "bedrock.mode").and(page.locator(`[value=${mode}]`))).toBeChecked();
    await fill(page, right);
    await create(page);
    await made(page, `Bedrock ${mode}`);
    for (const text of shown) await expect(page.locator(".kv").getByText(text, { exact: true }).first()).toBeVisible();
    await expect(page.getByText("https://bedrock-runtime.eu-central-1.amazonaws.com").first()).toBeVisible();
    await edited(page);
    await expect(field(page, "bedrock.region")).toHaveValue("eu-central-1");
    await expect(field(page, "bedrock.mode").and(page.locator(`[value=${mode}]`))).toBeChecked();
    for (const [name, value] of Object.entries(right)) await expect(field(page, name)).toHaveValue(value);
  });
}

test("AWS Bedrock: new secrets for static keys are saved with the provider and never come back", async ({ page }) => {
  await beginProvider(page, weir, "New keys", "bedrock");
  await fill(page, { "bedrock.region": "us-east-1" });
  await choose(page, "bedrock.mode", "static_keys");
  for (const part of ["access_key_id", "secret_access_key"]) {
    await choose(page, `bedrock.${part}.key_from`, "new");
    await fill(page, { [`bedrock.${part}.new_key`]: `AWS_${part.toUpperCase()}`, [`bedrock.${part}.new_value`]: HUSH });
  }
  await create(page);
  await made(page, "New keys");
  await expect(page.locator(".kv").getByText("AWS_SECRET_ACCESS_KEY")).toBeVisible();
  await edited(page);
  await expect(field(page, "bedrock.access_key_id.key")).toHaveValue("AWS_ACCESS_KEY_ID");
});

test("AWS Bedrock: guardrail and FIPS are checked, saved and shown; a test says which credentials it found", async ({ page }) => {
  await beginProvider(page, weir, "Guarded", "bedrock");
  await choose(page, "bedrock.mode", "bearer");
  await fill(page, {
    "bedrock.region": "us-east-1", "bedrock.base_url": weir.upstream, "bedrock.api_key.key": "UPSTREAM_KEY",
    "bedrock.guardrail_id": "missing-one", "bedrock.guardrail_version": "1",
  });
  await page.getByLabel("FIPS endpoint").check();
  await create(page);
  await expect(page.getByText("exclude each other")).toBeVisible();
  await page.getByLabel("FIPS endpoint").uncheck();
  await create(page);
  await isWrong(page, "bedrock.guardrail_id", "There is no such guardrail");
  await fill(page, { "bedrock.guardrail_id": "gr-of-the-tests" });
  await create(page);
  await made(page, "Guarded");
  await expect(page.locator(".kv").getByText("gr-of-the-tests")).toBeVisible();
  await expect(page.locator(".kv").getByText("version 1")).toBeVisible();
  await field(page, "model").fill("us.anthropic.claude-opus-5-5");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText(/^Passed in/)).toBeVisible();
  await expect(page.getByText("Credentials found: passed")).toBeVisible();
  expect(await page.content()).not.toContain(UPSTREAM_KEY);
});

test("AWS Bedrock: a machine without credentials is told what to do", async ({ page }) => {
  await beginProvider(page, weir, "No credentials", "bedrock");
  await fill(page, { "bedrock.region": "us-east-1" });
  await create(page);
  await made(page, "No credentials");
  await field(page, "model").fill("us.anthropic.claude-opus-5-5");
  await page.getByRole("button", { name: "Test connection" }).click();
  await expect(page.getByText("Failed at 1 of 7")).toBeVisible({ timeout: 30_000 });
  await expect(page.getByText("gives AWS credentials")).toBeVisible();
});

test("the picker shows where a profile runs, and what that costs more", async ({ page, javaScriptEnabled }) => {
  await beginProvider(page, weir, "Picker", "bedrock");
  await fill(page, { "bedrock.region": "eu-central-1", q: "claude-opus-4-8" });
  if (!javaScriptEnabled) await page.getByRole("button", { name: "Search" }).click();
  const row = (id: string) => page.locator("#models-found tr").filter({ has: page.locator(`input[value="${id}"][type=checkbox]`) });
  await expect(row("eu.anthropic.claude-opus-4-8")).toContainText("EU");
  await expect(row("eu.anthropic.claude-opus-4-8")).toContainText("+10 %");
  await expect(row("global.anthropic.claude-opus-4-8")).toContainText("Any region");
  await expect(row("anthropic.claude-opus-4-8")).toHaveCount(0);
});
