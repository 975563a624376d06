/** How sandboxes and the host's own process, permissions and files go together. */
import assert from "node:assert/strict";
import { buildGuest } from "../../src/sandbox/_build_guest.ts";
import { findCacheRoot } from "../../src/sandbox/_cache_root.ts";
import { openRuntimeFolder } from "../../src/sandbox/_runtime_folder.ts";
import { createSandbox } from "../../src/sandbox/mod.ts";
import { processesWith } from "./_helpers.ts";

const HOST = new URL("./_host.ts", import.meta.url).pathname;
const ROOT = new URL("../../", import.meta.url).pathname;

async function withCacheDir(
  body: (cacheDir: string) => Promise<void>,
  { empty = false }: { readonly empty?: boolean } = {},
): Promise<void> {
  const cacheDir = await Deno.makeTempDir();
  try {
    if (!empty) await copyOf(cacheDir);
    await body(cacheDir);
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
}

/** Fills a cache folder from the usual one: making its files takes seconds. */
async function copyOf(cacheDir: string): Promise<void> {
  const { path } = await openRuntimeFolder(await findCacheRoot(undefined));
  await new Deno.Command("cp", { args: ["-r", path, cacheDir] }).output();
}

async function denoDir(): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).output();
  return JSON.parse(new TextDecoder().decode(stdout)).denoDir;
}

async function runHost(
  flags: string[],
  args: string[],
  env: Record<string, string> = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--cached-only", ...flags, HOST, ...args],
    cwd: ROOT,
    env: { NO_COLOR: "1", ...env },
  });
  const { code, stdout, stderr } = await command.output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!condition()) {
    assert.ok(Date.now() < deadline, "it did not happen in time");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function onlyFolder(cacheDir: string, pattern = /^/): Promise<string> {
  const all = await Array.fromAsync(Deno.readDir(cacheDir), ({ name }) => name);
  const names = all.filter((name) => pattern.test(name));
  assert.equal(names.length, 1, names.join());
  assert.match(names[0]!, /^sandbox-[0-9a-f]{16}$/);
  return `${cacheDir}/${names[0]}`;
}

Deno.test("guest.generated.ts is what sandbox/ makes", async () => {
  const generated = await Deno.readTextFile(new URL("../../src/sandbox/guest.generated.ts", import.meta.url));
  assert.equal(generated, buildGuest(), "run: deno run -RW src/sandbox/_build_guest.ts");
});

Deno.test("createSandbox() makes its files once, also for many at a time", async () => {
  await withCacheDir(async (cacheDir) => {
    const options = JSON.stringify({ cacheDir });
    const results = await Promise.all([1, 2].map(() => runHost(["-A"], [options, "6 * 7"])));
    for (const { stdout, stderr } of results) assert.equal(stdout, "=> 42\n", stderr);
    const folder = await onlyFolder(cacheDir);
    const before = await Deno.stat(`${folder}/files.json`);
    await (await createSandbox({ language: "python", cacheDir })).close();
    assert.deepEqual((await Deno.stat(`${folder}/files.json`)).mtime, before.mtime);
  }, { empty: true });
});

Deno.test("createSandbox() makes its files again when they are damaged", async () => {
  await withCacheDir(async (cacheDir) => {
    const folder = await onlyFolder(cacheDir);
    const damages: (() => Promise<void>)[] = [
      async () => {
        const bytes = await Deno.readFile(`${folder}/python.snapshot`);
        bytes[9_000_000]! ^= 1;
        await Deno.writeFile(`${folder}/python.snapshot`, bytes);
      },
      () => Deno.remove(`${folder}/guest/main.js`),
    ];
    for (const damage of damages) {
      await damage();
      const { stdout, stderr } = await runHost(["-A"], [JSON.stringify({ cacheDir }), "6 * 7"]);
      assert.equal(stdout, "=> 42\n", stderr);
      assert.equal(await onlyFolder(cacheDir), folder);
    }
  });
});

Deno.test("createSandbox() keeps its files where the environment says", async () => {
  await withCacheDir(async (cacheDir) => {
    const home = await Deno.makeTempDir({ dir: cacheDir });
    const folder = await onlyFolder(cacheDir, /^sandbox-/);
    const places: [environment: Record<string, string>, cacheRoot: string][] = [
      [{ LLLM_CACHE: `${cacheDir}/own`, XDG_CACHE_HOME: "/dev/null" }, `${cacheDir}/own`],
      [{ LLLM_CACHE: "", XDG_CACHE_HOME: `${cacheDir}/xdg` }, `${cacheDir}/xdg/lllm`],
      [{ LLLM_CACHE: "", XDG_CACHE_HOME: "" }, `${home}/.cache/lllm`],
    ];
    for (const [environment, cacheRoot] of places) {
      await Deno.mkdir(cacheRoot, { recursive: true });
      await Deno.rename(folder, folder.replace(cacheDir, cacheRoot));
      const env = { ...environment, HOME: home, DENO_DIR: await denoDir() };
      const { stdout, stderr } = await runHost(["-A"], ["{}", "6 * 7"], env);
      assert.equal(stdout, "=> 42\n", stderr);
      await Deno.rename(await onlyFolder(cacheRoot), folder);
    }
  });
});

Deno.test("createSandbox() names the permission that the host lacks", async () => {
  await withCacheDir(async (cacheDir) => {
    const options = JSON.stringify({ cacheDir });
    const read = `--allow-read=${cacheDir}`;
    const isLinux = Deno.build.os === "linux";
    const run = `--allow-run=${isLinux ? "prlimit" : Deno.execPath()}`;
    const whole = await runHost([read, run], [options, "6 * 7"]);
    assert.deepEqual([whole.stdout, whole.stderr], ["=> 42\n", ""]);
    const noLimits = await runHost([read, `--allow-run=${Deno.execPath()}`], [options, "6 * 7"]);
    assert.equal(noLimits.stdout, "=> 42\n");
    const warning = /^Warning: The sandbox runs without the kernel's limits: expected .*--allow-run=prlimit/;
    if (isLinux) assert.match(noLimits.stderr, warning);

    const lacking: [flags: string[], options: string, expected: RegExp][] = [
      [[], "{}", /expected the permission --allow-env=LLLM_CACHE,XDG_CACHE_HOME,HOME/],
      [[run], options, /expected the permission --allow-read=/],
      [
        [read],
        options,
        isLinux ? /permission --allow-run=prlimit \(or --allow-run=.*deno/ : /permission --allow-run=/,
      ],
    ];
    for (const [flags, argument, expected] of lacking) {
      const { code, stderr } = await runHost(flags, [argument]);
      assert.equal(code, 1);
      assert.match(stderr, expected);
    }

    // What is missing is told at once: with the flags of one error the next start succeeds.
    const sandboxed = { cacheDir, allowNet: ["example.org", "10.0.0.1:90"] };
    const { stderr } = await runHost([], [JSON.stringify(sandboxed)]);
    const told = stderr.match(/--allow-(?:read|run|net)=[^\s;,]+/g) ?? [];
    assert.deepEqual([...new Set(told)].sort(), [
      "--allow-net=10.0.0.1:90",
      "--allow-net=example.org",
      read,
      run,
    ]);
    const net = "--allow-net=10.0.0.1:90,example.org";
    assert.equal((await runHost([net, read, run], [JSON.stringify(sandboxed), "6 * 7"])).stdout, "=> 42\n");
    const unset = await runHost([], ["{}"]);
    assert.match(
      unset.stderr,
      /missing besides: --allow-read and --allow-write of that folder .* --allow-run=/,
    );
  });
});

Deno.test({
  name: "createSandbox() starts without prlimit where there is none, and says so",
  ignore: Deno.build.os !== "linux",
  fn: () =>
    withCacheDir(async (cacheDir) => {
      const { stdout, stderr } = await runHost(["-A"], [JSON.stringify({ cacheDir }), "6 * 7"], {
        PATH: cacheDir,
        DENO_DIR: await denoDir(),
      });
      assert.equal(stdout, "=> 42\n", stderr);
      assert.match(stderr, /without the kernel's limits: expected the program prlimit .*, found none/);
    }),
});

Deno.test({
  name: "close() ends the process, also while a cell runs",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withCacheDir(async (cacheDir) => {
      const sandbox = await createSandbox({ language: "python", cacheDir });
      assert.equal(processesWith(`${cacheDir}/sandbox-`).length, 1);
      const running = sandbox.runCell("while True: pass");
      await sandbox.close();
      assert.deepEqual(processesWith(`${cacheDir}/sandbox-`), []);
      assert.equal((await running).outcome, "cancelled");
    });
  },
});

Deno.test({
  name: "a sandbox ends with its host, however the host ends",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withCacheDir(async (cacheDir) => {
      const options = JSON.stringify({ cacheDir });
      assert.equal((await runHost(["-A"], [options, "1+1"])).stdout, "=> 2\n");
      await until(() => processesWith(`${cacheDir}/sandbox-`).length === 0);

      const host = new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-A",
          HOST,
          options,
          "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
          "wait",
        ],
        cwd: ROOT,
        stdout: "piped",
      }).spawn();
      const reader = host.stdout.getReader();
      assert.equal(new TextDecoder().decode((await reader.read()).value), "running\n");
      assert.equal(processesWith(`${cacheDir}/sandbox-`).length, 1);
      host.kill("SIGKILL");
      await host.status;
      await reader.cancel();
      await until(() => processesWith(`${cacheDir}/sandbox-`).length === 0);
    });
  },
});

Deno.test({
  name: "a sandbox's process holds no permission, no environment and no file of the host",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await withCacheDir(async (cacheDir) => {
      await using sandbox = await createSandbox({ language: "python", cacheDir });
      await sandbox.runCell("1+1");
      const [pid] = processesWith(`${cacheDir}/sandbox-`);
      const command = await Deno.readTextFile(`/proc/${pid}/cmdline`);
      for (const name of ["write", "net", "env", "run", "sys", "ffi", "import"]) {
        assert.match(command, new RegExp(`--deny-${name}`));
      }
      assert.deepEqual([...command.matchAll(/--allow-[^\0]*/g)].map(String), [
        `--allow-read=${await onlyFolder(cacheDir)}`,
      ]);
      const environment = (await Deno.readTextFile(`/proc/${pid}/environ`)).split("\0").filter(Boolean);
      assert.deepEqual(environment.map((entry) => entry.split("=")[0]).sort(), [
        "DENO_DIR",
        "DENO_NO_PACKAGE_JSON",
        "DENO_NO_UPDATE_CHECK",
        "NO_COLOR",
        "TZ",
      ]);
      const open = [...Deno.readDirSync(`/proc/${pid}/fd`)].map(({ name }) =>
        Deno.readLinkSync(`/proc/${pid}/fd/${name}`)
      );
      assert.deepEqual(open.filter((target) => target.startsWith("/") && !target.startsWith("/dev/")), []);
      const limits = await Deno.readTextFile(`/proc/${pid}/limits`);
      for (const limit of [/Max file size\s+0\s/, /Max core file size\s+0\s/, /Max open files\s+256\s/]) {
        assert.match(limits, limit);
      }
    });
  },
});

Deno.test("making files takes those of other versions away that nobody opened for a month", () =>
  withCacheDir(async (cacheDir) => {
    const monthAgo = new Date(Date.now() - 31 * 24 * 60 * 60 * 1000);
    const folders = ["sandbox-0123456789abcdef", "sandbox-fedcba9876543210", "sandbox-notes", "packages"];
    for (const name of folders) {
      await Deno.mkdir(`${cacheDir}/${name}`);
      if (name !== "sandbox-fedcba9876543210") await Deno.utime(`${cacheDir}/${name}`, monthAgo, monthAgo);
    }
    const { path } = await openRuntimeFolder(cacheDir, "typescript");
    const left = await Array.fromAsync(Deno.readDir(cacheDir), ({ name }) => name);
    assert.deepEqual(left.sort(), [...folders.slice(1), path.split("/").pop()!].sort());

    await Deno.utime(path, monthAgo, monthAgo);
    await openRuntimeFolder(cacheDir, "typescript");
    assert.ok((await Deno.stat(path)).mtime! > monthAgo, "a folder that is opened is in use");
  }, { empty: true }));
