import { typescriptDeclarations } from "./_declarations.ts";
import { type DocsEntry, DocsIndex } from "./_docs_index.ts";
import { type Param, readParams, signatureOf } from "./_params.ts";
import { blockText, firstLine, jsonText, lineText, nameText } from "./_type_escape.ts";
import { type TypeLimits, TypeWriter } from "./_type_text.ts";
import type { ApiDirectory, EndpointInfo } from "./types.ts";

const PAGE_CHARS = 6_000;
/** How much is written of an endpoint: alone, among a few, and among many. */
interface Detail {
  /** Most characters in all, of the description, and of an example answer. */
  readonly chars: number;
  readonly description: number;
  readonly example: number;
  readonly types: TypeLimits;
}
const DETAIL: TypeLimits = { maxDepth: 4, maxTypes: 120, maxMembers: 30, commentChars: 60 };
const LESS: TypeLimits = { maxDepth: 2, maxTypes: 40, maxMembers: 20, commentChars: 0 };
const ALONE: Detail = { chars: 12_000, description: Infinity, example: 1_200, types: DETAIL };
const FEW: Detail = { chars: 2_500, description: Infinity, example: 1_200, types: DETAIL };
const MANY: Detail = { chars: 1_200, description: 240, example: 200, types: LESS };
/** Fewer endpoints are few. */
const MANY_FROM = 20;
const MAX_NAMES = 60;
/** Most endpoints that a search finds. */
const MAX_FOUND = 100;
/** More endpoints than these are listed, unless a query chooses some. */
const MAX_DESCRIBED = 200;
const MAX_GROUPS = 80;

/** What to write of the documentation. */
interface DocsOptions {
  readonly query?: string;
  readonly page?: number;
  readonly form?: "text" | "typescript";
}

/** A part of a page: an endpoint, with what is written about it. */
interface Section {
  readonly directory: ApiDirectory;
  readonly call: string;
  readonly text: string;
}

/**
 * Writes the documentation of proxies as text, in pages of about 6,000 characters; the end of a page names what is on the
 * others. Up to 200 endpoints, and those that a query finds, are described: signature, parameters, an example answer.
 * More are listed by signature. The index of words is made at the first query, and again when the endpoints change.
 */
export class ApiDocs {
  #index: { readonly endpoints: string; readonly index: DocsIndex } | undefined;

  /**
   * Writes one page.
   *
   * @throws {RangeError} when there is no such page
   */
  render(directories: readonly ApiDirectory[], options: DocsOptions): string {
    const { query = "", page = 1, form = "text" } = options;
    const all = directories.flatMap((directory) =>
      directory.endpoints.map((info): DocsEntry => ({
        directory,
        info,
        call: `${directory.id}/${info.callable}`,
      }))
    );
    const isSearch = /[\p{L}\p{N}]/u.test(query);
    const entries = isSearch ? this.#search(all, query) : all;
    const sections = entries.length > MAX_DESCRIBED ? entries.map(listed) : describe(entries, form);
    const pages = intoPages(sections);
    if (!Number.isInteger(page) || page < 1 || page > Math.max(1, pages.length)) {
      throw new RangeError(
        `Cannot read page ${page} of the API documentation: expected 1 to ${pages.length}`,
      );
    }
    if (sections.length === 0) return nothingFound(directories, query, isSearch);
    const current = pages[page - 1]!;
    const isList = entries.length > MAX_DESCRIBED;
    const parts: string[] = [];
    current.forEach((section, i) => {
      const isFirst = current[i - 1]?.directory !== section.directory;
      if (isFirst) {
        parts.push(proxyText(section.directory), ...(isList ? [groupsText(section.directory)] : []));
      }
      if (!isList || isFirst) parts.push(section.text);
      else parts.push(`${parts.pop()}\n${section.text}`);
    });
    if (pages.length > 1) parts.push(footer(page, pages));
    return parts.join("\n\n");
  }

  #search(entries: readonly DocsEntry[], query: string): DocsEntry[] {
    const endpoints = entries.map(({ call, info }) => `${call} ${info.description}`).join("\n");
    if (this.#index?.endpoints !== endpoints) this.#index = { endpoints, index: new DocsIndex(entries) };
    const byCall = new Map(entries.map((entry) => [entry.call, entry]));
    return this.#index.index.search(query, MAX_FOUND).map(({ call }) => byCall.get(call)!);
  }
}

function describe(entries: readonly DocsEntry[], form: "text" | "typescript"): Section[] {
  const detail = entries.length === 1 ? ALONE : entries.length < MANY_FROM ? FEW : MANY;
  return entries.map(({ directory, info, call }) => ({
    directory,
    call,
    text: form === "typescript" ? declarationText(call, info, detail) : endpointText(call, info, detail),
  }));
}

/** An endpoint as a line. */
function listed({ directory, info, call }: DocsEntry): Section {
  const line = firstLine(info.description, 100);
  return { directory, call, text: `- ${endpointSignature(directory.id, info)}: ${line}` };
}

/** How many endpoints a proxy has in which groups. */
function groupsText({ endpoints }: ApiDirectory): string {
  return `${endpoints.length} endpoints, in groups: ${
    groupsOf(endpoints, MAX_GROUPS)
  }. A query finds those that you need.`;
}

/** The groups of endpoints, with how many are in each. */
function groupsOf(endpoints: readonly EndpointInfo[], maxGroups: number): string {
  const groups = new Map<string, number>();
  for (const { category } of endpoints) groups.set(category, (groups.get(category) ?? 0) + 1);
  const shown = [...groups].slice(0, maxGroups).map(([name, count]) => `${firstLine(name, 60)} (${count})`);
  return `${shown.join(", ")}${groups.size > maxGroups ? `, and ${groups.size - maxGroups} more` : ""}`;
}

/** Writes how an endpoint is called: `market/search(query: string, limit?: integer)`. */
export function endpointSignature(proxyName: string, info: EndpointInfo): string {
  return `${nameText(`${proxyName}/${info.callable}`)}(${signatureOf(readParams(info.params))})`;
}

function proxyText({ id, displayName, description }: ApiDirectory): string {
  const title = displayName === id ? `# ${nameText(id)}` : `# ${nameText(id)}: ${lineText(displayName)}`;
  return description === "" ? title : `${title}\n${blockText(description)}`;
}

function endpointText(call: string, info: EndpointInfo, detail: Detail): string {
  const proxyName = call.slice(0, -info.callable.length - 1);
  let text = writeEndpoint(proxyName, info, detail);
  if (text.length > detail.chars) text = writeEndpoint(proxyName, info, { ...detail, types: LESS });
  if (text.length <= detail.chars) return text;
  const where = detail === ALONE ? "" : `; all of it: query_api_doc(${jsonText(call)})`;
  return `${text.slice(0, detail.chars).toWellFormed()} … (cut${where})`;
}

/** An endpoint for those who program in TypeScript. */
function declarationText(call: string, info: EndpointInfo, detail: Detail): string {
  const undescribed: EndpointInfo = Object.create(info, { description: { value: "" } });
  const declaration = typescriptDeclarations([{ path: call, info: undescribed }], { maxChars: detail.chars });
  const head = `## ${nameText(call)}\n${cut(info.description, detail.description)} [${groupOf(info)}]`;
  const isShown = info.response === null || declaration.includes("Returns e.g.");
  const example = isShown ? "" : `\nReturns e.g. ${short(info.response, detail.example)}`;
  return `${head}\n\`\`\`ts\n${declaration}\n\`\`\`${example}`;
}

function groupOf({ category, subCategory }: EndpointInfo): string {
  return lineText([category, subCategory].filter((part) => part !== "").join(", "));
}

function writeEndpoint(proxyName: string, info: EndpointInfo, detail: Detail): string {
  const lines = [
    `## ${endpointSignature(proxyName, info)}`,
    `${cut(info.description, detail.description)} [${groupOf(info)}]`,
  ];
  const writer = new TypeWriter(detail.types);
  for (const param of readParams(info.params)) {
    const { name, type, required, example, description } = param;
    const facts = [
      `${type}, ${required ? "required" : "optional"}`,
      ...(example === undefined ? [] : [`e.g. ${short(example, detail.example)}`]),
    ];
    const inner = innerType(param, info, writer);
    lines.push(
      `- ${nameText(name)} (${facts.join(", ")})${
        description === undefined ? "" : `: ${lineText(description)}`
      }${inner === undefined ? "" : `\n  ${inner.replaceAll("\n", "\n  ")}`}`,
    );
  }
  if (info.needsApproval) lines.push("Each call needs a person's approval.");
  if (info.response !== null) lines.push(`Returns e.g. ${short(info.response, detail.example)}`);
  else if (info.outputSchema !== undefined) {
    const type = writer.type(info.outputSchema, info.outputSchema);
    if (type !== "unknown") lines.push(`Returns ${type}`);
  }
  for (const [name, type] of writer.named) lines.push(`type ${name} = ${type}`);
  return lines.join("\n");
}

/** What a parameter of more than one value is like inside, as far as its schema says more than its type. */
function innerType(
  { name, type }: Param,
  { inputSchema }: EndpointInfo,
  writer: TypeWriter,
): string | undefined {
  const properties = inputSchema?.properties as Record<string, unknown> | undefined;
  if (properties === undefined || !Object.hasOwn(properties, name)) return undefined;
  const property = properties[name] as { enum?: unknown };
  if (!["array", "object", "any"].includes(type) && property.enum === undefined) return undefined;
  const text = writer.type(property, inputSchema!);
  return /^(unknown(\[\])?|Record<string, unknown>)$/.test(text) ? undefined : text;
}

function intoPages(sections: readonly Section[]): Section[][] {
  const pages: Section[][] = [];
  let length = Infinity;
  for (const section of sections) {
    length += section.text.length;
    if (length > PAGE_CHARS) {
      pages.push([]);
      length = section.text.length;
    }
    pages.at(-1)!.push(section);
  }
  return pages;
}

function footer(page: number, pages: readonly Section[][]): string {
  const others = pages.filter((_, i) => i !== page - 1).flat().map((section) => nameText(section.call));
  const more = others.length > MAX_NAMES ? `, and ${others.length - MAX_NAMES} more` : "";
  return `Page ${page} of ${pages.length}. Not on this page: ${
    others.slice(0, MAX_NAMES).join(", ")
  }${more}` +
    (page < pages.length ? `\nThe next page: "page:${page + 1}" in the query` : "");
}

function nothingFound(directories: readonly ApiDirectory[], query: string, searched: boolean): string {
  if (directories.length === 0) return "There are no APIs.";
  const names = directories.map(({ id, endpoints }) => `${id} (${endpoints.length})`).join(", ");
  return searched
    ? `No endpoint matches "${query.slice(0, 200)}". Number of endpoints: ${names}`
    : directories.map((directory) => `${proxyText(directory)}\n\nIt has no endpoints.`).join("\n\n");
}

function short(value: unknown, maxChars: number): string {
  const text = jsonText(value);
  return text.length <= maxChars ? text : `${text.slice(0, maxChars).toWellFormed()} … (cut)`;
}

function cut(description: string, maxChars: number): string {
  const text = blockText(description);
  return text.length <= maxChars ? text : `${text.slice(0, maxChars).toWellFormed()}…`;
}
