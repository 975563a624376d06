import {
  exportPackage,
  inspectPackage,
  installPackage,
  listPackages,
  type PackageScope,
  removePackage,
} from "../packages/mod.ts";
import { Runtime } from "../runtime/mod.ts";
import { readLines } from "./_cell_input.ts";
import { EXIT } from "./_exit_codes.ts";
import { writeNote, writeRaw, writeResult } from "./_io.ts";
import { describeList, describePackage } from "./_pkg_text.ts";
import { plain, plainText } from "./_plain.ts";
import { reportFailure } from "./_report.ts";
import { UsageError } from "./_usage_error.ts";

/** What is to be done with packages, as `lllm pkg` does it. */
export interface PkgCommand {
  /** What is done. */
  readonly action: "inspect" | "install" | "export" | "list" | "remove";
  /** The archive (to inspect, a folder too) or the name of the package; all but `list` have one. */
  readonly subject?: string;
  /** The archive that `export` writes. */
  readonly out?: string;
  /** The name to install under. Default: the package's. */
  readonly alias?: string;
  /** Where. Default: to install, for the user; else wherever it is. */
  readonly scope?: PackageScope;
  /** Whether to install without asking. Default: false. */
  readonly yes?: boolean;
  /** Whether dependencies are exported too. Default: false. */
  readonly bundleDeps?: boolean;
  /** Whether an archive that is there is replaced. Default: false. */
  readonly force?: boolean;
  /** The folder of the project, or its manifest. Default: found from the working folder. */
  readonly project?: string;
  /** Whether stdout gets one JSON object. Default: false. */
  readonly json?: boolean;
  /** Whether an error is shown with its trace. Default: false. */
  readonly verbose?: boolean;
}

/**
 * Installs, exports, lists, removes or inspects packages; no code of theirs is run. Gives the exit code: 0 ok, 1 the answer was no,
 * 2 usage, or a package that is refused, there already, or not there.
 */
export async function pkgCommand(command: PkgCommand): Promise<number> {
  const { json = false, verbose = false } = command;
  try {
    const result = await ACTIONS[command.action](command, await placesOf(command));
    if (result === undefined) return EXIT.failed;
    if (json) writeResult(plain(JSON.stringify({ ok: true, result: result.data })));
    else if (result.text === "") writeNote("there are none");
    else writeResult(plainText(result.text));
    return EXIT.ok;
  } catch (error) {
    return reportFailure(error, { json, verbose, topic: `pkg ${command.action}` });
  }
}

/** Where packages are, and a runtime that has none: nothing is loaded. */
interface Places {
  readonly runtime: Runtime;
  readonly projectDir?: string;
}

/** What a command gives, for programs and for people. */
interface PkgResult {
  readonly data: unknown;
  readonly text: string;
}

const ACTIONS: Record<
  PkgCommand["action"],
  (command: PkgCommand, places: Places) => Promise<PkgResult | undefined>
> = {
  inspect: async ({ subject }) => {
    const facts = await inspectPackage(subject!);
    return { data: facts, text: describePackage(facts) };
  },
  install: installByHand,
  export: async ({ subject, out, bundleDeps = false, force: overwrite = false }, places) => {
    const path = await exportPackage(subject!, out!, { ...places, bundleDeps, overwrite });
    return { data: { path }, text: path };
  },
  list: async ({ scope }, places) => {
    const listed = await listPackages({ ...places, ...(scope === undefined ? {} : { scope }) });
    return { data: listed, text: describeList(listed) };
  },
  remove: async ({ subject, scope }, places) => {
    const path = await removePackage(subject!, { ...places, ...(scope === undefined ? {} : { scope }) });
    return { data: { path }, text: path };
  },
};

/** Shows what is in an archive, asks, and installs it; nothing of it is run. */
async function installByHand(command: PkgCommand, places: Places): Promise<PkgResult | undefined> {
  const { subject, alias, scope = "user", yes = false } = command;
  writeNote(describePackage(await inspectPackage(subject!)));
  if (!yes && !await isWanted()) {
    writeNote("It was not installed");
    return undefined;
  }
  const { name, version, description, baseDir: path } = await installAs(
    subject!,
    alias,
    () =>
      installPackage(subject!, { ...places, scope, load: false, ...(alias === undefined ? {} : { alias }) }),
  );
  return { data: { name, version, description, scope, path }, text: path };
}

async function isWanted(): Promise<boolean> {
  if (!Deno.stdin.isTerminal()) {
    throw new UsageError("Cannot ask whether to install it: expected a terminal or --yes, found neither");
  }
  writeRaw("\nInstall it? [y/N] ");
  for await (const line of readLines(Deno.stdin.readable)) return /^y(es)?$/i.test(line.trim());
  return false;
}

/** An alias comes from the command line: one that is none is a mistake there. */
async function installAs<T>(
  subject: string,
  alias: string | undefined,
  install: () => Promise<T>,
): Promise<T> {
  try {
    return await install();
  } catch (error) {
    if (alias === undefined || !(error instanceof TypeError)) throw error;
    throw new UsageError(`Cannot install "${subject}": ${error.message}`, { cause: error });
  }
}

async function placesOf({ project }: PkgCommand): Promise<Places> {
  const runtime = new Runtime({ onWarning: ({ message }) => writeNote(`warning: ${plain(message)}`) });
  if (project === undefined) return { runtime };
  const { dirname, resolve } = await import("@std/path");
  const path = resolve(project);
  try {
    return { runtime, projectDir: (await Deno.stat(path)).isFile ? dirname(path) : path };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Cannot use --project "${project}": there is no such folder`, { cause: error });
  }
}
