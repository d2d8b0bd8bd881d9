// What is measured of the token stores, and with which targets: as data.
import type { Row } from '../report.ts';

export const stores = {
  memory: { what: 'memory', needs: undefined },
  file: { what: 'file', needs: undefined },
  ioredis: { what: 'Redis, ioredis', needs: 'redis' },
  'node-redis': { what: 'Redis, node-redis', needs: 'redis' },
  postgres: { what: 'PostgreSQL, pg', needs: 'postgres' },
  'encrypted-memory': { what: 'encrypted, memory', needs: undefined },
  'encrypted-redis': { what: 'encrypted, ioredis', needs: 'redis' },
} as const;

export type Kind = keyof typeof stores;
export const kinds = Object.keys(stores) as Kind[];

export type ServerName = 'redis' | 'postgres';
export const serverNames = { redis: 'Redis', postgres: 'PostgreSQL' } as const satisfies Record<ServerName, string>;

/** A median may be at most so many times that of the bare client or file system; others are there to be read. */
export const targets: Readonly<Partial<Record<Kind, number>>> = { file: 2, ioredis: 1.5, 'node-redis': 1.5, postgres: 2 };

/** Of each store. */
export const figures = {
  get: { what: '`get`, median', unit: 'µs' },
  'get-p99': { what: '`get`, 99th percentile', unit: 'µs' },
  'get-ratio': { what: '`get`, median ÷ that of the bare client', unit: '×' },
  set: { what: '`set` over the version, median', unit: 'µs' },
  'set-p99': { what: '`set`, 99th percentile', unit: 'µs' },
  'set-ratio': { what: '`set`, median ÷ that of the bare client', unit: '×' },
  lease: { what: '`lease` and its release, median', unit: 'µs' },
  'lease-p99': { what: '`lease` and its release, 99th percentile', unit: 'µs' },
  'get-rate': { what: '`get`, 64 at once', unit: '/s' },
  'get-rate-ratio': { what: '`get`, 64 at once, of the bare client ÷ ours', unit: '×' },
  'set-rate': { what: '`set`, 64 at once', unit: '/s' },
  'set-rate-ratio': { what: '`set`, 64 at once, of the bare client ÷ ours', unit: '×' },
} as const satisfies Readonly<Record<string, { what: string; unit: Row['unit'] }>>;

export type Figure = keyof typeof figures;
export type Figures = Readonly<Partial<Record<Figure, number>>>;

export const idOf = (figure: Figure, kind: Kind): string => `${figure}-${kind}`;

/** Where the measurements find what they need; as JSON, an argument of each. */
export interface Setting {
  readonly folder: string;
  readonly redisUrl: string | undefined;
  readonly postgresUrl: string | undefined;
}

/** A base URL where nobody answers: for what must not ask finAPI for anything. */
export const nowhere = 'http://127.0.0.1:9';

/** Users whose tokens all workers want, and how many workers there are. */
export const sharedUsers = 100;
export const workerCounts = [1, 2, 4, 8] as const;

/** Users that a store's space is measured with. */
export const storedUsers = 10_000;
export const usersInFolder = 300;
