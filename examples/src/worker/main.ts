// node examples/src/worker/main.ts: one run of the worker, for a timer such as cron. Exits with 1 where something failed.
import { appendFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createFinapi } from 'finapi-ts';
import { access } from 'finapi-ts/access';
import { webForm } from 'finapi-ts/web-form';
import { run } from '../run.ts';
import { surroundings } from '../sandbox.ts';
import { runJob } from './job.ts';
import { openSeenFile } from './seen-file.ts';

await run(async (signal) => {
  const folder = process.env['WORKER_FOLDER'] || 'worker-state';
  const concurrency = Number(process.env['WORKER_CONCURRENCY'] || 4);
  if (!(Number.isInteger(concurrency) && concurrency > 0)) throw new Error('WORKER_CONCURRENCY is a whole number from 1');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await using settings = await surroundings();
  const { environment, clientId, clientSecret, userIds, readPassword } = settings;
  // Tokens are not given back: forms that were handed over live by them.
  await using finapi = createFinapi({
    environment,
    clientId,
    clientSecret,
    apis: { access, webForm },
    users: { credentials: async ({ userId }) => ({ password: await readPassword(userId) }) },
  });
  const failures = await runJob({
    finapi,
    userIds,
    concurrency,
    signal,
    clock: { now: () => Date.now(), setTimeout, clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout) },
    openSeen: (userId) => openSeenFile(join(folder, `${encodeURIComponent(userId)}.seen`)),
    // Stands for a message to the user: the URL is a secret.
    handOver: (form) => appendFile(join(folder, 'forms.jsonl'), `${JSON.stringify(form)}\n`, { mode: 0o600 }),
    async onTransaction(userId, { id, bankBookingDate, amount }) {
      process.stdout.write(`${JSON.stringify({ userId, id, bankBookingDate, amount })}\n`);
    },
    log: (line) => process.stderr.write(`${line}\n`),
  });
  if (failures > 0) throw new Error(`${failures} failed`);
});
