import assert from "node:assert/strict";
import { z } from "zod";
import { tool } from "../../src/tools/mod.ts";
import { agentOn } from "./_agents.ts";

/** A tool that keeps what it was called with. */
function noting() {
  const seen: unknown[] = [];
  const note = tool({
    name: "note",
    description: "Notes",
    parameters: z.object({ text: z.string().optional(), amount: z.number().optional() }),
    execute: (args) => {
      seen.push(args);
    },
  });
  return { seen, note };
}

for (const finish_reason of ["length", "content_filter"]) {
  Deno.test(`respond() does not run a call whose arguments were cut off (${finish_reason})`, async () => {
    const { seen, note } = noting();
    const cut = { tool_calls: [{ name: "note", arguments: '{"text":"pay","amount":10' }], finish_reason };
    const agent = agentOn([cut, { text: "Sorry" }], { prompt: { functions: [note] } });
    const session = await agent.respond({ returnSession: true });
    assert.deepEqual(seen, []);
    assert.match(session.interrupts[0]![0]!.errorMessage!, /arguments of note .* the reply was cut off/);
    assert.deepEqual(session.repairs, {});
  });
}

Deno.test("respond() does not complete JSON that a content filter cut off, but takes what is whole", async () => {
  const format = z.object({ names: z.array(z.string()) });
  const cut = (text: string) => ({ text, finish_reason: "content_filter" });
  const agent = agentOn([cut('{"names":["Ann","Bo'), { json: { names: ["Ann", "Bob"] } }], {
    prompt: { format },
  });
  assert.deepEqual((await agent.respond()).parsed, { names: ["Ann", "Bob"] });
  const whole = agentOn([cut('{"names":["Ann"]}')], { prompt: { format } });
  assert.deepEqual((await whole.respond()).parsed, { names: ["Ann"] });
});

Deno.test("respond() mends the arguments around a fenced block, not the block alone", async () => {
  const { seen, note } = noting();
  const broken = '{"amount": 3, "text": "See\n```json\n{}\n```",}';
  const agent = agentOn([{ tool_calls: [{ name: "note", arguments: broken }] }, { text: "Done" }], {
    prompt: { functions: [note] },
  });
  await agent.respond();
  assert.deepEqual(seen, [{ amount: 3, text: "See\n```json\n{}\n```" }]);
});

Deno.test("respond() stays fast on a fence that is followed by nothing but line ends", async () => {
  const text = `Here:\n\`\`\`json${"\n".repeat(500_000)}{"a":1`;
  const agent = agentOn([{ text }, { json: { a: 1 } }], { prompt: { format: z.object({ a: z.number() }) } });
  assert.deepEqual((await agent.respond()).parsed, { a: 1 });
});

for (
  const [what, text] of [
    ["the same object", '{"a":1}\n\nHere it is again:\n```json\n{"a":1}\n```'],
    ["braces that are no JSON", '{thinking} Here it is:\n```json\n{"a":1,}\n```'],
  ] as const
) {
  Deno.test(`respond() finds the fenced JSON behind ${what}`, async () => {
    const agent = agentOn([{ text }], { prompt: { format: z.object({ a: z.number() }) } });
    assert.deepEqual((await agent.respond()).parsed, { a: 1 });
  });
}

for (const end of ["", ","]) {
  Deno.test(`respond() does not take a fence inside a string for the JSON (ends with "${end}")`, async () => {
    const text = `{"text": "See {\\"}\\n\`\`\`json\\n{}\\n\`\`\`\n\`\`\`json\n{\\"a\\":2}\n\`\`\`"${end}}`;
    const agent = agentOn([{ text }, { json: { a: 1 } }], {
      prompt: { format: z.object({ a: z.number() }) },
    });
    assert.deepEqual((await agent.respond()).parsed, { a: 1 });
  });
}
