// node examples/src/server/main.ts: a server with many users, until SIGINT or SIGTERM.
import { createHash, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFinapi } from 'finapi-ts';
import { access } from 'finapi-ts/access';
import { run } from '../run.ts';
import { surroundings } from '../sandbox.ts';
import { createApp } from './app.ts';

await run(async (signal) => {
  await using settings = await surroundings();
  const { environment, clientId, clientSecret, userIds, readPassword } = settings;
  await using finapi = createFinapi({
    environment,
    clientId,
    clientSecret,
    apis: { access },
    users: { max: 10_000, idleTtlMs: 3_600_000, credentials: async ({ userId }) => ({ password: await readPassword(userId) }) },
  });
  // Stands for your own users. They never learn their passwords at finAPI.
  const wanted = process.env['SIGN_IN_PASSWORD'] || 'open sesame';
  const checkSignIn = async (name: string, password: string): Promise<string | undefined> =>
    isSame(password, wanted) ? userIds.find((it) => it === name) : undefined;

  const onError = (cause: unknown): void => console.error(cause);
  const server = createServer(createApp({ finapi, checkSignIn, onError }));
  server.listen(Number(process.env['PORT'] || 0), '127.0.0.1');
  await once(server, 'listening');
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}, users: ${userIds.join(', ')}\n`);

  if (!signal.aborted) await once(signal, 'abort');
  // What is under way is answered; nothing new comes in.
  server.close();
  await once(server, 'close');
  process.stdout.write('ended\n');
});

function isSame(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
