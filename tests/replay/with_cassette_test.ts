import assert from "node:assert/strict";
import { join } from "@std/path";
import { withCassette } from "@lllm/lllm/replay";
import { Tactic } from "@lllm/lllm/tactic";
import { scriptedInvoker } from "@lllm/lllm/testing";
import { tool } from "@lllm/lllm/tools";
import type { Invoker } from "@lllm/lllm/invokers";
import { Ask, noInvoker, Research, researchReplies } from "./_programs.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("withCassette() replays a tactic that was recorded for the repository", async () => {
  const result = await withCassette(
    "research",
    ({ isReplay }) =>
      new Research({ invoker: isReplay ? noInvoker : scriptedInvoker(researchReplies()) }).run("Rain?"),
    { folder: new URL("../cassettes/", import.meta.url) },
  );
  assert.equal(result.answer, "An answer about rain");
});

Deno.test("withCassette() records once, and replays runs that ask the same at once each their own answer", async () => {
  await inFolder(async (folder) => {
    const run = (invoker: Invoker) =>
      withCassette("batch", () => new Ask(invoker).bcall(["same", "same", "other"]), {
        folder,
        mode: "auto",
      });
    const first = await run(scriptedInvoker([{ text: "1" }, { text: "2" }, { text: "3" }]));
    assert.deepEqual(await run(noInvoker), first);
    assert.equal(new Set(first).size, 3);
  });
});

Deno.test("withCassette() says step, difference and remedy where the code asks for something else", async () => {
  await inFolder(async (folder) => {
    const ask = (task: string, invoker: Invoker, mode: "auto" | "record" | "replay" = "auto") =>
      withCassette("ask", () => new Ask(invoker).run(task), { folder, mode });
    await ask("Good day", scriptedInvoker(["Yes"]));
    await assert.rejects(ask("Good night", noInvoker, "replay"), (error: Error & { code: string }) => {
      assert.equal(error.code, "replay_diverged");
      assert.match(
        error.message,
        /one\/main#0.*Good \[-day-\]\{\+night\+\}.*re-record with LLLM_CASSETTES=record/,
      );
      return true;
    });
    assert.equal(await ask("Good night", scriptedInvoker(["No"]), "record"), "No");
    assert.equal(await ask("Good night", noInvoker), "No");
  });
});

Deno.test("withCassette() in replay mode, as in CI, records nothing", async () => {
  await inFolder(async (folder) => {
    await assert.rejects(
      withCassette("none", () => new Ask(noInvoker).run("x"), { folder, mode: "replay" }),
      { code: "session_not_found", message: /re-record with/ },
    );
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("withCassette() leaves no file behind where the first run fails", async () => {
  await inFolder(async (folder) => {
    const failing = withCassette("fails", () => Promise.reject(new Error("no")), { folder, mode: "auto" });
    await assert.rejects(failing, /^Error: no$/);
    assert.deepEqual([...Deno.readDirSync(folder)], []);
  });
});

Deno.test("withCassette() keeps secrets out of the file, and replays nevertheless", async () => {
  await inFolder(async (folder) => {
    const key = "sk-proj-abcdefghijklmnop1234";
    const login = tool({
      name: "login",
      description: "Logs in",
      parameters: { type: "object", properties: { password: { type: "string" } } },
      execute: () => ({ token: key, session_token: "deep-secret", note: "from the house of Smith" }),
    });
    const run = (invoker: Invoker) =>
      withCassette("secrets", async () => {
        const agent = Tactic.quick("You log in.", { model: "scripted", invoker, tools: [login] }).open(
          "main",
        );
        agent.receive(`The key is ${key}, the word is hunter2`);
        return (await agent.respond()).content;
      }, { folder, mode: "auto", secrets: ["hunter2", "Smith"] });
    const replies = [{ toolCalls: [{ name: "login", arguments: { password: "p4ssw0rd" } }] }, { text: "In" }];
    assert.equal(await run(scriptedInvoker(replies)), "In");
    const text = await Deno.readTextFile(join(folder, "secrets.json"));
    for (const secret of [key, "hunter2", "Smith", "p4ssw0rd", "deep-secret"]) {
      assert(!text.includes(secret), `${secret} is in the file`);
    }
    assert.equal(await run(noInvoker), "In");
  });
});

Deno.test("withCassette() refuses names that lead elsewhere", async () => {
  for (const name of ["", "../x", "/etc/x", "a//b"]) {
    await assert.rejects(withCassette(name, () => 1), TypeError);
  }
});
