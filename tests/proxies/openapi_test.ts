import { defineProxy, openApiProxy, type OpenApiProxyOptions, ProxyManager } from "@lllm/lllm/proxies";
import { LLLMError } from "@lllm/lllm/errors";
import assert from "node:assert/strict";
import { restServer } from "./_rest_server.ts";

type Json = Record<string, unknown>;

/** A manager of one document, called "s". */
function managerOf(document: Json, options: OpenApiProxyOptions = {}): ProxyManager {
  const manager = new ProxyManager();
  manager.register("s", openApiProxy(document, { path: "s", retries: 0, ...options }));
  return manager;
}

function documentOf(paths: Json, rest: Json = {}): Json {
  return { openapi: "3.1.0", info: { title: "Shop", version: "1" }, paths, ...rest };
}

const get = (parameters: Json[], rest: Json = {}): Json => ({
  get: { operationId: "get", parameters, responses: { 200: { description: "ok" } }, ...rest },
});

const argsError = (text: RegExp) => (error: unknown) => {
  assert(LLLMError.isInstance(error), String(error));
  assert.equal(error.code, "endpoint_args_invalid");
  assert.match(error.message, text);
  return true;
};

Deno.test("openApiProxy() sends parameters in the styles of the document", async () => {
  await using server = restServer(() => Response.json("ok"));
  const list = { type: "array", items: { type: "string" } };
  const object = { type: "object" };
  const param = (name: string, place: string, schema: Json, style?: string, explode?: boolean) => ({
    name,
    in: place,
    required: place === "path",
    schema,
    ...(style === undefined ? {} : { style }),
    ...(explode === undefined ? {} : { explode }),
  });
  const manager = managerOf(
    documentOf({
      "/p/{simple}/{list}/{object}/{exploded}/x{label}/y{matrix}/z{matrixList}": get([
        param("simple", "path", { type: "string" }),
        param("list", "path", list),
        param("object", "path", object),
        param("exploded", "path", object, "simple", true),
        param("label", "path", list, "label"),
        param("matrix", "path", { type: "integer" }, "matrix"),
        param("matrixList", "path", list, "matrix", true),
        param("form", "query", list),
        param("comma", "query", list, "form", false),
        param("space", "query", list, "spaceDelimited", false),
        param("pipe", "query", list, "pipeDelimited", false),
        param("deep", "query", object, "deepObject", true),
        param("spread", "query", object),
        param("empty", "query", list),
        { name: "json", in: "query", content: { "application/json": { schema: object } } },
        { name: "raw", in: "query", allowReserved: true, schema: { type: "string" } },
        param("x-list", "header", list),
        param("x-object", "header", object, "simple", true),
        param("sid", "cookie", { type: "string" }),
      ]),
    }),
    { baseUrl: `${server.url}/v1` },
  );
  await manager.call("s/get", {
    simple: "a/b c",
    list: ["a", "b,c"],
    object: { a: 1, b: 2 },
    exploded: { a: 1, b: 2 },
    label: ["a", "b"],
    matrix: 5,
    matrixList: ["a", "b"],
    form: ["a", "b&c"],
    comma: ["a", "b,c"],
    space: ["a", "b"],
    pipe: ["a", "b"],
    deep: { a: 1, b: { c: [2, 3] } },
    spread: { k: "v" },
    empty: [],
    json: { a: [1] },
    raw: "a/b:c?d&e#f",
    "x-list": ["a", "b"],
    "x-object": { a: 1 },
    sid: "1;2",
  });
  const [{ path, query, headers }] = server.seen as [typeof server.seen[0]];
  assert.equal(path, "/v1/p/a%2Fb%20c/a,b%2Cc/a,1,b,2/a=1,b=2/x.a,b/y;matrix=5/z;matrixList=a;matrixList=b");
  assert.deepEqual(query, {
    form: ["a", "b&c"],
    comma: ["a,b,c"],
    space: ["a b"],
    pipe: ["a|b"],
    "deep[a]": ["1"],
    "deep[b][c][]": ["2", "3"],
    k: ["v"],
    json: ['{"a":[1]}'],
    raw: ["a/b:c?d&e#f"],
  });
  assert.equal(headers["x-list"], "a,b");
  assert.equal(headers["x-object"], "a=1");
  assert.equal(headers.cookie, "sid=1%3B2");
});

Deno.test("openApiProxy() sends bodies: JSON, forms, multipart with files, text and bytes", async () => {
  await using server = restServer(() => Response.json("ok"));
  const post = (type: string, schema: Json): Json => ({
    post: { requestBody: { required: true, content: { [type]: { schema } } }, responses: {} },
  });
  const manager = managerOf(
    documentOf({
      "/json": post("application/vnd.shop+json; charset=utf-8", { type: "object", required: ["a"] }),
      "/form": post("application/x-www-form-urlencoded", { type: "object" }),
      "/multipart": post("multipart/form-data", {
        type: "object",
        properties: {
          file: { type: "string", format: "binary" },
          files: { type: "array", items: { type: "string", format: "binary" } },
        },
      }),
      "/text": post("text/plain", { type: "string" }),
      "/bytes": post("application/octet-stream", { type: "string", format: "binary" }),
    }),
    { baseUrl: server.url },
  );
  await manager.call("s/post_json", { body: { a: null, b: [1] } });
  await manager.call("s/post_form", { body: { a: "x y", b: [1, 2], c: null } });
  await manager.call("s/post_multipart", {
    body: {
      note: "hi",
      meta: { a: 1 },
      file: { base64: "aGk=", filename: "a.txt", contentType: "text/plain" },
    },
  });
  await manager.call("s/post_text", { body: "plain" });
  await manager.call("s/post_bytes", { body: "aGk=" });
  const [json, form, multipart, text, bytes] = server.seen;
  assert.deepEqual([json!.headers["content-type"], json!.body], [
    "application/vnd.shop+json; charset=utf-8",
    '{"a":null,"b":[1]}',
  ]);
  assert.deepEqual([form!.headers["content-type"], form!.body], [
    "application/x-www-form-urlencoded",
    "a=x+y&b=1&b=2",
  ]);
  assert.match(multipart!.headers["content-type"]!, /^multipart\/form-data; ?boundary=/);
  assert.match(multipart!.body, /name="note"\r\n\r\nhi\r\n/);
  assert.match(multipart!.body, /name="meta"[^]*application\/json\r\n\r\n\{"a":1\}\r\n/);
  assert.match(multipart!.body, /name="file"; filename="a.txt"\r\ncontent-type: text\/plain\r\n\r\nhi\r\n/i);
  assert.equal(text!.body, "plain");
  assert.deepEqual([bytes!.headers["content-type"], bytes!.body], ["application/octet-stream", "hi"]);
  await assert.rejects(
    manager.call("s/post_json"),
    argsError(/"body": expected any|"body": expected object, found none/),
  );
  await assert.rejects(manager.call("s/post_json", { body: {} }), argsError(/"body.a": expected a value/));
  await assert.rejects(manager.call("s/post_bytes", { body: "?" }), argsError(/bytes in base64/));
  await assert.rejects(
    manager.call("s/post_multipart", { body: { file: { base64: "?" } } }),
    argsError(/"body.file": expected bytes in base64/),
  );
});

Deno.test("openApiProxy() checks arguments as 3.0 and as 3.1 mean their schemas", async () => {
  await using server = restServer(() => Response.json("ok"));
  const body = (schema: Json): Json => ({
    "/x": {
      post: { operationId: "x", requestBody: { content: { "application/json": { schema } } }, responses: {} },
    },
  });
  const call = async (version: string, schema: Json, value: unknown): Promise<true | string> => {
    const manager = managerOf({ ...documentOf(body(schema)), openapi: version }, { baseUrl: server.url });
    return await manager.call("s/x", { body: value }).then(
      () => true as const,
      (error) => error.message as string,
    );
  };
  const object = (property: Json): Json => ({ type: "object", properties: { a: property } });
  const cases: [version: string, property: Json, good: unknown[], bad: unknown[]][] = [
    ["3.0.3", { type: "string", nullable: true }, ["x", null], [1]],
    ["3.0.3", { type: "string", nullable: true, enum: ["x"] }, ["x", null], ["y"]],
    ["3.0.3", { nullable: true, allOf: [{ type: "integer" }] }, [1, null], ["y"]],
    ["3.0.3", { type: "integer", minimum: 1, exclusiveMinimum: true }, [2], [1]],
    ["3.0.0", { type: "string" }, ["x"], [null]],
    ["3.1.0", { type: ["string", "null"] }, ["x", null], [1]],
    ["3.1.1", { type: "number", exclusiveMaximum: 5 }, [4.9], [5]],
    ["3.1.0", { const: "x" }, ["x"], ["y"]],
    ["3.1.0", { oneOf: [{ type: "integer" }, { type: "number" }] }, [1, 1.5], ["y"]],
    ["3.1.0", { type: "array", prefixItems: [{ type: "string" }], items: false }, [["x"]], [["x", 1]]],
    ["3.1.0", { type: "object", additionalProperties: { type: "integer" } }, [{ z: 1 }], [{ z: "1" }]],
    ["3.1.0", { type: "string", pattern: "^[a-z]{2}$" }, ["ab"], ["abc"]],
    ["3.1.0", { type: "string", format: "date-time" }, ["not checked"], []],
    ["3.1.0", { enum: [1, "1", null, { a: 1 }] }, [1, "1", null, { a: 1 }], [2, {}]],
  ];
  for (const [version, property, good, bad] of cases) {
    for (const value of good) {
      assert.equal(
        await call(version, object(property), { a: value }),
        true,
        JSON.stringify([property, value]),
      );
    }
    for (const value of bad) {
      assert.notEqual(
        await call(version, object(property), { a: value }),
        true,
        JSON.stringify([property, value]),
      );
    }
  }
  const readOnly = { type: "object", required: ["id", "b"], properties: { id: { readOnly: true }, b: {} } };
  assert.equal(await call("3.1.0", readOnly, { b: 1 }), true);
  const parts = [{ properties: { id: { readOnly: true } } }, {
    required: ["id", "b"],
    properties: { b: {} },
  }];
  assert.equal(await call("3.1.0", { type: "object", allOf: parts }, { b: 1 }), true);
  assert.notEqual(await call("3.1.0", { type: "object", allOf: parts }, {}), true);
  assert.equal(await call("3.1.0", { ...parts[1], allOf: [parts[0]] }, { b: 1 }), true);
  const inner = { properties: { inner: { ...parts[1], type: "object" } }, allOf: [parts[0]] };
  assert.notEqual(await call("3.1.0", { type: "object", ...inner }, { inner: { b: 1 } }), true);
});

Deno.test("openApiProxy() resolves references to parameters, bodies, answers, paths, and schemas in circles", async () => {
  await using server = restServer(() => Response.json("ok"));
  const document = documentOf({
    "/a~b/{id}": { $ref: "#/components/pathItems/one" },
  }, {
    components: {
      pathItems: {
        one: {
          parameters: [{ $ref: "#/components/parameters/id" }],
          post: {
            operationId: "one",
            requestBody: { $ref: "#/components/requestBodies/node" },
            responses: { 200: { $ref: "#/components/responses/node" } },
          },
        },
      },
      parameters: {
        id: { $ref: "#/components/parameters/other~1id" },
        "other/id": { name: "id", in: "path", required: true, schema: { $ref: "#/components/schemas/Id" } },
      },
      requestBodies: {
        node: { content: { "application/json": { schema: { $ref: "#/components/schemas/Node" } } } },
      },
      responses: {
        node: {
          description: "",
          content: { "application/json": { schema: { $ref: "#/components/schemas/Node" } } },
        },
      },
      schemas: {
        Id: { type: "integer" },
        Node: {
          type: "object",
          properties: {
            id: { $ref: "#/components/schemas/Id" },
            next: { $ref: "#/components/schemas/Node" },
          },
        },
      },
    },
  });
  const manager = managerOf(document, { baseUrl: server.url });
  assert.equal(await manager.call("s/one", { id: 1, body: { next: { next: { id: 2 } } } }), "ok");
  assert.equal(server.seen[0]!.path, "/a~b/1");
  await assert.rejects(
    manager.call("s/one", { id: 1, body: { next: { next: { id: "2" } } } }),
    argsError(/"body.next.next.id": expected integer, found string "2"/),
  );
  const [info] = manager.getApiDirectory("s").endpoints;
  assert.deepEqual(Object.keys(info!.inputSchema!.$defs as object), ["Id", "Node"]);
  assert.deepEqual(Object.keys(info!.outputSchema!.$defs as object), ["Id", "Node"]);
});

Deno.test("openApiProxy() takes documents that references lead to, and no others", async () => {
  await using server = restServer(() => Response.json("ok"));
  const document = documentOf({ "/x": get([{ $ref: "./common.yaml#/params/q" }]) });
  const common = {
    params: { q: { name: "q", in: "query", schema: { $ref: "#/types/q" } } },
    types: { q: { $ref: "types.json#/q" } },
  };
  const manager = managerOf(document, {
    baseUrl: server.url,
    documents: { "./common.yaml": common, "types.json": { q: { type: "integer" } } },
  });
  await manager.call("s/get", { q: 1 });
  await assert.rejects(manager.call("s/get", { q: "1" }), argsError(/"q": expected integer/));
});

Deno.test("openApiProxy() chooses servers: an operation's, a path's, the document's, with variables; baseUrl beats all", async () => {
  await using one = restServer(({ path }) => Response.json(path));
  await using two = restServer(({ path }) => Response.json(path));
  const document = documentOf({
    "/a": get([]),
    "/b": { servers: [{ url: `${two.url}/path` }], ...get([], { operationId: "b" }) },
    "/c": get([], { operationId: "c", servers: [{ url: "/relative" }] }),
  }, {
    servers: [{
      url: `http://{host}/{version}`,
      variables: { host: { default: one.host }, version: { default: "v1", enum: ["v1", "v2"] } },
    }],
  });
  const manager = managerOf(document, { origins: [two.url] });
  assert.deepEqual([await manager.call("s/get"), await manager.call("s/b"), await manager.call("s/c")], [
    "/v1/a",
    "/path/b",
    "/relative/c",
  ]);
  assert.equal(two.seen.length, 1);
  assert.equal(
    await managerOf(document, { origins: [two.url], variables: { version: "v2" } }).call("s/get"),
    "/v2/a",
  );
  assert.throws(
    () => managerOf(document, { origins: [two.url], variables: { version: "v3" } }),
    /one of v1, v2/,
  );
  assert.equal(await managerOf(document, { baseUrl: `${two.url}/mine` }).call("s/b"), "/mine/b");
});

const SCHEMES = {
  components: {
    securitySchemes: {
      inQuery: { type: "apiKey", in: "query", name: "key" },
      inHeader: { type: "apiKey", in: "header", name: "x-key" },
      inCookie: { type: "apiKey", in: "cookie", name: "sid" },
      token: { type: "http", scheme: "Bearer" },
      user: { type: "http", scheme: "basic" },
      flow: { type: "oauth2", flows: {} },
      certificate: { type: "mutualTLS" },
    },
  },
};

Deno.test("openApiProxy() shows keys as the document's schemes say", async () => {
  await using server = restServer(({ query, headers }) =>
    Response.json(
      [query.key?.length ?? 0, headers["x-key"], headers.cookie, headers.authorization].map((x) => x ?? null),
    )
  );
  const secret = (text: string) => () => text;
  const auth = {
    inQuery: secret("query-key"),
    inHeader: secret("header-key"),
    inCookie: secret("cookie-key"),
    token: secret("token-key"),
    user: { username: "ann", password: secret("password") },
    flow: secret("flow-key"),
  };
  const seenWith = async (security: Json[]) => {
    server.seen.length = 0;
    await managerOf(documentOf({ "/x": get([], { security }) }, SCHEMES), { baseUrl: server.url, auth }).call(
      "s/get",
    );
    const [{ query, headers }] = server.seen as [typeof server.seen[0]];
    return [query.key?.[0], headers["x-key"], headers.cookie, headers.authorization].filter((x) =>
      x !== undefined
    );
  };
  assert.deepEqual(await seenWith([{ inQuery: [] }]), ["query-key"]);
  assert.deepEqual(await seenWith([{ inHeader: [], inCookie: [] }]), ["header-key", "sid=cookie-key"]);
  assert.deepEqual(await seenWith([{ token: [] }]), ["Bearer token-key"]);
  assert.deepEqual(await seenWith([{ user: [] }]), [`Basic ${btoa("ann:password")}`]);
  assert.deepEqual(await seenWith([{ flow: ["read"] }]), ["Bearer flow-key"]);
  assert.deepEqual(await seenWith([{ certificate: [] }, { token: [] }]), ["Bearer token-key"]);
  assert.deepEqual(await seenWith([{}, { token: [] }]), ["Bearer token-key"]);
  assert.deepEqual(await seenWith([]), []);
  await assert.rejects(
    seenWith([{ certificate: [] }]),
    /expected a security scheme that is supported, found "certificate"/,
  );
  await assert.rejects(seenWith([{ nowhere: [] }]), /found "nowhere"/);
});

Deno.test("openApiProxy() names the variable of a key that is missing, and asks for none where it need not", async () => {
  await using server = restServer(() => Response.json("ok"));
  const document = documentOf({
    "/x": get([]),
    "/open": get([], { operationId: "open", security: [] }),
    "/maybe": get([], { operationId: "maybe", security: [{ token: [] }, {}] }),
  }, { ...SCHEMES, security: [{ inHeader: [] }, { user: [] }] });
  const manager = managerOf(document, { baseUrl: server.url });
  await assert.rejects(manager.call("s/get"), (error) => {
    assert(LLLMError.isInstance(error) && error.code === "missing_api_key");
    assert.match(error.message, /expected environment variable "LLLM_API_S_INHEADER", found it not set/);
    return true;
  });
  assert.equal(server.seen.length, 0);
  await manager.call("s/open");
  await manager.call("s/maybe");
  const own = managerOf(document, {
    baseUrl: server.url,
    auth: { type: "bearer", token: () => "mine-12345" },
  });
  await own.call("s/get");
  assert.deepEqual(server.seen.map(({ headers }) => headers.authorization), [
    undefined,
    undefined,
    "Bearer mine-12345",
  ]);
});

Deno.test("openApiProxy() sends requests, keys and headers to the first server's origin alone, and those that are named", async () => {
  await using own = restServer(() => Response.json("ok"));
  await using other = restServer(() => Response.json("ok"));
  const document = documentOf({
    "/a": get([]),
    "/b": get([], { operationId: "b", servers: [{ url: other.url }] }),
  }, { ...SCHEMES, security: [{ token: [] }], servers: [{ url: own.url }, { url: other.url }] });
  const told: string[] = [];
  const options: OpenApiProxyOptions = {
    auth: { token: () => "SECRET-123" },
    headers: { "x-tenant": "mine" },
    onWarning: ({ message }) => void told.push(message),
  };
  const manager = managerOf(document, options);
  await manager.call("s/get");
  await assert.rejects(manager.call("s/b"), { code: "endpoint_not_found" });
  assert.match(told[0]!, /GET \/b: its server is at "http.*"; allow it by the option "origins"/);
  assert.equal(other.seen.length, 0);
  await managerOf(document, { ...options, origins: [other.url] }).call("s/b");
  await managerOf(document, { ...options, keyOrigins: [other.url] }).call("s/b");
  const sent = [...own.seen, ...other.seen].map((
    { headers },
  ) => [headers.authorization, headers["x-tenant"]]);
  const both = ["Bearer SECRET-123", "mine"];
  assert.deepEqual(sent, [both, [undefined, undefined], both]);
});

Deno.test("openApiProxy() lets no parameter write cookies of other names", async () => {
  await using server = restServer(() => Response.json("ok"));
  const told: string[] = [];
  const manager = managerOf(
    documentOf({
      "/a": get([{ name: "Cookie", in: "header", schema: { type: "string" } }, {
        name: "mine",
        in: "cookie",
        schema: { type: "string" },
      }]),
      "/b": get([{ name: "a; k=evil; b", in: "cookie", schema: {} }], { operationId: "b" }),
    }),
    { baseUrl: server.url, onWarning: ({ message }) => void told.push(message) },
  );
  await assert.rejects(manager.call("s/get", { Cookie: "k=evil" }), argsError(/"Cookie": unknown parameter/));
  await manager.call("s/get", { mine: "1; k=evil" });
  assert.equal(server.seen[0]!.headers.cookie, "mine=1%3B%20k%3Devil");
  assert.match(told[0]!, /GET \/b: expected a name of a cookie/);
});

Deno.test("openApiProxy() leaves operations out, asks for approval, and adds what the document cannot say", async () => {
  await using server = restServer(() =>
    Response.json([{ day: "2025-01-01", k: 1 }, { day: "2023-01-01", k: 2 }])
  );
  const op = (operationId: string, tag: string): Json => ({ operationId, tags: [tag], responses: {} });
  const document = documentOf({
    "/users/{id}": { get: op("users/get", "users"), delete: op("users/delete", "users") },
    "/orders": { get: op("orders/list", "orders"), post: op("orders/add", "orders") },
    "/admin/x": { get: op("admin", "secret") },
  });
  const names = (options: OpenApiProxyOptions) =>
    managerOf(document, { baseUrl: server.url, ...options }).getApiDirectory("s").endpoints.map((
      { callable },
    ) => callable);
  assert.deepEqual(names({ include: ["users"] }), ["users_delete", "users_get"]);
  assert.deepEqual(names({ include: ["/orders", "admin"], exclude: [/^POST /g] }), ["orders_list", "admin"]);
  assert.deepEqual(names({ include: ["users_get", "orders/list"] }), ["orders_list", "users_get"]);
  assert.throws(() => names({ include: ["nothing"] }), /none that "include" and "exclude" leave/);
  const manager = new ProxyManager({ cutoffDate: "2024-01-01" });
  manager.register(
    "s",
    openApiProxy(document, {
      path: "s",
      baseUrl: server.url,
      needsApproval: ({ method }) => method !== "GET",
      extend: ({ name }) => name === "orders_list" ? { dtCutoff: ["day"], removeKeys: ["k"] } : undefined,
    }),
  );
  assert.deepEqual(await manager.call("s/orders_list"), [{ day: "2023-01-01" }]);
  await assert.rejects(manager.call("s/users_delete", { id: "1" }), /expected an approval/);
});

Deno.test("openApiProxy() documents what the document says", () => {
  const manager = managerOf(
    documentOf({
      "/users/{id}": {
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" }, example: "u-1" }],
        put: {
          operationId: "users/update",
          tags: ["People"],
          deprecated: true,
          summary: "Changes a user",
          description: "Only what is given changes.",
          parameters: [{
            name: "dry",
            in: "query",
            description: "Try only",
            schema: { type: "boolean", default: false },
          }],
          requestBody: {
            required: true,
            content: {
              "application/json": {
                schema: { type: "object" },
                examples: { one: { value: { name: "Ann" } } },
              },
            },
          },
          responses: {
            200: { description: "", content: { "application/json": { example: { id: "u-1" } } } },
          },
        },
      },
    }, {
      servers: [{ url: "https://shop.example" }],
      info: { title: "My Shop", version: "1", description: "Sells tea" },
    }),
    { path: "shop" },
  );
  const docs = manager.retrieveApiDocs("s");
  assert.match(docs, /^# shop: My Shop\nSells tea/);
  assert.match(
    docs,
    /## shop\/users_update\(id: string, dry\?: boolean, body: object\)\nDeprecated. Changes a user\nOnly what is given changes. \[People\]/,
  );
  assert.match(docs, /- id \(string, required, e.g. "u-1"\)/);
  assert.match(docs, /- dry \(boolean, optional, e.g. false\): Try only/);
  assert.match(docs, /- body \(object, required, e.g. \{"name":"Ann"\}\)/);
  assert.match(docs, /Returns e.g. \{"id":"u-1"\}/);
});

Deno.test("openApiProxy() reads JSON and YAML texts, files and URLs", async () => {
  const yaml =
    "openapi: 3.0.3\ninfo: {title: Tea, version: '1'}\npaths:\n  /tea:\n    get:\n      operationId: tea\n      responses:\n        200: {description: ok}\n";
  const json = JSON.stringify({ ...documentOf({ "/tea": get([], { operationId: "tea" }) }) });
  await using server = restServer(({ path }) =>
    path === "/missing"
      ? new Response("no", { status: 404 })
      : new Response(path === "/doc.yaml" ? yaml : json)
  );
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/doc.yaml`, yaml);
    const baseUrl = "https://tea.example";
    for (
      const source of [
        yaml,
        json,
        `${folder}/doc.yaml`,
        new URL(`file://${folder}/doc.yaml`),
        `${server.url}/doc.json`,
      ]
    ) {
      const manager = new ProxyManager();
      manager.register("tea", await openApiProxy(source, { path: "tea", baseUrl }));
      assert.deepEqual(manager.getApiDirectory("tea").endpoints.map(({ callable }) => callable), ["tea"]);
    }
    // Without servers, a document is at the service that it describes.
    const manager = new ProxyManager();
    manager.register("tea", await openApiProxy(new URL(`${server.url}/doc.yaml`), { path: "tea" }));
    await manager.call("tea/tea").catch(() => {});
    assert.equal(server.seen.at(-1)!.path, "/tea");
    for (const source of [`${folder}/none.yaml`, `${server.url}/missing?key=SECRET-123`, "ftp:", ""]) {
      await assert.rejects(openApiProxy(source), (error) => {
        assert(LLLMError.isInstance(error) && error.code === "config_invalid", String(error));
        assert.match(error.message, /^Cannot use OpenAPI document: /);
        assert(!error.message.includes("SECRET"));
        return true;
      });
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("proxies of all kinds stand beside each other in one manager", async () => {
  await using server = restServer(() => Response.json("ok"));
  const manager = managerOf(documentOf({ "/x": get([]) }), { baseUrl: server.url });
  manager.register(
    "own",
    defineProxy({
      path: "own",
      name: "",
      description: "",
      endpoints: { x: { description: "", handler: () => 1 } },
    }),
  );
  assert.deepEqual([await manager.call("s/get"), await manager.call("own/x")], ["ok", 1]);
});

Deno.test("openApiProxy() reads YAML by the rules of 1.2: on, off and no are texts", async () => {
  await using server = restServer(({ query }) => Response.json(query));
  const text = `openapi: 3.1.0
info: { title: Lamps, version: 1.0.0 }
servers: [{ url: "${server.url}" }]
paths:
  /lamp:
    get:
      operationId: lamp
      parameters:
        - { name: no, in: query, schema: { type: string, enum: [on, off] } }
      responses: {}
`;
  const manager = new ProxyManager();
  manager.register("lamps", await openApiProxy(text));
  assert.deepEqual(await manager.call("lamps/lamp", { no: "on" }), { no: ["on"] });
  await assert.rejects(manager.call("lamps/lamp", { no: "yes" }), argsError(/expected one of "on", "off"/));
});
