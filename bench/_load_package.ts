// deno-lint-ignore-file no-console -- a benchmark
/** Loads one package, or imports its modules alone, and prints what it took. Arguments: mode, folder. */
import { loadRuntime } from "../src/runtime/mod.ts";
import "../src/prompt/mod.ts";

const GETS = 200_000;
const [mode, folder] = Deno.args as [string, string];
/** There in mode `memory` alone. */
const collect = (globalThis as { gc?: () => void }).gc ?? (() => {});

collect();
const heapBefore = Deno.memoryUsage().heapUsed;
const start = performance.now();
if (mode === "import") {
  const files = [...Deno.readDirSync(`${folder}/prompts`)].map(({ name }) =>
    `file://${folder}/prompts/${name}`
  );
  await Promise.all(files.map((file) => import(file)));
  console.log(JSON.stringify({ ms: performance.now() - start, resources: 0, getUs: 0, heapMb: 0 }));
} else {
  const runtime = await loadRuntime(folder, { sharedPackages: false });
  const ms = performance.now() - start;
  collect();
  const heapMb = (Deno.memoryUsage().heapUsed - heapBefore) / 1024 / 1024;
  const keys = runtime.keys("prompt");
  const getStart = performance.now();
  for (let n = 0; n < GETS; n++) runtime.get(keys[n % keys.length]!);
  const getUs = (performance.now() - getStart) / GETS * 1000;
  console.log(JSON.stringify({ ms, resources: runtime.keys().length, getUs, heapMb }));
}
