/**
 * What becomes of a sandbox's process when calls of `reset()`, `close()` and `runCell()` overlap.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createSandbox } from "../../src/sandbox/mod.ts";
import { processesWith } from "./_helpers.ts";

Deno.test("close() leaves no process when a reset is under way", async () => {
  const cacheDir = await Deno.makeTempDir();
  try {
    const sandbox = await createSandbox({ language: "typescript", cacheDir });
    const reset = sandbox.reset();
    reset.catch(() => {});
    await sandbox.close();
    await assert.rejects(reset, { code: "sandbox_closed" });
    assert.deepEqual(processesWith(cacheDir), []);

    const second = await createSandbox({ language: "typescript", cacheDir });
    const again = second.reset();
    again.catch(() => {});
    const cell = second.runCell("1 + 1");
    await second.close();
    assert.equal((await cell).outcome, "cancelled");
    await assert.rejects(again, { code: "sandbox_closed" });
    assert.deepEqual(processesWith(cacheDir), []);
  } finally {
    await Deno.remove(cacheDir, { recursive: true });
  }
});

Deno.test("a process that was started for a cancelled cell does not keep the program alive", async () => {
  const sandbox = import.meta.resolve("../../src/sandbox/mod.ts");
  const program = `
    import { createSandbox } from "${sandbox}";
    const sandbox = await createSandbox({ language: "typescript", graceMs: 1 });
    const lost = await sandbox.runCell("await null; while (true) {}", { timeoutMs: 50 });
    const controller = new AbortController();
    const cell = sandbox.runCell("1", { signal: controller.signal });
    controller.abort();
    console.log(lost.stateLost, (await cell).outcome);
  `;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", config, program],
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(30_000),
  });
  const { success, stdout, stderr } = await child.output();
  assert.ok(success, `the program was ended: ${new TextDecoder().decode(stderr)}`);
  assert.equal(new TextDecoder().decode(stdout), "true cancelled\n");
});

Deno.test("reset() does not let the program end while a cell runs", async () => {
  const sandbox = import.meta.resolve("../../src/sandbox/mod.ts");
  const program = `
    import { createSandbox } from "${sandbox}";
    const sandbox = await createSandbox({ language: "typescript" });
    const resets = [sandbox.reset(), sandbox.reset()];
    const result = await sandbox.runCell("await new Promise((resolve) => setTimeout(resolve, 300)); 7");
    await Promise.all(resets);
    console.log(result.value);
  `;
  const config = new URL("../../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", config, program],
    stdout: "piped",
    stderr: "piped",
  });
  const { stdout, stderr } = await child.output();
  assert.equal(new TextDecoder().decode(stdout), "7\n", new TextDecoder().decode(stderr));
});
