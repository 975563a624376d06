import type { StepRecord } from "../run/mod.ts";
import type { SessionRecord } from "../session/mod.ts";

/** A form in which a session is written. */
export type ExportFormat = "json" | "jsonl" | "markdown";

/** Writes a record. */
export function writeExport(record: SessionRecord, format: ExportFormat): string {
  switch (format) {
    case "json":
      return `${JSON.stringify(record, null, 2)}\n`;
    case "jsonl": {
      const { steps, ...rest } = record;
      return [rest, ...steps].map((line) => `${JSON.stringify(line)}\n`).join("");
    }
    case "markdown":
      return writeMarkdown(record);
    default:
      throw new RangeError(
        `Cannot export a session: expected format "json", "jsonl" or "markdown", found ${
          JSON.stringify(format)
        }`,
      );
  }
}

function writeMarkdown(record: SessionRecord): string {
  const { id, tacticPath, state, startedAt, endedAt, cost, tags, task, result, error, steps } = record;
  const facts = [
    ["tactic", tacticPath],
    ["state", state],
    ["started", startedAt],
    ["ended", endedAt ?? "—"],
    ["cost", `$${cost.cost.toFixed(6)}, ${cost.totalTokens} tokens`],
    ["tags", Object.entries(tags).map(([key, value]) => `${key}=${value}`).join(", ") || "—"],
  ];
  const parts = [
    `# Session ${id}`,
    facts.map(([name, value]) => `- ${name}: ${value}`).join("\n"),
    `## Task\n\n${block(task)}`,
    ...(result === undefined ? [] : [`## Result\n\n${block(result)}`]),
    ...(error === undefined
      ? []
      : [`## Error\n\n${block(`${error.name} (${error.code}): ${error.message}`)}`]),
    `## Steps`,
    ...steps.map(writeStep),
  ];
  return `${parts.join("\n\n")}\n`;
}

function writeStep(step: StepRecord): string {
  const { index, kind, name, path, durationMs, costUsd, input, output, error } = step;
  const price = costUsd === undefined ? "" : `, $${costUsd.toFixed(6)}`;
  return [
    `### ${index}. ${kind} ${name}`,
    `\`${path}\`, ${Math.round(durationMs)} ms${price}`,
    `Input:\n\n${block(input)}`,
    error === undefined
      ? `Output:\n\n${block(output)}`
      : `Error:\n\n${block(`${error.name}: ${error.message}`)}`,
  ].join("\n\n");
}

/** A fence longer than any in the text. */
function block(value: unknown): string {
  const text = typeof value === "string" ? value : JSON.stringify(value, null, 2) ?? "null";
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = "`".repeat(longest + 1);
  return `${fence}${typeof value === "string" ? "text" : "json"}\n${text}\n${fence}`;
}
