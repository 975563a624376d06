import {
  defineHttpProxy,
  endpoint,
  type EndpointContext,
  type HttpApi,
  type HttpEndpoint,
  HttpProxy,
  isProxyClass,
  type ProxyClass,
  ProxyManager,
  type ProxyOptions,
} from "@lllm/lllm/proxies";
import { LLLMError } from "@lllm/lllm/errors";
import { recordingRunner, RunContext } from "@lllm/lllm/run";
import assert from "node:assert/strict";
import { restServer } from "./_rest_server.ts";

type Service = Omit<HttpApi, "endpoints"> & { endpoints: Record<string, Partial<HttpEndpoint>> };

/** A manager of one service at `/v1`, called "s"; endpoints are described and at `/<name>` unless they say so. */
function managerOf(service: Service, options: ConstructorParameters<typeof ProxyManager>[0] = {}) {
  const endpoints = Object.fromEntries(
    Object.entries(service.endpoints).map(([name, own]) => [name, {
      description: name,
      route: `/${name}`,
      ...own,
    }]),
  );
  const manager = new ProxyManager(options);
  manager.register("s", defineHttpProxy({ path: "s", name: "S", description: "", ...service, endpoints }));
  return manager;
}

const code = (expected: string, text?: RegExp) => (error: unknown) => {
  assert(LLLMError.isInstance(error), String(error));
  assert.equal(error.code, expected);
  if (text !== undefined) assert.match(error.message, text);
  return true;
};

Deno.test("HttpProxy puts parameters where they belong: path, query, header, cookie, body", async () => {
  await using server = restServer(() => Response.json({ ok: true }));
  const manager = managerOf({
    baseUrl: `${server.url}/v1/`,
    headers: { "x-client": "tests" },
    query: { format: "json" },
    endpoints: {
      get: {
        route: "/users/{id}/posts",
        params: {
          "id*": ["string"],
          tags: ["array"],
          n: ["number"],
          on: ["boolean"],
          trace: ["string"],
          session: ["string"],
          filter: ["object"],
        },
        in: { trace: "header", session: "cookie" },
        rename: { trace: "x-trace", n: "limit" },
        query: { v: "2" },
      },
      post: {
        route: "/posts",
        method: "post",
        params: { "title*": ["string"], tags: ["array"], dry: ["boolean"], note: ["any"] },
        in: { dry: "query" },
      },
    },
  });
  const id = "a/../b?#%ü ";
  assert.deepEqual(
    await manager.call("s/get", {
      id,
      tags: ["x", "y&z"],
      n: 1.5,
      on: false,
      trace: "t-1",
      session: "s;1",
      filter: { a: 1 },
    }),
    { ok: true },
  );
  const [get] = server.seen;
  assert.equal(get!.method, "GET");
  assert.equal(get!.path, `/v1/users/${encodeURIComponent(id)}/posts`);
  assert.deepEqual(get!.query, {
    format: ["json"],
    v: ["2"],
    tags: ["x", "y&z"],
    limit: ["1.5"],
    on: ["false"],
    filter: ['{"a":1}'],
  });
  assert.equal(get!.headers["x-trace"], "t-1");
  assert.equal(get!.headers["x-client"], "tests");
  assert.equal(get!.headers.cookie, "session=s%3B1");
  assert.equal(get!.body, "");

  await manager.call("s/post", { title: "Ü", tags: [1], dry: true, note: null });
  const post = server.seen[1]!;
  assert.equal(post.method, "POST");
  assert.deepEqual(post.query, { format: ["json"], dry: ["true"] });
  assert.equal(post.headers["content-type"], "application/json");
  assert.deepEqual(JSON.parse(post.body), { title: "Ü", tags: [1], note: null });
});

Deno.test("HttpProxy writes lists and forms as the endpoint says", async () => {
  await using server = restServer(() => Response.json(1));
  const params = { "l*": ["array"] } as const;
  const manager = managerOf({
    baseUrl: server.url,
    endpoints: {
      repeat: { params },
      comma: { params, arrays: "comma" },
      brackets: { params, arrays: "brackets" },
      form: { params, method: "POST", send: "form" },
    },
  });
  for (const name of ["repeat", "comma", "brackets", "form"]) {
    await manager.call(`s/${name}`, { l: ["a", 1] });
  }
  assert.deepEqual(server.seen.map(({ query }) => query), [
    { l: ["a", "1"] },
    { l: ["a,1"] },
    { "l[]": ["a", "1"] },
    {},
  ]);
  assert.equal(server.seen[3]!.body, "l=a&l=1");
  assert.equal(server.seen[3]!.headers["content-type"], "application/x-www-form-urlencoded");
});

Deno.test("HttpProxy refuses values that a path or a header cannot carry, before anything is sent", async () => {
  await using server = restServer(() => Response.json(1));
  const manager = managerOf({
    baseUrl: server.url,
    endpoints: {
      get: { route: "/a/{id}/b", params: { "id*": ["string"], h: ["string"] }, in: { h: "header" } },
      two: { route: "/a/{x}{y}", params: { "x*": ["string"], "y*": ["string"] } },
    },
  });
  for (const id of ["..", ".", "", "%2e%2E"]) {
    if (id === "%2e%2E") {
      await manager.call("s/get", { id });
      assert.equal(server.seen.pop()!.path, "/a/%252e%252E/b");
    } else await assert.rejects(manager.call("s/get", { id }), code("endpoint_args_invalid"));
  }
  await assert.rejects(
    manager.call("s/two", { x: ".", y: "." }),
    code("endpoint_args_invalid", /without "\.\."/),
  );
  for (const h of ["a\r\nx-admin: 1", "a\nb", "é€", "a\0b"]) {
    await assert.rejects(
      manager.call("s/get", { id: "1", h }),
      code("endpoint_args_invalid", /a header can carry/),
    );
  }
  assert.equal(server.seen.length, 0);
});

Deno.test("HttpProxy reads JSON, text, CSV and bytes, by content type or as the endpoint says", async () => {
  const bodies: Record<string, [string, string | Uint8Array<ArrayBuffer>]> = {
    "/json": ["application/problem+json; charset=utf-8", '{"a":[1]}'],
    "/text": ["text/plain; charset=iso-8859-1", new Uint8Array([0x63, 0x61, 0x66, 0xe9])],
    "/csv": ["text/csv", '\uFEFFa,"b ""x""",c\r\n1,"two\nlines",3,4\n\n"q",,\n'],
    "/png": ["image/png", new Uint8Array([137, 80, 78, 71])],
    "/none": ["", '{"b":2}'],
    "/lies": ["text/html", "<html>no</html>"],
  };
  await using server = restServer(({ path }) => {
    if (path === "/empty") return new Response(null, { status: 204 });
    const [type, body] = bodies[path]!;
    const response = new Response(body, { headers: { "content-type": type } });
    if (type === "") response.headers.delete("content-type");
    return response;
  });
  const manager = managerOf({
    baseUrl: server.url,
    endpoints: {
      json: {},
      text: {},
      csv: {},
      png: {},
      none: {},
      empty: {},
      lies: { receive: "json" },
      raw: { route: "/json", receive: "text" },
    },
  });
  const answers = async (name: string) => await manager.call(`s/${name}`);
  assert.deepEqual(await answers("json"), { a: [1] });
  assert.equal(await answers("text"), "café");
  assert.deepEqual(await answers("csv"), [
    { a: "1", 'b "x"': "two\nlines", c: "3", column_4: "4" },
    { a: "q", 'b "x"': "", c: "" },
  ]);
  assert.deepEqual(await answers("png"), { contentType: "image/png", base64: "iVBORw==" });
  assert.deepEqual(await answers("none"), { b: 2 });
  assert.equal(await answers("empty"), null);
  assert.equal(await answers("raw"), '{"a":[1]}');
  await assert.rejects(answers("lies"), code("provider_error", /expected JSON, found text\/html: <html>no/));
});

Deno.test("HttpProxy tells the status of a failure and the beginning of its answer", async () => {
  await using server = restServer(({ path }) =>
    new Response(`no  such\n thing ${"x".repeat(1000)}`, { status: path === "/busy" ? 429 : 404 })
  );
  const manager = managerOf({ baseUrl: server.url, retries: 0, endpoints: { gone: {}, busy: {} } });
  await assert.rejects(manager.call("s/gone"), (error) => {
    code(
      "provider_error",
      /^Cannot call API "s\/gone": expected an answer, found status 404 Not Found: no such thing x/,
    )(
      error,
    );
    assert((error as Error).message.length < 420);
    assert.deepEqual((error as LLLMError).data, { api: "s/gone", status: 404 });
    return true;
  });
  await assert.rejects(manager.call("s/busy"), code("rate_limited", /429/));
});

Deno.test("HttpProxy reads no more than an answer may have, told beforehand or not, packed or not", async () => {
  await using server = restServer(({ path }) => {
    if (path === "/told") return new Response("x".repeat(2000));
    if (path === "/fits") return new Response("x".repeat(1000));
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("x".repeat(500))),
    });
    return path === "/endless"
      ? new Response(stream)
      : new Response(new Blob(["0".repeat(5_000_000)]).stream().pipeThrough(new CompressionStream("gzip")), {
        headers: { "content-encoding": "gzip", "content-type": "text/plain" },
      });
  });
  const manager = managerOf({
    baseUrl: server.url,
    maxResponseBytes: 1000,
    endpoints: { told: {}, fits: { receive: "text" }, endless: {}, bomb: {} },
  });
  assert.equal((await manager.call("s/fits") as string).length, 1000);
  for (const name of ["told", "endless", "bomb"]) {
    await assert.rejects(manager.call(`s/${name}`), code("provider_error", /at most 1000 bytes, found more/));
  }
});

Deno.test("HttpProxy joins pages by number, offset, cursor and link, and stops at its bound", async () => {
  const rows = Array.from({ length: 7 }, (_, i) => ({ id: i }));
  await using server = restServer(({ path, query }) => {
    const one = (name: string) => Number(query[name]?.[0] ?? 0);
    if (path === "/page") {
      return Response.json({ data: { rows: rows.slice(one("p") * 3 - 3, one("p") * 3) }, p: one("p") });
    }
    if (path === "/offset") return Response.json(rows.slice(one("from"), one("from") + 3));
    const at = one("after");
    const next = at + 3 < rows.length ? at + 3 : null;
    if (path === "/cursor") return Response.json({ rows: rows.slice(at, at + 3), meta: { next } });
    const headers = new Headers();
    if (next !== null) {
      headers.set(
        "link",
        `<${path}?after=0>; rel="prev", <${path}?after=${next}>; title="a, b"; rel="x next"`,
      );
    }
    return Response.json(rows.slice(at, at + 3), { headers });
  });
  const manager = managerOf({
    baseUrl: server.url,
    endpoints: {
      page: {
        params: { p: ["integer"] },
        pages: { type: "page", param: "p", first: 1, size: 3, items: "data.rows" },
      },
      offset: { pages: { type: "offset", param: "from" } },
      cursor: { pages: { type: "cursor", param: "after", next: "meta.next", items: "rows" } },
      link: { pages: { type: "link", param: "after" }, params: { after: ["integer"] } },
      two: { route: "/offset", pages: { type: "offset", param: "from", maxPages: 2 } },
    },
  });
  assert.deepEqual(await manager.call("s/page"), { data: { rows }, p: 3 });
  assert.equal(server.seen.length, 3);
  assert.deepEqual(await manager.call("s/offset"), rows);
  assert.deepEqual(await manager.call("s/cursor"), { rows, meta: { next: null } });
  assert.deepEqual(await manager.call("s/link"), rows);
  assert.deepEqual(await manager.call("s/two"), rows.slice(0, 6));
  server.seen.length = 0;
  assert.deepEqual(await manager.call("s/page", { p: 2 }), { data: { rows: rows.slice(3, 6) }, p: 2 });
  assert.deepEqual(await manager.call("s/link", { after: 3 }), rows.slice(3, 6));
  assert.equal(server.seen.length, 2);
});

Deno.test("HttpProxy does not follow pages in a circle, or to another service", async () => {
  await using other = restServer(() => Response.json([99]));
  await using server = restServer(({ path }) =>
    path === "/circle"
      ? Response.json({ rows: [1], next: "again" })
      : Response.json([1], { headers: { link: `<${other.url}/elsewhere>; rel=next` } })
  );
  const manager = managerOf({
    baseUrl: server.url,
    auth: { type: "query", name: "key", value: () => "SECRET-123" },
    endpoints: {
      circle: { pages: { type: "cursor", param: "c", next: "next", items: "rows" } },
      away: { pages: { type: "link" } },
    },
  });
  assert.deepEqual(await manager.call("s/circle"), { rows: [1, 1], next: "again" });
  await assert.rejects(
    manager.call("s/away"),
    code("provider_error", /expected the next page at 127.0.0.1:\d+, found it at/),
  );
  assert.equal(other.seen.length, 0);
  assert.match(manager.retrieveApiDocs("s/away"), /Pages are joined, at most 10\./);
});

Deno.test("HttpProxy joins pages of very many rows", async () => {
  const rows = Array.from({ length: 300_000 }, (_, i) => i);
  await using server = restServer(({ query }) => Response.json(query.page?.[0] === "2" ? [] : rows));
  const manager = managerOf({
    baseUrl: server.url,
    endpoints: { all: { pages: { type: "page", param: "page" } } },
  });
  assert.deepEqual(await manager.call("s/all"), rows);
});

Deno.test("the pages of a call share one bound of size, and a call is one step", async () => {
  await using server = restServer(({ query }) =>
    Response.json({ rows: ["x".repeat(400)], next: Number(query.c?.[0] ?? 0) + 1 })
  );
  const service = {
    baseUrl: server.url,
    endpoints: { all: { pages: { type: "cursor", param: "c", next: "next", items: "rows", maxPages: 5 } } },
  } as const;
  await assert.rejects(
    managerOf({ ...service, maxResponseBytes: 1000 }).call("s/all"),
    code("provider_error", /bytes/),
  );
  const recorder = recordingRunner();
  const run = new RunContext({ signal: new AbortController().signal, steps: recorder });
  await run.enter(() => managerOf(service).call("s/all"));
  assert.deepEqual(recorder.steps.map((step) => step.path), ["api:s/all#0"]);
});

Deno.test("HttpProxy follows redirects, at most five, and changes methods as browsers do", async () => {
  await using server = restServer(({ path, method }) => {
    const to = (status: number, location: string) => new Response(null, { status, headers: { location } });
    const [, status] = /^\/r(\d+)$/.exec(path) ?? [];
    if (status !== undefined) return to(Number(status), "end");
    if (path === "/loop") return to(302, "/loop");
    if (path === "/file") return to(302, "file:///etc/passwd");
    return Response.json({ path, method });
  });
  const manager = managerOf({
    baseUrl: server.url,
    endpoints: {
      r302: { method: "POST", params: { a: ["integer"] } },
      r303: { method: "PUT" },
      r308: { method: "POST", params: { a: ["integer"] } },
      loop: {},
      file: {},
    },
  });
  assert.deepEqual(await manager.call("s/r302", { a: 1 }), { path: "/end", method: "GET" });
  assert.deepEqual(await manager.call("s/r303"), { path: "/end", method: "GET" });
  assert.deepEqual(await manager.call("s/r308", { a: 1 }), { path: "/end", method: "POST" });
  assert.equal(server.seen.at(-1)!.body, '{"a":1}');
  await assert.rejects(manager.call("s/loop"), code("provider_error", /at most 5 redirects/));
  await assert.rejects(manager.call("s/file"), code("provider_error", /redirect to http or https/));
});

Deno.test("HttpProxy can be extended: a static http, decorated methods that make requests, and a constructor of its own", async () => {
  await using server = restServer(({ path, query }) => Response.json({ path, q: query.q?.[0] ?? null }));
  class Search extends HttpProxy {
    static override http: HttpApi = {
      baseUrl: server.url,
      endpoints: { plain: { description: "Plain", route: "/plain" } },
    };

    @endpoint({ description: "Two requests in one", params: { "q*": ["string", "fox"] } })
    async both({ q }: { q: string }, context: EndpointContext): Promise<unknown> {
      return [
        await this.request({ route: "/one", params: { q } }, context),
        await this.request({ route: "/two/{q}", params: { q } }, context),
      ];
    }
  }
  class Elsewhere extends HttpProxy {
    constructor(options?: ProxyOptions) {
      super(options, { baseUrl: `${server.url}/else`, endpoints: { get: { description: "", route: "/x" } } });
    }
  }
  const manager = new ProxyManager();
  manager.register("search", Search);
  manager.register("else", Elsewhere);
  assert.deepEqual(await manager.call("search/both", { q: "fox" }), [
    { path: "/one", q: "fox" },
    { path: "/two/fox", q: null },
  ]);
  assert.deepEqual(await manager.call("search/plain"), { path: "/plain", q: null });
  assert.deepEqual(await manager.call("else/get"), { path: "/else/x", q: null });
  assert(!isProxyClass(HttpProxy) && isProxyClass(Search));
  assert.throws(() => new HttpProxy(), /expected a static http/);
});

Deno.test("autoTest() of an HttpProxy makes no request that changes something", async () => {
  await using server = restServer(() => Response.json([]));
  const Shop: ProxyClass = defineHttpProxy({
    path: "shop",
    name: "Shop",
    description: "",
    baseUrl: server.url,
    endpoints: {
      list: { description: "", route: "/list" },
      drop: { description: "", route: "/drop", method: "DELETE" },
    },
  });
  const results = await new Shop().autoTest();
  assert.deepEqual(Object.entries(results).map(([name, { status }]) => [name, status]), [
    ["drop", "skipped"],
    ["list", "ok"],
  ]);
  assert.deepEqual(server.seen.map(({ method }) => method), ["GET"]);
});

for (
  const [problem, definition, message] of [
    [
      "a base URL with a query",
      { baseUrl: "https://x.example/?key=SECRET-123" },
      /without user, query and fragment, found "https:\/\/x.example\/"/,
    ],
    ["a base URL of another kind", { baseUrl: "file:///etc" }, /base URL of http or https/],
    ["no base URL", { baseUrl: "example" }, /found "example"/],
    ["a route without its parameter", {
      endpoints: { a: { description: "", route: "/{id}", params: { id: ["string"] } } },
    }, /"id\*" is none/],
    [
      "a place without a parameter",
      { endpoints: { a: { description: "", route: "/", in: { x: "query" } } } },
      /"x" is none of its parameters/,
    ],
    ["an unknown place", {
      endpoints: { a: { description: "", route: "/", params: { x: ["string"] }, in: { x: "hat" } } },
    }, /found "hat"/],
    ["a route with a query", { endpoints: { a: { description: "", route: "/?a=1" } } }, /expected a route/],
    ["no description", { endpoints: { a: { route: "/" } } }, /expected a description/],
    ["a rate limit of nothing", { rateLimit: { requests: 0, perMs: 1 } }, /Cannot set rate limit/],
    ["a time limit of nothing", { timeoutMs: 0 }, /Cannot use timeoutMs/],
  ] as const
) {
  Deno.test(`defineHttpProxy() refuses ${problem}`, () => {
    const base = { path: "x", name: "x", description: "", baseUrl: "https://x.example", endpoints: {} };
    assert.throws(() => defineHttpProxy({ ...base, ...definition } as never), message);
  });
}

Deno.test("HttpProxy sends parameters that are named like what every object has where they belong", async () => {
  await using server = restServer(({ query }) => Response.json(query));
  const manager = new ProxyManager();
  const go = {
    description: "Goes",
    route: "/go",
    params: { constructor: ["string"], toString: ["string"], b: ["string"] },
    rename: { b: "c" },
    in: { b: "query" },
  } as const;
  manager.register(
    "s",
    defineHttpProxy({ path: "s", name: "S", description: "", baseUrl: server.url, endpoints: { go } }),
  );
  assert.deepEqual(await manager.call("s/go", {}), {});
  assert.deepEqual(await manager.call("s/go", { constructor: "1", toString: "2", b: "3" }), {
    constructor: ["1"],
    toString: ["2"],
    c: ["3"],
  });
});
