import { DefaultHandler, Prompt } from "@lllm/lllm/prompt";

export const systemBase = new Prompt({
  path: "system_base",
  prompt: "You work for {company}.",
  metadata: { type: "system", version: "1.0" },
});
export const userTask = new Prompt({ path: "user_task", prompt: "Do this: {task}" });
export const withCustomHandler = new Prompt({
  path: "with_custom_handler",
  prompt: "Answer {question}.",
  handler: new DefaultHandler({ exceptionMessage: "Once more, please: {error_message}" }),
});
