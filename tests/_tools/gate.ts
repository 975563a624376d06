// deno-lint-ignore-file no-console -- a command
/**
 * `deno task ok`: everything that has to hold before a change goes in. Each check counts as one result, the tests count one by one;
 * the last line says how many results there are of each sort. All steps run, also after one has failed.
 */
import { ROOT } from "./_repository.ts";
import { countTests, type TestCounts } from "./junit.ts";

const CHECKS = [
  ["fmt", "--check"],
  ["lint"],
  ["task", "check"],
  ["task", "doc"],
  ["task", "layers"],
  ["publish", "--dry-run", "--allow-dirty"],
];

/** No step takes longer, by far, unless it hangs. */
const STEP_TIMEOUT_MS = 15 * 60_000;

async function runDeno(args: readonly string[]): Promise<boolean> {
  console.log(`\n$ deno ${args.join(" ")}`);
  const started = performance.now();
  const signal = AbortSignal.timeout(STEP_TIMEOUT_MS);
  const command = new Deno.Command(Deno.execPath(), { args: [...args], cwd: ROOT, stdin: "null", signal });
  const { success } = await command.spawn().status;
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${success ? "ok" : "FAILED"}: deno ${args.join(" ")} (${seconds} s)`);
  return success;
}

/** Runs the tests; a run that fails with no failed test to show for it (a type error, a leak at exit) is one failure. */
async function runTests(): Promise<TestCounts> {
  const folder = await Deno.makeTempDir();
  try {
    const report = `${folder}/junit.xml`;
    const success = await runDeno(["task", "test", `--junit-path=${report}`]);
    const counts = countTests(await Deno.readTextFile(report).catch(() => ""));
    return success || counts.failed > 0 ? counts : { ...counts, failed: 1 };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const broken: string[] = [];
for (const args of CHECKS) {
  if (!await runDeno(args)) broken.push(`deno ${args.join(" ")}`);
}
const tests = await runTests();
const passed = tests.passed + CHECKS.length - broken.length;
const failed = tests.failed + broken.length;

console.log(`\ntests: ${tests.passed} passed, ${tests.failed} failed, ${tests.skipped} skipped`);
console.log(`checks: ${CHECKS.length - broken.length} passed, ${broken.length} failed`);
for (const command of broken) console.log(`  failed: ${command}`);
console.log(`${passed} passed, ${failed} failed`);
Deno.exitCode = failed === 0 && tests.passed > 0 ? 0 : 1;
