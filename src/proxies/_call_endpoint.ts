import { type Clock, systemClock } from "../run/mod.ts";
import { type JsonValue, raceAbort } from "../util/mod.ts";
import { applyCutoff, removeKeys, toJson } from "./_answer.ts";
import { cacheKey, cacheOf } from "./_answer_cache.ts";
import type { EndpointDeclaration, EndpointHandler } from "./_declaration.ts";
import type { EndpointContext, PostCall } from "./types.ts";

/** What of a proxy a call needs. */
interface CalledProxy {
  readonly useCache?: boolean;
  readonly clock?: Clock;
  readonly postCall?: PostCall;
}

/** A call with checked parameters. */
interface EndpointCall {
  readonly path: string;
  readonly params: Record<string, unknown>;
  readonly context: EndpointContext;
}

/**
 * Calls an endpoint with checked parameters and gives its answer as JSON data, without what may not be told: from the
 * cache where the endpoint has one. An abort rejects at once, also when the endpoint does not listen to it.
 */
export async function callEndpoint(
  instance: object,
  declaration: EndpointDeclaration,
  call: EndpointCall,
): Promise<JsonValue> {
  const { useCache = false, clock = systemClock } = instance as CalledProxy;
  const { cacheMs = 0 } = declaration.options;
  call.context.signal?.throwIfAborted();
  if (cacheMs <= 0 || !useCache) return await answer(instance, declaration, call);
  const key = cacheKey(declaration.callable, call.params, call.context.cutoffDate);
  const kept = cacheOf(instance).get(key, clock.now());
  if (kept !== undefined) return kept;
  const fresh = await answer(instance, declaration, call);
  cacheOf(instance).set(key, fresh, clock.now() + cacheMs);
  return fresh;
}

async function answer(
  instance: object,
  declaration: EndpointDeclaration,
  { path, params, context }: EndpointCall,
): Promise<JsonValue> {
  const { callable, handler, removed, options } = declaration;
  const { signal } = context;
  const limit = context.cutoffDate?.getTime(); // before anyone can set the date to another
  const pending = handler !== undefined
    ? handler.call(instance, params, context)
    : (instance as Record<string, EndpointHandler>)[callable]!(params, context);
  let value = cut(declaration, toJson(path, await raceAbort(Promise.resolve(pending), signal)), limit);
  const proxy = instance as CalledProxy;
  const hooks = [options.postCall, proxy.postCall?.bind(proxy)].filter((hook) => hook !== undefined);
  for (const hook of hooks) {
    const changed = await raceAbort(Promise.resolve(hook(value, { callable, params, context })), signal);
    value = cut(declaration, toJson(path, changed), limit);
  }
  return removeKeys(value, removed);
}

function cut({ cutoff }: EndpointDeclaration, value: JsonValue, limit: number | undefined): JsonValue {
  if (cutoff === undefined || limit === undefined) return value;
  return applyCutoff(value, cutoff.field, cutoff.read, limit);
}
