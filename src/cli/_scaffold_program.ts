/**
 * The modules of a new project: a helper that answers questions from notes. `__NAME__` stands for the project's name; names are short
 * enough for every line to keep its format.
 */

export const MAIN = `/**
 * Answers a question from the notes: deno task start "May I bring my dog?"
 *
 * @module
 */
import { runCommand } from "@lllm/lllm/cli";
import type { Answer } from "./prompts/helper.ts";

const question = Deno.args.join(" ") || "Is it open on Saturday?";

const exitCode = await runCommand({
  tactic: "__NAME__",
  project: import.meta.dirname!,
  input: question,
  print: (result, summary) => {
    const { answer, sources } = result as Answer;
    const titles = sources.join(", ") || "none";
    return [question, answer, \`Sources: \${titles}\`, summary].join("\\n");
  },
});
Deno.exit(exitCode); // 0 ok, 1 failed, 2 usage or config, 3 provider or key
`;

export const TACTIC = `import { NativeTactic } from "@lllm/lllm/tactic";
import { z } from "zod";
import { Answer } from "../prompts/helper.ts";
import { isTitle } from "../tools/search_notes.ts";

/** The program: plain TypeScript around the calls of a model. */
export class AnswerFromNotes extends NativeTactic<string, Answer> {
  name = "__NAME__";
  override description = "Answers a question about the reading room";
  override inputSchema = z.string();
  override outputSchema = Answer;
  agentGroup = ["helper"] as const; // each has an entry in configs/default.yaml

  async call(question: string): Promise<Answer> {
    const helper = this.agent("helper").open("desk");
    helper.receive(question);
    const reply = await helper.respond(); // calls tools, repairs replies that do not fit
    const { answer, sources } = reply.parsed as Answer;
    return { answer, sources: sources.filter(isTitle) }; // a claim of a model is checked
  }
}
`;

export const PROMPT = `import { Prompt } from "@lllm/lllm/prompt";
import { z } from "zod";

/** What the helper gives: data, not prose. */
export const Answer = z.object({
  answer: z.string().describe("One or two sentences"),
  sources: z.array(z.string()).describe("Titles of the notes that say so"),
});
export type Answer = z.infer<typeof Answer>;

/** Found by its key: the name of the file, then the path. */
export const system = new Prompt({
  path: "system",
  prompt:
    "You answer visitors of a reading room. Search the notes before you answer, and say nothing that they do not say.",
  format: Answer,
});
`;

export const TOOL = `import { tool } from "@lllm/lllm/tools";
import { z } from "zod";
import notes from "../assets/notes.json" with { type: "json" };

/** A function that the model may call; its arguments are checked before it runs. */
export const searchNotes = tool({
  name: "search_notes",
  description: "The notes that fit a question, best first",
  parameters: z.object({ question: z.string() }),
  execute: ({ question }) => ({ notes: findNotes(question) }),
});

/** Tells whether there is a note of that title. */
export function isTitle(title: string): boolean {
  return notes.some((note) => note.title === title);
}

function findNotes(question: string) {
  const words = question.toLowerCase().match(/\\p{L}{3,}/gu) ?? [];
  return notes
    .map((note) => ({ note, hits: countHits(note.text, words) }))
    .filter(({ hits }) => hits > 0)
    .sort((a, b) => b.hits - a.hits)
    .map(({ note }) => note);
}

function countHits(text: string, words: readonly string[]): number {
  return words.filter((word) => text.toLowerCase().includes(word)).length;
}
`;

export const TEST = `import assert from "node:assert/strict";
import { buildTactic, loadRuntime } from "@lllm/lllm/runtime";
import { scriptedInvoker } from "@lllm/lllm/testing";

const file = "../assets/scripts/__NAME__.yaml";
const script = new URL(file, import.meta.url);
const project = new URL("../", import.meta.url);
const runtime = await loadRuntime(project, { name: "test" });

Deno.test("answers come from the notes", async () => {
  const invoker = scriptedInvoker(script); // whatever model the config names
  const tactic = await buildTactic("default", { runtime, invoker });
  const { answer, sources } = await tactic.run("Is it open on Saturday?");
  assert.match(answer, /10 to 14/);
  assert.deepEqual(sources, ["Opening hours"]);
});

Deno.test("a question that no note answers gets no sources", async () => {
  const invoker = scriptedInvoker(script);
  const tactic = await buildTactic("default", { runtime, invoker });
  assert.deepEqual((await tactic.run("Qua?")).sources, []);
});

Deno.test("a reply that does not fit is asked for again, and made-up sources are dropped", async () => {
  const invoker = scriptedInvoker([
    { text: "It is closed, I think." },
    { json: { answer: "It is closed.", sources: ["Rumours"] } },
  ]);
  const tactic = await buildTactic("default", { runtime, invoker });
  const session = await tactic.run("Is it open?", { returnSession: true });
  assert.deepEqual(session.delivery, { answer: "It is closed.", sources: [] });
  assert.equal(session.agentSessions.helper?.[0]?.exceptionRetriesCount, 1);
});
`;
