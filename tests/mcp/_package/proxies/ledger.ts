import { defineProxy } from "@lllm/lllm/proxies";

/** A ledger whose entries a person has to approve. */
export const ledger = defineProxy({
  path: "ledger",
  name: "Ledger",
  description: "Keeps entries",
  endpoints: {
    count: {
      description: "How many entries there are",
      params: { "of*": ["string", "cash"] },
      handler: () => 3,
    },
    add: { description: "Adds an entry", needsApproval: true, handler: () => "added" },
  },
});
