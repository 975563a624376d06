import { LLLMError } from "../../errors.ts";

/** The names of the parameters of a route: `/users/{id}` has `id`. */
export function routeParams(route: string): string[] {
  return [...route.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1]!);
}

/**
 * Puts the path of a request together.
 *
 * @param base the base URL, whose path the route is below
 * @param write gives a parameter as it stands in the path: encoded
 * @throws {LLLMError} `endpoint_args_invalid` for a value that a path cannot carry: an empty one, `.` or `..`
 */
export function buildUrl(base: URL, route: string, write: (name: string) => string, api: string): URL {
  const refuse = (message: string) =>
    new LLLMError(`Cannot call API "${api}" with these parameters: ${message}`, {
      code: "endpoint_args_invalid",
      data: { api },
    });
  const path = route.replace(/\{([^{}]*)\}/g, (_slot, name: string) => {
    const text = write(name);
    if (text === "") throw refuse(`"${name}": expected a text for the path, found an empty one`);
    return text;
  });
  const full = `${base.pathname.replace(/\/$/, "")}/${path.replace(/^\//, "")}`;
  for (const segment of full.split("/")) {
    // URLs take such a segment, encoded or not, for a step upwards.
    if (/^(\.|%2e){1,2}$/i.test(segment)) throw refuse(`expected a path without "${segment}"`);
  }
  const url = new URL(base);
  url.pathname = full;
  return url;
}
