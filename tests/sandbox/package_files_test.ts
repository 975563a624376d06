import assert from "node:assert/strict";
import { type ErrorCode, LLLMError } from "../../src/errors.ts";
import { parseWheelName } from "../../src/sandbox/_wheel_tags.ts";
import { preparePackages } from "../../src/sandbox/_prepare_packages.ts";
import { indexFolder, makeLock, makeWheel, makeZip, type TestWheel } from "./_wheels.ts";

const one = makeWheel("one", { "one.py": "ONE = 1\n" }, { depends: ["two"] });
const two = makeWheel("two", { "two.py": "TWO = 2\n" }, { depends: ["one"] });

function refusal(code: ErrorCode, message: RegExp): (error: unknown) => true {
  return (error) => {
    assert(LLLMError.isInstance(error), String(error));
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  };
}

/** Serves wheels and a lock file over HTTP until it is shut down. */
async function serveIndex(
  wheels: readonly TestWheel[],
): Promise<
  { readonly url: string; readonly asked: string[]; readonly server: Deno.HttpServer<Deno.NetAddr> }
> {
  const lock = await makeLock(wheels);
  const asked: string[] = [];
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, (request) => {
    const file = new URL(request.url).pathname.slice(1);
    asked.push(file);
    if (file === "pyodide-lock.json") return new Response(lock);
    const wheel = wheels.find((candidate) => candidate.file === file);
    return wheel === undefined ? new Response(null, { status: 404 }) : new Response(wheel.bytes);
  });
  return { url: `http://127.0.0.1:${server.addr.port}`, asked, server };
}

Deno.test("preparePackages() downloads each wheel once, and needs no network when it has them", async () => {
  const { url, asked, server } = await serveIndex([one, two]);
  const cache = await Deno.makeTempDir();
  const index = { lockFile: `${url}/pyodide-lock.json` };
  try {
    const runs = await Promise.all(
      [1, 2, 3].map(() => preparePackages(["one"], { index: index, cacheRoot: cache })),
    );
    assert.equal(runs[0]!.files.length, 2);
    assert.deepEqual(runs[1], runs[0]);
    assert.deepEqual(asked.toSorted(), [one.file, "pyodide-lock.json", two.file].toSorted());
    await server.shutdown();
    assert.deepEqual(await preparePackages(["one"], { index: index, cacheRoot: cache }), runs[0]);
    const names = [...Deno.readDirSync(`${cache}`)].map(({ name }) => name);
    assert.equal(names.filter((name) => name.startsWith(".new-")).length, 0);

    const code = `import { preparePackages } from ${
      JSON.stringify(import.meta.resolve("../../src/sandbox/_prepare_packages.ts"))
    };
      console.log(JSON.stringify(await preparePackages(["one"], ${
      JSON.stringify({ index, cacheRoot: cache })
    })));`;
    const root = new URL("../../", import.meta.url).pathname;
    const command = new Deno.Command(Deno.execPath(), {
      args: ["run", `--allow-read=${cache}`, `--allow-write=${cache}`, "--no-prompt", "--ext=ts", "-"],
      cwd: root,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
    });
    const child = command.spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(code));
    await writer.close();
    const { stdout } = await child.output();
    assert.deepEqual(
      JSON.parse(new TextDecoder().decode(stdout)),
      runs[0],
      "another program, without network",
    );
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});

Deno.test("preparePackages() takes a damaged or lost file of its cache from the index again", async () => {
  await using index = await indexFolder([one, two]);
  const { lockFile, cacheDir } = index;
  const { files } = await preparePackages(["one"], { index: { lockFile }, cacheRoot: cacheDir });
  const good = await Deno.readFile(files[0]!);
  await Deno.remove(files[0]!);
  await preparePackages(["one"], { index: { lockFile }, cacheRoot: cacheDir });
  assert.deepEqual(await Deno.readFile(files[0]!), good);

  const other = `${cacheDir}/other`;
  const copy = files[0]!.replace(cacheDir, other);
  await Deno.mkdir(`${other}/packages`, { recursive: true });
  await Deno.writeFile(copy, good.with(-1, good.at(-1)! ^ 1));
  await preparePackages(["one"], { index: { lockFile }, cacheRoot: other });
  assert.deepEqual(await Deno.readFile(copy), good);
});

Deno.test("preparePackages() refuses a wheel whose hash is not the lock file's", async () => {
  const lock = await makeLock([one, two]);
  await using index = await indexFolder([one, { ...two, bytes: one.bytes }], lock);
  await assert.rejects(
    preparePackages(["two"], { index: { lockFile: index.lockFile }, cacheRoot: index.cacheDir }),
    refusal(
      "package_unsafe",
      /"two-1\.0-py3-none-any\.whl" is refused: expected SHA-256 [0-9a-f]{64}, found/,
    ),
  );
});

Deno.test("preparePackages() tells a wheel that cannot be had, by file and by URL", async () => {
  await using index = await indexFolder([]);
  await Deno.writeTextFile(index.lockFile, await makeLock([makeWheel("gone", {})]));
  const { lockFile, cacheDir } = index;
  await assert.rejects(
    preparePackages(["gone"], { index: { lockFile }, cacheRoot: cacheDir }),
    refusal("package_not_found", /gone-1\.0-py3-none-any\.whl/),
  );
  const { url, server } = await serveIndex([]);
  await assert.rejects(
    preparePackages(["gone"], { index: { lockFile, wheels: url }, cacheRoot: cacheDir }),
    refusal("package_not_found", /gone-1\.0-py3-none-any\.whl": expected status 200, found 404$/),
  );
  await server.shutdown();
  await assert.rejects(
    preparePackages(["gone"], {
      index: { lockFile, wheels: "http://example.org/wheels" },
      cacheRoot: cacheDir,
    }),
    refusal("config_invalid", /expected an https URL or a path, found http:$/),
  );
});

Deno.test("preparePackages() refuses archives that are unsafe or damaged", async () => {
  const hostile = (name: string, extra: Parameters<typeof makeZip>[0]) => makeWheel(name, {}, { extra });
  const wheels: [TestWheel, RegExp][] = [
    [hostile("up", [{ name: "../../etc/passwd", text: "x" }]), /unsafe path "\.\.\/\.\.\/etc\/passwd"$/],
    [hostile("inner", [{ name: "a/../../b", text: "x" }]), /unsafe path/],
    [hostile("root", [{ name: "/etc/passwd", text: "x" }]), /unsafe path/],
    [hostile("slash", [{ name: "a\\..\\b", text: "x" }]), /unsafe path/],
    [hostile("drive", [{ name: "c:/b", text: "x" }]), /unsafe path/],
    [hostile("empty", [{ name: "a//b", text: "x" }]), /unsafe path/],
    [hostile("zero", [{ name: "a\0b", text: "x" }]), /unsafe path/],
    [hostile("link", [{ name: "a", text: "/etc", mode: 0o120777 }]), /"a" is a symbolic link$/],
    [hostile("twice", [{ name: "a", text: "1" }, { name: "a", text: "2" }]), /"a" twice$/],
    [hostile("names", [{ name: "a", localName: "b", text: "1" }]), /"a" has another name in its own header$/],
    [
      hostile("bomb", [{ name: "a", text: "x".repeat(1000), claimedBytes: 10 }]),
      /"a" unpacks to more than it says$/,
    ],
    [hostile("large", [{ name: "a", text: "x", claimedBytes: 2 ** 30 }]), /more than 268435456 bytes$/],
    [{ ...makeWheel("bare", {}), bytes: makeZip([{ name: "bare.py", text: "" }]) }, /METADATA is missing$/],
    [
      { ...makeWheel("nozip", {}), bytes: new TextEncoder().encode("<html>not found</html>") },
      /no zip archive$/,
    ],
  ];
  await using index = await indexFolder(wheels.map(([wheel]) => wheel));
  for (const [{ name }, message] of wheels) {
    await assert.rejects(
      preparePackages([name], { index: { lockFile: index.lockFile }, cacheRoot: index.cacheDir }),
      refusal("package_unsafe", message),
      name,
    );
  }
  assert.throws(() => Deno.statSync(index.cacheDir), Deno.errors.NotFound, "nothing of them is kept");
});

Deno.test("preparePackages() refuses wheels and lock files for another interpreter", async () => {
  await using index = await indexFolder([]);
  const { lockFile, cacheDir } = index;
  const tags = [
    "cp313-cp313-pyemscripten_2026_0_wasm32",
    "cp314-cp314-manylinux_2_28_x86_64",
    "py2-none-any",
  ];
  for (const tag of tags) {
    await Deno.writeTextFile(lockFile, await makeLock([makeWheel("native", {}, { tags: tag })]));
    await assert.rejects(
      preparePackages(["native"], { index: { lockFile }, cacheRoot: cacheDir }),
      refusal(
        "config_invalid",
        new RegExp(`expected a wheel for Python 3\\.14 in Pyodide .*, found the tags ${tag}$`),
      ),
    );
  }
  for (const info of [{ python: "3.13.2" }, { abi_version: "2025_0" }, { arch: "x86_64" }]) {
    await Deno.writeTextFile(lockFile, await makeLock([one, two], {}, info));
    await assert.rejects(
      preparePackages(["one"], { index: { lockFile }, cacheRoot: cacheDir }),
      refusal("config_invalid", /^Cannot use lock file .*: expected packages for Python 3\.14/),
    );
  }
  for (
    const change of [{ file_name: "../one-1.0-py3-none-any.whl" }, { file_name: "two-1.0-py3-none-any.whl" }]
  ) {
    await Deno.writeTextFile(lockFile, await makeLock([one, two], { one: change }));
    await assert.rejects(
      preparePackages(["one"], { index: { lockFile }, cacheRoot: cacheDir }),
      refusal("config_invalid", /"one" of/),
    );
  }
  for (const text of ["", "{}", '{"info":{}}', "[]"]) {
    await Deno.writeTextFile(lockFile, text);
    await assert.rejects(
      preparePackages(["one"], { index: { lockFile }, cacheRoot: cacheDir }),
      refusal("config_invalid", /^Cannot use lock file/),
    );
  }
});

Deno.test("parseWheelName() knows which tags suit Pyodide's interpreter", () => {
  const suits = (tags: string) => parseWheelName(`a-1.0-${tags}.whl`)?.suits;
  for (
    const tags of [
      "py3-none-any",
      "py2.py3-none-any",
      "py314-none-any",
      "py38-none-any",
      "cp314-cp314-pyemscripten_2026_0_wasm32",
      "cp37-abi3-pyemscripten_2026_0_wasm32",
      "py3-none-pyemscripten_2026_0_wasm32",
    ]
  ) assert.equal(suits(tags), true, tags);
  for (
    const tags of [
      "py2-none-any",
      "py315-none-any",
      "cp315-abi3-pyemscripten_2026_0_wasm32",
      "cp313-cp313-pyemscripten_2026_0_wasm32",
      "cp314-cp314-pyodide_2025_0_wasm32",
      "cp314-cp314-manylinux_2_28_x86_64",
      "cp314-cp314t-pyemscripten_2026_0_wasm32",
    ]
  ) assert.equal(suits(tags), false, tags);
  assert.equal(parseWheelName("a-1.0-1build-py3-none-any.whl")?.suits, true);
  assert.equal(parseWheelName("a-1.0.tar.gz"), null);
});
