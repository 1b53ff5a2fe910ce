// Certificates of an authority that lasts as long as a test: good, over, and for another name; and one of a stranger.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { programs } from "./weir.ts";

interface Pair {
  cert: string;
  key: string;
}

/** Paths of files. */
export interface Certificates {
  /** The authority's own certificate. */
  ca: string;
  good: Pair;
  expired: Pair;
  elsewhere: Pair;
  /** Of nobody's authority. */
  stranger: Pair;
  remove(): void;
}

export async function certificates(): Promise<Certificates> {
  const folder = mkdtempSync(join(tmpdir(), "weir-certificates-"));
  await promisify(execFile)(join(programs, "weir-standin"), ["--certificates", folder]);
  const pair = (name: string) => ({ cert: join(folder, `${name}.pem`), key: join(folder, `${name}.key`) });
  return {
    ca: join(folder, "ca.pem"),
    good: pair("good"), expired: pair("expired"), elsewhere: pair("elsewhere"), stranger: pair("stranger"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
