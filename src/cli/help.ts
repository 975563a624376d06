import type { HelpTopic } from "./_help/topic.ts";
import { GROUPS, TOPICS } from "./_help/all_topics.ts";

const EXIT_CODES =
  "Exit codes: 0 ok, 1 the run failed, 2 usage or config, 3 provider or key, 4 budget, 130 interrupted.";

/**
 * What `lllm --help` says, or, for `topic` (`run`, `log`, `log list`), `lllm <topic> --help`; `undefined` where there is no such
 * command.
 */
export function describeHelp(topic?: string): string | undefined {
  if (topic === undefined) return describeAll();
  const found = Object.hasOwn(TOPICS, topic) ? TOPICS[topic] : undefined;
  if (found !== undefined) return describeTopic(topic, found);
  return Object.hasOwn(GROUPS, topic) ? describeGroup(topic) : undefined;
}

/** The longest topic that a command line begins with; `undefined` where it begins with none. */
export function topicOf([command = "", action = ""]: readonly string[]): string | undefined {
  return [`${command} ${action}`, command].find((topic) =>
    Object.hasOwn(TOPICS, topic) || Object.hasOwn(GROUPS, topic)
  );
}

function describeAll(): string {
  const names = [...new Set(Object.keys(TOPICS).map((topic) => topic.split(" ")[0]!))];
  return [
    "lllm: run tactics from the command line",
    "Usage:\n  lllm <command> [options]\n  lllm <command> --help    what it takes, and an example",
    `Commands:\n${columns(names.map((name) => [name, TOPICS[name]?.summary ?? describeActions(name)]))}`,
    "Other:\n  --help, --version",
    `stdout holds only the result; everything else goes to stderr.\n${EXIT_CODES}`,
  ].join("\n\n");
}

function describeActions(group: string): string {
  return `${GROUPS[group]}:\n${actionsOf(group).map(([name]) => name).join(", ")}`;
}

function describeGroup(group: string): string {
  const actions = actionsOf(group).map(([name, { summary }]) => [name, summary] as const);
  return [
    `lllm ${group}: ${GROUPS[group]}`,
    `Usage:\n  lllm ${group} <command> [options]\n  lllm ${group} <command> --help    what it takes, and an example`,
    `Commands:\n${columns(actions)}`,
  ].join("\n\n");
}

function actionsOf(group: string): [name: string, topic: HelpTopic][] {
  const prefix = `${group} `;
  return Object.entries(TOPICS)
    .filter(([topic]) => topic.startsWith(prefix))
    .map(([topic, value]) => [topic.slice(prefix.length), value]);
}

function describeTopic(topic: string, { summary, usage, notes = [], options, examples }: HelpTopic): string {
  const calls = (lines: readonly string[]) => lines.map((line) => `  lllm ${line}`).join("\n");
  return [
    `lllm ${topic}: ${summary}`,
    `Usage:\n${calls(usage)}`,
    ...(notes.length === 0 ? [] : [notes.join("\n")]),
    `Options:\n${columns(options.map(([option, ...lines]) => [option, lines.join("\n")]))}`,
    `Example:\n${calls(examples)}`,
  ].join("\n\n");
}

/** Names, and beside them what they mean. */
function columns(rows: readonly (readonly [name: string, text: string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length)) + 2;
  const indent = `\n${" ".repeat(width + 2)}`;
  return rows.map(([name, text]) => `  ${name.padEnd(width)}${text.replaceAll("\n", indent)}`).join("\n");
}
