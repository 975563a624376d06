// deno-lint-ignore-file no-console -- a benchmark
/**
 * Kill -9 in the middle of a batch of 200 runs of agents, 20 times: what was acknowledged is in the store, no session is lost or
 * doubled, what was interrupted is gone on with, and no model call that was kept is done again. In SQLite, and in PostgreSQL where it is
 * installed.
 *
 *     deno run -A bench/kill_batch.ts [rounds, default 20] [tasks, default 200] [seed, default 1] [sqlite|postgres]
 */
import { findPostgres, startPostgres } from "../tests/_fixtures/postgres.ts";
import { type KillRound, killRounds } from "./_kill_rounds.ts";

const [rounds = "20", tasks = "200", seed = "1", only] = Deno.args;

for (const kind of ["sqlite", "postgres"] as const) {
  if (only !== undefined && only !== kind) continue;
  if (kind === "postgres" && findPostgres() === undefined) {
    console.log("postgres: not installed, left out");
    continue;
  }
  const start = performance.now();
  const done = kind === "sqlite" ? await inSqlite() : await inPostgres();
  const sum = (of: (round: KillRound) => number) => done.reduce((total, round) => total + of(round), 0);
  const problems = sum((round) => round.problems.length);
  console.log(
    `${kind}: ${done.length} batches of ${tasks}, ${sum(({ kills }) => kills)} kills, ${
      sum(({ acknowledged }) => acknowledged).toLocaleString("en-US")
    } steps acknowledged before them, ${sum(({ interrupted }) => interrupted)} sessions interrupted with ${
      sum(({ keptCalls }) => keptCalls)
    } model calls kept in them: ${problems === 0 ? "none" : "SOME"} lost, doubled or repeated; ${
      sum(({ repeatedInFlight }) => repeatedInFlight)
    } calls that were under way at a kill were asked again; ${
      ((performance.now() - start) / 1000).toFixed(0)
    } s`,
  );
  console.log(problems === 0 ? "  held" : "  FELL");
  if (problems > 0) Deno.exitCode = 1;
}

async function inSqlite(): Promise<KillRound[]> {
  const dir = await Deno.makeTempDir();
  try {
    return await killAll("sqlite", `${dir}/log.db`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function inPostgres(): Promise<KillRound[]> {
  await using server = await startPostgres();
  return await killAll("postgres", server.url);
}

function killAll(kind: "sqlite" | "postgres", path: string): Promise<KillRound[]> {
  const options = { kind, path, rounds: Number(rounds), tasks: Number(tasks), seed: Number(seed) };
  return killRounds({
    ...options,
    onRound: ({ batch, kills, acknowledged, interrupted, keptCalls, repeatedInFlight, problems }) => {
      console.log(
        `  ${kind} ${batch}: ${kills} kills; ${acknowledged} steps acknowledged, ${interrupted} sessions interrupted, ` +
          `${keptCalls} calls kept in them, ${repeatedInFlight} asked again`,
      );
      for (const problem of problems.slice(0, 10)) console.log(`    ${problem}`);
    },
  });
}
