// deno-lint-ignore-file no-console -- an example
/**
 * Structured output: the reply is validated against a schema, and a reply that does not fit is repaired: nearly valid JSON is mended
 * without a model call, anything else is asked for again.
 *
 *     deno run examples/03_structured_output.ts
 */
import { Prompt, Tactic } from "@lllm/lllm";
import { scriptedInvoker } from "@lllm/lllm/testing";
import { z } from "zod";

const Recipe = z.object({
  title: z.string(),
  minutes: z.int().positive(),
  ingredients: z.array(z.string()).min(1),
});

const cook = Tactic.quick(new Prompt({ path: "cook", prompt: "You write recipes.", format: Recipe }), {
  name: "cook",
  model: "gpt-4o-mini",
  invoker: scriptedInvoker([
    { text: '{"title": "Pancakes", "minutes": "a few", "ingredients": ["flour", "milk", "eggs"]}' },
    { text: '{"title": "Pancakes", "minutes": 20, "ingredients": ["flour", "milk", "eggs"' }, // cut off: mended
  ]),
});

cook.open("main").receive("Pancakes, please.");
const session = await cook.respond({ returnSession: true });
const recipe = session.delivery?.parsed as z.infer<typeof Recipe>;
console.log(`${recipe.title}: ${recipe.minutes} minutes, ${recipe.ingredients.join(", ")}`);
for (const { rung, error } of Object.values(session.repairs).flat()) {
  console.log(`repaired (${rung}): ${error}`);
}
console.log(`messages in the dialog: ${cook.currentDialog.messages.length}`); // repairs leave no trace in it
