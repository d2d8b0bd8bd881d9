// Each store, and beside it the least that could be done with the same client or on the same disk.
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { TokenStore } from '@finapi-ts/auth-helpers';
import { encryptedStore } from '@finapi-ts/auth-helpers/stores/encrypted';
import { fileStore } from '@finapi-ts/auth-helpers/stores/file';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { migratePostgres, postgresStore } from '@finapi-ts/auth-helpers/stores/postgres';
import { redisStore } from '@finapi-ts/auth-helpers/stores/redis';
import type { Kind, Setting } from './rows.ts';

/** What an application would do that needs neither leases, versions, ends nor the store's time. */
export interface Peer {
  get(name: string): Promise<unknown>;
  set(name: string, value: string): Promise<unknown>;
}

export interface Contender {
  readonly store: TokenStore;
  readonly peer?: Peer;
  close(): Promise<void>;
}

const keys = { current: 'one', keys: { one: createHash('sha256').update('a key of the bench').digest() } };
const version = randomUUID();
const table = 'bench_tokens';

/** Loads the client that it needs: the others cost each process a good part of a second. */
export async function openContender(kind: Kind, { folder, redisUrl = '', postgresUrl = '' }: Setting): Promise<Contender> {
  switch (kind) {
    case 'memory':
      return { store: memoryStore(), close: async () => {} };
    case 'encrypted-memory':
      return { store: encryptedStore(memoryStore(), keys), close: async () => {} };
    case 'file': {
      const bare = join(folder, 'bare');
      await mkdir(bare, { recursive: true });
      return { store: fileStore(join(folder, 'tokens')), peer: bareFiles(bare), close: async () => {} };
    }
    case 'ioredis':
    case 'encrypted-redis': {
      const { Redis } = await import('ioredis');
      const client = new Redis(redisUrl);
      const store = redisStore(client, { prefix: kind });
      return {
        store: kind === 'ioredis' ? store : encryptedStore(store, keys),
        peer: {
          get: (name) => client.hmget(name, 'value', 'version'),
          set: (name, value) => client.hset(name, 'value', value, 'version', version),
        },
        close: async () => client.disconnect(),
      };
    }
    case 'node-redis': {
      const { createClient } = await import('redis');
      const client = createClient({ url: redisUrl });
      await client.connect();
      return {
        store: redisStore(client, { prefix: kind }),
        peer: {
          get: (name) => client.hmGet(name, ['value', 'version']),
          set: (name, value) => client.hSet(name, ['value', value, 'version', version]),
        },
        close: async () => client.destroy(),
      };
    }
    case 'postgres': {
      const { Pool } = await import('pg');
      const pool = new Pool({ connectionString: postgresUrl, max: 10 });
      await migratePostgres(pool, { table });
      return {
        store: postgresStore(pool, { table }),
        peer: {
          get: (name) => pool.query(`SELECT value, version FROM ${table} WHERE key = $1`, [name]),
          set: (name, value) => pool.query(`UPDATE ${table} SET value = $2, version = $3 WHERE key = $1`, [name, value, version]),
        },
        close: () => pool.end(),
      };
    }
  }
}

/** As safe as a single writer can do without: written beside it, flushed, moved over it. */
const bareFiles = (folder: string): Peer => ({
  get: (name) => readFile(join(folder, name), 'utf8'),
  async set(name, value) {
    const path = join(folder, name);
    const file = await open(`${path}.tmp`, 'w', 0o600);
    await file.writeFile(value);
    await file.sync();
    await file.close();
    await rename(`${path}.tmp`, path);
  },
});
