import assert from "node:assert/strict";
import type { Invoker } from "../../src/invokers/mod.ts";
import type { StreamHandler } from "../../src/invokers/mod.ts";
import { Message } from "../../src/message/mod.ts";
import { InvokeResult } from "../../src/session/mod.ts";
import { agentOn, collect } from "./_agents.ts";

/** An invoker that says numbers, from 0. */
const counting = (count: number): Invoker => ({
  async call({ streamHandler }) {
    for (let i = 0; i < count; i++) {
      await streamHandler?.handleChunk(String(i), { type: "text_delta", text: String(i) });
    }
    return new InvokeResult({ message: new Message({ role: "assistant", content: "counted" }) });
  },
});

Deno.test("stream() gives each event once where several are asked for at a time", async () => {
  const events = agentOn([{ text: "Done" }]).stream()[Symbol.asyncIterator]();
  const given = await Promise.all(Array.from({ length: 7 }, () => events.next()));
  assert.deepEqual(given.map(({ value }) => value?.type), [
    "agent_start",
    "model_start",
    "text_delta",
    "model_end",
    "agent_end",
    undefined,
    undefined,
  ]);
});

Deno.test("stream() tells one of those that wait of a failure, and the others of the end", async () => {
  const events = agentOn([{ error: { status: 400 } }]).stream()[Symbol.asyncIterator]();
  const given = await Promise.allSettled(Array.from({ length: 5 }, () => events.next()));
  assert.deepEqual(given.map(({ status }) => status), [
    "fulfilled",
    "fulfilled",
    "rejected",
    "fulfilled",
    "fulfilled",
  ]);
  assert.deepEqual(await events.next(), { done: true, value: undefined });
});

Deno.test("stream() keeps the order for a reader that is slower than the model", async () => {
  const { events } = await collect(agentOn([], { invoker: counting(5_000) }).stream());
  const texts = events.flatMap((event) => event.type === "text_delta" ? [event.text] : []);
  assert.deepEqual(texts, Array.from({ length: 5_000 }, (_, i) => String(i)));
});

Deno.test("respond() takes a stream handler that gives something back", async () => {
  const texts: string[] = [];
  const streamHandler = { handleChunk: (text: string) => texts.push(text) } as unknown as StreamHandler;
  const message = await agentOn([], { invoker: counting(2), streamHandler }).respond();
  assert.equal(message.content, "counted");
  assert.deepEqual(texts, ["0", "1"]);
});
