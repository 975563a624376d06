import { defineProxy } from "@lllm/lllm";

/** A bank that asks before it pays. */
export const Bank = defineProxy({
  path: "bank",
  name: "Bank",
  description: "Pays",
  endpoints: {
    pay: {
      description: "Pays",
      params: { "to*": ["string", "Ada"] },
      needsApproval: true,
      handler: ({ to }) => `paid ${to}`,
    },
  },
});
