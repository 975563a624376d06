import assert from "node:assert/strict";
import { ParseError } from "../../src/errors.ts";
import { DefaultTagParser } from "../../src/prompt/mod.ts";

Deno.test("DefaultTagParser extracts tags, fences and signals", () => {
  const parser = new DefaultTagParser({
    xmlTags: ["a", "b"],
    mdTags: ["json", "py"],
    signalTags: ["STOP", "GO"],
  });
  const text = "<a> one\n</a> x <a>two</a>\n```json\n  {}\n\n```\n<STOP>";
  assert.deepEqual(parser.parse(text), {
    raw: text,
    xmlTags: { a: [" one\n", "two"], b: [] },
    mdTags: { json: ["{}"], py: [] },
    signalTags: { STOP: true, GO: false },
  });
});

Deno.test("DefaultTagParser lists all required tags that are missing in one error", () => {
  const parser = new DefaultTagParser({ requiredXmlTags: ["a", "b"], requiredMdTags: ["json"] });
  assert.throws(() => parser.parse("<b>x</b>"), (error) => {
    assert(error instanceof ParseError);
    assert.match(error.message, /<a>.*json/);
    assert.doesNotMatch(error.message, /<b>/);
    assert.deepEqual(error.detail, { missingXmlTags: ["a"], missingMdTags: ["json"] });
    return true;
  });
});

Deno.test("DefaultTagParser extracts required tags without being told twice", () => {
  const parser = new DefaultTagParser({ xmlTags: ["a"], requiredXmlTags: ["a", "b"], requiredMdTags: ["c"] });
  const parsed = parser.parse("<a>1</a><b></b>\n```c\nx\n```");
  assert.deepEqual([parsed.xmlTags, parsed.mdTags], [{ a: ["1"], b: [""] }, { c: ["x"] }]);
});

Deno.test("DefaultTagParser wants a fence's language to equal the tag", () => {
  const parser = new DefaultTagParser({ mdTags: ["c", "python"] });
  const parsed = parser.parse(
    "```c++\n1\n```\n```python3\n2\n```\n```python title=x\n3\n```\n```\n4\n```\n~~~c\n5\n~~~",
  );
  assert.deepEqual(parsed.mdTags, { c: ["5"], python: ["3"] });
});

Deno.test("DefaultTagParser reads longer fences, fences in a line, indented ones, and Windows line ends", () => {
  const parser = new DefaultTagParser({ mdTags: ["md", "json", "py"] });
  const text = [
    "````md",
    "```json",
    "inner",
    "```",
    "````",
    "Here: ```json",
    "1```",
    "  ```json",
    "  2",
    "  ```",
    '```json {"a": 3} ```',
    "Use ```code``` here",
    "```py",
    "cut",
  ].join("\r\n");
  assert.deepEqual(parser.parse(text).mdTags, {
    md: ["```json\ninner\n```"],
    json: ["1", "2", '{"a": 3}'],
    py: [],
  });
});

Deno.test("DefaultTagParser takes opening tags with attributes and ignores what is not closed", () => {
  const parser = new DefaultTagParser({ xmlTags: ["a", "a.b"] });
  assert.deepEqual(parser.parse('<a id="1">x</a><ab>no</ab><a>open').xmlTags, { a: ["x"], "a.b": [] });
});

Deno.test("DefaultTagParser stays fast on a reply full of open tags", () => {
  const parser = new DefaultTagParser({ xmlTags: ["a"], mdTags: ["b"] });
  assert.deepEqual(parser.parse("<a>".repeat(200_000)).xmlTags, { a: [] });
  assert.deepEqual(parser.parse("```b\n".repeat(50_000)).mdTags, { b: [] });
  assert.deepEqual(parser.parse("~".repeat(200_000) + "`").mdTags, { b: [] });
  assert.deepEqual(parser.parse(`<a ${" x".repeat(100_000)}`).xmlTags, { a: [] });
  assert.deepEqual(parser.parse("```b" + " ".repeat(500_000) + "x").mdTags, { b: [] });
});
