// A token store over Redis, with the client of yours: ioredis or node-redis, one server or a cluster.
import { bare } from '../endpoint.js';
import type { TokenStore } from '../store.js';

type Reply = Promise<unknown>;

/** What is used of ioredis, its cluster included. */
export interface IoRedis {
  eval(script: string, numberOfKeys: number, ...keysAndArguments: string[]): Reply;
  duplicate(
    overrides?: object,
    ofCluster?: object,
  ): {
    subscribe(channel: string): Reply;
    on(event: 'message', listener: (channel: string, message: string) => void): unknown;
    on(event: 'error', listener: () => void): unknown;
    disconnect(): void;
  };
}

/** What is used of node-redis (the package `redis`, from 5 on), its cluster included. */
export interface NodeRedis {
  readonly evalSha: unknown;
  eval(script: string, options: { keys: string[]; arguments: string[] }): Reply;
  duplicate(
    overrides?: object,
    ofCluster?: object,
  ): {
    connect(): Reply;
    subscribe(channel: string, listener: (message: string) => void): Reply;
    on(event: 'error', listener: () => void): unknown;
    destroy(): void;
  };
}

export interface RedisStoreOptions {
  /** Begins all keys, and names the channel of changes. `finapi` unless set. */
  readonly prefix?: string;
  /** Tell of a logout or a revocation at once, over one more connection. Without it, others see it when they next read. */
  readonly notifications?: boolean;
}

// An entry is a hash, a lease a string of its own. Both have the same hash tag, so that a cluster keeps them in the same slot.
const scripts = {
  get: `local t = redis.call('TIME')
local e = redis.call('HMGET', KEYS[1], 'value', 'version')
return { t[1] * 1000 + math.floor(t[2] / 1000), e[1], e[2] }`,
  // value, version, version to write over (* any, empty none), owner or empty, milliseconds or empty, channel or empty, key
  set: `local holder = redis.call('GET', KEYS[2])
if ARGV[4] ~= '' and holder and holder ~= ARGV[4] then return 0 end
if ARGV[3] ~= '*' and ARGV[3] ~= (redis.call('HGET', KEYS[1], 'version') or '') then return 0 end
redis.call('HSET', KEYS[1], 'value', ARGV[1], 'version', ARGV[2])
if ARGV[5] == '' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], ARGV[5]) end
if ARGV[6] ~= '' then redis.call('PUBLISH', ARGV[6], ARGV[7]) end
return 1`,
  delete: `if ARGV[1] ~= '*' and ARGV[1] ~= redis.call('HGET', KEYS[1], 'version') then return 0 end
return redis.call('DEL', KEYS[1])`,
  lease: `return redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) and 1 or 0`,
  renew: `if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[2], ARGV[2])`,
  release: `if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[2])`,
};

const anyVersion = '*';
const whole = (ms: number): string => String(Math.ceil(ms));
/** A client can be told to give texts as buffers. */
const textOf = (reply: unknown): string | null => (reply === null ? null : String(reply));

/** Creates a token store over a client of Redis 5 or later, or of a server that speaks its language. You open and close the client. */
export function redisStore(client: IoRedis | NodeRedis, options: RedisStoreOptions = {}): TokenStore {
  const { prefix = 'finapi', notifications = false } = bare(options);
  // A brace would end the hash tag, and with nothing in it there is none.
  if (!/^[^{}]+$/.test(prefix)) throw new TypeError('prefix must be a text without braces');
  if (typeof client?.eval !== 'function') throw new TypeError('the first argument is no client of ioredis or node-redis');
  const channel = `${prefix}:changes`;

  const run = async (script: keyof typeof scripts, key: string, ...args: string[]): Promise<unknown> => {
    const entry = `{${prefix}:${key}}`;
    const keys: [string, string] = [entry, `${entry}lease`];
    if ('evalSha' in client) return client.eval(scripts[script], { keys, arguments: args });
    return client.eval(scripts[script], 2, ...keys, ...args);
  };
  // A client can be told to give numbers as texts.
  const did = async (...call: Parameters<typeof run>): Promise<boolean> => Number(await run(...call)) === 1;

  return {
    async get(key, { signal } = {}) {
      signal?.throwIfAborted();
      const [now, value, version] = (await run('get', key)) as unknown[];
      return { value: textOf(value) ?? undefined, version: textOf(version), now: Number(now) };
    },
    async set(key, value, { ifVersion, owner = '', ttlMs, notify = false, signal } = {}) {
      signal?.throwIfAborted();
      const version = crypto.randomUUID();
      const over = ifVersion === undefined ? anyVersion : (ifVersion ?? '');
      const ttl = ttlMs === undefined ? '' : whole(ttlMs);
      return (await did('set', key, value, version, over, owner, ttl, notify ? channel : '', key)) ? version : undefined;
    },
    async delete(key, { ifVersion = anyVersion, signal } = {}) {
      signal?.throwIfAborted();
      return did('delete', key, ifVersion);
    },
    async lease(key, { ttlMs, signal }) {
      signal?.throwIfAborted();
      const owner = crypto.randomUUID();
      if (!(await did('lease', key, owner, whole(ttlMs)))) return undefined;
      return {
        owner,
        renew: () => did('renew', key, owner, whole(ttlMs)),
        release: async () => void (await run('release', key, owner)),
      };
    },
    ...(notifications && { watch: (changed, { signal }) => watch(client, channel, changed, signal) }),
  };
}

/** Listens on a connection of its own. It is opened again by the client, which subscribes again as well. */
async function watch(client: IoRedis | NodeRedis, channel: string, changed: (key: string) => void, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  // It waits as long as it takes, unlike commands that somebody waits for.
  const waits = { enableOfflineQueue: true, maxRetriesPerRequest: null };
  // A cluster of ioredis takes servers first; what has no length names none.
  const listener = client.duplicate(waits, waits);
  const end = async (): Promise<void> => ('destroy' in listener ? listener.destroy() : listener.disconnect());
  // One that has given up, as it can be told to, may say that it is closed.
  signal.addEventListener('abort', () => void end().catch(() => {}), { once: true });
  // What has arrived already is still delivered after the end.
  const told = (key: string): void => {
    if (!signal.aborted) changed(key);
  };
  // The client tries again by itself; without a listener, it would end the process.
  listener.on('error', () => {});
  if ('destroy' in listener) {
    await listener.connect();
    await listener.subscribe(channel, told);
  } else {
    listener.on('message', (_, key) => told(key));
    await listener.subscribe(channel);
  }
}
