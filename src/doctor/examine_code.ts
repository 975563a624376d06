import { LLLMError } from "../errors.ts";
import { type PackageFacts, type PermissionRequest, scanPermissions } from "../packages/mod.ts";
import type { Findings } from "./findings.ts";

/** Reads what the modules of a package say that they need, without running them, and what lies outside its folder. */
export async function examineCode(folder: string, findings: Findings): Promise<void> {
  const { isAbsolute, join, resolve } = await import("@std/path");
  const facts = await scan(folder);
  if (facts === undefined) return;
  for (const path of facts.outside) {
    if (!path.startsWith("file:")) findings.needs.add("read", resolve(folder, path), `package ${facts.name}`);
  }
  for (const request of facts.requests.filter(({ loaded }) => loaded)) {
    const { permission, by, files } = request;
    const where = `${join(folder, files[0]!)} (${by})`;
    const value = valueOf(request);
    if (value === undefined) {
      findings.warning({
        code: "open_permission",
        message: `${
          join(folder, files[0]!)
        } needs --allow-${permission} for something that its text does not name`,
        data: { permission, files },
      });
      continue;
    }
    const isPath = permission === "read" || permission === "write";
    if (isPath && !isAbsolute(value) && findings.needs.has(permission, resolve(folder, value))) continue;
    findings.needs.add(permission, value, where, { seenInCode: true });
    if (permission === "env") findings.variable(value, where);
  }
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

function valueOf({ permission, target, by }: PermissionRequest): string | undefined {
  if (target !== undefined) return target;
  return permission === "sys" && by.startsWith("Deno.") ? by.slice("Deno.".length) : undefined;
}
