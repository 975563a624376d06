/**
 * Attacks on `fetch` where there is a network: what is sent, where to, and what comes back.
 *
 * @module
 */
import { type Attack, type Expectation, lines } from "./_runner.ts";
import { FOREIGN_DEEP, SPY, useAll } from "./_typescript_web.ts";

const OWN: Expectation = { outcome: "ok", value: '"own"' };

/**
 * The attacks, for a sandbox that may reach `127.0.0.1:<port>`, a server that answers with the JSON of what it was asked,
 * and the name `localhost` with port `otherPort`, but no address that it stands for.
 */
export function typescriptNetAttacks(port: number, otherPort: number): readonly Attack[] {
  const base = `http://127.0.0.1:${port}`;
  const refused = (id: string, url: string, text: RegExp): Attack => ({
    id,
    code: `await fetch(${url})`,
    expect: { outcome: "error", error: "TypeError", text },
  });
  const echo =
    `const told: any = await (await fetch("${base}/x", options)).json(); [told.method, told.path, told.body, told.headers["x-own"], told.headers["x-evil"]]`;
  const SENT = '[ "POST", "/x", "b", "1", undefined ]';
  const OPTIONS = `const options: any = { method: "POST", body: "b", headers: { "X-Own": "1" } };`;

  return [
    // Objects.
    { id: "ts-net-objects", code: lines(FOREIGN_DEEP, useAll(`"${base}/"`), "foreign(made)"), expect: OWN },
    {
      id: "ts-net-spy",
      code: lines(FOREIGN_DEEP, SPY, useAll(`"${base}/"`), "foreign(seen)"),
      expect: OWN,
      harms: true,
    },
    {
      id: "ts-net-constructors",
      code: lines(
        `const response = await fetch("${base}/"), promise = fetch("${base}/"), error = await fetch("http://example.org/").catch((e) => e);`,
        "const data: any = await response.clone().json(), bytes = await response.bytes(), buffer = bytes.buffer;",
        "[response, response.headers, response.headers.entries(), promise, error, data, data.headers, bytes, buffer].map((value: any) => {",
        "  try { return typeof value.constructor.constructor('return Deno')() } catch (error) { return error.name }",
        "}).filter((name) => name !== 'EvalError')",
      ),
      expect: { outcome: "ok", value: "[]" },
    },
    // What is sent.
    {
      id: "ts-net-tojson",
      code: lines(
        "for (const kind of [Object, Array, String, Number] as any[]) kind.prototype.toJSON = () => ({ url: 'http://example.org/', headers: [['x-evil', '1']] });",
        OPTIONS,
        echo,
      ),
      expect: { outcome: "ok", value: SENT },
      harms: true,
    },
    {
      id: "ts-net-tamper",
      code: lines(
        OPTIONS,
        `JSON.stringify = () => '{"method":"GET","url":"http://example.org/","headers":[]}'; JSON.parse = () => ({ evil: 1 });`,
        "Reflect.apply = Reflect.defineProperty = () => { throw 1 }; (globalThis as any).TypeError = null; Uint8Array.fromBase64 = () => { throw 1 };",
        echo,
      ),
      expect: { outcome: "ok", value: SENT },
      harms: true,
    },
    {
      id: "ts-net-pollution",
      code: lines(
        "Object.assign(Object.prototype, { url: 'http://example.org/', method: 'DELETE', body: 'evil', headers: { 'x-evil': '1' }, redirect: 'manual', timeoutMs: 'x', error: { kind: 'refused', message: 'forged' } });",
        `const told: any = await (await fetch("${base}/x")).json(); [told.method, told.path, told.body, told.headers["x-evil"]]`,
      ),
      expect: { outcome: "ok", value: '[ "GET", "/x", "", undefined ]' },
      harms: true,
    },
    {
      id: "ts-net-crlf",
      code:
        `await fetch("${base}/x", { headers: { "x-own": "1\\r\\nX-Evil: 1\\r\\n\\r\\nGET /evil HTTP/1.1" } })`,
      expect: { outcome: "error", error: "TypeError", text: /Cannot send header "x-own"/ },
    },
    {
      id: "ts-net-crlf-tampered",
      code: lines(
        "RegExp.prototype.test = () => true; RegExp.prototype.exec = () => null; String.prototype.replaceAll = function (this: string) { return `${this}` };",
        `await fetch("${base}/x", { headers: { "x-own": "1\\r\\nX-Evil: 1" } })`,
      ),
      expect: { outcome: "error", error: "TypeError", text: /Cannot send header "x-own"/ },
      harms: true,
    },
    {
      id: "ts-net-crlf-url",
      code:
        `const told: any = await (await fetch("${base}/x\\r\\nX-Evil: 1")).json(); [told.path, told.headers["x-evil"]]`,
      expect: { outcome: "ok", value: '[ "/xX-Evil:%201", undefined ]' },
    },
    {
      id: "ts-net-crlf-method",
      code: `await fetch("${base}/x", { method: "GET /evil HTTP/1.1\\r\\n" })`,
      expect: { outcome: "error", error: "TypeError", text: /Cannot request by method/ },
    },
    {
      id: "ts-net-smuggled-length",
      code: lines(
        `const options: any = { method: "POST", body: "b", headers: { "X-Own": "1", "Content-Length": "0", "Transfer-Encoding": "chunked", "Connection": "keep-alive" } };`,
        echo,
      ),
      expect: { outcome: "ok", value: SENT },
    },
    {
      id: "ts-net-getters",
      code: lines(
        "const twice = (first: string, then: string) => { let reads = 0; return { toString: () => reads++ === 0 ? first : then } };",
        `const options: any = { method: twice("POST", "CONNECT"), get body() { return "b" }, headers: { "X-Own": twice("1", "2") }, redirect: "follow" };`,
        "Object.defineProperty(options, 'redirect', { get() { options.method = 'DELETE'; return 'follow' } });",
        echo,
      ),
      expect: { outcome: "ok", value: SENT },
    },
    {
      id: "ts-net-reentrant",
      code: lines(
        `const inner: Promise<any>[] = []; const again = () => { inner.push(fetch("${base}/inner", { headers: { "x-evil": "1" } })); return "1" };`,
        `const options: any = { method: "POST", body: "b", headers: { "X-Own": { toString: again } } };`,
        echo,
      ),
      expect: { outcome: "ok", value: SENT },
    },
    {
      id: "ts-net-answers-mixed",
      code: lines(
        `const all = await Promise.all(Array.from({ length: 50 }, async (_, n) => n % 2 ? (await (await fetch("${base}/" + n)).json() as any).path : await CALL_API("/" + n)));`,
        "all.every((given, n) => n % 2 ? given === '/' + n : JSON.stringify(given) === '{}')",
      ),
      expect: { outcome: "ok", value: "true", calls: 25 },
    },
    // Where it is sent.
    {
      id: "ts-net-url-object",
      code: lines(
        "class Evil extends URL { get href(): any { return 'http://example.org/' } toString(): any { return 'http://example.org/' } }",
        `const request: any = new Request("${base}/"); request.url = "http://example.org/"; const url: any = new Evil("${base}/");`,
        "const texts = []; for (const input of [url, request, { toString: () => 'http://example.org/' }]) texts.push(await fetch(input).then(() => 'REACHED', (error) => error.message.slice(0, 24)));",
        "[...new Set(texts)]",
      ),
      expect: { outcome: "ok", value: '[ "Cannot reach example.org" ]' },
    },
    {
      id: "ts-net-schemes",
      code: lines(
        "const urls = ['file:///etc/passwd', 'data:text/plain,x', 'blob:null/x', 'ws://127.0.0.1/', 'ftp://127.0.0.1/', 'javascript:1', 'node:fs', 'about:blank', 'view-source:http://x'];",
        "const texts = await Promise.all(urls.map((url) => fetch(url).then(() => 'REACHED', (error) => /expected http or https/.test(error.message))));",
        "[...new Set(texts)]",
      ),
      expect: { outcome: "ok", value: "[ true ]" },
    },
    {
      id: "ts-net-addresses",
      code: lines(
        `const urls = ["http://127.0.0.1/", "http://127.0.0.1:${otherPort}/", "http://[::1]:${port}/", "http://[::ffff:7f00:1]:${port}/", "http://0.0.0.0:${port}/", "http://127.0.0.2:${port}/",`,
        `  "http://localhost:${port}/", "http://169.254.169.254/", "http://127.0.0.1.nip.io:${port}/", "https://127.0.0.1:${otherPort}/", "http://example.org#@127.0.0.1:${port}/", "http://example.org\\\\@127.0.0.1:${port}/"];`,
        "const texts = await Promise.all(urls.map((url) => fetch(url).then(() => 'REACHED ' + url, (error) => /this sandbox may reach only/.test(error.message))));",
        "[...new Set(texts)]",
      ),
      expect: { outcome: "ok", value: "[ true ]" },
    },
    refused(
      "ts-net-name-of-loopback",
      `"http://localhost:${otherPort}/"`,
      /a loopback address, and such an address must itself be among the hosts/,
    ),
    refused("ts-net-credentials", `"http://user:pw@127.0.0.1:${port}/"`, /without user and password/),
    refused("ts-net-userinfo", `"http://127.0.0.1:${port}@example.org/"`, /without user and password/),
    refused(
      "ts-net-redirect",
      `"${base}/redirect?to=http://localhost:${otherPort}/"`,
      /a loopback address/,
    ),
    refused("ts-net-redirect-file", `"${base}/redirect?to=file:///etc/passwd"`, /expected http or https/),
    // Time.
    {
      id: "ts-net-hang",
      code: `for (;;) { try { await fetch("${base}/hang") } catch {} }`,
      expect: { outcome: "timeout", error: "TimeoutError" },
      timeoutMs: 300,
    },
    {
      id: "ts-net-retries",
      code: `for (;;) { try { await fetch("http://127.0.0.1:1/") } catch {} }`,
      // On a machine that stands still for a moment the host ends it before it has ended itself.
      expect: { outcome: "timeout", error: ["TimeoutError", "SandboxError"], stateLost: "maybe" },
      timeoutMs: 300,
    },
    {
      id: "ts-net-late",
      code: `setTimeout(() => fetch("${base}/late"), 5); 1`,
      expect: { outcome: "ok", value: "1" },
    },
  ];
}
