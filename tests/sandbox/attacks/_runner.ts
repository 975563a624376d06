/**
 * Runs attacks on a sandbox and says which promises did not hold.
 *
 * @module
 */
import { type CellOutcome, type CellResult, type Sandbox, SandboxPool } from "../../../src/sandbox/mod.ts";
import type { SandboxOptions } from "../../../src/sandbox/mod.ts";

/** What must come of an attack. Texts that are secret must never appear, whatever comes. */
export interface Expectation {
  /** How the cell ends; of several, one. */
  readonly outcome: CellOutcome | readonly CellOutcome[];
  /** The error's name; of several, one. */
  readonly error?: string | readonly string[];
  /** The value, or a part of it. */
  readonly value?: string | RegExp;
  /** What the whole text must have in it. */
  readonly text?: RegExp;
  /** Whether the process is replaced; `"maybe"`: it may be. Default: false. */
  readonly stateLost?: boolean | "maybe";
  /** How many API calls reach the host. Default: 0. */
  readonly calls?: number;
  /** Run again in a new session, each part of the value is another one. */
  readonly differs?: boolean;
}

/** Hostile code, and what must come of it. */
export interface Attack {
  readonly id: string;
  readonly code: string;
  readonly expect: Expectation;
  /** Units: milliseconds. Default: 10,000. */
  readonly timeoutMs?: number;
  /** The code harms its own session on purpose: a new one follows. Default: false. */
  readonly harms?: boolean;
}

/** Code of several lines. */
export function lines(...parts: readonly string[]): string {
  return parts.join("\n");
}

/** What came of an attack. */
export interface AttackReport {
  readonly id: string;
  readonly result: CellResult;
  /** Promises that did not hold. */
  readonly problems: readonly string[];
}

/** What only the host has. */
const SECRETS = [Deno.cwd(), Deno.execPath(), Deno.hostname(), "root:x:0:0", "uid=0", "/guest/", "ext:deno"]
  .filter((text) => text.length > 4); // a shorter one is part of innocent words

const MAX_HOST_GROWTH_BYTES = 256 * 1024 * 1024;

/** How a language plants a variable, and sees that all is well. */
const HEALTH = {
  python: {
    plant: "planted = 7",
    check: "import asyncio\nprint('alive')\nawait asyncio.sleep(0)\n(planted, CALL_API('/health'))",
    value: "(7, 'ok')",
  },
  typescript: {
    plant: "var planted = 7",
    check: "console.log('alive')\nplanted + await CALL_API('/health')",
    value: /^["']?7ok["']?$/,
  },
} as const;

/** Runs attacks one after the other, in one session where they leave it whole. */
export async function* runAttacks(
  language: "python" | "typescript",
  attacks: readonly Attack[],
  options: Pick<SandboxOptions, "allowNet" | "onNetRequest"> = {},
): AsyncGenerator<AttackReport> {
  if (attacks.length === 0) return;
  const calls: string[] = [];
  await using pool = new SandboxPool({
    size: 1,
    language,
    graceMs: 300,
    memoryMb: 320,
    maxOutputChars: 2000,
    maxApiCalls: 500,
    ...options,
    callApi: (path, params) => {
      calls.push(path);
      return path === "/health" ? "ok" : params;
    },
  });
  let sandbox = await pool.acquire();
  const replace = async () => {
    await sandbox.close();
    sandbox = await pool.acquire();
  };
  for (const attack of attacks) {
    calls.length = 0;
    await sandbox.runCell(HEALTH[language].plant);
    const before = Deno.memoryUsage().rss;
    const result = await sandbox.runCell(attack.code, { timeoutMs: attack.timeoutMs ?? 10_000 });
    const problems = [...judge(attack.expect, result, calls.length)];
    if (Deno.memoryUsage().rss - before > MAX_HOST_GROWTH_BYTES) problems.push("the host's memory grew");
    if (({} as Record<string, unknown>)["admin"] !== undefined) problems.push("the host's objects changed");
    const isReplaced = attack.harms === true || problems.length > 0;
    if (isReplaced) await replace();
    problems.push(...await checkHealth(language, sandbox, result.stateLost || isReplaced));
    const expectedCalls = (attack.expect.calls ?? 0) + 1;
    if (calls.length !== expectedCalls) {
      problems.push(`API calls: expected ${expectedCalls}, found ${calls.slice(-10).join()}`);
    }
    if (attack.expect.differs) {
      await replace();
      problems.push(...compare(result, await sandbox.runCell(attack.code)));
    }
    yield { id: attack.id, result, problems };
  }
}

function* judge(expect: Expectation, result: CellResult, calls: number): Generator<string> {
  const { outcome, error, value, text, stateLost = false } = expect;
  const whole = JSON.stringify(result) + result.toText();
  const found = `found ${result.outcome}, ${result.error?.name}, ${result.toText().slice(0, 400)}`;
  if (![outcome].flat().includes(result.outcome)) yield `outcome: expected ${outcome}, ${found}`;
  if (error !== undefined && ![error].flat().includes(result.error?.name ?? "none")) {
    yield `error: expected ${error}, ${found}`;
  }
  if (!matches(value, result.value)) yield `value: expected ${value}, ${found}`;
  if (text !== undefined && !text.test(result.toText())) yield `text: expected ${text}, ${found}`;
  if (stateLost !== "maybe" && stateLost !== result.stateLost) {
    yield `stateLost: expected ${stateLost}, ${found}`;
  }
  if (calls !== (expect.calls ?? 0)) yield `API calls: expected ${expect.calls ?? 0}, found ${calls}`;
  for (const secret of SECRETS) {
    if (whole.includes(secret)) yield `a secret in the result: ${secret}`;
  }
}

function matches(expected: string | RegExp | undefined, value: string | undefined): boolean {
  if (expected === undefined) return value === undefined;
  return typeof expected === "string" ? value === expected : expected.test(value ?? "");
}

async function checkHealth(
  language: "python" | "typescript",
  sandbox: Sandbox,
  isNew: boolean,
): Promise<string[]> {
  const { plant, check, value } = HEALTH[language];
  if (isNew) await sandbox.runCell(plant);
  const result = await sandbox.runCell(check);
  if (result.stdout === "alive\n" && matches(value, result.value)) return [];
  return [`the next cell: ${result.toText()}`];
}

function compare(first: CellResult, second: CellResult): string[] {
  const [parts, others] = [first, second].map(({ value }) => value?.split(", ") ?? []);
  return parts!.filter((part, index) => part === others![index]).map((part) => `the same again: ${part}`);
}
