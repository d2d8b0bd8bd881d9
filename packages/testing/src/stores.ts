// What every token store must do, as cases for any test runner.

/** What a store gives for a key. */
export interface StoredText {
  readonly value: string;
  readonly version: string;
}

/** A lease as the cases use it. */
export interface LeaseUnderTest {
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

/** A token store as the cases use it; the `TokenStore` of the token layer fits. */
export interface StoreUnderTest {
  get(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<StoredText | undefined>;
  set(
    key: string,
    value: string,
    options?: {
      readonly ifVersion?: string | null | undefined;
      readonly ttlMs?: number | undefined;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<string | undefined>;
  delete(key: string, options?: { readonly ifVersion?: string | undefined; readonly signal?: AbortSignal | undefined }): Promise<boolean>;
  lease?(key: string, options: { readonly ttlMs: number; readonly signal?: AbortSignal | undefined }): Promise<LeaseUnderTest | undefined>;
}

/** A store that was opened for one case. */
export interface OpenedStore {
  readonly store: StoreUnderTest;
  /** The clock by which entries and leases end. Without it, the cases about ends wait for a second or two. */
  readonly clock?: { advance(ms: number): Promise<void> };
  /** Called after the case, whatever became of it. */
  close?(): Promise<void>;
}

export interface StoreCasesOptions {
  /** `false` for a store without leases. Default `true`. */
  readonly leases?: boolean;
}

/** One thing that a store must do. */
export interface StoreCase {
  /** A sentence. */
  readonly name: string;
  /** Opens a store and rejects where it does not do that; the message says what it did instead. */
  run(): Promise<void>;
}

/**
 * What a token store must do, a case each. The cases use keys of their own, so that they can share what lies behind the store
 * and run at once.
 *
 * @param open opens a store for one case
 * @example for (const { name, run } of tokenStoreCases(async () => ({ store: myStore() }))) test(name, run);
 */
export function tokenStoreCases(open: () => Promise<OpenedStore>, { leases = true }: StoreCasesOptions = {}): StoreCase[] {
  const cases = [...values, ...races, ...aborts, ...(leases ? owners : [])];
  return cases.map(([name, check]) => ({
    name,
    async run() {
      const opened = await open();
      const prefix = crypto.randomUUID();
      try {
        await check({ ...opened, key: (name = 'key') => `${prefix}:${name}` });
      } finally {
        await opened.close?.();
      }
    },
  }));
}

interface Bench extends OpenedStore {
  /** A key that no other case has. */
  key(name?: string): string;
}

type Cases = readonly (readonly [name: string, check: (bench: Bench) => Promise<void>])[];

const kib = 1024;
/** How long an entry or a lease lives whose end is waited for. */
const shortMs = 1500;
/** Ends long after the case. */
const longMs = 600_000;
const crowd = 100;

const values: Cases = [
  [
    'gives nothing for a key that was never set',
    async ({ store, key }) => equal(await store.get(key()), undefined, 'what get gave for a new key'),
  ],
  [
    'gives what was set, with the version that set answered',
    async ({ store, key }) => {
      const version = await store.set(key(), 'one');
      equal(typeof version, 'string', 'the type of the version');
      await holds(store, key(), 'one', version);
    },
  ],
  [
    'changes the version with every write, also of the same value',
    async ({ store, key }) => {
      const versions = [];
      for (let write = 0; write < 5; write++) versions.push(await store.set(key(), 'same'));
      equal(new Set(versions).size, 5, 'the number of versions of five writes');
    },
  ],
  [
    'writes over whatever is there where no version is given',
    async ({ store, key }) => {
      await store.set(key(), 'one');
      const version = await store.set(key(), 'two', { ifVersion: undefined });
      await holds(store, key(), 'two', version);
    },
  ],
  [
    'writes for the version null only where nothing is stored',
    async ({ store, key }) => {
      const version = await store.set(key(), 'one', { ifVersion: null });
      equal(typeof version, 'string', 'the type of the version of a first write');
      equal(await store.set(key(), 'two', { ifVersion: null }), undefined, 'the answer to a second write for null');
      await holds(store, key(), 'one', version);
    },
  ],
  [
    'writes over the version that is given',
    async ({ store, key }) => {
      const first = await store.set(key(), 'one');
      const second = await store.set(key(), 'two', { ifVersion: first });
      await holds(store, key(), 'two', second);
    },
  ],
  [
    'writes nothing over an outdated version',
    async ({ store, key }) => {
      const first = await store.set(key(), 'one');
      const second = await store.set(key(), 'two', { ifVersion: first });
      equal(await store.set(key(), 'three', { ifVersion: first }), undefined, 'the answer to a write over an outdated version');
      await holds(store, key(), 'two', second);
    },
  ],
  [
    'writes nothing for a version where nothing is stored',
    async ({ store, key }) => {
      const version = await store.set(key('other'), 'one');
      equal(await store.set(key(), 'two', { ifVersion: version }), undefined, 'the answer to a write over nothing');
      equal(await store.get(key()), undefined, 'what is stored after it');
    },
  ],
  [
    'deletes, and says whether there was something',
    async ({ store, key }) => {
      await store.set(key(), 'one');
      equal(await store.delete(key()), true, 'the answer to the first delete');
      equal(await store.get(key()), undefined, 'what is stored after it');
      equal(await store.delete(key()), false, 'the answer to the second delete');
    },
  ],
  [
    'deletes only the version that is given',
    async ({ store, key }) => {
      const first = await store.set(key(), 'one');
      const second = await store.set(key(), 'two');
      equal(await store.delete(key(), { ifVersion: first }), false, 'the answer to a delete of an outdated version');
      await holds(store, key(), 'two', second);
      equal(await store.delete(key(), { ifVersion: second }), true, 'the answer to a delete of the current version');
      equal(await store.get(key()), undefined, 'what is stored after it');
    },
  ],
  [
    'knows no version from before a delete',
    async ({ store, key }) => {
      const before = await store.set(key(), 'one');
      await store.delete(key());
      const after = await store.set(key(), 'two', { ifVersion: null });
      equal(await store.set(key(), 'three', { ifVersion: before }), undefined, 'the answer to a write over a deleted version');
      equal(await store.delete(key(), { ifVersion: before }), false, 'the answer to a delete of a deleted version');
      await holds(store, key(), 'two', after);
    },
  ],
  [
    'forgets an entry after its time to live, and takes a new one for null',
    async (bench) => {
      const { store, key } = bench;
      await store.set(key(), 'one', { ttlMs: shortMs });
      await holds(store, key(), 'one');
      await passes(bench, shortMs);
      equal(await store.get(key()), undefined, 'what is stored after the time to live');
      equal(typeof (await store.set(key(), 'two', { ifVersion: null })), 'string', 'the type of the version of the write after it');
    },
  ],
  [
    'ends an entry that was written again by the last time to live, or never where that had none',
    async (bench) => {
      const { store, key } = bench;
      await store.set(key('for ever'), 'one', { ttlMs: shortMs });
      await store.set(key('for ever'), 'two');
      await store.set(key('longer'), 'one', { ttlMs: shortMs });
      await store.set(key('longer'), 'two', { ttlMs: longMs });
      await store.set(key('shorter'), 'one');
      await store.set(key('shorter'), 'two', { ttlMs: shortMs });
      await passes(bench, shortMs);
      await holds(store, key('for ever'), 'two');
      await holds(store, key('longer'), 'two');
      equal(await store.get(key('shorter')), undefined, 'what is stored after the shorter time to live');
    },
  ],
  [
    'keeps an entry whose time to live is longer than any timer',
    async ({ store, key }) => {
      await store.set(key(), 'one', { ttlMs: 10 * 365 * 86_400_000 });
      await holds(store, key(), 'one');
    },
  ],
  [
    'keeps 500 keys apart',
    async ({ store, key }) => {
      const names = Array.from({ length: 500 }, (_, at) => key(String(at)));
      await Promise.all(names.map((name) => store.set(name, `value of ${name}`)));
      await Promise.all(names.filter((_, at) => at % 2 === 1).map((name) => store.delete(name)));
      for (const [at, name] of names.entries()) {
        const stored = await store.get(name);
        equal(stored?.value, at % 2 === 1 ? undefined : `value of ${name}`, `what is stored under key ${at}`);
      }
    },
  ],
  [
    'gives back a value of 16 KiB, and any text, unchanged',
    async ({ store, key }) => {
      const texts = [
        'x'.repeat(16 * kib),
        'ü€😀'.repeat(2 * kib),
        '',
        ' a blank at both ends ',
        '"\\\'`$1<>\r\n\t%00 -- ;',
        '{"__proto__":{}}',
      ];
      for (const [at, text] of texts.entries()) {
        await store.set(key(String(at)), text);
        await holds(store, key(String(at)), text);
      }
    },
  ],
  [
    'takes keys of any text up to 512 characters, each for itself',
    async ({ store, key }) => {
      const start = key('');
      const names = [
        ...['a:b', 'a%3Ab', 'a', 'A', 'a:', 'ä', 'a\u0308', '用户', '😀', '__proto__', 'constructor'],
        ...['../up', 'a/b', 'a\\b', '.', '*', '?', '[a]', "it's", '"', 'a b', ' a', 'a ', '$1', '%', '_'],
        'k'.repeat(512 - start.length),
        `${'k'.repeat(511 - start.length)}j`,
      ].map((name) => start + name);
      for (const name of names) await store.set(name, `value of ${name}`, { ifVersion: null });
      for (const name of names) await holds(store, name, `value of ${name}`);
      for (const [at, name] of names.entries()) {
        equal(await store.delete(name), true, `the answer to the delete of key ${JSON.stringify(name)}`);
        const next = names[at + 1];
        if (next !== undefined) await holds(store, next, `value of ${next}`);
      }
    },
  ],
];

const races: Cases = [
  [
    `lets one of ${crowd} writers at once create an entry`,
    async ({ store, key }) => {
      await oneOf((value) => store.set(key(), value, { ifVersion: null }), store, key());
    },
  ],
  [
    `lets one of ${crowd} writers at once write over a version`,
    async ({ store, key }) => {
      const ifVersion = await store.set(key(), 'before');
      await oneOf((value) => store.set(key(), value, { ifVersion }), store, key());
    },
  ],
  [
    `lets one of ${crowd} at once delete a version`,
    async ({ store, key }) => {
      const ifVersion = await store.set(key(), 'before');
      const answers = await Promise.all(Array.from({ length: crowd }, () => store.delete(key(), { ifVersion })));
      equal(answers.filter(Boolean).length, 1, 'the number of deletes that deleted something');
    },
  ],
  [
    'loses no change of writers who read, change and write over what they read',
    async ({ store, key }) => {
      const count = async (): Promise<void> => {
        for (let attempt = 0; attempt < crowd; attempt++) {
          const stored = await store.get(key());
          const value = String(Number(stored?.value ?? 0) + 1);
          if ((await store.set(key(), value, { ifVersion: stored?.version ?? null })) !== undefined) return;
        }
        throw new Error(`${crowd} writes in a row over the version that was just read: one of them expected to write, but none did`);
      };
      await Promise.all(
        Array.from({ length: 8 }, async () => {
          for (let change = 0; change < 5; change++) await count();
        }),
      );
      await holds(store, key(), '40');
    },
  ],
];

const owners: Cases = [
  [
    'gives a lease to one owner at a time',
    async ({ store, key }) => {
      await leased(store, key(), longMs);
      equal(await take(store, key(), longMs), undefined, 'the answer to whoever asks for a lease that another has');
    },
  ],
  [
    `gives a lease to one of ${crowd} who ask at once`,
    async ({ store, key }) => {
      const answers = await Promise.all(Array.from({ length: crowd }, () => take(store, key(), longMs)));
      equal(answers.filter((lease) => lease !== undefined).length, 1, 'the number of leases given');
    },
  ],
  [
    'gives the leases of two keys to two owners',
    async ({ store, key }) => {
      await leased(store, key('one'), longMs);
      await leased(store, key('other'), longMs);
    },
  ],
  [
    'keeps the lease of a key and what is stored under it apart',
    async ({ store, key }) => {
      const version = await store.set(key(), 'one');
      const lease = await leased(store, key(), longMs);
      await holds(store, key(), 'one', version);
      equal(typeof (await store.set(key(), 'two', { ifVersion: version })), 'string', 'the type of the version of a write under a lease');
      equal(await store.delete(key()), true, 'the answer to a delete under a lease');
      equal(await take(store, key(), longMs), undefined, 'the answer to whoever asks for the lease after the delete');
      await lease.release();
      equal(await store.get(key()), undefined, 'what is stored after the release');
    },
  ],
  [
    'gives a lease again once it was released; to release it twice is no fault',
    async ({ store, key }) => {
      const lease = await leased(store, key(), longMs);
      await lease.release();
      await lease.release();
      await leased(store, key(), longMs);
    },
  ],
  [
    'gives a lease to another owner once it has ended',
    async (bench) => {
      const { store, key } = bench;
      await leased(store, key(), shortMs);
      await passes(bench, shortMs);
      await leased(store, key(), longMs);
    },
  ],
  [
    'extends a lease that is renewed by its whole time to live',
    async (bench) => {
      const { store, key } = bench;
      const ttlMs = 2 * shortMs;
      const lease = await leased(store, key(), ttlMs);
      for (let renewal = 0; renewal < 2; renewal++) {
        await passes(bench, ttlMs / 2);
        equal(await lease.renew(), true, 'the answer to the renewal of a lease');
      }
      await passes(bench, ttlMs / 2);
      equal(await take(store, key(), ttlMs), undefined, 'the answer to whoever asks for a lease that was renewed');
    },
  ],
  [
    'refuses to renew a lease that another owner has got, or that was released',
    async (bench) => {
      const { store, key } = bench;
      const lost = await leased(store, key(), shortMs);
      await passes(bench, shortMs);
      const lease = await leased(store, key(), longMs);
      equal(await lost.renew(), false, 'the answer to the renewal of a lost lease');
      equal(await lease.renew(), true, 'the answer to the renewal of the lease of the next owner');
      await lease.release();
      equal(await lease.renew(), false, 'the answer to the renewal of a released lease');
      await leased(store, key(), longMs);
    },
  ],
  [
    'leaves the lease of the next owner alone when one who lost it releases it',
    async (bench) => {
      const { store, key } = bench;
      const lost = await leased(store, key(), shortMs);
      await passes(bench, shortMs);
      const lease = await leased(store, key(), longMs);
      await lost.release();
      equal(await take(store, key(), longMs), undefined, 'the answer to whoever asks for the lease after that');
      equal(await lease.renew(), true, 'the answer to the renewal of the lease');
    },
  ],
  [
    'gives no lease to whoever has given up',
    async ({ store, key }) => {
      await rejects(store.lease?.(key(), { ttlMs: longMs, signal: AbortSignal.abort(new Error('given up')) }), 'lease');
      await leased(store, key(), longMs);
    },
  ],
];

const aborts: Cases = [
  [
    'does nothing for whoever has given up',
    async ({ store, key }) => {
      const signal = AbortSignal.abort(new Error('given up'));
      const version = await store.set(key(), 'one');
      await rejects(store.get(key(), { signal }), 'get');
      await rejects(store.set(key(), 'two', { signal }), 'set');
      await rejects(store.set(key(), 'two', { ifVersion: version, signal }), 'set over a version');
      await rejects(store.delete(key(), { signal }), 'delete');
      await holds(store, key(), 'one', version);
    },
  ],
  [
    'has settled, and works on, when one gives up in the middle or afterwards',
    async ({ store, key }) => {
      const controller = new AbortController();
      const { signal } = controller;
      const done = await store.set(key('done'), 'one', { signal });
      const under = [store.set(key(), 'one', { signal }), store.get(key(), { signal }), store.delete(key(), { signal })];
      controller.abort(new Error('given up'));
      await Promise.allSettled(under);
      await holds(store, key('done'), 'one', done);
      const version = await store.set(key(), 'two');
      await holds(store, key(), 'two', version);
    },
  ],
];

/** Everybody tries to write; one wins, and it is that one's value which is stored. */
async function oneOf(write: (value: string) => Promise<string | undefined>, store: StoreUnderTest, key: string): Promise<void> {
  const answers = await Promise.all(Array.from({ length: crowd }, (_, at) => write(`of writer ${at}`)));
  const winners = answers.flatMap((version, at) => (version === undefined ? [] : [{ version, value: `of writer ${at}` }]));
  equal(winners.length, 1, 'the number of writers who were told that they had written');
  const [winner] = winners;
  if (winner !== undefined) await holds(store, key, winner.value, winner.version);
}

async function holds(store: StoreUnderTest, key: string, value: string, version?: string | undefined): Promise<void> {
  const stored = await store.get(key);
  equal(stored?.value, value, `what is stored under ${JSON.stringify(key)}`);
  if (version !== undefined) equal(stored?.version, version, `the version of what is stored under ${JSON.stringify(key)}`);
}

async function take(store: StoreUnderTest, key: string, ttlMs: number): Promise<LeaseUnderTest | undefined> {
  if (store.lease === undefined) throw new Error('the store has no leases; give the cases { leases: false } if that is meant');
  return store.lease(key, { ttlMs });
}

async function leased(store: StoreUnderTest, key: string, ttlMs: number): Promise<LeaseUnderTest> {
  const lease = await take(store, key, ttlMs);
  if (lease === undefined) throw new Error('the answer to whoever asks for a free lease: a lease expected, but it was undefined');
  return lease;
}

/** Lets a time pass, and a little more: ends may be rounded up. */
async function passes({ clock }: Bench, ms: number): Promise<void> {
  if (clock !== undefined) await clock.advance(ms + 1);
  else await new Promise((resolve) => setTimeout(resolve, ms * 1.1));
}

async function rejects(promise: Promise<unknown> | undefined, what: string): Promise<void> {
  const fulfilled = await Promise.resolve(promise).then(
    () => true,
    () => false,
  );
  if (fulfilled) throw new Error(`${what} with a signal that was aborted before: a rejection expected, but it was fulfilled`);
}

function equal(seen: unknown, expected: unknown, what: string): void {
  if (Object.is(seen, expected)) return;
  throw new Error(`${what}: ${short(expected)} expected, but it was ${short(seen)}`);
}

function short(value: unknown): string {
  const text = typeof value === 'object' ? 'an entry' : JSON.stringify(value);
  return text === undefined ? String(value) : text.length > 80 ? `${text.slice(0, 80)}… (${text.length} characters)` : text;
}
