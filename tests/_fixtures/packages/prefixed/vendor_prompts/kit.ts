import { Prompt } from "@lllm/lllm/prompt";

export const calculator = new Prompt({ path: "calculator", prompt: "Compute {expression}." });
export const translator = new Prompt({ path: "translator", prompt: "Translate {text}." });
export const webSearch = new Prompt({ path: "web_search", prompt: "Search the web for {query}." });
