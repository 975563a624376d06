import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import type { DoctorReport } from "../../src/doctor/mod.ts";
import { startPostgres } from "../_fixtures/postgres.ts";
import { serviceTest } from "../_fixtures/services.ts";
import { HAS_BROWSER } from "../computer/_browser.ts";
import { plainTool, startOddServer } from "../mcp/_http_server.ts";
import { startProviderServer } from "../provider_server/mod.ts";
import type { CommandOutcome } from "./_command.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const LLLM = ["run", "-A", "--no-prompt", "--config", join(ROOT, "deno.json"), join(ROOT, "src/cli/main.ts")];

const { HOME = "", XDG_CACHE_HOME = "", DENO_DIR = "" } = Deno.env.toObject();

/** The environment of these programs, beside what a test says: no keys, and no user with packages and skills of their own. */
const ENVIRONMENT = {
  NO_COLOR: "1",
  OPENAI_API_KEY: "",
  OPENAI_BASE_URL: "",
  LLLM_CONFIG: "",
  LLLM_MODEL_PRICES: "",
  HOME: join(ROOT, "no_home"),
  DENO_DIR: DENO_DIR || (XDG_CACHE_HOME ? join(XDG_CACHE_HOME, "deno") : join(HOME, ".cache/deno")),
};

interface RunOptions {
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

async function deno(
  args: readonly string[],
  { cwd = ROOT, env = {} }: RunOptions = {},
): Promise<CommandOutcome> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { ...ENVIRONMENT, ...env },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

async function examine(
  project: string,
  options: RunOptions & { args?: readonly string[] } = {},
): Promise<DoctorReport & { code: number }> {
  const { code, stdout, stderr } = await deno(
    [...LLLM, "doctor", "--project", project, "--json", ...options.args ?? []],
    options,
  );
  const output = JSON.parse(stdout);
  assert(output.result !== undefined, stdout + stderr);
  return { ...output.result, code };
}

async function withProject(
  files: Record<string, string>,
  body: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "doctor_" }));
  try {
    for (const [name, text] of Object.entries(files)) {
      const path = join(folder, name);
      await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(path, text);
    }
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A program that loads the project and runs its tactic. */
const MAIN = `import { buildTactic, loadRuntime } from "@lllm/lllm/runtime";
const runtime = await loadRuntime(import.meta.dirname);
const tactic = await buildTactic("default", { runtime });
console.log("result:", await tactic.run("What is 6 times 7?"));
`;

const ASK = `import { NativeTactic } from "@lllm/lllm/tactic";
export class Ask extends NativeTactic<string, string> {
  name = "ask";
  agentGroup = ["clerk"] as const;
  async call(question: string): Promise<string> {
    const clerk = this.agent("clerk").open("desk");
    clerk.receive(question);
    return (await clerk.respond()).content as string;
  }
}
`;

/** A package with one tactic and these agents. */
function project(config: string, more: Record<string, string> = {}): Record<string, string> {
  return {
    "lllm.toml": '[package]\nname = "desk"\nversion = "1.2.3"\n',
    "main.ts": MAIN,
    "tactics/ask.ts": ASK,
    "configs/default.yaml": `tactic_type: ask\n${config}`,
    ...more,
  };
}

function runMain(folder: string, flags: readonly string[], env: Record<string, string> = {}) {
  const config = ["--config", join(ROOT, "deno.json")];
  return deno(["run", "--no-prompt", ...config, ...flags, join(folder, "main.ts")], { env });
}

/** Every list of flags with one value less, and the flag that the value is of. */
function oneFewer(flags: readonly string[]): { flag: string; value: string; rest: string[] }[] {
  return flags.flatMap((text, index) => {
    const [flag, list] = text.split(/=(.*)/s) as [string, string];
    const values = list.split(",");
    return values.map((value) => {
      const others = values.filter((other) => other !== value);
      const kept = others.length === 0 ? [] : [`${flag}=${others.join(",")}`];
      return { flag, value, rest: flags.toSpliced(index, 1, ...kept) };
    });
  });
}

/** The program fails without any one of the flags, or of their values, and says which it was. */
async function assertEachIsNeeded(
  flags: readonly string[],
  run: (flags: readonly string[]) => Promise<CommandOutcome>,
): Promise<void> {
  for (const { flag, value, rest } of oneFewer(flags)) {
    const failed = await run(rest);
    assert.notEqual(failed.code, 0, `without ${flag}=${value}: ${failed.stdout}`);
    assert(failed.stderr.includes(flag), `without ${flag}=${value}: ${failed.stderr}`);
  }
}

Deno.test("lllm doctor names the flags of a created project: it runs with them, and not with one fewer", () =>
  withProject({}, async (folder) => {
    const created = await deno([...LLLM, "create", join(folder, "demo"), "--link", ROOT]);
    assert.equal(created.code, 0, created.stderr);
    const demo = join(folder, "demo");
    const { code, flags, problems, warnings, packages } = await examine(demo);
    assert.deepEqual([code, problems, warnings], [0, [], []]);
    assert.deepEqual(flags, [`--allow-read=${demo}`]);
    assert.deepEqual(packages[0]?.resources, { asset: 2, config: 1, prompt: 1, tactic: 1, tool: 1 });
    const start = (flags: readonly string[]) =>
      deno(["run", "--no-prompt", ...flags, "main.ts"], { cwd: demo });
    const started = await start(flags);
    assert.equal(started.code, 0, started.stderr);
    assert.match(started.stdout, /Sources: Opening hours/);
    await assertEachIsNeeded(flags, start);
  }));

Deno.test("lllm doctor names the flags that a provider needs: host with port, key", async () => {
  await using server = await startProviderServer({ script: () => ({ text: "42" }) });
  const config = `global: { model_name: gpt-4o-mini, model_args: { api_base: ${server.baseUrl} } }
agent_configs: [{ name: clerk, system_prompt: You compute. }]
`;
  await withProject(project(config), async (folder) => {
    const env = { OPENAI_API_KEY: "sk-test" };
    const { code, flags, environment } = await examine(folder, { env });
    assert.equal(code, 0);
    assert.deepEqual(flags, [
      `--allow-read=${folder}`,
      `--allow-net=${new URL(server.baseUrl).host}`,
      "--allow-env=OPENAI_API_KEY",
    ]);
    assert.deepEqual(environment, [
      { name: "OPENAI_API_KEY", isSet: true, isMissing: false, by: ["model gpt-4o-mini"] },
    ]);
    const ran = await runMain(folder, flags, env);
    assert.equal(ran.stdout, "result: 42\n", ran.stderr);
    await assertEachIsNeeded(flags, (rest) => runMain(folder, rest, env));
    server.assertNoRejections();
  });
});

const SANDBOX_CONFIG = `invoker: scripted
script: ../assets/scripts/desk.yaml
agent_configs:
  - { name: clerk, model_name: scripted/desk, system_prompt: You compute., proxy: { exec_env: LANGUAGE } }
`;
const SANDBOX_SCRIPT = `version: 1
rules:
  - when: { turn: 0 }
    reply: { tool_calls: [{ name: TOOL, arguments: { code: "6 * 7" } }] }
  - reply: { text: "{last_tool_result}" }
`;

for (const [execEnv, tool] of [["interpreter", "run_python"], ["typescript", "run_typescript"]] as const) {
  Deno.test(`lllm doctor names the flags of an agent that runs code (${execEnv}), at the first start and later`, () =>
    withProject(
      project(SANDBOX_CONFIG.replace("LANGUAGE", execEnv), {
        "assets/scripts/desk.yaml": SANDBOX_SCRIPT.replace("TOOL", tool),
      }),
      async (folder) => {
        const cache = `${folder}.cache`;
        const env = { LLLM_CACHE: cache };
        const run = (flags: readonly string[]) => runMain(folder, flags, env);
        try {
          const first = await examine(folder, { env });
          assert.deepEqual([first.code, first.sandbox?.[0]?.isPrepared], [0, false]);
          assert(first.flags.includes(`--allow-write=${cache}`), first.flags.join(" "));
          await assertEachIsNeeded(first.flags, run);
          const ran = await run(first.flags);
          assert.match(ran.stdout, /^result: => 42/, ran.stderr);

          const later = await examine(folder, { env });
          assert.deepEqual([later.code, later.sandbox?.[0]?.isPrepared], [0, true]);
          assert.deepEqual(later.flags.map((flag) => flag.split("=")[0]), [
            "--allow-read",
            "--allow-env",
            "--allow-run",
          ]);
          assert.match((await run(later.flags)).stdout, /^result: => 42/);
          await assertEachIsNeeded(later.flags, run);
        } finally {
          await Deno.remove(cache, { recursive: true }).catch(() => {});
        }
      },
    ));
}

const SCRIPTED = `invoker: scripted
script: ../assets/scripts/desk.yaml
agent_configs:
  - { name: clerk, model_name: scripted/desk, system_prompt_path: clerk/system }
`;
const LOOK = `version: 1
rules:
  - when: { turn: 0 }
    reply: { tool_calls: [{ name: look, arguments: {} }] }
  - reply: { text: "{last_tool_result}" }
`;

/** A prompt with a server. */
function serverPrompt(server: string): string {
  return `import { Prompt } from "@lllm/lllm/prompt";
import { McpServer } from "@lllm/lllm/tools";
export const system = new Prompt({
  path: "system",
  prompt: "You look.",
  mcpServers: [new McpServer({ label: "eyes", requireApproval: "never", ${server} })],
});
`;
}

/** A server over stdin and stdout with one tool. */
const STDIO_SERVER = `let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\\n");
  rest = lines.pop();
  for (const line of lines) {
    const { id, method, params } = JSON.parse(line);
    const result = method === "initialize"
      ? { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "s", version: "1" } }
      : method === "tools/list"
      ? { tools: [{ name: "look", inputSchema: { type: "object" } }] }
      : { content: [{ type: "text", text: "seen" }] };
    if (id !== undefined) console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
  }
}
`;

Deno.test("lllm doctor names the program of an MCP server that a prompt starts", () => {
  const command = Deno.execPath();
  const prompt = serverPrompt(
    'command: Deno.execPath(), args: ["run", "-A", "--no-config", import.meta.resolve("../server.js")]',
  );
  const files = project(SCRIPTED, {
    "prompts/clerk.ts": prompt,
    "server.js": STDIO_SERVER,
    "assets/scripts/desk.yaml": LOOK,
  });
  return withProject(files, async (folder) => {
    const { code, flags, optional, warnings } = await examine(folder);
    assert.deepEqual([code, warnings], [0, []]);
    assert.deepEqual(flags, [`--allow-read=${folder}`, `--allow-run=${command}`]);
    const names = optional.map(({ permission, value }) => `${permission} ${value}`);
    assert.ok(["env PATH", "env HOME"].every((name) => names.includes(name)), names.join());
    const ran = await runMain(folder, flags);
    assert.match(ran.stdout, /^result: [^]*seen/, ran.stderr);
    await assertEachIsNeeded(flags, (rest) => runMain(folder, rest));
  });
});

Deno.test("lllm doctor names the host of an MCP server, unless the provider asks it", async () => {
  await using odd = startOddServer(({ method }) =>
    method === "tools/list" ? { tools: [plainTool("look")] } : { content: [{ type: "text", text: "seen" }] }
  );
  const files = project(SCRIPTED, {
    "prompts/clerk.ts": serverPrompt(`url: "${odd.url}"`),
    "assets/scripts/desk.yaml": LOOK,
  });
  await withProject(files, async (folder) => {
    const { code, flags } = await examine(folder);
    assert.deepEqual([code, flags], [0, [`--allow-read=${folder}`, `--allow-net=${new URL(odd.url).host}`]]);
    const ran = await runMain(folder, flags);
    assert.match(ran.stdout, /^result: [^]*seen/, ran.stderr);
    await assertEachIsNeeded(flags, (rest) => runMain(folder, rest));
  });
  const hosted = {
    ...files,
    "configs/default.yaml": `tactic_type: ask\nglobal: { api_type: response }\n${SCRIPTED}`,
  };
  await withProject(hosted, async (folder) => {
    const { flags } = await examine(folder);
    assert.deepEqual(flags, [`--allow-read=${folder}`]);
  });
});

Deno.test("lllm doctor names the folders that stores write to, and those of lllm run as not needed", () => {
  const main = `import { localStore, sqliteStore } from "@lllm/lllm/log";
${
    MAIN.replace("{ runtime }", "{ runtime, logStore }")
  }console.log("kept:", (await logStore.listSessions()).length);
await logStore.close();
`;
  const reply =
    "invoker: scripted\nscript: ../assets/scripts/desk.yaml\nagent_configs: [{ name: clerk, model_name: m, system_prompt: Hi }]\n";
  const script = "version: 1\nrules: [{ reply: { text: Hello } }]\n";
  return withProject(project(reply, { "assets/scripts/desk.yaml": script }), async (folder) => {
    for (
      const [store, place] of [[`sqliteStore("${folder}/kept/log.db")`, "kept"], [
        `localStore("${folder}/runs/of_desk")`,
        "runs/of_desk",
      ]]
    ) {
      await Deno.writeTextFile(
        join(folder, "main.ts"),
        main.replace("const runtime", `const logStore = ${store};\nconst runtime`),
      );
      const { code, flags, optional } = await examine(folder);
      assert.equal(code, 0);
      assert.deepEqual(flags, [`--allow-read=${folder}`, `--allow-write=${folder}/${place}`]);
      assert.deepEqual(
        optional.map(({ permission, value }) => [permission, value]),
        [["write", join(folder, ".lllm")]],
      );
      const ran = await runMain(folder, flags);
      assert.equal(ran.stdout, "result: Hello\nkept: 1\n", ran.stderr);
      await assertEachIsNeeded(flags, (rest) => runMain(folder, rest));
    }
    const [log] = (await examine(folder)).optional;
    const lllm = ["run", "--no-prompt", "--config", join(ROOT, "deno.json"), `--allow-read=${folder}`];
    const run = [join(ROOT, "src/cli/main.ts"), "run", "ask", "Hi", "--project", folder];
    assert.equal((await deno([...lllm, ...run])).stdout, "Hello\n");
    await assert.rejects(Deno.stat(join(folder, ".lllm")), Deno.errors.NotFound);
    const kept = await deno([...lllm, `--allow-write=${log!.value}`, ...run]);
    assert.equal(kept.stdout, "Hello\n", kept.stderr);
    assert.ok((await Deno.stat(join(folder, ".lllm/log.db"))).isFile);
  });
});

serviceTest("lllm doctor names what a store in PostgreSQL needs", async () => {
  await using postgres = await startPostgres();
  const { host } = new URL(postgres.url);
  const main = `import { postgresStore } from "@lllm/lllm/log";
${MAIN.replace("{ runtime }", "{ runtime, logStore }")}await logStore.close();
`.replace("const runtime", `const logStore = postgresStore("${postgres.url}");\nconst runtime`);
  const config =
    "invoker: scripted\nscript: ../assets/scripts/desk.yaml\nagent_configs: [{ name: clerk, model_name: m, system_prompt: Hi }]\n";
  const script = "version: 1\nrules: [{ reply: { text: Hello } }]\n";
  await withProject(
    project(config, { "main.ts": main, "assets/scripts/desk.yaml": script }),
    async (folder) => {
      const { flags, environment } = await examine(folder);
      assert.deepEqual([flags[1], environment], [`--allow-net=${host}`, []]);
      const ran = await runMain(folder, flags);
      assert.equal(ran.stdout, "result: Hello\n", ran.stderr);
      await assertEachIsNeeded(flags, (rest) => runMain(folder, rest));
    },
  );
});

Deno.test("lllm doctor names -A for a browser, which does not open with one flag fewer", () => {
  const tactic = `import { openBrowserComputer } from "@lllm/lllm/computer";
import { Tactic } from "@lllm/lllm/tactic";
export class Ask extends Tactic<string, string> {
  name = "ask";
  async call(): Promise<string> {
    await using computer = await openBrowserComputer({ allowHosts: [] });
    return \`\${computer.width} wide\`;
  }
}
`;
  const config = "agent_configs: []\n";
  return withProject(project(config, { "tactics/ask.ts": tactic }), async (folder) => {
    const { code, flags, needsAll, permissions, warnings } = await examine(folder);
    assert.deepEqual([code, flags], [0, ["-A"]]);
    assert.match(needsAll!.join(), /tactics\/ask\.ts \(openBrowserComputer\)/);
    assert.deepEqual(permissions.map(({ permission }) => permission), ["read"]);
    if (!HAS_BROWSER) {
      assert.ok(warnings.some(({ code }) => code === "no_chromium"));
      return;
    }
    assert.deepEqual(warnings, []);
    const ran = await runMain(folder, flags);
    assert.equal(ran.stdout, "result: 1024 wide\n", ran.stderr);
    const each = ["read", "write", "net", "env", "run", "sys", "ffi", "import"].map((name) =>
      `--allow-${name}`
    );
    for (const missing of ["--allow-ffi", "--allow-import"]) {
      const refused = await runMain(folder, each.filter((flag) => flag !== missing));
      assert.notEqual(refused.code, 0);
      assert.match(refused.stderr, /expected all permissions \(-A\), found one missing/);
    }
    const text = await deno([...LLLM, "doctor", "--project", folder]);
    assert.match(text.stdout, /-A {2}seen in code: .*openBrowserComputer/);
    assert.match(text.stdout, /deno run -A <program>/);
  });
});

Deno.test("lllm doctor says why a sandbox's permission is wider than its list of hosts", () =>
  withProject(
    project(
      SANDBOX_CONFIG.replace(
        "LANGUAGE }",
        'typescript }, sandbox: { allow_net: ["x.org:8443", "127.0.0.1:90"] }',
      ),
      { "assets/scripts/desk.yaml": SANDBOX_SCRIPT.replace("TOOL", "run_typescript") },
    ),
    async (folder) => {
      const { permissions } = await examine(folder);
      const hosts = permissions.filter(({ permission }) => permission === "net");
      assert.deepEqual(hosts.map(({ value }) => value), ["x.org", "127.0.0.1:90"]);
      assert.match(hosts[0]!.by.join(), /allow_net "x\.org:8443": Deno looks a name up only with/);
      assert.doesNotMatch(hosts[1]!.by.join(), /looks a name up/);
    },
  ));

Deno.test("lllm doctor tells everything that is missing at once, and what is there", () =>
  withProject(
    {
      "lllm.toml": `[package]
name = "desk"
[dependencies]
packages = ["./parts as p", "./gone"]
[prompts]
paths = ["prompts", "no_such_folder"]
`,
      "parts/lllm.toml": '[package]\nname = "parts"\nversion = "2"\n',
      "parts/prompts/hello.md": "Hello",
      "prompts/clerk.md": "You compute.",
      "tools/broken.ts": "export const = 1;",
      "tools/broken_too.ts": 'throw new Error("no");',
      "tactics/ask.ts": ASK,
      "configs/default.yaml": `tactic_type: asks
base: basis
agent_configs:
  - name: clerk
    model_name: gpt-4o-mini
    max_exeption_retry: 3
    system_prompt_path: clark
    tools: [no_such_tool, "parts.tools:none"]
    proxy: { activate_proxies: [market], exec_env: null }
    skills: [no_such_skill]
`,
      "configs/basis.yaml": "global: { max_llm_recall: 2 }\nagent_configs: [{ name: half }]\n",
      "configs/orphan.yaml":
        "base: nowhere\nagent_configs: [{ name: clerk, model_name: gpt-4o, system_prompt: Hi }]\n",
      "configs/played.yaml":
        "invoker: scripted\nscript: none.yaml\nagent_configs: [{ name: clerk, model_name: scripted, system_prompt: Hi }]\n",
    },
    async (folder) => {
      const report = await examine(folder);
      assert.equal(report.code, 1);
      const messages = report.problems.map(({ message }) => message);
      for (
        const expected of [
          /depends on \.\/gone, and there is no package at/,
          /lists a folder in \[prompts\] that is not there: .*no_such_folder/,
          /Cannot load module .*broken\.ts/,
          /Cannot load module .*broken_too\.ts: no/,
          /"asks"/,
          /"clark".*system_prompt_path of agent "clerk" in .*default\.yaml/,
          /"no_such_tool".*tools of agent "clerk"/,
          /"parts\.tools:none"/,
          /market.*proxy\.activate_proxies of agent "clerk"/,
          /"no_such_skill"/,
          /"nowhere"/,
          /There is no script at .*none\.yaml/,
          /^OPENAI_API_KEY is not set: models of openai need it$/,
        ]
      ) {
        assert(messages.some((message) => expected.test(message)), `${expected}:\n${messages.join("\n")}`);
      }
      assert(!messages.some((message) => message.includes("half")), "a base need not be complete");
      assert(report.problems.every(({ advice }) => advice !== "" && !advice.includes("\n")));
      assert(report.warnings.some(({ message }) => message.includes("max_exeption_retry")));
      const places = report.packages.map(({ name, origin, aliases }) => [name, origin, aliases]);
      assert.deepEqual(places, [["desk", "project", []], ["parts", "dependency", ["p"]]]);
    },
  ));

Deno.test("lllm doctor says what code names, marked as seen there; tests do not count", () =>
  withProject(
    project(
      "invoker: scripted\nscript: { rules: [] }\nagent_configs: [{ name: clerk, model_name: s, system_prompt: S }]\n",
      {
        "tools/quote.ts": `import { tool } from "@lllm/lllm/tools";
export const quote = tool({
  name: "quote",
  description: "A quote",
  parameters: { type: "object", properties: {} },
  execute: () => fetch("https://quotes.example.com/v1?key=" + Deno.env.get("QUOTES_KEY")).then((answer) => answer.text()),
});
`,
        "tests/quote_test.ts": 'Deno.test("x", () => { Deno.env.get("TEST_ONLY"); });\n',
      },
    ),
    async (folder) => {
      const { code, flags, permissions, environment } = await examine(folder);
      assert.equal(code, 0);
      assert.deepEqual(flags, [
        `--allow-read=${folder}`,
        "--allow-net=quotes.example.com",
        "--allow-env=QUOTES_KEY",
      ]);
      assert.deepEqual(permissions.map(({ seenInCode }) => seenInCode), [false, true, true]);
      assert.deepEqual(environment.map(({ name, isSet }) => [name, isSet]), [["QUOTES_KEY", false]]);
    },
  ));

Deno.test("lllm doctor never shows what a variable holds", async () => {
  const config = "agent_configs: [{ name: clerk, model_name: gpt-4o-mini, system_prompt: You compute. }]\n";
  await withProject(project(config), async (folder) => {
    const env = { OPENAI_API_KEY: "sk-very-secret", OPENAI_ORG_ID: "org-secret" };
    for (const form of [[], ["--json"]]) {
      const { code, stdout, stderr } = await deno([...LLLM, "doctor", "--project", folder, ...form], { env });
      assert.equal(code, 0, stderr);
      assert(!(stdout + stderr).includes("secret"));
      assert.match(stdout, /OPENAI_ORG_ID/);
    }
  });
});

Deno.test("lllm doctor writes for people: sections, marks, advice, the whole command", () =>
  withProject(
    project("agent_configs: [{ name: clerk, model_name: groq/llama, system_prompt: S, tools: [nothing] }]\n"),
    async (folder) => {
      const { code, stdout } = await deno([...LLLM, "doctor"], { cwd: folder });
      assert.equal(code, 1);
      assert.match(stdout, /^lllm \d+\.\d+\.\d+ · Deno \d/);
      assert.match(
        stdout,
        /Project\n {2}.*lllm\.toml \(in the working folder\)\n {2}✓ desk 1\.2\.3\n {4}1 config · 1 tactic/,
      );
      assert.match(stdout, /Environment\n {2}✗ GROQ_API_KEY {2}not set/);
      assert(stdout.includes(
        `deno run --allow-read=${folder} --allow-net=api.groq.com --allow-env=GROQ_API_KEY <program>`,
      ));
      assert.match(
        stdout,
        /✗ GROQ_API_KEY is not set.*\n {4}→ set it in the environment: export GROQ_API_KEY=/,
      );
      assert.match(stdout, /\n✗ 2 problems\n$/);
      assert(!stdout.includes("\x1b"));
    },
  ));

Deno.test("lllm doctor looks at one config alone, and at the configs of tactics that agents call", () =>
  withProject(
    {
      "desk/lllm.toml": '[package]\nname = "desk"\n[dependencies]\npackages = ["../parts"]\n',
      "desk/configs/default.yaml":
        "agent_configs: [{ name: clerk, model_name: groq/l, system_prompt: S, tools: ['parts.tactics:look'] }]\n",
      "desk/configs/other.yaml":
        "agent_configs: [{ name: clerk, model_name: mistral/m, system_prompt: S }]\n",
      "parts/lllm.toml": '[package]\nname = "parts"\n',
      "parts/tactics/look.ts": ASK.replace('"ask"', '"look"'),
      "parts/configs/look.yaml": "agent_configs: [{ name: clerk, model_name: xai/g, system_prompt: S }]\n",
      "parts/configs/unused.yaml":
        "agent_configs: [{ name: clerk, model_name: openrouter/o, system_prompt: S }]\n",
    },
    async (folder) => {
      const flags = async (args: string[]) => (await examine(join(folder, "desk"), { args })).flags;
      const hosts = "--allow-net=api.groq.com,api.x.ai";
      assert.deepEqual(await flags(["--config", "default"]), [
        `--allow-read=${folder}/desk,${folder}/parts`,
        hosts,
        "--allow-env=GROQ_API_KEY,XAI_API_KEY",
      ]);
      assert.equal((await flags(["--config", "other"])).at(-1), "--allow-env=MISTRAL_API_KEY");
      assert.equal((await flags([])).at(-1), "--allow-env=GROQ_API_KEY,MISTRAL_API_KEY,XAI_API_KEY");
    },
  ));

Deno.test("lllm doctor tells that a tactic which an agent calls has no config, or none for its agents", () => {
  const files = {
    "desk/lllm.toml": '[package]\nname = "desk"\n[dependencies]\npackages = ["../parts"]\n[schemas]\n',
    "desk/schemas/quote.json": "{}",
    "desk/configs/default.yaml":
      "invoker: scripted\nscript: { rules: [] }\nagent_configs: [{ name: clerk, model_name: s, system_prompt: S, tools: ['parts.tactics:look'] }]\n",
    "parts/lllm.toml": '[package]\nname = "parts"\n',
    "parts/tactics/look.ts": ASK.replace('"ask"', '"look"'),
  };
  return withProject(files, async (folder) => {
    const told = async () => (await examine(join(folder, "desk"))).problems.map(({ message }) => message);
    const [first, ...others] = await told();
    assert.match(
      first!,
      /^Tactic "parts\.tactics:look" has no config: expected "parts\.configs:look" or "parts\.configs:default"/,
    );
    assert.match(first!, /\(tools of agent "clerk" in .*default\.yaml\)$/);
    assert.deepEqual(others, []);
    const { stdout } = await deno([...LLLM, "doctor"], { cwd: join(folder, "desk") });
    assert.match(stdout, /1 config · 1 in schemas\n/);

    await Deno.mkdir(join(folder, "parts/configs"));
    await Deno.writeTextFile(
      join(folder, "parts/configs/default.yaml"),
      "invoker: scripted\nscript: { rules: [] }\nagent_configs: [{ name: other, model_name: s, system_prompt: S }]\n",
    );
    const [lacking, ...more] = await told();
    assert.match(lacking!, /expected an entry for agent "clerk" as agent_configs, found only "other"/);
    assert.deepEqual(more, []);
  });
});

Deno.test("lllm doctor tells once of the project's own tactic that an agent calls", () =>
  withProject({
    "lllm.toml": '[package]\nname = "desk"\n',
    "configs/main.yaml":
      "invoker: scripted\nscript: { rules: [] }\nagent_configs: [{ name: clerk, model_name: s, system_prompt: S, tools: ['desk.tactics:look'] }]\n",
    "tactics/look.ts": ASK.replace('"ask"', '"look"'),
  }, async (folder) => {
    const { problems, warnings } = await examine(folder);
    assert.deepEqual(problems.map(({ code }) => code), ["config_invalid"]);
    assert.match(problems[0]!.message, /^Tactic "desk\.tactics:look" has no config/);
    assert.deepEqual(warnings.filter(({ code }) => code === "tactic_without_config"), []);
  }));

Deno.test("lllm doctor ends with 2 for usage, and for manifests and configs that are not valid", () =>
  withProject(
    project("agent_configs: [{ name: clerk, model_name: 3, system_prompt: S }]\n", {
      "broken/lllm.toml": "[package\n",
    }),
    async (folder) => {
      assert.equal((await examine(folder)).code, 2);
      for (const args of [["doctor", "extra"], ["doctor", "--confg", "x"]]) {
        assert.equal((await deno([...LLLM, ...args])).code, 2, args.join(" "));
      }
      const broken = await deno([...LLLM, "doctor", "--project", join(folder, "broken"), "--json"]);
      assert.equal(broken.code, 2);
      const { error, result } = JSON.parse(broken.stdout);
      assert.equal(error.code, "manifest_invalid");
      assert.equal(result.project.manifest, join(folder, "broken/lllm.toml"));
      assert.deepEqual(result.problems.map(({ kind, code }: Record<string, string>) => [kind, code]), [
        ["invalid", "manifest_invalid"],
      ]);
      const shown = await deno([
        ...LLLM,
        "doctor",
        "--project",
        join(folder, "broken"),
        "--config",
        "default",
      ]);
      assert.match(shown.stdout, /✗ Cannot read .*lllm\.toml: expected .*line 1.*\n.*→ correct lllm\.toml/);
      const gone = await deno([...LLLM, "doctor", "--project", join(folder, "gone"), "--json"]);
      assert.equal(gone.code, 2);
      assert.equal(JSON.parse(gone.stdout).error.code, "package_not_found");
    },
  ));
