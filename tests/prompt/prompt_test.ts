import assert from "node:assert/strict";
import { z } from "zod";
import { LLLMError, ParseError } from "../../src/errors.ts";
import {
  barePrompt,
  DefaultHandler,
  DefaultTagParser,
  isBarePrompt,
  type Parser,
  Prompt,
} from "../../src/prompt/mod.ts";
import { AgentCallSession } from "../../src/session/mod.ts";
import { McpServer, tool } from "../../src/tools/mod.ts";

const search = () => tool({ name: "search", description: "", parameters: {} });
const files = () => new McpServer({ label: "files", command: "x", requireApproval: "never" });
const session = new AgentCallSession("writer");

Deno.test("Prompt.render() fills the template and names itself in errors", () => {
  const prompt = new Prompt({ path: "demo", prompt: "Write about {topic}." });
  assert.equal(prompt.render({ topic: "rain", extra: 1 }), "Write about rain.");
  assert.throws(() => prompt.render(), (error) => {
    assert(LLLMError.isInstance(error));
    assert.equal(error.message, 'Cannot render prompt "demo": expected values for "topic", found none');
    assert.deepEqual(error.data, { missing: ["topic"], path: "demo" });
    return true;
  });
  assert.throws(() => new Prompt({ path: "p", prompt: "{x:.2f}" }).render({ x: 1 }), {
    name: "TypeError",
    message: /"x"/,
  });
});

Deno.test("Prompt tells which arguments it needs", () => {
  const prompt = new Prompt({ path: "p", prompt: "{a.b} {c} {{d}} {c}" });
  assert.deepEqual([...prompt.templateVars], ["a", "c"]);
  assert.deepEqual(prompt.validateArgs({}), ["a", "c"]);
  assert.deepEqual(prompt.validateArgs({ a: {}, c: 1 }), ["a.b"]);
  assert.deepEqual(prompt.validateArgs({ a: { b: null }, c: 1 }), []);
});

Deno.test("Prompt.render() uses the prompt's own renderer", () => {
  const renderer = { render: (template: string, args: object) => `${template} ${JSON.stringify(args)}` };
  assert.equal(new Prompt({ path: "p", prompt: "<%x%>", renderer }).render({ x: 1 }), '<%x%> {"x":1}');
});

Deno.test("Prompt.parse() gives the reply itself without a parser, and beside the parser's keys", () => {
  assert.deepEqual(new Prompt({ path: "p", prompt: "" }).parse("text"), { raw: "text" });
  const tags = new Prompt({ path: "p", prompt: "", parser: new DefaultTagParser({ xmlTags: ["a"] }) });
  assert.equal(tags.parse("<a>1</a>").raw, "<a>1</a>");
});

Deno.test("Prompt.parse() gives what its parser gives, and adds nothing", () => {
  const parser: Parser = { parse: (text, args) => ({ length: text.length, ...args }) };
  assert.deepEqual(new Prompt({ path: "p", prompt: "", parser }).parse("abc", { k: 1 }), { length: 3, k: 1 });
  const strict = new Prompt({
    path: "p",
    prompt: "",
    parser: new DefaultTagParser({ requiredXmlTags: ["a"] }),
  });
  assert.throws(() => strict.parse("none"), ParseError);
});

Deno.test("Prompt.parse() refuses a parser that gives no record", () => {
  const prompt = (result: unknown) =>
    new Prompt({ path: "p", prompt: "", parser: { parse: () => result as Record<string, unknown> } });
  for (
    const [result, found] of [[Promise.resolve({}), "a promise"], [[1], "a list"], [undefined, "undefined"]]
  ) {
    assert.throws(() => prompt(result).parse("text"), {
      name: "TypeError",
      message: `Cannot parse a reply to prompt "p": expected a record from its parser, found ${found}`,
    });
  }
});

Deno.test("Prompt takes a format with an object at its root, and no parser beside it", () => {
  const format = z.object({ a: z.string() });
  const prompt = new Prompt({ path: "p", prompt: "", format });
  assert.equal(prompt.format, format);
  assert.equal(prompt.formatSchema?.type, "object");
  assert.throws(
    () => new Prompt({ path: "p", prompt: "", format, parser: new DefaultTagParser() }),
    TypeError,
  );
  for (
    const bad of [z.string(), z.array(format), z.union([format, format]), z.object({ d: z.date() }), 1, "x"]
  ) {
    assert.throws(() => new Prompt({ path: "p", prompt: "", format: bad as never }), {
      name: "TypeError",
      message: /^Cannot create prompt "p": /,
    });
  }
  assert(
    new Prompt({ path: "p", prompt: "", format: { type: "object", properties: {} } }).infoDict().hasFormat,
  );
});

Deno.test("Prompt.validateFormat() removes nulls of optional keys and tells issues", async () => {
  const prompt = new Prompt({
    path: "p",
    prompt: "",
    format: z.object({ a: z.string(), b: z.number().optional() }),
  });
  assert.deepEqual(await prompt.validateFormat({ a: "x", b: null }), { value: { a: "x" } });
  assert.deepEqual(await prompt.validateFormat({}), {
    issues: [{ path: "a", message: "Invalid input: expected string, received undefined" }],
  });
  await assert.rejects(new Prompt({ path: "p", prompt: "" }).validateFormat({}), TypeError);
});

Deno.test("Prompt.extend() shares what is not overridden", () => {
  const t = search();
  const parent = new Prompt({
    path: "parent",
    prompt: "{a}",
    parser: new DefaultTagParser(),
    functions: [t],
    mcpServers: [files()],
    addonArgs: { web_search: true },
    metadata: { version: 1 },
  });
  const child = parent.extend({ path: "child", prompt: "{b}" });
  assert.deepEqual([child.path, child.prompt, child.parser], ["child", "{b}", parent.parser]);
  assert.equal(child.functions.get("search"), t);
  assert.deepEqual([...child.mcpServers.keys()], ["files"]);
  assert.deepEqual([child.allowWebSearch, child.metadata, child.handler], [
    true,
    { version: 1 },
    parent.handler,
  ]);
  const bare = parent.extend({ path: "bare", functions: [], parser: undefined, format: z.object({}) });
  assert.deepEqual([bare.functions.size, bare.parser, bare.infoDict().hasFormat], [0, null, true]);
  assert.equal(parent.functions.size, 1);
  assert.throws(() => parent.extend({ prompt: "x" } as never), {
    name: "TypeError",
    message: /expected a new path/,
  });
});

Deno.test("Prompt.extend() gives maps of its own", () => {
  const parent = new Prompt({ path: "p", prompt: "" });
  parent.extend({ path: "c" }).registerMcpServer(files());
  assert.equal(parent.mcpServers.size, 0);
});

Deno.test("Prompt finds and links its tools by name", () => {
  const prompt = new Prompt({ path: "p", prompt: "", functions: [search()] });
  assert.equal(prompt.functions instanceof Map, true);
  prompt.linkFunction("search", () => "found");
  assert(prompt.getFunction("search").linked);
  assert.throws(() => prompt.getFunction("serach"), {
    name: "TypeError",
    message: 'Cannot find tool "serach" in prompt "p": expected one of "search"; did you mean "search"?',
  });
  assert.throws(() => prompt.linkFunction("none", () => 1), TypeError);
  assert.throws(() => new Prompt({ path: "p", prompt: "", functions: [search(), search()] }), TypeError);
});

Deno.test("Prompt reads what a provider is to enable from addonArgs", () => {
  const computer_use = { display_width: 800 };
  const prompt = new Prompt({ path: "p", prompt: "", addonArgs: { web_search: { depth: 1 }, computer_use } });
  assert.equal(prompt.allowWebSearch, true);
  assert.deepEqual(prompt.computerUseConfig, computer_use);
  const none = new Prompt({ path: "p", prompt: "" });
  assert.deepEqual([none.allowWebSearch, none.computerUseConfig], [false, {}]);
  assert.deepEqual(
    new Prompt({ path: "p", prompt: "", addonArgs: { computer_use: true } }).computerUseConfig,
    {},
  );
});

Deno.test("new Prompt() refuses parts that cannot do what they are for", () => {
  const refused = (part: object, message: RegExp) =>
    assert.throws(() => new Prompt({ path: "p", prompt: "", ...part }), { name: "TypeError", message });
  refused({ parser: {} }, /^Cannot create prompt "p": expected a parser with a method parse, found none$/);
  refused({ renderer: {} }, /expected a renderer with a method render, found none$/);
  refused(
    { handler: { onException: () => {} } },
    /expected a handler with a method onInterrupt, found none$/,
  );
  refused({ mcpServers: [{ label: "s" }] }, /expected an McpServer in mcpServers, found object$/);
  const prompt = new Prompt({ path: "p", prompt: "" });
  assert.throws(() => prompt.registerMcpServer(undefined as never), {
    name: "TypeError",
    message: 'Cannot register a server in prompt "p": expected an McpServer, found undefined',
  });
});

Deno.test("Prompt.infoDict() describes the prompt", () => {
  const prompt = new Prompt({
    path: "p",
    prompt: "abc",
    functions: [search()],
    mcpServers: [files()],
    addonArgs: { web_search: true },
    metadata: { version: 1 },
  });
  assert.deepEqual(prompt.infoDict(), {
    path: "p",
    promptHash: "ba7816bf8f01",
    metadata: { version: 1 },
    functions: ["search"],
    mcpServers: ["files"],
    addonArgs: { web_search: true },
    hasParser: false,
    hasFormat: false,
  });
});

Deno.test("DefaultHandler tells errors, results and the limit", () => {
  const format = z.object({});
  const prompt = new Prompt({
    path: "p",
    prompt: "",
    format,
    functions: [search()],
    mcpServers: [files()],
    addonArgs: { web_search: true },
  });
  const exception = prompt.onException(session);
  assert.equal(exception.render({ error_message: "no {JSON}" }), "Error: no {JSON}. Please fix.");
  assert.deepEqual([[...exception.functions.keys()], exception.format], [["search"], format]);
  const interrupt = prompt.onInterrupt(session);
  assert.equal(interrupt.render({ call_results: "{x} {{y}}" }), "{x} {{y}}");
  assert.equal(interrupt.mcpServers.size, 1);
  const last = prompt.onInterruptFinal(session);
  assert.equal(last.render(), "You are reaching the limit of tool calls. Provide the final response.");
  assert.deepEqual([last.functions.size, last.mcpServers.size, last.allowWebSearch, last.format], [
    0,
    0,
    false,
    format,
  ]);
});

Deno.test("DefaultHandler takes other texts, and whole prompts as they are", () => {
  const whole = new Prompt({ path: "whole", prompt: "{call_results}!" });
  const handler = new DefaultHandler({ exceptionMessage: "No: {error_message}", interruptMessage: whole });
  const prompt = new Prompt({ path: "p", prompt: "", handler });
  assert.equal(prompt.onException(session).render({ error_message: "x" }), "No: x");
  assert.equal(prompt.onException(session).onException(session).handler, handler);
  assert.equal(prompt.onInterrupt(session), whole);
});

Deno.test("DefaultHandler renders its messages with slots, whatever the prompt's renderer", () => {
  const prompt = new Prompt({ path: "p", prompt: "", renderer: { render: () => "other" } });
  assert.equal(prompt.onException(session).render({ error_message: "x" }), "Error: x. Please fix.");
});

Deno.test("Prompt.isInstance() knows prompts by their brand", () => {
  assert(Prompt.isInstance(new Prompt({ path: "p", prompt: "" })));
  assert(Prompt.isInstance({ [Symbol.for("lllm.Prompt")]: true }));
  assert(!Prompt.isInstance({ path: "p", prompt: "" }));
});

Deno.test("Prompt refuses a template that is no text", () => {
  assert.throws(() => new Prompt({ path: "p" } as never), {
    name: "TypeError",
    message: /expected a template/,
  });
  assert.throws(() => new Prompt({ prompt: "p" } as never), TypeError);
});

Deno.test("barePrompt() renders any text as it is", () => {
  const text = "{x} {{y}} {z:.2f}";
  const prompt = barePrompt(text);
  assert.equal(prompt.render(), text);
  assert(isBarePrompt(prompt) && !isBarePrompt(new Prompt({ path: "p", prompt: text })));
});

Deno.test("new Prompt() refuses parsers and functions that are none", () => {
  for (const wrong of [{ parser: {} }, { functions: [5] }, { functions: "search" }]) {
    assert.throws(() => new Prompt({ path: "p", prompt: "", ...wrong } as never), TypeError);
  }
});
