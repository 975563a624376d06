import { readParams } from "../_params.ts";
import type { HttpApi, HttpEndpoint } from "../http_types.ts";
import { routeParams } from "./path.ts";

const PLACES = ["path", "query", "header", "cookie", "body"];

/**
 * Checks the declaration of a service, so that what is wrong with it shows when it is declared.
 *
 * @throws {TypeError} for what cannot be used
 */
export function checkApi(api: HttpApi): void {
  checkBaseUrl(api.baseUrl);
  for (const [name, endpoint] of Object.entries(api.endpoints ?? {})) checkEndpoint(name, endpoint);
}

/** @throws {TypeError} for what is no base URL */
export function checkBaseUrl(baseUrl: string | URL): URL {
  const url = URL.parse(String(baseUrl));
  const isUsable = url !== null && /^https?:$/.test(url.protocol) && url.username === "" &&
    url.password === "" && url.search === "" && url.hash === "";
  if (isUsable) return url;
  throw new TypeError(
    `Cannot declare HTTP API: expected a base URL of http or https, without user, query and fragment, found ${
      url === null ? JSON.stringify(String(baseUrl)) : `"${url.protocol}//${url.host}${url.pathname}"`
    }`,
  );
}

function checkEndpoint(name: string, endpoint: HttpEndpoint): void {
  const refuse = (problem: string) => new TypeError(`Cannot declare endpoint "${name}": ${problem}`);
  if (typeof endpoint.route !== "string" || /[?#\s]/.test(endpoint.route)) {
    throw refuse(`expected a route such as "/users/{id}", found ${JSON.stringify(endpoint.route)}`);
  }
  if (!/^[A-Za-z]+$/.test(endpoint.method ?? "GET")) {
    throw refuse(`expected an HTTP method, found ${JSON.stringify(endpoint.method)}`);
  }
  if (endpoint.params === undefined && endpoint.inputSchema !== undefined) return;
  const params = readParams(endpoint.params ?? {});
  for (const param of routeParams(endpoint.route)) {
    if (!params.some((other) => other.name === param && other.required)) {
      throw refuse(`its route has {${param}}, and "${param}*" is none of its parameters`);
    }
  }
  for (const [param, place] of Object.entries(endpoint.in ?? {})) {
    if (!params.some((other) => other.name === param)) throw refuse(`"${param}" is none of its parameters`);
    if (!PLACES.includes(place)) {
      throw refuse(`expected "${param}" in ${PLACES.join(", ")}, found "${place}"`);
    }
    if (place === "path" && !routeParams(endpoint.route).includes(param)) {
      throw refuse(`its route has no {${param}}`);
    }
  }
}
