import assert from "node:assert/strict";
import { join } from "@std/path";
import { withCassette } from "@lllm/lllm/replay";
import { Tactic } from "@lllm/lllm/tactic";
import { scriptedInvoker } from "@lllm/lllm/testing";
import { tool } from "@lllm/lllm/tools";
import type { Invoker } from "@lllm/lllm/invokers";
import { Ask, Boss, noInvoker, Research, researchReplies } from "./_programs.ts";

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

Deno.test("withCassette() says what is wrong with a damaged file, and with an unknown mode", async () => {
  await inFolder(async (folder) => {
    const run = (mode: "auto" | "record" = "auto") =>
      withCassette("ask", () => new Ask(scriptedInvoker(["Yes"])).run("x"), { folder, mode });
    await run();
    const file = join(folder, "ask.json");
    const text = await Deno.readTextFile(file);
    const damaged: [text: string, message: RegExp][] = [
      ["", /expected an object with format "lllm-cassette", found none; re-record with/],
      [text.slice(0, 200), /expected an object with format "lllm-cassette"/],
      [text.replace(/"path": .*/, ""), /ask\.json: expected steps\[0\]\.path to be a text, found none/],
      [text.replace(/"steps": \[/, '"steps": [null,'), /expected steps\[0\] to be an object, found null/],
    ];
    for (const [changed, message] of damaged) {
      await Deno.writeTextFile(file, changed);
      await assert.rejects(run(), { name: "TypeError", message });
    }
    assert.equal(await run("record"), "Yes");
    await assert.rejects(run("again" as "auto"), { name: "RangeError", message: /found "again"/ });
  });
});

Deno.test("withCassette() replays an agent whose tool is a tactic", async () => {
  await inFolder(async (folder) => {
    const run = (boss: Invoker, invoker: Invoker) =>
      withCassette("boss", async () => {
        const session = await new Boss(boss, new Ask(invoker)).run("Go", { returnSession: true });
        return [session.delivery, Object.values(session.subTacticSessions).flat().map((sub) => sub.delivery)];
      }, { folder, mode: "auto" });
    const replies = [{ toolCalls: [{ name: "ask", arguments: { task: "How?" } }] }, { text: "Done" }];
    const first = await run(scriptedInvoker(replies), scriptedInvoker(["So"]));
    assert.deepEqual(first, ["Done", ["So"]]);
    assert.deepEqual(await run(noInvoker, noInvoker), first);
  });
});

Deno.test("withCassette() finds keys wherever they stand in a text", async () => {
  const texts = [
    "The key:\nsk-proj-geheim4711abcdefgh",
    "\tsk-proj-geheim4711abcdefgh",
    "\nBearer geheim4711",
    "GET https://ann:geheim4711@host.example/?api_key=geheim4711&q=1 now",
    "x-api-key: geheim4711",
    "export SERVICE_PASSWORD=geheim4711",
    JSON.stringify({ password: 'a"geheim4711' }),
    JSON.stringify(JSON.stringify({ api_key: 'a"geheim4711' })),
    "-----BEGIN PRIVATE KEY-----\ngeheim4711\n-----END PRIVATE KEY-----",
  ];
  await inFolder(async (folder) => {
    for (const [index, text] of texts.entries()) {
      const run = (invoker: Invoker) =>
        withCassette(`text${index}`, () => new Ask(invoker).run(text), { folder, mode: "auto" });
      await run(scriptedInvoker([`You said ${text}`]));
      const kept = await Deno.readTextFile(join(folder, `text${index}.json`));
      assert(!/geheim4711/.test(kept), text);
      assert.match(await run(noInvoker), /^You said .*\[scrubbed\]/s);
    }
  });
});

Deno.test("withCassette() leaves what is said about passwords, and takes secrets that look like JSON", async () => {
  await inFolder(async (folder) => {
    const secrets = ["nab", "true", "12", "4711"];
    const run = (invoker: Invoker) =>
      withCassette("words", () => new Ask(invoker).run("\nabc 4711"), { folder, mode: "auto", secrets });
    const text = "password: required, api_key=process.env.KEY";
    const recorded = await run(
      scriptedInvoker([{ text, usage: { prompt_tokens: 12, completion_tokens: 120 } }]),
    );
    assert.equal(recorded, text);
    assert.equal(await run(noInvoker), text);
    assert(!(await Deno.readTextFile(join(folder, "words.json"))).includes("4711"));
  });
});
