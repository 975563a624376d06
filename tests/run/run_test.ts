import assert from "node:assert/strict";
import {
  type Clock,
  composeRunners,
  currentRun,
  directRunner,
  recordingRunner,
  reviveStepError,
  RunContext,
  runSyncStep,
  type Step,
  streamingRunner,
  toStepError,
  wait,
} from "../../src/run/mod.ts";
import { LLLMError } from "../../src/errors.ts";
import { canonicalJson, sha256Hex } from "../../src/util/mod.ts";

const step = (path: string, input: unknown = null): Step => ({ kind: "tool", name: "t", path, input });
const never = new AbortController().signal;

Deno.test("RunContext.nextPath() counts each label on its own", () => {
  const run = new RunContext({ signal: never, steps: directRunner, path: "root" });
  assert.deepEqual(["a", "b", "a"].map((label) => run.nextPath(label)), ["root/a#0", "root/b#0", "root/a#1"]);
});

Deno.test("RunContext.runStep() names the steps inside it below it", async () => {
  const recorder = recordingRunner();
  const run = new RunContext({ signal: never, steps: recorder });
  await run.runStep(step("outer#0"), async () => {
    const inside = currentRun()!;
    return await inside.runStep(step(inside.nextPath("inner")), () => Promise.resolve(1));
  });
  assert.deepEqual(recorder.steps.map((record) => record.path), ["outer#0/inner#0", "outer#0"]);
  assert.equal(currentRun(), undefined);
});

Deno.test("recordingRunner() keeps input, output, errors and ordinals, and no secrets", async () => {
  const recorder = recordingRunner();
  const input = {
    api_key: "sk-1",
    headers: { Authorization: "Bearer x", accept: "*" },
    list: [{ apiKey: "y" }],
  };
  await recorder.run(step("p", input), () => Promise.resolve({ ok: true }));
  await assert.rejects(recorder.run(step("p"), () => Promise.reject(new RangeError("bad"))), RangeError);
  const [first, second] = recorder.steps;
  assert.deepEqual(first!.input, {
    api_key: "[scrubbed]",
    headers: { Authorization: "[scrubbed]", accept: "*" },
    list: [{ apiKey: "[scrubbed]" }],
  });
  assert.deepEqual(first!.output, { ok: true });
  assert.match(first!.requestHash, /^[0-9a-f]{64}$/);
  assert.deepEqual([second!.ordinal, second!.error], [1, { name: "RangeError", message: "bad" }]);
});

Deno.test("recordingRunner() hashes equal inputs equally, whatever the key order", async () => {
  const recorder = recordingRunner();
  await recorder.run(step("a", { x: 1, y: 2 }), () => Promise.resolve(0));
  await recorder.run(step("b", { y: 2, x: 1 }), () => Promise.resolve(0));
  assert.equal(recorder.steps[0]!.requestHash, recorder.steps[1]!.requestHash);
});

Deno.test("composeRunners() nests the first outermost, for steps of both kinds", async () => {
  const order: string[] = [];
  const named = (name: string) => ({
    run: <T>(_step: Step, effect: () => Promise<T>) => (order.push(name), effect()),
    runSync: <T>(_step: Step, effect: () => T) => (order.push(`${name} sync`), effect()),
  });
  const runner = composeRunners(named("a"), directRunner, named("b"));
  assert.equal(await runner.run(step("x"), () => Promise.resolve(5)), 5);
  assert.equal(runSyncStep(runner, step("x"), () => 6), 6);
  assert.deepEqual(order, ["a", "b", "a sync", "b sync"]);
  assert.equal(composeRunners(directRunner), directRunner);
});

Deno.test("wait() ends at the abort, with the signal's reason, and forgets its timer", async () => {
  const cleared: unknown[] = [];
  const clock: Clock = {
    setTimeout: () => "handle",
    clearTimeout: (handle) => cleared.push(handle),
    now: () => 0,
  };
  const controller = new AbortController();
  const waiting = wait(1_000_000, { signal: controller.signal, clock });
  controller.abort("enough");
  await assert.rejects(waiting, (reason) => reason === "enough");
  assert.deepEqual(cleared, ["handle"]);
});

Deno.test("recordingRunner() keeps a model call's prompt hash and arguments, without secrets", async () => {
  const recorder = recordingRunner();
  const input = { prompt: { promptHash: "0123456789ab" }, modelArgs: { temperature: 0, api_key: "sk-1" } };
  await recorder.run({ kind: "model", name: "m", path: "m#0", input }, () => Promise.resolve("x"));
  await recorder.run(step("p", input), () => Promise.resolve(0));
  const [model, other] = recorder.steps;
  assert.equal(model!.promptHash, "0123456789ab");
  assert.deepEqual(model!.modelArgs, { temperature: 0, api_key: "[scrubbed]" });
  assert.deepEqual([other!.promptHash, other!.modelArgs], [undefined, undefined]);
});

Deno.test("recordingRunner() knows secrets by whatever prefix their keys have", async () => {
  const secret = [
    ...["X-Goog-Api-Key", "azure_ad_token", "client_secret", "aws_secret_access_key", "vertex_credentials"],
    ...["openaiApiKey", "apiKey", "accessToken", "Ocp-Apim-Subscription-Key", "proxy-authorization"],
  ];
  const open = ["key", "token", "max_tokens", "monkey", "apiKeys", "sessionTokens", "title"];
  const recorder = recordingRunner();
  const input = Object.fromEntries([...secret, ...open].map((key) => [key, "x"]));
  await recorder.run(step("p", input), () => Promise.resolve(0));
  const shown = Object.entries(recorder.steps[0]!.input as object).filter(([, value]) => value === "x");
  assert.deepEqual(shown.map(([key]) => key).sort(), open.sort());
});

Deno.test("recordingRunner() scrubs pairs of a header, authorization values, and the secret parts of URLs", async () => {
  const recorder = recordingRunner();
  const headers = [["authorization", "Bearer abcdefgh1"], ["accept", "*/*"]];
  const url = "https://ann:pw@example.org/x?q=1&api_key=s1&key=s2#top";
  await recorder.run(
    step("p", { headers, url, note: "Bearer of news", raw: "Bearer abcdefgh1" }),
    () => Promise.resolve(0),
  );
  assert.deepEqual(recorder.steps[0]!.input, {
    headers: [["authorization", "[scrubbed]"], ["accept", "*/*"]],
    url: "https://[scrubbed]@example.org/x?q=1&api_key=[scrubbed]&key=[scrubbed]#top",
    note: "Bearer of news",
    raw: "[scrubbed]",
  });
});

Deno.test("recordingRunner() writes inputs as canonical JSON", async () => {
  const recorder = recordingRunner();
  const input = {
    ...{ b: [undefined, Infinity, -0, 1e21], a: new Date(0), "\u20ac": "\ud800", skip: undefined },
    nested: { z: { toJSON: () => ({ y: 1, x: 2 }) }, fn: () => 1 },
  };
  await recorder.run(step("p", input), () => Promise.resolve(0));
  const { requestHash, input: kept } = recorder.steps[0]!;
  assert.equal(requestHash, sha256Hex(canonicalJson(JSON.parse(JSON.stringify(input)))));
  assert.equal(JSON.stringify(kept), canonicalJson(JSON.parse(JSON.stringify(input))));
});

Deno.test("streamingRunner() hands a result on when the sink says that the step is safe, and not before", async () => {
  const order: string[] = [];
  const safe = Promise.withResolvers<void>();
  const runner = streamingRunner(({ path, index }) => {
    order.push(`${index} ${path}`);
    return path === "slow" ? safe.promise : undefined;
  });
  assert.equal(runner.runSync(step("now"), () => 7), 7);
  const result = runner.run(step("slow"), () => Promise.resolve(1)).then(() => order.push("handed on"));
  await runner.run(step("other"), () => Promise.resolve(2));
  assert.deepEqual(order, ["0 now", "1 slow", "2 other"]);
  safe.resolve();
  await result;
  assert.equal(order.at(-1), "handed on");
  assert.throws(() => runner.runSync(step("bad"), () => assert.fail("no")));
  assert.equal(order.at(-1), "3 bad");
});

Deno.test("streamingRunner() tells of what a sink did not keep, and of a step's own error before that", async () => {
  const sinks = [() => Promise.reject(new Error("full")), () => assert.fail("full")];
  const failing = () => Promise.reject(new Error("own"));
  for (const sink of sinks) {
    const told: unknown[] = [];
    const runner = streamingRunner(sink, (reason) => told.push((reason as Error).message));
    assert.equal(await runner.run(step("a"), () => Promise.resolve(1)), 1);
    assert.equal(runner.runSync(step("b"), () => 2), 2);
    await assert.rejects(runner.run(step("c"), failing), /own/);
    await Promise.resolve();
    assert.deepEqual(told, ["full", "full", "full"]);
    await assert.rejects(streamingRunner(sink).run(step("a"), () => Promise.resolve(1)), /full/);
    await assert.rejects(streamingRunner(sink).run(step("c"), failing), /own/);
  }
  assert.throws(() => streamingRunner(sinks[1]!).runSync(step("b"), () => 2), /full/);
});

Deno.test("toStepError() keeps what the catcher decides by, and reviveStepError() throws it again", () => {
  const provider = Object.assign(new Error("Slow down", { cause: new TypeError("inner") }), {
    status: 429,
    code: "slow",
    headers: new Headers({ "Retry-After": "2", "set-cookie": "x" }),
  });
  const kept = JSON.parse(JSON.stringify(toStepError(provider)));
  assert.deepEqual(kept, {
    name: "Error",
    message: "Slow down",
    code: "slow",
    status: 429,
    headers: { "retry-after": "2" },
    cause: { name: "TypeError", message: "inner" },
  });
  const revived = reviveStepError(kept) as Error & typeof provider;
  assert.deepEqual([revived.status, revived.code, (revived.cause as Error).name], [429, "slow", "TypeError"]);
  const cycle: Record<string, unknown> = { agent: "a", api_key: "sk-1" };
  cycle.self = cycle;
  const own = new LLLMError("Over", { code: "budget_exceeded", data: { max: 3, cycle, call: () => 1 } });
  assert.deepEqual(toStepError(own).data, { max: 3 });
  assert(reviveStepError(toStepError(new DOMException("left", "AbortError"))) instanceof DOMException);
  assert.deepEqual(toStepError("enough"), { name: "Error", message: "enough" });
});
