import { LLLMError } from "../errors.ts";
import { type CallContext, type Resolver, type RunContext, runSyncStep, type Step } from "../run/mod.ts";
import type { TacticCallSession } from "../session/mod.ts";

/** Creates what a tactic's `call()` is given. Time, chance and effects pass through the run's steps. */
export function createCallContext(
  session: TacticCallSession<unknown>,
  getRun: () => RunContext,
  runId: string = session.sessionId,
): CallContext {
  const stepOf = (kind: Step["kind"], label: string): Step => ({
    kind,
    name: label,
    path: getRun().nextPath(label),
    input: null,
  });
  const sync = <T>(label: string, effect: () => T) =>
    runSyncStep(getRun().steps, stepOf("effect", label), effect);
  return {
    runId,
    sessionId: runId,
    get signal() {
      return getRun().signal;
    },
    get runtime(): Resolver {
      const { resolver } = getRun();
      if (resolver !== undefined) return resolver;
      throw new LLLMError("This run has no runtime: expected the tactic to be created with one, found none", {
        code: "resource_not_found",
      });
    },
    tags: session.tags,
    metadata: session.metadata,
    now: () => new Date(sync("now", () => Date.now())),
    random: () => sync("random", () => Math.random()),
    uuid: () => sync("uuid", () => crypto.randomUUID()),
    step: (name, effect) => getRun().runStep(stepOf("effect", `step:${name}`), effect),
    emit: (event) => getRun().emit(event),
  };
}
