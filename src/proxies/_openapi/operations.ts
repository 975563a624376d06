import { isPlainObject } from "../../util/mod.ts";
import { routeParams } from "../_http/path.ts";
import { type Part, textAt } from "./document.ts";
import { type Refs, Unusable } from "./refs.ts";

/** Where a parameter is, in a document. */
export type ParamPlace = "path" | "query" | "header" | "cookie";

/** A parameter of an operation. */
export interface OperationParam {
  /** The name in calls; different from all others of the operation. */
  readonly name: string;
  readonly wireName: string;
  readonly place: ParamPlace;
  readonly required: boolean;
  readonly schema: unknown;
  readonly example: unknown;
  readonly description: string;
  readonly style: string;
  readonly explode: boolean;
  readonly allowReserved: boolean;
  /** The value is written as JSON. */
  readonly asJson: boolean;
}

/** What an operation sends beside its parameters. */
export interface OperationBody {
  /** The name in calls. */
  readonly name: string;
  readonly required: boolean;
  readonly mediaType: string;
  readonly form: "json" | "form" | "multipart" | "text" | "bytes";
  readonly schema: unknown;
  readonly example: unknown;
  readonly description: string;
}

/** An operation of a document. */
export interface Operation {
  /** In upper case. */
  readonly method: string;
  readonly route: string;
  readonly id: string | undefined;
  readonly tags: readonly string[];
  readonly description: string;
  readonly params: readonly OperationParam[];
  readonly body: OperationBody | undefined;
  /** The operation's own servers, else its path's. */
  readonly servers: unknown;
  readonly security: unknown;
  readonly answer: { readonly schema: unknown; readonly example: unknown } | undefined;
}

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch"];
const PLACES = ["path", "query", "header", "cookie"];
/** What requests have by themselves, or what would make other requests of them. */
const OWN_HEADERS = new Set(
  "accept content-type authorization proxy-authorization cookie host connection content-length transfer-encoding te trailer upgrade expect"
    .split(" "),
);

/** Reads the operations of a document, in its order; one that cannot be read is told to `skip`. */
export function readOperations(
  root: Part,
  refs: Refs,
  isWanted: (method: string, route: string, operation: Part) => boolean,
  skip: (what: string, reason: string) => void,
): Operation[] {
  const operations: Operation[] = [];
  const attempt = (what: string, body: () => void) => {
    try {
      body();
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      skip(what, error.message);
    }
  };
  for (const [route, value] of Object.entries(root.paths as Part)) {
    if (!route.startsWith("/")) {
      if (!route.startsWith("x-")) skip(JSON.stringify(route), 'expected a path that begins with "/"');
      continue;
    }
    attempt(route, () => {
      const path = refs.object(value, "a path");
      for (const method of METHODS) {
        if (!Object.hasOwn(path, method)) continue;
        const name = `${method.toUpperCase()} ${route}`;
        attempt(name, () => {
          const operation = refs.object(path[method], "an operation");
          if (!isWanted(method.toUpperCase(), route, operation)) return;
          operations.push(readOperation(method, route, path, operation, refs));
        });
      }
    });
  }
  return operations;
}

function readOperation(method: string, route: string, path: Part, operation: Part, refs: Refs): Operation {
  if (/[?#\s]/.test(route)) throw new Unusable("expected a path without query, fragment and white space");
  const params = readParams(route, [path.parameters, operation.parameters], refs);
  const { summary, description, operationId, deprecated } = operation;
  const texts = [textAt(summary, 300), textAt(description, 1000)].filter((text) => text !== "");
  const text = [...new Set(texts)].join("\n") || `${method.toUpperCase()} ${route}`;
  const body = ["get", "head", "options"].includes(method)
    ? undefined
    : readBody(operation.requestBody, params, refs);
  return {
    method: method.toUpperCase(),
    route,
    id: typeof operationId === "string" && operationId !== "" ? operationId.slice(0, 200) : undefined,
    tags: Array.isArray(operation.tags) ? operation.tags.filter((tag) => typeof tag === "string") : [],
    description: deprecated === true ? `Deprecated. ${text}` : text,
    params,
    body,
    servers: operation.servers ?? path.servers,
    security: operation.security,
    answer: readAnswer(operation.responses, refs),
  };
}

function readParams(route: string, lists: readonly unknown[], refs: Refs): OperationParam[] {
  const declared = new Map<string, Part>();
  for (const list of lists) {
    if (list === undefined || list === null) continue;
    if (!Array.isArray(list)) throw new Unusable('expected "parameters" to be a list');
    for (const item of list) {
      const param = refs.object(item, "a parameter");
      const { name, in: place } = param;
      if (typeof name !== "string" || name === "" || name.length > 200 || !PLACES.includes(place as string)) {
        throw new Unusable(
          `expected a parameter with a name in ${PLACES.join(", ")}, found ${
            JSON.stringify([name, place]).slice(0, 100)
          }`,
        );
      }
      if ((place === "cookie" || place === "header") && !/^[\w!#$%&'*+.^`|~-]+$/.test(name)) {
        throw new Unusable(`expected a name of a ${place}, found ${JSON.stringify(name.slice(0, 60))}`);
      }
      if (place === "header" && OWN_HEADERS.has(name.toLowerCase())) continue;
      declared.set(`${place} ${name}`, param);
    }
  }
  const inPath = new Set(routeParams(route));
  for (const name of inPath) {
    if (name === "") throw new Unusable("expected a name between the braces of its path");
    const key = `path ${name}`;
    if (!declared.has(key)) declared.set(key, { name, in: "path", schema: { type: "string" } });
  }
  const taken = new Set<string>();
  const params: OperationParam[] = [];
  for (const param of declared.values()) {
    const place = param.in as ParamPlace;
    if (place === "path" && !inPath.has(param.name as string)) continue;
    params.push(readParam(param, place, taken, refs));
  }
  return params;
}

function readParam(param: Part, place: ParamPlace, taken: Set<string>, refs: Refs): OperationParam {
  const wireName = param.name as string;
  const content = isPlainObject(param.content) ? Object.entries(param.content)[0] : undefined;
  const holder = content === undefined ? param : refs.object(content[1], "a media type");
  const style = typeof param.style === "string"
    ? param.style
    : place === "query" || place === "cookie"
    ? "form"
    : "simple";
  return {
    name: freeName(callName(wireName), place, taken),
    wireName,
    place,
    required: place === "path" || param.required === true,
    schema: holder.schema ?? {},
    example: exampleOf(holder, refs) ?? exampleOf(param, refs),
    description: textAt(param.description, 300),
    style,
    explode: typeof param.explode === "boolean" ? param.explode : style === "form",
    allowReserved: param.allowReserved === true,
    asJson: content !== undefined && /json/i.test(content[0]),
  };
}

/** A name for calls: a `*` at its end would say that it is required, and `__proto__` is no key for validators. */
function callName(wireName: string): string {
  const name = wireName.replace(/\*+$/, "");
  return name === "" ? "param" : name === "__proto__" ? "proto" : name;
}

/** A name that no other parameter has. */
function freeName(wanted: string, suffix: string, taken: Set<string>): string {
  let name = taken.has(wanted) ? `${wanted}_${suffix}` : wanted;
  while (taken.has(name)) name = `${name}_`;
  taken.add(name);
  return name;
}

const FORMS: readonly (readonly [RegExp, OperationBody["form"]])[] = [
  [/^application\/([\w.+-]+\+)?json\b/i, "json"],
  [/^application\/x-www-form-urlencoded\b/i, "form"],
  [/^multipart\/form-data\b/i, "multipart"],
  [/^text\//i, "text"],
  [/xml\b/i, "text"],
  [/./, "bytes"],
];

function readBody(value: unknown, params: readonly OperationParam[], refs: Refs): OperationBody | undefined {
  if (value === undefined || value === null) return undefined;
  const body = refs.object(value, "a request body");
  if (!isPlainObject(body.content)) throw new Unusable('expected a request body with "content", found none');
  const types = Object.entries(body.content);
  for (const [pattern, form] of FORMS) {
    const found = types.find(([type]) => pattern.test(type));
    if (found === undefined) continue;
    const media = refs.object(found[1], "a media type");
    const isAny = found[0].includes("*");
    return {
      name: freeName("body", "content", new Set(params.map((param) => param.name))),
      required: body.required === true,
      mediaType: isAny ? "application/json" : found[0].replace(/[\r\n]/g, " "),
      form: isAny ? "json" : form,
      schema: media.schema ?? {},
      example: exampleOf(media, refs),
      description: textAt(body.description, 300),
    };
  }
  return undefined;
}

function readAnswer(responses: unknown, refs: Refs): Operation["answer"] {
  if (!isPlainObject(responses)) return undefined;
  const code = Object.keys(responses).filter((key) => /^2(\d\d|XX)$/i.test(key)).sort()[0] ?? "default";
  if (!Object.hasOwn(responses, code)) return undefined;
  try {
    const response = refs.object(responses[code], "a response");
    if (!isPlainObject(response.content)) return undefined;
    const types = Object.entries(response.content);
    const chosen = types.find(([type]) => /json/i.test(type)) ?? types[0];
    if (chosen === undefined) return undefined;
    const media = refs.object(chosen[1], "a media type");
    return { schema: media.schema, example: exampleOf(media, refs) };
  } catch (error) {
    if (error instanceof Unusable) return undefined; // the operation can be called all the same
    throw error;
  }
}

/** The example of a parameter or a media type, where there is one. */
function exampleOf(holder: Part, refs: Refs): unknown {
  if (holder.example !== undefined) return holder.example;
  if (!isPlainObject(holder.examples)) return undefined;
  for (const item of Object.values(holder.examples)) {
    try {
      const example = refs.follow(item);
      if (isPlainObject(example) && example.value !== undefined) return example.value;
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
    }
  }
  return undefined;
}
