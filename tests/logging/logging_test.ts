import assert from "node:assert/strict";
import { getLogger, type LogRecord, setupLogging, type SetupLoggingOptions } from "../../src/logging/mod.ts";
import { Tactic } from "../../src/tactic/mod.ts";
import { ROOT } from "../_tools/_repository.ts";

/** What is logged while `body` runs. */
async function logged(
  options: SetupLoggingOptions,
  body: () => unknown,
): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  const turnOff = setupLogging({ sink: (record) => void records.push(record), ...options });
  try {
    await body();
  } finally {
    turnOff();
  }
  return records;
}

Deno.test("getLogger() is quiet until logging is set up, and after it was turned off", async () => {
  const logger = getLogger("a");
  let asked = 0;
  logger.error("x", () => ({ asked: ++asked }));
  const records = await logged({ level: "warn" }, () => {
    logger.info("no", () => ({ asked: ++asked }));
    logger.warn("yes", { n: 1 });
  });
  logger.error("x");
  assert.equal(asked, 0);
  assert.deepEqual(records.map(({ time: _, ...record }) => record), [
    { level: "warn", subsystem: "a", message: "yes", data: { n: 1 } },
  ]);
  assert.match(records[0]!.time, /^\d{4}-\d\d-\d\dT/);
});

Deno.test("setupLogging() takes levels by subsystem, and refuses those that are none", async () => {
  const [a, b, c] = ["a", "b", "c"].map(getLogger);
  const all = () => {
    for (const logger of [a!, b!, c!]) {
      for (const level of ["debug", "warn", "error"] as const) logger[level](level);
    }
  };
  const told = (records: LogRecord[]) => records.map(({ subsystem, level }) => `${subsystem} ${level}`);
  assert.deepEqual(
    told(await logged({ level: { a: "debug", b: "silent", "*": "error" } }, all)),
    ["a debug", "a warn", "a error", "c error"],
  );
  assert.deepEqual(told(await logged({ level: { a: "warn" } }, all)), ["a warn", "a error"]);
  assert.throws(
    () => setupLogging({ level: "loud" as "warn" }),
    /expected one of the levels debug, .*, found "loud"/,
  );
});

Deno.test("setupLogging() takes out keys, then hands records to the program's own filter", async () => {
  const records = await logged({
    level: "debug",
    redact: (record) =>
      record.message.startsWith("drop") ? null : { ...record, message: record.message.toUpperCase() },
  }, () => {
    const logger = getLogger("a");
    logger.info("drop me");
    logger.info("key sk-proj-abcdefghijklmnop at https://u:pw@h/?api_key=abc&x=1", {
      apiKey: "hidden",
      nested: [{ authorization: "Bearer abcdefghijk", text: "with Bearer abcdefghijk" }],
    });
  });
  assert.equal(records.length, 1);
  const text = JSON.stringify(records);
  for (const secret of ["abcdefghijk", "hidden", "pw@", "=abc"]) {
    assert(!text.toLowerCase().includes(secret), text);
  }
  assert.deepEqual(records[0]!.data, {
    apiKey: "[scrubbed]",
    nested: [{ authorization: "[scrubbed]", text: "with Bearer [scrubbed]" }],
  });
});

Deno.test("a sink that throws, and facts that cannot be computed, are nobody's error", async () => {
  await logged({ sink: () => assert.fail("sink") }, () => getLogger("a").error("x"));
  await logged({}, () => getLogger("a").error("x", () => assert.fail("facts")));
});

Deno.test("a record names the session of the run in which it was made", async () => {
  class Telling extends Tactic<string, string> {
    name = "telling";
    call(_task: string, { sessionId }: Parameters<Tactic["call"]>[1]): string {
      getLogger("mine").info("working");
      return sessionId;
    }
  }
  let sessionId = "";
  const records = await logged({}, async () => sessionId = await new Telling().run("x"));
  assert.equal(records.find(({ subsystem }) => subsystem === "mine")?.sessionId, sessionId);
});

Deno.test("setupLogging() reads LLLM_LOG_LEVEL, where it may, and writes a line on stderr", async () => {
  const code = `
    import { getLogger, setupLogging } from "${ROOT}/src/logging/mod.ts";
    getLogger("a").error("too early");
    setupLogging();
    getLogger("a").debug("one\\ntwo", { n: 1 });
    getLogger("b").debug("not wanted");
    getLogger("b").warn("wanted");
  `;
  const run = async (args: string[]) => {
    const { stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["eval", ...args, code],
      env: { LLLM_LOG_LEVEL: "warn,a=debug", NO_COLOR: "1" },
    }).output();
    return new TextDecoder().decode(stderr).trim().split("\n").map((line) => line.slice(25));
  };
  assert.deepEqual(await run([]), ['DEBUG a: one ⏎ two {"n":1}', "WARN  b: wanted"]);
});
