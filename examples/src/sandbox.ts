/// <reference lib="esnext.disposable" preserve="true" />
// A sandbox of finAPI on this machine, for runs of the examples without credentials. A program of yours calls `readSettings` alone.
import { randomUUID } from 'node:crypto';
import { createSandbox, type Sandbox } from '@finapi-ts/testing';
import { startServer } from '@finapi-ts/testing/server';
import { readSettings, type Settings, type Variables } from './settings.ts';

/** Settings that may lead to a sandbox, which ends with them. */
export type Surroundings = Settings & AsyncDisposable & { readonly sandbox?: Sandbox };

/** Takes the settings of the environment, and without any a sandbox with the users alice and bob. */
export async function surroundings(variables: Variables = process.env): Promise<Surroundings> {
  const given = readSettings(variables);
  if (given !== undefined) return { ...given, [Symbol.asyncDispose]: async () => {} };
  const users = ['alice', 'bob'].map((id) => ({ id, password: randomUUID() }));
  const client = { clientId: 'examples', clientSecret: randomUUID() };
  const sandbox = createSandbox({
    clients: [client],
    users,
    bankConnections: [
      { userId: 'alice', name: 'Example Bank' },
      { userId: 'alice', name: 'Savings Bank', accounts: 1, outcome: 'webFormRequired' },
      { userId: 'bob', name: 'Example Bank', accounts: 1 },
    ],
    updateMs: 100,
  });
  const server = await startServer(sandbox);
  process.stderr.write(`no credentials: a sandbox of finAPI on this machine, at ${server.url}\n`);
  return {
    environment: { access: server.url, webForm: server.url },
    ...client,
    userIds: users.map(({ id }) => id),
    async readPassword(userId) {
      const found = users.find(({ id }) => id === userId);
      if (found === undefined) throw new Error(`there is no password of the user ${userId}`);
      return found.password;
    },
    sandbox,
    [Symbol.asyncDispose]: () => server.close(),
  };
}
