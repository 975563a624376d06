import { Prompt } from "@lllm/lllm/prompt";

export const searchAgent = new Prompt({ path: "search_agent", prompt: "You look up {query} with CALL_API." });
export const indexAgent = new Prompt({ path: "index_agent", prompt: "You file {text} with CALL_API." });
