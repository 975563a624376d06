import { LLLMError } from "../errors.ts";
import type { Invoker } from "../invokers/mod.ts";
import type { ResolvedResource, Resolver } from "../run/mod.ts";
import { FunctionTool } from "../tools/mod.ts";
import { instantiateTactic } from "./instantiate_tactic.ts";

/** Makes the tool that an agent's config refers to: a tool as it is, a tactic as a tool with one parameter. */
export async function toolOfResource(
  node: ResolvedResource,
  resolver: Resolver,
  fallbackInvoker?: Invoker,
): Promise<FunctionTool> {
  const value = await node.load();
  if (FunctionTool.isInstance(value)) return value;
  if (node.resourceType === "tactic") {
    const settings = fallbackInvoker === undefined ? {} : { fallbackInvoker };
    return instantiateTactic(node, { runtime: resolver, ...settings }).asTool();
  }
  throw new LLLMError(
    `Cannot use "${node.qualifiedKey}" as a tool: expected a tool or a tactic, found a ${node.resourceType}`,
    { code: "resource_type_mismatch", data: { key: node.qualifiedKey, type: node.resourceType } },
  );
}
