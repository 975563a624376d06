import assert from "node:assert/strict";
import { basename, dirname, join } from "@std/path";
import { exportPackage, installPackage, listPackages, removePackage } from "../../src/packages/mod.ts";
import { loadPackage, Runtime } from "../../src/runtime/mod.ts";
import { readZip } from "../../src/util/read_zip.ts";
import { type Files, listAll, withFolder, writeFiles } from "./_fixtures.ts";

const DESK: Files = {
  "desk/lllm.toml":
    '# The desk\n[package]\nname = "desk" # its name\nversion = "1.2.0"\ndescription = "A desk"\n' +
    '\n[dependencies]\npackages = ["../shared as sh"]\n',
  "desk/prompts/main.md": "Hello {name}",
  "desk/tools/_helper.ts": "export const x = 1;",
  "shared/lllm.toml": '[package]\nname = "shared_pkg"\n[dependencies]\npackages = ["../base"]\n',
  "shared/prompts/util.md": "U",
  "base/lllm.toml": '[package]\nname = "base"\n',
  "base/prompts/b.md": "B",
};

/** A place with a package that is loaded, and folders to install into. */
interface Place {
  readonly folder: string;
  readonly author: Runtime;
  readonly options: { readonly homeDir: string; readonly projectDir: string; readonly runtime: Runtime };
}

async function withPlace(files: Files, body: (place: Place) => Promise<void>): Promise<void> {
  await withFolder(files, async (folder) => {
    const author = new Runtime();
    if ("desk/lllm.toml" in files) await loadPackage(join(folder, "desk"), { runtime: author });
    await Deno.mkdir(join(folder, "project"));
    const options = {
      homeDir: join(folder, "home"),
      projectDir: join(folder, "project"),
      runtime: new Runtime(),
    };
    await body({ folder, author, options });
  });
}

async function namesIn(zip: string): Promise<string[]> {
  const files = await readZip(await Deno.readFile(zip), { maxBytes: 1e7, maxEntries: 1000 });
  return files.map(({ path }) => path);
}

async function packDesk({ folder, author }: Place, bundleDeps = false): Promise<string> {
  return await exportPackage("desk", join(folder, "out"), { runtime: author, bundleDeps });
}

Deno.test("exportPackage() makes an archive with the package in a folder of its name, and adds .zip", async () => {
  await withPlace(DESK, async (place) => {
    const zip = await packDesk(place);
    assert.equal(zip, join(place.folder, "out.zip"));
    assert.deepEqual(await namesIn(zip), [
      "desk/lllm.toml",
      "desk/prompts/main.md",
      "desk/tools/_helper.ts",
    ]);
  });
});

Deno.test("exportPackage() gives the same bytes for the same files", async () => {
  await withPlace(DESK, async (place) => {
    const first = await Deno.readFile(await packDesk(place));
    await Deno.utime(join(place.folder, "desk/lllm.toml"), 1, 1);
    await Deno.remove(join(place.folder, "out.zip"));
    assert.deepEqual(await Deno.readFile(await packDesk(place)), first);
  });
});

Deno.test("exportPackage() replaces no file unless it is told to, and makes no folders", async () => {
  await withPlace({ ...DESK, "mine.zip": "mine" }, async ({ folder, author: runtime }) => {
    const mine = join(folder, "mine.zip");
    await assert.rejects(exportPackage("desk", mine, { runtime }), {
      code: "package_exists",
      message:
        `Cannot export to ${mine}: expected nothing there, found a file; to replace it, say overwrite (--force)`,
    });
    assert.equal(await Deno.readTextFile(mine), "mine");
    await Deno.mkdir(join(folder, "dir.zip"));
    await assert.rejects(exportPackage("desk", join(folder, "dir"), { runtime, overwrite: true }), {
      code: "package_exists",
    });
    await assert.rejects(exportPackage("desk", join(folder, "no/such/desk.zip"), { runtime }), {
      code: "package_not_found",
      message: new RegExp(`expected the folder ${folder}/no/such, found none$`),
    });
    assert.equal(await exportPackage("desk", mine, { runtime, overwrite: true }), mine);
    assert((await namesIn(mine)).includes("desk/lllm.toml"));
    assert.deepEqual(await Array.fromAsync(Deno.readDir(join(folder, "dir.zip"))), []);
  });
});

Deno.test("exportPackage() leaves out caches, hidden files, node_modules, installed packages and its own output", async () => {
  const files = {
    ...DESK,
    "desk/.git/config": "",
    "desk/.env": "SECRET=1",
    "desk/prompts/.DS_Store": "",
    "desk/prompts/__pycache__/a.pyc": "",
    "desk/node_modules/x/index.js": "",
    "desk/lllm_packages/other/lllm.toml": '[package]\nname = "other"\n',
  };
  await withPlace(files, async ({ folder, author }) => {
    await Deno.mkdir(join(folder, "desk/assets"));
    const options = { runtime: author, overwrite: true };
    await exportPackage("desk", join(folder, "desk/assets/desk.zip"), options);
    const zip = await exportPackage("desk", join(folder, "desk/assets/desk.zip"), options);
    assert.deepEqual(await namesIn(zip), ["desk/lllm.toml", "desk/prompts/main.md", "desk/tools/_helper.ts"]);
  });
});

Deno.test("exportPackage() leaves out links that lead out of the package, with a warning", async () => {
  await withPlace({ ...DESK, "secret.txt": "s", "desk/prompts/in.md": "I" }, async ({ folder, author }) => {
    await Deno.symlink(join(folder, "secret.txt"), join(folder, "desk/prompts/out.md"));
    await Deno.symlink(join(folder, "desk/prompts/in.md"), join(folder, "desk/prompts/link.md"));
    const names = await namesIn(await exportPackage("desk", join(folder, "out"), { runtime: author }));
    assert.deepEqual(names.filter((name) => name.includes("prompts")), [
      "desk/prompts/in.md",
      "desk/prompts/link.md",
      "desk/prompts/main.md",
    ]);
    assert.deepEqual(author.warnings.map(({ code }) => code), ["link_left_out"]);
  });
});

Deno.test("exportPackage() passes links over that lead nowhere or to each other", async () => {
  await withPlace(DESK, async (place) => {
    const desk = join(place.folder, "desk");
    for (const name of ["assets", "lllm_packages", "prompts/round.md"]) {
      await Deno.symlink(join(desk, name), join(desk, name));
    }
    await Deno.symlink(join(desk, "gone"), join(desk, "prompts/gone.md"));
    assert.deepEqual(await namesIn(await packDesk(place)), [
      "desk/lllm.toml",
      "desk/prompts/main.md",
      "desk/tools/_helper.ts",
    ]);
  });
});

Deno.test("exportPackage() with bundleDeps packs what it depends on, and what that depends on, each once", async () => {
  await withPlace(DESK, async (place) => {
    const names = await namesIn(await packDesk(place, true));
    assert.deepEqual(names.filter((name) => name.includes("lllm_packages")), [
      "desk/lllm_packages/base/lllm.toml",
      "desk/lllm_packages/base/prompts/b.md",
      "desk/lllm_packages/shared/lllm.toml",
      "desk/lllm_packages/shared/prompts/util.md",
    ]);
  });
});

Deno.test("exportPackage() with bundleDeps stands cycles, warns of what is missing, and takes what came with it", async () => {
  const files = {
    ...DESK,
    "base/lllm.toml": '[package]\nname = "base"\n[dependencies]\npackages = ["../desk", "../gone"]\n',
    "desk/lllm_packages/own/lllm.toml": '[package]\nname = "own"\n',
  };
  await withPlace(files, async (place) => {
    place.author.warnings.length = 0;
    const names = await namesIn(await packDesk(place, true));
    assert.deepEqual(names.filter((name) => name.endsWith("lllm.toml")), [
      "desk/lllm.toml",
      "desk/lllm_packages/base/lllm.toml",
      "desk/lllm_packages/own/lllm.toml",
      "desk/lllm_packages/shared/lllm.toml",
    ]);
    assert.deepEqual(place.author.warnings.map(({ data }) => data.dependency), ["../gone"]);
  });
});

Deno.test("exportPackage() with bundleDeps refuses two dependencies whose folders have one name", async () => {
  const files = {
    ...DESK,
    "desk/lllm.toml": '[package]\nname = "desk"\n[dependencies]\npackages = ["../a/util", "../b/util"]\n',
    "a/util/lllm.toml": '[package]\nname = "a"\n',
    "b/util/lllm.toml": '[package]\nname = "b"\n',
  };
  await withPlace(files, async (place) => {
    await assert.rejects(packDesk(place, true), { code: "package_ambiguous" });
  });
});

Deno.test("exportPackage() finds packages that are not loaded: installed ones, the project and what it needs", async () => {
  await withPlace(DESK, async ({ folder }) => {
    const options = {
      homeDir: join(folder, "home"),
      projectDir: join(folder, "desk"),
      runtime: new Runtime(),
    };
    for (const name of ["desk", "shared_pkg", "base"]) {
      assert.equal(basename(await exportPackage(name, join(folder, name), options)), `${name}.zip`);
    }
    await installPackage(join(folder, "base.zip"), { ...options, alias: "found", load: false });
    await exportPackage("found", join(folder, "found"), options);
    await assert.rejects(exportPackage("deskk", join(folder, "x"), options), (error: Error) => {
      assert.match(error.message, /Cannot find package "deskk".*near it: desk/);
      return (error as { code?: string }).code === "package_not_found";
    });
    assert.equal((await listAll(folder)).includes("x.zip"), false);
  });
});

Deno.test("exportPackage() refuses a path that could not be installed", async () => {
  await withPlace({ ...DESK, "desk/assets/con.txt": "" }, async (place) => {
    await assert.rejects(packDesk(place), { code: "package_unsafe" });
  });
});

Deno.test("exportPackage() of a file that repeats itself makes an archive that can be installed", async () => {
  const prices = "0,0,0\n".repeat(500_000);
  await withPlace({ ...DESK, "desk/assets/prices.csv": prices }, async (place) => {
    await installPackage(await packDesk(place), place.options);
    const installed = join(place.folder, "home/.lllm/packages/desk/assets/prices.csv");
    assert.equal(await Deno.readTextFile(installed), prices);
  });
});

Deno.test("exportPackage() refuses more files, and more bytes, than could be installed", async () => {
  await withPlace(DESK, async (place) => {
    const large = join(place.folder, "desk/assets/large.bin");
    await Deno.mkdir(dirname(large), { recursive: true });
    using file = await Deno.open(large, { write: true, create: true });
    await file.truncate(256 * 1024 * 1024); // a hole, that takes no space
    await assert.rejects(packDesk(place), {
      code: "package_unsafe",
      message: 'Cannot export package "desk": its files have more than 268435456 bytes',
    });
    await Deno.remove(large);
    for (let i = 0; i <= 20_000; i++) Deno.writeTextFileSync(join(dirname(large), `${i}.txt`), "");
    await assert.rejects(packDesk(place), {
      code: "package_unsafe",
      message: 'Cannot export package "desk": it has more than 20000 files',
    });
  });
});

Deno.test("installPackage() puts the package into the user's folder, and loads it", async () => {
  await withPlace(DESK, async (place) => {
    const { options, folder } = place;
    const info = await installPackage(await packDesk(place), options);
    const target = join(folder, "home/.lllm/packages/desk");
    assert.deepEqual({ ...info }, {
      name: "desk",
      version: "1.2.0",
      description: "A desk",
      baseDir: target,
      effectiveName: "desk",
    });
    assert.equal(options.runtime.getPrompt("desk:main").render({ name: "Ann" }), "Hello Ann");
    assert.deepEqual(await listAll(join(folder, "home/.lllm/packages")), [
      "desk/",
      "desk/lllm.toml",
      "desk/prompts/",
      "desk/prompts/main.md",
      "desk/tools/",
      "desk/tools/_helper.ts",
    ]);
  });
});

Deno.test("installPackage() without load runs and registers nothing", async () => {
  await withPlace({ ...DESK, "desk/tools/boom.ts": "export const a = 1;" }, async (place) => {
    const { options } = place;
    await Deno.writeTextFile(join(place.folder, "desk/tools/boom.ts"), "throw new Error('ran');");
    const { name } = await installPackage(await packDesk(place), { ...options, load: false });
    assert.equal(name, "desk");
    assert.equal(options.runtime.packages.size, 0);
  });
});

Deno.test("installPackage() takes an archive without a folder around the package", async () => {
  await withPlace(DESK, async (place) => {
    const files = await readZip(await Deno.readFile(await packDesk(place)), {
      maxBytes: 1e7,
      maxEntries: 99,
    });
    const { writeZip } = await import("../../src/util/write_zip.ts");
    const flat = files.map(({ path, bytes }) => ({ path: path.slice("desk/".length), bytes }));
    const zip = join(place.folder, "flat.zip");
    await Deno.writeFile(zip, await writeZip(flat));
    assert.equal((await installPackage(zip, place.options)).name, "desk");
  });
});

Deno.test("installPackage() into the project's scope puts it into lllm_packages", async () => {
  await withPlace(DESK, async (place) => {
    const { baseDir } = await installPackage(await packDesk(place), { ...place.options, scope: "project" });
    assert.equal(baseDir, join(place.folder, "project/lllm_packages/desk"));
  });
});

Deno.test("installPackage() takes the folder of the runtime's first package as the project", async () => {
  await withPlace(DESK, async (place) => {
    const zip = await packDesk(place);
    const { baseDir } = await installPackage(zip, {
      scope: "project",
      alias: "copy",
      load: false,
      runtime: place.author,
    });
    assert.equal(baseDir, join(place.folder, "desk/lllm_packages/copy"));
  });
});

Deno.test("installPackage() with an alias names the folder and the manifest by it, and changes nothing else", async () => {
  await withPlace(DESK, async (place) => {
    const info = await installPackage(await packDesk(place), { ...place.options, alias: "my-desk" });
    assert.equal(info.name, "my-desk");
    assert.equal(basename(info.baseDir), "my-desk");
    const text = await Deno.readTextFile(join(info.baseDir, "lllm.toml"));
    assert.equal(text, DESK["desk/lllm.toml"]!.replace('name = "desk"', 'name = "my-desk"'));
    assert.deepEqual(place.options.runtime.keys(), ["my-desk.prompts:main"]);
  });
});

const MANIFESTS: readonly (readonly [string, string])[] = [
  ["[package]\nname = 'a'\n", '[package]\nname = "z"\n'],
  ['package = { version = "1", name = "a" }\n', 'package = { version = "1", name = "z" }\n'],
  ['package.name = "a"\n', 'package.name = "z"\n'],
  ['[package]\n"name" = "a"', '[package]\n"name" = "z"'],
  ['[package]\nversion = "1"\n', '[package]\nname = "z"\nversion = "1"\n'],
  ['[prompts]\npaths = ["p"]', '[prompts]\npaths = ["p"]\n[package]\nname = "z"\n'],
  ["", '[package]\nname = "z"\n'],
  [
    '[other]\nname = "a"\n[package]\ndescription = """\nname = "a"\n"""\nname = "a"\n',
    '[other]\nname = "a"\n[package]\ndescription = """\nname = "a"\n"""\nname = "z"\n',
  ],
];

Deno.test("installPackage() with an alias finds the name wherever a manifest may say it", async () => {
  for (const [before, after] of MANIFESTS) {
    await withPlace({ "a/lllm.toml": before }, async ({ folder, options }) => {
      const runtime = new Runtime();
      runtime.registerPackage({ name: "a", baseDir: join(folder, "a") });
      const zip = await exportPackage("a", join(folder, "a"), { runtime });
      const { baseDir } = await installPackage(zip, { ...options, alias: "z" });
      assert.equal(await Deno.readTextFile(join(baseDir, "lllm.toml")), after);
    });
  }
});

Deno.test("installPackage() refuses an alias that is the name of a package that comes with it", async () => {
  await withPlace(DESK, async (place) => {
    const zip = await packDesk(place, true);
    for (const alias of ["shared_pkg", "base"]) {
      await assert.rejects(installPackage(zip, { ...place.options, alias }), {
        code: "package_exists",
        message: `Cannot install "desk" under the alias "${alias}": ` +
          "expected a name that no package has which comes with it, found that of one",
      });
    }
    assert.deepEqual(await listPackages(place.options), []);
    assert.equal((await installPackage(zip, { ...place.options, alias: "other" })).name, "other");
  });
});

Deno.test("installPackage() refuses a name that is taken, by a folder or by a manifest, and leaves what is there", async () => {
  await withPlace(DESK, async (place) => {
    const { options, folder } = place;
    const zip = await packDesk(place);
    await installPackage(zip, { ...options, load: false });
    await Deno.writeTextFile(join(folder, "home/.lllm/packages/desk/mine.txt"), "kept");
    const before = await listAll(join(folder, "home"));
    await assert.rejects(installPackage(zip, options), { code: "package_exists" });
    await installPackage(zip, { ...options, alias: "two", load: false });
    await assert.rejects(installPackage(zip, { ...options, alias: "two" }), { code: "package_exists" });
    await removePackage("two", options);
    await Deno.rename(join(folder, "home/.lllm/packages/desk"), join(folder, "home/.lllm/packages/moved"));
    await assert.rejects(installPackage(zip, options), { code: "package_exists" });
    assert.equal((await listAll(join(folder, "home"))).length, before.length);
  });
});

Deno.test("installPackage() refuses what is no archive, no alias, no scope", async () => {
  await withPlace(DESK, async (place) => {
    const { options, folder } = place;
    const zip = await packDesk(place);
    await assert.rejects(installPackage(join(folder, "none.zip"), options), { code: "package_not_found" });
    await assert.rejects(installPackage(folder, options), { code: "package_not_found" });
    for (const alias of ["NO ALIAS!", "../up", "", ".hidden", "_under", "con", "a/b", "a."]) {
      await assert.rejects(installPackage(zip, { ...options, alias }), TypeError, alias);
    }
    await assert.rejects(installPackage(zip, { ...options, scope: "galactic" as "user" }), RangeError);
    assert.deepEqual((await listAll(folder)).filter((name) => /home|project\//.test(name)), ["project/"]);
  });
});

Deno.test({
  name: "installPackage() says what is no file",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    for (
      const [path, found] of [["/dev/null", "a pipe, a device or the like"], ["/tmp", "a folder"]] as const
    ) {
      await assert.rejects(installPackage(path, { homeDir: "/nowhere", runtime: new Runtime() }), {
        code: "package_not_found",
        message: `Cannot use package "${path}": expected a zip archive, found ${found}`,
      });
    }
  },
});

Deno.test("installPackage() leaves nothing when the package cannot be loaded", async () => {
  await withPlace({ ...DESK, "desk/tools/t.ts": "export const a = 1;" }, async (place) => {
    const { options, folder } = place;
    await Deno.writeTextFile(join(folder, "desk/tools/t.ts"), "throw new Error('no');");
    await assert.rejects(installPackage(await packDesk(place), options), { code: "module_load_failed" });
    assert.deepEqual((await listAll(folder)).filter((name) => name.startsWith("home")), []);
    assert.equal(options.runtime.packages.size, 0);
  });
});

Deno.test("installPackage() leaves nothing when the runtime has another package of that name", async () => {
  await withPlace(DESK, async (place) => {
    const zip = await packDesk(place);
    await assert.rejects(installPackage(zip, { ...place.options, runtime: place.author }), {
      code: "package_exists",
    });
    assert.deepEqual((await listAll(place.folder)).filter((name) => name.startsWith("home")), []);
  });
});

Deno.test("installPackage() twice at once: one wins, the other finds it there", async () => {
  await withPlace(DESK, async (place) => {
    const zip = await packDesk(place);
    const settled = await Promise.allSettled(
      Array.from({ length: 8 }, () => installPackage(zip, { ...place.options, load: false })),
    );
    const codes = settled.map((each) => each.status === "fulfilled" ? "ok" : each.reason.code).sort();
    assert.deepEqual(codes, ["ok", ...Array(7).fill("package_exists")].sort());
    assert.deepEqual(
      (await listAll(join(place.folder, "home/.lllm/packages"))).filter((name) => !name.startsWith("desk/")),
      [],
    );
  });
});

Deno.test("installPackage() removes what an install that was killed has left, and not what others are at", async () => {
  await withPlace(DESK, async (place) => {
    const packages = join(place.folder, "home/.lllm/packages");
    await writeFiles(packages, {
      ".staging-dead/lllm.toml": '[package]\nname = "dead"\n',
      ".staging-dead.lock": "",
      ".staging-live/lllm.toml": '[package]\nname = "live"\n',
      ".staging-live.lock": "",
    });
    using live = await Deno.open(join(packages, ".staging-live.lock"), { write: true });
    await live.lock(true);
    await installPackage(await packDesk(place), place.options);
    const names = (await Array.fromAsync(Deno.readDir(packages))).map(({ name }) => name).sort();
    assert.deepEqual(names, [".staging-live", ".staging-live.lock", "desk"]);
    assert.deepEqual((await listPackages({ ...place.options, scope: "user" })).map(({ name }) => name), [
      "desk",
    ]);
  });
});

Deno.test("listPackages() lists both scopes, and one alone", async () => {
  await withPlace(DESK, async (place) => {
    const { options, folder } = place;
    const zip = await packDesk(place);
    await installPackage(zip, { ...options, load: false });
    await installPackage(zip, { ...options, alias: "own", scope: "project", load: false });
    const user = {
      name: "desk",
      version: "1.2.0",
      description: "A desk",
      scope: "user",
      path: join(folder, "home/.lllm/packages/desk"),
    };
    const project = {
      ...user,
      name: "own",
      scope: "project",
      path: join(folder, "project/lllm_packages/own"),
    };
    assert.deepEqual(await listPackages(options), [user, project]);
    assert.deepEqual(await listPackages({ ...options, scope: "user" }), [user]);
    assert.deepEqual(await listPackages({ ...options, scope: "project" }), [project]);
    await assert.rejects(listPackages({ ...options, scope: "galactic" as "user" }), RangeError);
  });
});

Deno.test("listPackages() lists what the runtime has loaded from elsewhere, where no scope is asked for", async () => {
  await withPlace(DESK, async ({ author, options, folder }) => {
    const listed = await listPackages({ ...options, runtime: author });
    assert.deepEqual(listed.map(({ name, scope, path }) => [name, scope, path]), [
      ["base", "runtime", join(folder, "base")],
      ["desk", "runtime", join(folder, "desk")],
      ["shared_pkg", "runtime", join(folder, "shared")],
    ]);
    assert.deepEqual(await listPackages({ ...options, runtime: author, scope: "user" }), []);
    assert.deepEqual(await listPackages(options), []);
  });
});

Deno.test("listPackages() lists an installed package once, loaded or not, and one whose manifest is broken", async () => {
  await withPlace(DESK, async (place) => {
    await installPackage(await packDesk(place), place.options);
    await writeFiles(join(place.folder, "home/.lllm/packages"), {
      "broken/lllm.toml": "[package",
      "empty/readme.txt": "",
      "_draft/lllm.toml": "",
    });
    const listed = await listPackages(place.options);
    assert.deepEqual(listed.map(({ name, scope }) => [name, scope]), [["broken", "user"], ["desk", "user"]]);
    assert.match(listed[0]!.description, /Cannot read .*lllm\.toml/);
  });
});

Deno.test("removePackage() removes the folder, gives its path, and makes the runtime forget the package", async () => {
  await withPlace(DESK, async (place) => {
    const { options, folder } = place;
    const { baseDir } = await installPackage(await packDesk(place, true), options);
    assert.deepEqual([...options.runtime.packages.keys()].sort(), ["base", "desk", "sh", "shared_pkg"]);
    assert.equal(await removePackage("desk", options), baseDir);
    assert.deepEqual([...options.runtime.packages.keys()], []);
    assert.deepEqual(options.runtime.keys(), []);
    assert.deepEqual(await listAll(join(folder, "home/.lllm/packages")), []);
  });
});

Deno.test("removePackage() does not guess: nothing of that name, or two", async () => {
  await withPlace(DESK, async (place) => {
    const { options } = place;
    const zip = await packDesk(place);
    await assert.rejects(removePackage("desk", options), { code: "package_not_found" });
    await installPackage(zip, { ...options, load: false });
    await installPackage(zip, { ...options, scope: "project", load: false });
    await assert.rejects(removePackage("desk", options), { code: "package_ambiguous" });
    assert.match(await removePackage("desk", { ...options, scope: "project" }), /lllm_packages/);
    await assert.rejects(removePackage("desk", { ...options, scope: "project" }), {
      code: "package_not_found",
    });
    assert.match(await removePackage("desk", options), /\.lllm/);
    await assert.rejects(removePackage("..", options), { code: "package_not_found" });
  });
});

Deno.test("removePackage() twice at once: one removes it, the other does not find it", async () => {
  await withPlace(DESK, async (place) => {
    await installPackage(await packDesk(place), place.options);
    const settled = await Promise.allSettled([1, 2, 3].map(() => removePackage("desk", place.options)));
    const codes = settled.map((outcome) => outcome.status === "fulfilled" ? "removed" : outcome.reason.code);
    assert.deepEqual(codes.sort(), ["package_not_found", "package_not_found", "removed"]);
    assert.deepEqual(await listPackages(place.options), []);
  });
});

Deno.test("removePackage() makes the runtime forget a package that another program removed first", async () => {
  await withPlace(DESK, async (place) => {
    const { options } = place;
    const { baseDir } = await installPackage(await packDesk(place, true), options);
    const others = await Promise.all([1, 2, 3].map(async () => {
      const runtime = new Runtime();
      await loadPackage(baseDir, { runtime });
      return { ...options, runtime };
    }));
    const settled = await Promise.allSettled(others.map((each) => removePackage("desk", each)));
    assert.equal(settled.filter(({ status }) => status === "fulfilled").length, 1);
    assert.deepEqual(others.flatMap(({ runtime }) => [...runtime.packages.keys(), ...runtime.keys()]), []);

    await assert.rejects(removePackage("desk", options), { code: "package_not_found" });
    assert.deepEqual([...options.runtime.packages.keys(), ...options.runtime.keys()], []);
  });
});

Deno.test("removePackage() of a symbolic link removes the link alone", async () => {
  await withPlace(DESK, async ({ folder, options }) => {
    await Deno.mkdir(join(folder, "project/lllm_packages"));
    await Deno.symlink(join(folder, "desk"), join(folder, "project/lllm_packages/desk"));
    await loadPackage(join(folder, "project/lllm_packages/desk"), { runtime: options.runtime });
    await removePackage("desk", options);
    assert.deepEqual(await listAll(join(folder, "project")), ["lllm_packages/"]);
    assert.equal((await listAll(join(folder, "desk"))).includes("lllm.toml"), true);
    assert.equal(options.runtime.packages.has("desk"), false);
  });
});

Deno.test("removePackage() of a package whose manifest is broken goes by its folder", async () => {
  await withPlace({ "home/.lllm/packages/broken/lllm.toml": "[" }, async ({ folder, options }) => {
    await removePackage("broken", options);
    assert.deepEqual(await listAll(join(folder, "home/.lllm/packages")), []);
  });
});

Deno.test("a package goes round: export with dependencies, install, load, list, remove", async () => {
  await withPlace(DESK, async (place) => {
    const { folder, options } = place;
    const zip = await packDesk(place, true);
    for (const name of ["desk", "shared", "base"]) await Deno.remove(join(folder, name), { recursive: true });
    await installPackage(zip, options);
    assert.deepEqual(options.runtime.warnings, []);
    assert.deepEqual(options.runtime.keys(), [
      "base.prompts:b",
      "desk.prompts:main",
      "sh.prompts:util",
      "shared_pkg.prompts:util",
    ]);
    assert.deepEqual((await listPackages({ ...options, scope: "user" })).map(({ name }) => name), ["desk"]);
    await removePackage("desk", options);
    assert.deepEqual(await listPackages(options), []);
  });
});
