// The lists: providers, secrets, gateway tokens. Each filter, sort and page stands in the address; acts say what they did,
// refusals why. Runs with JavaScript and without.
import { expect, type Page, test } from "@playwright/test";
import { createToken, firstAdmin, signIn, watch } from "../support/console.ts";
import { seed } from "../support/seed.ts";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await page.close();
  await seed(weir);
  for (const number of [1, 2, 3])
    await weir.api("POST", "/api/v1/providers", { display_name: `Spare ${number}`, type: "openai_compatible", base_url: `${weir.upstream}/v1` });
});
test.afterAll(async () => {
  await weir.stop();
});
test.beforeEach(async ({ page }) => {
  await signIn(page, weir);
});

const PROVIDERS = 13;
const names = (page: Page) => page.locator("tbody a.name");
const row = (page: Page, name: string) => page.getByRole("row").filter({ has: page.getByRole("link", { name, exact: true }) });

/** Opens a page; with JavaScript, waits until its islands are awake. */
async function open(page: Page, path: string) {
  await page.goto(weir.url + path, { waitUntil: "networkidle" });
}

/** Ticks choices of a filter and applies them. */
async function filter(page: Page, name: string, choices: string[]) {
  await page.getByRole("button", { name, exact: true }).click();
  const panel = page.getByRole("group", { name: `Filter by ${name}` });
  for (const choice of choices) await panel.getByLabel(choice, { exact: true }).check();
  await panel.getByRole("button", { name: "Apply" }).click();
}

async function rowMenu(page: Page, name: string, item: string) {
  await page.getByRole("button", { name: `More for ${name}`, exact: true }).click();
  await page.locator(".panel:popover-open").getByText(item, { exact: true }).click();
}

test("providers are searched, filtered, sorted and paged", async ({ page }) => {
  const complaints = watch(page);
  await open(page, "/providers");
  await expect(names(page)).toHaveCount(PROVIDERS);
  await expect(names(page).first()).toHaveText("Anthropic production");

  await page.getByLabel("Name or resource id").fill("bedrock");
  await page.getByLabel("Name or resource id").press("Enter");
  await expect(names(page)).toHaveCount(4);
  await expect(page).toHaveURL(/q=bedrock/);
  await page.getByLabel("Name or resource id").fill("nothing like it");
  await page.getByLabel("Name or resource id").press("Enter");
  await expect(page.getByText(`${PROVIDERS} providers are hidden by the search and the filters.`)).toBeVisible();
  await page.getByRole("link", { name: "Clear search and filters" }).click();
  await expect(names(page)).toHaveCount(PROVIDERS);

  await filter(page, "Type", ["OpenAI", "Anthropic"]);
  await expect(names(page)).toHaveCount(3);
  await filter(page, "Status", ["Active"]);
  await expect(page).toHaveURL(/type=openai&type=anthropic.*status=active/);
  await expect(names(page)).toHaveCount(3);
  await page.getByRole("link", { name: "Remove the filter Type Anthropic" }).click();
  await expect(names(page)).toHaveText(["OpenAI main"]);
  await open(page, "/providers?status=disabled");
  await expect(names(page)).toHaveText(["Groq trial"]);
  await open(page, "/providers?status=needs_attention");
  await expect(page.getByText("Nothing matches")).toBeVisible();

  await open(page, "/providers");
  for (const [head, first] of [["Provider", "vLLM on the GPU rack: claims handling, regulated workloads only"], ["Spend, 7 days", "Bedrock in Frankfurt"], ["Updated", "Spare 3"]] as const) {
    await page.getByRole("columnheader", { name: head }).getByRole("link").click();
    await expect(page.getByRole("columnheader", { name: head })).toHaveAttribute("aria-sort", /./);
    await expect(names(page).first()).toHaveText(first);
  }

  await weir.api("PATCH", "/api/v1/providers/spare-1", { enabled: false });
  try {
    await open(page, "/providers");
    const status = page.getByRole("columnheader", { name: "Status" });
    const shown = page.locator("tbody tr .status");
    const inOrder = [...Array(PROVIDERS - 2).fill("Active"), "Disabled", "Disabled"];
    for (const [order, expected] of [["ascending", inOrder], ["descending", inOrder.toReversed()]] as const) {
      await open(page, `/providers?sort=${order === "ascending" ? "" : "-"}status`);
      await expect(status).toHaveAttribute("aria-sort", order);
      await expect(shown).toHaveText(expected);
    }
    await status.getByRole("link").click();
    await expect(status).toHaveAttribute("aria-sort", "ascending");
    await expect(shown).toHaveText(inOrder);
  } finally {
    await weir.api("PATCH", "/api/v1/providers/spare-1", { enabled: true });
  }

  await open(page, "/providers");
  await page.getByRole("navigation", { name: "Rows per page" }).getByRole("link", { name: "10", exact: true }).click();
  await expect(names(page)).toHaveCount(10);
  await page.getByRole("link", { name: "Next page" }).click();
  await expect(names(page)).toHaveCount(3);
  await expect(page).toHaveURL(/rows=10.*page=2|page=2.*rows=10/);
  await expect(page.getByText("11–13 of 13")).toBeVisible();
  expect(complaints).toEqual([]);
});

test("a row shows what its columns are for", async ({ page }) => {
  await open(page, "/providers");
  const openai = row(page, "OpenAI main");
  await expect(openai.getByText("Active")).toBeVisible();
  await expect(openai.locator(".model")).toHaveText(["gpt-5-mini", "gpt-5.6", "text-embedding-3-small"]);
  await expect(openai.locator(".spend")).toContainText("$0.");
  await expect(openai.getByRole("img", { name: /^Spend per day/ })).toBeVisible();
  await expect(openai.locator("time")).toHaveText(/ago|just now/);
  await expect(row(page, "vLLM on the GPU rack: claims handling, regulated workloads only").getByRole("link", { name: "6 unpriced" })).toBeVisible();
  await expect(row(page, "Anthropic production").getByText("every model is allowed")).toBeAttached();
});

test("a row is switched off, and on again by undo", async ({ page }) => {
  try {
    await open(page, "/providers?q=gemini");
    await rowMenu(page, "Gemini main", "Disable");
    await expect(row(page, "Gemini main").getByText("Disabled", { exact: true })).toBeVisible();
    await expect(page.locator(".toast")).toContainText("Gemini main is disabled");
    await expect(page).toHaveURL(/q=gemini/);
    await page.locator(".toast").getByRole("button", { name: "Undo" }).click();
    await expect(row(page, "Gemini main").getByText("Active", { exact: true })).toBeVisible();
    await expect(page.locator(".toast")).toContainText("Gemini main is enabled");
    await page.locator(".toast").getByRole("button", { name: "Close this message" }).click();
    await expect(page.locator(".toast")).toBeHidden();
  } finally {
    await weir.api("PATCH", "/api/v1/providers/gemini-main", { enabled: true });
  }
});

test("a refused credential needs attention", async ({ page }) => {
  await weir.api("PUT", "/api/v1/secrets/WRONG_KEY", { value: "sk-not-the-one" });
  await weir.api("POST", "/api/v1/providers", {
    id: "refused", display_name: "Refused", type: "openai_compatible", base_url: `${weir.upstream}/v1`, api_key: "WRONG_KEY",
  });
  const { token, id } = await weir.api("POST", "/api/v1/tokens", { name: "wrong" });
  try {
    const refused = await fetch(`${weir.url}/llm/v1/providers/refused/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ model: "m", messages: [] }),
    });
    expect(refused.status).toBe(401);
    await refused.text();
    await expect(async () => {
      await open(page, "/providers?status=needs_attention");
      await expect(names(page)).toHaveText(["Refused"], { timeout: 200 });
    }).toPass({ timeout: 10_000 });
    await expect(row(page, "Refused")).toContainText("Last call failed to sign in: 401");
    await row(page, "Refused").getByRole("link", { name: "See why" }).click();
    await expect(page).toHaveURL(/\/providers\/refused\/activity/);
  } finally {
    await weir.api("DELETE", `/api/v1/tokens/${id}`);
    await weir.api("DELETE", "/api/v1/providers/refused");
    await weir.api("DELETE", "/api/v1/secrets/WRONG_KEY");
  }
});

test("a provider is deleted only by its id", async ({ page }) => {
  await weir.api("POST", "/api/v1/providers", { id: "passing", display_name: "Passing", type: "openai_compatible", base_url: `${weir.upstream}/v1` });
  const isThere = async () => (await weir.api("GET", "/api/v1/providers?limit=200")).items.some((provider: any) => provider.id === "passing");
  try {
    await open(page, "/providers?q=passing");
    await rowMenu(page, "Passing", "Delete…");
    await expect(page).toHaveURL(/\/providers\/passing#delete/);
    await page.getByLabel("Type passing to confirm").fill("pass");
    await page.getByRole("button", { name: "Delete provider" }).click();
    await expect(page.getByText("This is not its id. Nothing was deleted.")).toBeVisible();
    expect(await isThere()).toBe(true);
    await page.getByLabel("Type passing to confirm").fill("passing");
    await page.getByRole("button", { name: "Delete provider" }).click();
    await expect(page.locator(".toast")).toContainText("Passing is deleted");
    await expect(page.getByRole("link", { name: "Passing", exact: true })).toHaveCount(0);
  } finally {
    if (await isThere()) await weir.api("DELETE", "/api/v1/providers/passing");
  }
});

test("tokens are listed with what they spent, filtered and sorted", async ({ page }) => {
  await open(page, "/tokens");
  const bot = row(page, "support bot");
  await expect(bot.locator(".spend")).toContainText("$0.");
  await expect(bot.locator(".spend")).toContainText("6 unpriced");
  await expect(bot.getByText("every provider")).toBeVisible();
  await expect(bot).toContainText("support-bot");
  await expect(row(page, "code review").getByRole("link", { name: "anthropic-production" })).toBeVisible();
  await expect(row(page, "code review")).toContainText("expires");
  await filter(page, "Agent", ["support-bot"]);
  await expect(names(page)).toHaveText(["support bot"]);
  await expect(page).toHaveURL(/agent=support-bot/);
  await page.getByRole("link", { name: "Remove the filter Agent support-bot" }).click();
  await page.getByRole("columnheader", { name: "Spend, 7 days" }).getByRole("link").click();
  await expect(names(page).first()).toHaveText("support bot");
  await filter(page, "Provider", ["Bedrock in Frankfurt"]);
  await expect(names(page)).not.toContainText(["code review"]);

  await open(page, "/tokens");
  await names(page).filter({ hasText: "support bot" }).click();
  await expect(page.getByText("TOTAL SPEND")).toBeVisible();
  await expect(page.locator(".stat .v").first()).toContainText("6 unpriced");
  await expect(page.locator("#delete")).toContainText("calls came through it in the last hour. In the last 7 days it spent $0.");
});

test("a token that was made is not made once more by a reload", async ({ page }) => {
  const before = (await weir.api("GET", "/api/v1/tokens")).items.length;
  await createToken(page, weir, "once only");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "No second token was made" })).toBeVisible();
  await expect(page.getByText(/^wr_[A-Za-z0-9_-]{43}$/)).toHaveCount(0);
  expect((await weir.api("GET", "/api/v1/tokens")).items.length).toBe(before + 1);
  await page.getByRole("link", { name: "Open the token’s page" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "once only" })).toBeVisible();
});

test("a token is limited to providers, and revoked only by its name; calls keep the name", async ({ page }) => {
  await open(page, "/new-token?provider=openai-main");
  await expect(page.getByLabel(/^OpenAI main/)).toBeChecked();
  await page.getByLabel("Name", { exact: true }).fill("short life");
  await page.getByRole("button", { name: "Create token" }).click();
  const token = (await page.getByText(/^wr_[A-Za-z0-9_-]{43}$/).textContent())!.trim();
  const call = (provider: string) => fetch(`${weir.url}/llm/v1/providers/${provider}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ model: "gpt-5-mini", messages: [{ role: "user", content: "Hi" }] }),
  });
  const answer = await call("openai-main");
  expect(answer.status).toBe(200);
  await answer.text();
  expect((await call("vllm-gpu-rack")).status).toBe(403);

  await open(page, "/tokens?q=short");
  await rowMenu(page, "short life", "Revoke…");
  await page.getByLabel("Type short life to confirm").fill("short");
  await page.getByRole("button", { name: "Revoke token" }).click();
  await expect(page.getByText("This is not its name. Nothing was revoked.")).toBeVisible();
  await page.getByLabel("Type short life to confirm").fill("short life");
  await page.getByRole("button", { name: "Revoke token" }).click();
  await expect(page.locator(".toast")).toContainText("short life is revoked");
  expect((await call("openai-main")).status).toBe(401);

  const id = answer.headers.get("x-weir-call-id")!;
  await open(page, `/find?q=${id}`);
  await page.getByRole("link", { name: `Call ${id}` }).click();
  await expect(page.getByText("short life", { exact: true })).toBeVisible();
});

test("secrets say who uses them and are deleted only when nobody does", async ({ page }) => {
  await open(page, "/new-secret?name=SPARE_KEY");
  await expect(page.getByLabel("Name", { exact: true })).toHaveValue("SPARE_KEY");
  await page.getByLabel("Value").fill("sk-of-nobody");
  await page.getByRole("button", { name: "Create secret" }).click();
  await expect(page.getByText("SPARE_KEY").first()).toBeVisible();
  await open(page, "/secrets");
  await expect(row(page, "SPARE_KEY").getByText("not in use")).toBeVisible();
  await expect(row(page, "OPENAI_API_KEY").getByRole("link", { name: "openai-main" })).toBeVisible();
  await expect(page.getByText("sk-of-nobody")).toHaveCount(0);
  await filter(page, "Use", ["Not in use"]);
  await expect(names(page).filter({ hasText: "OPENAI_API_KEY" })).toHaveCount(0);
  await page.getByLabel("Name of a secret").fill("spare");
  await page.getByLabel("Name of a secret").press("Enter");
  await expect(names(page)).toHaveText(["SPARE_KEY"]);
  await open(page, "/secrets?sort=-name");
  await expect(names(page).first()).toHaveText("SPARE_KEY");

  await open(page, "/secrets/OPENAI_API_KEY");
  await expect(page.getByText("It can be deleted once no provider refers to it any more.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Delete secret" })).toHaveCount(0);
  await open(page, "/secrets/SPARE_KEY");
  await page.getByLabel("Value", { exact: true }).fill("another value");
  await page.getByRole("button", { name: "Replace value" }).click();
  await expect(page.locator(".toast")).toContainText("SPARE_KEY has a new value");
  await page.getByLabel("Type SPARE_KEY to confirm").fill("SPARE_KEY");
  await page.getByRole("button", { name: "Delete secret" }).click();
  await expect(page.locator(".toast")).toContainText("SPARE_KEY is deleted");
});

test("what one looks for is found, and keys are listed and switched off", async ({ page, javaScriptEnabled }) => {
  await open(page, "/find?q=gpt-5.6");
  await page.getByRole("link", { name: /^gpt-5\.6.*OpenAI main/ }).click();
  await expect(page).toHaveURL(/\/providers\/openai-main\/models/);
  if (!javaScriptEnabled) {
    await page.getByRole("link", { name: /^Jump to…/ }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Find" })).toBeVisible();
  }
  await open(page, "/find");
  await page.getByRole("button", { name: "Theme: dark" }).click();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByRole("link", { name: "Keys", exact: true }).first().click();
  await page.getByRole("button", { name: "Switch single keys off" }).click();
  await expect(page.getByText("Single keys are off in this browser")).toBeVisible();
  await page.getByRole("button", { name: "Switch single keys on" }).click();
  await expect(page.getByText("Single keys are on.")).toBeVisible();
});
