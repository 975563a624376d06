import assert from "node:assert/strict";
import { z } from "zod";
import { ParseError } from "../../src/errors.ts";
import { DefaultHandler, DefaultTagParser, Prompt, slotRenderer } from "../../src/prompt/mod.ts";
import { AgentCallSession } from "../../src/session/mod.ts";
import { McpServer, tool } from "../../src/tools/mod.ts";

const search = () => tool({ name: "search", description: "", parameters: {} });
const session = new AgentCallSession("writer");

Deno.test("a new Prompt has no tools, no parser, nothing enabled, and a default handler", () => {
  const prompt = new Prompt({ path: "p", prompt: "Hello" });
  assert.deepEqual([prompt.path, prompt.prompt, prompt.parser, prompt.format], ["p", "Hello", null, null]);
  assert.deepEqual([prompt.functions.size, prompt.mcpServers.size, [...prompt.templateVars]], [0, 0, []]);
  assert.deepEqual([prompt.metadata, prompt.addonArgs, prompt.allowWebSearch], [{}, {}, false]);
  assert(prompt.handler instanceof DefaultHandler);
  assert.equal(prompt.base, prompt);
});

Deno.test("slotRenderer: texts with and without slots, and with double braces, given arguments or not", () => {
  const cases: [template: string, args: Record<string, unknown>, text: string][] = [
    ["Hello world", {}, "Hello world"],
    ["Hello world", { extra: 1 }, "Hello world"],
    ["Hello {name}!", { name: "Ann" }, "Hello Ann!"],
    ["{a} + {b} = {c}", { a: 1, b: 2, c: 3 }, "1 + 2 = 3"],
    ["Use {{double}} braces", { other: 1 }, "Use {double} braces"],
    ["Use {{double}} braces", {}, "Use {double} braces"],
    ['{"json": {"n": 1}}', {}, '{"json": {"n": 1}}'],
  ];
  for (const [template, args, text] of cases) assert.equal(slotRenderer.render(template, args), text);
});

Deno.test("Prompt.templateVars leaves out what is in double braces", () => {
  const prompt = new Prompt({ path: "p", prompt: "{{no}} {yes} {{{{neither}}}}" });
  assert.deepEqual([...prompt.templateVars], ["yes"]);
  assert.deepEqual([prompt.validateArgs({}), prompt.validateArgs({ yes: 1 })], [["yes"], []]);
});

Deno.test("Prompt.infoDict() gives the same hash for the same template, another for another", () => {
  const hash = (prompt: string) => new Prompt({ path: "p", prompt }).infoDict().promptHash;
  assert.equal(hash("Hello"), hash("Hello"));
  assert.notEqual(hash("Hello"), hash("Hello!"));
  assert.match(hash(""), /^[0-9a-f]{12}$/);
});

Deno.test("Prompt.registerMcpServer() keeps servers by label", () => {
  const server = (label: string) =>
    new McpServer({ label, url: "https://example.org", requireApproval: "never" });
  const prompt = new Prompt({ path: "p", prompt: "", mcpServers: [server("a")] });
  prompt.registerMcpServer(server("b"));
  assert.deepEqual([...prompt.mcpServers.keys()], ["a", "b"]);
});

Deno.test("Prompt.extend() makes a child with other tools, which knows where it comes from", () => {
  const parent = new Prompt({ path: "parent", prompt: "x", functions: [search()] });
  const other = tool({ name: "other", description: "", parameters: {} });
  const child = parent.extend({ path: "child", functions: [other] });
  assert.deepEqual([...child.functions.keys()], ["other"]);
  assert.equal(child.prompt, "x");
  assert.equal(child.extend({ path: "grandchild" }).base, parent);
});

Deno.test("Prompt.onException(), onInterrupt() and onInterruptFinal() give prompts with the prompt's tools, the last one without", () => {
  const prompt = new Prompt({ path: "p", prompt: "", functions: [search()] });
  const made = [prompt.onException(session), prompt.onInterrupt(session), prompt.onInterruptFinal(session)];
  assert(made.every((each) => each instanceof Prompt && each !== prompt));
  assert.deepEqual(made.map((each) => [...each.functions.keys()]), [["search"], ["search"], []]);
});

Deno.test("DefaultTagParser finds blocks: one, several, none, empty, over lines, others inside, odd characters", () => {
  const parser = new DefaultTagParser({ xmlTags: ["a", "b"], mdTags: ["python", "json"] });
  const xml: [text: string, a: string[]][] = [
    ["<a>one</a>", ["one"]],
    ["<a>one</a> and <a>two</a>", ["one", "two"]],
    ["no tags", []],
    ["<b>other</b>", []],
    ["<a>\nline 1\nline 2\n</a>", ["\nline 1\nline 2\n"]],
    ["<a>out <c>in</c></a>", ["out <c>in</c>"]],
    ["<a></a>", [""]],
    ['<a>5 < 6 & "x" é {y}</a>', ['5 < 6 & "x" é {y}']],
    ["", []],
  ];
  for (const [text, expected] of xml) {
    assert.deepEqual((parser.parse(text).xmlTags as { a: unknown }).a, expected, text);
  }
  const fences: [text: string, python: string[]][] = [
    ["```python\nprint(1)\n```", ["print(1)"]],
    ["```python\n1\n```\n```python\n2\n```", ["1", "2"]],
    ["no fence", []],
    ["```json\n{}\n```", []],
    ["```python\na = 1\n\nb = 2\n```", ["a = 1\n\nb = 2"]],
    ["```python\n\n  x  \n\n```", ["x"]],
  ];
  for (const [text, expected] of fences) {
    assert.deepEqual((parser.parse(text).mdTags as { python: unknown }).python, expected, text);
  }
});

Deno.test("DefaultTagParser without tags gives the text; tags that are only listed may be missing", () => {
  assert.deepEqual(new DefaultTagParser().parse("text"), {
    raw: "text",
    xmlTags: {},
    mdTags: {},
    signalTags: {},
  });
  const parser = new DefaultTagParser({ xmlTags: ["a"], mdTags: ["b"] });
  assert.deepEqual(parser.parse("text"), {
    raw: "text",
    xmlTags: { a: [] },
    mdTags: { b: [] },
    signalTags: {},
  });
  const required = new DefaultTagParser({ requiredMdTags: ["python"] });
  assert.throws(() => required.parse("no code"), ParseError);
});

Deno.test("DefaultTagParser can be extended", () => {
  class Strict extends DefaultTagParser {
    override parse(text: string): ReturnType<DefaultTagParser["parse"]> {
      if (text.includes("error")) throw new ParseError("Expected no error, found one");
      return super.parse(text);
    }
  }
  const prompt = new Prompt({ path: "p", prompt: "", parser: new Strict({ xmlTags: ["a"] }) });
  assert.deepEqual(prompt.parse("<a>fine</a>").xmlTags, { a: ["fine"] });
  assert.throws(() => prompt.parse("<a>error</a>"), ParseError);
});

Deno.test("Prompt.validateFormat() takes what fits, drops what the format does not name, and tells what is missing or wrong", async () => {
  const prompt = new Prompt({ path: "p", prompt: "", format: z.object({ name: z.string(), n: z.number() }) });
  assert.deepEqual(await prompt.validateFormat({ name: "x", n: 1, more: true }), {
    value: { name: "x", n: 1 },
  });
  for (const [value, path] of [[{ n: 1 }, "name"], [{ name: "x", n: "1" }, "n"]] as const) {
    const result = await prompt.validateFormat(value);
    assert("issues" in result);
    assert.deepEqual(result.issues.map((issue) => issue.path), [path]);
  }
  const none = new Prompt({ path: "p", prompt: "", format: z.object({}) });
  assert.deepEqual(await none.validateFormat({ any: 1 }), { value: {} });
});
