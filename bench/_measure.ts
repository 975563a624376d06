/** Shared by the benchmarks: medians of interleaved rounds, so that ratios hold on a machine whose speed drifts. */
import { cpuUsage } from "node:process";

/** What one round of a contender took, per unit of work. */
export interface Sample {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/**
 * Runs every contender once a round, and gives each one's samples. The order is another one each round: in the same order, one contender
 * would always pay for what another left to the garbage collector.
 */
export async function interleave(
  contenders: Record<string, () => Promise<unknown>>,
  options: { rounds: number; unitsPerRound: number },
): Promise<Record<string, Sample[]>> {
  const samples: Record<string, Sample[]> = Object.fromEntries(
    Object.keys(contenders).map((name) => [name, []]),
  );
  for (let round = -1; round < options.rounds; round++) { // round -1 warms up
    for (const [name, work] of shuffle(Object.entries(contenders), round)) {
      collect();
      const cpu = cpuUsage();
      const start = performance.now();
      await work();
      const wallMs = (performance.now() - start) / options.unitsPerRound;
      const used = cpuUsage(cpu);
      const cpuMs = (used.user + used.system) / 1000 / options.unitsPerRound;
      if (round >= 0) samples[name]!.push({ wallMs, cpuMs });
    }
  }
  return samples;
}

/** What one contender left is not for the next one to collect; needs `--v8-flags=--expose-gc`. */
function collect(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

/** An order that depends on the round alone. */
function shuffle<T>(items: readonly T[], round: number): T[] {
  let state = round + 2;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  return items.map((item) => ({ item, place: next() })).sort((a, b) => a.place - b.place).map(({ item }) =>
    item
  );
}

/** The median of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}

/** The median of the ratios of two series, round by round. */
export function medianRatio(a: readonly number[], b: readonly number[]): number {
  return median(a.map((value, index) => value / b[index]!));
}
