import { LLLMError, ReplayDivergenceError } from "../errors.ts";
import {
  currentRun,
  RunContext,
  type StepRecord,
  type StepRunner,
  streamingRunner,
  toStepRecord,
} from "../run/mod.ts";
import { saveText, sha256Hex } from "../util/mod.ts";
import { checkSteps } from "../run/check_steps.ts";
import { ReplayRunner } from "./_replay_runner.ts";
import { scrubCassette } from "./_scrub_cassette.ts";

/** What is done with a cassette: `auto` records where there is none and replays else. */
export type CassetteMode = "auto" | "record" | "replay";

/** Options of {@linkcode withCassette}. */
export interface CassetteOptions {
  /** The folder of the file `<name>.json`. Default: `tests/cassettes` in the working folder. */
  folder?: string | URL;
  /** Whether to record or to replay. Default: `$LLLM_CASSETTES`; else `replay` where `$CI` is set; else `auto`. */
  mode?: CassetteMode;
  /** Texts that are not to be in the file, beside what is scrubbed anyway. Default: none. */
  secrets?: readonly string[];
}

/** What the body of {@linkcode withCassette} is told. */
export interface Cassette {
  /** Whether its steps come from the file. */
  readonly isReplay: boolean;
  /** The file. */
  readonly file: string;
}

const FORMAT = "lllm-cassette";
const VERSION = 1;

/**
 * Runs code whose steps are recorded in a file at the first time, and come from there ever after: a test of agents and tactics that
 * needs neither key nor network, and fails at the first request that is not the recorded one.
 *
 * What is recorded is free of keys: those of well-known forms, whatever is under the name of a secret, and `secrets`.
 *
 * @example
 * ```ts
 * import { withCassette } from "@lllm/lllm/replay";
 * import { Tactic } from "@lllm/lllm/tactic";
 * import { scriptedInvoker } from "@lllm/lllm/testing";
 * import assert from "node:assert/strict";
 *
 * const folder = await Deno.makeTempDir();
 * const invoker = scriptedInvoker(["Hello, Ann"]); // it can answer once
 * const greet = () =>
 *   withCassette("greeting", async () => {
 *     const agent = Tactic.quick("You greet.", { model: "any", invoker }).open("main");
 *     agent.receive("Ann is here");
 *     return (await agent.respond()).content;
 *   }, { folder, mode: "auto" });
 * assert.equal(await greet(), "Hello, Ann"); // recorded
 * assert.equal(await greet(), "Hello, Ann"); // replayed
 * ```
 *
 * @throws {ReplayDivergenceError} `replay_diverged`, when the code asks for something else than what was recorded.
 * @throws {LLLMError} `session_not_found`, when there is nothing to replay.
 */
export async function withCassette<T>(
  name: string,
  fn: (cassette: Cassette) => Promise<T> | T,
  options: CassetteOptions = {},
): Promise<T> {
  const { folder = "tests/cassettes", mode = readMode(), secrets = [] } = options;
  if (typeof name !== "string" || !/^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/.test(name)) {
    throw new TypeError(
      `Cannot use a cassette: expected a name of letters, digits, "-", "." and "/", found ${
        JSON.stringify(name)
      }`,
    );
  }
  if (!isMode(mode)) {
    throw new RangeError(
      `Cannot use cassette "${name}": expected mode auto, record or replay, found ${JSON.stringify(mode)}`,
    );
  }
  const file = await fileOf(folder, name);
  const scrub = (json: string) => scrubCassette(json, secrets);
  const steps = mode === "record" ? undefined : await readCassette(file);
  if (steps !== undefined) return await replay(steps, fn, { name, file, scrub });
  if (mode === "replay") {
    throw new LLLMError(
      `Cannot replay cassette "${name}": expected the file ${file}, found none; ${howTo()}`,
      {
        code: "session_not_found",
        data: { name, file },
      },
    );
  }
  return await record(name, file, fn, scrub);
}

async function record<T>(
  name: string,
  file: string,
  fn: (cassette: Cassette) => Promise<T> | T,
  scrub: (json: string) => string,
): Promise<T> {
  const steps: Partial<StepRecord>[] = [];
  const runner = streamingRunner((step) => {
    const { startedAt: _at, durationMs: _ms, ...kept } = toStepRecord(step);
    const input = scrub(step.inputJson);
    const output = step.outputJson === undefined
      ? {}
      : { output: JSON.parse(scrub(step.outputJson)) as unknown };
    const error = kept.error === undefined ? {} : { error: JSON.parse(scrub(JSON.stringify(kept.error))) };
    const { modelArgs: _args, promptHash: _hash, ...rest } = kept;
    steps.push({ ...rest, requestHash: sha256Hex(input), input: JSON.parse(input), ...output, ...error });
  });
  const result = await enter(runner, undefined, () => fn({ isReplay: false, file }));
  const { dirname } = await import("@std/path");
  await Deno.mkdir(dirname(file), { recursive: true });
  const text = JSON.stringify({ format: FORMAT, version: VERSION, name, steps }, null, 2);
  await saveText(file, `${text}\n`);
  return result;
}

async function replay<T>(
  steps: readonly StepRecord[],
  fn: (cassette: Cassette) => Promise<T> | T,
  { name, file, scrub }: { name: string; file: string; scrub: (json: string) => string },
): Promise<T> {
  const replayer = new ReplayRunner(steps, { mode: "strict", scrub });
  try {
    const result = await enter(replayer, replayer.signal, () => fn({ isReplay: true, file }));
    if (replayer.divergence !== undefined) throw replayer.divergence;
    replayer.checkEnd();
    return result;
  } catch (error) {
    const { divergence } = replayer;
    if (divergence === undefined) throw error;
    const data = divergence.data as { path: string; expected: unknown; actual: unknown };
    throw new ReplayDivergenceError(data, {
      message: `${divergence.message}; cassette "${name}" (${file}): ${howTo()}`,
    });
  } finally {
    replayer.close();
  }
}

async function enter<T>(
  steps: StepRunner,
  signal: AbortSignal | undefined,
  body: () => Promise<T> | T,
): Promise<T> {
  const around = currentRun();
  const lifetime = { ended: false };
  const signals = [around?.signal, signal].filter((each) => each !== undefined);
  const init = { steps, lifetime, signal: AbortSignal.any(signals) };
  const run = around === undefined ? new RunContext(init) : around.with(init);
  try {
    return await run.enter(async () => await body());
  } finally {
    lifetime.ended = true;
  }
}

async function readCassette(file: string): Promise<readonly StepRecord[] | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const data = parse(text) as { format?: unknown; version?: unknown; steps?: unknown } | undefined;
  if (data?.format !== FORMAT || typeof data.version !== "number") {
    throw new TypeError(
      `Cannot read cassette ${file}: expected an object with format "${FORMAT}", found none; ${howTo()}`,
    );
  }
  if (data.version > VERSION) {
    throw new LLLMError(
      `Cannot read cassette ${file}: expected version ${VERSION} or older, found ${data.version}`,
      { code: "record_too_new", data: { file, version: data.version } },
    );
  }
  return checkSteps(data.steps, `Cannot read cassette ${file}`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readMode(): CassetteMode {
  const mode = readVariable("LLLM_CASSETTES");
  if (mode === undefined) return readVariable("CI") === undefined ? "auto" : "replay";
  if (isMode(mode)) return mode;
  throw new RangeError(
    `Cannot use LLLM_CASSETTES: expected auto, record or replay, found ${JSON.stringify(mode)}`,
  );
}

function isMode(mode: string): mode is CassetteMode {
  return mode === "auto" || mode === "record" || mode === "replay";
}

/** A test without the permission to read a variable goes on as if there were none. */
function readVariable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}

async function fileOf(folder: string | URL, name: string): Promise<string> {
  const { fromFileUrl, join } = await import("@std/path");
  const place = folder instanceof URL || folder.startsWith("file:") ? fromFileUrl(folder) : folder;
  return join(place, `${name}.json`);
}

function howTo(): string {
  return 're-record with LLLM_CASSETTES=record, or with the option mode: "record"';
}
