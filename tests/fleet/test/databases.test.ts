// What the stores over Redis and PostgreSQL leave on the server, and how they get on with others there.
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { migratePostgres, postgresMigration, postgresStore } from '@finapi-ts/auth-helpers/stores/postgres';
import { type NodeRedis, redisStore } from '@finapi-ts/auth-helpers/stores/redis';
import { Cluster, Redis } from 'ioredis';
import { Pool } from 'pg';
import { createClient, RESP_TYPES } from 'redis';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { databaseUrl, needs, ownServers, redisUrl } from '../src/servers/available.ts';
import { startProxy } from '../src/servers/proxy.ts';
import { startRedis } from '../src/servers/redis.ts';
import { newRedisPlace, newTable, openStore } from '../src/stores.ts';

/** For what happens by itself, on a machine however busy. */
const patience = { timeout: 30_000 };
const numbersAsTexts = { typeMapping: { [RESP_TYPES.NUMBER]: String } };
const textsAsBuffers = { typeMapping: { [RESP_TYPES.BLOB_STRING]: Buffer } };
const fresh = (): string => `test_${crypto.randomUUID().replaceAll('-', '_')}`;

needs('redis')('24: The store over Redis', () => {
  let client: Redis;
  beforeAll(() => {
    client = new Redis(redisUrl());
  });
  afterAll(() => client.disconnect());

  it('keeps an entry as a hash and a lease as a key with an end, both in the same slot of a cluster', async () => {
    const prefix = fresh();
    const store = redisStore(client, { prefix });
    const lease = await store.lease?.('a:b', { ttlMs: 60_000 });
    const version = await store.set('a:b', 'value', { ttlMs: 120_000, owner: lease?.owner });
    const keys = (await client.keys(`{${prefix}:*`)).sort();
    expect(keys).toEqual([`{${prefix}:a:b}`, `{${prefix}:a:b}lease`]);
    expect(await client.hgetall(keys[0] ?? '')).toEqual({ value: 'value', version });
    expect(await client.get(keys[1] ?? '')).toBe(lease?.owner);
    expect(await client.pttl(keys[1] ?? '')).toBeGreaterThan(50_000);
    expect(await client.pttl(keys[0] ?? '')).toBeGreaterThan(110_000);
    const slots = await Promise.all(keys.map((key) => client.call('CLUSTER', 'KEYSLOT', key).catch(() => 0)));
    expect(new Set(slots).size).toBe(1);
    await lease?.release();
    await store.delete('a:b');
    expect(await client.keys(`{${prefix}:*`)).toEqual([]);
  });

  it.each(['', 'a{b', 'a}b'])('refuses the prefix %j, which would tear keys apart', (prefix) => {
    expect(() => redisStore(client, { prefix })).toThrow('prefix must be a text without braces');
  });

  it.each([
    ['ioredis that gives numbers as texts', () => new Redis(redisUrl(), { stringNumbers: true })],
    ['node-redis that gives numbers as texts', () => createClient({ url: redisUrl(), commandOptions: numbersAsTexts }).connect()],
    ['node-redis that gives texts as buffers', () => createClient({ url: redisUrl(), commandOptions: textsAsBuffers }).connect()],
  ])('understands the answers of %s', async (_, open) => {
    const opened = await open();
    const store = redisStore(opened as NodeRedis, { prefix: fresh() });
    const lease = await store.lease?.('key', { ttlMs: 60_000 });
    expect(await lease?.renew()).toBe(true);
    const version = await store.set('key', 'value', { ifVersion: null, owner: lease?.owner });
    expect(version).toBeTypeOf('string');
    expect(await store.get('key')).toEqual({ value: 'value', version, now: expect.any(Number) });
    expect(await store.delete('key', { ifVersion: version })).toBe(true);
    expect(await store.get('key')).toMatchObject({ value: undefined, version: null });
    await lease?.release();
    if ('destroy' in opened) opened.destroy();
    else opened.disconnect();
  });

  it('says when it was given no client', () => {
    expect(() => redisStore({} as never)).toThrow('no client of ioredis or node-redis');
  });

  ownServers('redis')('that tells of changes', () => {
    it('does so over a cluster of ioredis that keeps no queue while it is not connected', async () => {
      await using server = await startRedis({ cluster: true });
      const cluster = new Cluster([{ host: '127.0.0.1', port: server.port }], { enableOfflineQueue: false });
      await once(cluster, 'ready');
      const store = redisStore(cluster, { notifications: true });
      const told: string[] = [];
      const controller = new AbortController();
      await store.watch?.((key) => told.push(key), controller);
      await store.set('key', 'value', { notify: true });
      await vi.waitFor(() => expect(told).toEqual(['key']), patience);
      controller.abort();
      cluster.disconnect();
    });
  });

  it('ends to watch without a word, also with a client that says it is closed already', async () => {
    const closed = (): never => {
      throw new Error('The client is closed');
    };
    const listener = { connect: async () => {}, subscribe: async () => {}, on: () => {}, destroy: closed };
    const store = redisStore({ evalSha: true, eval: async () => 1, duplicate: () => listener }, { notifications: true });
    const controller = new AbortController();
    await store.watch?.(() => {}, controller);
    const uncaught = vi.fn();
    process.once('uncaughtException', uncaught);
    controller.abort();
    // What a listener throws is told of in the next turn.
    await turn();
    process.off('uncaughtException', uncaught);
    expect(uncaught).not.toHaveBeenCalled();
  });

  it('gives its errors to whoever called, without what is stored', async () => {
    const prefix = fresh();
    await client.set(`{${prefix}:key}`, 'not a hash');
    await expect(redisStore(client, { prefix }).get('key')).rejects.toThrow(/WRONGTYPE/);
  });
});

needs('postgres')('24: The store over PostgreSQL', () => {
  let pool: Pool;
  beforeAll(() => {
    pool = new Pool({ connectionString: databaseUrl(), max: 10 });
  });
  afterAll(() => pool.end());

  it('makes its table once, however many processes begin at once', async () => {
    const table = fresh();
    await Promise.all(Array.from({ length: 8 }, () => migratePostgres(pool, { table })));
    const store = postgresStore(pool, { table });
    await store.set('key', 'value');
    await migratePostgres(pool, { table });
    expect((await store.get('key')).value).toBe('value');
  });

  it('gives its SQL to those who migrate by other means, in a schema of theirs', async () => {
    const schema = fresh();
    const table = `${schema}.tokens`;
    await pool.query(`CREATE SCHEMA ${schema}`);
    await pool.query(postgresMigration({ table }));
    const store = postgresStore(pool, { table });
    await store.set('key', 'value');
    expect((await store.get('key')).value).toBe('value');
  });

  it.each(['Tokens', 'a b', 'a;b', '"a"', 'a.b.c', '', '1a', "a'--"])('takes no table by the name of %j', (table) => {
    for (const call of [() => postgresStore(pool, { table }), () => postgresMigration({ table })])
      expect(call).toThrow(/table must be a name/);
  });

  it('says when it was given no pool', () => {
    expect(() => postgresStore({} as never)).toThrow('no pool of pg');
  });

  it('says what is missing where the table was not made', async () => {
    const table = fresh();
    await expect(postgresStore(pool, { table }).get('key')).rejects.toThrow(`relation "${table}" does not exist`);
  });

  it('keeps a lease as a row with an owner and an end, and no transaction open for it', async () => {
    const table = fresh();
    await migratePostgres(pool, { table });
    const lease = await postgresStore(pool, { table }).lease?.('key', { ttlMs: 60_000 });
    const { rows } = await pool.query(`SELECT lease_owner, lease_until > clock_timestamp() + interval '50s' AS later FROM ${table}`);
    expect(rows).toEqual([{ lease_owner: lease?.owner, later: true }]);
    const locks = await pool.query(`SELECT 1 FROM pg_locks JOIN pg_class ON relation = pg_class.oid WHERE relname = $1`, [table]);
    expect(locks.rows).toEqual([]);
  });

  it('removes what has ended with one write in fifty, and nothing that is leased or live', async () => {
    const table = fresh();
    await migratePostgres(pool, { table });
    const store = postgresStore(pool, { table });
    const keys = async (): Promise<string[]> => (await pool.query(`SELECT key FROM ${table} ORDER BY key`)).rows.map(({ key }) => key);
    const dice = vi.spyOn(Math, 'random').mockReturnValue(0.5);
    for (let at = 0; at < 5; at++) await store.set(`ended ${at}`, 'value');
    await store.set('ended by itself', 'value', { ttlMs: 1 });
    await store.set('for ever', 'value');
    await store.set('long', 'value', { ttlMs: 600_000 });
    await store.lease?.('leased', { ttlMs: 600_000 });
    await store.lease?.('ended 0', { ttlMs: 600_000 });
    await pool.query(`UPDATE ${table} SET expires_at = now() - interval '1 hour' WHERE key ~ 'ended \\d'`);
    await store.set('long', 'value', { ttlMs: 600_000 });
    expect(await keys()).toHaveLength(9);
    dice.mockReturnValue(0.001);
    await store.set('long', 'value', { ttlMs: 600_000 });
    dice.mockRestore();
    await vi.waitFor(async () => expect(await keys()).toEqual(['ended 0', 'for ever', 'leased', 'long']), patience);
  });

  it('finds ended rows by an index, not by reading the table', async () => {
    const table = fresh();
    await migratePostgres(pool, { table });
    await pool.query(`INSERT INTO ${table} (key, value, version) SELECT 'k' || n, 'v', gen_random_uuid() FROM generate_series(1, 20000) n`);
    await pool.query(`ANALYZE ${table}`);
    const { rows } = await pool.query(
      `EXPLAIN SELECT key FROM ${table} WHERE key <> 'k' AND expires_at < now() ORDER BY expires_at LIMIT 2 FOR UPDATE SKIP LOCKED`,
    );
    expect(JSON.stringify(rows)).toContain(`${table}_expires_at`);
  });

  it('listens again, after its connection was lost, to what is told from then on', async () => {
    const table = fresh();
    await using proxy = await startProxy({ host: '127.0.0.1', port: Number(new URL(databaseUrl()).port) });
    const url = new URL(databaseUrl());
    url.port = String(proxy.port);
    await using far = await openStore({ kind: 'postgres', url: String(url), table }, { notifications: true });
    const told: string[] = [];
    const controller = new AbortController();
    await far.store.watch?.((key) => told.push(key), controller);
    const near = postgresStore(pool, { table });
    await near.set('before', 'value', { notify: true });
    await vi.waitFor(() => expect(told).toContain('before'), patience);
    await proxy.cut();
    await proxy.mend();
    await vi.waitFor(async () => {
      await near.set('after', 'value', { notify: true });
      expect(told).toContain('after');
    }, patience);
    controller.abort();
  });
});

describe('A call of a store', () => {
  needs('redis')('over Redis', () => {
    it.each(['ioredis', 'node-redis'] as const)('is one round trip with %s, whatever it does', async (kind) => {
      await using proxy = await startProxy({ host: '127.0.0.1', port: Number(new URL(redisUrl()).port) });
      await using opened = await openStore(newRedisPlace(`redis://127.0.0.1:${proxy.port}`, kind));
      await tripsOf(opened.store, proxy);
    });
  });

  needs('postgres')('over PostgreSQL', () => {
    it('is one round trip, whatever it does', async () => {
      await using proxy = await startProxy({ host: '127.0.0.1', port: Number(new URL(databaseUrl()).port) });
      const url = new URL(databaseUrl());
      url.port = String(proxy.port);
      await using opened = await openStore(newTable(String(url)));
      await tripsOf(opened.store, proxy);
    });
  });
});

async function tripsOf(store: Awaited<ReturnType<typeof openStore>>['store'], proxy: { readonly roundTrips: number }): Promise<void> {
  await store.get('warm');
  let version: string | undefined;
  let lease: Awaited<ReturnType<NonNullable<typeof store.lease>>>;
  const calls: Record<string, () => Promise<unknown>> = {
    'get nothing': () => store.get('key'),
    lease: async () => {
      lease = await store.lease?.('key', { ttlMs: 60_000 });
    },
    set: async () => {
      version = await store.set('key', 'value', { ifVersion: null, owner: lease?.owner });
    },
    'set over it': async () => {
      version = await store.set('key', 'value', { ifVersion: version, ttlMs: 1000 });
    },
    get: () => store.get('key'),
    renew: async () => lease?.renew(),
    release: async () => lease?.release(),
    delete: () => store.delete('key', { ifVersion: version }),
  };
  const trips: Record<string, number> = {};
  for (const [name, call] of Object.entries(calls)) {
    const before = proxy.roundTrips;
    await call();
    trips[name] = proxy.roundTrips - before;
  }
  expect(trips).toEqual(Object.fromEntries(Object.keys(calls).map((name) => [name, 1])));
}
