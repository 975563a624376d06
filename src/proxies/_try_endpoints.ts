import { mutableCopy } from "../util/mod.ts";
import { callEndpoint } from "./_call_endpoint.ts";
import { endpointsOf } from "./_declaration.ts";
import { prepareArgs, validateArgs } from "./_prepare_args.ts";
import type { ApiDirectory, AutoTestResult } from "./types.ts";

/** What of a proxy the test needs. */
interface TestedProxy {
  readonly cutoffDate: Date | undefined;
  readonly deployMode: boolean;
  apiDirectory(): ApiDirectory;
}

/** Calls every endpoint of a proxy with its example parameters, in the order of the directory. */
export async function tryEndpoints(
  proxy: TestedProxy,
  options: { signal?: AbortSignal },
): Promise<Record<string, AutoTestResult>> {
  const { signal } = options;
  const { cutoffDate, deployMode } = proxy;
  const context = {
    deployMode,
    ...(signal === undefined ? {} : { signal }),
    ...(cutoffDate === undefined ? {} : { cutoffDate }),
  };
  const { id, endpoints } = proxy.apiDirectory();
  const results: [string, AutoTestResult][] = [];
  for (const { callable } of endpoints) {
    const declaration = endpointsOf(proxy).get(callable);
    if (declaration === undefined) continue;
    const missing = declaration.params.filter((param) => param.required && param.example === undefined)
      .map((param) => param.name);
    let outcome: Pick<AutoTestResult, "status" | "error">;
    const start = performance.now();
    if (declaration.options.needsApproval === true || declaration.changesThings) {
      outcome = { status: "skipped" };
    } else if (missing.length > 0) {
      outcome = { status: "error", error: `Expected an example of ${missing.join(", ")}, found none` };
    } else {
      try {
        const path = `${id}/${callable}`;
        const examples = declaration.params.filter((param) => param.example !== undefined)
          .map((param) => [param.name, param.example]);
        const params = prepareArgs(path, declaration, Object.fromEntries(examples), cutoffDate);
        await validateArgs(path, declaration, params);
        await callEndpoint(proxy, declaration, { path, params: mutableCopy(params), context });
        outcome = { status: "ok" };
      } catch (error) {
        if (signal?.aborted) throw signal.reason;
        outcome = { status: "error", error: error instanceof Error ? error.message : String(error) };
      }
    }
    results.push([callable, { ...outcome, missing, durationMs: performance.now() - start }]);
  }
  return Object.fromEntries(results);
}
