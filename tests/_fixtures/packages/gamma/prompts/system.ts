import { Prompt } from "@lllm/lllm/prompt";

export const analyst = new Prompt({ path: "analyst", prompt: "You analyse {data}." });
export const visualizer = new Prompt({ path: "visualizer", prompt: "You draw {data}." });
