import type { CostRow, ModelCostRow } from "./types.ts";

/** Sessions, dollars and tokens. */
export interface CostTotals {
  /** Sessions. */
  readonly sessionCount: number;
  /** US dollars. */
  readonly totalCostUsd: number;
  /** Tokens, sent and received. */
  readonly totalTokens: number;
}

/** What sessions cost: in all, and by what. Sub-tactics count in the session that they ran in. */
export interface CostSummary extends CostTotals {
  /** By tactic, as `<package>::<name>`. */
  readonly byTactic: Readonly<Record<string, CostTotals>>;
  /** By the day on which they started, in UTC, as `YYYY-MM-DD`; the newest first. */
  readonly byDay: Readonly<Record<string, CostTotals>>;
  /** By model: calls, dollars and tokens of the calls that were recorded as steps. */
  readonly byModel: Readonly<Record<string, Omit<ModelCostRow, "model">>>;
}

/** Adds up what a backend gives. */
export function addUpCosts(rows: readonly CostRow[], models: readonly ModelCostRow[]): CostSummary {
  const byKey = (keyOf: (row: CostRow) => string, compare: (a: string, b: string) => number) => {
    const groups = Object.groupBy(rows, keyOf);
    return Object.fromEntries(Object.keys(groups).sort(compare).map((key) => [key, total(groups[key]!)]));
  };
  return {
    ...total(rows),
    byTactic: byKey((row) => row.tacticPath, (a, b) => a < b ? -1 : 1),
    byDay: byKey((row) => row.day, (a, b) => a < b ? 1 : -1),
    byModel: Object.fromEntries(
      [...models].sort((a, b) => b.costUsd - a.costUsd || (a.model < b.model ? -1 : 1))
        .map(({ model, ...totals }) => [model, totals]),
    ),
  };
}

function total(rows: readonly CostRow[]): CostTotals {
  const sum = (key: "sessionCount" | "costUsd" | "totalTokens") =>
    rows.reduce((total, row) => total + row[key], 0);
  return {
    sessionCount: sum("sessionCount"),
    totalCostUsd: sum("costUsd"),
    totalTokens: sum("totalTokens"),
  };
}
