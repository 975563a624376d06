import assert from "node:assert/strict";
import fc from "fast-check";
import { scrubbedJson, scrubSecrets } from "../../src/run/mod.ts";
import { canonicalJson, deepFreeze } from "../../src/util/mod.ts";

Deno.test("scrubSecrets() replaces what is under the names of secrets, headers and the secrets of addresses", () => {
  assert.deepEqual(
    scrubSecrets({
      api_key: "abc",
      openaiApiKey: 5,
      headers: [["authorization", "Bearer abc"], ["accept", "text"]],
      url: "https://ann:word@host/path?key=abc&page=2",
      value: "Bearer abcdefgh",
      password: undefined,
      monkey: "stays",
    }),
    {
      api_key: "[scrubbed]",
      openaiApiKey: "[scrubbed]",
      headers: [["authorization", "[scrubbed]"], ["accept", "text"]],
      url: "https://[scrubbed]@host/path?key=[scrubbed]&page=2",
      value: "[scrubbed]",
      password: undefined,
      monkey: "stays",
    },
  );
});

Deno.test("scrubSecrets() shares what has no secret, keeps the order of keys, and changes nothing", () => {
  const clean = { z: [1, { y: 2 }], a: null };
  assert.equal(scrubSecrets(clean), clean);
  const mixed = deepFreeze({ z: clean, token: 1, api_key: "abc", a: [["cookie", "abc"], clean] });
  const scrubbed = scrubSecrets(mixed) as typeof mixed;
  assert.deepEqual(Object.keys(scrubbed), ["z", "token", "api_key", "a"]);
  assert.equal(scrubbed.z, clean);
  assert.equal(scrubbed.a[1], clean);
  assert.equal(scrubbed.api_key, "[scrubbed]");
  assert.equal(mixed.api_key, "abc");
});

Deno.test("scrubbedJson() writes canonical JSON, whatever the keys", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = scrubbedJson(value);
    assert.equal(text, canonicalJson(scrubSecrets(value)));
    assert.equal(scrubbedJson(JSON.parse(text)), text);
  }));
  assert.equal(
    scrubbedJson({ b: 1, 10: { d: 1, c: 2 }, 9: 3, "-": 4 }),
    '{"-":4,"10":{"c":2,"d":1},"9":3,"b":1}',
  );
  fc.assert(fc.property(fc.dictionary(fc.string(), fc.nat(), { minKeys: 8, maxKeys: 20 }), (value) => {
    assert.equal(scrubbedJson(value), canonicalJson(scrubSecrets(value)));
  }));
  const odd = JSON.parse('{"b":1,"__proto__":{"api_key":"abc"}}');
  assert.equal(scrubbedJson(odd), '{"__proto__":{"api_key":"[scrubbed]"},"b":1}');
  assert.equal(({} as { api_key?: string }).api_key, undefined);
});

Deno.test("scrubbedJson() writes any text that is no secret as JSON.stringify does", () => {
  for (
    const text of ["", "tool:search#0", 'a "b"', "a\\b", "a\nb", "\x7f", "é", "\ud800", "x".repeat(1_000)]
  ) {
    assert.equal(scrubbedJson(text), JSON.stringify(text));
  }
  const unit = fc.oneof(
    fc.string({ unit: "binary", maxLength: 1 }),
    fc.constantFrom('"', "\\", "\t", "\ud800"),
  );
  fc.assert(
    fc.property(
      fc.array(unit),
      (parts) => assert.equal(scrubbedJson(parts.join("")), JSON.stringify(parts.join(""))),
    ),
  );
});

Deno.test("scrubbedJson() writes what JSON cannot carry as JSON.stringify does", () => {
  const at = new Date(0);
  const toJSON = () => ({ secret: "abc", b: 1, a: [{ toJSON: () => -0 }] });
  assert.equal(
    scrubbedJson({ y: [undefined, () => 1, NaN], x: undefined, w: Infinity, at, v: { toJSON } }),
    '{"at":"1970-01-01T00:00:00.000Z","v":{"a":[0],"b":1,"secret":"[scrubbed]"},"w":null,"y":[null,null,null]}',
  );
  assert.equal(scrubbedJson(undefined), "null");
  assert.throws(() => scrubbedJson({ a: 1n }), /expected a JSON value, found a bigint/);
  const cycle: Record<string, unknown> = {};
  cycle.cycle = cycle;
  assert.throws(() => scrubbedJson(cycle), RangeError);
});

Deno.test("scrubbedJson() writes lists as lists, their gaps as null, and functions not at all", () => {
  class Names extends Array<string> {
    toJSON(): string {
      return "Bearer abcdefgh1234";
    }
  }
  const write = Object.assign(() => 1, { toJSON: () => "Bearer abcdefgh1234" });
  assert.equal(
    scrubbedJson({ a: [Names.from(["x"]), Names.from(["Bearer abcdefgh1234"])], b: write }),
    '{"a":[["x"],["[scrubbed]"]]}',
  );
  // deno-lint-ignore no-sparse-arrays -- that is what is tested
  assert.equal(scrubbedJson({ 10: 1, 2: [, write, undefined, "x"] }), '{"10":1,"2":[null,null,null,"x"]}');
});
