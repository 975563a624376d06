/** What every invoker promises, held against each of ours. */
import assert from "node:assert/strict";
import {
  classifyProviderError,
  type Invoker,
  type InvokeRequest,
  scriptedInvoker,
} from "../../src/invokers/mod.ts";
import { InvokeResult } from "../../src/session/mod.ts";
import { startProviderServer } from "../provider_server/mod.ts";
import { invokerFor, listener, question, request } from "./_support.ts";

interface Subject extends AsyncDisposable {
  readonly invoker: Invoker;
  readonly rest?: Partial<InvokeRequest>;
}

/** Each starts an invoker that answers `Reply to <question>`, to `wait` after long, and fails with 503 on `fail`. */
const subjects: Record<string, () => Promise<Subject>> = {
  "scriptedInvoker()": () =>
    Promise.resolve({
      invoker: scriptedInvoker({
        rules: [
          { when: { contains: "fail" }, reply: { error: { status: 503 } } },
          { when: { contains: "wait" }, reply: { text: "late", delay_ms: 60_000 } },
          { reply: { text: "Reply to {last_message}" } },
        ],
      }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
  "openaiInvoker() by Chat Completions": () => overHttp("completion"),
  "openaiInvoker() by Responses": () => overHttp("response"),
};

async function overHttp(apiType: "completion" | "response"): Promise<Subject> {
  const server = await startProviderServer({
    script: [
      { when: { contains: "fail" }, reply: { fault: { kind: "status", status: 503 } } },
      { when: { contains: "wait" }, reply: { text: "late", delayMs: 60_000 } },
      { reply: ({ lastText }) => ({ text: `Reply to ${lastText}` }) },
    ],
  });
  return { invoker: invokerFor(server), rest: { apiType }, [Symbol.asyncDispose]: () => server.close() };
}

for (const [name, start] of Object.entries(subjects)) {
  Deno.test(`${name} takes no facts about its reply from the metadata of another`, async () => {
    await using subject = await start();
    const metadata = {
      note: 1,
      refusal: true,
      rawArguments: { call_1: "{" },
      callExtras: { call_1: 1 },
      mcpApprovalRequests: { call_1: { server: "s", tool: "t" } },
    };
    const asked = request(question("Hi"), { ...subject.rest, metadata });
    const { message } = await subject.invoker.call(asked);
    const { note, refusal, rawArguments, callExtras, mcpApprovalRequests } = message.metadata;
    assert.equal(note, 1);
    assert.deepEqual([refusal, rawArguments, callExtras, mcpApprovalRequests], new Array(4).fill(undefined));
    assert.equal(metadata.refusal, true);
  });

  Deno.test(`${name} gives a reply in the responder's name, and leaves the dialog as it is`, async () => {
    await using subject = await start();
    const dialog = question("Hi");
    const before = dialog.messages;
    const result = await subject.invoker.call(
      request(dialog, {
        ...subject.rest,
        responder: "writer",
        metadata: { note: 1 },
        modelArgs: { temperature: 0.5 },
      }),
    );
    assert.equal(result.message.content, "Reply to Hi");
    assert.equal(result.message.role, "assistant");
    assert.equal(result.message.name, "writer");
    assert.equal(result.message.model, "gpt-4o-mini");
    assert.equal(result.message.metadata.note, 1);
    assert.equal(result.message.metadata.finishReason, "stop");
    assert.deepEqual(result.modelArgs, { temperature: 0.5 });
    assert.equal(result.hasErrors, false);
    assert(result.cost.totalTokens > 0);
    assert.equal(dialog.messages, before);
    assert.deepEqual(InvokeResult.fromJSON(JSON.parse(JSON.stringify(result))), result);
  });

  Deno.test(`${name} streams exactly the text that it then gives`, async () => {
    await using subject = await start();
    const heard = listener();
    const { message } = await subject.invoker.call(
      request(question("Hi"), { ...subject.rest, streamHandler: heard }),
    );
    assert.equal(heard.texts.join(""), message.content);
  });

  Deno.test(`${name} keeps concurrent calls apart`, async () => {
    await using subject = await start();
    const contents = await Promise.all(Array.from({ length: 30 }, async (_, index) => {
      const streamHandler = index % 2 === 0 ? { streamHandler: listener() } : {};
      const call = request(question(`number ${index}`), { ...subject.rest, ...streamHandler });
      return (await subject.invoker.call(call)).message.content;
    }));
    assert.deepEqual(contents, contents.map((_, index) => `Reply to number ${index}`));
  });

  Deno.test(`${name} rejects with the signal's reason, before the call and during it`, async () => {
    await using subject = await start();
    const reason = { mine: true };
    const early = request(question("Hi"), { ...subject.rest, signal: AbortSignal.abort(reason) });
    await assert.rejects(subject.invoker.call(early), (error) => error === reason);
    const controller = new AbortController();
    const call = subject.invoker.call(
      request(question("wait"), { ...subject.rest, signal: controller.signal }),
    );
    controller.abort(reason);
    await assert.rejects(call, (error) => error === reason);
  });

  Deno.test(`${name} rejects with an error that can be classified`, async () => {
    await using subject = await start();
    await assert.rejects(subject.invoker.call(request(question("fail"), { ...subject.rest })), (error) => {
      assert.equal(classifyProviderError(error).kind, "recall");
      assert.equal(classifyProviderError(error).status, 503);
      return true;
    });
  });
}
