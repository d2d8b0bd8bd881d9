// How many token requests a number of worker processes make that share one Redis and want the tokens of the same users.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startServer } from '@finapi-ts/testing/server';
import { sandboxOf } from './entries.ts';
import { type Setting, sharedUsers } from './rows.ts';
import type { Task } from './worker.ts';

export async function requests({ redisUrl = '' }: Setting, count: number): Promise<{ logins: number; renewals: number }> {
  const sandbox = sandboxOf(sharedUsers);
  await using server = await startServer(sandbox);
  const task: Task = { baseUrl: server.url, redisUrl, prefix: `workers-${count}` };
  const workers = Array.from({ length: count }, () => fork(fileURLToPath(new URL('worker.ts', import.meta.url)), [JSON.stringify(task)]));
  const asked = (): number => sandbox.log.filter(({ grant }) => grant !== undefined).length;
  try {
    await Promise.all(workers.map(said));
    await all(workers, 'get');
    const logins = asked();
    await all(workers, 'renew');
    return { logins, renewals: asked() - logins };
  } finally {
    for (const worker of workers) if (worker.connected) worker.disconnect();
  }
}

/** All begin at once, and the last one has ended. */
async function all(workers: readonly ChildProcess[], order: 'get' | 'renew'): Promise<void> {
  const done = workers.map(said);
  for (const worker of workers) worker.send(order);
  await Promise.all(done);
}

async function said(worker: ChildProcess): Promise<void> {
  const left = new AbortController();
  try {
    await Promise.race([
      once(worker, 'message', { signal: left.signal }),
      once(worker, 'exit', { signal: left.signal }).then(([code]) => {
        throw new Error(`a worker ended with ${code}`);
      }),
    ]);
  } finally {
    left.abort();
  }
}
