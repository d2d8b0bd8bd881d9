// What every token store must do, as cases for any test runner.

/** What a store gives for a key. */
export interface StoredText {
  /** `undefined` where nothing is stored. */
  readonly value: string | undefined;
  /** `null` where nothing is stored. */
  readonly version: string | null;
  /** The store's clock, in milliseconds since 1970. */
  readonly now: number;
}

/** A lease as the cases use it. */
export interface LeaseUnderTest {
  readonly owner: string;
  renew(): Promise<boolean>;
  release(): Promise<void>;
}

/** A token store as the cases use it; the `TokenStore` of the token layer fits. */
export interface StoreUnderTest {
  get(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<StoredText>;
  set(
    key: string,
    value: string,
    options?: {
      readonly ifVersion?: string | null | undefined;
      readonly owner?: string | undefined;
      readonly notify?: boolean | undefined;
      readonly ttlMs?: number | undefined;
      readonly signal?: AbortSignal | undefined;
    },
  ): Promise<string | undefined>;
  delete(key: string, options?: { readonly ifVersion?: string | undefined; readonly signal?: AbortSignal | undefined }): Promise<boolean>;
  lease?(key: string, options: { readonly ttlMs: number; readonly signal?: AbortSignal | undefined }): Promise<LeaseUnderTest | undefined>;
  watch?(changed: (key: string) => void, options: { readonly signal: AbortSignal }): Promise<void>;
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
  /** `true` for a store that tells of changes. Default `false`. */
  readonly notifies?: boolean;
  /**
   * How long a short time to live is where there is no clock, in milliseconds: longer than the store takes for a few calls, however
   * busy the machine is. Default 1500.
   */
  readonly shortMs?: number;
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
export function tokenStoreCases(
  open: () => Promise<OpenedStore>,
  { leases = true, notifies = false, shortMs = 1500 }: StoreCasesOptions = {},
): StoreCase[] {
  const cases = [...values, ...clocks, ...races, ...aborts, ...(leases ? owners : []), ...(notifies ? watchers : [])];
  return cases.map(([name, check]) => ({
    name,
    async run() {
      const opened = await open();
      const prefix = crypto.randomUUID();
      try {
        await check({ ...opened, shortMs, key: (name = 'key') => `${prefix}:${name}` });
      } finally {
        await opened.close?.();
      }
    },
  }));
}

interface Bench extends OpenedStore {
  /** How long an entry or a lease lives whose end is waited for. */
  readonly shortMs: number;
  /** A key that no other case has. */
  key(name?: string): string;
}

type Cases = readonly (readonly [name: string, check: (bench: Bench) => Promise<void>])[];

const kib = 1024;
/** Ends long after the case. */
const longMs = 600_000;
const crowd = 100;
/** How long a change may take to be told. */
const patienceMs = 10_000;

const values: Cases = [
  ['gives nothing for a key that was never set', async ({ store, key }) => nothing(store, key(), 'what get gave for a new key')],
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
      await nothing(store, key(), 'what is stored after it');
    },
  ],
  [
    'deletes, and says whether there was something',
    async ({ store, key }) => {
      await store.set(key(), 'one');
      equal(await store.delete(key()), true, 'the answer to the first delete');
      await nothing(store, key(), 'what is stored after it');
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
      await nothing(store, key(), 'what is stored after it');
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
      const { store, key, shortMs } = bench;
      await store.set(key(), 'one', { ttlMs: shortMs });
      await holds(store, key(), 'one');
      await passes(bench, shortMs);
      await nothing(store, key(), 'what is stored after the time to live');
      equal(typeof (await store.set(key(), 'two', { ifVersion: null })), 'string', 'the type of the version of the write after it');
    },
  ],
  [
    'ends an entry that was written again by the last time to live, or never where that had none',
    async (bench) => {
      const { store, key, shortMs } = bench;
      await store.set(key('for ever'), 'one', { ttlMs: shortMs });
      await store.set(key('for ever'), 'two');
      await store.set(key('longer'), 'one', { ttlMs: shortMs });
      await store.set(key('longer'), 'two', { ttlMs: longMs });
      await store.set(key('shorter'), 'one');
      await store.set(key('shorter'), 'two', { ttlMs: shortMs });
      await passes(bench, shortMs);
      await holds(store, key('for ever'), 'two');
      await holds(store, key('longer'), 'two');
      await nothing(store, key('shorter'), 'what is stored after the shorter time to live');
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

const clocks: Cases = [
  [
    'tells the time, whether something is stored or not',
    async (bench) => {
      const { store, key, shortMs } = bench;
      await store.set(key('set'), 'one');
      const [before, beside] = [(await store.get(key())).now, (await store.get(key('set'))).now];
      if (!(before > Date.UTC(2020, 0) && Math.abs(beside - before) < 60_000))
        throw new Error(`the time: milliseconds since 1970 expected, twice the same, but it was ${before} and ${beside}`);
      await passes(bench, shortMs);
      const passed = (await store.get(key())).now - before;
      if (!(passed >= shortMs)) throw new Error(`the time that passed: ${shortMs} ms or more expected, but it was ${passed}`);
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
      await nothing(store, key(), 'what is stored after the release');
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
      const { store, key, shortMs } = bench;
      await leased(store, key(), shortMs);
      await passes(bench, shortMs);
      await leased(store, key(), longMs);
    },
  ],
  [
    'extends a lease that is renewed by its whole time to live',
    async (bench) => {
      const { store, key, shortMs } = bench;
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
      const { store, key, shortMs } = bench;
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
      const { store, key, shortMs } = bench;
      const lost = await leased(store, key(), shortMs);
      await passes(bench, shortMs);
      const lease = await leased(store, key(), longMs);
      await lost.release();
      equal(await take(store, key(), longMs), undefined, 'the answer to whoever asks for the lease after that');
      equal(await lease.renew(), true, 'the answer to the renewal of the lease');
    },
  ],
  [
    'names every lease another owner',
    async ({ store, key }) => {
      const first = await leased(store, key(), longMs);
      await first.release();
      const owners = [first, await leased(store, key(), longMs), await leased(store, key('other'), longMs)].map(({ owner }) => owner);
      equal(new Set(owners).size, 3, 'the number of owners of three leases');
      for (const owner of owners) equal(typeof owner, 'string', 'the type of an owner');
    },
  ],
  [
    'writes for the owner of a lease',
    async ({ store, key }) => {
      const { owner } = await leased(store, key(), longMs);
      const first = await store.set(key(), 'one', { ifVersion: null, owner });
      const second = await store.set(key(), 'two', { ifVersion: first, owner });
      await holds(store, key(), 'two', second);
    },
  ],
  [
    'writes nothing for one who lost the lease to another owner, whatever the version',
    async (bench) => {
      const { store, key, shortMs } = bench;
      const version = await store.set(key(), 'before');
      const { owner } = await leased(store, key(), shortMs);
      await passes(bench, shortMs);
      const { owner: next } = await leased(store, key(), longMs);
      equal(await store.set(key(), 'late', { ifVersion: version, owner }), undefined, 'the answer to one who lost the lease');
      equal(await store.set(key(), 'late', { owner }), undefined, 'the answer to one who lost the lease and names no version');
      await holds(store, key(), 'before', version);
      equal(typeof (await store.set(key(), 'next', { ifVersion: version, owner: next })), 'string', 'the type of the next owner’s version');
    },
  ],
  [
    'creates nothing for one who lost the lease to another owner',
    async (bench) => {
      const { store, key, shortMs } = bench;
      const { owner } = await leased(store, key(), shortMs);
      await passes(bench, shortMs);
      const { owner: next } = await leased(store, key(), longMs);
      equal(await store.set(key(), 'late', { ifVersion: null, owner }), undefined, 'the answer to one who lost the lease');
      await nothing(store, key(), 'what is stored after it');
      equal(typeof (await store.set(key(), 'next', { ifVersion: null, owner: next })), 'string', 'the type of the next owner’s version');
    },
  ],
  [
    'writes for one whose lease has ended, as long as nobody else has it',
    async (bench) => {
      const { store, key, shortMs } = bench;
      const { owner } = await leased(store, key(), shortMs);
      await passes(bench, shortMs);
      await holds(store, key(), 'late', await store.set(key(), 'late', { ifVersion: null, owner }));
    },
  ],
  [
    'writes for those who name no owner, whoever has the lease',
    async ({ store, key }) => {
      await leased(store, key(), longMs);
      await holds(store, key(), 'one', await store.set(key(), 'one'));
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

const watchers: Cases = [
  [
    'tells all who watch of a write that is to be told, and of no other',
    async ({ store, key }) => {
      const watches = [await watch(store, key('end')), await watch(store, key('end'))];
      await store.set(key('silent'), 'one');
      const version = await store.set(key('told'), 'one', { notify: true });
      await store.set(key('not written'), 'one', { ifVersion: version, notify: true });
      await store.set(key('told'), 'two', { ifVersion: version, notify: true });
      await store.set(key('end'), 'one', { notify: true });
      const expected = JSON.stringify([key('told'), key('told'), key('end')]);
      for (const { ended, keys, stop } of watches) {
        await ended();
        equal(JSON.stringify(keys.filter((name) => name.startsWith(key('')))), expected, 'the keys told');
        stop();
      }
    },
  ],
  [
    'tells nothing to one who has stopped to watch, and goes on telling the others',
    async ({ store, key }) => {
      const stopped = await watch(store, key('end'));
      const other = await watch(store, key('end'));
      stopped.stop();
      await store.set(key('end'), 'one', { notify: true });
      await other.ended();
      equal(stopped.keys.includes(key('end')), false, 'whether one who has stopped was told');
      other.stop();
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

async function nothing(store: StoreUnderTest, key: string, what: string): Promise<void> {
  const { value, version } = await store.get(key);
  equal(value, undefined, what);
  equal(version, null, `the version of ${what}`);
}

interface Watch {
  /** Told so far. */
  readonly keys: string[];
  /** Waits until the last key was told. */
  ended(): Promise<void>;
  stop(): void;
}

async function watch(store: StoreUnderTest, last: string): Promise<Watch> {
  if (store.watch === undefined) throw new Error('the store tells of no changes; leave { notifies: true } out if that is meant');
  const keys: string[] = [];
  let tell: (() => void) | undefined;
  const controller = new AbortController();
  const changed = (name: string): void => {
    keys.push(name);
    tell?.();
  };
  await store.watch(changed, { signal: controller.signal });
  return {
    keys,
    stop: () => controller.abort(),
    ended: () =>
      new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`one who watches was not told within ${patienceMs} ms`)), patienceMs);
        tell = () => {
          if (!keys.includes(last)) return;
          clearTimeout(timer);
          resolve();
        };
        tell();
      }),
  };
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
