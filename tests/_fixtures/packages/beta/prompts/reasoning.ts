import { DefaultTagParser, Prompt } from "@lllm/lllm/prompt";

export const chainOfThought = new Prompt({ path: "chain_of_thought", prompt: "Step by step: {problem}" });
export const socratic = new Prompt({ path: "socratic", prompt: "Ask three questions about {topic}." });
export const debate = new Prompt({
  path: "debate",
  prompt: "Argue both sides of {motion}.",
  parser: new DefaultTagParser({ xmlTags: ["pro", "con"] }),
});
export const hypothetical = new Prompt({ path: "hypothetical", prompt: "What if {premise}?" });
