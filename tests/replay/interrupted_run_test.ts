import assert from "node:assert/strict";
import { fromFileUrl, join } from "@std/path";
import { sqliteStore } from "@lllm/lllm/log";
import { replaySession } from "@lllm/lllm/replay";
import { scriptedInvoker } from "@lllm/lllm/testing";
import { Research } from "./_programs.ts";

const here = (path: string) => fromFileUrl(new URL(path, import.meta.url));

Deno.test("replaySession() goes on with a run whose program was killed, in the same session, and repeats nothing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const file = join(folder, "log.db");
    const { signal } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--config", here("../../deno.json"), here("./_dying_run.ts"), file],
      stderr: "null",
    }).output();
    assert.equal(signal, "SIGKILL");
    await using logStore = sqliteStore(file);
    const [interrupted] = await logStore.listSessions({ state: "interrupted" });
    const record = await logStore.loadSessionRecord(interrupted!.id);
    assert.deepEqual(record.steps.map(({ kind }) => kind).slice(-2), ["model", "tool"]);

    const invoker = scriptedInvoker([{ text: "At last" }]); // one call is left
    const tactic = new Research({ logStore, invoker, onSearch: () => assert.fail("searched again") });
    const { result, liveCount } = await replaySession(record, tactic, {
      mode: "continue",
      sessionId: record.id,
    });
    assert.deepEqual([(result as { answer: string }).answer, liveCount], ["At last", 1]);

    const sessions = await logStore.listSessions();
    assert.deepEqual(sessions.map(({ id, state }) => [id, state]), [[record.id, "success"]]);
    const whole = await logStore.loadSessionRecord(record.id);
    assert.equal(whole.steps.length, record.steps.length + 1);
    const again = await replaySession(whole, new Research());
    assert.deepEqual([again.liveCount, again.isSameResult], [0, true]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
