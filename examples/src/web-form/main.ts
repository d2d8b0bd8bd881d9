// node examples/src/web-form/main.ts: a web app in which visitors connect their banks, until SIGINT or SIGTERM.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFinapi } from 'finapi-ts';
import { access } from 'finapi-ts/access';
import { webForm } from 'finapi-ts/web-form';
import { run } from '../run.ts';
import { surroundings } from '../sandbox.ts';
import { createApp } from './app.ts';

await run(async (signal) => {
  await using settings = await surroundings();
  const { environment, clientId, clientSecret, sandbox } = settings;
  // Stands for your vault. The users of this app are made up here, and unknown after its end.
  const passwords = new Map<string, string>();
  await using finapi = createFinapi({
    environment,
    clientId,
    clientSecret,
    apis: { access, webForm },
    users: { credentials: ({ userId }) => ({ password: passwords.get(userId) ?? '' }) },
  });

  const server = createServer();
  server.listen(Number(process.env['PORT'] || 0), '127.0.0.1');
  await once(server, 'listening');
  const own = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const publicUrl = process.env['PUBLIC_URL'] || own;
  const bankRedirectUrl = process.env['BANK_REDIRECT_URL'];
  const app = createApp({
    finapi,
    keepPassword: async (userId, password) => void passwords.set(userId, password),
    publicUrl,
    // finAPI calls back by https alone; a sandbox of this machine by http as well.
    ...(publicUrl.startsWith('https:') || sandbox !== undefined ? { callbackUrl: `${publicUrl}/finapi/callback` } : {}),
    ...(bankRedirectUrl ? { bankRedirectUrl } : {}),
    onError: (cause) => console.error(cause instanceof Error ? cause.message : cause),
  });
  server.on('request', app);
  process.stdout.write(`open ${publicUrl}\n`);

  if (!signal.aborted) await once(signal, 'abort');
  server.close();
  await once(server, 'close');
  process.stdout.write('ended\n');
});
