import assert from "node:assert/strict";
import { fromFileUrl } from "@std/path";
import { recordingRunner, RunContext } from "../../src/run/mod.ts";
import { loadSkills, type LoadSkillsOptions, type Skill, SkillCache } from "../../src/skills/mod.ts";
import { skillText } from "./_skills_on_disk.ts";

const TEXT = skillText(
  { name: "web", description: "From afar", "allowed-tools": "Read" },
  "Do it from afar.",
);

/** A server of skills; it counts what it is asked. */
interface SkillServer extends AsyncDisposable {
  readonly host: string;
  readonly asked: string[];
  /** Settles when the slow path is asked for. */
  readonly waiting: Promise<void>;
}

function serve(tls: { key?: string; cert?: string } = {}): SkillServer {
  const asked: string[] = [];
  const [held, waiting] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    asked.push(url.pathname);
    const markdown = { headers: { "content-type": "text/markdown; charset=utf-8" } };
    switch (url.pathname) {
      case "/to":
        return new Response(null, { status: 302, headers: { location: url.searchParams.get("url")! } });
      case "/loop":
        return new Response(null, { status: 302, headers: { location: "/loop" } });
      case "/slow":
        waiting.resolve();
        await held.promise;
        return new Response(TEXT, markdown);
      case "/large":
        return new Response(TEXT + "x".repeat(256 * 1024), markdown);
      case "/endless":
        return new Response(
          new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65536)) }),
          markdown,
        );
      case "/html":
        return new Response(TEXT, { headers: { "content-type": "text/html" } });
      case "/gzip":
        return new Response(TEXT, { headers: { "content-type": "text/plain", "content-encoding": "br" } });
      case "/plain":
        return new Response("Just text", markdown);
      case "/bytes":
        return new Response(new Uint8Array([0xff, 0xfe, 0x00]), markdown);
      case "/missing":
        return new Response("none", { status: 404 });
      default:
        return new Response(TEXT, markdown);
    }
  };
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {}, ...tls }, answer);
  return {
    host: `127.0.0.1:${server.addr.port}`,
    asked,
    waiting: waiting.promise,
    async [Symbol.asyncDispose](): Promise<void> {
      held.resolve();
      await server.shutdown();
    },
  };
}

/** Loads one URL: the skill, or why it was skipped. */
async function load(url: string, options: LoadSkillsOptions): Promise<Skill | string> {
  const skipped: string[] = [];
  const skills = await loadSkills([url], { onWarning: ({ message }) => skipped.push(message), ...options });
  assert.equal(skills.length + skipped.length, 1, skipped.join("\n"));
  return skills[0] ?? skipped[0]!;
}

Deno.test("loadSkills() fetches a SKILL.md, of which there is no folder and no other file", async () => {
  await using server = serve();
  const options = { allowNet: [server.host] };
  const web: Skill = {
    name: "web",
    description: "From afar",
    body: "Do it from afar.",
    dir: null,
    resources: [],
    allowedTools: ["Read"],
  };
  assert.deepEqual(await load(`http://${server.host}/web/SKILL.md#top`, options), web);
  assert.deepEqual(await load(`http://${server.host}/to?url=/other/SKILL.md`, options), web);
  assert.deepEqual(server.asked, ["/web/SKILL.md", "/to", "/other/SKILL.md"]);
});

Deno.test("loadSkills() reaches no address that is not public, unless it is listed, also behind redirects", async () => {
  await using server = serve();
  const port = server.host.split(":")[1]!;
  const options = { allowNet: [server.host] };
  const private_ = (url: string) => load(url, {});
  assert.match(await private_(`http://${server.host}/SKILL.md`) as string, /expected https, or a host/);
  for (
    const [url, use] of [
      [`https://${server.host}/SKILL.md`, "loopback"],
      [`https://localhost:${port}/SKILL.md`, "loopback"],
      [`https://[::1]:${port}/SKILL.md`, "loopback"],
      [`https://[::ffff:127.0.0.1]:${port}/SKILL.md`, "loopback"],
      [`https://2130706433:${port}/SKILL.md`, "loopback"],
      ["https://169.254.169.254/latest/SKILL.md", "link-local"],
      ["https://10.0.0.1/SKILL.md", "private"],
      ["https://0.0.0.0/SKILL.md", "unspecified"],
    ] as const
  ) {
    assert.match(await private_(url) as string, new RegExp(`Cannot reach .+, a ${use} address`), url);
  }
  const redirected = (url: string) =>
    load(`http://${server.host}/to?url=${encodeURIComponent(url)}`, options);
  assert.match(await redirected("http://example.org/SKILL.md") as string, /expected https, or a host/);
  assert.match(await redirected("https://169.254.169.254/SKILL.md") as string, /a link-local address/);
  assert.match(await redirected(`http://127.0.0.1:1/SKILL.md`) as string, /expected https, or a host/);
  assert.match(await redirected("file:///etc/passwd") as string, /expected http or https, found file:/);
  assert.deepEqual([...new Set(server.asked)], ["/to"]);
});

Deno.test("loadSkills() skips what is too large, too slow, no Markdown, or no skill, and says why", async () => {
  await using server = serve();
  const options = { allowNet: [server.host], timeoutMs: 5000 };
  const skipped: [path: string, reason: RegExp, timeoutMs?: number][] = [
    ["/large", /more than 262144 bytes$/],
    ["/endless", /more than 262144 bytes/],
    ["/slow", /expected an answer within 50 ms, found none/, 50],
    ["/loop", /expected at most 5 redirects, found more/],
    ["/missing", /expected status 200, found 404/],
    ["/html", /expected Markdown, found text\/html/],
    ["/gzip", /expected a plain answer, found one in br/],
    ["/plain", /expected front matter/],
    ["/bytes", /expected text in UTF-8/],
  ];
  for (const [path, reason, timeoutMs = 5000] of skipped) {
    const message = await load(`http://${server.host}${path}?key=secret`, { ...options, timeoutMs });
    assert.match(message as string, reason);
    assert.match(message as string, new RegExp(`^Skipped skill http://${server.host}${path}: `));
    assert.doesNotMatch(message as string, /secret/);
  }
  assert.match(await load("ftp://example.org/SKILL.md", options) as string, /found ftp:/);
  const closed = await load("http://127.0.0.1:1/SKILL.md", { allowNet: ["127.0.0.1:1"] });
  assert.match(closed as string, /[Cc]onnection refused/);
  assert.match(
    await load(`https://user:secret@${server.host}/SKILL.md`, options) as string,
    /expected a URL without user and password$/,
  );
  const inList = /skills_allow_net \(in code: allowNet\), which has none$/;
  assert.match(await load("http://example.org/SKILL.md", {}) as string, inList);
  assert.match(await load("https://127.0.0.1/SKILL.md", {}) as string, inList);
  assert.match(
    await load("file:///etc/x", {}) as string,
    /"file:\/\/\/etc\/x": expected http or https, found file:$/,
  );
});

Deno.test("loadSkills() checks its options before it does anything", async () => {
  for (const allowNet of [["*"], ["http://127.0.0.1"], ["127.1:80"]]) {
    await assert.rejects(loadSkills(["x"], { allowNet }), RangeError);
  }
  await assert.rejects(loadSkills(["x"], { timeoutMs: 0 }), RangeError);
  const signal = AbortSignal.abort(new Error("stopped"));
  await assert.rejects(loadSkills(["x"], { signal }), /stopped/);
});

Deno.test("loadSkills() ends with its signal while it waits for a server", async () => {
  await using server = serve();
  const controller = new AbortController();
  const options = { allowNet: [server.host], signal: controller.signal };
  const loading = loadSkills([`http://${server.host}/slow`], options);
  await server.waiting;
  controller.abort(new Error("stopped"));
  await assert.rejects(loading, /stopped/);
});

Deno.test("SkillCache keeps answers and failures for its time, for the same settings only", async () => {
  await using server = serve();
  const url = `http://${server.host}/SKILL.md`;
  const cache = new SkillCache();
  const options = { allowNet: [server.host], cache };
  const [first, second] = await Promise.all([load(url, options), load(url, options)]);
  assert.deepEqual(first, second);
  assert.equal(server.asked.length, 1);
  assert.equal(typeof await load(url, { cache }), "string");
  await load(`http://${server.host}/missing`, options);
  await load(`http://${server.host}/missing`, options);
  assert.deepEqual(server.asked, ["/SKILL.md", "/missing"]);
  const short = { ...options, cache: new SkillCache(0) };
  await load(url, short);
  await load(url, short);
  assert.equal(server.asked.length, 4);
});

Deno.test("loadSkills() makes a fetch a step of the run, whose record stands in for the server", async () => {
  await using server = serve();
  const url = `http://${server.host}/SKILL.md`;
  const cache = new SkillCache();
  const runOnce = async () => {
    const steps = recordingRunner();
    const run = new RunContext({ signal: new AbortController().signal, steps });
    const skill = await run.enter(() => load(url, { allowNet: [server.host], cache }));
    return { skill, steps: steps.steps };
  };
  const first = await runOnce();
  const second = await runOnce(); // the server is not asked again, and the record is the same
  assert.equal(server.asked.length, 1);
  const [step] = first.steps;
  assert.deepEqual(
    first.steps.map(({ kind, path }) => [kind, path]),
    [["api", `skill:${server.host}/SKILL.md#0`]],
  );
  assert.deepEqual(second.steps.map(({ path, output }) => [path, output]), [[step!.path, step!.output]]);

  const steps = { run: <T>() => Promise.resolve(step!.output as T) };
  const replay = new RunContext({ signal: new AbortController().signal, steps });
  assert.deepEqual(await replay.enter(() => load("https://example.invalid/SKILL.md", {})), first.skill);
});

Deno.test("loadSkills() speaks TLS, and trusts certificates as the program does", async () => {
  const path = (name: string) => fromFileUrl(new URL(`../_fixtures/tls/${name}.pem`, import.meta.url));
  const [key, cert] = await Promise.all(["key", "certificate"].map((name) => Deno.readTextFile(path(name))));
  await using server = serve({ key: key!, cert: cert! });
  const port = server.host.split(":")[1]!;
  const code = `import { loadSkills } from "${new URL("../../src/skills/mod.ts", import.meta.url)}";
const skills = await loadSkills(["https://localhost:${port}/SKILL.md"], { allowNet: ["127.0.0.1:${port}", "[::1]:${port}"],
  onWarning: ({ message }) => console.log(message) });
console.log(skills.map(({ name }) => name).join());`;
  const config = fromFileUrl(new URL("../../deno.json", import.meta.url));
  const run = async (flags: string[]) => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--no-check",
        `--config=${config}`,
        "--allow-net=localhost",
        ...flags,
        "-",
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(code));
    await writer.close();
    return new TextDecoder().decode((await child.output()).stdout);
  };
  assert.equal(await run([`--cert=${path("authority")}`]), "web\n");
  assert.match(await run([]), /Skipped skill https:\/\/localhost:\d+\/SKILL\.md: .+certificate/);
});
