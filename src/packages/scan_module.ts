import { POSTGRES_VARIABLES } from "../log/postgres_variables.ts";
import {
  LIBRARY_ALL,
  LIBRARY_MCP,
  LIBRARY_NET,
  LIBRARY_STORES,
  NET_GLOBALS,
  type PermissionName,
  permissionsOfDeno,
  permissionsOfNode,
} from "./_permission_tables.ts";
import { readSourceText, type SourceText } from "./_source_text.ts";

/** A permission that code looks like it needs. */
export interface PermissionUse {
  /** As in `--allow-<permission>`. */
  readonly permission: PermissionName;
  /** A variable, host, program or path, where the text names one; without it, any. */
  readonly target?: string;
  /** What needs it: `Deno.Command`, `fetch`, `node:fs`, …. */
  readonly by: string;
}

/** What the text of a module says of itself. */
export interface ModuleText {
  /** The specifiers of what it imports, those of types left out, sorted. */
  readonly imports: readonly string[];
  /** Environment variables that it names, sorted. */
  readonly environment: readonly string[];
  /** Hosts of the URLs in its literals, with their port where there is one, sorted. */
  readonly hosts: readonly string[];
  /** What it uses of Deno, of the network and of this library's ways out: `Deno.Command`, `fetch`, …, sorted. */
  readonly apis: readonly string[];
  /** The permissions that these need. */
  readonly uses: readonly PermissionUse[];
  /** Names of the proxies that it declares, sorted. */
  readonly proxies: readonly string[];
  /** What a reader of the text cannot follow: `eval`, computed imports, `Deno` passed on, …, sorted. */
  readonly opaque: readonly string[];
}

const MAX_CHARS = 1_000_000;
const LITERAL = /^\s*(["'`])((?:\\.|(?!\1)[^\\\n])*)\1/;
const IMPORTS = [
  /(?<![\w$.])(?:import|export)\b(?!\s+type\s+[\w*{])[\w$*{}\s,"']{0,2000}?\bfrom\s*(?=["'])/g,
  /(?<![\w$.])import\s*(?=["'])/g,
  /\bimport\s*\(/g,
  /\brequire\s*\(/g,
];
const OPAQUE: readonly (readonly [RegExp, string])[] = [
  [/\beval\s*\(/, "eval()"],
  [/\bFunction\s*\(/, "new Function()"],
  [/\bDeno\s*(?:\?\.)?\s*\[/, "Deno[…]"],
  [/\bDeno\b(?!\s*(?:\?\.|[.[]))/, "Deno as a value"],
  [/\bglobalThis\s*(?:\?\.)?\s*\[/, "globalThis[…]"],
  [/\bnew\s+Worker\s*\(/, "new Worker()"],
  [/\bWebAssembly\b/, "WebAssembly"],
  [/\bDeno\s*\.\s*permissions\s*\.\s*request/, "Deno.permissions.request()"],
];

/**
 * Reads what a module's text says it imports, names and uses, without running it.
 *
 * Limits: it is a search in text without comments, not an analysis. It sees a name where it is written out; a variable
 * name or a host that is put together while the program runs is seen as "any", and code that hides what it does
 * (`eval`, computed member names, data that is code) is at best told as `opaque`. What imported packages do is not seen.
 */
export function scanModule(source: string): ModuleText {
  const read = readSourceText(source.slice(0, MAX_CHARS));
  const text: ScannedText = { ...read, constants: listConstants(read.code) };
  const found = new Findings();
  if (source.length > MAX_CHARS) found.opaque.add(`more than ${MAX_CHARS} characters`);
  scanImports(text, found);
  scanEnvironment(text, found);
  scanDeno(text, found);
  scanNetwork(text, found);
  scanProxies(text, found);
  scanStores(text, found);
  for (const [pattern, name] of OPAQUE) if (pattern.test(withoutTaken(text.bare))) found.opaque.add(name);
  return found.done();
}

/** A module's text, with the constants that are named in it. */
interface ScannedText extends SourceText {
  readonly constants: ReadonlyMap<string, string>;
}

class Findings {
  readonly imports = new Set<string>();
  readonly environment = new Set<string>();
  readonly hosts = new Set<string>();
  readonly apis = new Set<string>();
  readonly proxies = new Set<string>();
  readonly opaque = new Set<string>();
  readonly #uses = new Map<string, PermissionUse>();

  use(permission: PermissionName, by: string, target?: string): void {
    const use = { permission, by, ...(target === undefined ? {} : { target }) };
    this.#uses.set(JSON.stringify(use), use);
  }

  done(): ModuleText {
    const { imports, environment, hosts, apis, proxies, opaque } = this;
    const [i, e, h, a, p, o] = [imports, environment, hosts, apis, proxies, opaque].map((set) =>
      [...set].sort()
    );
    const uses = [...this.#uses.entries()].sort(([a], [b]) => a < b ? -1 : 1).map(([, use]) => use);
    return { imports: i!, environment: e!, hosts: h!, apis: a!, uses, proxies: p!, opaque: o! };
  }
}

function scanImports({ code, bare }: SourceText, found: Findings): void {
  for (const pattern of IMPORTS) {
    for (const match of bare.matchAll(pattern)) {
      const specifier = literalAt(code, match.index + match[0].length);
      if (specifier !== undefined && !specifier.includes("${")) found.imports.add(specifier);
      else if (/\($/.test(match[0])) found.opaque.add("import() of a computed name");
    }
  }
  for (const specifier of found.imports) {
    const [, name] = /^node:(.+)$/.exec(specifier) ?? [];
    for (const permission of name === undefined ? [] : permissionsOfNode(name)) {
      if (permission === "write" && onlyReads(code, specifier)) continue;
      found.use(permission, specifier);
    }
    const host = hostOf(specifier);
    if (host !== undefined && host !== "") found.use("import", specifier, host);
  }
}

/** Whether all that a module takes from `node:fs` is named, and reads. */
function onlyReads(code: string, specifier: string): boolean {
  const imports = [...code.matchAll(new RegExp(`import\\b([^;"'()]*?)\\bfrom\\s*["']${specifier}["']`, "g"))];
  const mentions = code.split(specifier).length - 1;
  return imports.length === mentions && imports.every(([, clause]) => {
    const [, names] = /^\s*\{([^}]*)\}\s*$/.exec(clause!) ?? [];
    return names?.split(",").map((name) => name.trim()).filter((name) => name !== "").every((name) =>
      /^(type\s|(createReadStream|readFile|readdir|stat|lstat|readlink|realpath|access|exists|opendir|watch|constants)(Sync)?\b)/
        .test(name)
    ) ?? false;
  });
}

function scanEnvironment({ code, bare, constants }: ScannedText, found: Findings): void {
  const note = (name: string | undefined, by: string) => {
    if (name !== undefined) found.environment.add(name);
    found.use("env", by, name);
  };
  for (const match of bare.matchAll(/\bDeno\s*\??\.\s*env\b\s*(?:\??\.\s*(\w+)\s*\(?)?/g)) {
    found.apis.add("Deno.env");
    const named = match[1] === "get" || match[1] === "has" || match[1] === "set" || match[1] === "delete";
    note(named ? textAt(code, match.index + match[0].length, constants) : undefined, "Deno.env");
  }
  for (const match of bare.matchAll(/\bprocess\s*\??\.\s*env\b\s*(?:\??\.\s*([A-Za-z_$][\w$]*)|(\[))?/g)) {
    const name = match[1] ??
      (match[2] === undefined ? undefined : textAt(code, match.index + match[0].length, constants));
    note(name, "process.env");
  }
}

function scanDeno({ code, bare, constants }: ScannedText, found: Findings): void {
  const note = (member: string, target?: string) => {
    found.apis.add(`Deno.${member}`);
    for (const permission of permissionsOfDeno(member)) found.use(permission, `Deno.${member}`, target);
  };
  for (const match of bare.matchAll(/\bDeno\s*\??\.\s*(\w+)\s*(\(?)/g)) {
    const [whole, member, call] = match;
    if (member === "env") continue;
    const known = permissionsOfDeno(member!);
    const isPath = known.some((permission) => ["read", "write", "run"].includes(permission));
    const at = match.index + whole.length;
    const target = call === "" || !isPath ? undefined : textAt(code, at, constants);
    if (/^open(Sync)?$/.test(member!) && call !== "") {
      scanOpen(member!, bare.slice(at, at + 400), target, found);
    } else note(member!, target);
  }
  for (const [, names] of bare.matchAll(DESTRUCTURED)) {
    for (const name of names!.split(",").map((part) => part.split(/[:=]/)[0]!.trim())) {
      if (name === "env") found.use("env", "Deno.env");
      if (/^\w+$/.test(name)) note(name);
    }
  }
}

/** A file is opened for reading unless the options say otherwise; options that are not written there may say anything. */
function scanOpen(member: string, rest: string, target: string | undefined, found: Findings): void {
  const call = rest.slice(0, /\)|;/.exec(rest)?.index ?? rest.length);
  const options = /,\s*(\S[^]*)$/.exec(call)?.[1];
  const isSeen = options === undefined || options.startsWith("{");
  const writes = !isSeen || /\b(write|append|create|createNew|truncate)\b/.test(options ?? "");
  const reads = !isSeen || !writes || /\bread\b/.test(options ?? "");
  found.apis.add(`Deno.${member}`);
  if (reads) found.use("read", `Deno.${member}`, target);
  if (writes) found.use("write", `Deno.${member}`, target);
}

const DESTRUCTURED = /\{([^{}]*)\}\s*=\s*(?:globalThis\s*\.\s*)?Deno\b(?!\s*[.[])/g;

/** What was taken apart by name is known: no more is passed on there. */
function withoutTaken(bare: string): string {
  return bare.replaceAll(DESTRUCTURED, "");
}

function scanNetwork({ code, bare, constants }: ScannedText, found: Findings): void {
  const hosts = hostsIn(withoutImports(code, found.imports));
  for (const host of hosts) if (host !== "") found.hosts.add(host);
  const isAny = hosts.length === 0 || hosts.includes("");
  const has = (name: string) =>
    new RegExp(`(?<![\\w$.])(?:globalThis\\s*\\.\\s*)?${name}\\b(?!\\s*:)`).test(bare);
  for (const name of [...NET_GLOBALS, ...LIBRARY_NET].filter(has)) {
    found.apis.add(name);
    for (const host of found.hosts) found.use("net", name, host);
    if (isAny) found.use("net", name);
  }
  for (const name of LIBRARY_MCP.filter(has)) {
    found.apis.add(name);
    for (const match of bare.matchAll(/\bcommand\s*:/g)) {
      found.use("run", name, textAt(code, match.index + match[0].length, constants));
    }
    if (/\burl\s*:/.test(bare)) { for (const host of found.hosts) found.use("net", name, host); }
  }
}

/** What the client of PostgreSQL reads where its URL does not say it. */
const UNSAID_IN_URL = [
  ["username", ["PGUSERNAME", "PGUSER"]],
  ["password", ["PGPASSWORD"]],
  ["port", ["PGPORT"]],
] as const;

/** A store needs the folder that its file is in, since it puts others beside it. */
function scanStores({ code, bare, constants }: ScannedText, found: Findings): void {
  const calls = new RegExp(`(?<![\\w$.])(${[...LIBRARY_STORES, ...LIBRARY_ALL].join("|")})\\s*\\(`, "g");
  for (const match of bare.matchAll(calls)) {
    const [whole, name] = match as unknown as [string, string];
    found.apis.add(name);
    if (LIBRARY_ALL.includes(name)) continue;
    const place = textAt(code, match.index + whole.length, constants);
    if (name === "postgresStore") {
      const url = place === undefined ? null : URL.parse(place);
      const unsaid = UNSAID_IN_URL.filter(([part]) => !url?.[part]).flatMap(([, names]) => names);
      for (const variable of [...POSTGRES_VARIABLES, ...unsaid]) found.use("env", name, variable);
      found.use("net", name, url === null ? undefined : `${url.hostname}:${url.port || 5432}`);
    } else if (place !== ":memory:") {
      const folder = name === "localStore" ? place : place?.replace(/[/\\]?[^/\\]*$/, "");
      for (const permission of ["read", "write"] as const) {
        found.use(permission, name, folder === "" ? "." : folder);
      }
    }
  }
}

function withoutImports(code: string, imports: ReadonlySet<string>): string {
  return [...imports].filter((name) => name.includes("://")).reduce(
    (text, name) => text.replaceAll(`"${name}"`, "").replaceAll(`'${name}'`, ""),
    code,
  );
}

function scanProxies({ code, bare, constants }: ScannedText, found: Findings): void {
  for (
    const match of bare.matchAll(/(?:@proxy|\bdefineProxy|\bHttpProxy|\bopenApiProxy|\bmcpProxy)\s*\(\s*\{/g)
  ) {
    const rest = bare.slice(match.index, match.index + 2000);
    const path = /\bpath\s*:/.exec(rest);
    const name = path === null
      ? undefined
      : textAt(code, match.index + path.index + path[0].length, constants);
    if (name !== undefined) found.proxies.add(name);
  }
}

/** The hosts of the URLs in a text; an empty one for a host that is put together. */
export function hostsIn(text: string): string[] {
  return [...text.matchAll(/\b(?:https?|wss?):\/\/[^\s"'`<>\\]*/gi)].map(([url]) => hostOf(url) ?? "");
}

/** The host of a URL with its port; empty where it is put together; `undefined` for what is no URL of the web. */
function hostOf(url: string): string | undefined {
  const [, host] = /^(?:https?|wss?):\/\/([^/?#\s]*)/i.exec(url) ?? [];
  if (host === undefined) return undefined;
  const name = host.slice(host.lastIndexOf("@") + 1).toLowerCase().replace(
    /[.,;:!)\]}]+$/,
    (end) => end.startsWith("]") ? "]" : "",
  );
  return /[${}*]/.test(host) || !/^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d+)?$/.test(name) ? "" : name;
}

/** The literal at a place, or that of the constant which is named there. */
function textAt(code: string, at: number, constants: ReadonlyMap<string, string>): string | undefined {
  const literal = literalAt(code, at);
  if (literal !== undefined) return literal.includes("${") ? undefined : literal;
  const [, name] = /^\s*([A-Za-z_$][\w$]*)\s*[),\]};\n]/.exec(code.slice(at, at + 200)) ?? [];
  return name === undefined ? undefined : constants.get(name);
}

/** The constants that are literals. */
function listConstants(code: string): Map<string, string> {
  const constants = new Map<string, string>();
  for (const match of code.matchAll(/\bconst\s{1,20}([A-Za-z_$][\w$]*)[^=;\n]{0,200}=/g)) {
    const value = literalAt(code, match.index + match[0].length);
    if (value !== undefined && !value.includes("${")) constants.set(match[1]!, value);
  }
  return constants;
}

function literalAt(code: string, at: number): string | undefined {
  return LITERAL.exec(code.slice(at, at + 2000))?.[2];
}
