/**
 * Options of a sandbox: defaults and checks, before disk or network are touched.
 *
 * @module
 */
import { parseNetEntry } from "../net/net_policy.ts";
import type { NetRequestInfo } from "../net/net_request.ts";
import { MAX_TIMER_MS } from "../util/mod.ts";
import type { PackageIndex } from "./package_index.ts";
import type { ApiHandler } from "./types.ts";

/** Options of {@linkcode createSandbox}. */
export interface SandboxOptions {
  /** The language of the cells. */
  readonly language: "python" | "typescript";
  /** Answers `CALL_API`. Default: each call is an error in the cell. */
  readonly callApi?: ApiHandler;
  /** Time limit of a cell. Units: milliseconds. Default: 60,000. */
  readonly timeoutMs?: number;
  /** Time between asking a cell to stop and killing its process. Units: milliseconds. Default: 2,000. */
  readonly graceMs?: number;
  /** Memory for the code's own data. Units: megabytes (2^20 bytes). Default: 512; from 64 to 4,096. */
  readonly memoryMb?: number;
  /** Most UTF-16 code units of each text of a result. 0: no limit but for what a host can bear. Default: 5,000. */
  readonly maxOutputChars?: number;
  /** Appended to a text that was cut. Default: `"... (truncated)"`. */
  readonly truncationIndicator?: string;
  /** Most API calls of one cell; the next is an error in the cell. Default: 100,000. */
  readonly maxApiCalls?: number;
  /**
   * Most cells of the session, counted anew after `reset()`; the next one is not run and ends with an error. Default:
   * 10,000.
   */
  readonly maxCells?: number;
  /** Most sandbox processes of this program at a time; one more is an error when it is started. Default: 64. */
  readonly maxProcesses?: number;
  /**
   * Hosts that cells may reach by http and https, through the host program: `host` (ports 80 and 443) or `host:port`, in
   * lower case, IPv6 in brackets, no wildcards. An address that is not public must be listed itself. Default: none.
   */
  readonly allowNet?: readonly string[];
  /** Told of each network request of the cells when it is over. What it throws is an error in the cell. Default: nothing. */
  readonly onNetRequest?: (request: NetRequestInfo) => void;
  /**
   * Python packages that cells can import, by name alone: what the package index has of them, and what they depend on.
   * The host downloads them at first use. Default: none.
   */
  readonly packages?: readonly string[];
  /** Where Python packages come from. Default: Pyodide's public index, as the lock file of its version says. */
  readonly packageIndex?: PackageIndex;
  /** Folder for the sandbox's own files. Default: `$LLLM_CACHE`, else `$XDG_CACHE_HOME/lllm`, else `~/.cache/lllm`. */
  readonly cacheDir?: string;
}

/** Options with their defaults applied. */
export type CheckedOptions =
  & Required<Omit<SandboxOptions, "callApi" | "cacheDir" | "onNetRequest">>
  & Pick<SandboxOptions, "callApi" | "cacheDir" | "onNetRequest">;

/** Default of `maxProcesses`. */
export const MAX_PROCESSES = 64;

const MAX_COUNT = Number.MAX_SAFE_INTEGER;
const PACKAGE_NAME = /^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/;

/** The least and the most of options that count something. */
const COUNTS = {
  memoryMb: [64, 4096],
  maxOutputChars: [0, MAX_COUNT],
  maxApiCalls: [0, MAX_COUNT],
  maxCells: [1, MAX_COUNT],
  maxProcesses: [1, MAX_COUNT],
} as const satisfies Record<string, readonly [number, number]>;

/** What each entry of an option's list must be. */
const LISTS = {
  packages: {
    what: "package",
    expected: "a package's name",
    isValid: (name: string): boolean => PACKAGE_NAME.test(name),
  },
  allowNet: {
    what: "allowNet entry",
    expected: '"host" or "host:port" in lower case, without wildcards, IPv6 in brackets',
    isValid: (entry: string): boolean => parseNetEntry(entry) !== null,
  },
} as const;

/** What is wrong with an option. */
export interface SandboxOptionProblem {
  /** What was expected in place of `found`. */
  readonly expected: string;
  /** The value, or the entry of a list. */
  readonly found: unknown;
}

/** Says what is wrong with the value of one option, before there is a sandbox; `undefined` for nothing. */
export function findSandboxOptionProblem(
  name: Exclude<keyof SandboxOptions, "language" | "callApi" | "onNetRequest" | "packageIndex" | "cacheDir">,
  value: unknown,
): SandboxOptionProblem | undefined {
  if (name === "packages" || name === "allowNet") {
    const { what, expected, isValid } = LISTS[name];
    if (!Array.isArray(value)) return { expected: `a list of each ${what}`, found: value };
    const wrong = value.findIndex((entry) => typeof entry !== "string" || !isValid(entry));
    return wrong < 0 ? undefined : { expected, found: value[wrong] };
  }
  if (name === "truncationIndicator") {
    return typeof value === "string" ? undefined : { expected: "a text", found: value };
  }
  const isTime = name === "timeoutMs" || name === "graceMs";
  const expected = isTime ? expectedTimeout(value) : expectedInteger(value, COUNTS[name][0], COUNTS[name][1]);
  return expected === undefined ? undefined : { expected, found: value };
}

/** Applies defaults and checks everything. */
export function checkOptions(options: SandboxOptions): CheckedOptions {
  const {
    language,
    timeoutMs = 60_000,
    graceMs = 2_000,
    memoryMb = 512,
    maxOutputChars = 5000,
    truncationIndicator = "... (truncated)",
    maxApiCalls = 100_000,
    maxCells = 10_000,
    maxProcesses = MAX_PROCESSES,
    allowNet = [],
    packages = [],
    packageIndex = {},
  } = options ?? {};
  if (language !== "python" && language !== "typescript") {
    throw new TypeError(
      `Cannot create sandbox: expected language "python" or "typescript", found ${show(language)}`,
    );
  }
  checkTimeout("timeoutMs", timeoutMs);
  checkTimeout("graceMs", graceMs);
  const counts = { memoryMb, maxOutputChars, maxApiCalls, maxCells, maxProcesses };
  for (const [name, [least, most]] of Object.entries(COUNTS)) {
    checkInteger(name, counts[name as keyof typeof COUNTS], least, most);
  }
  if (typeof truncationIndicator !== "string") {
    throw new TypeError("Cannot create sandbox: expected truncationIndicator to be a string");
  }
  if (options.callApi !== undefined && typeof options.callApi !== "function") {
    throw new TypeError("Cannot create sandbox: expected callApi to be a function");
  }
  if (options.onNetRequest !== undefined && typeof options.onNetRequest !== "function") {
    throw new TypeError("Cannot create sandbox: expected onNetRequest to be a function");
  }
  checkEach("packages", packages);
  checkIndex(packageIndex);
  if (language !== "python" && packages.length > 0) {
    throw new TypeError('Cannot create sandbox: expected packages with language "python" alone');
  }
  checkEach("allowNet", allowNet);
  return {
    language,
    timeoutMs,
    graceMs,
    memoryMb,
    maxOutputChars,
    truncationIndicator,
    maxApiCalls,
    maxCells,
    maxProcesses,
    allowNet,
    packages,
    packageIndex,
    ...(options.callApi === undefined ? {} : { callApi: options.callApi }),
    ...(options.onNetRequest === undefined ? {} : { onNetRequest: options.onNetRequest }),
    ...(options.cacheDir === undefined ? {} : { cacheDir: options.cacheDir }),
  };
}

/** Checks a time limit. */
export function checkTimeout(name: string, ms: number): void {
  const expected = expectedTimeout(ms);
  if (expected === undefined) return;
  throw new RangeError(`Cannot use ${name}: expected ${expected}, found ${show(ms)}`);
}

/** Checks a number that counts something. */
export function checkInteger(name: string, value: number, least: number, most: number): void {
  const expected = expectedInteger(value, least, most);
  if (expected === undefined) return;
  throw new RangeError(`Cannot use ${name}: expected ${expected}, found ${show(value)}`);
}

function expectedTimeout(ms: unknown): string | undefined {
  if (typeof ms === "number" && ms > 0 && ms <= MAX_TIMER_MS) return undefined;
  return `milliseconds from above 0 to ${MAX_TIMER_MS}`;
}

function expectedInteger(value: unknown, least: number, most: number): string | undefined {
  const isFitting = Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
  return isFitting ? undefined : `an integer from ${least}${most === MAX_COUNT ? "" : ` to ${most}`}`;
}

function checkEach(name: keyof typeof LISTS, list: readonly string[]): void {
  const { what } = LISTS[name];
  if (!Array.isArray(list)) throw new TypeError(`Cannot create sandbox: expected a list of each ${what}`);
  const problem = findSandboxOptionProblem(name, list);
  if (problem === undefined) return;
  throw new RangeError(`Cannot use ${what} ${show(problem.found)}: expected ${problem.expected}`);
}

function checkIndex(index: PackageIndex): void {
  const isIndex = typeof index === "object" && index !== null &&
    [index.lockFile, index.wheels].every((place) =>
      place === undefined || place instanceof URL || typeof place === "string" && place !== ""
    );
  if (isIndex) return;
  throw new TypeError(
    "Cannot create sandbox: expected packageIndex to be { lockFile?, wheels? }, each a path or a URL",
  );
}

function show(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
