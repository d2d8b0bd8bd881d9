// A worker with nothing in memory, and the token in the store: how often it waits for the store.
import { setTimeout as pause } from 'node:timers/promises';
import { createAuth } from '@finapi-ts/auth-helpers';
import { startProxy } from '@finapi-ts/fleet-tests/servers/proxy';
import { credentials, userId, users } from './application.ts';
import { openContender } from './contenders.ts';
import { entriesAt } from './entries.ts';
import { type Kind, nowhere, type Setting } from './rows.ts';

/** What goes on in the background counts. */
const settleMs = 100;

export async function cold(setting: Setting, kind: Kind): Promise<{ roundTrips: number }> {
  const name = kind === 'postgres' ? 'postgresUrl' : 'redisUrl';
  const url = new URL(setting[name] ?? '');
  await using proxy = await startProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  const { store, close } = await openContender(kind, { ...setting, [name]: url.href });
  const entryOf = await entriesAt(nowhere);
  for (const user of [0, 1]) {
    const { key, value } = entryOf(user);
    await store.set(key, value);
  }
  await using auth = createAuth({ ...credentials, baseUrl: nowhere, store, users });
  // Another user's, so that connections stand.
  await auth.user(userId(0)).get();
  await pause(settleMs);
  const before = proxy.roundTrips;
  await auth.user(userId(1)).get();
  await pause(settleMs);
  const roundTrips = proxy.roundTrips - before;
  await close();
  return { roundTrips };
}
