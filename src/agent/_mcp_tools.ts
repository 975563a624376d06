import { McpLease } from "../mcp/mod.ts";
import type { ApiType } from "../message/mod.ts";
import type { Prompt } from "../prompt/mod.ts";
import type { FunctionTool, McpServer } from "../tools/mod.ts";
import type { AgentCall } from "./_call.ts";
import type { Contract } from "./_contract.ts";

/** A prompt with the tools of its servers, and what it was made of. */
interface Offer {
  readonly lists: readonly (readonly FunctionTool[])[];
  readonly prompt: Prompt;
}

/** The MCP servers that one agent uses: connected when first needed, closed with the agent. */
export class AgentMcp {
  readonly #leases = new Map<McpServer, McpLease>();
  readonly #offers = new WeakMap<Prompt, Offer>();

  /**
   * Adds the tools of the contract's servers to it, but for those servers that the provider uses itself. A tool whose name is taken is
   * offered as `<server>_<name>`.
   */
  async offer(contract: Contract, call: AgentCall): Promise<Contract> {
    const servers = [...contract.prompt.mcpServers.values()]
      .filter((server) => !isUsedByProvider(server, call.settings.apiType));
    if (servers.length === 0) return contract;
    const { run, label, signal } = call;
    const lists: FunctionTool[][] = [];
    const taken = new Set(contract.prompt.functions.keys());
    // One after the other: which names are taken must not depend on who answers first.
    for (const server of servers) {
      const tools = await this.#lease(server).tools({ run, label, signal, taken });
      for (const { name } of tools) taken.add(name);
      lists.push(tools);
    }
    const added = lists.flat().map((tool) => [tool.name, tool] as const);
    return {
      prompt: this.#extend(contract.prompt, servers, lists),
      tools: new Map([...contract.tools, ...added]),
    };
  }

  /** Closes the connections; resolves when the servers' processes are gone. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#leases.values()].map((lease) => lease.dispose()));
  }

  #lease(server: McpServer): McpLease {
    let lease = this.#leases.get(server);
    if (lease === undefined) this.#leases.set(server, lease = new McpLease(server));
    return lease;
  }

  /** The same prompt as the last time where nothing changed: what invokers prepared for it is still good. */
  #extend(prompt: Prompt, servers: readonly McpServer[], lists: readonly FunctionTool[][]): Prompt {
    const known = this.#offers.get(prompt);
    const isSame = known?.lists.length === lists.length && known.lists.every((list, i) => list === lists[i]);
    if (isSame) return known!.prompt;
    const extended = prompt.extend({
      path: prompt.path,
      functions: [...prompt.functions.values(), ...lists.flat()],
      mcpServers: [...prompt.mcpServers.values()].filter((server) => !servers.includes(server)),
    });
    this.#offers.set(prompt, { lists, prompt: extended });
    return extended;
  }
}

/** A provider can only use what it can reach, and only Responses has a word for it. */
function isUsedByProvider(server: McpServer, apiType: ApiType): boolean {
  return apiType === "response" && server.hosted;
}
