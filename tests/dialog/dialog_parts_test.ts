import assert from "node:assert/strict";
import { Dialog } from "../../src/dialog/mod.ts";
import { Message } from "../../src/message/mod.ts";
import { isBarePrompt, Prompt } from "../../src/prompt/mod.ts";
import { Runtime } from "../../src/runtime/mod.ts";

function dialogOf(...texts: string[]): Dialog {
  const dialog = new Dialog({ owner: "writer" });
  for (const text of texts) dialog.putText(text);
  return dialog;
}

Deno.test("a new Dialog is a root without messages, and keeps its id", () => {
  const dialog = new Dialog({ owner: "writer" });
  assert.deepEqual([dialog.messages, dialog.head, dialog.tail], [[], undefined, undefined]);
  assert.deepEqual([dialog.parent, dialog.children, dialog.depth, dialog.topPrompt], [null, [], 0, null]);
  assert.deepEqual([dialog.treeNode.isRoot, dialog.treeNode.parentId, dialog.treeNode.owner], [
    true,
    null,
    "writer",
  ]);
  assert.deepEqual(dialog.treeNode.subtreeIds(), [dialog.dialogId]);
  assert.match(dialog.dialogId, /^[0-9a-f-]{36}$/);
  assert.equal(dialog.dialogId, dialog.dialogId);
  assert.equal(dialog.sessionName, "");
  assert.equal(new Dialog({ owner: "w", sessionName: "s" }).sessionName, "s");
  assert.equal(dialog.cost.totalTokens, 0);
});

Deno.test("Dialog.append() and putText() put messages at the end", () => {
  const dialog = new Dialog({ owner: "writer" });
  const first = dialog.append(new Message({ role: "user", content: "first" }));
  assert.deepEqual([dialog.head, dialog.tail], [first, first]);
  const text = dialog.putText("second", { name: "Ann" });
  assert.deepEqual([text.role, text.name, text.content], ["user", "Ann", "second"]);
  assert.equal(dialog.tail, text);
  assert.equal(dialog.putText("third", { role: "system", name: "boss" }).role, "system");
  assert.deepEqual([dialog.head, dialog.messages.length], [first, 3]);
  assert(isBarePrompt(dialog.topPrompt!));
});

Deno.test("Dialog.putPrompt() takes a prompt without slots, and one that its runtime knows", () => {
  const runtime = new Runtime();
  runtime.registerPrompt(new Prompt({ path: "ask", prompt: "About {topic}?" }), {
    namespace: "desk.prompts",
  });
  const dialog = new Dialog({ owner: "writer", runtime });
  assert.equal(dialog.putPrompt(new Prompt({ path: "static", prompt: "No slots" })).content, "No slots");
  assert.equal(dialog.putPrompt("desk:ask", { promptArgs: { topic: "rain" } }).content, "About rain?");
  assert.equal(dialog.topPrompt, runtime.getPrompt("desk:ask"));
});

Deno.test("Dialog.fork() hands on the top prompt and the runtime, and keeps every fork in the tree", () => {
  const runtime = new Runtime();
  const prompt = new Prompt({ path: "ask", prompt: "Why?" });
  runtime.registerPrompt(prompt, { namespace: "desk.prompts" });
  const root = new Dialog({ owner: "writer", runtime });
  root.putPrompt(prompt);
  root.putPrompt(prompt);
  const [one, two] = [root.fork(), root.fork()];
  const deep = one.fork();
  assert.equal(one.topPrompt, prompt);
  assert.equal(one.putPrompt("desk:ask").content, "Why?");
  assert.deepEqual(root.children, [one, two]);
  assert.deepEqual([one.parent, deep.parent, deep.depth], [root, one, 2]);
  assert.equal(one.treeNode.splitPoint, 2);
  assert.deepEqual(root.treeNode.childrenIds, [one.dialogId, two.dialogId]);
  assert.deepEqual(root.treeNode.subtreeIds(), [root, one, deep, two].map((dialog) => dialog.dialogId));
  assert.deepEqual([one.treeNode.parentId, one.treeNode.isRoot], [root.dialogId, false]);
});

Deno.test("Dialog.treeNode.toJSON() says where a dialog stands", () => {
  const root = dialogOf("a", "b", "c", "d");
  const fork = root.fork({ lastN: 2, firstK: 1 });
  assert.deepEqual(fork.treeNode.toJSON(), {
    dialogId: fork.dialogId,
    owner: "writer",
    parentId: root.dialogId,
    splitPoint: 3,
    lastN: 2,
    firstK: 1,
    childrenIds: [],
  });
  const copy = Dialog.fromJSON(JSON.parse(JSON.stringify(fork)));
  assert.deepEqual(copy.treeNode.toJSON(), fork.treeNode.toJSON());
});

Deno.test("Dialog.overview() shows messages, cuts long ones, and can leave the last out", () => {
  const dialog = dialogOf("first", "x".repeat(200), "last");
  assert.match(dialog.overview(), /first[\s\S]*last/);
  assert.match(dialog.overview({ maxLength: 50 }), /x{50}…/);
  assert.doesNotMatch(dialog.overview({ removeTail: true }), /last/);
  dialog.fork();
  assert.match(dialog.treeOverview(), /\(writer\): 3 messages\n {2}.*forked at 3/);
});

Deno.test("Dialog.toJSON() has messages, session and place in the tree", () => {
  const data = dialogOf("a", "b").toJSON();
  assert.equal((data.messages as unknown[]).length, 2);
  assert.equal(data.owner, "writer");
  assert.deepEqual([data.sessionName, data.topPrompt, data.depth, data.parentId], ["", null, 0, null]);
});

Deno.test("Dialog.putImage() refuses what is no image, or no base64", async () => {
  const dialog = dialogOf();
  for (const wrong of ["not_base64!!!", btoa("hello world"), 12345, null]) {
    await assert.rejects(dialog.putImage(wrong as string), TypeError);
  }
  assert.equal(dialog.messages.length, 0);
});

Deno.test("Dialog.putImage() takes base64 of any length, and data: URLs as they may be written", async () => {
  const dialog = dialogOf();
  const signature = "iVBORw0KGgo="; // the first eight bytes of a PNG
  for (
    const image of [signature, `data:image/png;base64,${signature}`, "DATA:image/png;BASE64,iVBORw0KGgo%3D"]
  ) {
    const { content } = await dialog.putImage(image);
    assert.deepEqual(content, [{ type: "image", mediaType: "image/png", data: signature }]);
  }
  await assert.rejects(dialog.putImage("data:image/png;base64,AAAA"), {
    message: "Cannot put image: expected PNG, JPEG, GIF or WebP content, found something else",
  });
  await assert.rejects(dialog.putImage("data:image/png,plain"), /found another form/);
});

Deno.test("Dialog refuses what is no prompt, no text and no message", () => {
  const dialog = dialogOf();
  const refused = (put: () => unknown, message: string) => assert.throws(put, { name: "TypeError", message });
  const missing = undefined as never;
  refused(
    () => dialog.putPrompt(missing),
    "Cannot put prompt: expected a Prompt or its path, found undefined",
  );
  refused(() => dialog.putText(missing), "Cannot put text: expected a text, found undefined");
  refused(
    () => dialog.append({ role: "user", content: "x" } as never),
    "Cannot append to the dialog: expected a Message, found another object",
  );
  assert.deepEqual([dialog.messages.length, dialog.topPrompt], [0, null]);
});
