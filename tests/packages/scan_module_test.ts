import assert from "node:assert/strict";
import { scanModule } from "../../src/packages/mod.ts";

const uses = (source: string) =>
  scanModule(source).uses.map(({ permission, target = "*", by }) => `${permission} ${target} ${by}`);

Deno.test("scanModule() lists what a module imports, types left out", () => {
  const { imports } = scanModule(`
    import { a } from "./a.ts"; import b, { type B } from '../b.ts';
    import type { C } from "./c.ts"; export type { D } from "./d.ts";
    export * from "npm:zod@4"; export { e } from "./e.ts"; import "jsr:@x/y";
    const f = await import("./f.ts");
    // import "./not.ts";
    const text = 'import "./neither.ts"';
  `);
  assert.deepEqual(imports, ["../b.ts", "./a.ts", "./e.ts", "./f.ts", "jsr:@x/y", "npm:zod@4"]);
});

Deno.test("scanModule() names environment variables, through constants too", () => {
  const { environment } = scanModule(`
    const KEY: string = "FMP_KEY";
    Deno.env.get(KEY); Deno.env.has("OTHER"); process.env.THIRD; process.env["FOURTH"];
    /* Deno.env.get("COMMENT") */ const s = "Deno.env.get('TEXT')";
  `);
  assert.deepEqual(environment, ["FMP_KEY", "FOURTH", "OTHER", "THIRD"]);
});

Deno.test("scanModule() says when any variable may be read", () => {
  assert.deepEqual(uses("Deno.env.toObject()"), ["env * Deno.env"]);
  assert.deepEqual(uses("Deno.env.get(name())"), ["env * Deno.env"]);
  assert.deepEqual(uses("const all = { ...process.env };"), ["env * process.env"]);
});

Deno.test("scanModule() names the hosts that a module may ask, and says when there may be others", () => {
  assert.deepEqual(uses("fetch('https://api.example.com:8443/v1')"), ["net api.example.com:8443 fetch"]);
  assert.deepEqual(uses("fetch(`https://${host}/v1`)"), ["net * fetch"]);
  assert.deepEqual(uses("fetch(`https://api.example.com/${path}`)"), ["net api.example.com fetch"]);
  assert.deepEqual(uses("new WebSocket('wss://user:x@Ws.Example.com/')"), ["net ws.example.com WebSocket"]);
  assert.deepEqual(scanModule("const docs = 'https://docs.example.com';").uses, []);
});

Deno.test("scanModule() tells the permissions of Deno's functions, with the target where it is written out", () => {
  assert.deepEqual(uses("new Deno.Command('git', {})"), ["run git Deno.Command"]);
  assert.deepEqual(uses("Deno.readTextFileSync('./x.txt'); Deno.writeFile(path, data)"), [
    "read ./x.txt Deno.readTextFileSync",
    "write * Deno.writeFile",
  ]);
  assert.deepEqual(uses("Deno.open(path)"), ["read * Deno.open"]);
  assert.deepEqual(uses("Deno.open(path, { append: true })"), ["write * Deno.open"]);
  assert.deepEqual(uses("Deno.open(path, options)"), ["read * Deno.open", "write * Deno.open"]);
  assert.deepEqual(uses("const { remove: rm, hostname } = Deno;"), [
    "sys * Deno.hostname",
    "write * Deno.remove",
  ]);
});

Deno.test("scanModule() tells the permissions of Node's modules", () => {
  assert.deepEqual(uses('import fs from "node:fs";'), ["read * node:fs", "write * node:fs"]);
  assert.deepEqual(uses('import { createReadStream } from "node:fs";'), ["read * node:fs"]);
  assert.deepEqual(uses('import { spawn } from "node:child_process";'), ["run * node:child_process"]);
});

Deno.test("scanModule() tells the hosts of remote imports", () => {
  assert.deepEqual(uses('import "https://esm.sh/x.ts";'), ["import esm.sh https://esm.sh/x.ts"]);
});

Deno.test("scanModule() tells where stores keep what they are given, and what opens a browser", () => {
  assert.deepEqual(uses('sqliteStore(".lllm/log.db")'), [
    "read .lllm sqliteStore",
    "write .lllm sqliteStore",
  ]);
  assert.deepEqual(uses('const FILE = "/var/log.db"; sqliteStore(FILE)'), [
    "read /var sqliteStore",
    "write /var sqliteStore",
  ]);
  assert.deepEqual(uses('sqliteStore("log.db")'), ["read . sqliteStore", "write . sqliteStore"]);
  assert.deepEqual(uses('localStore("runs/a", { runtime })'), [
    "read runs/a localStore",
    "write runs/a localStore",
  ]);
  assert.deepEqual(uses("localStore(dir)"), ["read * localStore", "write * localStore"]);
  assert.deepEqual(
    uses('sqliteStore(":memory:"); import { sqliteStore } from "x"; log.sqliteStore("a/b");'),
    [],
  );
  const postgres = uses('postgresStore("postgres://me:secret@db.example.com/logs")');
  assert.ok(postgres.includes("net db.example.com:5432 postgresStore"));
  assert.ok(postgres.includes("env PGSSL postgresStore"));
  const { apis, uses: none } = scanModule("await openBrowserComputer({ allowHosts: [] })");
  assert.deepEqual([apis, none], [["openBrowserComputer"], []]);
});

Deno.test("scanModule() tells what it cannot follow", () => {
  const opaque = (source: string) => scanModule(source).opaque;
  assert.deepEqual(opaque("eval(code)"), ["eval()"]);
  assert.deepEqual(opaque("new Function('a', body)"), ["new Function()"]);
  assert.deepEqual(opaque("await import(name)"), ["import() of a computed name"]);
  assert.deepEqual(opaque("Deno['env']"), ["Deno[…]"]);
  assert.deepEqual(opaque("const d = Deno; d.env"), ["Deno as a value"]);
  assert.deepEqual(opaque("globalThis['De' + 'no']"), ["globalThis[…]"]);
  assert.deepEqual(opaque("const { readFile } = Deno; Deno.errors.NotFound"), []);
});

Deno.test("scanModule() is not misled by comments, texts and regular expressions", () => {
  const source = "const r = /[\"'`/]*\\/\\//g, q = a / b / c; // fetch('https://a.example')\n" +
    "const t = `fetch(${ fetch(`https://${'b.example'}/`) /* } */ })`;\n" +
    "if (x) /`/.test(y);\nDeno.remove('z');";
  assert.deepEqual(uses(source), ["net * fetch", "write z Deno.remove"]);
});

Deno.test("scanModule() names the proxies that are declared", () => {
  const { proxies } = scanModule(`
    @proxy({ name: "FMP", path: "finance/fmp", description: "x" }) class A {}
    export const b = defineProxy({ path: "b", endpoints: {} });
  `);
  assert.deepEqual(proxies, ["b", "finance/fmp"]);
});
