import assert from "node:assert/strict";
import { LLLMError } from "../../src/errors.ts";
import { recordingRunner, RunContext } from "../../src/run/mod.ts";
import { createSandbox, type NetRequestInfo, type Sandbox } from "../../src/sandbox/mod.ts";
import { withPython } from "./_helpers.ts";

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
function serve(tls: { readonly key?: string; readonly cert?: string } = {}): TestServer {
  const asked: Asked[] = [];
  const held = Promise.withResolvers<void>();
  const handler = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    const body = await request.text();
    asked.push({
      method: request.method,
      path: url.pathname,
      headers: Object.fromEntries(request.headers),
      body,
    });
    const target = url.searchParams.get("to") ?? "";
    if (url.pathname === "/redirect") {
      return new Response(null, { status: 302, headers: { location: target } });
    }
    if (url.pathname === "/loop") return new Response(null, { status: 302, headers: { location: "/loop" } });
    if (url.pathname === "/hang") await held.promise;
    if (url.pathname === "/large") return new Response(new Uint8Array(17 * 1024 * 1024));
    if (url.pathname === "/missing") return new Response("none", { status: 404 });
    return Response.json(asked.at(-1), { headers: { "set-cookie": "a=1", "x-kind": "echo" } });
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {}, ...tls }, handler);
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

async function failure(sandbox: Sandbox, code: string): Promise<string> {
  const { outcome, error } = await sandbox.runCell(code);
  assert.equal(outcome, "error", code);
  return `${error?.name}: ${error?.message}`;
}

Deno.test("allowNet lets urllib, http.client and pyfetch reach a listed host", async () => {
  await using server = serve();
  const log: NetRequestInfo[] = [];
  await withPython(async (sandbox) => {
    const value = async (code: string) => {
      const result = await sandbox.runCell(code);
      assert.equal(result.outcome, "ok", result.toText());
      return result.value;
    };
    await value(`import json, urllib.request, urllib.error, http.client
from pyodide.http import pyfetch, open_url
base = "${server.url}"`);
    assert.equal(
      await value(`with urllib.request.urlopen(base + "/a?b=1") as r:
    answer = (r.status, r.headers["x-kind"], json.load(r)["path"])
answer`),
      "(200, 'echo', '/a')",
    );
    assert.equal(
      await value(
        `request = urllib.request.Request(base + "/p", data=b"x" * 100000, headers={"X-Own": "1", "Host": "other"})
answer = json.load(urllib.request.urlopen(request))
answer["method"], len(answer["body"]), answer["headers"]["x-own"], answer["headers"]["host"] == base[7:]`,
      ),
      "('POST', 100000, '1', True)",
    );
    assert.equal(
      await value(`try:
    urllib.request.urlopen(base + "/missing")
except urllib.error.HTTPError as error:
    answer = error.code, error.read()
answer`),
      "(404, b'none')",
    );
    assert.equal(
      await value(`c = http.client.HTTPConnection("127.0.0.1", ${server.port}, timeout=5)
c.request("PUT", "/c", body=iter([b"ab", b"cd"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
json.loads(c.getresponse().read())["body"]`),
      "'abcd'",
    );
    assert.equal(
      await value(`c = http.client.HTTPConnection("127.0.0.1", ${server.port})
c.request("HEAD", "/h")
r = c.getresponse()
r.status, r.read(), r.getheader("content-type")`),
      "(200, b'', 'application/json')",
    );
    assert.equal(
      await value(
        `r = await pyfetch(base + "/redirect?to=/end", method="POST", body="text", headers={"authorization": "me"})
data = await r.json()
r.status, r.ok, r.redirected, r.url == base + "/end", data["method"], data["body"], data["headers"]["authorization"]`,
      ),
      "(200, True, True, True, 'GET', '', 'me')",
    );
    assert.equal(await value(`json.load(open_url(base + "/text"))["path"]`), "'/text'");
    assert.equal(
      await value(`r = await pyfetch(base + "/missing")
try:
    r.raise_for_status()
except OSError as error:
    answer = type(error).__name__, await r.string()
answer`),
      "('HttpStatusError', 'none')",
    );
  }, { allowNet: [`127.0.0.1:${server.port}`], onNetRequest: (request) => log.push(request) });
  assert.equal(log.length, server.asked.length);
  const { durationMs, ...first } = log[0]!;
  assert(durationMs > 0);
  assert.deepEqual(first, {
    method: "GET",
    url: `${server.url}/a?b=1`,
    address: "127.0.0.1",
    status: 200,
    refused: false,
    requestBytes: 0,
    responseBytes: first.responseBytes,
  });
  for (const { headers } of server.asked) assert.equal(headers.cookie, undefined, "no cookies are kept");
});

Deno.test("allowNet refuses what is not listed, also behind redirects, and says what is", async () => {
  await using server = serve();
  await using other = serve();
  const log: NetRequestInfo[] = [];
  const allowNet = [`127.0.0.1:${server.port}`, `localhost:${other.port}`];
  await withPython(async (sandbox) => {
    await sandbox.runCell("import urllib.request\nfrom pyodide.http import pyfetch");
    const refused = [
      `urllib.request.urlopen("${other.url}/")`,
      `urllib.request.urlopen("http://example.org/")`,
      `urllib.request.urlopen("${server.url}/redirect?to=${other.url}/")`,
      `await pyfetch("${server.url}/redirect?to=${other.url}/")`,
      `await pyfetch("${server.url}/redirect?to=//127.0.0.1:${other.port}/")`,
      `await pyfetch("http://example.org/127.0.0.1:${server.port}/")`,
      `await pyfetch("http://[::ffff:127.0.0.1]:${server.port}/")`,
    ];
    for (const code of refused) {
      const text = await failure(sandbox, code);
      assert(text.includes(`this sandbox may reach only ${allowNet.join(", ")}`), text);
    }
    assert.match(await failure(sandbox, refused[0]!), /^URLError: <urlopen error Cannot reach 127\.0\.0\.1:/);
    assert.match(
      await failure(sandbox, `await pyfetch("http://localhost:${other.port}/")`),
      /Cannot reach localhost:\d+: it is at .+, a loopback address, and such an address must itself be among the hosts/,
    );
    for (const scheme of ["ftp://127.0.0.1", "file:///etc/passwd", "ws://127.0.0.1", "data:,a"]) {
      assert.match(await failure(sandbox, `await pyfetch("${scheme}")`), /expected http or https/);
    }
    assert.match(
      await failure(sandbox, `await pyfetch("http://127.0.0.1:${server.port}@example.org/")`),
      /expected a URL without user and password/,
    );
    assert.match(await failure(sandbox, `await pyfetch("nothing")`), /expected a whole URL/);
    assert.match(await failure(sandbox, `await pyfetch("${server.url}/loop")`), /at most 5 redirects/);
    assert.match(
      await failure(sandbox, `await pyfetch("${server.url}/redirect?to=/end", redirect="error")`),
      /it redirects to/,
    );
    assert.equal(
      (await sandbox.runCell("import socket\nsocket.create_connection(('127.0.0.1', 1))")).outcome,
      "error",
    );
    assert.equal((await sandbox.runCell("import pyodide.ffi")).error?.name, "ModuleNotFoundError");
  }, { allowNet, onNetRequest: (request) => log.push(request) });
  assert.deepEqual(other.asked, []);
  const refusals = log.filter((request) => request.refused);
  assert(refusals.length > 10);
  for (const { error, status } of refusals) {
    assert.match(error ?? "", /^Cannot /);
    assert.equal(status, undefined);
  }
});

Deno.test("allowNet reaches a name at a loopback address once that address is listed too", async () => {
  await using server = serve();
  const { port } = server;
  await withPython(async (sandbox) => {
    const { value } = await sandbox.runCell(
      `import urllib.request\nurllib.request.urlopen("http://localhost:${port}/").status`,
    );
    assert.equal(value, "200");
  }, { allowNet: [`localhost:${port}`, `127.0.0.1:${port}`] });
  assert.equal(server.asked[0]?.headers.host, `localhost:${port}`);
});

Deno.test("allowNet limits sizes and headers, and says how much is allowed", async () => {
  await using server = serve();
  await withPython(async (sandbox) => {
    await sandbox.runCell("from pyodide.http import pyfetch");
    const get = (rest: string) => failure(sandbox, `await pyfetch("${server.url}/"${rest})`);
    assert.match(
      await failure(sandbox, `await pyfetch("${server.url}/large")`),
      /more than 16777216 bytes; ask for less/,
    );
    assert.match(
      await get(`, method="POST", body=b"x" * (4 * 1024 * 1024 + 1)`),
      /at most 4194304 bytes, found 4194305/,
    );
    assert.match(await get(` + "x" * 9000`), /a URL of at most 8192 characters, found 90\d\d/);
    const withPassword = `import urllib.request\nurllib.request.urlopen("${
      server.url.replace("//", "//u:p@")
    }/")`;
    assert.match(
      await failure(sandbox, withPassword),
      /Cannot request "http:\/\/127\.0\.0\.1:\d+\/": expected a URL without user and password/,
    );
    assert.match(await get(`, headers={"a": "b\\r\\nHost: evil"}`), /Cannot send header "a"/);
    assert.match(await get(`, headers={"a b": "c"}`), /Cannot send header "a b"/);
    assert.match(await get(`, headers={"a": "x" * 70000}`), /headers of at most 65536 bytes/);
    assert.match(await get(`, method="CONNECT"`), /Cannot request by method "CONNECT"/);
    assert.match(await get(`, credits=1`), /pyfetch\(\) has no option 'credits'/);
    const sent = await sandbox.runCell(
      `r = await pyfetch("${server.url}/", method="POST", body=b"x" * (4 * 1024 * 1024), headers={
    "Transfer-Encoding": "chunked", "Content-Length": "1", "Connection": "upgrade", "Proxy-Authorization": "x"})
len((await r.json())["body"])`,
    );
    assert.equal(sent.value, "4194304");
  }, { allowNet: [`127.0.0.1:${server.port}`] });
  assert.deepEqual(server.asked.map(({ path }) => path), ["/large", "/"]);
  assert.equal(server.asked[1]?.headers["proxy-authorization"], undefined);
  assert.equal(server.asked[1]?.headers["content-length"], "4194304");
});

Deno.test("allowNet ends a request at its own time limit, the cell's, and an interrupt", async () => {
  await using server = serve();
  await withPython(async (sandbox) => {
    await sandbox.runCell("import urllib.request\nkept = 1");
    const hang = `urllib.request.urlopen("${server.url}/hang"`;
    assert.match(await failure(sandbox, `${hang}, timeout=0.05)`), /Timed out: no answer .* within 50 ms/);
    const late = await sandbox.runCell(`${hang})`, { timeoutMs: 300 });
    assert.equal(late.outcome, "timeout");
    assert.equal(late.stateLost, false);
    const controller = new AbortController();
    const cancelled = sandbox.runCell(`${hang})`, { signal: controller.signal });
    while (server.asked.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort();
    assert.equal((await cancelled).outcome, "cancelled");
    assert.equal((await sandbox.runCell("kept")).value, "1");
  }, { allowNet: [`127.0.0.1:${server.port}`] });
});

Deno.test("allowNet makes each request a step of the run, redirects included", async () => {
  await using server = serve();
  const steps = recordingRunner();
  const run = new RunContext({ signal: new AbortController().signal, steps });
  await withPython(async (sandbox) => {
    const code = `from pyodide.http import pyfetch\n(await pyfetch("${server.url}/redirect?to=/end")).status`;
    assert.equal((await run.enter(() => sandbox.runCell(code))).value, "200");
    await run.enter(() => sandbox.runCell(`await pyfetch("http://example.org/")`));
  }, { allowNet: [`127.0.0.1:${server.port}`] });
  assert.deepEqual(
    steps.steps.map(({ kind, name, path }) => ({ kind, name, path })),
    [0, 1].map((ordinal) => ({
      kind: "api",
      name: `net:127.0.0.1:${server.port}`,
      path: `net:127.0.0.1:${server.port}#${ordinal}`,
    })),
  );
  assert.deepEqual(steps.steps[1]?.output, JSON.parse(JSON.stringify(steps.steps[1]?.output)));
});

Deno.test("allowNet speaks TLS, and trusts certificates as the host program does", async () => {
  const read = (name: string) =>
    Deno.readTextFileSync(new URL(`../_fixtures/tls/${name}.pem`, import.meta.url));
  await using server = serve({ key: read("key"), cert: read("certificate") });
  const { port } = server;
  const host = `
    import { createSandbox } from ${JSON.stringify(import.meta.resolve("../../src/sandbox/mod.ts"))};
    await using sandbox = await createSandbox({
      language: "python", allowNet: ["127.0.0.1:${port}", "localhost:${port}"],
    });
    const code = 'import urllib.request, http.client\\n' +
      'urllib.request.urlopen("https://localhost:${port}/").status, urllib.request.urlopen("https://127.0.0.1:${port}/").status';
    console.log((await sandbox.runCell(code)).toText().split("\\n").at(-1));`;
  const program = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(program, host);
  const runHost = async (flags: string[]): Promise<string> => {
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-lock", `--config=${config}`, ...flags, program],
      env: { NO_COLOR: "1" },
    });
    const { stdout, stderr } = await command.output();
    return new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  };
  try {
    const authority = new URL("../_fixtures/tls/authority.pem", import.meta.url).pathname;
    assert.equal(await runHost([`--cert=${authority}`]), "=> (200, 200)\n");
    assert.match(await runHost([]), /URLError: <urlopen error Cannot request https:.*[Cc]ertificate/);
    assert.equal(server.asked.length, 2);
  } finally {
    await Deno.remove(program);
  }
});

Deno.test("allowNet refuses entries that are no exact hosts, and hosts that the program itself may not reach", async () => {
  for (const entry of ["*.example.org", "Example.org", "http://example.org", "a.b:0", "::1", "127.1", ""]) {
    await assert.rejects(createSandbox({ language: "python", allowNet: [entry] }), (error: unknown) => {
      return error instanceof RangeError && error.message.includes(JSON.stringify(entry));
    });
  }
});

Deno.test({
  name: "allowNet needs the host's permission for the listed host alone",
  permissions: { read: true, write: true, run: true, env: true, net: ["127.0.0.1", "localhost"] },
  async fn() {
    await using server = serve();
    const allowNet = [`127.0.0.1:${server.port}`];
    await withPython(async (sandbox) => {
      const code = `import urllib.request\nurllib.request.urlopen("${server.url}/").status`;
      assert.equal((await sandbox.runCell(code)).value, "200");
    }, { allowNet });
    await assert.rejects(
      createSandbox({ language: "python", allowNet: ["example.org"] }),
      (error: unknown) => {
        assert(LLLMError.isInstance(error));
        assert.equal(error.code, "config_invalid");
        assert.match(error.message, /expected the permission --allow-net=example\.org, found it missing$/);
        return true;
      },
    );
  },
});

Deno.test("without allowNet there is no network, by any of its ways", async () => {
  await using server = serve();
  await withPython(async (sandbox) => {
    for (
      const code of [
        `import urllib.request\nurllib.request.urlopen("${server.url}/")`,
        `import http.client\nhttp.client.HTTPConnection("127.0.0.1", ${server.port}).request("GET", "/")`,
        `import pyodide.http\npyodide.http.open_url("${server.url}/")`,
        `from pyodide.http import pyfetch\nawait pyfetch("${server.url}/")`,
        `import socket\nsocket.create_connection(("127.0.0.1", ${server.port}))`,
        // The request that the network module would send, written by hand.
        `import os\nos.write(1000, b'N{"method":"GET","url":"${server.url}/","headers":[]}')\nanswer = os.read(1000, 9999)\n` +
        "assert b'This sandbox has no network' in answer, answer\nraise OSError('refused')",
      ]
    ) assert.equal((await sandbox.runCell(code)).outcome, "error", code);
  });
  assert.deepEqual(server.asked, []);
});
