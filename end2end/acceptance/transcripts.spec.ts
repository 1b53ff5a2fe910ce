// Transcripts: what is recorded is found and read, whatever was said does nothing, and what is deleted is gone.
// Runs with JavaScript and without.
import { readFileSync } from "node:fs";
import { expect, type Page, test } from "@playwright/test";
import { createSecret, firstAdmin, signIn, watch } from "../support/console.ts";
import { address, conversation, HOSTILE, type Say, talker } from "../support/talk.ts";
import { startWeir, type Weir } from "../support/weir.ts";

let weir: Weir;
/** Talks through a provider that is made when it is needed first. */
let talking: Promise<Say> | undefined;
const say: Say = async (...said) => (await (talking ??= talker(weir)))(...said);
test.beforeAll(async ({ browser }) => {
  weir = await startWeir();
  const page = await browser.newPage();
  await firstAdmin(page, weir);
  await page.close();
});
test.afterAll(async () => {
  await weir.stop();
});

const rows = (page: Page) => page.locator(".talks tbody tr");
const turns = (page: Page) => page.locator(".turns > article");

async function open(page: Page, path: string) {
  await page.goto(weir.url + path, { waitUntil: "networkidle" });
}

test.describe("from the first switch to the last deletion", () => {
  test.beforeEach(async ({ page }) => {
    await signIn(page, weir);
  });

  test("where nothing is recorded the page says which switches to turn on, and leads there", async ({ page }) => {
    await open(page, "/transcripts");
    await expect(page.getByRole("heading", { name: "Nothing is recorded" })).toBeVisible();
    await createSecret(page, weir, "OPENAI_API_KEY");
    await weir.api("POST", "/api/v1/providers", { id: "quiet", display_name: "OpenAI, quiet", type: "openai", base_url: `${weir.upstream}/v1`, api_key: "OPENAI_API_KEY" });
    await open(page, "/transcripts");
    await page.getByRole("link", { name: "OpenAI, quiet" }).click();
    const inputs = page.getByRole("switch", { name: "Record inputs" });
    await expect(inputs).not.toBeChecked();
    await expect(page.getByText("holds for new calls only")).toBeVisible();
    await expect(page.getByText("Tokens and cost are recorded either way")).toBeVisible();
    await inputs.check();
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "OpenAI, quiet" })).toBeVisible();
    await open(page, "/transcripts");
    await expect(page.getByRole("heading", { name: "No transcripts yet" })).toBeVisible();
    await expect(page.getByText("OpenAI, quiet (inputs only)")).toBeVisible();
  });

  test("a conversation is listed, found by its words, and reads turn by turn", async ({ page }) => {
    const complaints = watch(page);
    const { address: path, calls } = await conversation(weir, say);
    const { call } = await say([{ role: "user", content: "Is this Rust idiomatic?" }], { user: "reviewer" });
    await address(weir, call);
    await open(page, "/transcripts");
    await expect(rows(page)).toHaveCount(2);
    await page.getByRole("searchbox").fill("shipping");
    await page.getByRole("searchbox").press("Enter");
    await expect(page).toHaveURL(/q=shipping/);
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page).locator("mark").first()).toHaveText(/shipping/i);
    await rows(page).getByRole("link").first().click();
    await expect(page).toHaveURL(weir.url + path);

    await expect(turns(page)).toHaveCount(3);
    for (const text of ["Can I get the panel alone?", "do I pay for shipping?", "Thank you!"])
      await expect(turns(page).locator(".speech.user").filter({ hasText: text })).toHaveCount(1);
    await expect(page.getByText("Picture, image/png")).toHaveCount(1);
    await expect(page.getByText("2 tools offered")).toHaveCount(1);
    await expect(page.locator(".folded code").filter({ hasText: "orders_lookup" }).first()).toBeAttached();
    await expect(turns(page).nth(2).getByText("earlier messages came along")).toBeVisible();

    // What came along is shown where one asks for it, and is told apart.
    await turns(page).nth(2).getByRole("link", { name: /Show them here/ }).click();
    await expect(turns(page).nth(2).locator(".speech.before").first()).toBeAttached();
    await turns(page).nth(2).getByRole("link", { name: /Hide them/ }).click();
    await expect(turns(page).nth(2).locator(".speech.before")).toHaveCount(0);

    // Folds open by the keyboard.
    const system = turns(page).first().locator("summary").filter({ hasText: "You sort incoming support mail" });
    await system.focus();
    await page.keyboard.press("Enter");
    await expect(page.getByText("Never promise a date")).toBeVisible();

    // Raw bodies have addresses of their own, and are files.
    await turns(page).nth(1).getByRole("link", { name: "Raw bodies" }).click();
    await expect(page).toHaveURL(new RegExp(`raw=${calls[1]}`));
    await expect(turns(page).nth(1).locator(".raw pre").first()).toContainText('"tool_call_id":"call_1"');
    const [file] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download the request" }).click()]);
    expect(readFileSync(await file.path(), "utf8")).toContain("do I pay for shipping?");

    const [messages] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Export messages" }).click()]);
    const exported = JSON.parse(readFileSync(await messages.path(), "utf8")).messages;
    expect(exported.filter((message: any) => JSON.stringify(message).includes("do I pay for shipping?"))).toHaveLength(1);

    // A call leads to its turn, and the turn to its call.
    await open(page, `/calls?open=${calls[1]}`);
    await page.getByRole("link", { name: "Open transcript" }).click();
    await expect(page).toHaveURL(`${weir.url}${path}#call-${calls[1]}`);
    await turns(page).nth(1).getByRole("link", { name: "Call", exact: true }).click();
    await expect(page.locator("tr.detail")).toBeVisible();

    // Who opened it is in the audit.
    await open(page, path);
    await page.getByRole("link", { name: "Who opened it" }).click();
    await expect(page.locator("tbody tr").first()).toContainText("Ada Lindqvist");
    expect(complaints).toEqual([]);
  });

  for (const [name, text] of Object.entries(HOSTILE)) {
    test(`what is said does nothing: ${name}`, async ({ page }) => {
      test.setTimeout(120_000);
      const asked: string[] = [];
      page.on("request", (request) => asked.push(new URL(request.url()).host));
      const dialogs: string[] = [];
      page.on("dialog", (dialog) => { dialogs.push(dialog.message()); void dialog.dismiss(); });
      const { call } = await say(
        [
          { role: "system", content: text },
          { role: "user", content: text },
          { role: "assistant", content: text, tool_calls: [{ id: "c", type: "function", function: { name: "orders_lookup", arguments: text } }] },
          { role: "tool", tool_call_id: "c", content: text },
          { role: "user", content: "And now?" },
        ],
        { conversation: `hostile-${name}`, says: ["html", "svg", "images"].includes(name) ? text.replaceAll("\n", " ") : undefined },
      );
      const path = await address(weir, call);
      for (const query of ["", `?whole=${call}`, `?raw=${call}`]) {
        const before = Date.now();
        const answer = (await page.goto(weir.url + path + query, { waitUntil: "load" }))!;
        expect((await answer.body()).length, query).toBeLessThan(1_000_000);
        await expect(page.getByText(`hostile-${name}`).first()).toBeAttached();
        expect(Date.now() - before, query).toBeLessThan(15_000);
        const said = page.locator(".turns");
        await expect(said.locator("script, img, iframe, object, embed, form, input, style, link, meta, base, video, audio, h1, svg:not(.i)")).toHaveCount(0);
        await expect(said.locator("[onclick], [onerror], [onload], [onmouseover], [style]")).toHaveCount(0);
        for (const link of await said.locator(".prose a").all()) {
          expect(await link.getAttribute("href")).toMatch(/^(https?:|mailto:)/);
          expect(await link.getAttribute("rel")).toBe("noopener noreferrer nofollow");
        }
        await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
        // Every fold is opened, so that what is in it is laid out.
        for (const summary of await said.locator("summary").all()) await summary.click();
        await expect(said.locator("details[open]").first()).toBeVisible();
      }
      await open(page, "/transcripts");
      await expect(page.getByText(`hostile-${name}`).first()).toBeVisible();
      await page.setViewportSize({ width: 390, height: 844 });
      for (const there of ["/transcripts", path]) {
        await open(page, there);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), there).toBeLessThanOrEqual(0);
      }
      expect(dialogs).toEqual([]);
      expect([...new Set(asked)]).toEqual([new URL(weir.url).host]);
    });
  }

  const chat = (content: string) => Buffer.from(`{"model":"gpt-5-mini","messages":[{"role":"user","content":${content}}]}`);
  for (const [name, path, body, shown] of [
    ["JSON that is nested deeply", "/chat/completions", chat(`${"[".repeat(30_000)}"hostile-nested <script>alert(1)</script>"${"]".repeat(30_000)}`), "gpt-5-mini"],
    // Where Weir needs no model it lets pass what is no JSON, and no text at all.
    ["broken UTF-8", "/files", Buffer.concat([Buffer.from("hostile-bytes "), Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf0, 0x9f]), Buffer.from(" <script>alert(1)</script>")]), "hostile-bytes \uFFFD"],
    ["JSON that ends early", "/files", Buffer.from('{"hostile-half":"\\u00'), "hostile-half"],
  ] as const) {
    test(`what is no proper request shows all the same: ${name}`, async ({ page }) => {
      await say([{ role: "user", content: "A proper one first" }], { conversation: name });
      await weir.api("PATCH", "/api/v1/providers/openai-recorded", { other_paths: true });
      const { token } = await weir.api("POST", "/api/v1/tokens", { name });
      const answered = await fetch(`${weir.url}/llm/v1/providers/openai-recorded${path}`, {
        method: "POST",
        headers: { "x-weir-token": token, "content-type": path === "/files" ? "text/plain" : "application/json" },
        body,
      });
      await answered.text();
      const call = answered.headers.get("x-weir-call-id")!;
      const page1 = (await page.goto(`${weir.url}${await address(weir, call)}?raw=${call}`))!;
      expect(page1.status()).toBe(200);
      expect((await page1.body()).length).toBeLessThan(1_000_000);
      await expect(page.locator(".raw pre").first()).toContainText(shown);
      await expect(page.locator(".turns script")).toHaveCount(0);
    });
  }

  test("what would not be seen is marked", async ({ page }) => {
    await open(page, "/transcripts?q=hostile-bidi");
    await rows(page).getByRole("link").first().click();
    for (const mark of ["U+202E", "U+200B", "U+FEFF", "U+E0041"])
      await expect(page.locator(".user .odd").filter({ hasText: mark }).first()).toBeVisible();
    const text = await page.locator(".turns").textContent();
    expect(text).not.toMatch(/[\u202A-\u202E\u2066-\u2069\u200B\uFEFF]/);
    await open(page, "/transcripts?q=hostile-terminal");
    await rows(page).getByRole("link").first().click();
    await expect(page.locator(".user .odd").filter({ hasText: "U+001B" }).first()).toBeVisible();
    expect(await page.locator(".turns").textContent()).not.toMatch(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/);
  });

  test("one conversation is deleted, then all of a provider, and the costs stay", async ({ page }) => {
    const cost = async () => (await weir.api("GET", "/api/v1/usage?metric=spend&bucket=month&from=2020-01-01T00:00:00Z&to=2100-01-01T00:00:00Z")).total;
    const before = await cost();
    await open(page, "/transcripts?q=shipping");
    await rows(page).getByRole("link").first().click();
    const path = new URL(page.url()).pathname;
    await page.getByRole("link", { name: "Delete…" }).click();
    await expect(page.getByText("3 transcripts of this conversation")).toBeVisible();
    await expect(page.getByText("Calls and their costs stay")).toBeVisible();
    await page.getByRole("button", { name: "Delete for good" }).click();
    await expect(page).toHaveURL(`${weir.url}/transcripts`);
    await expect.poll(async () => (await page.request.get(weir.url + path)).status()).toBe(404);

    await page.getByRole("link", { name: "Delete…" }).click();
    await page.getByLabel("Provider", { exact: true }).selectOption("openai-recorded");
    await page.getByRole("button", { name: "See how many" }).first().click();
    await expect(page.getByText("at the moment")).toBeVisible();
    await page.getByLabel(/to confirm/).fill("openai-recorde");
    await page.getByRole("button", { name: "Delete for good" }).click();
    await expect(page.getByText("This is not openai-recorded. Nothing was deleted.")).toBeVisible();
    await page.getByLabel(/to confirm/).fill("openai-recorded");
    await page.getByRole("button", { name: "Delete for good" }).click();
    await expect(page).toHaveURL(`${weir.url}/transcripts`);
    await expect.poll(async () => (await weir.api("GET", "/api/v1/conversations")).items.length, { timeout: 30_000 }).toBe(0);
    await open(page, "/settings/transcripts");
    await expect(page.getByText("All transcripts of OpenAI, recorded").or(page.getByText("all transcripts of OpenAI, recorded"))).toBeVisible();
    expect(await cost()).toBe(before);
  });

  test("a provider's deletion asks whether its transcripts go, too", async ({ page }) => {
    const once = await talker(weir, "passing");
    await once([{ role: "user", content: "Passing by" }]);
    await expect.poll(async () => (await weir.api("GET", "/api/v1/conversations")).items.length).toBe(1);
    await open(page, "/providers/passing");
    await page.getByRole("link", { name: "Transcripts" }).last().click();
    await expect(rows(page)).toHaveCount(1);
    await open(page, "/providers/passing");
    await page.getByLabel(/Delete its 1 transcript for good, too/).check();
    await page.getByLabel(/to confirm/).fill("passing");
    await page.getByRole("button", { name: "Delete provider" }).click();
    await expect(page.getByText("Its transcripts are being deleted for good").first()).toBeVisible();
    await expect.poll(async () => (await weir.api("GET", "/api/v1/conversations")).items.length, { timeout: 30_000 }).toBe(0);
  });
});
