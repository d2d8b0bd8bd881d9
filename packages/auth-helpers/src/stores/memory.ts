// A token store in memory: for tests, and for several sources of one process.
import { type Clock, systemClock } from '../clock.js';
import { bare } from '../endpoint.js';
import type { Lease, SetOptions, StoredValue, TokenStore } from '../store.js';

export interface MemoryStoreOptions {
  /** Entries kept; the oldest leaves when a further one comes. 100000 unless set. */
  readonly max?: number;
  /** Time, for tests. */
  readonly clock?: Clock;
}

interface Entry extends StoredValue {
  readonly endsAt: number;
}

/** Creates a token store in memory. It ends with the process. */
export function memoryStore(options: MemoryStoreOptions = {}): TokenStore {
  const { max = 100_000, clock = systemClock } = bare(options);
  const entries = new Map<string, Entry>();
  const leases = new Map<string, { readonly owner: object; endsAt: number }>();
  let versions = 0;

  const current = (key: string): Entry | undefined => {
    const entry = entries.get(key);
    if (entry === undefined || entry.endsAt > clock.monotonic()) return entry;
    entries.delete(key);
    return undefined;
  };

  const write = (key: string, value: string, { ifVersion, ttlMs }: SetOptions): string | undefined => {
    const before = current(key);
    if (ifVersion !== undefined && ifVersion !== (before?.version ?? null)) return undefined;
    const version = String(++versions);
    entries.delete(key);
    entries.set(key, { value, version, endsAt: clock.monotonic() + (ttlMs ?? Number.POSITIVE_INFINITY) });
    const [oldest] = entries.keys();
    if (entries.size > max && oldest !== undefined) entries.delete(oldest);
    return version;
  };

  const take = (key: string, ttlMs: number): Lease | undefined => {
    const held = leases.get(key);
    if (held !== undefined && held.endsAt > clock.monotonic()) return undefined;
    const owner = {};
    leases.set(key, { owner, endsAt: clock.monotonic() + ttlMs });
    const mine = (): { endsAt: number } | undefined => {
      const lease = leases.get(key);
      return lease?.owner === owner && lease.endsAt > clock.monotonic() ? lease : undefined;
    };
    return {
      renew: async () => {
        const lease = mine();
        if (lease !== undefined) lease.endsAt = clock.monotonic() + ttlMs;
        return lease !== undefined;
      },
      release: async () => {
        if (mine() !== undefined) leases.delete(key);
      },
    };
  };

  return {
    get: async (key, { signal } = {}) => {
      signal?.throwIfAborted();
      const entry = current(key);
      return entry === undefined ? undefined : { value: entry.value, version: entry.version };
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
  };
}
