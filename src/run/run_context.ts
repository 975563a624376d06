import { AsyncLocalStorage } from "node:async_hooks";
import type { OnApproval } from "./approval.ts";
import type { CallContext } from "./call_context.ts";
import type { Resolver } from "./resolver.ts";
import type { Step, StepRunner } from "./step.ts";
import type { RunTracer } from "./tracing.ts";

/** Something that happened in a run. The layers above say what events there are. */
export interface RunEvent {
  /** Tells the events apart. */
  readonly type: string;
}

/** The fields of a {@linkcode RunContext}. */
export interface RunContextInit {
  /** Where in the run this context is: the prefix of its steps' paths. Default: `""`. */
  readonly path?: string;
  /** Aborts the run. */
  readonly signal: AbortSignal;
  /** Runs the effects. */
  readonly steps: StepRunner;
  /** Finds resources. Default: none. */
  readonly resolver?: Resolver;
  /** Decides about calls that need approval. Default: none, so that they are denied. */
  readonly onApproval?: OnApproval;
  /** How long a decision may take, in milliseconds. Default: no limit. */
  readonly approvalTimeoutMs?: number;
  /** What a tactic's code is given; tools get it as `tacticContext`. Default: none. */
  readonly callContext?: CallContext;
  /** Hears of what happens in the run. Default: nobody. */
  readonly emit?: (event: RunEvent) => void;
  /** State of the layers above, by a symbol of theirs. Default: none. */
  readonly slots?: ReadonlyMap<symbol, unknown>;
  /** Shared by all contexts of one run. Default: a lifetime of its own. */
  readonly lifetime?: RunLifetime;
  /** Follows the steps. Default: nobody does. */
  readonly tracer?: RunTracer;
  /** What the tracer gave for the scope that this context belongs to. Default: nothing. */
  readonly trace?: unknown;
}

/** Whether a run is still going on. */
export interface RunLifetime {
  /** Set when the run has ended: from then on its contexts are nobody's current one. */
  ended: boolean;
}

/**
 * What belongs to the current run: its signal, step runner, resolver, listeners, and its place in the run. Code below
 * finds it by {@linkcode currentRun}, so that nobody wires it by hand.
 */
export class RunContext {
  /** The prefix of the paths of this context's steps. */
  readonly path: string;
  /** Aborts the run. */
  readonly signal: AbortSignal;
  /** Runs the effects. */
  readonly steps: StepRunner;
  /** Finds resources. */
  readonly resolver: Resolver | undefined;
  /** Decides about calls that need approval. */
  readonly onApproval: OnApproval | undefined;
  /** How long a decision may take, in milliseconds. */
  readonly approvalTimeoutMs: number | undefined;
  /** What a tactic's code is given. */
  readonly callContext: CallContext | undefined;
  /** Hears of what happens in the run. */
  readonly emit: (event: RunEvent) => void;
  /** State of the layers above. */
  readonly slots: ReadonlyMap<symbol, unknown>;
  /** Whether the run is still going on. */
  readonly lifetime: RunLifetime;
  /** Follows the steps. */
  readonly tracer: RunTracer | undefined;
  /** What the tracer gave for the scope that this context belongs to; whoever opens the scope sets it. */
  trace: unknown;
  #ordinals: Map<string, number> | undefined;

  /** Creates a context; it becomes current by {@linkcode RunContext.enter}. */
  constructor(init: RunContextInit) {
    this.path = init.path ?? "";
    this.signal = init.signal;
    this.steps = init.steps;
    this.resolver = init.resolver;
    this.onApproval = init.onApproval;
    this.approvalTimeoutMs = init.approvalTimeoutMs;
    this.callContext = init.callContext;
    this.emit = init.emit ?? nobody;
    this.slots = init.slots ?? NO_SLOTS;
    this.lifetime = init.lifetime ?? { ended: false };
    this.tracer = init.tracer;
    this.trace = init.trace;
  }

  /** Whether anybody hears of events: where nobody does, none need be made. */
  get hasListener(): boolean {
    return this.emit !== nobody;
  }

  /** Runs `body` with this context as the current one, in everything that it awaits or starts too. */
  enter<T>(body: () => T): T {
    return storage.run(this, body);
  }

  /** Makes a context that differs in some fields; its paths are counted anew. */
  with(changes: Partial<RunContextInit>): RunContext {
    return new RunContext({ ...(this as unknown as RunContextInit), ...changes });
  }

  /** Gives the path of the next step called `label` here: `<path>/<label>#<how many came before>`. */
  nextPath(label: string): string {
    this.#ordinals ??= new Map();
    const ordinal = this.#ordinals.get(label) ?? 0;
    this.#ordinals.set(label, ordinal + 1);
    return `${this.path === "" ? "" : `${this.path}/`}${label}#${ordinal}`;
  }

  /** Makes a context that stands for this one within a scope that is traced; their paths are counted together. */
  traced(tracer: RunTracer, trace: unknown): RunContext {
    const inside = this.with({ tracer, trace });
    inside.#ordinals = this.#ordinals ??= new Map();
    return inside;
  }

  /** Runs one step at a place of its own: steps that its effect makes are named below it. */
  runStep<T>(step: Step, effect: () => Promise<T>): Promise<T> {
    const { tracer } = this;
    const { path } = step;
    // Runners that tell of something tell those who hear of this context.
    if (tracer === undefined) {
      return this.enter(() => this.steps.run(step, () => this.with({ path }).enter(effect)));
    }
    return tracer.trace(
      step,
      this.trace,
      (trace) => this.enter(() => this.steps.run(step, () => this.with({ path, trace }).enter(effect))),
    );
  }
}

const NO_SLOTS: ReadonlyMap<symbol, unknown> = new Map();
const nobody = () => {};

const storage = new AsyncLocalStorage<RunContext>();

/** Gives the context of the current run, or `undefined` outside a run and in what goes on after its end. */
export function currentRun(): RunContext | undefined {
  const run = storage.getStore();
  return run?.lifetime.ended === true ? undefined : run;
}
