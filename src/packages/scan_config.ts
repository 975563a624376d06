import { loadDataParser, parseDataText } from "../runtime/data_text.ts";
import { isPlainObject } from "../util/mod.ts";
import { hostsIn } from "./scan_module.ts";

/** What a config says that leads out of the program. */
export interface ConfigFacts {
  /** The file, from the package's folder. */
  readonly path: string;
  /** Models, sorted. */
  readonly models: readonly string[];
  /** Invokers, sorted. */
  readonly invokers: readonly string[];
  /** Proxies that agents may call, sorted. */
  readonly proxies: readonly string[];
  /** How agents run code (`exec_env`), sorted. */
  readonly execEnvs: readonly string[];
  /** Hosts that sandboxes may reach (`allow_net`), sorted. */
  readonly sandboxHosts: readonly string[];
  /** Hosts of the URLs in it, sorted. */
  readonly hosts: readonly string[];
  /** Environment variables that it names, sorted. */
  readonly environment: readonly string[];
  /** Why it could not be read. Default: it could. */
  readonly problem?: string;
}

/** Reads what a config asks for, without building anything of it. */
export async function scanConfig(text: string, path: string): Promise<ConfigFacts> {
  const lists = {
    models: new Set<string>(),
    invokers: new Set<string>(),
    proxies: new Set<string>(),
    execEnvs: new Set<string>(),
    sandboxHosts: new Set<string>(),
    hosts: new Set<string>(),
    environment: new Set<string>(),
  };
  let problem: string | undefined;
  try {
    await loadDataParser(path);
    visit(parseDataText(text, path), "", lists, 0, { values: MAX_VALUES });
  } catch (error) {
    problem = (error as Error).message;
  }
  const sorted = Object.fromEntries(Object.entries(lists).map(([name, set]) => [name, [...set].sort()]));
  return {
    path,
    ...(sorted as Record<keyof Lists, string[]>),
    ...(problem === undefined ? {} : { problem }),
  };
}

type Lists = Record<Exclude<keyof ConfigFacts, "path" | "problem">, Set<string>>;

const LIST_OF_KEY: Readonly<Record<string, keyof Lists>> = {
  model_name: "models",
  invoker: "invokers",
  activate_proxies: "proxies",
  exec_env: "execEnvs",
  allow_net: "sandboxHosts",
};

const MAX_DEPTH = 60;
const MAX_VALUES = 100_000;

/** Aliases can make much of a short text: so many values and no more are looked at. */
interface Budget {
  values: number;
}

function visit(value: unknown, key: string, lists: Lists, depth: number, budget: Budget): void {
  if (depth > MAX_DEPTH) throw new Error(`it is nested more than ${MAX_DEPTH} levels deep`);
  if (budget.values-- <= 0) throw new Error(`it has more than ${MAX_VALUES} values`);
  if (Array.isArray(value)) {
    for (const item of value) visit(item, key, lists, depth + 1, budget);
  } else if (isPlainObject(value)) {
    for (const [name, item] of Object.entries(value)) visit(item, name, lists, depth + 1, budget);
  } else if (typeof value === "string") {
    const list = LIST_OF_KEY[key];
    if (list !== undefined) lists[list].add(value);
    for (const host of hostsIn(value)) if (host !== "") lists.hosts.add(host);
    for (const name of variablesIn(key, value)) lists.environment.add(name);
  }
}

/** `$NAME` and `${NAME}` anywhere, and names under keys that say that they name one. */
function variablesIn(key: string, value: string): string[] {
  const named = [...value.matchAll(/\$(?:\{([A-Z][A-Z0-9_]+)\}|([A-Z][A-Z0-9_]+)\b)/g)].map((match) =>
    (match[1] ?? match[2])!
  );
  const isName = /(^|_)env(_var|_key)?$/.test(key) && /^[A-Z][A-Z0-9_]+$/.test(value);
  return isName ? [value, ...named] : named;
}
