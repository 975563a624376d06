import { Prompt } from "@lllm/lllm/prompt";

export const greet = new Prompt({ path: "greet", prompt: "Good morning! What shall we talk about?" });
export const farewell = new Prompt({ path: "farewell", prompt: "Until next time." });
export const askTopic = new Prompt({
  path: "ask_topic",
  prompt: "What would you like to know about {topic}?",
});
export const multiVar = new Prompt({
  path: "multi_var",
  prompt: "Explain {subject} to {reader} in {language}.",
});
export const literalBraces = new Prompt({
  path: "literal_braces",
  prompt: "Write {{two words}} in braces; the value is {value}.",
});
