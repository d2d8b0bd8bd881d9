// No secret leaves: one distinctive string each, searched in everything that errors, events, logs, sources and stores can show.
import { channel } from 'node:diagnostics_channel';
import { format, inspect } from 'node:util';
import { type AuthEvent, channelName, createAuth, password, TokenAnswer } from '@finapi-ts/auth-helpers';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { canaries, secretsIn, textsOf } from '../src/canaries.ts';
import { everyFailure } from '../src/failures.ts';
import { client, failureOf, json, reasonOf, scripted, tokens } from '../src/scripted.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Where a secret was found, and which. */
function leaksOf(place: string, value: unknown): readonly string[] {
  return textsOf(value).flatMap((text) => secretsIn(text).map((name) => `${place} shows ${name}`));
}

/** Everything that is written to a console or to a standard stream. */
function listen(): { readonly lines: readonly string[] } {
  const lines: string[] = [];
  for (const level of ['debug', 'log', 'info', 'warn', 'error', 'trace', 'dir'] as const)
    vi.spyOn(console, level).mockImplementation((...values: unknown[]) => {
      lines.push(format(...values), ...values.flatMap((value) => textsOf(value)));
    });
  vi.spyOn(process, 'emitWarning').mockImplementation((warning) => {
    lines.push(...textsOf(warning));
  });
  return { lines };
}

describe('the search', () => {
  it.each([
    ['as it is', canaries.password],
    ['in other case', canaries.password.toUpperCase()],
    ['in a form', new URLSearchParams({ password: `a&${canaries.password}=ü` }).toString()],
    ['in base64', Buffer.from(`household:${canaries.password}`).toString('base64')],
    ['in base64 of URLs, one further', Buffer.from(`household::${canaries.password}?`).toString('base64url')],
    ['in base64, two further', Buffer.from(`household:::${canaries.password}?>`).toString('base64')],
    ['in hex', Buffer.from(`x${canaries.password}`).toString('hex')],
  ])('15 finds a secret %s', (_, text) => {
    expect(secretsIn(text)).toEqual(['password']);
  });

  it('15 looks wherever a value can show one', () => {
    class Hidden {
      readonly #secret = canaries.password;
      get reveal(): string {
        return this.#secret;
      }
    }
    const shown: unknown[] = [
      new Error(canaries.password),
      new Error('x', { cause: new Error('y', { cause: canaries.password }) }),
      Object.assign(new Error('x'), { response: { url: `https://finapi.test/oauth/revoke?token=${canaries.password}` } }),
      Object.defineProperty({}, 'secret', { value: canaries.password, enumerable: false }),
      { [Symbol('secret')]: canaries.password },
      { toJSON: () => canaries.password },
      new Map([['a', { b: { c: { d: { e: { f: canaries.password } } } } }]]),
      new Hidden(),
      new AggregateError([new Error(canaries.password)]),
    ];
    for (const value of shown) expect(leaksOf('it', value).length).toBeGreaterThan(0);
    expect(leaksOf('it', new Error('nothing here'))).toEqual([]);
  });
});

describe('every failure', () => {
  it('5 15 shows no secret, and no URL that holds one: errors, events, sources, pools, stores, logs', { timeout: 60_000 }, async () => {
    const leaks = new Set<string>();
    const kinds = new Map<string, number>();
    const expose = (place: string, value: unknown): void => {
      const kind = value instanceof Error ? value.name : place.split(' ')[0];
      kinds.set(kind ?? '', (kinds.get(kind ?? '') ?? 0) + 1);
      for (const leak of leaksOf(place, value)) leaks.add(leak);
    };
    const onChannel = (message: unknown): void => expose('channel', message);
    const { lines } = listen();
    // Held: Bun forgets a subscription with its channel.
    const told = channel(channelName);
    told.subscribe(onChannel);
    const { tried, failed } = await everyFailure(expose);
    told.unsubscribe(onChannel);
    vi.restoreAllMocks();
    for (const line of lines) for (const name of secretsIn(line)) leaks.add(`a console shows ${name}`);
    expect([...leaks]).toEqual([]);
    // The search has had something to look at.
    expect(tried).toBeGreaterThan(750);
    expect(failed / tried).toBeGreaterThan(0.7);
    expect(Object.fromEntries(kinds)).toMatchObject({
      AuthError: expect.toSatisfy((count: number) => count > 600),
      FinapiError: expect.toSatisfy((count: number) => count > 10),
      event: expect.toSatisfy((count: number) => count > 300),
      channel: expect.toSatisfy((count: number) => count > 300),
    });
    expect(lines.length).toBeGreaterThan(10);
  });

  it('15 of credentials and of secrets comes out as it is, and is told of nowhere else', async () => {
    const broken = new Error(`the vault said ${canaries.password}`);
    const events: AuthEvent[] = [];
    const { fetch } = scripted();
    const auth = createAuth({
      ...client,
      fetch,
      onEvent: (event) => events.push(event),
      users: { credentials: () => Promise.reject(broken) },
    });
    const alice = auth.user('alice');
    expect(await reasonOf(alice.get())).toBe(broken);
    expect([leaksOf('events', events), leaksOf('source', alice), leaksOf('status', alice.status())]).toEqual([[], [], []]);
  });

  it('15 of a password leaves nothing of it in the pool, the store or the next error', async () => {
    const memory = memoryStore();
    const values: string[] = [];
    const store: typeof memory = {
      ...memory,
      set: (key, value, options) => {
        values.push(value);
        return memory.set(key, value, options);
      },
    };
    const { fetch } = scripted(json(400, { error: 'invalid_grant' }));
    const auth = createAuth({
      ...client,
      clientSecret: canaries.clientSecret as never,
      fetch,
      store,
      users: { credentials: () => ({ password: canaries.password }) },
    });
    const alice = auth.user('alice');
    const errors = [await failureOf(alice.get()), await failureOf(alice.get())];
    expect(values.length).toBeGreaterThan(0);
    expect([leaksOf('store', values), leaksOf('errors', errors), leaksOf('pool', auth), leaksOf('source', alice)]).toEqual([
      [],
      [],
      [],
      [],
    ]);
  });
});

describe('tokens that are there', () => {
  const session = { accessToken: canaries.accessToken, expiresAt: Number.POSITIVE_INFINITY, refreshToken: canaries.refreshToken };

  it('15 are shown by no source, no pool, no application, no store, and not by their status', async () => {
    const { fetch } = scripted(tokens({ access_token: canaries.clientToken }));
    const store = memoryStore();
    const auth = createAuth({ ...client, clientSecret: canaries.clientSecret as never, fetch, store });
    const alice = auth.user('alice', { session });
    await auth.client.get();
    expect(alice.peek()).toBe(canaries.accessToken);
    for (const [place, value] of Object.entries({ auth, client: auth.client, users: auth.users, alice, store, status: alice.status() }))
      expect(leaksOf(place, value)).toEqual([]);
  });

  it('15 are shown by an answer only to whoever reads its members', async () => {
    const { fetch } = scripted(tokens({ access_token: canaries.accessToken, refresh_token: canaries.refreshToken }));
    const answer = await password({ ...client, fetch, userId: 'alice', password: canaries.password });
    expect(answer).toBeInstanceOf(TokenAnswer);
    const shown = [
      inspect(answer, { showHidden: true, depth: null }),
      format('%s %o %O %j', answer, answer, answer, answer),
      JSON.stringify(answer),
      String(answer),
    ];
    shown.push(inspect(structuredClone(answer)), JSON.stringify({ ...answer }), JSON.stringify(Object.entries(answer)));
    for (const text of shown) expect(secretsIn(text)).toEqual([]);
    expect([answer.accessToken, answer.refreshToken]).toEqual([canaries.accessToken, canaries.refreshToken]);
  });
});

describe('events', () => {
  it('15 name a user so that nobody can tell who it is, and always alike', async () => {
    const events: AuthEvent[] = [];
    const { fetch } = scripted(tokens({ refresh_token: 'r' }));
    const auth = createAuth({
      ...client,
      fetch,
      onEvent: (event) => events.push(event),
      users: { credentials: () => ({ password: 'p' }) },
    });
    for (const id of ['alice', 'ALICE', 'bob']) await auth.user(id).get({ force: true });
    const keys = events.filter(({ type }) => type === 'received').map(({ key }) => key);
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe(keys[2]);
    for (const { key } of events) expect(key).toMatch(/^[0-9a-f]{16}$/);
    expect(JSON.stringify(events).toLowerCase()).not.toMatch(/alice|bob|household|finapi\.test/);
  });

  it('tell of a request with grant, duration, status and id, to a listener and to the channel', async () => {
    const heard: AuthEvent[] = [];
    const published: unknown[] = [];
    const onChannel = (message: unknown): void => void published.push(message);
    const { fetch } = scripted(tokens(), json(503, ''));
    const told = channel(channelName);
    told.subscribe(onChannel);
    const source = createAuth({ ...client, clientId: 'heard-of' as 'household', fetch, onEvent: (event) => heard.push(event) }).client;
    await source.get();
    await reasonOf(source.get({ force: true }));
    told.unsubscribe(onChannel);
    expect(heard.map(({ type }) => type)).toEqual(['requested', 'received', 'refreshed', 'requested', 'failed']);
    expect(heard[1]).toMatchObject({
      grant: 'client_credentials',
      status: 200,
      requestId: expect.any(String),
      durationMs: expect.any(Number),
    });
    expect(heard[4]).toMatchObject({ code: 'UNAVAILABLE', status: 503, requestId: expect.any(String), durationMs: expect.any(Number) });
    expect(published).toEqual(expect.arrayContaining(heard));
  });

  it('do no harm where a listener fails', async () => {
    const { fetch } = scripted();
    const fail = (): never => {
      throw new Error('the log is full');
    };
    expect(await createAuth({ ...client, fetch, onEvent: fail }).client.get()).toBe('access-1');
  });
});
