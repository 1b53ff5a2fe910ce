// A newer file of the catalog, made from the built-in one.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const builtin = readFileSync(resolve(import.meta.dirname, "../../crates/catalog/data/models.jsonl"), "utf8");

/** The built-in file with another version, in which the input of gpt-5-mini costs something else and the models of `without` are gone. */
export function newerCatalog(version: string, input: string, without: string[] = []): string {
  const [, ...rows] = builtin.trimEnd().split("\n");
  const kept = rows
    .filter((row) => !without.some((id) => row.includes(`"id":"${id}",`)))
    .map((row) =>
      row.startsWith('{"kind":"openai","id":"gpt-5-mini",') ? row.replace(/("standard":\{"input":")[^"]*"/, `$1${input}"`) : row,
    );
  return [JSON.stringify({ format: 1, version, models: kept.length }), ...kept, ""].join("\n");
}

/** A version that is newer than the built-in one, the later the higher the number. */
export function newerVersion(number: number): string {
  return `${JSON.parse(builtin.slice(0, builtin.indexOf("\n"))).version}.${number}`;
}
