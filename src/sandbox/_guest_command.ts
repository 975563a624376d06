/**
 * The command line of a guest: which walls stand around its process.
 *
 * @module
 */
import type { Warning } from "../util/mod.ts";
import type { PreparedPackages } from "./_prepare_packages.ts";

/** Resident memory that a guest may use beyond `memoryMb`: Deno, V8, the interpreter and its files. Megabytes. */
export const BASELINE_MB = 256;

/** Bytes that files in the guest's memory may hold. */
export const FILE_QUOTA_BYTES = 64 * 1024 * 1024;

/** Address space that is reserved and never used; counted by the kernel's limit. Megabytes. */
const RESERVED_MB = 2048;

/** A folder that cannot be made, so that Deno keeps its own caches in memory. */
const NO_FOLDER = Deno.build.os === "windows" ? "NUL\\deno" : "/dev/null/deno";

const WASM_PAGES_PER_MB = 16;
const MAX_WASM_PAGES = 65_536;

/** Python's data is not on V8's heap. */
const PYTHON_OLD_SPACE_MB = 128;

const MAX_CPU_SECONDS = 24 * 60 * 60;

/** The program that starts another one under the kernel's limits; null where there is none. */
export const LIMITER: string | null = Deno.build.os === "linux" ? "prlimit" : null;

/** What is expected of a system without that program. */
export const LIMITER_ABSENT = `the program ${LIMITER} (of util-linux), found none`;

/** Tells that a sandbox has no such limits although this system knows them. `expected`: what is missing for them. */
export function limitsWarning(expected: string): Warning {
  return {
    code: "sandbox_limits_missing",
    message: `The sandbox runs without the kernel's limits: expected ${expected}`,
    data: {},
  };
}

/** The command, ready for `Deno.Command`. */
export interface GuestCommand {
  readonly command: string;
  readonly options: Deno.CommandOptions;
}

/** What a guest is started with. */
export interface GuestCommandOptions {
  /** Default: `"python"`. */
  readonly language?: "python" | "typescript";
  readonly memoryMb: number;
  /** Files with packages: what it may read besides its folder, and holds in memory besides `memoryMb`. */
  readonly packages?: PreparedPackages;
  /** Whether {@linkcode LIMITER} starts it. Default: false. */
  readonly isLimited?: boolean;
}

/** Resident memory that a guest may use. Megabytes. */
export function residentLimitMb({ memoryMb, packages }: GuestCommandOptions): number {
  return memoryMb + BASELINE_MB + packageMb(packages);
}

function packageMb(packages: PreparedPackages | undefined): number {
  return Math.ceil((packages?.bytes ?? 0) / (1024 * 1024));
}

/** Makes the command that runs `entry`, a path below `folder`, and can read that folder and its packages alone. */
export function guestCommand(folder: string, entry: string, options: GuestCommandOptions): GuestCommand {
  const { language = "python", memoryMb, packages, isLimited = false } = options;
  const deno = findDeno();
  const args = [
    "run",
    "--quiet",
    "--no-prompt",
    "--no-config",
    "--no-lock",
    "--cached-only",
    "--no-remote",
    "--no-npm",
    "--no-code-cache",
    ...["write", "net", "env", "run", "sys", "ffi", "import"].map((name) => `--deny-${name}`),
    `--allow-read=${
      [folder, ...(packages?.files ?? [])].map((path) => path.replaceAll(",", ",,")).join(",")
    }`,
    `--v8-flags=--disallow-code-generation-from-strings,--wasm-max-mem-pages=${
      Math.min(memoryMb * WASM_PAGES_PER_MB, MAX_WASM_PAGES)
    },--max-old-space-size=${language === "python" ? PYTHON_OLD_SPACE_MB : memoryMb}`,
    `${folder}/${entry}`,
  ];
  const limiter = isLimited ? LIMITER : null;
  return {
    command: limiter ?? deno,
    options: {
      args: limiter === null ? args : [...kernelLimits(memoryMb + packageMb(packages)), deno, ...args],
      clearEnv: true,
      env: {
        DENO_DIR: NO_FOLDER,
        DENO_NO_PACKAGE_JSON: "1",
        DENO_NO_UPDATE_CHECK: "1",
        NO_COLOR: "1",
        TZ: "UTC", // not the zone of the machine
      },
      cwd: Deno.build.os === "windows" ? folder : "/",
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    },
  };
}

function kernelLimits(memoryMb: number): string[] {
  const data = (RESERVED_MB + memoryMb) * 1024 * 1024;
  return [`--data=${data}`, "--core=0", "--fsize=0", "--nofile=256", `--cpu=${MAX_CPU_SECONDS}`];
}

function findDeno(): string {
  if (Deno.build.standalone) return "deno";
  const path = Deno.execPath();
  return !mayRun(path) && mayRun("deno") ? "deno" : path;
}

/** Whether this program may start another one without being asked. */
export function mayRun(command: string): boolean {
  return Deno.permissions.querySync({ name: "run", command }).state === "granted";
}
