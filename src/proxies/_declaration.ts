import type { JsonSchema } from "../util/mod.ts";
import { type DateReader, dateReader } from "./_dates.ts";
import { type DateParamReader, readDateParams } from "./_date_params.ts";
import { type Param, readParams } from "./_params.ts";
import { paramsOfSchema } from "./_schema_params.ts";
import type { EndpointContext, EndpointOptions } from "./types.ts";

/** What a handler of {@linkcode defineProxy} is: given the checked parameters, it gives the answer. `this` is the proxy. */
export type EndpointHandler = (
  this: unknown,
  params: Record<string, unknown>,
  context: EndpointContext,
) => unknown;

/** An endpoint that was read once: its options with everything that calls need. */
export interface EndpointDeclaration {
  /** The name in calls: the method's name. */
  readonly callable: string;
  readonly options: EndpointOptions;
  readonly params: readonly Param[];
  readonly removed: ReadonlySet<string>;
  readonly dates: readonly DateParamReader[];
  /** What the arguments must satisfy beside their types. */
  readonly inputSchema: (() => JsonSchema) | undefined;
  /** What the answers are like. */
  readonly outputSchema: (() => JsonSchema) | undefined;
  readonly cutoff?: { readonly field: string; readonly read: DateReader };
  /** Answers the calls; without it the instance's method of that name does. */
  readonly handler?: EndpointHandler;
  /** Whether a call changes something at a service, so that no test makes one. */
  readonly changesThings: boolean;
  /** Whether the service wrote the schema of the arguments, and checks them again. */
  readonly isForeign: boolean;
}

const ENDPOINTS = Symbol.for("lllm.Proxy.endpoints");

/**
 * Reads the options of an endpoint.
 *
 * @returns what declares the endpoint on an instance; a later declaration of the same name replaces an earlier one
 * @throws {TypeError} when the options cannot be used
 */
export function declareEndpoint(
  callable: string,
  options: EndpointOptions,
  handler?: EndpointHandler,
  facts: { changesThings?: boolean; isForeign?: boolean } = {},
): (instance: object) => void {
  if (!/^[^\s/]+$/.test(callable)) {
    throw new TypeError(`Cannot declare endpoint "${callable}": expected a name without "/" and white space`);
  }
  if (typeof options?.description !== "string") {
    throw new TypeError(
      `Cannot declare endpoint "${callable}": expected a description, found ${typeof options?.description}`,
    );
  }
  const { removeKeys = [], dtCutoff, cacheMs = 0 } = options;
  if (!(typeof cacheMs === "number" && cacheMs >= 0)) {
    throw new TypeError(
      `Cannot declare endpoint "${callable}": expected cacheMs to be a number of milliseconds, found ${cacheMs}`,
    );
  }
  const inputSchema = lazily(options.inputSchema);
  const params = readParams(
    options.params ?? (inputSchema === undefined ? {} : paramsOfSchema(inputSchema())),
  );
  const declaration: EndpointDeclaration = {
    callable,
    options,
    params,
    dates: readDateParams(callable, params, options.dateParams ?? {}),
    inputSchema,
    outputSchema: lazily(options.outputSchema),
    removed: new Set(removeKeys),
    ...(dtCutoff === undefined
      ? {}
      : { cutoff: { field: dtCutoff[0], read: dateReader(dtCutoff[1], true) } }),
    ...(handler === undefined ? {} : { handler }),
    changesThings: facts.changesThings ?? false,
    isForeign: facts.isForeign ?? false,
  };
  return (instance) => {
    const holder = instance as { [ENDPOINTS]?: Map<string, EndpointDeclaration> };
    if (holder[ENDPOINTS] === undefined) Object.defineProperty(instance, ENDPOINTS, { value: new Map() });
    holder[ENDPOINTS]!.set(callable, declaration);
  };
}

/** What gives a schema, which is made once. */
function lazily(schema: EndpointOptions["inputSchema"]): (() => JsonSchema) | undefined {
  if (typeof schema !== "function") return schema === undefined ? undefined : () => schema;
  let made: JsonSchema | undefined;
  return () => made ??= schema();
}

/** The endpoints that were declared on an instance, by the name of their method. */
export function endpointsOf(instance: object): ReadonlyMap<string, EndpointDeclaration> {
  return (instance as { [ENDPOINTS]?: Map<string, EndpointDeclaration> })[ENDPOINTS] ?? new Map();
}
