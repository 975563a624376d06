import { LLLMError } from "../errors.ts";
import {
  loadRuntime,
  type LoadRuntimeOptions,
  type PackageInfo,
  type ResourceNode,
  Runtime,
} from "../runtime/mod.ts";
import { NESTED_FOLDER } from "../runtime/find_dependency.ts";
import { userPackagesFolder } from "../runtime/discover.ts";
import { examineCode } from "./examine_code.ts";
import { examineConfigs, type ExaminedConfigs, packageOf } from "./examine_configs.ts";
import { examineSkills } from "./examine_skills.ts";
import { examineServers } from "./examine_servers.ts";
import { findProject, type FoundProject } from "./find_project.ts";
import { Findings } from "./findings.ts";
import { toFlags } from "./needs.ts";
import type { DoctorReport, PackageReport } from "./types.ts";

/** Options of {@linkcode examineProject}. */
export interface ExamineProjectOptions {
  /** The folder of the project, or its manifest. Default: found from the working folder. */
  readonly project?: string;
  /** The key of a config, to learn what it alone needs. Default: all configs of the project. */
  readonly config?: string;
}

/**
 * Loads a project as a program would, and finds out what is there, what is missing, and which permissions a program needs that
 * loads it and runs its tactics. Starts no sandbox and asks no model.
 *
 * Permissions are those of this machine in its present state: once the sandbox's files are in the cache, it need not write there.
 * What code needs is found by reading its text, and marked so; the project's `main.ts` counts as the program.
 *
 * @example
 * ```ts
 * import { examineProject } from "@lllm/lllm/doctor";
 * import assert from "node:assert/strict";
 *
 * const project = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${project}/lllm.toml`, '[package]\nname = "desk"\n[dependencies]\npackages = ["./gone"]\n');
 *
 * const { flags, problems } = await examineProject({ project });
 * assert.deepEqual(flags, [`--allow-read=${project}`]);
 * assert.equal(problems[0]!.code, "missing_dependency");
 * await Deno.remove(project, { recursive: true });
 * ```
 *
 * A manifest that cannot be read is a problem in the report.
 *
 * @throws {LLLMError} `package_not_found`, `resource_not_found` for the config
 */
export async function examineProject(options: ExamineProjectOptions = {}): Promise<DoctorReport> {
  const { project: given, config } = options;
  const findings = new Findings();
  const place = await findProject(given);
  const runtime = await load(given, findings);
  if (runtime.packages.size === 0 && findings.problems.length === 0) {
    findings.problem({
      kind: "missing",
      code: "package_not_found",
      message: `There is no lllm.toml in ${place.folder} or above it`,
      advice: "name the project by --project, or make one by lllm create <name>",
    });
  }
  const packages = reportPackages(runtime);
  addPlaces(place, packages, findings);
  const wanted = config === undefined || runtime.packages.size === 0 ? {} : { config };
  const configs = await examineConfigs({ runtime, findings, ...wanted });
  await examinePackages(packages, { runtime, configs, findings });
  await addLog(place, findings);
  const skills = await examineSkills(place.folder, configs.specs, findings);
  return {
    ...await finish(findings),
    project: {
      folder: place.folder,
      foundBy: place.foundBy,
      ...(place.manifest === undefined ? {} : { manifest: place.manifest }),
    },
    packages,
    configs: configs.reports,
    skills,
    ...(configs.sandboxes.length === 0 ? {} : { sandbox: configs.sandboxes }),
  };
}

/** Loads the project; a manifest that cannot be read is a problem, and nothing is loaded then. */
async function load(given: string | undefined, findings: Findings): Promise<Runtime> {
  const options: LoadRuntimeOptions = {
    name: "doctor",
    keepGoing: true,
    onWarning: (warning) => findings.warning(warning),
  };
  try {
    return await loadRuntime(given, options);
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) {
      const { message } = error;
      findings.problem({
        kind: "invalid",
        code: "manifest_invalid",
        message: `Cannot read the project: ${message}`,
        advice: "let your user read the file",
      });
    } else if (LLLMError.isInstance(error) && error.code === "manifest_invalid") findings.failure(error);
    else throw error;
    return new Runtime();
  }
}

async function finish(
  findings: Findings,
): Promise<Omit<DoctorReport, "project" | "packages" | "configs" | "skills" | "sandbox">> {
  const { default: { version } } = await import("../../deno.json", { with: { type: "json" } });
  const permissions = findings.needs.list();
  return {
    ok: findings.problems.length === 0,
    versions: {
      library: version,
      deno: Deno.version.deno,
      platform: `${Deno.build.os} ${Deno.build.arch}`,
    },
    environment: findings.environment,
    permissions,
    optional: findings.optional.list().filter(({ permission, value }) =>
      !findings.needs.has(permission, value)
    ),
    ...(findings.needsAll.size === 0 ? {} : { needsAll: [...findings.needsAll] }),
    flags: findings.needsAll.size === 0 ? toFlags(permissions) : ["-A"],
    problems: findings.problems,
    warnings: findings.warnings,
  };
}

function reportPackages(runtime: Runtime): PackageReport[] {
  const all = [...runtime.packages.values()];
  return all.filter(({ alias }) => alias === undefined).map((info) => ({
    name: info.name,
    version: info.version,
    folder: info.baseDir,
    aliases: all.filter(({ name, alias }) => name === info.name && alias !== undefined).map(({ alias }) =>
      alias!
    ),
    origin: originOf(info, runtime),
    resources: countResources(info.name, runtime),
  }));
}

function originOf({ name, baseDir }: PackageInfo, runtime: Runtime): PackageReport["origin"] {
  if (name === runtime.defaultNamespace) return "project";
  const user = userPackagesFolder();
  if (user !== undefined && baseDir.startsWith(user)) return "user";
  return /[^/\\]+(?=[/\\][^/\\]*$)/.exec(baseDir)?.[0] === NESTED_FOLDER ? "drop-in" : "dependency";
}

function countResources(name: string, runtime: Runtime): Record<string, number> {
  const own = runtime.nodes().filter((node) => packageOf(node) === name);
  const groups = Map.groupBy(own, ({ resourceType }) => resourceType);
  return Object.fromEntries([...groups].sort().map(([type, nodes]) => [type, nodes.length]));
}

/** What loading the project's own packages needs. */
function addPlaces(place: FoundProject, packages: readonly PackageReport[], { needs }: Findings): void {
  for (const name of place.variables) needs.add("env", name, "finding the project");
  if (packages.length > 0) needs.add("read", place.folder, "the project");
  for (const { name, folder, origin } of packages) {
    if (origin !== "user" && origin !== "project") needs.add("read", folder, `package ${name}`);
  }
}

/** What the code of the packages needs. A user's own package counts only where a config names something of it. */
async function examinePackages(
  packages: readonly PackageReport[],
  { runtime, configs, findings }: { runtime: Runtime; configs: ExaminedConfigs; findings: Findings },
): Promise<void> {
  const used = new Set(
    packages.filter(({ name, origin }) => origin !== "user" || configs.packages.has(name)).map(({ name }) =>
      name
    ),
  );
  const isUsed = (node: ResourceNode): boolean => used.has(packageOf(node));
  const servers = examineServers({ runtime, findings, specs: configs.specs, isUsed });
  for (const { name, folder, origin } of packages) {
    if (origin === "user") {
      const target = used.has(name) ? findings.needs : findings.optional;
      target.add("env", Deno.env.get("HOME") ? "HOME" : "USERPROFILE", "the user's packages");
      target.add("read", userPackagesFolder()!, "the user's packages");
    }
    if (used.has(name)) await examineCode(folder, { findings, servers, isProject: origin === "project" });
  }
}

/** Where `lllm run` keeps its runs; without the permission it keeps none. */
async function addLog({ folder, manifest }: FoundProject, { optional }: Findings): Promise<void> {
  if (manifest === undefined) return;
  const { join } = await import("@std/path");
  optional.add("write", join(folder, ".lllm"), "lllm run, to keep its runs");
}
