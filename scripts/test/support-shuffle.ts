// Puts the keys of a value into another order: the same for the same seed.

/** A stream of numbers in [0, 1) that a seed determines (mulberry32). */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function reorder<T>(items: readonly T[], next: () => number): T[] {
  return items
    .map((item) => ({ item, rank: next() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ item }) => item);
}

/** A copy whose objects, at every depth, hold their keys in another order. Lists keep theirs. */
export function shuffleKeys<T>(value: T, seed: number): T {
  const next = random(seed);
  const copy = (it: unknown): unknown => {
    if (Array.isArray(it)) return it.map(copy);
    if (typeof it !== 'object' || it === null) return it;
    return Object.fromEntries(reorder(Object.entries(it), next).map(([key, child]) => [key, copy(child)]));
  };
  return copy(value) as T;
}

/** A copy of a list in another order. */
export function shuffleList<T>(items: readonly T[], seed: number): T[] {
  return reorder(items, random(seed));
}
