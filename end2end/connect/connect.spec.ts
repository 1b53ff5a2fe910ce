// The set-ups of the Connect tab, as they are printed: the texts are read off the page as a person would copy them,
// written to a file, and run with nothing set but WEIR_TOKEN and what the page says. Weir serves TLS, as AWS' SDKs want.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { promisify } from "node:util";
import { expect, type Page, test } from "@playwright/test";
import { certificates, type Certificates } from "../support/certificates.ts";
import { firstAdmin, signIn } from "../support/console.ts";
import { startWeir, UPSTREAM_KEY, type Weir } from "../support/weir.ts";

const run = promisify(execFile);
const python = resolve(import.meta.dirname, "../../.tools/python/bin");
const claude = resolve(import.meta.dirname, "../node_modules/@anthropic-ai/claude-code/cli-wrapper.cjs");

const vertex = { type: "vertex_ai", project: "my-project", location: "global", credentials: { mode: "service_account", service_account: "VERTEX_KEY" } };

/** Type, settings, and the model that is asked. */
const PROVIDERS: Record<string, { settings: Record<string, unknown>; model: string; clients: string[] }> = {
  openai: { settings: { type: "openai", api_key: "KEY", models: [{ id: "gpt-5-mini" }, { id: "text-embedding-3-small" }] }, model: "gpt-5-mini", clients: ["curl", "python", "typescript", "langchain", "litellm"] },
  compatible: { settings: { type: "openai_compatible", api_key: "KEY", models: [{ id: "Qwen/Qwen3-32B", rates: { input: "1", output: "2", cached_input: "0.1" } }] }, model: "Qwen/Qwen3-32B", clients: ["curl", "python", "typescript", "langchain", "litellm"] },
  anthropic: { settings: { type: "anthropic", api_key: "KEY" }, model: "claude-sonnet-5", clients: ["claude-code", "curl", "python", "typescript", "langchain", "litellm"] },
  passthrough: { settings: { type: "anthropic", authorization_passthrough: true }, model: "claude-sonnet-5", clients: ["claude-code", "curl", "python", "typescript"] },
  gemini: { settings: { type: "google_ai", api_key: "KEY", models: [{ id: "gemini-2.5-flash" }] }, model: "gemini-2.5-flash", clients: ["curl", "python", "typescript", "langchain"] },
  // Each model by the SDK of its own API.
  vertex: { settings: { ...vertex, models: [{ id: "gemini-2.5-flash" }] }, model: "gemini-2.5-flash", clients: ["curl", "python", "typescript"] },
  "vertex-claude": { settings: { ...vertex, models: [{ id: "claude-opus-5" }] }, model: "claude-opus-5", clients: ["curl", "python", "typescript"] },
  "vertex-llama": { settings: { ...vertex, models: [{ id: "meta/llama-3.3-70b-instruct-maas" }] }, model: "meta/llama-3.3-70b-instruct-maas", clients: ["curl", "python", "typescript"] },
  "vertex-mistral": { settings: { ...vertex, models: [{ id: "mistral-medium-3" }] }, model: "mistral-medium-3", clients: ["curl", "python", "typescript"] },
  azure: { settings: { type: "azure_openai", api_key: "KEY", models: [{ id: "front-desk" }] }, model: "front-desk", clients: ["curl", "python", "typescript", "langchain"] },
  cohere: { settings: { type: "cohere", api_key: "KEY", models: [{ id: "command-a-03-2025" }] }, model: "command-a-03-2025", clients: ["curl", "python", "typescript"] },
  bedrock: { settings: { type: "bedrock", region: "us-east-1", credentials: { mode: "bearer", api_key: "KEY" }, models: [{ id: "us.anthropic.claude-opus-5-5" }] }, model: "us.anthropic.claude-opus-5-5", clients: ["curl", "python", "typescript", "langchain", "litellm"] },
};

let weir: Weir;
let trusted: Certificates;
let token: string;
test.beforeAll(async ({ browser }) => {
  trusted = await certificates();
  // The tests' own calls of the REST API need not know the authority; the set-ups must.
  process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
  weir = await startWeir(["--tls-cert", trusted.good.cert, "--tls-key", trusted.good.key]);
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  await firstAdmin(page, weir);
  await page.close();
  await weir.api("PUT", "/api/v1/secrets/KEY", { value: UPSTREAM_KEY });
  const account = await (await fetch(`${weir.upstream}/standin/service-account.json`)).text();
  await weir.api("PUT", "/api/v1/secrets/VERTEX_KEY", { value: account });
  for (const [id, { settings }] of Object.entries(PROVIDERS)) {
    const version = ({ openai: "/v1", openai_compatible: "/v1", azure_openai: "/as/azure" } as Record<string, string>)[settings.type as string] ?? "";
    await weir.api("POST", "/api/v1/providers", { id, display_name: id, base_url: weir.upstream + version, ...settings });
  }
  token = (await weir.api("POST", "/api/v1/tokens", { name: "application" })).token;
});
test.afterAll(async () => {
  delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
  await weir?.stop();
  trusted?.remove();
});
test.use({ ignoreHTTPSErrors: true });

/** The text of a part of the set-up. Empty: the client has no such part. */
async function part(page: Page, name: string): Promise<string> {
  const block = page.locator(`#setup-${name} pre`);
  return (await block.count()) ? block.innerText() : "";
}

for (const [id, { model, clients }] of Object.entries(PROVIDERS)) {
  test(`${id}: offered is what fits`, async ({ page }) => {
    await signIn(page, weir);
    await page.goto(`${weir.url}/providers/${id}/connect`);
    const links = page.getByRole("navigation", { name: "Client" }).getByRole("link");
    const offered = await links.evaluateAll((all) => all.map((link) => new URL((link as HTMLAnchorElement).href).searchParams.get("client")));
    expect(offered).toEqual(clients);
  });
  for (const client of clients) {
    test(`${id} from ${client}, as printed`, async ({ page }) => {
      test.setTimeout(120_000);
      await signIn(page, weir);
      await page.goto(`${weir.url}/providers/${id}/connect?client=${client}&model=${encodeURIComponent(model)}`);
      const [environment, code, command] = [await part(page, "environment"), await part(page, "code"), await part(page, "run")];
      expect(environment + code).not.toContain("wr_");
      const folder = mkdtempSync(join(tmpdir(), "weir-connect-"));
      try {
        symlinkSync(resolve(import.meta.dirname, "../node_modules"), join(folder, "node_modules"));
        mkdirSync(join(folder, "bin"));
        writeFileSync(join(folder, "bin/claude"), `#!/bin/sh\nexec "${process.execPath}" "${claude}" "$@"\n`, { mode: 0o755 });
        if (command !== "") writeFileSync(join(folder, command.split(" ").at(-1)!), `${code}\n`);
        writeFileSync(join(folder, "run.sh"), `set -eu\n${environment}\n${command || code}\n`);
        const began = new Date().toISOString();
        const { stdout } = await run("bash", ["run.sh"], {
          cwd: folder, timeout: 100_000, maxBuffer: 8 << 20,
          env: {
            PATH: [join(folder, "bin"), python, process.env.PATH].join(delimiter), HOME: folder, WEIR_TOKEN: token,
            // A person's own sign-in, where the provider passes it on.
            ...(id === "passthrough" ? { ANTHROPIC_AUTH_TOKEN: UPSTREAM_KEY } : {}),
            // The tests' own certificate authority, as each tool wants to be told of it.
            CURL_CA_BUNDLE: trusted.ca, SSL_CERT_FILE: trusted.ca, REQUESTS_CA_BUNDLE: trusted.ca, AWS_CA_BUNDLE: trusted.ca, NODE_EXTRA_CA_CERTS: trusted.ca,
            // Nothing is looked up elsewhere.
            LITELLM_LOCAL_MODEL_COST_MAP: "True", CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1", AWS_EC2_METADATA_DISABLED: "true",
          },
        });
        expect(answered(client, stdout)).toMatch(/\p{L}{2}/u);
        const calls = async () => (await weir.api("GET", `/api/v1/calls?provider=${id}&since=${began}`)).items;
        await expect.poll(async () => (await calls()).length).toBeGreaterThan(0);
        for (const row of await calls()) expect(row, client).toMatchObject({ model, outcome: "ok", price_state: expect.stringMatching(/^(priced|not_billed)$/) });
        expect((await calls()).some((row: any) => row.price_state === "priced")).toBe(true);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  }
}

/** The text that the model answered. curl prints the whole answer. */
function answered(client: string, stdout: string): string {
  if (client !== "curl") return stdout.trim();
  const answer = JSON.parse(stdout);
  return answer.choices?.[0].message.content ?? answer.message?.content?.[0].text ?? answer.content?.[0].text ?? answer.candidates?.[0].content.parts[0].text ?? answer.output?.message.content[0].text ?? "";
}
