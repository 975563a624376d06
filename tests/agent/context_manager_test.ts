import assert from "node:assert/strict";
import { type ContextManager, DefaultContextManager } from "../../src/agent/mod.ts";
import { buildAgent, parseAgentConfigs } from "../../src/config/mod.ts";
import { Dialog, toolResultMessage } from "../../src/dialog/mod.ts";
import { FunctionCall, Message } from "../../src/message/mod.ts";
import { Runtime } from "../../src/runtime/mod.ts";
import { scriptedInvoker } from "../../src/testing/mod.ts";

function dialogOf(count: number, text = "word ".repeat(30)): Dialog {
  const dialog = new Dialog({ owner: "writer" });
  dialog.putText("You are brief.", { role: "system" });
  for (let i = 0; i < count; i++) dialog.putText(`${i}: ${text}`);
  return dialog;
}

/** A manager without buffer, so that limits in tests are small. */
function managerOf(maxTokens: number): DefaultContextManager {
  return new DefaultContextManager("gpt-4o", { maxTokens, safetyBuffer: 0 });
}

Deno.test("DefaultContextManager is called default, and keeps model, window and buffer", () => {
  const manager = new DefaultContextManager("gpt-4o", { maxTokens: 10_000 });
  assert.deepEqual([DefaultContextManager.managerName, manager.name], ["default", "default"]);
  assert.deepEqual([manager.model, manager.maxTokens, manager.safetyBuffer], ["gpt-4o", 10_000, 5000]);
  assert.equal(manager.effectiveLimit, 5000);
  assert.equal(new DefaultContextManager("gpt-4o", { maxTokens: 100, safetyBuffer: 200 }).effectiveLimit, 1);
  assert.throws(() => new DefaultContextManager("gpt-4o", { maxTokens: 0 }), RangeError);
  assert.throws(() => new DefaultContextManager("gpt-4o", { safetyBuffer: -1 }), RangeError);
});

Deno.test("DefaultContextManager looks the window up by model, else takes 128,000", () => {
  assert(new DefaultContextManager("gpt-4.1").effectiveLimit > 500_000);
  assert.equal(new DefaultContextManager("no-such-model", { safetyBuffer: 0 }).effectiveLimit, 128_000);
});

Deno.test("DefaultContextManager gives a dialog that fits, or is empty, as it is", () => {
  const manager = managerOf(100_000);
  for (const dialog of [dialogOf(5), new Dialog({ owner: "writer" })]) {
    assert.equal(manager.apply(dialog), dialog);
  }
});

Deno.test("DefaultContextManager keeps the head and the newest that fit, in a fork; the border message is cut", () => {
  const dialog = dialogOf(20);
  const cut = managerOf(220).apply(dialog);
  assert.equal(cut.parent, dialog);
  assert.equal(dialog.messages.length, 21);
  assert.equal(cut.head, dialog.head);
  assert.equal(cut.tail, dialog.tail);
  const [border, ...whole] = cut.messages.slice(1);
  assert(whole.length >= 2 && whole.length < 10);
  assert.deepEqual(whole, dialog.messages.slice(-whole.length));
  assert.match(String(border!.content), /^\[\.\.\.earlier content truncated\.\.\.\].*word/);
  const total = cut.messages.reduce((sum, message) => sum + managerOf(220).count(message), 0);
  assert(total <= 220, `${total}`);
});

Deno.test("DefaultContextManager never parts a call from its results", () => {
  for (let limit = 20; limit < 400; limit += 7) {
    const dialog = dialogOf(3);
    const calls = ["a", "b"].map((id) => new FunctionCall({ id, name: "f", arguments: {} }));
    dialog.append(new Message({ role: "tool_call", content: "", functionCalls: calls }));
    for (const call of calls) dialog.append(toolResultMessage(call, "result ".repeat(40)));
    dialog.putText("And now?");
    const roles = managerOf(limit).apply(dialog).messages.map((message) => message.role);
    const asked = roles.indexOf("tool_call");
    if (asked >= 0) assert.deepEqual(roles.slice(asked), ["tool_call", "tool", "tool", "user"]);
    else assert(!roles.includes("tool"));
    assert.deepEqual([roles[0], roles.at(-1)], ["system", "user"]);
  }
});

Deno.test("DefaultContextManager.count() counts texts, calls and images, or as it is told", () => {
  const manager = managerOf(1000);
  const text = new Message({ role: "user", content: "hello world" });
  assert(Number.isInteger(manager.count(text)) && manager.count(text) > 0);
  const image = [{ type: "image", mediaType: "image/png", data: "AAAA" }] as const;
  assert(manager.count(new Message({ role: "user", content: image })) > manager.count(text));
  const byWord = new DefaultContextManager("m", { countTokens: (text) => text.split(" ").length });
  assert.equal(byWord.count(text) - byWord.count(text.with({ content: "hello" })), 1);
});

const made: unknown[] = [];

/** A manager of a program's own: it keeps the first message and the last. */
class Ends implements ContextManager {
  static readonly managerName = "ends";
  readonly name = "ends";
  constructor(model: string, settings: Record<string, unknown>) {
    made.push([model, settings]);
  }
  apply(dialog: Dialog): Dialog {
    return dialog.fork({ firstK: 1, lastN: 1 });
  }
}

Deno.test("a config's context_manager is the default one, none, or a registered one", async () => {
  const runtime = new Runtime();
  runtime.registerContextManager(Ends);
  /** How many of 41 messages are sent. */
  const sentWith = async (context_manager: unknown): Promise<number> => {
    const entry = { name: "a", model_name: "gpt-4o", system_prompt: "You test.", context_manager };
    const { a } = parseAgentConfigs({ agent_configs: [entry] }, ["a"], "t");
    const script = scriptedInvoker([{ text: "Yes" }]);
    let sent = 0;
    const agent = await buildAgent(a!, {
      invoker: {
        call(request) {
          sent = request.dialog.messages.length;
          return script.call(request);
        },
      },
      resolver: runtime,
      toolOfResource: () => Promise.reject(new Error("no tools here")),
    });
    agent.open("main");
    for (let i = 0; i < 40; i++) agent.receive("word ".repeat(30));
    await agent.respond();
    return sent;
  };
  for (const none of [null, "null", "none", { type: null }, { type: "none" }, undefined]) {
    assert.equal(await sentWith(none), 41);
  }
  assert.equal(await sentWith({ type: "default", max_tokens: 16_000 }), 41);
  const cut = await sentWith({ type: "default", max_tokens: 5_500 });
  assert(cut > 2 && cut < 20, `${cut}`);
  assert.equal(await sentWith({ max_tokens: 5_500 }), cut);
  assert.equal(await sentWith({ type: "ends", max_tokens: 9, keep_last: 2 }), 2);
  assert.deepEqual(made.at(-1), ["gpt-4o", { maxTokens: 9, keepLast: 2 }]);
  await assert.rejects(sentWith("endz"), { code: "resource_not_found" });
});

Deno.test("an agent's context manager decides what is sent, and leaves the dialog alone", async () => {
  const sent: number[] = [];
  const script = scriptedInvoker({ rules: [{ reply: "Yes" }] });
  const { Agent } = await import("../../src/agent/mod.ts");
  const { Prompt } = await import("../../src/prompt/mod.ts");
  const agent = new Agent({
    name: "a",
    model: "m",
    systemPrompt: new Prompt({ path: "s", prompt: "You test." }),
    contextManager: new Ends("m", {}),
    invoker: {
      call(request) {
        sent.push(request.dialog.messages.length);
        return script.call(request);
      },
    },
  });
  agent.open("main");
  for (const text of ["one", "two", "three"]) agent.receive(text);
  await agent.respond();
  assert.deepEqual(sent, [2]);
  assert.equal(agent.currentDialog.messages.length, 5);
});
