import { typescriptDeclarations } from "./_declarations.ts";
import { endpointSignature } from "./_docs.ts";
import { firstLine, nameText } from "./_type_escape.ts";
import type { ApiDirectory, EndpointInfo } from "./types.ts";

const MAX_CHARS = 6_000;
/** Most characters of one endpoint's declaration here; `query_api_doc` gives all of it. */
const MAX_DECLARATION_CHARS = 600;
const MAX_GROUPS = 40;

/** How much a directory tells of each endpoint. */
export type DirectoryDetail = "declarations" | "signatures" | "names" | "groups";

/** A directory as text. */
export interface DirectoryText {
  readonly text: string;
  readonly detail: DirectoryDetail;
}

/**
 * Lists proxies and their endpoints for a system prompt: for code in TypeScript as declarations, else with signatures and
 * descriptions, as long as that is short enough; then by name; then only what groups of endpoints there are.
 */
export function renderDirectory(
  directories: readonly ApiDirectory[],
  options: { declarations?: boolean } = {},
): DirectoryText {
  if (directories.length === 0) return { text: "None.", detail: "groups" };
  const forms: [DirectoryDetail, (directory: ApiDirectory) => Iterable<string>][] = [
    ["signatures", signatures],
    ["names", names],
  ];
  if (options.declarations === true) forms.unshift(["declarations", declarations]);
  for (const [detail, write] of forms) {
    const text = joinWhileShort(directories, write);
    if (text !== undefined) return { text, detail };
  }
  const groups = joinWhileShort(directories, groupsOf) ??
    directories.map((directory) => `- ${heading(directory)} (${directory.endpoints.length} endpoints)`).join(
      "\n",
    );
  return { text: groups, detail: "groups" };
}

/** Joins what is written of each proxy; `undefined` as soon as it is too long, so that nothing more is made. */
function joinWhileShort(
  directories: readonly ApiDirectory[],
  write: (directory: ApiDirectory) => Iterable<string>,
): string | undefined {
  let text = "";
  for (const directory of directories) {
    text += text === "" ? "" : "\n\n";
    for (const part of write(directory)) {
      text += part;
      if (text.length > MAX_CHARS) return undefined;
    }
  }
  return text;
}

function* declarations(directory: ApiDirectory): Iterable<string> {
  yield `### ${heading(directory)}\n\n\`\`\`ts\n`;
  for (const info of directory.endpoints) {
    const brief: EndpointInfo = Object.create(info, {
      description: { value: firstLine(info.description) },
    });
    const path = `${directory.id}/${info.callable}`;
    yield `${
      typescriptDeclarations([{ path, info: brief }], { maxChars: MAX_DECLARATION_CHARS, comments: "brief" })
    }\n`;
  }
  yield "```";
}

function* signatures(directory: ApiDirectory): Iterable<string> {
  yield `### ${heading(directory)}`;
  for (const info of directory.endpoints) {
    yield `\n- ${endpointSignature(directory.id, info)}: ${firstLine(info.description)}`;
  }
}

function* names(directory: ApiDirectory): Iterable<string> {
  yield `### ${heading(directory)}\n`;
  let separator = "";
  for (const { callable } of directory.endpoints) {
    yield separator + nameText(`${directory.id}/${callable}`);
    separator = ", ";
  }
}

function* groupsOf(directory: ApiDirectory): Iterable<string> {
  const counts = new Map<string, number>();
  for (const { category } of directory.endpoints) counts.set(category, (counts.get(category) ?? 0) + 1);
  const groups = [...counts].sort(([, a], [, b]) => b - a);
  yield `### ${heading(directory)}\n${directory.endpoints.length} endpoints`;
  if (groups.length < 2) return;
  const shown = groups.slice(0, MAX_GROUPS).map(([name, count]) => `${firstLine(name)} (${count})`);
  if (groups.length > MAX_GROUPS) shown.push(`${groups.length - MAX_GROUPS} more groups`);
  yield `: ${shown.join(", ")}`;
}

function heading({ id, displayName, description }: ApiDirectory): string {
  const text = firstLine(description || (displayName === id ? "" : displayName));
  return text === "" ? nameText(id) : `${nameText(id)}: ${text}`;
}
