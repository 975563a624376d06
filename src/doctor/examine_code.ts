import { computerNeeds } from "../computer/computer_needs.ts";
import { LLLMError } from "../errors.ts";
import { type ModuleFacts, type PackageFacts, type PermissionUse, scanPermissions } from "../packages/mod.ts";
import type { ExaminedServers } from "./examine_servers.ts";
import type { Findings } from "./findings.ts";

/** Options of {@linkcode examineCode}. */
export interface ExamineCodeOptions {
  readonly findings: Findings;
  /** Whether it is the project: its `main.ts` counts then, the program that loads it. */
  readonly isProject: boolean;
  /** What is known of MCP servers. */
  readonly servers: ExaminedServers;
}

/** Reads what the modules of a package say that they need, without running them, and what lies outside its folder. */
export async function examineCode(folder: string, options: ExamineCodeOptions): Promise<void> {
  const { join, resolve } = await import("@std/path");
  const { findings, isProject } = options;
  const facts = await scan(folder);
  if (facts === undefined) return;
  for (const path of facts.outside) {
    if (!path.startsWith("file:")) findings.needs.add("read", resolve(folder, path), `package ${facts.name}`);
  }
  for (const module of facts.modules) {
    if (!module.loaded && !(isProject && module.path === PROGRAM)) continue;
    const file = join(folder, module.path);
    for (const use of module.uses) await examineUse(use, { file, folder }, options);
    examineBrowser(module, file, findings);
  }
}

/** The program of a project, as `lllm create` makes it. */
const PROGRAM = "main.ts";

/** What the text of a module says less exactly than the servers of its prompts and proxies do. */
const KNOWN_BY_SERVER: readonly string[] = ["McpServer", "mcpProxy"];

async function examineUse(
  use: PermissionUse,
  { file, folder }: { file: string; folder: string },
  { findings, servers }: ExamineCodeOptions,
): Promise<void> {
  const { isAbsolute, resolve } = await import("@std/path");
  const { permission, by } = use;
  const value = valueOf(use);
  if (KNOWN_BY_SERVER.includes(by) && servers.files.has(file)) {
    if (value === undefined || permission === "net" && servers.hostedHosts.has(value)) return;
  }
  if (value === undefined) {
    findings.warning({
      code: "open_permission",
      message: `${file} needs --allow-${permission} for something that its text does not name`,
      data: { permission, files: [file] },
    });
    return;
  }
  const isPath = permission === "read" || permission === "write";
  if (isPath && !isAbsolute(value) && findings.needs.has(permission, resolve(folder, value))) return;
  const where = `${file} (${by})`;
  findings.needs.add(permission, value, where, { seenInCode: true });
  if (permission === "env" && by !== "postgresStore") findings.variable(value, where);
}

/** A browser's driver reads what Deno shows to fully trusted programs alone. */
function examineBrowser({ apis }: ModuleFacts, file: string, findings: Findings): void {
  if (!apis.includes("openBrowserComputer")) return;
  findings.needsAll.add(`${file} (openBrowserComputer)`);
  if (computerNeeds().executablePath !== undefined) return;
  findings.warning({
    code: "no_chromium",
    message: `${file} opens a browser, and there is no Chromium in one of the usual places`,
    data: { file },
  });
}

/** A folder without a manifest is not scanned; a manifest that cannot be read was told already. */
async function scan(folder: string): Promise<PackageFacts | undefined> {
  try {
    return await scanPermissions(folder);
  } catch (error) {
    if (!LLLMError.isInstance(error)) throw error;
    return undefined;
  }
}

function valueOf({ permission, target, by }: PermissionUse): string | undefined {
  if (target !== undefined) return target;
  return permission === "sys" && by.startsWith("Deno.") ? by.slice("Deno.".length) : undefined;
}
