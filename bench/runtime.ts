// deno-lint-ignore-file no-console -- a benchmark
/**
 * What a package of many resources costs: loading it, finding one resource among them, memory.
 *
 * Each load is a process of its own whose module cache is warm; rounds are interleaved, figures are medians.
 *
 *     deno run -A bench/runtime.ts
 */
import { median } from "./_measure.ts";
import { type PackageSize, writePackage } from "./_large_package.ts";

/** What `_load_package.ts` prints. */
interface Load {
  readonly ms: number;
  readonly resources: number;
  readonly getUs: number;
  readonly heapMb: number;
}

const ROUNDS = 15;
const LARGE: PackageSize = { modules: 200, promptsPerModule: 10, configs: 500 };
const SIZES: readonly PackageSize[] = [1, 2, 4, 8].map((times) => ({
  modules: 200,
  promptsPerModule: 10 * times,
  configs: 500 * times,
}));

async function inProcess(mode: "load" | "import" | "memory", folder: string): Promise<Load> {
  const script = new URL("./_load_package.ts", import.meta.url).pathname;
  // A flag for V8 makes it compile everything again: memory is measured by runs of its own.
  const flags = mode === "memory" ? ["--v8-flags=--expose-gc"] : [];
  const args = ["run", "-A", "--no-check", "--cached-only", ...flags, script, mode, folder];
  const { stdout, stderr, success } = await new Deno.Command(Deno.execPath(), { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return JSON.parse(new TextDecoder().decode(stdout));
}

const root = await Deno.makeTempDir();
try {
  const folder = `${root}/large`;
  await writePackage(folder, LARGE);
  const loads: Load[] = [], imports: Load[] = [];
  for (let round = -1; round < ROUNDS; round++) { // round -1 fills the module cache
    const [load, bare] = [await inProcess("load", folder), await inProcess("import", folder)];
    if (round < 0) continue;
    loads.push(load);
    imports.push(bare);
  }
  const of = (list: readonly Load[], key: keyof Load) => median(list.map((load) => load[key]));
  console.log(
    `${
      LARGE.modules * LARGE.promptsPerModule
    } prompts in ${LARGE.modules} modules, ${LARGE.configs} configs (YAML)`,
  );
  console.log(`  loadRuntime()                ${of(loads, "ms").toFixed(1)} ms   aim 80`);
  console.log(`  importing the modules alone  ${of(imports, "ms").toFixed(1)} ms`);
  console.log(`  get()                        ${of(loads, "getUs").toFixed(3)} µs   aim 0.2`);
  const { heapMb } = await inProcess("memory", folder);
  console.log(`  memory after collection      ${heapMb.toFixed(1)} MB over an empty runtime`);
  console.log("\nresources   loadRuntime()   per resource   get()      memory");
  for (const [index, size] of SIZES.entries()) {
    const path = `${root}/size${index}`;
    await writePackage(path, size);
    await inProcess("load", path);
    const runs: Load[] = [];
    for (let round = 0; round < 5; round++) runs.push(await inProcess("load", path));
    const { resources, heapMb } = await inProcess("memory", path);
    console.log(
      `${String(resources).padStart(9)}   ${of(runs, "ms").toFixed(1).padStart(9)} ms   ${
        (of(runs, "ms") / resources * 1000).toFixed(1).padStart(9)
      } µs   ${of(runs, "getUs").toFixed(3)} µs   ${heapMb.toFixed(1)} MB`,
    );
  }
} finally {
  await Deno.remove(root, { recursive: true });
}
