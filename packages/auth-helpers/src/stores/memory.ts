// A token store in memory: for tests, and for several sources of one process.
import { type Clock, systemClock } from '../clock.js';
import { bare } from '../endpoint.js';
import type { Lease, SetOptions, TokenStore } from '../store.js';

export interface MemoryStoreOptions {
  /** Entries kept; the oldest leaves when a further one comes. 100000 unless set. */
  readonly max?: number;
  /** Time, for tests. */
  readonly clock?: Clock;
}

interface Entry {
  readonly value: string;
  readonly version: string;
  readonly endsAt: number;
}

/** Creates a token store in memory. It ends with the process. */
export function memoryStore(options: MemoryStoreOptions = {}): TokenStore {
  const { max = 100_000, clock = systemClock } = bare(options);
  const entries = new Map<string, Entry>();
  const leases = new Map<string, { readonly owner: string; endsAt: number }>();
  const watchers = new Set<(key: string) => void>();
  let versions = 0;

  const current = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.endsAt > clock.monotonic()) return entry;
    entries.delete(key);
    return undefined;
  };

  const holder = (key: string): string | undefined => {
    const lease = leases.get(key);
    return lease !== undefined && lease.endsAt > clock.monotonic() ? lease.owner : undefined;
  };

  const write = (key: string, value: string, { ifVersion, owner, ttlMs, notify }: SetOptions): string | undefined => {
    const before = current(key);
    if (owner !== undefined && (holder(key) ?? owner) !== owner) return undefined;
    if (ifVersion !== undefined && ifVersion !== (before?.version ?? null)) return undefined;
    const version = String(++versions);
    entries.delete(key);
    entries.set(key, { value, version, endsAt: clock.monotonic() + (ttlMs ?? Number.POSITIVE_INFINITY) });
    const [oldest] = entries.keys();
    if (entries.size > max && oldest !== undefined) entries.delete(oldest);
    if (notify === true) for (const changed of watchers) changed(key);
    return version;
  };

  const take = (key: string, ttlMs: number): Lease | undefined => {
    if (holder(key) !== undefined) return undefined;
    const owner = crypto.randomUUID();
    leases.set(key, { owner, endsAt: clock.monotonic() + ttlMs });
    return {
      owner,
      renew: async () => {
        const mine = holder(key) === owner;
        if (mine) leases.set(key, { owner, endsAt: clock.monotonic() + ttlMs });
        return mine;
      },
      release: async () => {
        if (holder(key) === owner) leases.delete(key);
      },
    };
  };

  return {
    get: async (key, { signal } = {}) => {
      signal?.throwIfAborted();
      const entry = current(key);
      return { value: entry?.value, version: entry?.version ?? null, now: clock.now() };
    },
    set: async (key, value, options = {}) => {
      options.signal?.throwIfAborted();
      return write(key, value, options);
    },
    delete: async (key, { ifVersion, signal } = {}) => {
      signal?.throwIfAborted();
      const entry = current(key);
      if (entry === undefined || (ifVersion !== undefined && ifVersion !== entry.version)) return false;
      return entries.delete(key);
    },
    lease: async (key, { ttlMs, signal }) => {
      signal?.throwIfAborted();
      return take(key, ttlMs);
    },
    watch: async (changed, { signal }) => {
      signal.throwIfAborted();
      // Each call is a watcher of its own.
      const watcher = (key: string): void => changed(key);
      watchers.add(watcher);
      signal.addEventListener('abort', () => watchers.delete(watcher), { once: true });
    },
  };
}
