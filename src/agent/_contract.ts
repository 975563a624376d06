import type { Dialog } from "../dialog/mod.ts";
import { hostedMcpLabel } from "../invokers/mod.ts";
import { isBarePrompt, type Prompt } from "../prompt/mod.ts";
import type { Resolver } from "../run/mod.ts";
import type { FunctionTool } from "../tools/mod.ts";

/** What holds for one `respond()`: what is sent, and what is done with what comes back. */
export interface Contract {
  /** Its parser, format and handler hold; its tools are offered. */
  readonly prompt: Prompt;
  /** What runs when the model calls a tool, by the tool's name. Tools that nothing could be bound to are unlinked here. */
  readonly tools: ReadonlyMap<string, FunctionTool>;
}

/**
 * Finds the contract in force. After a text or an image: the system prompt's. After a prompt: that prompt's own, with its tools
 * and the system prompt's together; the prompt's win on equal names.
 */
export function contractInForce(
  dialog: Dialog,
  systemPrompt: Prompt,
  resolver: Resolver | undefined,
): Contract {
  const top = dialog.topPrompt;
  const prompt = top === null || top === systemPrompt || isBarePrompt(top)
    ? systemPrompt
    : mergeTools(systemPrompt, top);
  const tools = new Map<string, FunctionTool>();
  for (const [name, tool] of prompt.functions) {
    const owner = top?.functions.has(name) ? top : systemPrompt;
    tools.set(name, tool.linked ? tool : bound(tool, owner, resolver) ?? tool);
  }
  return { prompt, tools };
}

/**
 * The same contract for an answer in which no tool may be called, but for calls of the provider's own that were approved: their
 * servers stay declared.
 */
export function withoutTools(contract: Contract, approvedServers: ReadonlySet<string>): Contract {
  const { prompt } = contract;
  if (prompt.functions.size === 0 && prompt.mcpServers.size === 0) return contract;
  const mcpServers = [...prompt.mcpServers.values()].filter((server) =>
    approvedServers.has(hostedMcpLabel(server))
  );
  return { prompt: prompt.extend({ path: prompt.path, functions: [], mcpServers }), tools: new Map() };
}

function mergeTools(system: Prompt, top: Prompt): Prompt {
  if (system.functions.size === 0 && system.mcpServers.size === 0) return top;
  return top.extend({
    path: top.path,
    functions: [...new Map([...system.functions, ...top.functions]).values()],
    mcpServers: [...new Map([...system.mcpServers, ...top.mcpServers]).values()],
  });
}

/** The registered tool that an unlinked one stands for: its `ref`, else the tool of that name in the prompt's package. */
function bound(tool: FunctionTool, owner: Prompt, resolver: Resolver | undefined): FunctionTool | undefined {
  const packageName = resolver?.packageOf(owner) ?? resolver?.packageOf(owner.base);
  const key = tool.ref ?? (packageName === undefined ? undefined : `${packageName}.tools:${tool.name}`);
  if (key === undefined || !resolver?.has(key, "tool")) return undefined;
  const node = resolver.getNode(key, "tool");
  return tool.ref !== undefined || node.qualifiedKey === key ? node.value as FunctionTool : undefined;
}
