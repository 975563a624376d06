import { outsideRun } from "./outside_run.ts";

let parse: ((text: string, version: YamlVersion) => unknown) | undefined;

/** By which rules plain words are read: in 1.1 yes, no, on and off are booleans, and `<<` merges; in 1.2 they are texts. */
export type YamlVersion = "1.1" | "1.2";

/**
 * Loads the YAML parser, once. {@linkcode parseYaml} works from then on; programs without YAML never pay for it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 *
 * await loadYaml();
 * assert.deepEqual(parseYaml("stream: yes\ndate: 2024-01-01"), { stream: true, date: "2024-01-01" });
 * ```
 */
export async function loadYaml(): Promise<void> {
  if (parse !== undefined) return;
  const yaml = await outsideRun(() => import("js-yaml"));
  const schemas = new Map<YamlVersion, InstanceType<Yaml["Schema"]>>();
  parse = (text, version) => {
    let schema = schemas.get(version);
    if (schema === undefined) {
      schema = version === "1.1" ? createSchema(yaml) : yaml.CORE_SCHEMA;
      schemas.set(version, schema);
    }
    const documents = yaml.loadAll(text, { schema, maxAliases: MAX_ALIASES });
    if (documents.length > 1) throw new SyntaxError(`expected one document, found ${documents.length}`);
    const value = documents[0] ?? null;
    if (text.includes("*")) checkExpansion(value);
    return value;
  };
}

/**
 * Parses one YAML document, at once. An empty text gives `null`.
 *
 * @param options `version`: the rules; default `"1.1"`, by which the Python original reads
 * @throws {SyntaxError} when the text is no YAML (duplicate keys included); the message tells line and column
 * @throws {Error} when {@linkcode loadYaml} was not awaited before
 */
export function parseYaml(text: string, options: { version?: YamlVersion } = {}): unknown {
  if (parse === undefined) throw new Error("Cannot parse YAML: expected loadYaml() to be awaited before");
  try {
    return parse(text, options.version ?? "1.1");
  } catch (error) {
    throw new SyntaxError(`Cannot parse YAML: ${explain(error)}`, { cause: error });
  }
}

/** Aliases may repeat what they name; a text of a few lines must not stand for gigabytes, or for data without end. */
const MAX_ALIASES = 1000;
const MAX_EXPANDED_NODES = 1_000_000;

type Yaml = typeof import("js-yaml");

/**
 * Configs of the Python original are YAML 1.1: yes/no/on/off are booleans, and `<<` merges. What surprises people there
 * (dates that become objects, 12:30 that becomes 750, y and n as booleans, 1e-3 as a text) does not happen.
 */
function createSchema(yaml: Yaml): InstanceType<Yaml["Schema"]> {
  const { intYaml11Tag, floatYaml11Tag, floatCoreTag, NOT_RESOLVED } = yaml;
  const bools = new Map([["yes", true], ["true", true], ["on", true], ["no", false], ["false", false], [
    "off",
    false,
  ]]);
  const bool = yaml.defineScalarTag("tag:yaml.org,2002:bool", {
    implicit: true,
    resolve: (source) =>
      /^(?:[a-z]+|[A-Z][a-z]+|[A-Z]+)$/.test(source)
        ? bools.get(source.toLowerCase()) ?? NOT_RESOLVED
        : NOT_RESOLVED,
    identify: () => false,
  });
  const int = yaml.defineScalarTag(intYaml11Tag.tagName, {
    ...intYaml11Tag,
    resolve: (source, ...rest) => source.includes(":") ? NOT_RESOLVED : intYaml11Tag.resolve(source, ...rest),
  });
  const float = yaml.defineScalarTag(floatYaml11Tag.tagName, {
    ...floatYaml11Tag,
    resolve(source, ...rest) {
      if (source.includes(":") || !/[.eE]/.test(source)) return NOT_RESOLVED;
      const value = floatYaml11Tag.resolve(source, ...rest);
      return value === NOT_RESOLVED ? floatCoreTag.resolve(source, ...rest) : value;
    },
  });
  return new yaml.Schema([...yaml.FAILSAFE_SCHEMA.tags, yaml.nullYaml11Tag, bool, int, float, yaml.mergeTag]);
}

/** Refuses data that are much larger than their text, or contain themselves. */
function checkExpansion(value: unknown): void {
  let nodes = 0;
  const stack: unknown[] = [value];
  while (stack.length > 0) {
    if (++nodes > MAX_EXPANDED_NODES) {
      throw new SyntaxError("expected data of reasonable size, found aliases that repeat without end");
    }
    const node = stack.pop();
    if (typeof node === "object" && node !== null) stack.push(...Object.values(node));
  }
}

function explain(error: unknown): string {
  const { reason, mark } = error as { reason?: string; mark?: { line: number; column: number } };
  if (reason === undefined) return (error as Error).message;
  return mark === undefined ? reason : `${reason} at line ${mark.line + 1}, column ${mark.column + 1}`;
}
