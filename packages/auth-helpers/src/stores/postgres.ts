// A token store over PostgreSQL, with a pool of yours: `pg`, or what has its `query`.
import { bare } from '../endpoint.js';
import type { TokenStore } from '../store.js';

/** What is used of a pool of `pg`. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: unknown[] }>;
  /** For notifications alone: a connection that is kept. */
  connect(): Promise<PostgresConnection>;
}

/** What is used of a connection that a pool of `pg` hands out. */
export interface PostgresConnection {
  query(text: string): Promise<unknown>;
  on(event: 'notification', listener: (message: { readonly channel: string; readonly payload?: string | undefined }) => void): unknown;
  on(event: 'error' | 'end', listener: () => void): unknown;
  release(destroy: boolean): void;
}

export interface PostgresTableOptions {
  /** The table, with its schema where that is not the first of the search path. `finapi_tokens` unless set. */
  readonly table?: string;
}

export interface PostgresStoreOptions extends PostgresTableOptions {
  /** Tell of a logout or a revocation at once, over a connection that is kept. Without it, others see it when they next read. */
  readonly notifications?: boolean;
}

/** A name in quotes for SQL, and one for a channel. */
function named({ table = 'finapi_tokens' }: PostgresTableOptions): { readonly quoted: string; readonly channel: string } {
  if (!/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/.test(table))
    throw new TypeError('table must be a name in small letters, digits and underscores, with its schema or without');
  return { quoted: table.replace(/\w+/g, '"$&"'), channel: table.replace('.', '_') };
}

/** The SQL that makes the table: for tools that keep your migrations. It can run again and again. */
export function postgresMigration(options: PostgresTableOptions = {}): string {
  const { quoted, channel } = named(bare(options));
  return `CREATE TABLE IF NOT EXISTS ${quoted} (
  key text COLLATE "C" PRIMARY KEY,
  value text,
  version uuid,
  expires_at timestamptz,
  lease_owner uuid,
  lease_until timestamptz
);
CREATE INDEX IF NOT EXISTS "${channel}_expires_at" ON ${quoted} (expires_at) WHERE expires_at IS NOT NULL;
`;
}

/** Makes the table where it is not there yet. Several processes may do so at once. */
export async function migratePostgres(pool: Pick<PostgresPool, 'query'>, options: PostgresTableOptions = {}): Promise<void> {
  // One text without values is one transaction; without the lock, two that create the same table at once can fail.
  await pool.query(`SELECT pg_advisory_xact_lock(hashtext('finapi-ts'));\n${postgresMigration(options)}`);
}

const now = 'clock_timestamp()';
const after = (value: string): string => `${now} + ${value}::float8 * interval '1ms'`;
/** What is not known, such as an end that is not set, counts as true. */
const unless = (condition: string): string => `coalesce(${condition}, true)`;
/** Transactions in each other's way, as where the database isolates them more strictly than usual: nothing was done. */
const conflict = /^40(001|P01)$/;
const attempts = 10;
/** One write in so many removes rows that have ended, up to twice as many: none stay for ever. */
const sweepEvery = 50;
const swept = 2 * sweepEvery;
/** How long until a lost connection for notifications is opened again. */
const reconnectMs = 1000;

/**
 * Creates a token store over a table (see {@link migratePostgres}). Give it a pool, not one connection: nothing here runs inside a
 * transaction of yours. You close the pool.
 */
export function postgresStore(pool: PostgresPool, options: PostgresStoreOptions = {}): TokenStore {
  const { notifications = false, ...rest } = bare(options);
  const { quoted, channel } = named(rest);
  if (typeof pool?.query !== 'function') throw new TypeError('the first argument is no pool of pg');
  const run = async (text: string, values: unknown[], signal?: AbortSignal): Promise<unknown[]> => {
    for (let attempt = 1; ; attempt++) {
      signal?.throwIfAborted();
      try {
        return (await pool.query(text, values)).rows;
      } catch (cause) {
        if (!conflict.test(String((cause as { code?: unknown })?.code)) || attempt === attempts) throw cause;
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 2 ** attempt));
      }
    }
  };

  const live = `t.value IS NOT NULL AND ${unless(`t.expires_at > ${now}`)}`;
  const unfenced = unless(`t.lease_owner = $5::uuid OR t.lease_until <= ${now}`);
  const change = `value = $2, version = $3, expires_at = ${after('$4')}`;
  const told = `RETURNING CASE WHEN $6 THEN pg_notify('${channel}', $1) END`;
  const upsert = (
    where: string,
  ): string => `INSERT INTO ${quoted} AS t (key, value, version, expires_at) VALUES ($1, $2, $3, ${after('$4')})
ON CONFLICT (key) DO UPDATE SET ${change} WHERE ${unfenced}${where} ${told}`;
  const texts = {
    get: `SELECT (extract(epoch FROM ${now}) * 1000)::float8 AS now, t.value, t.version
FROM (SELECT 1) AS one LEFT JOIN ${quoted} AS t ON t.key = $1 AND ${live}`,
    set: upsert(''),
    create: upsert(` AND NOT (${live})`),
    replace: `UPDATE ${quoted} AS t SET ${change} WHERE t.key = $1 AND t.version::text = $7 AND ${live} AND ${unfenced} ${told}`,
    delete: `UPDATE ${quoted} AS t SET value = NULL, version = NULL, expires_at = ${now}
WHERE t.key = $1 AND ${live} AND ${unless('t.version::text = $2')} RETURNING 1`,
    lease: `INSERT INTO ${quoted} AS t (key, expires_at, lease_owner, lease_until) VALUES ($1, ${now}, $2, ${after('$3')})
ON CONFLICT (key) DO UPDATE SET lease_owner = $2, lease_until = ${after('$3')}
WHERE ${unless(`t.lease_until <= ${now}`)} RETURNING 1`,
    renew: `UPDATE ${quoted} AS t SET lease_until = ${after('$3')}
WHERE t.key = $1 AND t.lease_owner = $2 AND t.lease_until > ${now} RETURNING 1`,
    // An index can only be asked with a time that stands.
    sweep: `DELETE FROM ${quoted} WHERE key IN (SELECT key FROM ${quoted}
WHERE expires_at < now() AND ${unless('lease_until < now()')} ORDER BY expires_at LIMIT ${swept} FOR UPDATE SKIP LOCKED)`,
    release: `UPDATE ${quoted} AS t SET lease_owner = NULL, lease_until = NULL WHERE t.key = $1 AND t.lease_owner = $2`,
  };
  const did = async (text: string, values: unknown[], signal?: AbortSignal): Promise<boolean> =>
    (await run(text, values, signal)).length > 0;

  return {
    async get(key, { signal } = {}) {
      const [row] = (await run(texts.get, [key], signal)) as [{ now: number; value: string | null; version: string | null }];
      return { value: row.value ?? undefined, version: row.version, now: Number(row.now) };
    },
    async set(key, value, { ifVersion, owner, ttlMs, notify = false, signal } = {}) {
      const version = crypto.randomUUID();
      const values = [key, value, version, ttlMs, owner, notify];
      const done =
        typeof ifVersion === 'string'
          ? await did(texts.replace, [...values, ifVersion], signal)
          : await did(ifVersion === null ? texts.create : texts.set, values, signal);
      if (Math.random() < 1 / sweepEvery) run(texts.sweep, []).catch(() => {});
      return done ? version : undefined;
    },
    delete: (key, { ifVersion, signal } = {}) => did(texts.delete, [key, ifVersion], signal),
    async lease(key, { ttlMs, signal }) {
      const owner = crypto.randomUUID();
      if (!(await did(texts.lease, [key, owner, ttlMs], signal))) return undefined;
      return {
        owner,
        renew: () => did(texts.renew, [key, owner, ttlMs]),
        release: async () => void (await run(texts.release, [key, owner])),
      };
    },
    ...(notifications && { watch: (changed, { signal }) => watch(pool, channel, changed, signal) }),
  };
}

/** Listens on a connection of its own, and opens another as long as there is none. */
async function watch(pool: PostgresPool, channel: string, changed: (key: string) => void, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  let drop = (): void => {};
  const listen = async (): Promise<void> => {
    const connection = await pool.connect();
    new Promise<void>((resolve) => {
      drop = resolve;
      connection.on('error', resolve);
      connection.on('end', resolve);
    })
      .then(() => connection.release(true))
      .then(again);
    if (signal.aborted) return drop();
    connection.on('notification', (message) => {
      if (!signal.aborted && message.channel === channel) changed(message.payload ?? '');
    });
    await connection.query(`LISTEN "${channel}"`).catch(drop);
  };
  const again = (): void => {
    if (signal.aborted) return;
    // In Node a timer is an object, and would keep the process.
    (setTimeout(() => void listen().catch(again), reconnectMs) as { unref?: () => void }).unref?.();
  };
  signal.addEventListener('abort', () => drop(), { once: true });
  await listen().catch(again);
}
