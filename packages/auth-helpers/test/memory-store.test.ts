// The store in memory does what every store must; and the suite that says so finds faulty stores.
import { createTestClock } from '@finapi-ts/testing';
import { type OpenedStore, tokenStoreCases } from '@finapi-ts/testing/stores';
import { describe, expect, it } from 'vitest';
import type { TokenStore } from '../src/store.js';
import { memoryStore } from '../src/stores/memory.js';

const open = async () => {
  const clock = createTestClock();
  return { clock, store: memoryStore({ clock }) };
};

describe('The store in memory', () => {
  for (const { name, run } of tokenStoreCases(open, { notifies: true })) it.concurrent(name, run);

  it.concurrent('lets the oldest entry go when it is full', async () => {
    const store = memoryStore({ max: 2 });
    await store.set('one', '1');
    await store.set('two', '2');
    await store.set('one', '1 again');
    await store.set('three', '3');
    expect((await store.get('one')).value).toBe('1 again');
    expect((await store.get('two')).value).toBeUndefined();
    expect((await store.get('three')).value).toBe('3');
  });
});

describe('The cases for stores', () => {
  it.concurrent('leave a store that has no leases in peace where that is said', async () => {
    const without = async (): Promise<OpenedStore> => {
      const { clock, store } = await open();
      const { lease: _, ...rest } = store;
      return { clock, store: rest };
    };
    expect(await failures(without, { leases: false })).toEqual([]);
    expect((await failures(without)).join('\n')).toMatch(/one owner at a time: the store has no leases/);
  });

  it.concurrent('ask a store that tells of no changes for none, unless that is said', async () => {
    const without = async (): Promise<OpenedStore> => {
      const { clock, store } = await open();
      const { watch: _, ...rest } = store;
      return { clock, store: rest };
    };
    expect(await failures(without)).toEqual([]);
    expect((await failures(without, { notifies: true })).join('\n')).toMatch(/of no other: the store tells of no changes/);
  });

  it.concurrent('close every store that they open, also where they fail', async () => {
    let opened = 0;
    const cases = tokenStoreCases(async () => {
      opened++;
      const store: TokenStore = { ...memoryStore(), get: () => Promise.reject(new Error('gone')) };
      return { ...(await open()), store, close: async () => void opened-- };
    });
    await Promise.allSettled(cases.map(({ run }) => run()));
    expect(opened).toBe(0);
  });

  for (const [fault, breaks, expected] of faulty())
    it.concurrent(`find a store that ${fault}`, async () => {
      const failed = await failures(
        async () => {
          const opened = await open();
          return { ...opened, store: breaks(opened.store) };
        },
        { notifies: true },
      );
      expect(failed.join('\n')).toMatch(expected);
    });
});

/** Faults, each put into a good store, and a case that finds it. */
function faulty(): [fault: string, breaks: (store: TokenStore) => TokenStore, expected: RegExp][] {
  const leaseOf = async (store: TokenStore, ...[key, options]: Parameters<Required<TokenStore>['lease']>) => {
    const lease = await store.lease?.(key, options);
    if (lease === undefined) throw new Error('the lease is taken');
    return lease;
  };
  return [
    [
      'ignores versions',
      (store) => ({ ...store, set: (key, value, { ifVersion: _, ...options } = {}) => store.set(key, value, options) }),
      /outdated version/,
    ],
    [
      'takes null for no version',
      (store) => ({
        ...store,
        set: (key, value, options = {}) => store.set(key, value, { ...options, ifVersion: options.ifVersion ?? undefined }),
      }),
      /for the version null/,
    ],
    [
      'compares first and writes later',
      (store) => ({
        ...store,
        async set(key, value, { ifVersion, ...options } = {}) {
          const before = await store.get(key);
          if (ifVersion !== undefined && ifVersion !== before.version) return undefined;
          return store.set(key, value, options);
        },
      }),
      /one of 100 writers at once write over a version.*1 expected, but it was 100/,
    ],
    [
      'deletes whatever the version',
      (store) => ({ ...store, delete: (key, { signal } = {}) => store.delete(key, { signal }) }),
      /deletes only the version/,
    ],
    [
      'never forgets',
      (store) => ({ ...store, set: (key, value, { ttlMs: _, ...options } = {}) => store.set(key, value, options) }),
      /forgets an entry/,
    ],
    ['gives old versions anew', counting, /knows no version from before a delete/],
    ['cuts values off', (store) => ({ ...store, set: (key, value, options) => store.set(key, value.slice(0, 4096), options) }), /16 KiB/],
    ['keeps keys in lower case', (store) => withKeys(store, (key) => key.toLowerCase()), /keys of any text/],
    ['cuts keys off', (store) => withKeys(store, (key) => key.slice(0, 255)), /keys of any text/],
    ['normalises keys', (store) => withKeys(store, (key) => key.normalize()), /keys of any text/],
    [
      'does not heed signals',
      (store) => ({ ...store, set: (key, value, { signal: _, ...options } = {}) => store.set(key, value, options) }),
      /has given up/,
    ],
    [
      'lets two have a lease',
      (store) => {
        let asked = 0;
        return { ...store, lease: (key, options) => leaseOf(store, `${key}${asked++ % 2}`, options) };
      },
      /one owner at a time/,
    ],
    [
      'compares first and leases later',
      (store) => {
        const taken = new Set<string>();
        return {
          ...store,
          async lease(key) {
            const free = !taken.has(key);
            await store.get(key);
            taken.add(key);
            return free ? { owner: crypto.randomUUID(), renew: async () => true, release: async () => void taken.delete(key) } : undefined;
          },
        };
      },
      /one of 100 who ask at once/,
    ],
    [
      'keeps leases for ever',
      (store) => ({ ...store, lease: async (key, options) => store.lease?.(key, { ...options, ttlMs: Number.MAX_SAFE_INTEGER }) }),
      /once it has ended/,
    ],
    [
      'does not extend leases',
      (store) => ({
        ...store,
        async lease(key, options) {
          const lease = await store.lease?.(key, options);
          return lease && { ...lease, renew: async () => true };
        },
      }),
      /by its whole time to live/,
    ],
    [
      'lets a loser release the lease of another',
      (store) => {
        const last = new Map<string, () => Promise<void>>();
        return {
          ...store,
          async lease(key, options) {
            const lease = await store.lease?.(key, options);
            if (lease === undefined) return undefined;
            last.set(key, () => lease.release());
            return { ...lease, release: async () => last.get(key)?.() };
          },
        };
      },
      /leaves the lease of the next owner alone/,
    ],
    [
      'ignores owners',
      (store) => ({ ...store, set: (key, value, { owner: _, ...options } = {}) => store.set(key, value, options) }),
      /one who lost the lease to another owner/,
    ],
    [
      'writes only for an owner whose lease has not ended',
      (store) => ({
        ...store,
        async set(key, value, options = {}) {
          const free = options.owner === undefined ? undefined : await store.lease?.(key, { ttlMs: 60_000 });
          await free?.release();
          return free === undefined ? store.set(key, value, options) : undefined;
        },
      }),
      /whose lease has ended, as long as nobody else has it/,
    ],
    [
      'has leases without names',
      (store) => ({ ...store, lease: async (key, options) => ({ ...(await leaseOf(store, key, options)), owner: 'me' }) }),
      /another owner/,
    ],
    [
      'has a clock that stands still',
      (store) => ({ ...store, get: async (key) => ({ ...(await store.get(key)), now: Date.UTC(2026, 0) }) }),
      /the time that passed/,
    ],
    [
      'counts time from its start',
      (store) => ({ ...store, get: async (key) => ({ ...(await store.get(key)), now: 5 }) }),
      /since 1970 expected/,
    ],
    [
      'tells of every write',
      (store) => ({ ...store, set: (key, value, options) => store.set(key, value, { ...options, notify: true }) }),
      /the keys told/,
    ],
    [
      'tells of writes that did not come about',
      (store) => ({
        ...store,
        async set(key, value, options = {}) {
          const version = await store.set(key, value, options);
          if (version === undefined && options.notify) await store.set(key, (await store.get(key)).value ?? '', { notify: true });
          return version;
        },
      }),
      /the keys told/,
    ],
    [
      'goes on telling who has stopped',
      (store) => ({
        ...store,
        watch: async (changed) => store.watch?.(changed, { signal: new AbortController().signal }),
      }),
      /one who has stopped/,
    ],
  ];
}

/** Versions count from 1 in every key, so that they come again after a delete. */
function counting(store: TokenStore): TokenStore {
  const counted = new Map<string, string>();
  return {
    ...store,
    async get(key, options) {
      const stored = await store.get(key, options);
      return { ...stored, version: stored.version && (counted.get(key) ?? '') };
    },
    async set(key, value, { ifVersion, ...options } = {}) {
      const stored = await store.get(key);
      const before = stored.version && (counted.get(key) ?? null);
      if (ifVersion !== undefined && ifVersion !== before) return undefined;
      const version = String(Number(before ?? 0) + 1);
      counted.set(key, version);
      await store.set(key, value, options);
      return version;
    },
    async delete(key, { ifVersion, signal } = {}) {
      if (ifVersion !== undefined && ifVersion !== counted.get(key)) return false;
      return store.delete(key, { signal });
    },
  };
}

const withKeys = (store: TokenStore, change: (key: string) => string): TokenStore => ({
  get: (key, options) => store.get(change(key), options),
  set: (key, value, options) => store.set(change(key), value, options),
  delete: (key, options) => store.delete(change(key), options),
  lease: async (key, options) => store.lease?.(change(key), options),
});

/** What the cases complain of. */
async function failures(open: () => Promise<OpenedStore>, options?: Parameters<typeof tokenStoreCases>[1]): Promise<string[]> {
  const found: string[] = [];
  for (const { name, run } of tokenStoreCases(open, options))
    await run().catch((cause: unknown) => found.push(`${name}: ${cause instanceof Error ? cause.message : cause}`));
  return found;
}
