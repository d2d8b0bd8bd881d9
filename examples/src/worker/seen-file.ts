// What the runs before have seen of a user: ids of transactions, and the day of the last run, in a file that is only added to.
import { appendFile, readFile } from 'node:fs/promises';
import type { SeenIds } from 'finapi-ts/flows';

export interface SeenFile extends SeenIds {
  /** The day on which the last run that came to its end began, `YYYY-MM-DD`. */
  readonly lastRun: string | undefined;
  /** Notes that a run which began on this day has come to its end. */
  ended(day: string): Promise<void>;
}

/** A file that is not there is an empty one. A line that was not written to its end counts as not written. */
export async function openSeenFile(path: string): Promise<SeenFile> {
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return '';
    throw cause;
  });
  const lines = text.split('\n').slice(0, -1);
  // What a crash left of a line must not become a part of the next one.
  if (text !== '' && !text.endsWith('\n')) await appendFile(path, '\n');
  const ids = new Set(lines.filter((line) => /^\d+$/.test(line)).map(Number));
  const write = (line: string): Promise<void> => appendFile(path, `${line}\n`, { mode: 0o600 });
  return {
    lastRun: lines.findLast((line) => line.startsWith('run '))?.slice('run '.length),
    has: (id) => ids.has(id),
    async add(id) {
      await write(String(id));
      ids.add(id);
    },
    ended: (day) => write(`run ${day}`),
  };
}
