import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import type { CommandOutcome } from "./_command.ts";

const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));
const MAIN = fromFileUrl(new URL("../../src/cli/main.ts", import.meta.url));

/** Folders with a package, a project, and a home; `pkg` runs `lllm pkg` there. */
interface Place {
  readonly folder: string;
  readonly packages: string;
  pkg(...args: string[]): Promise<CommandOutcome>;
  /** The same where there is no home folder. */
  pkgWithoutHome(...args: string[]): Promise<CommandOutcome>;
}

const FILES = {
  "desk/lllm.toml": '[package]\nname = "desk"\nversion = "1.2.0"\n[dependencies]\npackages = ["../base"]\n',
  "desk/proxies/fmp.ts": 'throw new Error("it ran"); fetch("https://fmp.example/"); Deno.env.get("FMP_KEY");',
  "base/lllm.toml": '[package]\nname = "base"\ndescription = "\\u001b[2J"\n',
  "project/lllm.toml": '[package]\nname = "project"\n',
};

async function withPlace(body: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const { HOME = "", XDG_CACHE_HOME = "", DENO_DIR = "" } = Deno.env.toObject();
  const cache = DENO_DIR || (XDG_CACHE_HOME ? `${XDG_CACHE_HOME}/deno` : `${HOME}/.cache/deno`);
  try {
    for (const [name, text] of Object.entries(FILES)) {
      await Deno.mkdir(join(folder, name, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, name), text);
    }
    const run = async (args: readonly string[], home: string) => {
      const command = new Deno.Command(Deno.execPath(), {
        args: ["run", "-A", "--no-prompt", "--config", CONFIG, MAIN, "pkg", ...args],
        cwd: join(folder, "project"),
        env: { HOME: home, DENO_DIR: cache, NO_COLOR: "1", LLLM_CONFIG: "" },
        stdin: "null",
      });
      const { code, stdout, stderr } = await command.output();
      return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
    };
    const home = join(folder, "home");
    await body({
      folder,
      packages: join(home, ".lllm/packages"),
      pkg: (...args) => run(args, home),
      pkgWithoutHome: (...args) => run(args, ""),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function withArchive(body: (place: Place) => Promise<void>): Promise<void> {
  await withPlace(async (place) => {
    const { code, stdout } = await place.pkg("export", "desk", "../desk", "--project", "../desk");
    assert.deepEqual({ code, stdout }, { code: 0, stdout: `${join(place.folder, "desk.zip")}\n` });
    await body(place);
  });
}

Deno.test("lllm pkg without an action, with an unknown one or a stray option ends with 2", async () => {
  await withPlace(async ({ pkg }) => {
    const none = await pkg();
    assert.equal(none.code, 2);
    assert.match(none.stderr, /expected inspect, install, export, list, remove, found none/);
    const unknown = await pkg("instal");
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /did you mean "install"\?/);
    assert.equal((await pkg("list", "--alias", "x")).code, 2);
    assert.equal((await pkg("list", "--scope", "galactic")).code, 2);
    assert.equal((await pkg("remove")).code, 2);
  });
});

Deno.test("lllm pkg install shows what is in the package, installs it, and runs none of it", async () => {
  await withArchive(async ({ pkg, packages }) => {
    const { code, stdout, stderr } = await pkg("install", "../desk.zip", "--yes");
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `${join(packages, "desk")}\n`);
    assert.match(stderr, /net: fmp\.example \(fetch in proxies\/fmp\.ts\)/);
    assert.match(stderr, /env: FMP_KEY/);
    assert.match(stderr, /a hint, no guarantee/);
    assert.doesNotMatch(stderr, /it ran/);
  });
});

Deno.test("lllm pkg install without a terminal and without --yes ends with 2 and installs nothing", async () => {
  await withArchive(async ({ pkg, folder }) => {
    const { code, stderr } = await pkg("install", "../desk.zip");
    assert.equal(code, 2);
    assert.match(stderr, /expected a terminal or --yes/);
    assert.throws(() => Deno.statSync(join(folder, "home")), Deno.errors.NotFound);
  });
});

Deno.test("lllm pkg install takes an alias and a scope, and tells them as JSON", async () => {
  await withArchive(async ({ pkg, folder }) => {
    const args = ["install", "../desk.zip", "--alias", "own", "--scope", "project", "-y", "--json"];
    const { stdout } = await pkg(...args);
    assert.deepEqual(JSON.parse(stdout), {
      ok: true,
      result: {
        name: "own",
        version: "1.2.0",
        description: "",
        scope: "project",
        path: join(folder, "project/lllm_packages/own"),
      },
    });
    const bad = await pkg("install", "../desk.zip", "--alias", "../up", "--yes");
    assert.equal(bad.code, 2);
    assert.match(bad.stderr, /is no name of a package/);
  });
});

Deno.test("lllm pkg install refuses what is there already, and what is no package, with 2", async () => {
  await withArchive(async ({ pkg, folder }) => {
    assert.equal((await pkg("install", "../desk.zip", "--yes")).code, 0);
    const again = await pkg("install", "../desk.zip", "--yes", "--json");
    assert.equal(again.code, 2);
    assert.equal(JSON.parse(again.stdout).error.code, "package_exists");
    await Deno.writeTextFile(join(folder, "bad.zip"), "no zip");
    const bad = await pkg("install", "../bad.zip", "--yes", "--json");
    assert.equal(bad.code, 2);
    assert.equal(JSON.parse(bad.stdout).error.code, "package_unsafe");
  });
});

Deno.test("lllm pkg list shows what is installed, and says when nothing is", async () => {
  await withArchive(async ({ pkg, packages }) => {
    const empty = await pkg("list");
    assert.deepEqual([empty.code, empty.stdout], [0, ""]);
    assert.match(empty.stderr, /there are none/);
    await pkg("install", "../desk.zip", "--yes");
    assert.equal((await pkg("list")).stdout, `desk\t1.2.0\tuser\t${join(packages, "desk")}\n`);
    assert.deepEqual(JSON.parse((await pkg("list", "--scope", "project", "--json")).stdout), {
      ok: true,
      result: [],
    });
  });
});

Deno.test("lllm pkg remove removes a package, and ends with 2 where there is none", async () => {
  await withArchive(async ({ pkg, packages }) => {
    await pkg("install", "../desk.zip", "--yes");
    assert.equal((await pkg("remove", "desk")).stdout, `${join(packages, "desk")}\n`);
    const gone = await pkg("remove", "desk");
    assert.equal(gone.code, 2);
    assert.match(gone.stderr, /Cannot find package "desk"/);
  });
});

Deno.test("lllm pkg export packs dependencies where that is asked for, and ends with 2 for an unknown package", async () => {
  await withPlace(async ({ pkg, folder }) => {
    const project = ["--project", "../desk"];
    assert.equal((await pkg("export", "desk", "../all.zip", "--bundle-deps", ...project)).code, 0);
    const facts = JSON.parse((await pkg("inspect", "../all.zip", "--json")).stdout).result;
    assert.deepEqual(facts.bundled.map(({ name }: { name: string }) => name), ["base"]);
    const unknown = await pkg("export", "nothing", "../x.zip", ...project);
    assert.equal(unknown.code, 2);
    assert.throws(() => Deno.statSync(join(folder, "x.zip")), Deno.errors.NotFound);
  });
});

Deno.test("lllm pkg inspect reads a folder, and sends no commands of a package to the terminal", async () => {
  await withPlace(async ({ pkg }) => {
    const { code, stdout } = await pkg("inspect", "../base");
    assert.equal(code, 0);
    assert.match(stdout, /^base — \\u001b\[2J\n/);
  });
});

Deno.test("lllm pkg writes out what a terminal would obey or not show, in names, warnings, errors and JSON", async () => {
  await withPlace(async ({ pkg, folder }) => {
    const evil = join(folder, "evil");
    await Deno.mkdir(evil);
    const write = (manifest: string) => Deno.writeTextFile(join(evil, "lllm.toml"), manifest);
    await write('[package]\nname = "a\\u202eb"\n[prompts]\npaths = ["../\\u001b[2J"]\n');
    const outcomes = [
      await pkg("export", "a\u202eb", "../x.zip", "--project", "../evil"),
      await pkg("export", "a\u202eb", "../x.zip", "--project", "../evil", "--json"),
      await pkg("inspect", "../evil"),
      await pkg("inspect", "../evil", "--json"),
      await pkg("export", "no\u009b2Jne", "../y.zip"),
      await pkg("install", "../no\u009b2Jne.zip", "--yes", "--verbose"),
    ];
    for (const { stdout, stderr } of outcomes) {
      assert.doesNotMatch((stdout + stderr).replaceAll(/[\n\t]/g, ""), /[\p{Cc}\p{Cf}]/u);
      assert.match(stdout + stderr, /\\u202e|\\u009b/);
    }
    assert.equal(JSON.parse(outcomes[3]!.stdout).result.name, "a\u202eb");
  });
});

Deno.test("lllm pkg works without a home folder where that is not what is asked for", async () => {
  await withArchive(async ({ pkg, pkgWithoutHome, folder }) => {
    await pkg("install", "../desk.zip", "--yes", "--scope", "project");
    const { code, stdout, stderr } = await pkgWithoutHome("list");
    assert.equal(code, 0, stderr);
    assert.equal(stdout, `desk\t1.2.0\tproject\t${join(folder, "project/lllm_packages/desk")}\n`);
    assert.match(stderr, /warning: .*expected HOME to be set.*left out/);
    assert.equal((await pkgWithoutHome("export", "desk", "../again.zip")).code, 0);
    assert.equal((await pkgWithoutHome("remove", "desk")).code, 0);
    assert.equal((await pkgWithoutHome("list", "--scope", "user")).code, 2);
  });
});

Deno.test("lllm pkg export replaces an archive with --force alone, and prints its warnings", async () => {
  await withArchive(async ({ pkg, folder }) => {
    const again = ["export", "desk", "../desk.zip", "--project", "../desk"];
    const refused = await pkg(...again);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /found a file; to replace it, say overwrite \(--force\)/);
    await Deno.mkdir(join(folder, "base/prompts"));
    const manifest =
      '[package]\nname = "desk"\n[prompts]\npaths = ["../base/prompts"]\n[dependencies]\npackages = ["../base"]\n';
    await Deno.writeTextFile(join(folder, "desk/lllm.toml"), manifest);
    const { code, stderr } = await pkg(...again, "--force");
    assert.equal(code, 0, stderr);
    assert.match(
      stderr,
      /warning: Package "desk" lists \.\.\/base\/prompts in \[prompts\], which belongs to "base"/,
    );
  });
});
