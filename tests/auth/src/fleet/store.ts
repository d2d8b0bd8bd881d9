// A token store that can be down, slow, emptied or meddled with, around a store in memory.
import type { Lease, TokenStore } from '@finapi-ts/auth-helpers';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import type { TestClock } from '@finapi-ts/testing';

export type StoreCall = 'get' | 'set' | 'delete' | 'lease' | 'renew' | 'release';

export interface ShakyStore extends Required<TokenStore> {
  /** Every call fails. */
  down: boolean;
  /** Every call takes so long, in milliseconds. */
  latencyMs: number;
  /** Called before each call; what it throws fails the call. */
  before: ((call: StoreCall, key: string) => void | Promise<void>) | undefined;
  /** Called after each call, before its answer is seen. */
  after: ((call: StoreCall, key: string) => void | Promise<void>) | undefined;
  /** The key that ends like this. */
  keyOf(end: string): string;
  /** What is stored under the key that ends like this, read past all faults. */
  read(end: string): Promise<Record<string, unknown> | undefined>;
  /** Writes past all faults. */
  write(end: string, value: string): Promise<void>;
  /** Ends the lease of whoever has it, past all faults: as if time had passed while its owner stood still. */
  expire(end: string): Promise<void>;
  /** Takes the lease past all faults. */
  take(end: string, ttlMs: number): Promise<void>;
  /** Forgets all entries; leases stay. */
  flush(): Promise<void>;
}

/** @param clock its `serverNow` is the time at the store, which is elsewhere: it neither sleeps with this machine nor is set with it */
export function shakyStore(clock: TestClock): ShakyStore {
  const there = { ...clock, now: () => clock.serverNow(), monotonic: () => clock.serverNow() };
  const inner = memoryStore({ clock: there }) as Required<TokenStore>;
  const keys = new Set<string>();
  const held = new Map<string, Lease>();

  const call = async <T>(name: StoreCall, key: string, run: () => Promise<T>): Promise<T> => {
    keys.add(key);
    await store.before?.(name, key);
    if (store.latencyMs > 0) await new Promise<void>((resolve) => void clock.setTimeout(resolve, store.latencyMs));
    if (store.down) throw new Error('the store is down');
    const answer = await run();
    await store.after?.(name, key);
    return answer;
  };
  const keyOf = (end: string): string => {
    const found = [...keys].find((key) => key.endsWith(end));
    if (found === undefined) throw new Error(`the store was never asked for a key that ends in ${end}`);
    return found;
  };

  const store: ShakyStore = {
    down: false,
    latencyMs: 0,
    before: undefined,
    after: undefined,
    get: (key, options) => call('get', key, () => inner.get(key, options)),
    set: (key, value, options) => call('set', key, () => inner.set(key, value, options)),
    delete: (key, options) => call('delete', key, () => inner.delete(key, options)),
    lease: async (key, options) => {
      const lease = await call('lease', key, () => inner.lease(key, options));
      if (lease === undefined) return undefined;
      held.set(key, lease);
      return {
        owner: lease.owner,
        renew: () => call('renew', key, () => lease.renew()),
        release: () => call('release', key, () => lease.release()),
      };
    },
    watch: (changed, options) => inner.watch(changed, options),
    keyOf,
    async read(end) {
      const { value } = await inner.get(keyOf(end));
      return value === undefined ? undefined : JSON.parse(value);
    },
    async write(end, value) {
      await inner.set(keyOf(end), value);
    },
    async expire(end) {
      await held.get(keyOf(end))?.release();
    },
    async take(end, ttlMs) {
      if ((await inner.lease(keyOf(end), { ttlMs })) === undefined) throw new Error('the lease is taken');
    },
    async flush() {
      for (const key of keys) await inner.delete(key);
    },
  };
  return store;
}
