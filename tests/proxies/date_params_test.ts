import { type DateParam, defineProxy, ProxyManager } from "@lllm/lllm/proxies";
import { recordingRunner, RunContext } from "@lllm/lllm/run";
import { LLLMError } from "@lllm/lllm/errors";
import assert from "node:assert/strict";
import { dateWriter } from "../../src/proxies/_dates.ts";

function managerWith(
  dateParams: Record<string, DateParam>,
  cutoffDate?: string,
): ProxyManager {
  const manager = new ProxyManager(cutoffDate === undefined ? {} : { cutoffDate });
  manager.register(
    "prices",
    defineProxy({
      path: "prices",
      name: "Prices",
      description: "",
      endpoints: {
        list: {
          description: "",
          params: { from: ["string"], to: ["string"], until: ["integer"] },
          dateParams,
          handler: (params) => params,
        },
      },
    }),
  );
  return manager;
}

Deno.test("dateParams: a later date becomes the cutoff date, an earlier one stays", async () => {
  const manager = managerWith({ from: {}, to: { format: "%d.%m.%Y" } }, "2024-06-30");
  assert.deepEqual(await manager.call("prices/list", { from: "2024-01-01", to: "31.12.2024" }), {
    from: "2024-01-01",
    to: "30.06.2024",
  });
  assert.deepEqual(await manager.call("prices/list", { from: "2025-01-01T10:00:00Z" }), {
    from: "2024-06-30",
  });
});

Deno.test("dateParams: numbers are Unix seconds, or milliseconds where they are that large", async () => {
  const manager = managerWith({ until: {} }, "2024-06-30");
  const cutoff = Date.UTC(2024, 5, 30);
  assert.deepEqual(await manager.call("prices/list", { until: 2_000_000_000 }), { until: cutoff / 1000 });
  assert.deepEqual(await manager.call("prices/list", { until: 2_000_000_000_000 }), { until: cutoff });
  assert.deepEqual(await manager.call("prices/list", { until: 1_000_000_000 }), { until: 1_000_000_000 });
});

Deno.test("dateParams: fill sends the cutoff date where the parameter is left out", async () => {
  const manager = managerWith({ to: { fill: true }, until: { fill: true, format: "%Y" } }, "2024-06-30");
  assert.deepEqual(await manager.call("prices/list"), { to: "2024-06-30", until: 2024 });
  assert.deepEqual(await managerWith({ to: { fill: true } }).call("prices/list"), {});
});

Deno.test("dateParams: what is no date is refused under a cutoff date, and sent without one", async () => {
  await assert.rejects(
    managerWith({ to: {} }, "2024-06-30").call("prices/list", { to: "now" }),
    (error) =>
      LLLMError.isInstance(error) && error.code === "endpoint_args_invalid" &&
      error.message.includes('"to": expected a date (YYYY-MM-DD), found "now"'),
  );
  assert.deepEqual(await managerWith({ to: {} }).call("prices/list", { to: "now" }), { to: "now" });
});

Deno.test("dateParams: the step and whoever approves see what is sent", async () => {
  const recorder = recordingRunner();
  const run = new RunContext({ signal: new AbortController().signal, steps: recorder });
  await run.enter(() => managerWith({ to: {} }, "2024-06-30").call("prices/list", { to: "2025-01-01" }));
  assert.deepEqual(recorder.steps[0]?.input, { to: "2024-06-30" });
});

Deno.test("dateParams: a name that is no parameter is refused when the proxy is defined", () => {
  const declare = (name: string, format: string) =>
    defineProxy({
      name: "x",
      description: "",
      endpoints: {
        a: {
          description: "",
          params: { to: ["string"] },
          dateParams: { [name]: { format } },
          handler: () => 1,
        },
      },
    });
  assert.throws(() => declare("until", "%Y"), /expected date parameters among its parameters, found "until"/);
  assert.throws(() => declare("to", "%Q"), /Cannot use date format "%Q"/);
});

Deno.test("dateWriter() writes the formats that dateReader() reads", () => {
  const time = Date.UTC(2024, 0, 31, 13, 5, 9, 7);
  const cases: [string | undefined, string][] = [
    [undefined, "2024-01-31"],
    ["%d.%m.%y %H:%M:%S.%f", "31.01.24 13:05:09.007"],
    ["%b %d, %Y %I:%M %p", "Jan 31, 2024 01:05 PM"],
    ["%B %Y 100%%", "January 2024 100%"],
    ["YYYY/MM/DD HH:mm:ss.SSS", "2024/01/31 13:05:09.007"],
    ["%Y-%m-%dT%H:%M:%S%z", "2024-01-31T13:05:09+0000"],
  ];
  for (const [format, text] of cases) assert.equal(dateWriter(format)(time), text);
});
