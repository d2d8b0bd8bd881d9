// Interleaved rounds, and what to read off them: the machine's moods meet all candidates alike.

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** What a thing costs while nothing else wants the processor; for slices so short that many of them are left alone. */
export const quarter = (values: readonly number[]): number => quantile(values, 0.25);

/** The value that a share of them is below. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [lower = Number.NaN, upper = lower] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return lower + (upper - lower) * (at % 1);
}

/** Measures every candidate once a round, another one first each time; the median of each, or another summary. */
export async function interleave<Name extends string>(
  rounds: number,
  candidates: Readonly<Record<Name, () => number | Promise<number>>>,
  summary = median,
): Promise<Record<Name, number>> {
  const names = Object.keys(candidates) as Name[];
  const readings = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length] as Name;
      readings[name].push(await candidates[name]());
    }
  }
  return Object.fromEntries(names.map((name) => [name, summary(readings[name])])) as Record<Name, number>;
}
