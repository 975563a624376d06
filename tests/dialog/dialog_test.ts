import assert from "node:assert/strict";
import fc from "fast-check";
import {
  Dialog,
  findToolGroups,
  orderToolResults,
  toolCallId,
  toolResultMessage,
} from "../../src/dialog/mod.ts";
import { FunctionCall, Message } from "../../src/message/mod.ts";
import { isBarePrompt, Prompt } from "../../src/prompt/mod.ts";

const PNG = Uint8Array.fromBase64(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
);

function dialogOf(...texts: string[]): Dialog {
  const dialog = new Dialog({ owner: "test" });
  for (const text of texts) dialog.putText(text);
  return dialog;
}

const texts = (dialog: Dialog) => dialog.messages.map((message) => message.content);

/** s u [call a,b] ra rb u */
function dialogWithTools(): Dialog {
  const dialog = new Dialog({ owner: "test" });
  dialog.putText("s", { role: "system" });
  dialog.putText("u");
  dialog.append(asking("a", "b"));
  dialog.append(answer("a"));
  dialog.append(answer("b"));
  dialog.putText("v");
  return dialog;
}

function asking(...ids: string[]): Message {
  return new Message({
    role: "tool_call",
    content: "",
    functionCalls: ids.map((id) => ({ id, name: "f", arguments: { id } })),
  });
}

function answer(id: string): Message {
  return toolResultMessage(new FunctionCall({ id, name: "f", arguments: {} }), `result ${id}`);
}

Deno.test("Dialog.append() returns a stamped copy and leaves the argument alone", () => {
  const dialog = dialogOf();
  const message = new Message({ role: "user", content: "x", metadata: { a: 1 } });
  const stored = dialog.append(message);
  assert.deepEqual(message.metadata, { a: 1 });
  assert.deepEqual(stored.metadata, { a: 1, dialogId: dialog.dialogId });
  assert.equal(stored.id, message.id);
  assert.equal(dialog.tail, stored);
});

Deno.test("Dialog.messages is frozen, and a list taken earlier does not grow", () => {
  const dialog = dialogOf("a");
  const before = dialog.messages;
  dialog.putText("b");
  assert.equal(before.length, 1);
  assert.equal(dialog.messages.length, 2);
  assert.throws(() => (before as Message[]).push(before[0]!), TypeError);
});

Deno.test("Dialog.fork() shares the messages, and neither side sees the other's appends", () => {
  const parent = dialogOf("a", "b");
  const child = parent.fork();
  child.putText("child");
  parent.putText("parent");
  const grandchild = child.fork();
  grandchild.putText("grandchild");
  assert.deepEqual(texts(parent), ["a", "b", "parent"]);
  assert.deepEqual(texts(child), ["a", "b", "child"]);
  assert.deepEqual(texts(grandchild), ["a", "b", "child", "grandchild"]);
  assert.equal(child.messages[0], parent.messages[0]);
  assert.equal(child.messages[0]!.metadata.dialogId, parent.dialogId);
  assert.equal(child.head, parent.head);
  assert.equal(grandchild.tail!.content, "grandchild");
});

Deno.test("Dialog.fork() keeps the first K and the last N, or the first upTo", () => {
  const dialog = dialogOf("0", "1", "2", "3", "4");
  assert.deepEqual(texts(dialog.fork({ lastN: 2 })), ["0", "3", "4"]);
  assert.deepEqual(texts(dialog.fork({ lastN: 1, firstK: 2 })), ["0", "1", "4"]);
  assert.deepEqual(texts(dialog.fork({ lastN: 1, firstK: 0 })), ["4"]);
  assert.deepEqual(texts(dialog.fork({ lastN: 9 })), ["0", "1", "2", "3", "4"]);
  assert.deepEqual(texts(dialog.fork({ upTo: 2 })), ["0", "1"]);
  assert.deepEqual(texts(dialog.fork({ upTo: 0 })), []);
  const fork = dialog.fork({ lastN: 2 });
  assert.deepEqual([fork.treeNode.splitPoint, fork.treeNode.lastN, fork.treeNode.firstK], [3, 2, 1]);
});

Deno.test("Dialog.fork() refuses numbers that cannot cut", () => {
  const dialog = dialogOf("a");
  for (const options of [{ lastN: -1 }, { firstK: 1.5 }, { upTo: NaN }, { upTo: 1, lastN: 1 }]) {
    assert.throws(() => dialog.fork(options), RangeError);
  }
});

Deno.test("Dialog.fork() moves a cut inside a call and its results outwards", () => {
  const dialog = dialogWithTools();
  const roles = (fork: Dialog) => fork.messages.map((message) => message.role);
  assert.deepEqual(roles(dialog.fork({ lastN: 2 })), ["system", "tool_call", "tool", "tool", "user"]);
  assert.deepEqual(roles(dialog.fork({ upTo: 3 })), ["system", "user", "tool_call", "tool", "tool"]);
  assert.deepEqual(roles(dialog.fork({ firstK: 4, lastN: 1 })), [
    "system",
    "user",
    "tool_call",
    "tool",
    "tool",
    "user",
  ]);
});

Deno.test("Dialog tree: parents, children, depth, ids and overviews", () => {
  const root = dialogOf("a");
  const child = root.fork();
  const grandchild = child.fork();
  assert.deepEqual(root.children, [child]);
  assert.deepEqual([root.depth, child.depth, grandchild.depth], [0, 1, 2]);
  assert.deepEqual(root.treeNode.subtreeIds(), [root.dialogId, child.dialogId, grandchild.dialogId]);
  assert.deepEqual([root.treeNode.isRoot, child.treeNode.isRoot], [true, false]);
  assert.equal(child.treeNode.parentId, root.dialogId);
  assert.equal(root.treeOverview().split("\n").length, 3);
  assert.equal(root.fork({ tracked: false }).parent, root);
  assert.equal(root.children.length, 1);
});

Deno.test("Dialog tree: ids and overviews of forks of forks, however deep", () => {
  const root = new Dialog({ owner: "writer" });
  const forks = [root];
  for (let level = 1; level < 5_000; level++) forks.push(forks.at(-1)!.fork());
  const side = root.fork();
  assert.deepEqual(root.treeNode.subtreeIds(), [...forks, side].map((dialog) => dialog.dialogId));
  assert.equal(forks.at(-4)!.treeOverview().split("\n").length, 4);
});

Deno.test("Dialog.putPrompt() renders, and makes the prompt the top prompt; a text makes it a bare one", () => {
  const dialog = dialogOf();
  const prompt = new Prompt({ path: "ask", prompt: "About {topic}?" });
  const message = dialog.putPrompt(prompt, { promptArgs: { topic: "rain" }, name: "Ann" });
  assert.deepEqual([message.content, message.name, dialog.topPrompt], ["About rain?", "Ann", prompt]);
  dialog.putText("{not a slot}");
  assert(isBarePrompt(dialog.topPrompt!));
  assert.equal(dialog.tail!.content, "{not a slot}");
  assert.throws(() => dialog.putPrompt(prompt), { code: "missing_prompt_args" });
  assert.throws(() => dialog.putPrompt("no/such"), /Cannot/);
});

Deno.test("Dialog.putImage() takes bytes, base64, data: URLs and files, and goes by content", async () => {
  const dialog = dialogOf();
  const file = await Deno.makeTempFile({ suffix: ".txt" });
  await Deno.writeFile(file, PNG);
  const forms = [
    PNG,
    PNG.toBase64(),
    `data:image/jpeg;base64,${PNG.toBase64()}`,
    file,
    new URL(`file://${file}`),
  ];
  for (const form of forms) {
    const message = await dialog.putImage(form, { caption: "look" });
    assert.deepEqual(message.content, [
      { type: "text", text: "look" },
      { type: "image", mediaType: "image/png", data: PNG.toBase64() },
    ]);
    assert.equal(message.modality, "image");
  }
  await Deno.writeTextFile(file, "no image");
  for (const bad of [file, "no/such/file.png", new Uint8Array([1, 2, 3]), "data:image/png;base64,AAAA", 7]) {
    await assert.rejects(dialog.putImage(bad as string), TypeError);
  }
  await Deno.remove(file);
});

Deno.test("Dialog.overview() cuts long messages and can leave the last out", () => {
  const dialog = dialogOf("short", "long ".repeat(50), "tail");
  assert.equal(
    dialog.overview({ maxLength: 10, removeTail: true }),
    "[0] user: short\n[1] user: long long …",
  );
});

Deno.test("Dialog.fromJSON() gives back messages, owner and id", () => {
  const dialog = dialogWithTools();
  const copy = Dialog.fromJSON(JSON.parse(JSON.stringify(dialog)));
  assert.deepEqual(copy.messages, dialog.messages);
  assert.deepEqual([copy.owner, copy.dialogId], [dialog.owner, dialog.dialogId]);
  assert.throws(() => Dialog.fromJSON({}), TypeError);
});

Deno.test("Dialog.cost sums its messages", () => {
  const dialog = dialogOf();
  const usage = { prompt_tokens: 2, response_cost: 0.5 };
  dialog.append(new Message({ role: "assistant", content: "", usage }));
  dialog.append(new Message({ role: "assistant", content: "", usage }));
  assert.deepEqual([dialog.cost.promptTokens, dialog.cost.cost], [4, 1]);
});

Deno.test("Dialog does not keep its forks alive", async () => {
  const dialog = dialogOf("a");
  const gc = (globalThis as { gc?: () => void }).gc;
  if (gc === undefined) {
    // The collector is only there under --v8-flags=--expose-gc: run the same in a process that has it.
    const code = `import { Dialog } from "${new URL("../../src/dialog/mod.ts", import.meta.url)}";
      const d = new Dialog({ owner: "x" }); d.putText("a");
      for (let i = 0; i < 1000; i++) d.fork().putText("b");
      await new Promise((r) => setTimeout(r)); gc(); await new Promise((r) => setTimeout(r)); gc();
      console.log(d.children.length);`;
    const args = ["eval", "--v8-flags=--expose-gc", code];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    assert.equal(new TextDecoder().decode(stdout).trim(), "0");
  }
  assert.equal(dialog.children.length, 0);
});

Deno.test("orderToolResults() leaves a valid history alone", () => {
  const { messages } = dialogWithTools();
  assert.equal(orderToolResults(messages), messages);
});

Deno.test("orderToolResults() answers each call once, directly after it and in call order, whatever came in", () => {
  const message = fc.oneof(
    fc.constant("user" as const).map(() => new Message({ role: "user", content: "u" })),
    fc.uniqueArray(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 3 }).map((ids) =>
      asking(...ids)
    ),
    fc.constantFrom("a", "b", "c", "d").map(answer),
  );
  fc.assert(fc.property(fc.array(message, { maxLength: 20 }), (messages) => {
    const ordered = orderToolResults(messages);
    for (let i = 0; i < ordered.length; i++) {
      const calls = ordered[i]!.functionCalls;
      const answers = ordered.slice(i + 1, i + 1 + calls.length);
      assert.deepEqual(answers.map(toolCallId), calls.map((call) => call.id));
      i += calls.length;
      assert.notEqual(ordered[i + 1]?.role, "tool");
    }
    const other = (list: readonly Message[]) => list.filter((m) => m.role !== "tool");
    assert.deepEqual(other(ordered), other(messages));
    assert.deepEqual(orderToolResults(ordered), ordered);
  }));
});

Deno.test("findToolGroups() spans a call up to its last answer", () => {
  assert.deepEqual(findToolGroups(dialogWithTools().messages), [{ start: 2, end: 5 }]);
});

Deno.test("Dialog.toJSON() and fromJSON() keep a dialog's place in its tree", () => {
  const root = new Dialog({ owner: "tester", sessionName: "s" });
  for (const text of ["a", "b", "c", "d"]) root.putText(text);
  const fork = root.fork({ lastN: 1 });
  const leaf = fork.fork();
  for (const dialog of [root, fork, leaf]) {
    const data = JSON.parse(JSON.stringify(dialog));
    const copy = Dialog.fromJSON(data);
    assert.deepEqual(JSON.parse(JSON.stringify(copy)), data);
    assert.deepEqual([copy.depth, copy.treeNode.isRoot], [dialog.depth, dialog.treeNode.isRoot]);
    assert.equal(copy.parent, null);
  }
  const copy = Dialog.fromJSON(root.toJSON());
  const child = copy.fork();
  assert.deepEqual(copy.treeNode.childrenIds, [fork.dialogId, child.dialogId]);
  assert.deepEqual(copy.treeNode.subtreeIds(), [root.dialogId, fork.dialogId, child.dialogId]);
});

Deno.test("new Dialog() refuses an owner that is no text", () => {
  assert.throws(() => new Dialog({} as { owner: string }), TypeError);
});
