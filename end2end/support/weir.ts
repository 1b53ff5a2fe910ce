// A Weir and an upstream of one's own, as processes, on free ports and with an empty data folder.
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const UPSTREAM_KEY = "sk-upstream-of-the-browser-tests";
export const ADMIN_TOKEN = "admin-token-of-the-browser-tests";

/** Has the signatures of calls to AWS checked by botocore. */
const signatures = resolve(import.meta.dirname, "../../scripts/sigv4/check.py");

export const programs = resolve(import.meta.dirname, process.env.WEIR_PROGRAMS ?? "../../target/debug");

export interface Weir {
  /** Where console and data plane are. */
  url: string;
  /** The one-time link for the first admin. */
  firstLink: string;
  /** Where the stand-in upstream is. */
  upstream: string;
  /** A request to the REST API; its JSON. */
  api(method: string, path: string, body?: unknown): Promise<any>;
  stop(): Promise<void>;
}

/** `flags`: more for `weir serve`; or for `weir demo`, which has a past. */
export async function startWeir(flags: string[] = [], command: "serve" | "demo" = "serve"): Promise<Weir> {
  const upstream = spawn(join(programs, "weir-standin"), ["127.0.0.1:0", UPSTREAM_KEY, "--sigv4-script", signatures]);
  const [upstreamUrl] = await printed(upstream, /(http:\S+)/);
  const data = mkdtempSync(join(tmpdir(), "weir-end2end-"));
  const weir = spawn(
    join(programs, "weir"),
    [command, "--listen", "127.0.0.1:0", "--data-dir", data, "--shutdown-timeout", "5s", ...flags],
    { env: { ...process.env, ...ofAws(upstreamUrl), ...ofGoogle, WEIR_ADMIN_TOKEN: ADMIN_TOKEN } },
  );
  const [firstLink] = await printed(weir, /First admin\s+(https?:\S+)/);
  const url = new URL(firstLink).origin;
  return {
    url,
    firstLink,
    upstream: upstreamUrl,
    async api(method, path, body) {
      const response = await fetch(url + path, {
        method,
        headers: { authorization: `Bearer ${ADMIN_TOKEN}`, "content-type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
      return text === "" ? undefined : JSON.parse(text);
    },
    async stop() {
      upstream.stdin.end();
      await Promise.all([ended(upstream), weir.kill("SIGTERM") && ended(weir)]);
      rmSync(data, { recursive: true, force: true });
    },
  };
}

/** AWS is the stand-in as well, and the machine has no credentials of its own. */
function ofAws(upstream: string): Record<string, string> {
  const none = Object.fromEntries(
    ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_BEARER_TOKEN_BEDROCK"].map((name) => [name, ""]),
  );
  return {
    ...none,
    AWS_CONFIG_FILE: "/nonexistent",
    AWS_SHARED_CREDENTIALS_FILE: "/nonexistent",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_ENDPOINT_URL_BEDROCK: upstream,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: upstream,
    AWS_ENDPOINT_URL_STS: upstream,
  };
}

/** The machine has no credentials of Google's: no file, and nothing where a metadata server would be. */
const ofGoogle = {
  GOOGLE_APPLICATION_CREDENTIALS: "",
  CLOUDSDK_CONFIG: "/nonexistent",
  GCE_METADATA_HOST: "127.0.0.1:9",
};

/** What a program prints, once it matches. */
function printed(program: ChildProcess, pattern: RegExp): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let text = "";
    const read = (piece: Buffer) => {
      text += piece.toString();
      const match = pattern.exec(text);
      if (match) resolve(match.slice(1));
    };
    program.stdout!.on("data", read);
    program.stderr!.on("data", (piece: Buffer) => (text += piece.toString()));
    program.on("error", reject);
    program.on("exit", (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
}

function ended(program: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (program.exitCode !== null || program.signalCode !== null) resolve();
    program.on("exit", () => resolve());
  });
}
