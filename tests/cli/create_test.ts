import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { createScratchProject } from "../_registry/scratch_project.ts";
import { type CommandOutcome, lllm, withFolder } from "./_command.ts";

const ROOT = fromFileUrl(new URL("../../", import.meta.url));
const NO_COLOR = { NO_COLOR: "1" };

/** Runs `deno` in a folder; it asks nobody for permissions. */
async function deno(
  cwd: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<CommandOutcome> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { ...NO_COLOR, ...env },
    stdin: "null",
  });
  const { code, stdout, stderr } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

function names(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
}

Deno.test("lllm create makes a project whose tests pass and whose program runs", () =>
  withFolder(async (folder) => {
    const created = await lllm(["create", join(folder, "demo"), "--link", ROOT]);
    assert.equal(created.code, 0, created.stderr);
    assert.match(created.stdout, /deno task test\n {2}deno task start/);
    assert.deepEqual(names(folder), ["demo"]);
    const project = join(folder, "demo");
    const tested = await deno(project, ["task", "test"]);
    assert.equal(tested.code, 0, tested.stdout + tested.stderr);
    assert.match(tested.stdout, /3 passed/);
    const started = await deno(project, ["task", "start"]);
    assert.equal(started.code, 0, started.stderr);
    assert.match(started.stdout, /^Is it open on Saturday\?\nThe reading room .*\nSources: Opening hours\n/);
    // It may not write, so that lllm log would not find the session.
    assert.match(started.stdout, / session \S+ \(not kept: that needs --allow-write=.*demo\/\.lllm\)\n$/);
    const asked = await deno(project, ["task", "start", "May I bring my dog?"]);
    assert.match(asked.stdout, /Sources: Animals/);

    // With another model the tests stay offline, and the program says in one line what it lacks.
    const config = join(project, "configs/default.yaml");
    const text = Deno.readTextFileSync(config).replace(/^(invoker|script):.*\n/gm, "");
    Deno.writeTextFileSync(config, text.replace(/^ {2}model_name: .*/m, "  model_name: openai/gpt-4o-mini"));
    assert.equal((await deno(project, ["task", "test"])).code, 0);
    const lacking = await deno(project, ["task", "start"], { OPENAI_API_KEY: "" });
    assert.equal(lacking.code, 3);
    assert.match(lacking.stderr, /^error: .*expected OPENAI_API_KEY .*--allow-env=OPENAI_API_KEY.*$/m);
  }));

for (const name of ["d", "a_name-that_is-as-long-as-names_may-be40"]) {
  Deno.test(`lllm create gives "${name}" the form that deno fmt, lint and check want`, () =>
    withFolder(async (folder) => {
      const created = await lllm(["create", join(folder, name), "--link", ROOT]);
      assert.equal(created.code, 0, created.stderr);
      const checked = await deno(join(folder, name), ["task", "check"]);
      assert.equal(checked.code, 0, checked.stdout + checked.stderr);
      const listed = await deno(join(folder, name), ["task", "lllm", "keys", "--type", "tactic"]);
      assert.equal(listed.stdout, `${name}.tactics:${name}\n`, listed.stderr);
    }));
}

Deno.test("lllm create without --link uses the published library", async () => {
  await using scratch = await createScratchProject();
  const env = { JSR_URL: scratch.registry.url, DENO_DIR: join(scratch.folder, ".cache") };
  const created = await deno(
    scratch.folder,
    ["run", "-A", "--no-config", "jsr:@lllm/lllm/cli", "create", "demo"],
    env,
  );
  assert.equal(created.code, 0, created.stderr);
  const project = join(scratch.folder, "demo");
  const config = JSON.parse(Deno.readTextFileSync(join(project, "deno.json")));
  assert.match(config.imports["@lllm/lllm"], /^jsr:@lllm\/lllm@\^\d+\.\d+\.\d+$/);
  assert.equal(config.links, undefined);
  const tested = await deno(project, ["task", "test"], env);
  assert.equal(tested.code, 0, tested.stdout + tested.stderr);
  const run = await deno(
    project,
    ["task", "lllm", "run", "demo", "Is it open on Saturday?", "--json"],
    env,
  );
  assert.equal(JSON.parse(run.stdout).result.sources[0], "Opening hours", run.stderr);
});

Deno.test("lllm create keeps a relative --link relative, seen from the project", () =>
  withFolder(async (folder) => {
    const copy = join(folder, "library");
    Deno.mkdirSync(copy);
    const config = {
      name: "@lllm/lllm",
      version: "1.2.3",
      imports: { zod: "npm:zod@^4" },
      links: ["./links/a"],
    };
    Deno.writeTextFileSync(join(copy, "deno.json"), JSON.stringify(config));
    const main = join(ROOT, "src/cli/main.ts");
    const created = await deno(folder, [
      "run",
      "-A",
      "--config",
      join(ROOT, "deno.json"),
      main,
      "create",
      "demo",
      "--link",
      "library",
    ]);
    assert.equal(created.code, 0, created.stderr);
    const { imports, links } = JSON.parse(Deno.readTextFileSync(join(folder, "demo/deno.json")));
    assert.deepEqual(links, ["../library", "../library/links/a"]);
    assert.deepEqual(imports, { "@lllm/lllm": "jsr:@lllm/lllm@^1.2.3", zod: "npm:zod@^4" });
  }));

Deno.test("lllm create fills a folder that is empty, and leaves one that has files as it is", () =>
  withFolder(async (folder) => {
    Deno.mkdirSync(join(folder, "empty"));
    assert.equal((await lllm(["create", join(folder, "empty"), "--link", ROOT])).code, 0);
    assert(names(join(folder, "empty")).includes("lllm.toml"));

    Deno.mkdirSync(join(folder, "full"));
    Deno.writeTextFileSync(join(folder, "full/mine.txt"), "mine");
    const refused = await lllm(["create", join(folder, "full"), "--link", ROOT]);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^error: Cannot create ".*full": expected .*, found one that has files/);
    assert.deepEqual(names(join(folder, "full")), ["mine.txt"]);
    assert.deepEqual(names(folder), ["empty", "full"]);
  }));

Deno.test("lllm create refuses what cannot be a name, and links that are no copy of the library", () =>
  withFolder(async (folder) => {
    for (const name of ["1st", "_hidden", "two words", "a.b", "x".repeat(41), "ä"]) {
      const refused = await lllm(["create", join(folder, name), "--link", ROOT]);
      assert.equal(refused.code, 2, name);
      assert.match(refused.stderr, /expected a name of at most 40 letters/, name);
    }
    const wrong = [
      [["create"], /expected the name of the project, found none/],
      [["create", "a", "b"], /expected one name, found also "b"/],
      [["create", join(folder, "no/such/demo")], /expected the folder .*no\/such, found none/],
      [["create", join(folder, "demo"), "--link", folder], /expected a copy of @lllm\/lllm .* found none/],
      [["create", join(folder, "demo"), "--link", join(ROOT, "links/std-path")], /found another package/],
    ] as const;
    for (const [args, message] of wrong) {
      const refused = await lllm(args);
      assert.equal(refused.code, 2, args.join(" "));
      assert.match(refused.stderr, message);
    }
    assert.deepEqual(names(folder), []);
  }));

Deno.test({
  name: "lllm create that fails leaves nothing behind",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withFolder(async (folder) => {
      const failed = await deno(folder, [
        "run",
        "--no-prompt",
        "--allow-read",
        `--allow-write=${folder}`,
        `--deny-write=${join(folder, "demo")}`,
        "--config",
        join(ROOT, "deno.json"),
        join(ROOT, "src/cli/main.ts"),
        "create",
        "demo",
        "--link",
        ROOT,
      ]);
      assert.notEqual(failed.code, 0);
      assert.match(failed.stderr, /error: .*write/);
      assert.deepEqual(names(folder), []);
    }),
});
