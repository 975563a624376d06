/** The network and the web's helpers in cells of TypeScript; what the host checks is in `net_test.ts` too. */
import assert from "node:assert/strict";
import { recordingRunner, RunContext } from "../../src/run/mod.ts";
import { type CellResult, createSandbox, type NetRequestInfo, type Sandbox } from "../../src/sandbox/mod.ts";
import type { SandboxOptions } from "../../src/sandbox/mod.ts";

/** What a test's server was asked. */
interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
  readonly body: string;
}

interface TestServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  readonly asked: Asked[];
}

/** Echoes requests; some paths do something else. */
function serve(): TestServer {
  const asked: Asked[] = [];
  const held = Promise.withResolvers<void>();
  const handler = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const bytes = await request.bytes();
    const headers = Object.fromEntries(request.headers);
    asked.push({
      method: request.method,
      path: url.pathname,
      headers,
      body: new TextDecoder().decode(bytes),
    });
    const location = url.searchParams.get("to") ?? "/loop";
    if (/^\/(redirect|loop)$/.test(url.pathname)) {
      return new Response(null, { status: 302, headers: { location } });
    }
    if (url.pathname === "/hang") await held.promise;
    if (url.pathname === "/large") return new Response(new Uint8Array(17 * 1024 * 1024));
    if (url.pathname === "/missing") return new Response("none", { status: 404 });
    if (url.pathname === "/bytes") return new Response(bytes);
    if (url.pathname === "/empty") return new Response(null, { status: 204 });
    const reply = new Response(JSON.stringify(asked.at(-1)), { headers: { "x-kind": "echo" } });
    for (const cookie of ["a=1", "b=2"]) reply.headers.append("set-cookie", cookie);
    return reply;
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, handler);
  const { port } = server.addr as Deno.NetAddr;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    asked,
    async [Symbol.asyncDispose](): Promise<void> {
      held.resolve();
      await server.shutdown();
    },
  };
}

/** Runs cells in one session. */
interface Cells {
  readonly run: (code: string, options?: { timeoutMs?: number; signal?: AbortSignal }) => Promise<CellResult>;
  /** The value of a cell that ends well. */
  readonly value: (code: string) => Promise<string | undefined>;
  /** The error of a cell that does not. */
  readonly failure: (code: string) => Promise<string>;
}

async function withCells(
  body: (cells: Cells, sandbox: Sandbox) => Promise<void>,
  options: Partial<SandboxOptions> = {},
): Promise<void> {
  await using sandbox = await createSandbox({ language: "typescript", ...options });
  const run: Cells["run"] = (code, cellOptions = {}) => sandbox.runCell(code, cellOptions);
  await body({
    run,
    async value(code) {
      const result = await run(code);
      assert.equal(result.outcome, "ok", `${code}\n${result.toText()}`);
      return result.value;
    },
    async failure(code) {
      const { outcome, error } = await run(code);
      assert.equal(outcome, "error", code);
      return `${error?.name}: ${error?.message}`;
    },
  }, sandbox);
}

async function withServer(
  body: (cells: Cells, server: TestServer, sandbox: Sandbox) => Promise<void>,
  options: Partial<SandboxOptions> = {},
): Promise<void> {
  await using server = serve();
  await withCells(async (cells, sandbox) => {
    await cells.value(`const base = "${server.url}"`);
    await body(cells, server, sandbox);
  }, { allowNet: [`127.0.0.1:${server.port}`], ...options });
}

Deno.test("fetch() reaches a listed host, and gives what it answers", async () => {
  const log: NetRequestInfo[] = [];
  await withServer(async ({ value }, server) => {
    assert.equal(
      await value(`const r = await fetch(base + "/a?b=1#c"); const copy = r.clone();
[r.status, r.ok, r.statusText, r.url === base + "/a?b=1", r.redirected, r.headers.get("X-Kind"), (await r.json()).path, r.bodyUsed]`),
      '[ 200, true, "OK", true, false, "echo", "/a", true ]',
    );
    assert.equal(await value("[typeof await copy.text(), copy.bodyUsed]"), '[ "string", true ]');
    assert.equal(
      await value(
        "const h = (await fetch(new URL('/h', base))).headers; [h.get('set-cookie'), h.getSetCookie(), h.has('x-none')]",
      ),
      '[ "a=1, b=2", [ "a=1", "b=2" ], false ]',
    );
    assert.equal(
      await value(
        "const m = await fetch(base + '/missing'); [m.ok, m.status, await m.text(), (await fetch(base + '/empty')).status]",
      ),
      '[ false, 404, "none", 204 ]',
    );
    assert.equal(
      await value(`const sent = new Uint8Array(300).map((_, index) => index);
const back = await fetch(base + "/bytes", { method: "POST", body: sent });
const other = await (await fetch(new Request(base + "/bytes", { method: "put", body: sent.buffer }))).arrayBuffer();
const bytes = await back.bytes();
[bytes instanceof Uint8Array, bytes.length, bytes.every((byte, index) => byte === index % 256), other.byteLength]`),
      "[ true, 300, true, 300 ]",
    );
    assert.equal(
      await value(`const echo = async (init: object) => (await fetch(base + "/e", init)).json();
const form = await echo({ method: "POST", body: new URLSearchParams({ a: "ä b" }), headers: [["X-Own", "1"], ["X-Own", "2"]] });
const text = await echo({ method: "PATCH", body: JSON.stringify({ a: "€" }), headers: new Headers({ "Content-Type": "application/json" }) });
[form.method, form.body, form.headers["content-type"], form.headers["x-own"], text.method, text.body, text.headers["content-type"]]`),
      '[\n  "POST",\n  "a=%C3%A4+b",\n  "application/x-www-form-urlencoded;charset=UTF-8",\n  "1, 2",\n' +
        '  "PATCH",\n  \'{"a":"€"}\',\n  "application/json"\n]',
    );
    assert.equal(log.length, server.asked.length);
  }, { onNetRequest: (request) => log.push(request) });
  assert.deepEqual(log.slice(0, 4).map(({ method, status, refused }) => ({ method, status, refused })), [
    { method: "GET", status: 200, refused: false },
    { method: "GET", status: 200, refused: false },
    { method: "GET", status: 404, refused: false },
    { method: "GET", status: 204, refused: false },
  ]);
  assert(log.every(({ address }) => address === "127.0.0.1"));
});

Deno.test("fetch() calls that are made at once each get their own answer", async () => {
  await withServer(async ({ value }, server) => {
    const code = `const answers = await Promise.all(Array.from({ length: 20 }, async (_, index) =>
  (await (await fetch(base + "/" + index, { method: "POST", body: "b" + index })).json())));
const mixed = await Promise.all([fetch(base + "/x"), CALL_API("y"), fetch("http://example.org").catch((e) => e.name)]);
[answers.every(({ path, body }, index) => path === "/" + index && body === "b" + index), mixed[0].status, mixed[1], mixed[2]]`;
    assert.equal(await value(code), '[ true, 200, "y", "TypeError" ]');
    assert.equal(server.asked.length, 21);
  }, { callApi: (path) => path });
});

Deno.test("fetch() refuses what is not listed, also behind redirects, and says what is", async () => {
  await using other = serve();
  const log: NetRequestInfo[] = [];
  await withServer(async ({ value, failure }, server) => {
    for (
      const url of [
        `"${other.url}/"`,
        '"http://example.org/"',
        `base + "/redirect?to=${other.url}/"`,
        `base + "/redirect?to=//127.0.0.1:${other.port}/"`,
        `"http://[::ffff:127.0.0.1]:${server.port}/"`,
        `"http://2130706433:${other.port}/"`,
      ]
    ) {
      const text = await failure(`await fetch(${url})`);
      assert.match(text, /^TypeError: Cannot (reach|follow)/);
      assert(text.includes(`this sandbox may reach only 127.0.0.1:${server.port}`), text);
    }
    for (const url of ["file:///etc/passwd", "data:,a", "ws://127.0.0.1/", "blob:x", "ftp://127.0.0.1/"]) {
      assert.match(await failure(`await fetch("${url}")`), /expected http or https/);
    }
    assert.match(
      await failure(`await fetch("http://a:b@127.0.0.1:${server.port}/")`),
      /without user and password/,
    );
    assert.match(
      await failure('await fetch("data:text/plain,hi")'),
      /Cannot request "data:text\/plain,hi": expected http or https, found data:/,
    );
    assert.match(
      await failure("await fetch()"),
      /^TypeError: Cannot request: expected a URL or a Request, found undefined$/,
    );
    assert.match(await failure('await fetch("/path")'), /Cannot request "\/path": expected a whole URL/);
    assert.match(await failure('await fetch(base + "/loop")'), /at most 5 redirects/);
    assert.match(
      await failure('await fetch(base + "/redirect?to=/end", { redirect: "error" })'),
      /redirects to/,
    );
    assert.equal(
      await value(`const followed = await fetch(base + "/redirect?to=/end", { method: "POST", body: "x" });
const manual = await fetch(base + "/redirect?to=/end", { redirect: "manual" });
[followed.redirected, followed.url === base + "/end", (await followed.json()).method, manual.status, manual.headers.get("location")]`),
      '[ true, true, "GET", 302, "/end" ]',
    );
    assert.equal(
      await value("[manual.type, manual.clone().type, new Response().type]"),
      '[ "basic", "basic", "default" ]',
    );
  }, { onNetRequest: (request) => log.push(request) });
  assert.deepEqual(other.asked, []);
  assert(log.filter(({ refused }) => refused).length >= 10);
});

Deno.test("fetch() limits sizes and headers, and says how much is allowed", async () => {
  await withServer(async ({ value, failure }, server) => {
    assert.match(await failure('await fetch(base + "/large")'), /more than 16777216 bytes; ask for less/);
    const post = (size: string) => `await fetch(base, { method: "POST", body: new Uint8Array(${size}) })`;
    assert.match(await failure(post("4 * 1024 * 1024 + 1")), /at most 4194304 bytes, found 4194305/);
    assert.match(
      await failure(post("40 * 1024 * 1024")),
      /too large: expected a body of at most 4194304 bytes/,
    );
    assert.match(
      await failure('await fetch(base + "/" + "x".repeat(9000))'),
      /a URL of at most 8192 characters/,
    );
    assert.match(
      await failure('await fetch(base, { headers: { a: "x".repeat(70000) } })'),
      /headers of at most 65536 bytes/,
    );
    assert.match(
      await failure('await fetch(base, { headers: { a: "b\\r\\nHost: evil" } })'),
      /Cannot send header "a"/,
    );
    assert.match(await failure('await fetch(base, { headers: { "a b": "c" } })'), /Cannot send header "a b"/);
    assert.match(await failure('await fetch(base, { method: "CONNECT" })'), /method "CONNECT"/);
    assert.match(await failure('await fetch(base, { body: "x" })'), /Cannot send a body by method GET/);
    assert.match(
      await failure('await fetch(base, { method: "POST", body: { a: 1 } })'),
      /JSON\.stringify\(data\)/,
    );
    assert.match(await failure('await fetch(base, { redirect: "never" })'), /expected redirect/);
    assert.equal(server.asked.length, 1);
    assert.equal(
      await value(
        `const own = await fetch(base, { method: "POST", body: "x".repeat(4 * 1024 * 1024), headers: { "Transfer-Encoding": "chunked",
  "Content-Length": "1", Host: "other", "Proxy-Authorization": "x" } });
const told = await own.json(); [told.body.length, told.headers["content-length"], told.headers.host === base.slice(7)]`,
      ),
      '[ 4194304, "4194304", true ]',
    );
  });
});

Deno.test("fetch() ends at its signal's time, the cell's, and an interrupt, and the session goes on", async () => {
  await withServer(async ({ run, value, failure }, server) => {
    assert.match(
      await failure("await fetch(base + '/hang', { signal: AbortSignal.timeout(50) })"),
      /^TimeoutError: Timed out: no answer from .*\/hang within \d+ ms/,
    );
    const late = await run("let kept = 1; await fetch(base + '/hang')", { timeoutMs: 300 });
    assert.equal(late.outcome, "timeout");
    assert.equal(late.stateLost, false);
    const controller = new AbortController();
    const cancelled = run("await fetch(base + '/hang')", { signal: controller.signal });
    while (server.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    assert.equal((await cancelled).outcome, "cancelled");
    assert.equal(await value("[kept, (await fetch(base)).status]"), "[ 1, 200 ]");
    const caught = await run("try { await fetch(base + '/hang') } catch (e) { [e.name, e.message] }", {
      timeoutMs: 300,
    });
    assert.equal(caught.outcome, "timeout");
    const aborted = "const c = new AbortController(); c.abort(); await fetch(base, { signal: c.signal })";
    assert.match(await failure(aborted), /^AbortError: The signal was aborted/);
    assert.equal(
      await value("await fetch(base, { signal: c.signal }).catch((e) => e === c.signal.reason)"),
      "true",
    );
    assert.equal(server.asked.length, 5);
  });
});

Deno.test("fetch() counts as API calls, and each of its requests is a step of the run", async () => {
  const steps = recordingRunner();
  const runContext = new RunContext({ signal: new AbortController().signal, steps });
  await withServer(async ({ run, failure }, server) => {
    const code = "(await fetch(base + '/redirect?to=/end')).status";
    assert.equal((await runContext.enter(() => run(code))).value, "200");
    assert.deepEqual(
      steps.steps.map(({ kind, path }) => [kind, path]),
      [0, 1].map((ordinal) => ["api", `net:127.0.0.1:${server.port}#${ordinal}`]),
    );
    assert.match(
      await failure("for (;;) await fetch(base)"),
      /^TypeError: A cell can make 3 API calls at most/,
    );
    assert.equal(server.asked.length, 5);
  }, { maxApiCalls: 3 });
});

Deno.test("without allowNet fetch() says that there is no network, and the helpers are there", async () => {
  await withCells(async ({ value, failure }) => {
    assert.equal(
      await failure("await fetch('http://127.0.0.1/')"),
      "TypeError: Cannot fetch: this sandbox has no network",
    );
    assert.equal(await value("await new Response(JSON.stringify([1])).json()"), "[ 1 ]");
  });
});

Deno.test("URL and URLSearchParams follow each other", async () => {
  await withCells(async ({ value, failure }) => {
    assert.equal(
      await value(`const url = new URL("../q?x=1&x=2#h", "https://me:pw@example.org:443/a/b/");
url.searchParams.append("y z", "ä&~"); url.hash = ""; url.port = "8443"; url.username = "";
[url.href, url.origin, url.search, url.searchParams.getAll("x"), \`\${url}\` === JSON.parse(JSON.stringify(url))]`),
      '[\n  "https://:pw@example.org:8443/a/q?x=1&x=2&y+z=%C3%A4%26%7E",\n  "https://example.org:8443",\n' +
        '  "?x=1&x=2&y+z=%C3%A4%26%7E",\n  [ "1", "2" ],\n  true\n]',
    );
    assert.equal(
      await value(
        'const q = url.searchParams; url.search = "?a=%ff+%41&b"; q.set("b", "1"); [...q, q.size, `${q}`]',
      ),
      '[ [ "a", "\ufffd A" ], [ "b", "1" ], 2, "a=%EF%BF%BD+A&b=1" ]',
    );
    assert.equal(
      await value(`const list = new URLSearchParams([["b", "1"], ["a", "2"], ["b", "3"]]);
list.sort(); list.delete("b", "1"); [\`\${list}\`, list.has("a"), list.get("none"), \`\${new URLSearchParams({ x: 1 } as any)}\`]`),
      '[ "a=2&b=3", true, null, "x=1" ]',
    );
    assert.equal(
      await value(
        '[URL.canParse("x"), URL.parse("x"), URL.parse("x", "http://h")?.href, new URL("HTTP://H:80/%7e").href]',
      ),
      '[ false, null, "http://h/x", "http://h/%7e" ]',
    );
    assert.match(await failure('new URL("no url")'), /^TypeError: Invalid URL: "no url"/);
    assert.match(await failure('url.href = "nothing"'), /^TypeError: Invalid URL/);
    assert.equal(await value("new URL('http://h/')"), 'URL { href: "http://h/" }');
  });
});

Deno.test("text, bytes, copies and random numbers have the web's helpers", async () => {
  await withCells(async ({ value, failure }) => {
    assert.equal(
      await value(
        `const utf8 = new TextEncoder().encode("\\ufeffa€😀\\ud800"), stream = new TextDecoder("utf8", { ignoreBOM: true });
let text = ""; for (const byte of utf8) text += stream.decode(Uint8Array.of(byte), { stream: true });
text += stream.decode();
[utf8.length, text === "\\ufeffa€😀\\ufffd", new TextDecoder().decode(utf8).length, new TextDecoder("latin1").decode(Uint8Array.of(228))]`,
      ),
      '[ 14, true, 5, "ä" ]',
    );
    assert.match(
      await failure('new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.of(255))'),
      /^TypeError: Cannot decode: the bytes are not utf-8/,
    );
    assert.match(await failure('new TextDecoder("klingon")'), /^RangeError: Cannot decode "klingon"/);
    assert.equal(
      await value('[btoa("h\u00e9"), atob(" aOk= ") === "h\u00e9", atob(btoa("\\0\\x80\\xff")).length]'),
      '[ "aOk=", true, 3 ]',
    );
    assert.match(await failure('btoa("€")'), /^InvalidCharacterError: Cannot encode/);
    assert.match(await failure('atob("*")'), /^InvalidCharacterError: Cannot decode/);
    assert.equal(
      await value(
        `const data: any = { list: [1, , new Date(0)], map: new Map([["k", new Set([/x/g])]]), view: new Uint16Array([7]) };
data.self = data; data.error = new RangeError("e", { cause: data });
const copy = structuredClone(data);
[copy !== data, copy.self === copy, copy.error.cause === copy, copy.map.get("k").size, copy.view[0], copy.list, copy.error.name]`,
      ),
      '[\n  true,\n  true,\n  true,\n  1,\n  7,\n  [ 1, <1 empty item>, 1970-01-01T00:00:00.000Z ],\n  "RangeError"\n]',
    );
    assert.match(await failure("structuredClone({ f() {} })"), /^DataCloneError: Cannot clone/);
    assert.match(await failure("structuredClone([new URL('http://h')])"), /^DataCloneError/);
    assert.equal(
      await value(`const numbers = crypto.getRandomValues(new Uint32Array(64));
[new Set(numbers).size > 60, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID())]`),
      "[ true, true ]",
    );
    assert.match(await failure("crypto.getRandomValues(new Uint8Array(1e6))"), /^QuotaExceededError/);
  });
});

Deno.test("AbortController tells its listeners once", async () => {
  await withCells(async ({ value }) => {
    assert.equal(
      await value(
        `const told: unknown[] = []; const controller = new AbortController(); const { signal } = controller;
const never = () => told.push("never"); signal.addEventListener("abort", never); signal.removeEventListener("abort", never);
signal.addEventListener("abort", ({ type }) => told.push(type)); signal.onabort = () => told.push(1);
const any = AbortSignal.any([signal, AbortSignal.timeout(1e6)]);
controller.abort("why"); controller.abort("again");
[told, signal.aborted, signal.reason, any.reason, AbortSignal.abort().reason.name]`,
      ),
      '[ [ 1, "abort" ], true, "why", "why", "AbortError" ]',
    );
    assert.equal(
      await value(`const timed = AbortSignal.timeout(1);
await new Promise((resolve) => timed.addEventListener("abort", resolve)); [timed.aborted, timed.reason.name]`),
      '[ true, "TimeoutError" ]',
    );
  });
});
