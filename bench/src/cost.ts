// What code costs the process that runs it: CPU time a call, heap.
import { setImmediate } from 'node:timers/promises';
import { median } from './statistics.ts';

/** CPU nanoseconds a call, the median of five. A million calls each, or `most`; of what takes microseconds, so many as take a second. */
export async function cpuPerCall(run: (calls: number) => unknown, most = 1_000_000): Promise<number> {
  const cpuNs = async (calls: number): Promise<number> => {
    const before = process.cpuUsage();
    await run(calls);
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / calls;
  };
  await cpuNs(5000);
  const rough = await cpuNs(5000);
  const calls = rough < 2000 ? most : Math.ceil(1e9 / rough);
  await cpuNs(calls / 10);
  const rounds: number[] = [];
  for (let round = 0; round < 5; round++) rounds.push(await cpuNs(calls));
  return median(rounds);
}

/** Heap in use after what is garbage has gone. */
export async function heapUsed(): Promise<number> {
  for (let round = 0; round < 3; round++) {
    await setImmediate();
    globalThis.gc?.();
  }
  return process.memoryUsage().heapUsed;
}
