import assert from "node:assert/strict";
import { join } from "@std/path";
import { lllm, PROJECT, startLllm, withFolder } from "./_command.ts";

Deno.test("lllm log replay of a run that failed says whether it fails as it did", async () => {
  await withFolder(async (folder) => {
    const place = ["--log", join(folder, "log.db"), "--project", PROJECT];
    assert.equal((await lllm(["run", "echo", "fail", ...place])).code, 1);
    const replayed = await lllm(["log", "replay", "last", ...place]);
    assert.equal(replayed.code, 1);
    assert.match(replayed.stderr, /^the run fails as it did when it was recorded\nerror: This task fails/m);
  });
});

for (const log of ["log.db", "sessions/"]) {
  Deno.test({
    name:
      `lllm log replay --continue goes on with no session that still runs, but with one whose program died: ${log}`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await withFolder(async (folder) => {
        const place = ["--log", join(folder, log), "--project", PROJECT];
        const file = join(folder, "awaited");
        const running = startLllm(["run", "echo", `wait for ${file}`, ...place]);
        try {
          await running.untilTold("waiting");
          const again = ["log", "replay", "last", "--continue", "--budget", "wall=5s", ...place];
          const refused = await lllm(again);
          assert.equal(refused.code, 2, refused.stderr);
          assert.match(
            refused.stderr,
            /^error: Cannot go on with session "\d{8}_\S+": expected one that has ended or was interrupted, found one that still runs/m,
          );
          assert(!refused.stderr.includes("echo is called"));
        } finally {
          running.kill();
          await running.outcome;
        }
        await Deno.writeTextFile(file, "");
        const goesOn = await lllm(["log", "replay", "last", "--continue", ...place]);
        assert.equal(goesOn.code, 0, goesOn.stderr);
        const sessions = JSON.parse((await lllm(["log", "list", "--json", ...place])).stdout).result;
        assert.deepEqual(sessions.map(({ state }: { state: string }) => state), ["success"]);
      });
    },
  });
}

Deno.test({
  name: "lllm log replay --json tells one object, also where its log cannot be closed",
  ignore: Deno.build.os === "windows",
  async fn() {
    await withFolder(async (folder) => {
      const log = join(folder, "sessions");
      const place = ["--log", `${log}/`, "--project", PROJECT];
      const file = join(folder, "awaited");
      await Deno.writeTextFile(file, "");
      assert.equal((await lllm(["run", "echo", `wait for ${file}`, ...place])).code, 0);
      await Deno.remove(file);
      const again = ["log", "replay", "last", "--continue", "--save", "--json", ...place];
      const running = startLllm(again);
      await running.untilTold("waiting");
      await Deno.remove(join(log, "default"), { recursive: true });
      await Deno.writeTextFile(join(log, "default"), ""); // nothing can be written there
      running.interrupt();
      const { code, stdout, stderr } = await running.outcome;
      assert.equal(code, 130, stderr);
      const { ok, error, sessionId } = JSON.parse(stdout);
      assert.deepEqual([ok, error.code], [false, "interrupted"]);
      assert.match(sessionId, /^\d{8}_\d{6}_/);
    });
  },
});
