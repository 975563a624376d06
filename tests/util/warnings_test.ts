// deno-lint-ignore-file no-console -- what is tested
import assert from "node:assert/strict";
import { emitWarning, type Warning } from "../../src/util/mod.ts";

/** Collects what a body writes to the console as warnings. */
function captureConsole(body: () => void): unknown[][] {
  const written: unknown[][] = [];
  const before = console.warn;
  console.warn = (...values) => written.push(values);
  try {
    body();
  } finally {
    console.warn = before;
  }
  return written;
}

const warning = (message: string): Warning => ({ code: "odd", message, data: {} });

Deno.test("emitWarning() writes to the console where nobody listens, each message once", () => {
  const written = captureConsole(() => {
    emitWarning(warning("only the console"));
    emitWarning(warning("only the console"));
  });
  assert.deepEqual(written, [["Warning: only the console"]]);
});

Deno.test("emitWarning() tells the sink and the listener, and then leaves the console alone", () => {
  const [kept, heard]: [Warning[], Warning[]] = [[], []];
  const sink = { warn: (warning: Warning) => kept.push(warning) };
  const written = captureConsole(() => {
    emitWarning(warning("both"), { sink, onWarning: (warning) => heard.push(warning) });
    emitWarning(warning("sink"), { sink });
    emitWarning(warning("listener"), { sink: {}, onWarning: (warning) => heard.push(warning) });
  });
  assert.deepEqual(kept.map(({ message }) => message), ["both", "sink"]);
  assert.deepEqual(heard.map(({ message }) => message), ["both", "listener"]);
  assert.deepEqual(written, []);
});
