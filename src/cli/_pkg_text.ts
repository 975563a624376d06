import type { ListedPackage, PackageFacts, PermissionRequest } from "../packages/mod.ts";
import { plain } from "./_plain.ts";

/** Files are many; what a package asks for is to be seen whole. */
const MAX_FILES_SHOWN = 12;
const MAX_LINES_SHOWN = 200;
const MAX_CHARS = 640;

/** Says for people what a package contains and asks for. */
export function describePackage(facts: PackageFacts): string {
  return [
    ...describeOne(facts),
    "",
    "This was read from its text, and nothing of it was run: a hint, no guarantee. Its modules are code like any",
    "other; when it is loaded they run with the permissions that your program has.",
  ].join("\n");
}

/** Says for people which packages there are, one a line. */
export function describeList(listed: readonly ListedPackage[]): string {
  return listed.map(({ name, version, scope, path, description }) =>
    [name, version || "-", scope, path, description].map(cut).join("\t").trimEnd()
  ).join("\n");
}

function describeOne(facts: PackageFacts): string[] {
  const { name, version, description, sections, modules, configs, proxies, bundled } = facts;
  const asked = facts.requests.filter(({ loaded }) => loaded);
  const others = facts.requests.filter(({ loaded }) => !loaded);
  const settings = (pick: (config: PackageFacts["configs"][number]) => readonly string[]) =>
    [...new Set(configs.flatMap(pick))].sort();
  return [
    cut([name, version, description && `— ${description}`].filter((part) => part !== "").join(" ")),
    ...Object.entries(sections).map(([section, files]) => row(section, files)),
    row("dependencies", facts.dependencies.map(({ path, alias }) => alias ? `${path} as ${alias}` : path)),
    ...heading("Code that loading it runs", modules.filter(({ loaded }) => loaded).map(({ path }) => path)),
    ...heading("Permissions that this code looks like it needs", asked.map(describeRequest)),
    ...heading("Permissions of modules that loading does not import", others.map(describeRequest)),
    ...heading(
      "Proxies",
      proxies.map(({ path, names, hosts, environment }) =>
        `${names.join(", ") || "?"} (${path}): hosts ${hosts.join(", ") || "none that it names"}` +
        (environment.length === 0 ? "" : `; variables ${environment.join(", ")}`)
      ),
    ),
    ...heading(
      "Configs",
      [
        setting("models", settings(({ models }) => models)),
        setting("invokers", settings(({ invokers }) => invokers)),
        setting("agents run code in", settings(({ execEnvs }) => execEnvs)),
        setting("sandboxes reach", settings(({ sandboxHosts }) => sandboxHosts)),
        setting("hosts", settings(({ hosts }) => hosts)),
        setting("variables", settings(({ environment }) => environment)),
      ].filter((line) => line !== ""),
    ),
    ...heading("Out of its own folder", facts.outside),
    ...heading("What this reading cannot follow", facts.notes),
    ...bundled.flatMap((
      each,
    ) => ["", `With it comes ${cut(each.name)}:`, ...describeOne(each).map(indent)]),
  ].filter((line) => line !== EMPTY);
}

const EMPTY = "\0";

function describeRequest({ permission, target, by, files }: PermissionRequest): string {
  const where = files.length > 3 ? `${files.slice(0, 3).join(", ")}, …` : files.join(", ");
  return `${permission}: ${target ?? "any"} (${by} in ${where})`;
}

function row(name: string, items: readonly string[]): string {
  return items.length === 0 ? EMPTY : `  ${name}: ${cut(shorten(items, MAX_FILES_SHOWN).join(", "))}`;
}

function setting(name: string, values: readonly string[]): string {
  return values.length === 0 ? "" : `${name}: ${values.join(", ")}`;
}

function heading(title: string, items: readonly string[]): string[] {
  return items.length === 0
    ? []
    : [`  ${title}:`, ...shorten(items, MAX_LINES_SHOWN).map((item) => `    ${cut(item)}`)];
}

function shorten(items: readonly string[], most: number): string[] {
  return items.length <= most ? [...items] : [...items.slice(0, most), `and ${items.length - most} more`];
}

function indent(line: string): string {
  return line === "" ? line : `  ${line}`;
}

function cut(text: string): string {
  const shown = plain(text);
  return shown.length > MAX_CHARS ? `${shown.slice(0, MAX_CHARS)}…` : shown;
}
