// Runs a job for each of many items, a few at a time.

/** Starts no further job once the signal has ended, waits for those under way, and then rejects with its reason. */
export async function forEachBounded<Item>(
  items: Iterable<Item>,
  limit: number,
  signal: AbortSignal,
  job: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = [...items].values();
  const work = async (): Promise<void> => {
    for (const item of queue) {
      if (signal.aborted) return;
      await job(item);
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: limit }, work));
  signal.throwIfAborted();
  for (const it of ended) if (it.status === 'rejected') throw it.reason;
}
