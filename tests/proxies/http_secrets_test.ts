import { defineHttpProxy, type HttpApi, type HttpAuth, ProxyManager } from "@lllm/lllm/proxies";
import { LLLMError } from "@lllm/lllm/errors";
import { recordingRunner, RunContext } from "@lllm/lllm/run";
import assert from "node:assert/strict";
import { type RestServer, restServer, type SeenRequest } from "./_rest_server.ts";

const KEY = "SECRET-123/ä+";
const secret = () => KEY;

function managerOf(service: Omit<HttpApi, "endpoints">): ProxyManager {
  const manager = new ProxyManager();
  const endpoints = {
    go: { description: "Goes", route: "/go", params: { q: ["string"] } },
    text: { description: "Text", route: "/text", receive: "text" },
    bytes: { description: "Bytes", route: "/bytes", receive: "bytes" },
  } as const;
  manager.register(
    "s",
    defineHttpProxy({ path: "s", name: "S", description: "", retries: 0, ...service, endpoints }),
  );
  return manager;
}

const AUTHS: Record<
  string,
  [auth: HttpAuth | HttpAuth[], shown: (request: SeenRequest) => unknown, expected: unknown]
> = {
  bearer: [
    { type: "bearer", token: () => "tok-123456" },
    ({ headers }) => headers.authorization,
    "Bearer tok-123456",
  ],
  basic: [
    { type: "basic", username: "ann", password: secret },
    ({ headers }) =>
      new TextDecoder().decode(Uint8Array.fromBase64(headers.authorization!.slice("Basic ".length))),
    `ann:${KEY}`,
  ],
  header: [
    { type: "header", name: "x-key", prefix: "Token ", value: () => "tok-123456" },
    ({ headers }) => headers["x-key"],
    "Token tok-123456",
  ],
  query: [{ type: "query", name: "key", value: secret }, ({ query }) => query.key, [KEY]],
  cookie: [
    { type: "cookie", name: "sid", value: secret },
    ({ headers }) => headers.cookie,
    `sid=${encodeURIComponent(KEY)}`,
  ],
  "two at once": [
    [{ type: "query", name: "id", value: () => "app-id-1" }, { type: "bearer", token: () => "tok-123456" }],
    ({ query, headers }) => [query.id, headers.authorization],
    [["app-id-1"], "Bearer tok-123456"],
  ],
};
for (const [name, [auth, shown, expected]] of Object.entries(AUTHS)) {
  Deno.test(`HttpProxy shows its key to the service: ${name}`, async () => {
    await using server = restServer(() => Response.json("ok"));
    await managerOf({ baseUrl: server.url, auth }).call("s/go");
    assert.deepEqual(shown(server.seen[0]!), expected);
  });
}

Deno.test("a parameter cannot take the place of a key", async () => {
  await using server = restServer(() => Response.json("ok"));
  const manager = new ProxyManager();
  const params = { key: ["string"], authorization: ["string"] } as const;
  manager.register(
    "s",
    defineHttpProxy({
      path: "s",
      name: "S",
      description: "",
      baseUrl: server.url,
      auth: [{ type: "query", name: "key", value: secret }, { type: "bearer", token: () => "tok-123456" }],
      endpoints: { go: { description: "", route: "/", params, in: { authorization: "header" } } },
    }),
  );
  await manager.call("s/go", { key: "mine", authorization: "mine" });
  assert.deepEqual(server.seen[0]!.query, { key: [KEY] });
  assert.equal(server.seen[0]!.headers.authorization, "Bearer tok-123456");
});

Deno.test("a key is read at the first call: creating, describing and documenting read none", async () => {
  let reads = 0;
  await using server = restServer(() => Response.json("ok"));
  const manager = managerOf({
    baseUrl: server.url,
    auth: { type: "bearer", token: () => `token-${++reads}` },
  });
  manager.apiCatalog();
  manager.retrieveApiDocs();
  assert.equal(reads, 0);
  await manager.call("s/go");
  await manager.call("s/go");
  assert.deepEqual(server.seen.map(({ headers }) => headers.authorization), [
    "Bearer token-1",
    "Bearer token-2",
  ]);
});

Deno.test("a key that is missing is one error that names the variable, and nothing is sent", async () => {
  await using server = restServer(() => Response.json("ok"));
  const manager = managerOf({
    baseUrl: server.url,
    auth: { type: "bearer", token: { env: "LLLM_TEST_NO_SUCH_KEY" } },
  });
  await assert.rejects(manager.call("s/go"), (error) => {
    assert(LLLMError.isInstance(error));
    assert.equal(error.code, "missing_api_key");
    assert.equal(
      error.message,
      'Cannot call API "s/go": expected environment variable "LLLM_TEST_NO_SUCH_KEY", found it not set',
    );
    assert.deepEqual(error.data, { api: "s/go", variable: "LLLM_TEST_NO_SUCH_KEY" });
    return true;
  });
  await assert.rejects(
    managerOf({ baseUrl: server.url, auth: { type: "bearer", token: () => "" } }).call("s/go"),
    /expected a key, found that its function gave none/,
  );
  assert.equal(server.seen.length, 0);
});

/** A server that gives the key back in every form in which it got it. */
function echoing(status = 200): RestServer {
  return restServer(({ path, query }) => {
    const key = query.key![0]!;
    const texts = {
      [key]: key,
      encoded: encodeURIComponent(key),
      form: new URLSearchParams({ key }).toString(),
      packed: new TextEncoder().encode(key).toBase64(),
      deep: [{ inner: `Your key ${key} is wrong` }],
    };
    const body = JSON.stringify(texts);
    if (path === "/bytes") return new Response(new TextEncoder().encode(`\0${key}\0`), { status });
    // The same in escapes, which only become the key when they are read.
    const escaped = body.replaceAll("SECRET", "\\u0053ECRET");
    return new Response(path === "/go" ? escaped : body, {
      status,
      statusText: `No ${encodeURIComponent(key)}`,
      headers: { "content-type": `application/json; k=${encodeURIComponent(key)}` },
    });
  });
}

Deno.test("a service that gives the key back gives it to nobody: answers, texts, bytes and errors", async () => {
  await using server = echoing();
  await using failing = echoing(500);
  for (const url of [server.url, failing.url]) {
    const recorder = recordingRunner();
    const run = new RunContext({ signal: new AbortController().signal, steps: recorder });
    const manager = managerOf({ baseUrl: url, auth: { type: "query", name: "key", value: secret } });
    const told: unknown[] = [
      manager.retrieveApiDocs(),
      Deno.inspect(manager, { depth: 9, showHidden: true }),
    ];
    for (const name of ["go", "text", "bytes"]) {
      await run.enter(() => manager.call(`s/${name}`)).then(
        (answer) => {
          told.push(answer);
          const { base64 } = answer as { base64?: string };
          if (base64 !== undefined) told.push(new TextDecoder().decode(Uint8Array.fromBase64(base64)));
        },
        (error: Error) =>
          told.push(error.message, error.stack, Deno.inspect(error), (error as LLLMError).data),
      );
    }
    const all = JSON.stringify([told, recorder.steps]);
    for (const form of ["SECRET", encodeURIComponent(KEY), new TextEncoder().encode(KEY).toBase64()]) {
      assert(!all.includes(form), `${form} in ${all}`);
    }
    assert(all.includes("[redacted]"));
  }
});

Deno.test("a key in a content type is blanked out, also where letters are made small", async () => {
  for (const type of [`image/x; key="SECRET-123"`, `application/json; key="SECRET-123"`]) {
    await using server = restServer(() => new Response("SECRET-123", { headers: { "content-type": type } }));
    const service = { baseUrl: server.url, auth: { type: "bearer", token: () => "SECRET-123" } } as const;
    const told = await managerOf(service).call("s/go").catch((error) => error.message);
    assert(!/secret-123/i.test(JSON.stringify(told)), JSON.stringify(told));
  }
});

Deno.test("a redirect to another origin has no key, whatever the first one says", async () => {
  for (
    const auth of [
      { type: "query", name: "key", value: secret },
      { type: "header", name: "x-key", value: () => "SECRET-123" },
      { type: "bearer", token: () => "SECRET-123" },
      { type: "cookie", name: "k", value: () => "SECRET-123" },
    ] as const
  ) {
    await using other = restServer(() => Response.json("elsewhere"));
    await using server = restServer(({ path, query }) =>
      path === "/go"
        ? new Response(null, {
          status: 307,
          headers: {
            location: `${other.url}/x?a=1&key=${encodeURIComponent(query.key?.[0] ?? "")}&again=SECRET-123`,
          },
        })
        : Response.json("same")
    );
    assert.equal(await managerOf({ baseUrl: server.url, auth }).call("s/go"), "elsewhere");
    const [request] = other.seen;
    assert.equal(request!.query.a![0], "1");
    if (auth.type === "query") continue;
    assert(!JSON.stringify(request).includes("SECRET"), JSON.stringify(request));
  }
});

Deno.test("a redirect to another origin that has the key in its path is refused", async () => {
  await using other = restServer(() => Response.json("elsewhere"));
  await using server = restServer(() =>
    new Response(null, { status: 302, headers: { location: `${other.url}/SECRET-123/x` } })
  );
  await assert.rejects(
    managerOf({ baseUrl: server.url, auth: { type: "bearer", token: () => "SECRET-123" } }).call("s/go"),
    /expected a redirect without a key/,
  );
  assert.equal(other.seen.length, 0);
});

Deno.test("a redirect within the service keeps the key, once", async () => {
  await using server = restServer(({ path, query }) =>
    path === "/go"
      ? new Response(null, {
        status: 302,
        headers: { location: `/end?key=${encodeURIComponent(query.key![0]!)}` },
      })
      : Response.json("end")
  );
  await managerOf({ baseUrl: server.url, auth: { type: "query", name: "key", value: secret } }).call("s/go");
  assert.deepEqual(server.seen[1]!.query, { key: [KEY] });
});

Deno.test("a key with white space around it is sent without, one that cannot be sent is refused by a plain error", async () => {
  await using server = restServer(({ headers }) => Response.json({ seen: headers.authorization }));
  const call = (token: string) =>
    managerOf({ baseUrl: server.url, auth: { type: "bearer", token: () => token } }).call("s/go");
  assert.deepEqual(await call("SECRET-123\n"), { seen: "Bearer [redacted]" });
  assert.equal(server.seen[0]!.headers.authorization, "Bearer SECRET-123");
  for (const token of ["SECRET-123\nX: y", "SECRET-123-ключ"]) {
    await assert.rejects(
      call(token),
      (error) =>
        LLLMError.isInstance(error) && error.code === "config_invalid" && !/SECRET/.test(error.message),
    );
  }
});

Deno.test("a redirect to another origin leaves a key out that it writes in its own way", async () => {
  const key = "SECRET-123/abc+def==";
  await using other = restServer(() => Response.json("ok"));
  for (
    const form of [
      key,
      encodeURIComponent(key).replace(/%../g, (code) => code.toLowerCase()),
      key.replaceAll("/", "%2f"),
      btoa(`k=${key}`),
    ]
  ) {
    await using server = restServer(() =>
      new Response(null, { status: 302, headers: { location: `${other.url}/there?v=${form}` } })
    );
    const service = { baseUrl: server.url, auth: { type: "bearer", token: () => key } } as const;
    await managerOf(service).call("s/go").catch(() => {});
  }
  assert(other.seen.every(({ query }) => query.v === undefined));
});
