// Medians over interleaved rounds: the machine's moods meet all candidates alike.

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** Measures every candidate once a round, another one first each time; the median of each. */
export async function interleave<Name extends string>(rounds: number, candidates: Readonly<Record<Name, () => number | Promise<number>>>): Promise<Record<Name, number>> {
  const names = Object.keys(candidates) as Name[];
  const readings = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let round = 0; round < rounds; round++) {
    for (let i = 0; i < names.length; i++) {
      const name = names[(i + round) % names.length] as Name;
      readings[name].push(await candidates[name]());
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(readings[name])])) as Record<Name, number>;
}
