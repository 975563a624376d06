/** Documents that are odd, wrong or hostile: each is used as far as it can be, or refused with its reason. */
import { openApiProxy, type OpenApiProxyOptions, ProxyManager } from "@lllm/lllm/proxies";
import { LLLMError } from "@lllm/lllm/errors";
import assert from "node:assert/strict";
import { restServer } from "./_rest_server.ts";

type Json = Record<string, unknown>;

const BASE = "https://odd.example";

function documentOf(paths: unknown, rest: Json = {}): Json {
  return { openapi: "3.0.3", info: { title: "Odd", version: "1" }, paths, ...rest };
}

/** One operation, "get" at "/x". */
function one(operation: Json, rest: Json = {}): Json {
  return documentOf({ "/x": { get: { operationId: "go", responses: {}, ...operation } } }, rest);
}

function managerOf(
  document: object,
  options: OpenApiProxyOptions = {},
): { manager: ProxyManager; told: string[] } {
  const told: string[] = [];
  const manager = new ProxyManager();
  const onWarning = ({ message }: { message: string }) => void told.push(message);
  manager.register(
    "odd",
    openApiProxy(document, { path: "odd", baseUrl: BASE, onWarning, retries: 0, ...options }),
  );
  return { manager, told };
}

function callables(document: object, options?: OpenApiProxyOptions): string[] {
  return managerOf(document, options).manager.getApiDirectory("odd").endpoints.map(({ callable }) => callable)
    .sort();
}

async function assertRefused(make: () => unknown, reason: RegExp): Promise<void> {
  await assert.rejects(async () => await make(), (error) => {
    assert(LLLMError.isInstance(error), String(error));
    assert.equal(error.code, "config_invalid");
    assert.match(error.message, /^Cannot use OpenAPI document: /);
    assert.match(error.message, reason);
    assert(error.message.length < 1500, `${error.message.length} characters`);
    return true;
  });
}

// Roots.

const ROOTS: Record<string, [document: unknown, reason: RegExp]> = {
  "nothing": [null, /expected an object at its root, found nothing/],
  "an empty document": [{}, /expected "openapi" to be 3.0 or 3.1, found no version/],
  "a list as its root": [[documentOf({})], /found a list/],
  "Swagger 2.0": [{ swagger: "2.0", paths: {} }, /found Swagger 2.0; convert it first/],
  "a version of its own": [{ ...documentOf({}), openapi: "4.0.0" }, /found "4.0.0"/],
  "a version that is a number": [{ ...documentOf({}), openapi: 3.1 }, /found 3.1/],
  "no paths": [{ openapi: "3.1.0", info: {}, webhooks: {} }, /expected "paths", found none/],
  "paths that are a list": [documentOf([]), /expected "paths", found no object/],
  "no operation": [documentOf({ "/x": {} }), /expected operations, found none/],
  "paths without a slash": [documentOf({ x: { get: {} } }), /expected a path that begins with "\/"/],
};
for (const [name, [document, reason]] of Object.entries(ROOTS)) {
  Deno.test(`openApiProxy() refuses ${name}`, async () => {
    await assertRefused(() => openApiProxy(document as object, { path: "odd", baseUrl: BASE }), reason);
  });
}

Deno.test("openApiProxy() refuses texts that are no document: empty, a list, broken, and YAML in knots", async () => {
  const bomb = ["a: &a [x,x,x,x,x,x,x,x,x,x]"];
  for (let i = 0; i < 9; i++) {
    bomb.push(`${"bcdefghij"[i]}: &${"bcdefghij"[i]} [${Array(10).fill(`*${"abcdefghij"[i]}`).join(",")}]`);
  }
  const cases: [string, RegExp][] = [
    ["", /found an empty text/],
    ["\n\n", /found an empty text/],
    ["[]\n", /found a list/],
    ['{"openapi": "3.1.0",', /expected JSON, found: /],
    ["openapi: 3.1.0\npaths: {\n", /expected JSON or YAML, found: /],
    [`openapi: 3.1.0\n${bomb.join("\n")}\npaths: {}`, /aliases|reasonable size/],
    ["openapi: 3.1.0\npaths: &p\n  /x: *p\n", /./],
    ["openapi: 3.1.0\nopenapi: 3.0.0\npaths: {}\n", /dupli/i],
    ["openapi: !!js/function 'x'\npaths: {}\n", /tag/],
  ];
  for (const [text, reason] of cases) {
    await assertRefused(() => openApiProxy(text, { baseUrl: BASE }), reason);
  }
});

Deno.test("openApiProxy() takes YAML keys that are no texts", async () => {
  const text =
    "openapi: 3.1.0\ninfo: {title: Odd}\npaths:\n  /x:\n    get:\n      operationId: go\n      responses:\n        200: {description: ok}\n        true: {description: yes}\n        null: {description: none}\n";
  const manager = new ProxyManager();
  manager.register("odd", await openApiProxy(text, { path: "odd", baseUrl: BASE }));
  assert.equal(manager.getApiDirectory("odd").endpoints[0]!.callable, "go");
});

// Size and shape.

Deno.test("openApiProxy() refuses 100,000 levels, as an object and as a text", async () => {
  let deep: unknown = "end";
  for (let i = 0; i < 100_000; i++) deep = { properties: { a: deep } };
  const document = one({}, { components: { schemas: { deep } } });
  await assertRefused(() => openApiProxy(document, { baseUrl: BASE }), /at most 500 levels, found more/);
  const text = `{"openapi":"3.1.0","x":${"[".repeat(100_000)}${"]".repeat(100_000)},"paths":{}}`;
  await assertRefused(() => openApiProxy(text, { baseUrl: BASE }), /levels|expected JSON/);
});

Deno.test("openApiProxy() refuses an object that contains itself, and takes one whose parts are shared", async () => {
  const circle: Json = { type: "object" };
  circle.properties = { again: circle };
  await assertRefused(
    () => openApiProxy(one({ parameters: [{ name: "a", in: "query", schema: circle }] }), { baseUrl: BASE }),
    /an object that contains itself/,
  );
  let shared: Json = { type: "string" };
  for (let i = 0; i < 60; i++) shared = { type: "object", properties: { a: shared, b: shared } };
  assert.deepEqual(callables(one({}, { components: { schemas: { shared } } })), ["go"]);
});

Deno.test("openApiProxy() cuts descriptions of 10 MB", () => {
  const long = "x".repeat(10_000_000);
  const { manager } = managerOf(
    one({ summary: long, description: long, parameters: [{ name: "a", in: "query", description: long }] }, {
      info: { title: long, description: long },
    }),
  );
  assert(JSON.stringify(manager.apiCatalog()).length < 5_000);
  assert(manager.retrieveApiDocs().length < 5_000);
});

Deno.test("openApiProxy() takes thousands of operations, and refuses more than 20,000", async () => {
  const paths = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, i) => [`/p${i}`, { get: { responses: {} } }]));
  assert.equal(callables(documentOf(paths(5_000))).length, 5_000);
  await assertRefused(
    () => openApiProxy(documentOf(paths(20_001)), { baseUrl: BASE }),
    /found 20001; choose by the option "include"/,
  );
});

// References.

Deno.test("openApiProxy() leaves out operations whose references lead nowhere, away or in a circle, and tells why", () => {
  const refs: Record<string, RegExp> = {
    "#/components/parameters/none": /"#\/components\/parameters\/none" leads nowhere/,
    "#/components/parameters/a": /leads in a circle/,
    "#anchor": /no JSON pointer|leads nowhere/,
    "#/components/%zz": /leads nowhere/,
    "file:///etc/passwd": /leads out of the document/,
    "../../../../etc/passwd#/x": /leads out of the document/,
    "http://127.0.0.1:1/common.yaml#/p": /leads out of the document/,
    "//evil.example/x": /leads out of the document/,
    "#/__proto__/toString": /leads nowhere/,
    "#/constructor": /leads nowhere/,
  };
  const paths = Object.fromEntries(
    Object.keys(refs).map(($ref, i) => [`/bad${i}`, { get: { parameters: [{ $ref }], responses: {} } }]),
  );
  const { manager, told } = managerOf(
    documentOf({ ...paths, "/good": { get: { operationId: "good", responses: {} } } }, {
      components: {
        parameters: { a: { $ref: "#/components/parameters/b" }, b: { $ref: "#/components/parameters/a" } },
      },
    }),
  );
  assert.deepEqual(manager.getApiDirectory("odd").endpoints.map(({ callable }) => callable), ["good"]);
  assert.equal(told.length, 1);
  const skipped = told[0]!.split("; GET /");
  Object.values(refs).forEach((reason, i) =>
    assert.match(skipped.find((text) => text.includes(`bad${i}:`))!, reason)
  );
});

Deno.test("openApiProxy() refuses a document of which nothing can be used, with the reasons", async () => {
  await assertRefused(
    () => openApiProxy(one({ parameters: [{ $ref: "./other.yaml#/p" }] }), { baseUrl: BASE }),
    /none of its operations can be used; GET \/x: its reference ".\/other.yaml#\/p" leads out of the document; hand that document in by the option "documents"/,
  );
});

Deno.test("openApiProxy() takes schemas whose references lead nowhere as anything, and bears circles of references alone", async () => {
  await using server = restServer(() => Response.json("ok"));
  const schemas = {
    a: { $ref: "#/components/schemas/b" },
    b: { $ref: "#/components/schemas/a" },
    c: { allOf: [{ $ref: "#/components/schemas/c" }] },
  };
  for (const $ref of ["#/components/schemas/none", "#/components/schemas/a", "https://evil.example/s.json"]) {
    const document = one({ parameters: [{ name: "q", in: "query", schema: { $ref } }] }, {
      components: { schemas },
    });
    assert.equal(await managerOf(document, { baseUrl: server.url }).manager.call("odd/go", { q: "1" }), "ok");
  }
  const { manager } = managerOf(
    one({ parameters: [{ name: "q", in: "query", schema: { $ref: "#/components/schemas/c" } }] }, {
      components: { schemas },
    }),
    { baseUrl: server.url },
  );
  await manager.call("odd/go", { q: "1" }).then(
    (answer) => assert.equal(answer, "ok"),
    (error) => assert.match(String(error), /call stack|JSON Schema/),
  );
});

// Names.

Deno.test("openApiProxy() names operations that share an id by method and path, whatever their order", () => {
  const a = { get: { operationId: "same", responses: {} } };
  const b = { get: { operationId: "same", responses: {} }, post: { operationId: "Same!", responses: {} } };
  const c = { get: { operationId: "s/a/m/e", responses: {} }, put: { operationId: "///", responses: {} } };
  const expected = ["Same", "get_a", "get_b_by_id", "put_c", "s_a_m_e"];
  assert.deepEqual(callables(documentOf({ "/a": a, "/b/{id}": b, "/c": c })), expected);
  assert.deepEqual(callables(documentOf({ "/c": c, "/b/{id}": b, "/a": a })), expected);
});

Deno.test("openApiProxy() bears names of prototypes, methods and parameters that collide", async () => {
  await using server = restServer(({ path, query }) => Response.json({ path, query }));
  const document = JSON.parse(`{
    "openapi": "3.1.0", "info": { "title": "Odd" },
    "paths": {
      "/a/{__proto__}/{id}": {
        "get": {
          "operationId": "constructor",
          "parameters": [
            { "name": "__proto__", "in": "path", "required": true, "schema": { "type": "string" } },
            { "name": "id", "in": "query", "schema": { "type": "string" } },
            { "name": "constructor", "in": "query", "schema": { "type": "string" } },
            { "name": "toString", "in": "query", "schema": { "$ref": "#/components/schemas/__proto__" } },
            { "name": "star*", "in": "query", "schema": { "type": "string" } },
            { "name": "filter[a b]", "in": "query", "schema": { "type": "string" } }
          ],
          "responses": { "__proto__": {} }
        },
        "post": { "operationId": "__proto__", "requestBody": { "content": { "application/json": {} } }, "responses": {} },
        "__proto__": { "operationId": "x" }
      },
      "__proto__": { "get": {} }
    },
    "components": { "schemas": { "__proto__": { "type": "string" } } }
  }`);
  const { manager } = managerOf(document, { baseUrl: server.url });
  const names = manager.getApiDirectory("odd").endpoints.map(({ callable }) => callable).sort();
  assert.deepEqual(names, ["constructor", "proto"]);
  const args = JSON.parse(
    '{ "proto": "p", "id": "i", "id_query": "q", "constructor": "c", "toString": "t", "star": "s", "filter[a b]": "f" }',
  );
  const { params } = manager.getApiDirectory("odd").endpoints.find(({ callable }) =>
    callable === "constructor"
  )!;
  // "id" is in the path without being declared there, and in the query.
  assert.deepEqual(Object.keys(params).sort(), [
    "constructor",
    "filter[a b]",
    "id",
    "id_path*",
    "proto*",
    "star",
    "toString",
  ]);
  delete args.id_query;
  const answer = await manager.call("odd/constructor", {
    ...Object.fromEntries(Object.entries(args)),
    id_path: "ip",
  }) as Json;
  assert.equal(answer.path, "/a/p/ip");
  assert.deepEqual(Object.keys(answer.query as Json).sort(), [
    "constructor",
    "filter[a b]",
    "id",
    "star*",
    "toString",
  ]);
  assert.equal(({} as Json).get, undefined);
});

// Parameters and schemas.

Deno.test("openApiProxy() takes parameters without schema, with strange schemas, and ignores headers that requests have themselves", async () => {
  await using server = restServer(({ query, headers }) =>
    Response.json({ query, host: headers.host, auth: headers.authorization ?? null })
  );
  const strange = [
    undefined,
    {},
    true,
    null,
    "string",
    { type: "date" },
    { type: ["string", 5] },
    { type: "string", enum: [] },
    { type: "string", enum: "a" },
    { required: true },
    { type: "string", minLength: -1, maxLength: "5" },
    { $id: "http://x/y", $schema: "http://json-schema.org/draft-03/schema", type: "string" },
    { $async: true, type: "string" },
    { $dynamicRef: "#x", type: "string" },
    { properties: [], items: [], anyOf: {}, allOf: [] },
    { format: 5, multipleOf: 0, pattern: 5 },
  ];
  const parameters = strange.map((schema, i) => ({ name: `p${i}`, in: "query", schema }));
  const headers = ["Authorization", "Host", "Content-Type", "Accept"].map((name) => ({
    name,
    in: "header",
    schema: { type: "string" },
  }));
  const { manager } = managerOf(one({ parameters: [...parameters, ...headers] }), { baseUrl: server.url });
  const args = Object.fromEntries(strange.map((_, i) => [`p${i}`, "v"]));
  const answer = await manager.call("odd/go", args) as Json;
  assert.equal(Object.keys(answer.query as Json).length, strange.length);
  assert.equal(answer.host, server.host);
  await assert.rejects(manager.call("odd/go", { Authorization: "x" }), /"Authorization": unknown parameter/);
});

Deno.test("openApiProxy() leaves patterns to the service that are wrong or could take for ever", async () => {
  await using server = restServer(() => Response.json("ok"));
  const hostile = [
    "(a+)+$",
    "(a|a)*b",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    "(.*)*x",
    "a*a*a*a*b",
    "([",
    "\\",
    "(?<=a)b",
    "(a)\\1",
    "x".repeat(10_000),
    "a+b",
    "^a+|b+$",
  ];
  for (const pattern of hostile) {
    const document = one({ parameters: [{ name: "q", in: "query", schema: { type: "string", pattern } }] });
    const { manager } = managerOf(document, { baseUrl: server.url });
    const start = performance.now();
    assert.equal(await manager.call("odd/go", { q: `${"a".repeat(5_000)}!` }), "ok", pattern.slice(0, 50));
    assert(performance.now() - start < 2_000, pattern);
  }
  for (const pattern of ["^[a-z]+$", "^\\d{4}-\\d{2}-\\d{2}$", "^(a|b)$"]) {
    const document = one({ parameters: [{ name: "q", in: "query", schema: { type: "string", pattern } }] });
    await assert.rejects(
      managerOf(document, { baseUrl: server.url }).manager.call("odd/go", { q: "?" }),
      /expected text that matches/,
    );
  }
});

Deno.test("openApiProxy() takes an enum of mixed types, and one with a name like code", async () => {
  await using server = restServer(({ query }) => Response.json(query));
  const schema = { enum: [1, "1", true, null, { a: 1 }, "'); process.exit(1); ('", "${x}", "\u2028"] };
  const parameters = [{ name: "q", in: "query", schema }, {
    name: "'+alert(1)+'",
    in: "query",
    schema: { type: "string", default: "`${1}`" },
  }];
  const { manager } = managerOf(one({ parameters }), { baseUrl: server.url });
  assert.deepEqual(await manager.call("odd/go", { q: true, "'+alert(1)+'": "x" }), {
    q: ["true"],
    "'+alert(1)+'": ["x"],
  });
  await assert.rejects(manager.call("odd/go", { q: "2" }), /expected one of 1, "1", true/);
});

Deno.test("openApiProxy() keeps values within their place: paths, queries and headers", async () => {
  await using server = restServer(({ path, query, headers }) =>
    Response.json({ path, query, header: headers["x-h"] ?? null })
  );
  const document = documentOf({
    "/files/{name}/raw": {
      get: {
        operationId: "file",
        parameters: [
          { name: "name", in: "path", required: true, schema: { type: "string" } },
          { name: "q", in: "query", allowReserved: true, schema: { type: "string" } },
          { name: "x-h", in: "header", schema: { type: "string" } },
        ],
        responses: {},
      },
    },
  });
  const { manager } = managerOf(document, { baseUrl: `${server.url}/base` });
  const file = (args: Json) => manager.call("odd/file", args) as Promise<Json>;
  assert.equal((await file({ name: "../../etc/passwd" })).path, "/base/files/..%2F..%2Fetc%2Fpasswd/raw");
  assert.equal((await file({ name: "a?x=1#y" })).path, "/base/files/a%3Fx%3D1%23y/raw");
  assert.equal((await file({ name: "//evil.example/" })).path, "/base/files/%2F%2Fevil.example%2F/raw");
  assert.deepEqual((await file({ name: "a", q: "1&admin=1#x" })).query, { q: ["1&admin=1#x"] });
  for (
    const args of [{ name: ".." }, { name: "." }, { name: "" }, { name: "a", "x-h": "1\r\nx-admin: 1" }, {
      name: "a",
      "x-h": "\u{1F600}",
    }]
  ) {
    await assert.rejects(
      file(args),
      (error) => LLLMError.isInstance(error) && error.code === "endpoint_args_invalid",
    );
  }
});

Deno.test("openApiProxy() leaves out operations whose parts have the wrong form, and keeps the rest", () => {
  const good = { operationId: "good", responses: {} };
  const { manager, told } = managerOf(documentOf({
    "/good": { get: good, trace: good, "x-get": good },
    "/list": { get: [] },
    "/text": "get",
    "/params": { get: { parameters: {}, responses: {} } },
    "/param": { get: { parameters: [{ name: "a", in: "body", schema: {} }], responses: {} } },
    "/nameless": { get: { parameters: [{ in: "query" }], responses: {} } },
    "/body": { post: { requestBody: { content: [] }, responses: {} } },
    "/{}": { get: { responses: {} } },
    "/a?b": { get: { responses: {} } },
    "/null": null,
    "/responses": {
      get: { operationId: "responses", responses: "none", tags: "x", summary: 5, deprecated: "yes" },
    },
  }));
  assert.deepEqual(manager.getApiDirectory("odd").endpoints.map(({ callable }) => callable).sort(), [
    "good",
    "responses",
  ]);
  for (const route of ["/list", "/text", "/params", "/param", "/nameless", "/body", "/{}", "/a?b", "/null"]) {
    assert(told[0]!.includes(route), route);
  }
});

// Servers.

Deno.test("openApiProxy() refuses servers that it cannot or may not use, unless a base URL takes their place", async () => {
  const cases: [unknown, RegExp][] = [
    [[{ url: "file:///etc" }], /its server is at "file:\/\/\/etc", expected http or https/],
    [[{ url: "javascript:alert(1)" }], /expected http or https/],
    [[{ url: "ftp://x.example" }], /expected http or https/],
    [[{ url: "https://user:SECRET-123@x.example" }], /without user and query/],
    [[{ url: "/v1" }], /"\/v1" is no absolute URL; set the option "baseUrl"/],
    [[{ url: "https://{host}/" }], /a value of the variable "host" of its server, found none/],
    [[{ url: "https://[" }], /no absolute URL/],
    [[{}], /expected a server with a URL/],
    [[], /no absolute URL/],
    ["x", /no absolute URL/],
    [undefined, /no absolute URL/],
  ];
  for (const [servers, reason] of cases) {
    const document = one({}, { servers });
    await assertRefused(() => openApiProxy(document, { path: "odd" }), reason);
    await openApiProxy(document, { path: "odd" as string, baseUrl: BASE });
    await assert.rejects(
      async () => await openApiProxy(document, { path: "odd" }),
      (error) => !String(error).includes("SECRET"),
    );
  }
});

Deno.test("openApiProxy() leaves out an operation whose own server is none that it may use", () => {
  const { manager, told } = managerOf(
    documentOf({
      "/a": { get: { operationId: "a", servers: [{ url: "file:///etc/" }], responses: {} } },
      "/b": { get: { operationId: "b", responses: {} } },
    }, { servers: [{ url: BASE }] }),
    { baseUrl: undefined as unknown as string },
  );
  assert.deepEqual(manager.getApiDirectory("odd").endpoints.map(({ callable }) => callable), ["b"]);
  assert.match(told[0]!, /GET \/a: its server is at "file:/);
});

Deno.test("a document cannot choose which environment variables are read", async () => {
  const document = one({ security: [{ PATH: [] }, { "../HOME": [] }] }, {
    info: { title: "AWS" },
    components: {
      securitySchemes: {
        PATH: { type: "http", scheme: "bearer" },
        "../HOME": { type: "apiKey", in: "query", name: "k" },
      },
    },
  });
  const { manager } = managerOf(document);
  await assert.rejects(manager.call("odd/go"), /environment variable "LLLM_API_ODD_PATH", found it not set/);
});

Deno.test("a title that is no name gives a path that can be called", () => {
  for (
    const [title, expected] of [["  My  API! (v2) ", "my_api_v2"], ["///", "api"], [5, "api"], [
      "Größe 7",
      "größe_7",
    ]] as const
  ) {
    const manager = new ProxyManager();
    manager.register("x", openApiProxy(one({}, { info: { title } }), { baseUrl: BASE }));
    assert.deepEqual(manager.available(), [expected]);
  }
});

/** A document with most of what documents have. */
function fullDocument(baseUrl: string): Json {
  const schema = { $ref: "#/components/schemas/Node" };
  const media = { "application/json": { schema, example: { id: 1 } } };
  return {
    openapi: "3.1.0",
    info: { title: "Full", description: "All of it" },
    servers: [{ url: "{base}/v1", variables: { base: { default: baseUrl, enum: [baseUrl] } } }],
    security: [{ token: [] }, { key: [], user: [] }],
    paths: {
      "/nodes/{id}": {
        parameters: [{ $ref: "#/components/parameters/id" }],
        get: {
          operationId: "get",
          tags: ["nodes"],
          parameters: [{ name: "q", in: "query", style: "deepObject", schema: { type: "object" } }],
          responses: { 200: { content: media } },
        },
        put: {
          operationId: "put",
          requestBody: { required: true, content: media },
          responses: { default: {} },
        },
        post: {
          requestBody: { content: { "multipart/form-data": { schema } } },
          servers: [{ url: baseUrl }],
          responses: {},
        },
      },
    },
    components: {
      parameters: {
        id: {
          name: "id",
          in: "path",
          required: true,
          schema: { type: "string", pattern: "^[a-z]+$", enum: ["a"] },
        },
      },
      schemas: {
        Node: {
          type: "object",
          required: ["id"],
          properties: {
            id: { type: "integer", minimum: 1 },
            next: schema,
            any: { oneOf: [{ type: "null" }, schema] },
          },
        },
      },
      securitySchemes: {
        token: { type: "http", scheme: "bearer" },
        key: { type: "apiKey", in: "query", name: "k" },
        user: { type: "http", scheme: "basic" },
      },
    },
  };
}

const ODD_VALUES = [
  () => null,
  () => 1,
  () => -1e99,
  () => "x",
  () => "__proto__",
  () => "#/components/schemas/Node",
  () => [],
  () => [null],
  () => ({}),
  () => Object.create(null),
  () => true,
  () => ({ $ref: "#/components/schemas/Node" }),
  () => ({ $ref: "#/components" }),
  () => ({ $ref: 5 }),
  () => ({ type: "object", properties: { a: { $ref: "#" } } }),
];

/** Puts odd values into random places of a tree. */
function spoil(root: Json, random: () => number, times: number): void {
  for (let i = 0; i < times; i++) {
    let node = root;
    for (let depth = 0; depth < 12; depth++) {
      const keys = Object.keys(node);
      const key = keys[Math.floor(random() * keys.length)];
      if (key === undefined) break;
      const inner = node[key];
      if (typeof inner !== "object" || inner === null || (depth > 1 && random() < 0.2)) {
        node[key] = ODD_VALUES[Math.floor(random() * ODD_VALUES.length)]!();
        break;
      }
      node = inner as Json;
    }
  }
}

Deno.test("whatever is done to a document, it is used or refused with a reason, and so are its calls", async () => {
  await using server = restServer(() => Response.json("ok"));
  let seed = 7;
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x7fffffff;
  const auth = {
    token: () => "token-123456",
    key: () => "key-123456",
    user: { username: "u", password: () => "password" },
  };
  let used = 0;
  for (let round = 0; round < 400; round++) {
    const document = fullDocument(server.url);
    spoil(document, random, 1 + round % 5);
    const attempt = async (body: () => unknown) => {
      try {
        await body();
        used++;
      } catch (error) {
        assert(LLLMError.isInstance(error), `round ${round}: ${(error as Error).stack}`);
        assert(!/(token|key)-123456|password/.test(error.message), error.message);
      }
    };
    await attempt(async () => {
      const manager = new ProxyManager();
      manager.register("f", openApiProxy(document, { path: "f", auth, retries: 0, onWarning: () => {} }));
      assert(manager.retrieveApiDocs().length > 0);
      for (const info of manager.getApiDirectory("f").endpoints) {
        assert.equal(JSON.stringify([info.inputSchema ?? null, info.outputSchema ?? null]).length > 0, true);
        const names = Object.keys(info.params).map((name) => name.replace(/\*$/, ""));
        await attempt(() =>
          manager.call(
            `f/${info.callable}`,
            Object.fromEntries(names.map((name) => [name, name === "id" ? "a" : { id: 1 }])),
          )
        );
      }
    });
  }
  assert(used > 300, `${used} were used`);
});

Deno.test("openApiProxy() sends what was given alone, whatever its parameters are called", async () => {
  await using server = restServer(({ path, query, headers }) =>
    Response.json({ path, query, tenant: headers["x-tenant"] ?? null })
  );
  const named = (name: string, place = "query") => ({ name, in: place, schema: { type: "string" } });
  const document = documentOf({
    "/a": {
      get: {
        operationId: "a",
        parameters: [
          ...["constructor", "toString", "hasOwnProperty", "__proto__"].map((name) => named(name)),
          named("x-tenant", "header"),
        ],
        responses: {},
      },
      post: {
        operationId: "split",
        parameters: [named("x-a\r\nx-b", "header")],
        responses: {},
      },
    },
  });
  const skipped: string[] = [];
  const { manager } = managerOf(document, {
    baseUrl: server.url,
    headers: { "X-Tenant": "ours" },
    onWarning: ({ message }) => skipped.push(message),
  });
  assert.deepEqual(await manager.call("odd/a"), { path: "/a", query: {}, tenant: "ours" });
  const given = { constructor: "c", "x-tenant": "theirs" };
  assert.deepEqual(await manager.call("odd/a", given), {
    path: "/a",
    query: { constructor: ["c"] },
    tenant: "ours",
  });
  assert.match(skipped.join(), /POST \/a: expected a name of a header/);
});

Deno.test("openApiProxy() takes no long time for thousands of references that end alike", async () => {
  await using server = restServer(() => Response.json("ok"));
  const properties = Object.fromEntries(
    Array.from({ length: 10_000 }, (_, i) => [`p${i}`, { $ref: `#/components/schemas/d${i}/s` }]),
  );
  const content = { "application/json": { schema: { type: "object", properties } } };
  const document = documentOf({
    "/a": { post: { operationId: "a", requestBody: { content }, responses: {} } },
  });
  const { manager } = managerOf(document, { baseUrl: server.url });
  const start = performance.now();
  assert.equal(await manager.call("odd/a", { body: {} }), "ok");
  assert(performance.now() - start < 10_000);
});

Deno.test("openApiProxy() writes a document that shares its parts a thousandfold in part", async () => {
  await using server = restServer(() => Response.json("ok"));
  let schema: Json = { type: "string" };
  for (let i = 0; i < 60; i++) schema = { type: "object", properties: { a: schema, b: schema } };
  const requestBody = { content: { "application/json": { schema } } };
  const document = documentOf({ "/a": { post: { operationId: "a", requestBody, responses: {} } } });
  const { manager } = managerOf(document, { baseUrl: server.url });
  const start = performance.now();
  assert.match(manager.retrieveApiDocs("odd/a"), /body/);
  assert.equal(await manager.call("odd/a", { body: {} }), "ok");
  assert(performance.now() - start < 30_000);
});

Deno.test("a document cannot have its key sent by a name that is none, or as how a request is framed", async () => {
  for (const name of ["x\r\ny", "X Y", "", "Host", "transfer-encoding"]) {
    const document = one({ security: [{ k: [] }] }, {
      components: { securitySchemes: { k: { type: "apiKey", in: "header", name } } },
    });
    const { manager } = managerOf(document, { auth: { k: () => "SECRET-123" } });
    await assert.rejects(
      manager.call("odd/go"),
      (error) => /expected a security scheme that is supported/.test((error as Error).message),
    );
  }
});
