/** What something cost, and what it is counted under. */
export interface CostSource {
  readonly key: readonly string[];
  readonly costUsd: number;
  readonly totalTokens: number;
}

/** Adds up what has the same key. */
export function addRows(sources: readonly CostSource[]): (CostSource & { readonly count: number })[] {
  const groups = Map.groupBy(sources, ({ key }) => JSON.stringify(key));
  return [...groups.values()].map((group) => ({
    key: group[0]!.key,
    count: group.length,
    costUsd: group.reduce((sum, { costUsd }) => sum + costUsd, 0),
    totalTokens: group.reduce((sum, { totalTokens }) => sum + totalTokens, 0),
  }));
}
