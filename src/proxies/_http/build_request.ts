import { LLLMError } from "../../errors.ts";
import type { HttpApi, HttpPlace, HttpRoute } from "../http_types.ts";
import { buildUrl, routeParams } from "./path.ts";
import type { HttpParts } from "./send.ts";

/** Makes a request of parameters. */
export function buildRequest(
  api: Pick<HttpApi, "baseUrl" | "headers" | "query">,
  route: HttpRoute,
  params: Readonly<Record<string, unknown>>,
  name: string,
): HttpParts {
  const method = (route.method ?? "GET").toUpperCase();
  const url = buildUrl(
    new URL(api.baseUrl),
    route.route,
    (param) => encodeURIComponent(textOf(params[param]).toWellFormed()),
    name,
  );
  const headers = new Headers({ accept: ACCEPT[route.receive ?? "auto"], ...api.headers, ...route.headers });
  for (const [key, value] of Object.entries({ ...api.query, ...route.query })) {
    url.searchParams.set(key, value);
  }
  const inPath = new Set(routeParams(route.route));
  const body: Record<string, unknown> = {};
  for (const [param, value] of Object.entries(params)) {
    const place = placeOf(route, param, inPath, method);
    if (place === "path" || value === undefined || (value === null && place !== "body")) continue;
    const wireName = own(route.rename, param) ?? param;
    if (place === "query") appendQuery(url.searchParams, wireName, value, route.arrays ?? "repeat");
    else if (place === "body") body[wireName] = value;
    else setHeader(headers, place, wireName, textOf(value), name);
  }
  if (Object.keys(body).length === 0) return { method, url, headers };
  if (route.send === "form") {
    const form = new URLSearchParams();
    for (const [key, value] of Object.entries(body)) appendQuery(form, key, value, route.arrays ?? "repeat");
    headers.set("content-type", "application/x-www-form-urlencoded");
    return { method, url, headers, body: form.toString() };
  }
  headers.set("content-type", "application/json");
  return { method, url, headers, body: JSON.stringify(body) };
}

const ACCEPT = {
  auto: "application/json, */*;q=0.5",
  json: "application/json",
  text: "text/plain, */*;q=0.5",
  csv: "text/csv, */*;q=0.5",
  bytes: "*/*",
};

/** Where a parameter goes. */
export function placeOf(
  route: HttpRoute,
  param: string,
  inPath: ReadonlySet<string>,
  method: string,
): HttpPlace {
  if (inPath.has(param)) return "path";
  return own(route.in, param) ?? (["GET", "HEAD", "DELETE"].includes(method) ? "query" : "body");
}

/** A parameter may be named like what every object has, such as "constructor". */
function own<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

/**
 * Sets a header or adds a cookie.
 *
 * @throws {LLLMError} `endpoint_args_invalid` for what a header cannot carry, such as a line end
 */
export function setHeader(
  headers: Headers,
  place: "header" | "cookie",
  name: string,
  value: string,
  api: string,
): void {
  try {
    if (place === "header") headers.set(name, value);
    else {
      const pair = `${name}=${encodeURIComponent(value.toWellFormed())}`;
      const others = headers.get("cookie");
      headers.set("cookie", others === null ? pair : `${others}; ${pair}`);
    }
  } catch {
    throw new LLLMError(
      `Cannot call API "${api}" with these parameters: "${name}": expected a text that a header can carry, found ${
        JSON.stringify(value.slice(0, 60))
      }`,
      { code: "endpoint_args_invalid", data: { api } },
    );
  }
}

function appendQuery(
  query: URLSearchParams,
  name: string,
  value: unknown,
  arrays: "repeat" | "comma" | "brackets",
): void {
  if (!Array.isArray(value)) query.append(name, textOf(value));
  else if (arrays === "comma") query.append(name, value.map(textOf).join(","));
  else for (const item of value) query.append(arrays === "brackets" ? `${name}[]` : name, textOf(item));
}

/** Writes a value as a text: lists and objects as JSON. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
