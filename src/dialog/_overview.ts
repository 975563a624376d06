import { contentText, type Message } from "../message/mod.ts";
import type { Dialog } from "./dialog.ts";
import { walkTree } from "./tree_node.ts";

/** Describes messages in a line each, their texts cut at `maxLength` characters. */
export function describeMessages(messages: readonly Message[], maxLength: number): string {
  return messages.map((message, index) =>
    `[${index}] ${describeSender(message)}: ${describe(message, maxLength)}`
  )
    .join("\n");
}

/** Describes a tree of forks in a line each, indented by depth. */
export function describeTree(root: Dialog): string {
  return Array.from(walkTree(root), ({ dialog, level }) => `${"  ".repeat(level)}${describeDialog(dialog)}`)
    .join("\n");
}

function describeDialog(dialog: Dialog): string {
  const fork = dialog.parent === null ? "" : `, forked at ${dialog.treeNode.splitPoint}`;
  return `${dialog.dialogId.slice(0, 8)} (${dialog.owner}): ${dialog.messages.length} messages${fork}`;
}

function describeSender(message: Message): string {
  return message.name === message.role ? message.role : `${message.role} (${message.name})`;
}

function describe(message: Message, maxLength: number): string {
  const calls = message.functionCalls.map((call) => `${call.name}(${JSON.stringify(call.arguments)})`);
  const images = typeof message.content === "string"
    ? []
    : message.content.filter((part) => part.type !== "text").map((part) => `<${part.type}>`);
  const text = [contentText(message.content), ...images, ...calls].filter((part) => part !== "").join(" ");
  const line = text.replaceAll("\n", "\\n");
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line;
}
