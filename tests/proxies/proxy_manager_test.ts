import { BaseProxy, defineProxy, endpoint, type ProxyClass, ProxyManager } from "@lllm/lllm/proxies";
import { LLLMError } from "@lllm/lllm/errors";
import assert from "node:assert/strict";
import { resolverOf } from "./_resolver.ts";
import { SearchProxy } from "./_search_proxy.ts";

function named(path: string | undefined, answer: unknown = path): ProxyClass {
  return defineProxy({
    ...(path === undefined ? {} : { path }),
    name: "x",
    description: "",
    endpoints: { who: { endpoint: "who-is", description: "Names itself", handler: () => answer } },
  });
}

function hasCode(code: string, ...near: string[]): (error: unknown) => boolean {
  return (error) => {
    assert(LLLMError.isInstance(error), String(error));
    assert.equal(error.code, code);
    if (near.length > 0) assert.deepEqual(error.data.near, near);
    return true;
  };
}

Deno.test("ProxyManager without proxies has none", () => {
  const manager = new ProxyManager({ runtime: resolverOf({}) });
  assert.deepEqual(manager.available(), []);
  assert.deepEqual(manager.apiCatalog(), {});
  assert.equal(manager.retrieveApiDocs(), "There are no APIs.");
});

Deno.test("ProxyManager loads the proxies of its runtime, sorted by name", () => {
  const runtime = resolverOf({
    "demo.proxies:search": SearchProxy,
    "demo.proxies:a/Plain": named(undefined),
  });
  assert.deepEqual(new ProxyManager({ runtime }).available(), ["a/Plain", "search"]);
});

Deno.test("available() tells the path, and qualified keys where two collide", () => {
  const runtime = resolverOf({
    "one.proxies:market": named("market"),
    "two.proxies:market": named("market"),
    "two.proxies:vendor/news": named("news"),
  });
  const manager = new ProxyManager({ runtime });
  assert.deepEqual(manager.available(), ["news", "one.proxies:market", "two.proxies:market"]);
  assert.throws(() => manager.getApiDirectory("market"), hasCode("endpoint_not_found"));
});

Deno.test("call() finds a proxy by qualified key, bare key and path, everything that available() lists", async () => {
  const runtime = resolverOf({ "one.proxies:vendor/news": named("news"), "one.proxies:x": named("y/z", 2) });
  const manager = new ProxyManager({ runtime });
  for (const name of ["one.proxies:vendor/news", "vendor/news", "news"]) {
    assert.equal(await manager.call(`${name}/who`), "news");
  }
  assert.equal(await manager.call("y/z/who"), 2);
  for (const name of manager.available()) await manager.call(`${name}/who`);
});

Deno.test("call() prefers qualified keys to bare keys to paths", async () => {
  const runtime = resolverOf({ "p.proxies:a": named("b", "first"), "p.proxies:b": named("c", "second") });
  const manager = new ProxyManager({ runtime });
  assert.equal(await manager.call("b/who"), "second");
  assert.deepEqual(manager.available(), ["c", "p.proxies:a"]);
});

Deno.test("call() takes a slash or a dot, the method's name or the declared endpoint", async () => {
  const manager = new ProxyManager({ runtime: resolverOf({ "p.proxies:fmp": named("fmp", 1) }) });
  for (const path of ["fmp/who", "fmp.who", "fmp/who-is", "fmp.who-is"]) {
    assert.equal(await manager.call(path), 1);
  }
});

Deno.test("call() finds a declared endpoint that has slashes, after the split at the last one", async () => {
  const proxyOf = (path: string, names: Record<string, string>) =>
    defineProxy({
      path,
      name: path,
      description: path,
      endpoints: Object.fromEntries(
        Object.entries(names).map(([name, endpoint]) => [
          name,
          { description: name, endpoint, handler: () => `${path} ${name}` },
        ]),
      ),
    });
  const manager = new ProxyManager();
  manager.register("fmp", proxyOf("fmp", { search: "/v3/search", other: "v3/x/other" }));
  assert.equal(await manager.call("fmp/v3/search"), "fmp search");
  assert.equal(await manager.call("fmp//v3/search"), "fmp search");
  assert.equal(await manager.call("fmp/v3/x/other"), "fmp other");
  assert.match(manager.retrieveApiDocs("fmp/v3/search"), /## fmp\/search\(\)/);
  await assert.rejects(manager.call("fmp/v3/serch"), { code: "endpoint_not_found" });
  await assert.rejects(manager.call("fmp/v3/serch"), /expected an endpoint of "fmp"/);
  manager.register("fmp/v3", proxyOf("fmp/v3", { search: "s" }));
  assert.equal(await manager.call("fmp/v3/search"), "fmp/v3 search");
});

Deno.test("call() prefers the name of a method to a declared endpoint", async () => {
  class Swapped extends BaseProxy {
    @endpoint({ endpoint: "b", description: "" })
    a(): string {
      return "a";
    }
    @endpoint({ endpoint: "a", description: "" })
    b(): string {
      return "b";
    }
  }
  const manager = new ProxyManager();
  manager.register("s", Swapped);
  assert.equal(await manager.call("s/a"), "a");
});

Deno.test("call() tells near names of what it cannot find", async () => {
  const manager = new ProxyManager({ runtime: resolverOf({ "p.proxies:search": SearchProxy }) });
  await assert.rejects(manager.call("search/serach"), hasCode("endpoint_not_found", "search/search"));
  await assert.rejects(manager.call("saerch/search"), hasCode("endpoint_not_found", "search/search"));
  await assert.rejects(manager.call("search/zzz"), /; there are search\/search, search\/add/);
  await assert.rejects(
    manager.call("zzz/yyy"),
    /expected a proxy "zzz", found none of that name; there are search$/,
  );
  for (
    const path of [
      "search",
      "",
      "/",
      "search/",
      "/search",
      "search/clear",
      "search/constructor",
      "search/__proto__",
    ]
  ) {
    await assert.rejects(manager.call(path), hasCode("endpoint_not_found"));
  }
  await assert.rejects(manager.call(undefined as unknown as string), TypeError);
});

Deno.test("call() checks parameters and tells everything that is wrong at once", async () => {
  const manager = new ProxyManager({ runtime: resolverOf({ "p.proxies:search": SearchProxy }) });
  await assert.rejects(manager.call("search/search", { qurey: "a", limit: "10" }), (error) => {
    assert(LLLMError.isInstance(error));
    assert.equal(error.code, "endpoint_args_invalid");
    assert.equal(
      error.message,
      'Cannot call API "search/search" with these parameters: "qurey": unknown parameter, did you mean "query"?; ' +
        '"query": expected string, found none; "limit": expected integer, found string "10". ' +
        "It takes { query: string, limit?: integer }",
    );
    return true;
  });
  await assert.rejects(manager.call("search/search", { query: null }), hasCode("endpoint_args_invalid"));
  await assert.rejects(manager.call("search/stats", { a: 1 }), /It takes no parameters/);
  await assert.rejects(
    manager.call("search/search", "fox" as unknown as Record<string, unknown>),
    hasCode("endpoint_args_invalid"),
  );
});

const TYPES = {
  string: { good: ["", "a"], bad: [1, true, [], {}] },
  integer: { good: [0, -3, 5.0], bad: [1.5, "1", NaN, Infinity, true] },
  number: { good: [0, 1.5], bad: ["1", NaN, Infinity, false] },
  boolean: { good: [true, false], bad: [0, "true"] },
  array: { good: [[], [1]], bad: [{}, "a"] },
  object: { good: [{}, { a: 1 }], bad: [[], "a", new Date()] },
  any: { good: [0, "", null, [], {}, false], bad: [undefined] },
} as const;

for (const [type, { good, bad }] of Object.entries(TYPES)) {
  Deno.test(`call() checks parameters of type ${type}`, async () => {
    const manager = new ProxyManager();
    manager.register(
      "t",
      defineProxy({
        name: "t",
        description: "",
        endpoints: {
          echo: {
            description: "",
            params: { "v*": [type as keyof typeof TYPES] },
            handler: ({ v }) => ({ v }),
          },
        },
      }),
    );
    for (const v of good) assert.deepEqual(await manager.call("t/echo", { v }), { v });
    for (const v of bad) {
      await assert.rejects(manager.call("t/echo", { v }), hasCode("endpoint_args_invalid"));
    }
  });
}

Deno.test("call() takes null and undefined for an optional parameter as left out", async () => {
  const manager = new ProxyManager();
  manager.register(
    "t",
    defineProxy({
      name: "t",
      description: "",
      endpoints: {
        echo: { description: "", params: { a: ["string"], b: ["any"] }, handler: (params) => params },
      },
    }),
  );
  assert.deepEqual(await manager.call("t/echo", { a: null, b: null }), { b: null });
  assert.deepEqual(await manager.call("t/echo", { a: undefined, b: undefined }), {});
});

Deno.test("call() searches a real index, drops keys and keeps one instance", async () => {
  const manager = new ProxyManager({ runtime: resolverOf({ "p.proxies:search": SearchProxy }) });
  await manager.call("search/add", { text: "The quick brown fox" });
  await manager.call("search/index", { text: "A lazy dog and a fox", id: "dog" });
  assert.deepEqual(await manager.call("search/search", { query: "quick fox" }), [
    { id: "doc-1", text: "The quick brown fox", score: 2 },
    { id: "dog", text: "A lazy dog and a fox", score: 1 },
  ]);
  assert.deepEqual(await manager.call("search/suggest", { prefix: "la" }), ["lazy"]);
  assert.deepEqual(await manager.call("search.stats"), { documents: 2, words: 8 });
});

Deno.test("ProxyManager instantiates a class once, however many keys lead to it, and only when it is needed", async () => {
  let instances = 0;
  class Counted extends BaseProxy {
    constructor(options?: ConstructorParameters<typeof BaseProxy>[0]) {
      super(options);
      instances++;
    }
    @endpoint({ description: "" })
    hi(): string {
      return "hi";
    }
  }
  const manager = new ProxyManager({
    runtime: resolverOf({ "finance.proxies:f/Counted": Counted, "fin.proxies:f/Counted": Counted }),
  });
  assert.equal(instances, 0);
  assert.deepEqual(manager.available(), ["f/Counted"]);
  await manager.call("finance.proxies:f/Counted/hi");
  await manager.call("fin.proxies:f/Counted/hi");
  manager.apiCatalog();
  assert.equal(instances, 1);
});

Deno.test("activateProxies takes qualified keys, bare keys, paths and the runtime's shorthands", () => {
  const proxies = {
    "p.proxies:v/a": named("a"),
    "p.proxies:b": named("b"),
    "p.proxies:c": named("c"),
    "p.proxies:d": named("d"),
  };
  const runtime = resolverOf(proxies, { "p:d": "p.proxies:d" });
  const activateProxies = ["a", "p.proxies:b", "p:d"];
  assert.deepEqual(new ProxyManager({ runtime, activateProxies }).available(), ["a", "b", "d"]);
  assert.deepEqual(new ProxyManager({ runtime, activateProxies: [] }).available(), ["a", "b", "c", "d"]);
});

Deno.test("activateProxies refuses an entry that matches nothing", () => {
  const runtime = resolverOf({ "p.proxies:market": named("market") });
  assert.throws(
    () => new ProxyManager({ runtime, activateProxies: ["markte"] }),
    hasCode("config_invalid", "market"),
  );
  assert.throws(
    () => new ProxyManager({ runtime: resolverOf({}), activateProxies: ["market"] }),
    /expected a registered proxy, found none; no proxy is registered/,
  );
});

Deno.test("ProxyManager refuses a cutoff date that is none, and a resource that is no proxy", () => {
  assert.throws(() => new ProxyManager({ cutoffDate: "tomorrow" }), hasCode("config_invalid"));
  assert.throws(
    () => new ProxyManager({ runtime: resolverOf({ "p.proxies:x": class Other {} }) }),
    hasCode("resource_type_mismatch"),
  );
});

Deno.test("register() adds a proxy, replaces one of the same name, and refuses what is none", async () => {
  const manager = new ProxyManager({
    runtime: resolverOf({ "p.proxies:a": named("a") }),
    activateProxies: ["a"],
  });
  manager.register("b", named(undefined, 1));
  assert.deepEqual(manager.available(), ["a", "b"]);
  manager.register("b", named(undefined, 2));
  assert.deepEqual(manager.available(), ["a", "b"]);
  assert.equal(await manager.call("b/who"), 2);
  assert.throws(() => manager.register("c", BaseProxy), /expected a subclass of BaseProxy/);
  assert.throws(() => manager.register("", named("c")), TypeError);
});

Deno.test("apiCatalog() and getApiDirectory() describe proxies under the names of available()", () => {
  const manager = new ProxyManager({
    runtime: resolverOf({ "one.proxies:search": SearchProxy, "two.proxies:search": named("search") }),
  });
  const catalog = manager.apiCatalog();
  assert.deepEqual(Object.keys(catalog), ["one.proxies:search", "two.proxies:search"]);
  assert.equal(catalog["one.proxies:search"]!.id, "one.proxies:search");
  assert.deepEqual(manager.getApiDirectory("one.proxies:search"), catalog["one.proxies:search"]);
  assert.throws(() => manager.getApiDirectory("one.proxies:serach"), hasCode("endpoint_not_found"));
});

Deno.test("call() gives JSON data, and says what JSON cannot carry", async () => {
  const day = new Date("2024-01-02T03:04:05Z");
  const manager = new ProxyManager();
  manager.register(
    "t",
    defineProxy({
      name: "t",
      description: "",
      endpoints: {
        nothing: { description: "", handler: () => undefined },
        date: { description: "", handler: () => ({ day, none: undefined }) },
        big: { description: "", handler: () => 1n },
      },
    }),
  );
  assert.equal(await manager.call("t/nothing"), null);
  assert.deepEqual(await manager.call("t/date"), { day: "2024-01-02T03:04:05.000Z" });
  await assert.rejects(manager.call("t/big"), /Cannot use the answer of API "t\/big": expected a JSON value/);
});

Deno.test("call() passes on what an endpoint throws", async () => {
  const failure = new Error("upstream is down");
  const manager = new ProxyManager();
  manager.register(
    "t",
    defineProxy({
      name: "t",
      description: "",
      endpoints: { fail: { description: "", handler: () => Promise.reject(failure) } },
    }),
  );
  await assert.rejects(manager.call("t/fail"), (error) => error === failure);
});

Deno.test("a handler is given the signal, the cutoff date and the deploy mode", async () => {
  const manager = new ProxyManager({ cutoffDate: "2024-01-01", deployMode: true });
  let seen: unknown;
  manager.register(
    "t",
    defineProxy({
      name: "t",
      description: "",
      endpoints: { look: { description: "", handler: (_params, context) => void (seen = context) } },
    }),
  );
  const { signal } = new AbortController();
  await manager.call("t/look", {}, { signal });
  assert.deepEqual(seen, { signal, cutoffDate: new Date("2024-01-01T00:00:00Z"), deployMode: true });
});

Deno.test("ProxyManager takes proxies of another copy of the library", async () => {
  const copy = {
    ...await import("../../src/proxies/base_proxy.ts?copy"),
    ...await import("../../src/proxies/endpoint.ts?copy"),
  };
  assert.notEqual(copy.BaseProxy, BaseProxy);
  class Foreign extends copy.BaseProxy {
    @copy.endpoint({ description: "", params: { "n*": ["integer", 1] } })
    double({ n }: { n: number }): number {
      return 2 * n;
    }
  }
  const manager = new ProxyManager({ runtime: resolverOf({ "p.proxies:foreign": Foreign }) });
  assert.equal(await manager.call("foreign/double", { n: 4 }), 8);
});

Deno.test("endpoint() works beside another decorator that replaces the method", async () => {
  const shout = (method: () => string, _context: ClassMethodDecoratorContext) =>
    function (this: unknown): string {
      return method.call(this as never).toUpperCase();
    };
  class Loud extends BaseProxy {
    @shout
    @endpoint({ description: "" })
    inner(): string {
      return "a";
    }
    @endpoint({ description: "" })
    @shout
    outer(): string {
      return "b";
    }
  }
  const manager = new ProxyManager();
  manager.register("loud", Loud);
  assert.deepEqual([await manager.call("loud/inner"), await manager.call("loud/outer")], ["A", "B"]);
});

Deno.test("call() tells some of thousands of unknown parameters, and the beginning of a long name", async () => {
  const manager = new ProxyManager();
  const go = { description: "", params: { name: ["string"] }, handler: () => 1 } as const;
  manager.register("s", defineProxy({ path: "s", name: "S", description: "", endpoints: { go } }));
  const many = Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`nam${i}`, i]));
  for (const args of [many, { ["n".repeat(1_000_000)]: 1 }]) {
    await assert.rejects(
      manager.call("s/go", args),
      (error) =>
        LLLMError.isInstance(error) && error.code === "endpoint_args_invalid" && error.message.length < 2_000,
    );
  }
  await assert.rejects(manager.call("s/go", many), /49990 more unknown parameters/);
});

Deno.test("call() refuses parameters that go too deep by a plain error", async () => {
  const manager = new ProxyManager();
  const go = { description: "", params: { a: ["any"] }, handler: () => 1 } as const;
  manager.register("s", defineProxy({ path: "s", name: "S", description: "", endpoints: { go } }));
  let deep: unknown = 1;
  for (let i = 0; i < 200_000; i++) deep = [deep];
  await assert.rejects(
    manager.call("s/go", { a: deep }),
    (error) =>
      LLLMError.isInstance(error) && error.code === "endpoint_args_invalid" && /bearable/.test(error.message),
  );
});
