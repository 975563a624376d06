// deno-lint-ignore-file no-console -- a command
/**
 * Runs every attack, or those whose id begins with one of the arguments, and prints what came of each.
 *
 *     deno task attacks [id …]
 */
import { PYTHON_ATTACKS } from "./python.ts";
import { type Attack, type AttackReport, runAttacks } from "./_runner.ts";
import { TYPESCRIPT_ATTACKS } from "./typescript.ts";
import { runTypescriptNetAttacks } from "./typescript_net.ts";

const isChosen = (id: string) => Deno.args.length === 0 || Deno.args.some((prefix) => id.startsWith(prefix));

function run(language: "python" | "typescript", attacks: readonly Attack[]): AsyncIterable<AttackReport> {
  return runAttacks(language, attacks.filter(({ id }) => isChosen(id)));
}

let failed = 0;
const suites = [
  run("python", PYTHON_ATTACKS),
  run("typescript", TYPESCRIPT_ATTACKS),
  runTypescriptNetAttacks(isChosen),
];
for (const suite of suites) {
  for await (const { id, result, problems } of suite) {
    const { outcome, error, stateLost, durationMs } = result;
    const state = stateLost ? "new session" : "same session";
    console.log(
      [
        problems.length === 0 ? "held" : "FAILED",
        id.padEnd(24),
        outcome.padEnd(13),
        (error?.name ?? "").padEnd(20),
        state.padEnd(12),
        `${durationMs.toFixed(0).padStart(6)} ms`,
      ].join("  "),
    );
    for (const problem of problems) console.log(`    ${problem}`);
    if (problems.length > 0) failed++;
  }
}
console.log(failed === 0 ? "every attack was held" : `${failed} attacks were not held`);
if (failed > 0) Deno.exitCode = 1;
