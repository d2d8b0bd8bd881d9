// What a user takes in a store: in the memory of Redis, on the disk of PostgreSQL, in a folder.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenStore } from '@finapi-ts/auth-helpers';
import { fileStore } from '@finapi-ts/auth-helpers/stores/file';
import { migratePostgres, postgresStore } from '@finapi-ts/auth-helpers/stores/postgres';
import { redisStore } from '@finapi-ts/auth-helpers/stores/redis';
import { Redis } from 'ioredis';
import { Pool } from 'pg';
import { type Entry, entriesAt } from './entries.ts';
import { type Setting, storedUsers, usersInFolder } from './rows.ts';

const writersAtOnce = 64;

/** Calls for each user, so many at once. */
async function forEach(count: number, call: (user: number) => Promise<unknown>): Promise<void> {
  let next = 0;
  const writer = async (): Promise<void> => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: writersAtOnce }, writer));
}

/** Versions by user. */
async function write(store: TokenStore, entryOf: (user: number) => Entry, count: number): Promise<(string | undefined)[]> {
  const versions: (string | undefined)[] = [];
  await forEach(count, async (user) => {
    const { key, value } = entryOf(user);
    versions[user] = await store.set(key, value);
  });
  return versions;
}

export async function spaceInRedis({ redisUrl = '' }: Setting): Promise<{ server: number; entry: number; text: number }> {
  const client = new Redis(redisUrl);
  const used = async (): Promise<number> => Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1]);
  await client.flushall();
  const entryOf = await entriesAt();
  const before = await used();
  await write(redisStore(client), entryOf, storedUsers);
  const server = ((await used()) - before) / storedUsers;
  const { key, value } = entryOf(0);
  const entry = Number(await client.memory('USAGE', `{finapi:${key}}`));
  client.disconnect();
  return { server, entry, text: key.length + value.length };
}

export async function spaceInPostgres({ postgresUrl = '' }: Setting): Promise<{ written: number; renewed: number; vacuumed: number }> {
  const pool = new Pool({ connectionString: postgresUrl, max: 10 });
  const table = 'bench_space';
  await migratePostgres(pool, { table });
  const store = postgresStore(pool, { table });
  const perUser = async (): Promise<number> =>
    Number((await pool.query(`SELECT pg_total_relation_size('${table}') AS size`)).rows[0].size) / storedUsers;
  const entryOf = await entriesAt();
  const versions = await write(store, entryOf, storedUsers);
  const written = await perUser();
  // As the layer renews: under a lease, over the version that was read.
  await forEach(storedUsers, async (user) => {
    const { key, value } = entryOf(user);
    const lease = await store.lease?.(key, { ttlMs: 10_000 });
    const version = await store.set(key, value, { ifVersion: versions[user], owner: lease?.owner });
    if (lease === undefined || version === undefined) throw new Error('a renewal was refused that nobody contends');
    await lease.release();
  });
  const renewed = await perUser();
  await pool.query(`VACUUM ${table}`);
  const vacuumed = await perUser();
  await pool.end();
  return { written, renewed, vacuumed };
}

export async function spaceInFolder({ folder }: Setting): Promise<{ apparent: number; blocks: number }> {
  const path = join(folder, 'space');
  await write(fileStore(path), await entriesAt(), usersInFolder);
  const files = await Promise.all((await readdir(path)).map((name) => stat(join(path, name))));
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    apparent: sum(files.map(({ size }) => size)) / usersInFolder,
    // In units of 512 bytes, whatever the disk's blocks are.
    blocks: sum(files.map(({ blocks }) => blocks * 512)) / usersInFolder,
  };
}
