import assert from "node:assert/strict";
import fc from "fast-check";
import {
  canonicalJson,
  deepEqual,
  deepFreeze,
  freezeCopy,
  isPlainObject,
  thawLists,
} from "../../src/util/mod.ts";

Deno.test("isPlainObject() takes literals and objects without a prototype, nothing else", () => {
  for (const yes of [{}, { a: 1 }, Object.create(null)]) assert(isPlainObject(yes));
  for (const no of [null, undefined, 1, "", [], new Date(), new Map(), () => 1, new (class A {})()]) {
    assert(!isPlainObject(no));
  }
});

Deno.test("deepFreeze() freezes in place and survives a cycle", () => {
  const tree: { list: unknown[]; self?: unknown } = { list: [{ a: 1 }] };
  tree.self = tree;
  assert.equal(deepFreeze(tree), tree);
  assert(Object.isFrozen(tree.list[0]) && Object.isFrozen(tree.list));
});

Deno.test("deepFreeze() walks a tree that was frozen only at its top", () => {
  const tree = Object.freeze({ inner: { a: 1 } });
  deepFreeze(tree);
  assert(Object.isFrozen(tree.inner));
});

Deno.test("deepFreeze() leaves typed arrays and class instances as they are", () => {
  const bytes = new Uint8Array(2);
  const when = new Date(0);
  deepFreeze({ bytes, when });
  bytes[0] = 1;
  assert(!Object.isFrozen(when));
});

Deno.test("freezeCopy() leaves the argument alone and shares what is already frozen", () => {
  const shared = deepFreeze({ deep: [1] });
  const given = { shared, mine: [1] };
  const copy = freezeCopy(given);
  given.mine.push(2);
  assert.deepEqual(copy, { shared: { deep: [1] }, mine: [1] });
  assert.equal(copy.shared, shared);
  assert.equal(freezeCopy(copy), copy);
});

Deno.test("freezeCopy() keeps a key named __proto__ as data", () => {
  const copy = freezeCopy(JSON.parse('{"__proto__":{"polluted":true}}'));
  assert.equal((copy as { polluted?: boolean }).polluted, undefined);
  assert.equal(JSON.stringify(copy), '{"__proto__":{"polluted":true}}');
});

Deno.test("freezeCopy() refuses a cycle but takes the same object twice", () => {
  const twice = { a: 1 };
  assert.deepEqual(freezeCopy([twice, twice]), [{ a: 1 }, { a: 1 }]);
  const loop: unknown[] = [];
  loop.push(loop);
  assert.throws(() => freezeCopy(loop), { name: "TypeError", message: /cycle/ });
});

Deno.test("canonicalJson() gives the example of RFC 8785", () => {
  const value = {
    numbers: [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    string: "€$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    literals: [null, true, false],
  };
  assert.equal(
    canonicalJson(value),
    '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
      '"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
  );
});

Deno.test("canonicalJson() sorts keys by UTF-16 units", () => {
  assert.equal(
    canonicalJson({ "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7 }),
    '{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}',
  );
});

Deno.test("canonicalJson() refuses what JSON cannot carry", () => {
  for (const value of [NaN, { a: Infinity }, [1n]]) assert.throws(() => canonicalJson(value), TypeError);
  const loop: Record<string, unknown> = {};
  loop.self = loop;
  assert.throws(() => canonicalJson(loop), /cycle/);
});

Deno.test("canonicalJson() says what JSON.stringify says, and does not see the order of keys", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const text = canonicalJson(value);
    assert(deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(value))));
    assert.equal(canonicalJson(JSON.parse(text)), text);
    assert.equal(canonicalJson(reversed(value)), text);
    assert(deepEqual(reversed(value), value));
  }));
});

Deno.test("thawLists() gives the same tree, no list of which is frozen, and shares what has no list", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => {
    const frozen = freezeCopy(value);
    const thawed = thawLists(frozen);
    assert.equal(JSON.stringify(thawed), JSON.stringify(frozen));
    assert(listsOf(thawed).every((list) => !Object.isFrozen(list)));
    if (listsOf(frozen).length === 0) assert.equal(thawed, frozen);
  }));
  const odd = freezeCopy(JSON.parse('{"__proto__":[1],"a":{"b":[[2]]}}'));
  assert.equal(JSON.stringify(thawLists(odd)), '{"__proto__":[1],"a":{"b":[[2]]}}');
  const date = Object.freeze(new Date(0));
  assert.equal(thawLists(freezeCopy({ date, list: [] })).date, date);
});

Deno.test("deepEqual() tells values apart", () => {
  assert(deepEqual({ a: undefined, b: NaN }, { b: NaN }));
  for (
    const [a, b] of [[{ a: 1 }, { b: 1 }], [[1], [1, 2]], [[], {}], [null, {}], [1, "1"], [{ a: 1 }, null]]
  ) {
    assert(!deepEqual(a, b));
  }
});

function listsOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return [value, ...value.flatMap(listsOf)];
  return isPlainObject(value) ? Object.values(value).flatMap(listsOf) : [];
}

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).reverse().map(([key, item]) => [key, reversed(item)]));
}
