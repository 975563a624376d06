import type { CostSummary, CostTotals, SessionSummary } from "../log/mod.ts";
import type { SessionComparison, StepComparison } from "../replay/mod.ts";
import type { StepRecord } from "../run/mod.ts";
import type { SessionRecord } from "../session/mod.ts";
import type { Colors, Paint } from "./_colors.ts";
import { plain, plainText } from "./_plain.ts";
import { type Column, formatTable } from "./_table.ts";

const MAX_TEXT_CHARS = 2_000;

/** Says for people which sessions there are, the newest first. */
export function describeSessions(sessions: readonly SessionSummary[], colors: Colors): string {
  const columns: Column<SessionSummary>[] = [
    { title: "SESSION", cell: ({ id }) => id },
    { title: "TACTIC", cell: ({ tacticPath }) => tacticPath },
    { title: "STATE", cell: ({ state }) => state, paint: ({ state }) => stateColor(state, colors) },
    { title: "STARTED", cell: ({ startedAt }) => time(startedAt) },
    { title: "TIME", cell: ({ startedAt, endedAt }) => duration(startedAt, endedAt), align: "right" },
    { title: "STEPS", cell: ({ stepCount }) => String(stepCount), align: "right" },
    { title: "TOKENS", cell: ({ totalTokens }) => count(totalTokens), align: "right" },
    { title: "COST", cell: ({ costUsd }) => dollars(costUsd), align: "right" },
    { title: "TAGS", cell: ({ tags }) => tagText(tags), paint: () => colors.dim },
  ];
  return formatTable(sessions, columns, colors);
}

/** Says for people what a session was, and lists its steps. */
export function describeSession(record: SessionRecord, colors: Colors): string {
  const { id, tacticPath, state, startedAt, endedAt, cost, tags, task, result, error, steps } = record;
  const paint = stateColor(state, colors) ?? ((text: string) => text);
  const parts = [
    `${colors.bold(id)}  ${plain(tacticPath)}  ${paint(state)}`,
    [
      time(startedAt),
      duration(startedAt, endedAt),
      counted(steps.length, "step"),
      `${count(cost?.totalTokens ?? 0)} tokens`,
      dollars(cost?.cost ?? 0),
      tagText(tags),
    ].filter((text) => text !== "").join(" · "),
    `${colors.bold("Task")}\n${block(task)}`,
    ...(result === undefined ? [] : [`${colors.bold("Result")}\n${block(result)}`]),
    ...(error === undefined ? [] : [`${colors.red("Error")} ${error.code}\n${block(error.message)}`]),
    describeSteps(steps, colors),
  ];
  return parts.join("\n\n");
}

/** A step with all that is known of it. */
export function describeStep(step: StepRecord, colors: Colors): string {
  const { index, kind, name, path, durationMs, costUsd = 0, requestHash, input, output, error } = step;
  return [
    `${colors.bold(`${index}. ${kind} ${plain(name)}`)}  ${plain(path)}`,
    `${milliseconds(durationMs)} · ${dollars(costUsd)} · request ${requestHash.slice(0, 12)}`,
    `${colors.bold("Input")}\n${whole(input)}`,
    error === undefined
      ? `${colors.bold("Output")}\n${whole(output)}`
      : `${colors.red("Error")} ${plain(error.name)}\n${plainText(error.message)}`,
  ].join("\n\n");
}

/** The steps as they are in each other. */
export function describeTree(record: SessionRecord, colors: Colors): string {
  const paths = new Set(record.steps.map(({ path }) => path));
  const depthOf = (path: string) => {
    const parts = path.split("/");
    return parts.filter((_part, index) => index > 0 && paths.has(parts.slice(0, index).join("/"))).length;
  };
  const order = inCallOrder(record.steps);
  const lines = order.map((step) => {
    const { kind, name, path, durationMs, costUsd = 0, error } = step;
    const facts = [milliseconds(durationMs), ...(costUsd > 0 ? [dollars(costUsd)] : [])].join(" · ");
    const failed = error === undefined ? "" : `  ${colors.red(`✗ ${plain(error.message).slice(0, 80)}`)}`;
    const decided = approvalText(step);
    const label = path.split("/").slice(-2).join("/");
    return `${"  ".repeat(depthOf(path) + 1)}${kind} ${colors.bold(plain(name))}  ${
      colors.dim(`${plain(label)} · ${facts}`)
    }${failed}${decided === "" ? "" : `  ${plain(decided).slice(0, 120)}`}`;
  });
  const { id, tacticPath, state } = record;
  return [`${colors.bold(plain(tacticPath))}  ${id}  ${state}`, ...lines].join("\n");
}

/** What sessions cost. */
export function describeCosts(summary: CostSummary, colors: Colors): string {
  const part = (
    title: string,
    rows: readonly (readonly [string, Omit<CostTotals, "sessionCount">, number])[],
  ) => {
    if (rows.length === 0) return [];
    const columns: Column<typeof rows[number]>[] = [
      { title, cell: ([name]) => name },
      {
        title: title === "MODEL" ? "CALLS" : "SESSIONS",
        cell: ([, , number]) => count(number),
        align: "right",
      },
      { title: "TOKENS", cell: ([, { totalTokens }]) => count(totalTokens), align: "right" },
      { title: "COST", cell: ([, { totalCostUsd }]) => dollars(totalCostUsd), align: "right" },
    ];
    return [formatTable(rows, columns, colors)];
  };
  const groups = (record: Readonly<Record<string, CostTotals>>) =>
    Object.entries(record).map(([name, totals]) => [name, totals, totals.sessionCount] as const);
  const models = Object.entries(summary.byModel).map(([name, { callCount, costUsd, totalTokens }]) =>
    [name, { totalTokens, totalCostUsd: costUsd }, callCount] as const
  );
  return [
    `${counted(summary.sessionCount, "session")} · ${count(summary.totalTokens)} tokens · ${
      colors.bold(dollars(summary.totalCostUsd))
    }`,
    ...part("TACTIC", groups(summary.byTactic)),
    ...part("DAY", groups(summary.byDay)),
    ...part("MODEL", models),
  ].join("\n\n");
}

/** How two sessions differ. */
export function describeComparison(
  ids: readonly string[],
  comparison: SessionComparison,
  colors: Colors,
): string {
  const { equalCount, steps, task, result, states, costUsd, totalTokens } = comparison;
  const fields = [...task, ...result].map(({ field, change }) =>
    `${colors.yellow("~")} ${plain(field)}: ${plain(change)}`
  );
  const sign = costUsd[1] >= costUsd[0] ? "+" : "-";
  return [
    `${colors.red(`- ${ids[0]}`)}  ${states[0]}  ${dollars(costUsd[0])}  ${count(totalTokens[0])} tokens`,
    `${colors.green(`+ ${ids[1]}`)}  ${states[1]}  ${dollars(costUsd[1])}  ${count(totalTokens[1])} tokens`,
    `${counted(equalCount, "step")} alike, ${steps.length} not · cost ${sign}${
      dollars(Math.abs(costUsd[1] - costUsd[0]))
    }`,
    ...(fields.length === 0 ? [] : ["", ...fields]),
    ...(steps.length === 0 ? [] : ["", ...steps.flatMap((step) => describeChange(step, colors))]),
  ].join("\n");
}

function describeChange({ kind, name, path, change, differences }: StepComparison, colors: Colors): string[] {
  const [mark, paint] = change === "added"
    ? ["+", colors.green]
    : change === "removed"
    ? ["-", colors.red]
    : ["~", colors.yellow];
  const what = change === "request" ? " (request)" : change === "outcome" ? " (outcome)" : "";
  return [
    paint(`${mark} ${kind} ${plain(name)}  ${plain(path)}${what}`),
    ...differences.map((difference) => `    ${plain(difference.field)}: ${plain(difference.change)}`),
  ];
}

function describeSteps(steps: readonly StepRecord[], colors: Colors): string {
  const columns: Column<StepRecord>[] = [
    { title: "#", cell: ({ index }) => String(index), align: "right" },
    { title: "KIND", cell: ({ kind }) => kind },
    { title: "NAME", cell: ({ name }) => name },
    { title: "PATH", cell: ({ path }) => path },
    { title: "TIME", cell: ({ durationMs }) => milliseconds(durationMs), align: "right" },
    { title: "COST", cell: ({ costUsd = 0 }) => costUsd === 0 ? "" : dollars(costUsd), align: "right" },
    {
      title: "NOTE",
      cell: (step) => step.error?.message ?? approvalText(step),
      paint: ({ error }) => error === undefined ? undefined : colors.red,
    },
  ];
  return formatTable(steps, columns, colors);
}

/** A step comes after what is around it, and before what began later. */
function inCallOrder(steps: readonly StepRecord[]): StepRecord[] {
  return [...steps].sort((a, b) =>
    b.path.startsWith(`${a.path}/`)
      ? -1
      : a.path.startsWith(`${b.path}/`)
      ? 1
      : Date.parse(a.startedAt) - Date.parse(b.startedAt) || a.index - b.index
  );
}

function stateColor(state: string, colors: Colors): Paint | undefined {
  if (state === "success") return colors.green;
  if (state === "failure") return colors.red;
  return colors.yellow;
}

function block(value: unknown): string {
  const text = whole(value);
  return text.length <= MAX_TEXT_CHARS ? text : `${text.slice(0, MAX_TEXT_CHARS)}… (--json shows all)`;
}

function whole(value: unknown): string {
  return plainText(typeof value === "string" ? value : JSON.stringify(value, null, 2) ?? "null");
}

/** Dollars, to four digits after the point. */
export function dollars(value: number): string {
  return `$${value.toFixed(4)}`;
}

/** How many of what: `1 step`, `1,000 steps`. */
export function counted(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? "" : "s"}`;
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}

/** What was decided about a call, by whom and why; `""` for steps that are no approvals. */
function approvalText({ kind, name, output }: StepRecord): string {
  if (kind !== "effect" || name !== "approval" || typeof output !== "object" || output === null) return "";
  const { decision, cause, by, reason } = output as Partial<Record<string, unknown>>;
  return [
    decision,
    ...(cause === "answer" ? [] : [`(${cause})`]),
    ...(by === undefined ? [] : [`by ${by}`]),
  ].join(" ") + (reason === undefined ? "" : `: ${reason}`);
}

function milliseconds(value: number): string {
  return value < 1_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;
}

function duration(startedAt: string, endedAt: string | undefined): string {
  return endedAt === undefined ? "-" : milliseconds(Date.parse(endedAt) - Date.parse(startedAt));
}

function time(iso: string): string {
  return iso.slice(0, 19).replace("T", " ");
}

function tagText(tags: Readonly<Record<string, string>>): string {
  return Object.entries(tags).map(([key, value]) => `${key}=${value}`).join(" ");
}
