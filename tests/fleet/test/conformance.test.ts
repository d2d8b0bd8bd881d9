// Every store does what every store must, over real servers and with the clients that people use.
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { tokenStoreCases } from '@finapi-ts/testing/stores';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { databaseUrl, needs, ownServers, redisUrl } from '../src/servers/available.ts';
import { startPostgres } from '../src/servers/postgres.ts';
import { startRedis } from '../src/servers/redis.ts';
import { encryptedInMemory, newFolder, newRedisPlace, newTable, type OpenStore, openStore, type StorePlace } from '../src/stores.ts';

/** Registers all cases; they share one client, as the calls of an application do. */
function conforms(
  start: () => Promise<{ place: StorePlace; end?: () => PromiseLike<void> }>,
  { notifies = true, only = /./ }: { readonly notifies?: boolean; readonly only?: RegExp } = {},
): void {
  let opened: OpenStore | undefined;
  let end: (() => PromiseLike<void>) | undefined;
  beforeAll(async () => {
    const started = await start();
    ({ end } = started);
    opened = await openStore(started.place, { notifications: notifies });
  });
  afterAll(async () => {
    await opened?.[Symbol.asyncDispose]();
    await end?.();
  });
  const open = async () => {
    if (opened === undefined) throw new Error('the store could not be opened');
    return { store: opened.store };
  };
  for (const { name, run } of tokenStoreCases(open, { notifies })) if (only.test(name)) it.concurrent(name, run);
}

describe('The encrypting store over one in memory', () => {
  for (const { name, run } of tokenStoreCases(async () => ({ store: encryptedInMemory() }), { notifies: true })) it.concurrent(name, run);
});

describe('The store in memory, by the clocks of the machine', () => {
  for (const { name, run } of tokenStoreCases(async () => ({ store: memoryStore() }), { notifies: true })) it.concurrent(name, run);
});

describe('The store in a folder', () => {
  conforms(
    async () => {
      const place = await newFolder();
      return { place, end: () => place[Symbol.asyncDispose]() };
    },
    { notifies: false },
  );
});

needs('redis').each(['ioredis', 'node-redis'] as const)('The store over Redis, with %s', (kind) => {
  conforms(async () => ({ place: newRedisPlace(redisUrl(), kind) }));
});

ownServers('redis').each(['ioredis cluster', 'node-redis cluster'] as const)('The store over a cluster of Redis, with %s', (kind) => {
  conforms(async () => {
    const server = await startRedis({ cluster: true });
    return { place: newRedisPlace(server.url, kind), end: () => server[Symbol.asyncDispose]() };
  });
});

needs('postgres')('The store over PostgreSQL', () => {
  conforms(async () => ({ place: newTable(databaseUrl()) }));
});

ownServers('postgres')('The store over PostgreSQL, where transactions are serializable', () => {
  conforms(
    async () => {
      const server = await startPostgres();
      const url = `${server.url}?options=${encodeURIComponent('-c default_transaction_isolation=serializable')}`;
      return { place: newTable(url), end: () => server[Symbol.asyncDispose]() };
    },
    { only: /at once|writers/ },
  );
});
