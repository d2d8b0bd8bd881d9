// The stores under test, each over a client of its own as an application would have it.
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TokenStore } from '@finapi-ts/auth-helpers';
import { encryptedStore } from '@finapi-ts/auth-helpers/stores/encrypted';
import { fileStore } from '@finapi-ts/auth-helpers/stores/file';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { migratePostgres, postgresStore } from '@finapi-ts/auth-helpers/stores/postgres';
import { redisStore } from '@finapi-ts/auth-helpers/stores/redis';

/** How a process reaches a store; plain data, so that other processes can be told. */
export type StorePlace =
  | { readonly kind: 'ioredis' | 'node-redis' | 'ioredis cluster' | 'node-redis cluster'; readonly url: string; readonly prefix: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly table: string }
  | { readonly kind: 'file'; readonly folder: string };

export interface OpenStore extends AsyncDisposable {
  readonly store: TokenStore;
}

export interface OpenOptions {
  readonly notifications?: boolean;
}

/** Opens a store where the place says, with that client alone: processes of tests load no other. Its entries stay there when it is closed. */
export async function openStore(place: StorePlace, { notifications = false }: OpenOptions = {}): Promise<OpenStore> {
  switch (place.kind) {
    case 'file':
      return { store: fileStore(place.folder), [Symbol.asyncDispose]: async () => {} };
    case 'postgres': {
      const { Pool } = await import('pg');
      const pool = new Pool({ connectionString: place.url, max: 10 });
      // A server that goes away ends idle connections; the pool opens others.
      pool.on('error', () => {});
      await migratePostgres(pool, place);
      return { store: postgresStore(pool, { table: place.table, notifications }), [Symbol.asyncDispose]: () => pool.end() };
    }
    default: {
      const { client, close } = await redisClient(place);
      return { store: redisStore(client, { prefix: place.prefix, notifications }), [Symbol.asyncDispose]: close };
    }
  }
}

type RedisPlace = Exclude<StorePlace, { kind: 'file' | 'postgres' }>;

async function redisClient({ kind, url }: RedisPlace): Promise<{ client: Parameters<typeof redisStore>[0]; close(): Promise<void> }> {
  if (kind === 'ioredis' || kind === 'ioredis cluster') {
    const { Cluster, Redis } = await import('ioredis');
    const { hostname: host, port } = new URL(url);
    const client = kind === 'ioredis' ? new Redis(url) : new Cluster([{ host, port: Number(port) }]);
    client.on('error', () => {});
    return { client, close: async () => client.disconnect() };
  }
  const { createClient, createCluster } = await import('redis');
  const client = kind === 'node-redis' ? createClient({ url }) : createCluster({ rootNodes: [{ url }] });
  client.on('error', () => {});
  await client.connect();
  return { client, close: async () => client.destroy() };
}

/** A place of one's own on a server that others use as well. */
export const newRedisPlace = (url: string, kind: RedisPlace['kind'] = 'ioredis'): StorePlace => ({
  kind,
  url,
  prefix: `test-${randomUUID()}`,
});

export const newTable = (url: string): StorePlace => ({ kind: 'postgres', url, table: `test_${randomUUID().replaceAll('-', '_')}` });

export async function newFolder(): Promise<Extract<StorePlace, { kind: 'file' }> & AsyncDisposable> {
  const parent = await mkdtemp(join(tmpdir(), 'finapi-ts-store-'));
  return {
    kind: 'file',
    folder: join(parent, 'tokens'),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }),
  };
}

/** A store in memory that encrypts. */
export const encryptedInMemory = (): TokenStore =>
  encryptedStore(memoryStore(), { current: 'one', keys: { one: crypto.getRandomValues(new Uint8Array(32)) } });
