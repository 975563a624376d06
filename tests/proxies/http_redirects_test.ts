import { defineHttpProxy, ProxyManager } from "@lllm/lllm/proxies";
import { LLLMError } from "@lllm/lllm/errors";
import assert from "node:assert/strict";
import { fetchPublic, isPublicHost } from "../../src/proxies/_http/fetch_public.ts";
import { restServer } from "./_rest_server.ts";

function managerOf(baseUrl: string): ProxyManager {
  const manager = new ProxyManager();
  const endpoints = { go: { description: "Goes", route: "/go" } };
  manager.register(
    "s",
    defineHttpProxy({ path: "s", name: "S", description: "", retries: 0, baseUrl, endpoints }),
  );
  return manager;
}

/** Answers requests of one host, which is nowhere, by a redirect; others are made. */
function redirecting(host: string, location: string): Disposable {
  const { fetch } = globalThis;
  globalThis.fetch = (input, init) => {
    const isIt = input instanceof Request && new URL(input.url).host === host;
    return isIt
      ? Promise.resolve(new Response(null, { status: 302, headers: { location } }))
      : fetch(input, init);
  };
  return { [Symbol.dispose]: () => globalThis.fetch = fetch };
}

Deno.test("a redirect from a public host is followed to no private address, whatever the name that leads there", async () => {
  await using inside = restServer(() => Response.json("inside"));
  const { port } = new URL(inside.url);
  for (
    const host of ["127.0.0.1", "localhost", "localhost.", "127.1", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0"]
  ) {
    using _ = redirecting("93.184.215.14", `http://${host}:${port}/meta`);
    await assert.rejects(
      managerOf("http://93.184.215.14").call("s/go"),
      (error) => LLLMError.isInstance(error) && error.code === "provider_error",
    );
  }
  assert.deepEqual(inside.seen, []);
});

Deno.test("a redirect from a private host is followed to others", async () => {
  await using inside = restServer(() => Response.json("inside"));
  await using server = restServer(() => Response.redirect(inside.url));
  assert.equal(await managerOf(server.url).call("s/go"), "inside");
});

Deno.test("a redirect from https to http is refused", async () => {
  using _ = redirecting("api.example.test", "http://api.example.test/go");
  await assert.rejects(
    managerOf("https://api.example.test").call("s/go"),
    /expected a redirect from https to https/,
  );
});

Deno.test("a redirect to another scheme shows no part of a key", async () => {
  const key = "SECRET-0123456789-abcdefghij";
  const location = `ftp://x/${"a".repeat(80)}${key}`;
  await using server = restServer(() => new Response(null, { status: 302, headers: { location } }));
  const manager = new ProxyManager();
  manager.register(
    "s",
    defineHttpProxy({
      path: "s",
      name: "S",
      description: "",
      baseUrl: server.url,
      auth: { type: "bearer", token: () => key },
      endpoints: { go: { description: "Goes", route: "/go" } },
    }),
  );
  await assert.rejects(manager.call("s/go"), (error) => !/SECRET/.test((error as Error).message));
});

Deno.test("fetchPublic() makes the request, at an allowed address", async () => {
  const zipped = new Response("zipped").body!.pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(zipped).arrayBuffer());
  await using server = restServer(({ path, method }) =>
    path === "/zip"
      ? new Response(bytes, { headers: { "content-encoding": "gzip" } })
      : method === "POST"
      ? Response.json("posted", { status: 201 })
      : new Response(null, { status: 204 })
  );
  const { port } = new URL(server.url);
  const anywhere = () => true;
  const get = (path: string, init?: RequestInit) =>
    fetchPublic(new Request(`http://localhost:${port}${path}`, init), 1_000, anywhere);
  assert.equal(await (await get("/zip")).text(), "zipped");
  assert.equal((await get("/none?a=1")).status, 204);
  const form = new FormData();
  form.set("a", "1");
  const posted = await get("/post", { method: "POST", body: form });
  assert.deepEqual([posted.status, await posted.json()], [201, "posted"]);
  const [, , sent] = server.seen;
  assert.match(sent!.headers["content-type"]!, /^multipart\/form-data; boundary=/);
  assert.equal(sent!.headers.host, `localhost:${port}`);
  await assert.rejects(
    fetchPublic(new Request(`http://localhost:${port}/`), 1_000),
    /expected a public address/,
  );
});

Deno.test("isPublicHost() tells private hosts from others", async () => {
  for (const name of ["localhost", "api.localhost", "printer.local", "api.internal."]) {
    assert.equal(await isPublicHost(name), false);
  }
  assert.equal(await isPublicHost("[::1]"), false);
  assert.equal(await isPublicHost("93.184.215.14"), true);
  assert.equal(await isPublicHost("name.invalid"), true);
});
