import assert from "node:assert/strict";
import { fromFileUrl, join, toFileUrl } from "@std/path";
import { installPackage } from "../../src/packages/mod.ts";
import { Runtime } from "../../src/runtime/mod.ts";
import { writeZip } from "../../src/util/write_zip.ts";
import { listAll, withFolder } from "./_fixtures.ts";

const CONFIG = fromFileUrl(new URL("../../deno.json", import.meta.url));
const url = (path: string) => new URL(`../../src/packages/${path}`, import.meta.url).href;
const LIBRARY = url("mod.ts");

async function writeArchive(folder: string): Promise<string> {
  const encode = (text: string) => new TextEncoder().encode(text);
  const zip = join(folder, "desk.zip");
  const files = [
    { path: "desk/lllm.toml", bytes: encode('[package]\nname = "desk"\n') },
    { path: "desk/tools/t.ts", bytes: encode('Deno.writeTextFileSync("ran", ""); export {};') },
  ];
  await Deno.writeFile(zip, await writeZip(files));
  return zip;
}

/** Starts a program with the library, in a process of its own. */
async function start(
  folder: string,
  code: string,
  permissions: readonly string[],
): Promise<Deno.ChildProcess> {
  const file = join(folder, `program-${crypto.randomUUID()}.ts`);
  await Deno.writeTextFile(file, code);
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--no-check", "--config", CONFIG, ...permissions, toFileUrl(file).href],
    cwd: folder,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

const installing = (zip: string, home: string, options = "") =>
  `import { installPackage } from ${JSON.stringify(LIBRARY)};
   await installPackage(${JSON.stringify(zip)}, { homeDir: ${JSON.stringify(home)}, load: false, ${options} })
     .then(() => console.log("ok"), (error) => console.log(error.code ?? error.message));`;

Deno.test("installPackage() in several programs at once: one wins, the others find it there", async () => {
  await withFolder({}, async (folder) => {
    const zip = await writeArchive(folder);
    const home = join(folder, "home");
    const children = await Promise.all(
      Array.from({ length: 4 }, () => start(folder, installing(zip, home), ["-A"])),
    );
    const outputs = await Promise.all(children.map((child) => child.output()));
    const told = outputs.map(({ stdout }) => new TextDecoder().decode(stdout).trim()).sort();
    assert.deepEqual(told, ["ok", "package_exists", "package_exists", "package_exists"]);
    assert.deepEqual(await listAll(join(home, ".lllm/packages")), [
      "desk/",
      "desk/lllm.toml",
      "desk/tools/",
      "desk/tools/t.ts",
    ]);
  });
});

Deno.test("installPackage() in a program that is killed leaves a folder that the next install removes", async () => {
  await withFolder({}, async (folder) => {
    const packages = join(folder, "home/.lllm/packages");
    // Writes one file, then stands still in the middle of the next.
    const child = await start(
      folder,
      `import { placeFolder } from ${JSON.stringify(url("_staging.ts"))};
       class Slow extends Map {
         *[Symbol.iterator]() {
           yield ["lllm.toml", new TextEncoder().encode('[package]\\nname = "desk"\\n')];
           console.log("writing");
           Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
         }
       }
       await placeFolder(${
        JSON.stringify(join(packages, "desk"))
      }, new Slow([["lllm.toml", new Uint8Array()]]));`,
      ["-A"],
    );
    const reader = child.stdout.getReader();
    await reader.read();
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    await child.stderr.cancel();
    const left = await listAll(packages);
    assert.equal(left.length, 3, left.join());
    assert(left.every((name) => name.startsWith(".staging-")), left.join());

    const runtime = new Runtime();
    const zip = await writeArchive(folder);
    await installPackage(zip, { homeDir: join(folder, "home"), load: false, runtime });
    assert.deepEqual((await listAll(packages)).filter((name) => name.startsWith(".")), []);
  });
});

Deno.test("installPackage() needs to read the archive, and to read and write the folder of packages, no more", async () => {
  await withFolder({}, async (folder) => {
    const zip = await writeArchive(folder);
    const home = join(folder, "home");
    const run = async (...permissions: string[]) => {
      const { stdout, stderr } = await (await start(folder, installing(zip, home), permissions)).output();
      return new TextDecoder().decode(stdout).trim() || new TextDecoder().decode(stderr);
    };
    assert.match(
      await run(`--allow-read=${folder}`),
      /run with --allow-read and --allow-write of that folder/,
    );
    assert.equal(await run(`--allow-read=${zip},${home}`, `--allow-write=${home}`), "ok");
  });
});

Deno.test("inspectPackage() needs to read the archive, no more", async () => {
  await withFolder({}, async (folder) => {
    const zip = await writeArchive(folder);
    const code = `import { inspectPackage } from ${JSON.stringify(LIBRARY)};
      console.log((await inspectPackage(${JSON.stringify(zip)})).name);`;
    const { stdout, stderr } = await (await start(folder, code, [`--allow-read=${zip}`])).output();
    assert.equal(new TextDecoder().decode(stdout), "desk\n", new TextDecoder().decode(stderr));
  });
});
