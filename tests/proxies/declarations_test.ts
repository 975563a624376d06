import assert from "node:assert/strict";
import { type DeclaredInfo, typescriptDeclarations } from "../../src/proxies/_declarations.ts";
import type { JsonSchema } from "@lllm/lllm/proxies";

function declare(
  info: Partial<DeclaredInfo>,
  options?: { maxChars?: number; comments?: "all" | "brief" | "none" },
): string {
  return typescriptDeclarations([{ path: "a/b", info: { description: "", params: {}, ...info } }], options);
}

function paramType(schema: JsonSchema, root: Record<string, unknown> = {}): string {
  const inputSchema = { type: "object", properties: { x: schema }, ...root };
  const text = declare({ inputSchema }, { comments: "none" });
  return /params\?: \{ x\?: ([^]*) \}\)/.exec(text)?.[1] ?? text;
}

async function check(text: string): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/declared.ts`, `export {};\n${text}\n`);
    const command = new Deno.Command(Deno.execPath(), {
      args: ["check", "--no-config", `${folder}/declared.ts`],
      stderr: "piped",
      stdout: "null",
    });
    const { success, stderr } = await command.output();
    assert(success, new TextDecoder().decode(stderr));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("typescriptDeclarations() writes declared parameters, what they mean, and the answer's type", () => {
  const text = declare({
    description: "Finds documents",
    params: {
      "query*": ["string", "fox", "Words"],
      limit: ["integer", 10],
      filter: ["object"],
      tags: ["array"],
    },
    response: [{ id: "d1", score: 2.5 }],
    needsApproval: true,
  });
  assert.equal(
    text,
    `/**
 * Finds documents
 * Each call waits for a person's approval.
 * Returns e.g. [{"id":"d1","score":2.5}]
 */
declare function CALL_API(path: "a/b", params: {
  /** Words; e.g. "fox" */
  query: string;
  /** integer; e.g. 10 */
  limit?: number;
  filter?: Record<string, unknown>;
  tags?: unknown[];
}): Promise<Array<{ id: string; score: number }>>;`,
  );
});

Deno.test("typescriptDeclarations() leaves parameters out where there are none, and makes them optional where all are", () => {
  assert.equal(declare({}), 'declare function CALL_API(path: "a/b"): Promise<any>;');
  assert.match(declare({ params: { limit: ["integer"] } }), /params\?: \{/);
});

Deno.test("typescriptDeclarations() writes enums, unions, tuples, maps and what may be null", () => {
  assert.equal(paramType({ enum: ["a", 'b"', 1, null, true] }), '"a" | "b\\"" | 1 | null | true');
  assert.equal(paramType({ const: "only" }), '"only"');
  assert.equal(paramType({ type: ["string", "null"] }), "string | null");
  assert.equal(paramType({ type: "integer", nullable: true }), "number | null");
  assert.equal(
    paramType({ anyOf: [{ type: "string" }, { type: "array", items: { type: "number" } }] }),
    "string | number[]",
  );
  assert.equal(paramType({ type: "array", items: { enum: ["a", "b"] } }), 'Array<"a" | "b">');
  assert.equal(
    paramType({ type: "object", additionalProperties: { type: "number" } }),
    "Record<string, number>",
  );
  assert.equal(
    paramType({ type: "array", prefixItems: [{ type: "string" }, { type: "number" }], items: false }),
    "[string, number]",
  );
  assert.equal(paramType({ oneOf: [{ type: "string" }, {}] }), "unknown");
});

Deno.test("typescriptDeclarations() joins all parts of allOf, unions in brackets", () => {
  const part = (name: string) => ({
    type: "object",
    properties: { [name]: { type: "string" } },
    required: [name],
  });
  const text = paramType({ allOf: [part("a"), { anyOf: [part("b"), part("c")] }] });
  assert.equal(text, "{ a: string } & ({ b: string } | { c: string })");
});

Deno.test("typescriptDeclarations() names what contains itself or is used twice, and writes the rest in place", () => {
  const $defs = {
    "tree-node": {
      type: "object",
      properties: { next: { $ref: "#/$defs/tree-node" }, at: { $ref: "#/$defs/Point" } },
    },
    Point: { type: "object", properties: { x: { type: "number" } }, required: ["x"] },
    Once: { type: "string" },
  };
  const once = declare({
    inputSchema: { $defs, properties: { a: { $ref: "#/$defs/tree-node" }, c: { $ref: "#/$defs/Once" } } },
  });
  assert.match(once, /^type TreeNode = \{ next\?: TreeNode; at\?: \{ x: number \} \};\ndeclare/);
  assert.match(once, /params\?: \{ a\?: TreeNode; c\?: string \}/);
  const twice = declare({
    inputSchema: { $defs, properties: { a: { $ref: "#/$defs/Point" }, b: { $ref: "#/$defs/Point" } } },
  });
  assert.match(twice, /^type Point = \{ x: number \};\n/);
});

Deno.test("typescriptDeclarations() gives types of several endpoints names of their own", () => {
  const of = (type: string): JsonSchema => ({
    $defs: { Item: { type: "object", properties: { id: { type } } } },
    properties: { a: { $ref: "#/$defs/Item" }, b: { $ref: "#/$defs/Item" } },
  });
  const text = typescriptDeclarations([
    { path: "a/one", info: { description: "", params: {}, inputSchema: of("string") } },
    { path: "a/two", info: { description: "", params: {}, inputSchema: of("number") } },
  ]);
  assert.match(text, /type Item = \{ id\?: string \}/);
  assert.match(text, /type Item2 = \{ id\?: number \}/);
});

Deno.test("typescriptDeclarations() is bounded however large, deep or cyclic a schema is", () => {
  const wide = Object.fromEntries(
    Array.from(
      { length: 3_000 },
      (_, i) => [`property_${i}`, { type: "string", description: "Long. ".repeat(50) }],
    ),
  );
  let deep: JsonSchema = { type: "string" };
  for (let i = 0; i < 2_000; i++) deep = { type: "object", properties: { [`level${i}`]: deep } };
  let unions: JsonSchema = { type: "string" };
  for (let i = 0; i < 2_000; i++) unions = { anyOf: [unions, { type: "null" }] };
  const doubling: Record<string, JsonSchema> = { d0: { type: "string" } };
  for (let i = 1; i < 60; i++) {
    doubling[`d${i}`] = {
      anyOf: [{ $ref: `#/$defs/d${i - 1}` }, { type: "array", items: { $ref: `#/$defs/d${i - 1}` } }],
    };
  }
  const schemas: JsonSchema[] = [
    { type: "object", properties: wide },
    { type: "object", properties: { deep } },
    { type: "object", properties: { unions } },
    { $defs: doubling, properties: { x: { $ref: "#/$defs/d59" } } },
    { $ref: "#" },
    {
      allOf: [{ $ref: "#/$defs/a" }],
      $defs: { a: { allOf: [{ $ref: "#/$defs/b" }] }, b: { $ref: "#/$defs/a" } },
    },
    { properties: { x: { enum: Array.from({ length: 5_000 }, (_, i) => `value ${i}`) } } },
    { properties: { x: { $ref: "https://example.com/elsewhere" }, y: { $ref: "#/%ZZ" }, z: { $ref: 7 } } },
  ];
  const params = Object.fromEntries(Object.keys(wide).map((name) => [name, ["any", 1, "Long. "]] as const));
  assert(declare({ params }, { maxChars: 2_000 }).length <= 2_000);
  for (const inputSchema of schemas) {
    const text = declare({ inputSchema, outputSchema: inputSchema }, { maxChars: 2_000 });
    assert(text.length <= 2_000, `${text.length}`);
    assert.match(text, /declare function CALL_API\(path: "a\/b"/);
  }
});

Deno.test("typescriptDeclarations() keeps every name and description within its comment, string and block", async () => {
  const hostile = [
    "*/ }; throw 1; /*",
    "**/",
    "a\nb\r\nc\u2028d\u2029e",
    "``` \n```ts",
    '"; }; //',
    "${x} `",
    "\\",
    "\\*/",
    "*\u200b/",
    "\u202eabc\u0000\ud800",
    "__proto__",
    "constructor",
    "",
    "ends with *",
    "/ begins",
  ];
  const endpoints = hostile.map((text, i) => {
    const properties = Object.fromEntries([
      [text || "empty", {
        type: "string",
        description: text,
        enum: [text, "other"],
        default: text,
        examples: [text],
      }],
      ["ref", { $ref: `#/$defs/t${i}` }],
      ["again", { $ref: `#/$defs/t${i}` }],
    ]);
    const inputSchema = { type: "object", properties, $defs: { [`t${i}`]: { title: text, const: text } } };
    return {
      path: `p/${text}`,
      info: { description: text, params: {}, inputSchema, response: { [text || "empty"]: text } },
    };
  });
  const declared = endpoints.map((endpoint) => typescriptDeclarations([endpoint]));
  for (const text of declared) {
    assert(!text.includes("```"));
    // deno-lint-ignore no-control-regex -- these must not be there
    assert(!/[\u0000-\u0009\u000b-\u001f\u2028-\u202e\ud800-\udfff]/.test(text));
  }
  const callable = endpoints.map(({ path }) => `CALL_API(${JSON.stringify(path.toWellFormed())});`).join(
    "\n",
  );
  await check(`${typescriptDeclarations(endpoints)}\n${callable}`);
});

Deno.test("typescriptDeclarations() gives declarations that tell right calls from wrong ones", async () => {
  const text = typescriptDeclarations([
    {
      path: "shop/order",
      info: {
        description: "Orders",
        params: {},
        inputSchema: {
          type: "object",
          properties: { item: { enum: ["tea", "rice"] }, count: { type: "integer" } },
          required: ["item"],
        },
        outputSchema: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
      },
    },
    {
      path: "shop/list",
      info: { description: "Lists", params: { limit: ["integer", 5] }, response: [{ id: "a" }] },
    },
  ]);
  await check(`${text}
const order = await CALL_API("shop/order", { item: "tea" });
order.id.toUpperCase();
(await CALL_API("shop/list"))[0]?.id.toUpperCase();
// @ts-expect-error an item that there is not
CALL_API("shop/order", { item: "coal" });
// @ts-expect-error a missing parameter
CALL_API("shop/order", { count: 1 });
// @ts-expect-error an endpoint that there is not
CALL_API("shop/none");`);
});
