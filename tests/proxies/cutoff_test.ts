import { defineProxy, ProxyManager } from "@lllm/lllm/proxies";
import assert from "node:assert/strict";
import { dateReader, parseIsoDate } from "../../src/proxies/_dates.ts";
import { SearchProxy } from "./_search_proxy.ts";

function answering(
  answer: unknown,
  dtCutoff: [string, string?],
  cutoffDate?: string | Date,
): Promise<unknown> {
  const manager = new ProxyManager(cutoffDate === undefined ? {} : { cutoffDate });
  manager.register(
    "t",
    defineProxy({
      name: "t",
      description: "",
      endpoints: { rows: { description: "", dtCutoff, removeKeys: ["secret"], handler: () => answer } },
    }),
  );
  return manager.call("t/rows");
}

const ROWS = [{ date: "2023-12-31" }, { date: "2024-01-01" }, { date: "2024-01-02" }];

Deno.test("dtCutoff drops rows dated after the cutoff date, and keeps those of the date itself", async () => {
  assert.deepEqual(await answering(ROWS, ["date"], "2024-01-01"), ROWS.slice(0, 2));
  assert.deepEqual(
    await answering(ROWS, ["date", "%Y-%m-%d"], new Date("2024-01-01T00:00:00Z")),
    ROWS.slice(0, 2),
  );
});

Deno.test("dtCutoff drops nothing without a cutoff date", async () => {
  assert.deepEqual(await answering(ROWS, ["date"]), ROWS);
});

Deno.test("dtCutoff finds rows at any depth, also as values of objects and as the whole answer", async () => {
  const late = { date: "2025-01-01", value: 1 };
  const early = { date: "2023-01-01", value: 2, nested: { rows: [late] } };
  assert.deepEqual(
    await answering(
      { symbol: "A", history: [late, early], last: late, first: early },
      ["date"],
      "2024-01-01",
    ),
    {
      symbol: "A",
      history: [{ ...early, nested: { rows: [] } }],
      first: { ...early, nested: { rows: [] } },
    },
  );
  assert.equal(await answering(late, ["date"], "2024-01-01"), null);
});

Deno.test("dtCutoff keeps rows without a date, and drops those whose date cannot be read", async () => {
  const rows = [{ a: 1 }, { date: null }, { date: "" }, { date: "some day" }, { date: { year: 2020 } }];
  assert.deepEqual(await answering(rows, ["date"], "2024-01-01"), rows.slice(0, 3));
});

Deno.test("dtCutoff works before keys are removed", async () => {
  const rows = [{ secret: "2025-01-01", a: 1 }, { secret: "2023-01-01", a: 2 }];
  assert.deepEqual(await answering(rows, ["secret"], "2024-01-01"), [{ a: 2 }]);
});

Deno.test("removeKeys drops keys at any depth, even a row's own __proto__", async () => {
  const answer = JSON.parse(
    '{"secret":1,"a":[{"secret":2,"b":{"secret":3,"c":4}}],"__proto__":{"secret":5,"d":6}}',
  );
  const result = await answering(answer, ["date"]) as Record<string, unknown>;
  assert.equal(JSON.stringify(result), '{"a":[{"b":{"c":4}}],"__proto__":{"d":6}}');
});

Deno.test("the cutoff holds for a search over a real index", async () => {
  const manager = new ProxyManager({ cutoffDate: "2024-06-30" });
  manager.register("search", SearchProxy);
  for (const date of ["2024-06-30", "2024-07-01"]) {
    await manager.call("search/add", { text: "fox", id: date, date });
  }
  const found = await manager.call("search/search", { query: "fox" }) as { id: string }[];
  assert.deepEqual(found.map(({ id }) => id), ["2024-06-30"]);
});

Deno.test("dateReader() reads the formats that endpoints declare", () => {
  const expected = Date.UTC(2024, 0, 31, 13, 5, 9);
  const cases: [string | undefined, unknown][] = [
    [undefined, "2024-01-31T13:05:09Z"],
    [undefined, "2024-01-31 13:05:09"],
    [undefined, "2024-01-31T14:05:09+01:00"],
    [undefined, expected / 1000],
    [undefined, expected],
    ["%d.%m.%Y %H:%M:%S", "31.01.2024 13:05:09"],
    ["%b %d, %Y %I:%M:%S %p", "Jan 31, 2024 01:05:09 PM"],
    ["%d %B %y %H:%M:%S%z", "31 January 24 15:05:09+0200"],
    ["YYYY/MM/DD HH:mm:ss", "2024/01/31 13:05:09"],
    ["dd-MM-yyyy HH:mm:ss", "31-01-2024 13:05:09"],
    ["%Y", "2024-01-31T13:05:09Z"],
  ];
  for (const [format, value] of cases) {
    assert.equal(dateReader(format)(value), expected, `${format} ${value}`);
  }
  assert.equal(dateReader("%Y-%m-%d")("2024-02-30"), undefined);
  assert.equal(dateReader("%Y-%m-%d")(true), undefined);
});

Deno.test("parseIsoDate() reads dates of the calendar only", () => {
  assert.equal(parseIsoDate("2024-02-29"), Date.UTC(2024, 1, 29));
  for (const text of ["2023-02-29", "2024-00-10", "2024-1-1", "24-01-01", "2024-01-01T25:00", "now"]) {
    assert.equal(parseIsoDate(text), undefined, text);
  }
});

Deno.test("dtCutoff reads numbers by their format before it takes them for Unix times", async () => {
  const cut = (values: number[], format: string) =>
    answering(values.map((d) => ({ d })), ["d", format], "2024-02-01");
  assert.deepEqual(await cut([20300101, 20200101, 203001], "%Y%m%d"), [{ d: 20200101 }]);
  assert.deepEqual(await cut([20300101, 20200101], "YYYYMMDD"), [{ d: 20200101 }]);
  assert.deepEqual(await cut([2030, 2023], "%Y"), [{ d: 2023 }]);
  assert.deepEqual(await cut([1_900_000_000, 1_600_000_000, 1.9e12], "%Y-%m-%d"), [{ d: 1_600_000_000 }]);
});

Deno.test("dtCutoff takes a month or a year for its last day: figures of a period are there when it has ended", async () => {
  const cut = (d: string, format: string, cutoffDate: string) =>
    answering([{ d }], ["d", format], cutoffDate);
  for (const [d, format] of [["2024-02", "%Y-%m"], ["2024", "%Y"], ["Feb 2024", "%b %Y"], ["2024", "YYYY"]]) {
    assert.deepEqual(await cut(d!, format!, "2024-02-01"), [], d);
  }
  for (const [d, format] of [["2024-01", "%Y-%m"], ["2023", "%Y"], ["2024-02-01", "%Y-%m-%d"]]) {
    assert.deepEqual(await cut(d!, format!, "2024-02-01"), [{ d }], d);
  }
  assert.deepEqual(await cut("2024-02", "%Y-%m", "2024-02-29"), [{ d: "2024-02" }]);
});

Deno.test("dtCutoff takes numbers that could be years, months, days or serial numbers for no Unix time", async () => {
  const rows = [20240601, 202406, 2025, 45_444, 1_700_000_000, 1_800_000_000, -1_000].map((date) => ({
    date,
  }));
  assert.deepEqual(await answering(rows, ["date"], "2024-01-01"), [{ date: 1_700_000_000 }, {
    date: -1_000,
  }]);
});

Deno.test("dtCutoff refuses a format without a year, by which all dates would be of one", () => {
  for (const format of ["%H:%M", "%m-%d", "DD.MM"]) {
    assert.throws(() => dateReader(format), /expected a year in it, found none/);
  }
});

Deno.test("dtCutoff holds, whatever a handler does to the date that it is given", async () => {
  const manager = new ProxyManager({ cutoffDate: "2024-01-01" });
  manager.register(
    "t",
    defineProxy({
      name: "t",
      description: "",
      endpoints: {
        rows: {
          description: "",
          dtCutoff: ["date"],
          handler: (_params, { cutoffDate }) => {
            cutoffDate!.setUTCFullYear(2050);
            return ROWS;
          },
        },
      },
    }),
  );
  assert.deepEqual(await manager.call("t/rows"), ROWS.slice(0, 2));
});
