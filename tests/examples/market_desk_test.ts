import assert from "node:assert/strict";
import { lllm, withFolder } from "../cli/_command.ts";
import { computeFigures, makeRows, shuffle, type SymbolFigures, type TestRow, toCsv } from "./_prices.ts";

const script = "examples/market_desk/main.ts";

/** Runs the desk on a file with this content. */
async function runDesk(text: string | Uint8Array, ...options: string[]) {
  let outcome: Awaited<ReturnType<typeof lllm>> | undefined;
  await withFolder(async (folder) => {
    const path = `${folder}/prices.csv`;
    await Deno.writeFile(path, typeof text === "string" ? new TextEncoder().encode(text) : text);
    outcome = await lllm([path, ...options], { script });
  });
  return outcome!;
}

async function readBrief(text: string, rows: readonly TestRow[]): Promise<{ caveats: string[] }> {
  const { code, stdout, stderr } = await runDesk(text, "--json");
  assert.equal(code, 0, stderr);
  const { ok, result } = JSON.parse(stdout);
  assert.equal(ok, true);
  const dates = rows.map(({ date }) => date).sort();
  assert.deepEqual(result.period, { from: dates[0], to: dates.at(-1) });
  assert.equal(result.rows, rows.length);
  assertFigures(result.symbols, computeFigures(rows));
  return result;
}

function assertFigures(actual: readonly SymbolFigures[], expected: readonly SymbolFigures[]): void {
  assert.deepEqual(actual.map(({ symbol }) => symbol), expected.map(({ symbol }) => symbol));
  for (const [index, figures] of expected.entries()) {
    for (const [name, value] of Object.entries(figures)) {
      const found = actual[index]![name as keyof SymbolFigures];
      if (typeof value === "string") continue;
      assert.ok(
        Math.abs(Number(found) - value) <= 1e-9 * Math.max(1, Math.abs(value)),
        `${figures.symbol}.${name}: ${found}, ${value}`,
      );
    }
  }
}

Deno.test("market desk writes a brief on its sample data for people, then calls, tokens, cost, time and session", async () => {
  const { code, stdout, stderr } = await lllm([], { script });
  assert.equal(code, 0, stderr);
  assert.match(stdout, /360 rows/);
  assert.match(stdout, /^ALFA .*\n^BRVO .*\n^CHRL /m);
  assert.match(
    stdout,
    /\d+ agent calls · [\d,]+ tokens · \$\d+\.\d{4} · \d+\.\d s · session \d{8}_\d{6}_[0-9a-f]{8}\n$/,
  );
});

Deno.test("market desk computes the figures of a file that is in order", async () => {
  const rows = makeRows(1, ["ZINC", "ACME"], 300);
  const { caveats } = await readBrief(toCsv(rows), rows);
  assert.equal(caveats.length, 1);
});

Deno.test("market desk reads rows in any order, quotes, a byte order mark, CRLF and blank lines", async () => {
  const rows = shuffle(makeRows(2, ["B", 'Smith, "S" & Co', "a", "ÄÖ"], 150));
  const text = `\ufeff${toCsv(rows, "\r\n").replace("\r\n", "\r\n\r\n")}\r\n`;
  const { caveats } = await readBrief(text, rows);
  assert.ok(caveats.some((caveat) => caveat.includes("not in date order")), caveats.join());
});

Deno.test("market desk takes the last of two rows of one day, and tells of symbols with little data", async () => {
  const rows = [
    ...makeRows(3, ["ONE"], 50),
    { date: "2019-01-20", symbol: "ONE", close: 1234.5, volume: 7 },
    { date: "2019-01-05", symbol: "DAY", close: 10, volume: 0 },
  ];
  const { caveats } = await readBrief(toCsv(rows), rows);
  assert.ok(caveats.some((caveat) => caveat.includes("1 row repeated")), caveats.join());
  assert.ok(caveats.some((caveat) => caveat.includes("one day") && caveat.includes("DAY")), caveats.join());
});

Deno.test("market desk reads a file of many pages", async () => {
  const rows = makeRows(4, Array.from({ length: 70 }, (_, index) => `S${index}`), 700);
  await readBrief(toCsv(rows), rows);
});

const HEADER = "date,symbol,open,high,low,close,volume\n";
const ROW = "2024-01-02,A,1,1,1,1,1\n";
const FAULTS: readonly [what: string, text: string | Uint8Array, error: RegExp][] = [
  ["an empty file", "", /empty file/],
  ["a header alone", HEADER, /expected rows/],
  ["other columns", "day,ticker,price\n2024-01-02,A,1\n", /line 1, .*missing: date, symbol/],
  ["semicolons", HEADER.replaceAll(",", ";"), /separated by commas/],
  [
    "a text in place of a number",
    `${HEADER}${ROW}2024-01-03,A,1,1,1,n\/a,1\n`,
    /line 3, column close: .*"n\/a"/,
  ],
  ["an empty number", `${HEADER}\n${ROW}2024-01-03,A,1,1,1,1,\n`, /line 4, column volume: .*nothing/],
  ["an infinite number", `${HEADER}2024-01-03,A,1,1,1,Infinity,1\n`, /line 2, column close/],
  ["a price of 0", `${HEADER}2024-01-03,A,1,1,1,0,1\n`, /line 2, column close: .*above 0/],
  ["a day that is not", `${HEADER}2023-02-29,A,1,1,1,1,1\n`, /line 2, column date/],
  ["a date in another form", `${HEADER}01/02/2024,A,1,1,1,1,1\n`, /line 2, column date: .*YYYY-MM-DD/],
  ["no symbol", `${HEADER}2024-01-02,,1,1,1,1,1\n`, /line 2, column symbol/],
  ["too few values", `${HEADER}${ROW}2024-01-03,A,1\n`, /line 3, expected 7 values, found 3/],
  ["a quote that is never closed", `${HEADER}${ROW}2024-01-03,"A,1,1,1,1,1\n`, /quote/],
  ["UTF-16", new Uint8Array([0xff, 0xfe, 100, 0, 97, 0, 116, 0]), /UTF-8/],
];

Deno.test("market desk ends at once with one line that says what is wrong with a file, and where", async (t) => {
  for (const [what, text, error] of FAULTS) {
    await t.step(what, async () => {
      const { code, stdout, stderr } = await runDesk(text);
      assert.equal(code, 1, stderr);
      assert.equal(stdout, "");
      assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
      assert.match(stderr, error);
      assert.match(stderr, /prices\.csv/);
    });
  }
});

Deno.test("market desk says that a file is missing", async () => {
  const { code, stderr } = await lllm(["/no/such/prices.csv"], { script });
  assert.equal(code, 1);
  assert.match(stderr, /^error: Cannot read "\/no\/such\/prices\.csv": there is no such file/);
});

Deno.test("market desk answers a command line that it cannot read with one line that says how it is used", async () => {
  const { code, stdout, stderr } = await lllm(["--modle", "x"], { script });
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(stderr, /^error: .*'--modle'; usage: deno task demo \[file\.csv\] .*\n$/);
});

Deno.test("market desk's commands in the README work: a run is kept, and forked at a step; cells reach the sample", async () => {
  await withFolder(async (folder) => {
    const at = ["--project", "examples/market_desk", "--log", `${folder}/log.db`];
    const sample = "examples/market_desk/assets/sample.csv";
    const run = await lllm([
      "run",
      "market_desk",
      sample,
      ...at,
      "--model",
      "scripted/market_desk",
      "--json",
    ]);
    assert.equal(run.code, 0, run.stderr);
    const fork = await lllm(["log", "fork", "last", "--at", "7", ...at]); // the script knows where it is
    assert.equal(fork.code, 0, fork.stderr);
    assert.match(fork.stderr, /7 steps from the record, 2 done/);
  });
  const stdin = 'CALL_API("market/overview")["rows"]\n';
  const cells = await lllm(["sandbox", "--project", "examples/market_desk"], { stdin });
  assert.deepEqual([cells.code, cells.stdout], [0, "360\n"], cells.stderr);
});
