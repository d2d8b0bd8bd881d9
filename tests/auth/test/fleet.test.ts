// Several processes on one store: one renews and the others adopt, whatever becomes of the store, the clocks and the holder of the lease.
import type { Lease } from '@finapi-ts/auth-helpers';
import { describe, expect, it } from 'vitest';
import { createRig, type Rig } from '../src/fleet/rig.ts';

const minute = 60_000;
const hour = 60 * minute;
const rotating = { rotateRefreshTokens: true };

describe.concurrent('Processes that share a store', () => {
  it('adopt the token that another has got', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other')];
    const token = await one.alice.get();
    expect(await other.alice.get()).toBe(token);
    expect(rig.grants()).toEqual(['password']);
    expect(other.count('adopted')).toBe(1);
    expect(other.alice.status()).toMatchObject({ state: 'fresh', refreshable: true });
  });

  it('ask once where both are cold: who lost the lease waits and adopts', async () => {
    const rig = createRig();
    rig.sandbox.faults.add({ operationId: 'getToken', latencyMs: 500 });
    const processes = ['one', 'two', 'three'].map((name) => rig.start(name));
    const tokens = await rig.finish(Promise.all(processes.map(({ alice }) => alice.get())));
    expect(new Set(tokens).size).toBe(1);
    expect(rig.grants()).toEqual(['password']);
    expect(processes.map((it) => it.count('leaseWait')).sort()).toEqual([0, 1, 1]);
  });

  it('share the tokens of the client as well', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other')];
    expect(await one.auth.client.get()).toBe(await other.auth.client.get());
    expect(rig.grants()).toEqual(['client_credentials']);
  });

  it('redeem a rotating refresh token once, round after round', async () => {
    const rig = createRig(rotating);
    const processes = [rig.start('one'), rig.start('other')];
    await rig.finish(Promise.all(processes.map(({ alice }) => alice.get())));
    for (let round = 0; round < 5; round++) {
      await rig.clock.advance(hour + 1000);
      const tokens = await rig.finish(Promise.all(processes.map(({ alice }) => alice.get())));
      expect(new Set(tokens).size).toBe(1);
    }
    expect(rig.grants()).toEqual(['password', ...Array(5).fill('refresh_token')]);
    expect(new Set(rig.requests.map(({ refreshToken }) => refreshToken)).size).toBe(6);
  });

  it('need one request between them after a token was refused to all of them', async () => {
    const rig = createRig(rotating);
    const processes = [rig.start('one'), rig.start('other')];
    const [token = ''] = await rig.finish(Promise.all(processes.map(({ alice }) => alice.get())));
    rig.sandbox.tokens.void(token);
    for (const { alice } of processes) alice.reject(token);
    const tokens = await rig.finish(Promise.all(processes.map(({ alice }) => alice.get())));
    expect(new Set(tokens).size).toBe(1);
    expect(tokens[0]).not.toBe(token);
    expect(rig.grants()).toEqual(['password', 'refresh_token']);
  });

  it('give a caller a token that lives as long as asked for, though one that asked before was content with less', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    const stored = await one.alice.get();
    await rig.clock.advance(hour - 200_000);
    const [content, longer] = await Promise.all([other.alice.get(), other.alice.get({ minValidityMs: 300_000 })]);
    expect(content).toBe(stored);
    expect(longer).not.toBe(stored);
    expect(rig.grants()).toEqual(['password', 'refresh_token']);
  });

  it('leave each other in peace over different users', async () => {
    const rig = createRig({}, ['alice', 'bob']);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await rig.store.lease('any key', { ttlMs: hour });
    const [a, b] = await Promise.all([one.auth.user('alice').get(), other.auth.user('bob').get()]);
    expect(rig.sandbox.tokens.find(a)?.userId).toBe('alice');
    expect(rig.sandbox.tokens.find(b)?.userId).toBe('bob');
  });
});

describe.concurrent('A lease', () => {
  it('that another keeps for too long ends the waiting with LEASE_TIMEOUT, and nothing is sent', async () => {
    const rig = createRig();
    const { alice } = rig.start('one');
    await rig.store.lease(await keyOfAlice(), { ttlMs: hour });
    await expect(rig.finish(alice.get())).rejects.toMatchObject({ code: 'LEASE_TIMEOUT', retryable: true });
    expect(rig.requests).toEqual([]);
  });

  it('of a process that died is taken over when it ends', async () => {
    const rig = createRig();
    const { alice } = rig.start('one', { timeoutMs: 1000, storeTimeoutMs: 500 });
    await rig.store.lease(await keyOfAlice(), { ttlMs: 3000 });
    const before = rig.clock.monotonic();
    expect(await rig.finish(alice.get())).toBeTypeOf('string');
    expect(rig.clock.monotonic() - before).toBeGreaterThanOrEqual(3000);
    expect(rig.clock.monotonic() - before).toBeLessThanOrEqual(3500);
    expect(rig.grants()).toEqual(['password']);
  });

  it('is kept alive while credentials are read, though one renewal of it fails', async () => {
    const rig = createRig();
    let renewals = 0;
    rig.store.before = (call) => {
      if (call === 'renew' && ++renewals === 1) throw new Error('the store hiccups');
    };
    const slowly = async () => {
      await new Promise<void>((resolve) => void rig.clock.setTimeout(resolve, 25_000));
      return { password: 'password of alice' };
    };
    const [one, other] = [rig.start('one', { users: { credentials: slowly } }), rig.start('other')];
    const first = one.alice.get();
    await rig.clock.advance(10);
    const tokens = await rig.finish(Promise.all([first, other.alice.get()]));
    expect(new Set(tokens).size).toBe(1);
    expect(rig.grants()).toEqual(['password']);
  });

  it('that ended while the machine slept is not acted on', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other', { alone: true })];
    await one.alice.get();
    const session = one.alice.session() ?? {};
    await rig.clock.advance(hour + 1000);
    let slept = false;
    const { lease } = rig.store;
    rig.store.lease = async (key, options) => {
      const got = await lease(key, options);
      return got && { ...got, renew: async () => !slept && got.renew() };
    };
    let reads = 0;
    rig.store.after = async (call) => {
      if (call !== 'get' || ++reads !== 2) return;
      // Under the lease, just before the request. Meanwhile another process renews.
      slept = true;
      rig.clock.suspend(10 * minute);
      const alice = other.auth.user('alice', { session });
      await alice.get();
      await rig.store.write('user:alice', JSON.stringify(alice.session()));
    };
    expect(await rig.finish(one.alice.get())).toBe(other.alice.session()?.accessToken);
    expect(rig.requests.filter(({ refreshToken }) => refreshToken === session.refreshToken).map(({ from }) => from)).toEqual(['other']);
  });

  it('that was given too late is given back, not left to run out', async () => {
    const rig = createRig();
    const { alice } = rig.start('one');
    rig.store.before = async (call) => {
      if (call === 'lease') await new Promise<void>((resolve) => void rig.clock.setTimeout(resolve, 2500));
    };
    await expect(rig.finish(alice.get())).rejects.toMatchObject({ code: 'STORE' });
    rig.store.before = undefined;
    await rig.clock.advance(1000);
    expect(await rig.finish(alice.get(), 1000)).toBeTypeOf('string');
  });
});

describe.concurrent('A store that is down', () => {
  it('does not keep a client from its tokens', async () => {
    const rig = createRig();
    rig.store.down = true;
    const [one, other] = [rig.start('one'), rig.start('other')];
    expect(await one.auth.client.get()).toBe(await other.auth.client.get());
    expect(rig.grants()).toEqual(['client_credentials', 'client_credentials']);
    expect(one.count('storeError')).toBeGreaterThan(0);
  });

  it('leaves users what is in memory, then fails with STORE without a request; back up, the session goes on', async () => {
    const rig = createRig(rotating);
    const { alice } = rig.start('one');
    const token = await alice.get();
    rig.store.down = true;
    await rig.clock.advance(hour - 5000);
    expect(await alice.get()).toBe(token);
    await rig.clock.advance(10_000);
    await expect(alice.get()).rejects.toMatchObject({ code: 'STORE', retryable: true });
    expect(rig.grants()).toEqual(['password']);
    rig.store.down = false;
    await rig.clock.advance(minute);
    expect(await alice.get()).not.toBe(token);
    expect(rig.grants()).toEqual(['password', 'refresh_token']);
  });

  it('does not hold up the logout: it says STORE after the tokens were given back', async () => {
    const rig = createRig();
    const { alice, auth } = rig.start('one');
    await alice.get();
    await auth.client.get();
    rig.store.down = true;
    await expect(alice.logout()).rejects.toMatchObject({ code: 'STORE' });
    expect(rig.sandbox.tokens.list({ userId: 'alice' }).every((it) => it.void)).toBe(true);
  });

  it('tells nothing of what it said, which could hold a token', async () => {
    const rig = createRig();
    rig.store.before = () => {
      throw new Error('canary');
    };
    const { alice } = rig.start('one');
    const cause = await alice.get().catch((it: unknown) => it);
    expect(String(cause)).not.toContain('canary');
    expect((cause as Error).cause).toBeUndefined();
  });
});

describe.concurrent.each([undefined, {}, { value: undefined, version: null, now: '1774872000000' }])(
  'A store that answers %j',
  (answer) => {
    it('counts as down: without its time, the end of a token would be any', async () => {
      const rig = createRig();
      rig.store.get = async () => answer as never;
      const { alice, auth } = rig.start('one');
      await expect(alice.get()).rejects.toMatchObject({ code: 'STORE' });
      expect(await auth.client.get()).toBeTypeOf('string');
    });
  },
);

describe.concurrent('A slow store', () => {
  it('is waited for', async () => {
    const rig = createRig();
    rig.store.latencyMs = 900;
    const [one, other] = [rig.start('one'), rig.start('other')];
    const tokens = await rig.finish(Promise.all([one.alice.get(), other.alice.get()]));
    expect(new Set(tokens).size).toBe(1);
    expect(rig.grants()).toEqual(['password']);
  });

  it('counts as down where it takes longer than storeTimeoutMs', async () => {
    const rig = createRig();
    rig.store.latencyMs = 3000;
    const { alice, auth } = rig.start('one');
    await expect(rig.finish(alice.get(), 3000)).rejects.toMatchObject({ code: 'STORE' });
    expect(await rig.finish(auth.client.get(), 10_000)).toBeTypeOf('string');
    expect(rig.grants()).toEqual(['client_credentials']);
  });
});

describe.concurrent('What a store forgets', () => {
  it('is written again with the next renewal of a process that has it in memory', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other', { password: false })];
    await one.alice.get();
    await rig.store.flush();
    await expect(other.alice.get()).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
    await rig.clock.advance(hour);
    const token = await one.alice.get();
    expect(rig.grants()).toEqual(['password', 'refresh_token']);
    expect(await other.alice.get()).toBe(token);
  });
});

describe.concurrent('The session of a user whom nobody has seen for sessionTtlMs', () => {
  const day = 24 * hour;

  it('is forgotten by the store; each renewal keeps it for as long again', async () => {
    const rig = createRig(rotating);
    const { alice } = rig.start('one', { sessionTtlMs: 2 * day });
    for (let round = 0; round < 3; round++) {
      await alice.get();
      await rig.clock.advance(day);
    }
    expect(await rig.store.read('user:alice')).toHaveProperty('refreshToken');
    await rig.clock.advance(day);
    expect(await rig.store.read('user:alice')).toBeUndefined();
  });

  it('is kept as long as its access token lives, however short the time is', async () => {
    const rig = createRig(rotating);
    const { alice } = rig.start('one', { sessionTtlMs: 1000 });
    await alice.get();
    await rig.clock.advance(hour - 1000);
    expect(await rig.store.read('user:alice')).toHaveProperty('refreshToken');
  });

  it('is kept for ever unless that is set', async () => {
    const rig = createRig(rotating);
    await rig.start('one').alice.get();
    await rig.clock.advance(1000 * day);
    expect(await rig.store.read('user:alice')).toHaveProperty('refreshToken');
  });

  it.each([
    { sessionTtlMs: 0 },
    { sessionTtlMs: Number.NaN },
    { sessionTtlMs: Number.POSITIVE_INFINITY },
    { storeTimeoutMs: 0 },
    { storeTimeoutMs: 2 ** 31 },
  ])('refuses %j', (options) => {
    expect(() => createRig().start('one', options)).toThrow(`${Object.keys(options)[0]} must be milliseconds`);
  });
});

describe.concurrent('A write that fails after finAPI has given tokens', () => {
  it('costs nothing: what is in memory serves, and is written with the next renewal', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await rig.clock.advance(hour);
    rig.store.before = (call) => {
      if (call === 'set') throw new Error('the disk is full');
    };
    const token = await one.alice.get();
    expect(rig.sandbox.tokens.isValid(token)).toBe(true);
    rig.store.before = undefined;
    await rig.clock.advance(hour);
    const next = await one.alice.get();
    expect(await other.alice.get()).toBe(next);
    expect(rig.grants()).toEqual(['password', 'refresh_token', 'refresh_token']);
    expect(rig.requests.every(({ outcome }) => outcome === 200)).toBe(true);
  });

  it('and that had reached the store after all is no harm', async () => {
    const rig = createRig(rotating);
    const { alice } = rig.start('one');
    await alice.get();
    await rig.clock.advance(hour);
    rig.store.after = (call) => {
      if (call === 'set') throw new Error('the answer was lost');
    };
    await alice.get();
    rig.store.after = undefined;
    await rig.clock.advance(hour);
    await alice.get();
    expect(rig.grants()).toEqual(['password', 'refresh_token', 'refresh_token']);
    expect(rig.requests.every(({ outcome }) => outcome === 200)).toBe(true);
  });

  it('leaves other processes an outdated refresh token: they log in, and all go on with that', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await rig.clock.advance(hour);
    rig.store.before = (call) => {
      if (call === 'set') throw new Error('the disk is full');
    };
    await one.alice.get();
    rig.store.before = undefined;
    await rig.finish(other.alice.get());
    expect(rig.grants()).toEqual(['password', 'refresh_token', 'refresh_token', 'password']);
    await rig.clock.advance(hour);
    const tokens = await rig.finish(Promise.all([one.alice.get(), other.alice.get()]));
    expect(new Set(tokens).size).toBe(1);
    expect(rig.grants().slice(4)).toEqual(['refresh_token']);
  });

  it('does not cost the session when another process finds only the outdated refresh token', async () => {
    const rig = createRig(rotating);
    const [login, one, other] = [
      rig.start('login', { alone: true }),
      rig.start('one', { password: false }),
      rig.start('other', { password: false }),
    ];
    await login.alice.get();
    const alice = one.auth.user('alice', { session: login.alice.session() ?? {} });
    await alice.get({ force: true });
    await rig.clock.advance(hour);
    rig.store.before = (call) => {
      if (call === 'set') throw new Error('the disk is full');
    };
    await alice.get();
    rig.store.before = undefined;
    await expect(other.alice.get()).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
    await rig.clock.advance(hour);
    const token = await alice.get();
    await rig.clock.advance(minute);
    expect(await other.alice.get()).toBe(token);
  });
});

describe.concurrent('A refresh token that could not be written', () => {
  it('is not given up for the redeemed one that another process writes down again with what it was told', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await other.alice.get();
    await rig.clock.advance(hour);
    rig.store.before = (call) => {
      if (call === 'set') throw new Error('the disk is full');
    };
    await one.alice.get();
    rig.store.before = undefined;
    rig.sandbox.faults.add({ operationId: 'getToken', retryAfterS: 60 });
    await expect(other.alice.get()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await rig.clock.advance(hour);
    await one.alice.get();
    expect(rig.requests.filter(({ from }) => from === 'one').map(({ outcome }) => outcome)).toEqual([200, 200, 200]);
  });
});

describe.concurrent('A write that another process was faster with', () => {
  it('does not bring back the refresh token that was just redeemed', async () => {
    const rig = createRig(rotating);
    const { alice } = rig.start('one');
    await alice.get();
    const { refreshToken } = alice.session() ?? {};
    await rig.clock.advance(hour);
    let sets = 0;
    rig.store.before = async (call) => {
      // Another process drops the access token just before the new ones are written.
      if (call === 'set' && ++sets === 1) await rig.store.write('user:alice', JSON.stringify({ refreshToken }));
    };
    await alice.get();
    rig.store.before = undefined;
    expect(alice.session()?.refreshToken).not.toBe(refreshToken);
    expect((await rig.store.read('user:alice'))?.['refreshToken']).not.toBe(refreshToken);
    await rig.clock.advance(hour);
    await alice.get();
    expect(rig.grants()).toEqual(['password', 'refresh_token', 'refresh_token']);
    expect(rig.requests.every(({ outcome }) => outcome === 200)).toBe(true);
  });

  it('loses to tokens that the other has got', async () => {
    const rig = createRig();
    const { alice } = rig.start('one');
    await alice.get();
    await rig.clock.advance(hour);
    const theirs = { accessToken: 'theirs', expiresAt: rig.clock.now() + hour, refreshToken: 'their-refresh-token' };
    let sets = 0;
    rig.store.before = async (call) => {
      if (call === 'set' && ++sets === 1) await rig.store.write('user:alice', JSON.stringify(theirs));
    };
    expect(await alice.get()).toBe('theirs');
    expect(alice.session()).toMatchObject({ accessToken: 'theirs', refreshToken: 'their-refresh-token' });
    expect(await rig.store.read('user:alice')).toEqual(theirs);
  });
});

describe.concurrent('An answer that is asked for again, since its token was refused meanwhile', () => {
  it('is asked for with the refresh token that it brought', async () => {
    const rig = createRig();
    const redeemed: (string | null)[] = [];
    const fetch = async (_: string, init: RequestInit): Promise<Response> => {
      const count = redeemed.push(new URLSearchParams(String(init.body)).get('refresh_token'));
      await new Promise<void>((resolve) => void rig.clock.setTimeout(resolve, 100));
      const access_token = count < 3 ? 'refused' : 'new';
      return Response.json({ access_token, token_type: 'bearer', expires_in: 3600, refresh_token: `refresh-${count}` });
    };
    const { alice } = rig.start('one', { fetch });
    await rig.finish(alice.get());
    await rig.clock.advance(hour - 1000);
    await alice.get();
    await rig.clock.advance(50);
    alice.reject('refused');
    expect(await rig.finish(alice.get())).toBe('new');
    expect(redeemed).toEqual([null, 'refresh-1', 'refresh-2']);
  });
});

describe.concurrent('A session that one process has ended', () => {
  it('is not brought back by a renewal that another had under way, whose tokens are given back', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await other.alice.get();
    await one.auth.client.get();
    await rig.clock.advance(hour);
    await one.auth.client.get();
    rig.sandbox.faults.add({ operationId: 'getToken', grant: 'refresh_token', latencyMs: 3000, afterHandling: true });
    const late = other.alice.get();
    late.catch(() => {});
    await rig.clock.advance(1000);
    await rig.finish(one.alice.logout());
    await expect(rig.finish(late)).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await rig.store.read('user:alice')).toEqual({ ended: true });
    expect(rig.sandbox.tokens.list({ userId: 'alice' }).filter((it) => rig.sandbox.tokens.isValid(it.token))).toEqual([]);
  });

  it('is not brought back by a renewal of another that was still waiting for its turn', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await one.auth.client.get();
    await rig.clock.advance(hour);
    await one.auth.client.get();
    await rig.store.take('user:alice', 2000);
    const late = other.alice.get();
    late.catch(() => {});
    await rig.clock.advance(1000);
    await rig.finish(one.alice.logout());
    await expect(rig.finish(late)).rejects.toMatchObject({ code: 'CLOSED' });
    expect(await rig.store.read('user:alice')).toEqual({ ended: true });
    expect(await rig.finish(other.alice.get())).toBeTypeOf('string');
  });

  it('ends for the others as soon as their token is refused; whoever has credentials begins a new one', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other', { password: false })];
    await one.alice.get();
    const token = await other.alice.get();
    await rig.finish(one.alice.logout());
    other.alice.reject(token);
    await expect(rig.finish(other.alice.get())).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
    const anew = await rig.finish(one.auth.user('alice').get());
    await rig.clock.advance(minute);
    expect(await rig.finish(other.alice.get())).toBe(anew);
  });

  it('gives back what another process writes in between, too', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await rig.clock.advance(hour);
    let sets = 0;
    rig.store.before = async (call, key) => {
      if (call === 'set' && key.endsWith('user:alice') && ++sets === 1) await other.alice.get();
    };
    await rig.finish(one.alice.logout());
    expect(rig.sandbox.tokens.list({ userId: 'alice' }).filter((it) => rig.sandbox.tokens.isValid(it.token))).toEqual([]);
    expect(await rig.store.read('user:alice')).toEqual({ ended: true });
  });

  it('gives back what another process has renewed since, too', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await rig.clock.advance(hour);
    await other.alice.get();
    await rig.finish(one.alice.logout());
    expect(rig.sandbox.tokens.list({ userId: 'alice' }).filter((it) => rig.sandbox.tokens.isValid(it.token))).toEqual([]);
  });
});

describe.concurrent('A process that is disposed of in the middle of a renewal', () => {
  it('leaves the new refresh token to the others', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other', { password: false })];
    await one.alice.get();
    await rig.clock.advance(hour);
    rig.sandbox.faults.add({ operationId: 'getToken', grant: 'refresh_token', latencyMs: 500, afterHandling: true });
    const late = one.alice.get();
    late.catch(() => {});
    await rig.clock.advance(100);
    await one.auth[Symbol.asyncDispose]();
    await expect(rig.finish(late)).rejects.toMatchObject({ code: 'CLOSED' });
    expect(rig.sandbox.tokens.isValid(await rig.finish(other.alice.get()))).toBe(true);
    expect(rig.requests.map(({ outcome }) => outcome)).toEqual([200, 200, 200]);
  });
});

describe.concurrent('Revocation by a process whose memory is outdated', () => {
  it('of the access token leaves the refresh token that another has got since', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await rig.clock.advance(hour);
    await other.alice.get();
    const { refreshToken } = other.alice.session() ?? {};
    await rig.finish(one.alice.revoke({ which: 'access' }));
    expect((await rig.store.read('user:alice'))?.['refreshToken']).toBe(refreshToken);
    await rig.finish(one.alice.get());
    expect(rig.grants().filter((grant) => grant === 'password')).toHaveLength(1);
  });

  it('of the client gives back the token that others have, though it is not known here', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other')];
    const token = await one.auth.client.get();
    await rig.finish(other.auth.client.revoke());
    expect(rig.sandbox.tokens.isValid(token)).toBe(false);
    expect(one.auth.client.peek()).toBeUndefined();
  });

  it('of everything gives back what another has got since, too', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await rig.clock.advance(hour);
    await other.alice.get();
    await rig.finish(one.alice.revoke());
    expect(rig.sandbox.tokens.list({ userId: 'alice' }).filter((it) => rig.sandbox.tokens.isValid(it.token))).toEqual([]);
  });
});

describe.concurrent('What one process learns from a failure', () => {
  it('keeps the others from sending a refused password again; a changed one is sent once', async () => {
    const rig = createRig();
    rig.passwords.set('alice', 'wrong');
    const processes = ['one', 'two', 'three'].map((name) => rig.start(name));
    for (const { alice } of processes) await expect(rig.finish(alice.get())).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(rig.requests.map(({ password }) => password)).toEqual(['wrong']);
    rig.passwords.set('alice', 'password of alice');
    const tokens = await rig.finish(Promise.all(processes.map(({ alice }) => alice.get())));
    expect(new Set(tokens).size).toBe(1);
    expect(rig.requests.map(({ password }) => password)).toEqual(['wrong', 'password of alice']);
  });

  it('is not sent again where the store knows an older one alone, and takes no other', async () => {
    const rig = createRig();
    rig.passwords.set('alice', 'wrong');
    const one = rig.start('one');
    await expect(one.alice.get()).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
    rig.store.before = (call) => {
      if (call === 'set') throw new Error('the disk is full');
    };
    rig.passwords.set('alice', 'wrong as well');
    for (let call = 0; call < 5; call++) await expect(one.alice.get()).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(rig.requests.map(({ password }) => password)).toEqual(['wrong', 'wrong as well']);
  });

  it('keeps the others from asking before Retry-After has passed', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other')];
    rig.sandbox.faults.add({ operationId: 'getToken', retryAfterS: 60 });
    await expect(one.alice.get()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 60_000 });
    await rig.clock.advance(20_000);
    await expect(other.alice.get()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 40_000 });
    await expect(one.alice.get()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 40_000 });
    expect(rig.requests).toHaveLength(1);
    await rig.clock.advance(40_000);
    expect(await other.alice.get()).toBe(await one.alice.get());
    expect(rig.requests).toHaveLength(2);
  });

  it('is waited out once, however far the wall clock is set back', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other')];
    rig.sandbox.faults.add({ operationId: 'getToken', retryAfterS: 300 });
    await expect(one.alice.get()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    rig.clock.jump(-5 * minute + 1000);
    await expect(other.alice.get()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await rig.clock.advance(5 * minute);
    for (const { alice } of [one, other]) await expect(alice.get()).resolves.toBeTypeOf('string');
  });

  it('is believed for maxRetryAfterMs, however long Retry-After is', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one', { maxRetryAfterMs: 5 * minute }), rig.start('other', { maxRetryAfterMs: 5 * minute })];
    rig.sandbox.faults.add({ operationId: 'getToken', retryAfterS: 86_400 });
    await expect(one.alice.get()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await expect(other.alice.get()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await rig.clock.advance(5 * minute + 1000);
    await expect(one.alice.get()).resolves.toBeTypeOf('string');
    await expect(other.alice.get()).resolves.toBeTypeOf('string');
  });

  it('keeps the refresh token through failures that say nothing of it', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    const { refreshToken } = one.alice.session() ?? {};
    await rig.clock.advance(hour);
    rig.sandbox.faults.add({ operationId: 'getToken', status: 503, retryAfterS: 10 });
    await expect(one.alice.get()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await rig.store.read('user:alice')).toMatchObject({ refreshToken });
    await rig.clock.advance(11_000);
    await other.alice.get();
    expect(rig.grants()).toEqual(['password', 'refresh_token', 'refresh_token']);
  });
});

describe.concurrent('A note on how long to wait', () => {
  it('leaves others the token of the client that is still good', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other')];
    const token = await one.auth.client.get();
    await rig.clock.advance(minute);
    rig.sandbox.faults.add({ operationId: 'getToken', status: 503, retryAfterS: 30 });
    await expect(one.auth.client.get({ force: true })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(await other.auth.client.get()).toBe(token);
  });

  it('leaves the mark of a session that was ended: who has its refresh token does not go on with it', async () => {
    const rig = createRig(rotating);
    const [one, other, third] = [rig.start('one'), rig.start('other'), rig.start('third', { password: false })];
    await one.alice.get();
    await third.alice.get();
    await one.auth.client.get();
    rig.sandbox.faults.add({ operationId: 'revokeToken', status: 503, times: 2 });
    await expect(one.alice.logout()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    rig.sandbox.faults.add({ operationId: 'getToken', status: 503, retryAfterS: 3 });
    await expect(other.alice.get()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await rig.clock.advance(4000);
    await expect(third.alice.get()).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
  });
});

describe.concurrent('A lock that is found at a refresh', () => {
  it('is told of, though the credentials cannot be read', async () => {
    const rig = createRig();
    let down = false;
    const credentials = async () => {
      if (down) throw new Error('the vault is down');
      return { password: 'password of alice' };
    };
    const { alice } = rig.start('one', { users: { credentials } });
    await alice.get();
    await rig.clock.advance(hour);
    down = true;
    rig.sandbox.faults.add({ operationId: 'getToken', status: 423 });
    await expect(alice.get()).rejects.toMatchObject({ code: 'USER_LOCKED' });
  });
});

describe.concurrent.each([5 * minute, -5 * minute])('A process whose clock is off by %i ms', (aheadMs) => {
  it('adopts, and is adopted from, and hands out no token that has ended', async () => {
    const rig = createRig(rotating);
    const [right, wrong] = [rig.start('right'), rig.start('wrong', { aheadMs })];
    expect(await wrong.alice.get()).toBe(await right.alice.get());
    for (let round = 0; round < 12 * 5; round++) {
      await rig.clock.advance(minute);
      for (const { alice } of [right, wrong]) expect(rig.sandbox.tokens.isValid(await rig.finish(alice.get()))).toBe(true);
    }
    expect(rig.grants()).toEqual(['password', 'refresh_token']);
  });

  it('waits for Retry-After as long as the others', async () => {
    const rig = createRig();
    const [right, wrong] = [rig.start('right'), rig.start('wrong', { aheadMs })];
    rig.sandbox.faults.add({ operationId: 'getToken', retryAfterS: 60 });
    await expect(right.alice.get()).rejects.toMatchObject({ code: 'RATE_LIMITED' });
    await expect(wrong.alice.get()).rejects.toMatchObject({ code: 'RATE_LIMITED', retryAfterMs: 60_000 });
    await rig.clock.advance(minute);
    await expect(rig.finish(wrong.alice.get())).resolves.toBeTypeOf('string');
    expect(rig.requests).toHaveLength(2);
  });
});

describe.concurrent('A token that the store knows to end', () => {
  it('is not taken for one that never does when finAPI rounds what it has left to 0', async () => {
    const rig = createRig();
    const rounded = async (url: string, init: RequestInit): Promise<Response> => {
      const answer = (await (await rig.sandbox.fetch(url, init)).json()) as object;
      return Response.json({ ...answer, expires_in: 0 });
    };
    const [one, other] = [rig.start('one'), rig.start('other', { fetch: rounded })];
    await one.auth.client.get();
    await rig.clock.advance(hour - 400);
    await expect(other.auth.client.get({ minValidityMs: 5000 })).rejects.toMatchObject({ code: 'SHORT_LIVED' });
    await rig.clock.advance(2000);
    expect(rig.sandbox.tokens.isValid(await rig.start('third').auth.client.get())).toBe(true);
  });
});

describe.concurrent('A store whose clock is set back', () => {
  it('brings no process a token again whose end it has seen', async () => {
    const rig = createRig(rotating);
    const { alice } = rig.start('one');
    await alice.get();
    await rig.clock.advance(hour + 1000);
    const { get } = rig.store;
    rig.store.get = async (key) => {
      const stored = await get(key);
      return { ...stored, now: stored.now - hour };
    };
    expect(rig.sandbox.tokens.isValid(await alice.get())).toBe(true);
    expect(rig.grants()).toEqual(['password', 'refresh_token']);
  });
});

describe.concurrent('A process that lost the lease', () => {
  it('does not write over what the next owner is about to renew; what it got serves it alone, until it adopts', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await rig.clock.advance(hour);
    let taken: Lease | undefined;
    rig.store.before = async (call) => {
      // It stood still until its lease had ended; another has it by now.
      if (call === 'set') taken ??= await loseLease(rig);
    };
    const late = await one.alice.get();
    expect(rig.sandbox.tokens.isValid(late)).toBe(true);
    expect((await rig.store.read('user:alice'))?.['accessToken']).not.toBe(late);
    await taken?.release();
    // finAPI gives the same token again to whoever logs in.
    expect(await rig.finish(other.alice.get())).toBe(late);
    await rig.clock.advance(hour);
    const tokens = await rig.finish(Promise.all([one.alice.get(), other.alice.get()]));
    expect(new Set(tokens).size).toBe(1);
    expect(rig.grants()).toEqual(['password', 'refresh_token', 'refresh_token', 'password', 'refresh_token']);
  });

  it('sends nothing where it finds out before the request, as while it read the password', async () => {
    const rig = createRig(rotating);
    const other = rig.start('other');
    const one = rig.start('one', {
      users: {
        credentials: async () => {
          const { release } = await loseLease(rig);
          rig.clock.suspend(10 * minute);
          await release();
          await rig.finish(other.alice.get());
          return { password: 'password of alice' };
        },
      },
    });
    expect(await rig.finish(one.alice.get())).toBe(await other.alice.get());
    expect(rig.requests.map(({ from }) => from)).toEqual(['other']);
  });
});

describe.concurrent('A store that tells of changes', () => {
  it.each(['logout', 'revoke'] as const)('drops the token of all processes at a %s, at once', async (call) => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other', { password: false })];
    await one.alice.get();
    await other.alice.get();
    await rig.finish(one.alice[call]());
    expect(other.alice.peek()).toBeUndefined();
    expect(other.count('notified')).toBe(1);
    await expect(rig.finish(other.alice.get())).rejects.toMatchObject({ code: 'SESSION_EXPIRED' });
  });

  it('drops the token of the client that another process has given back', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.auth.client.get();
    await other.auth.client.get();
    await rig.finish(one.auth.client.revoke());
    expect(other.auth.client.peek()).toBeUndefined();
    expect(rig.sandbox.tokens.isValid(await rig.finish(other.auth.client.get()))).toBe(true);
  });

  it('is not asked for renewals, nor for users of others', async () => {
    const rig = createRig({}, ['alice', 'bob']);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    const bob = other.auth.user('bob');
    await bob.get();
    await one.alice.get({ force: true });
    await rig.finish(one.alice.logout());
    expect(bob.peek()).toBeTypeOf('string');
    expect(other.count('notified')).toBe(0);
  });

  it('is left alone once the tokens are disposed of', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await other.alice.get();
    await other.auth[Symbol.asyncDispose]();
    await rig.finish(one.alice.logout());
    expect(other.count('notified')).toBe(0);
  });

  it('and cannot be watched costs only that', async () => {
    const rig = createRig();
    rig.store.watch = () => Promise.reject(new Error('no connection'));
    const one = rig.start('one');
    expect(await one.alice.get()).toBeTypeOf('string');
    expect(one.count('storeError')).toBe(1);
    await one.auth[Symbol.asyncDispose]();
  });
});

describe.concurrent('A store that is watched', () => {
  it('and throws at once costs only that', async () => {
    const rig = createRig();
    rig.store.watch = () => {
      throw new Error('no connection');
    };
    const one = rig.start('one');
    expect(await one.alice.get()).toBeTypeOf('string');
    expect(one.count('storeError')).toBe(1);
  });

  it('may tell of keys that nobody writes', async () => {
    const rig = createRig();
    const one = rig.start('one');
    await one.alice.get();
    const odd = rig.store.keyOf('user:alice').replace('alice', '%');
    expect(await rig.store.set(odd, '{}', { notify: true })).toBeTypeOf('string');
    expect(one.count('notified')).toBe(0);
  });
});

describe.concurrent('A note on what finAPI said', () => {
  it('is no end of the session of a process that knows newer tokens than the store', async () => {
    const rig = createRig(rotating);
    const [one, other] = [rig.start('one'), rig.start('other')];
    await one.alice.get();
    await rig.store.flush();
    rig.passwords.set('alice', 'wrong');
    await expect(rig.finish(other.alice.get())).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
    await rig.clock.advance(hour);
    await expect(rig.finish(one.alice.get())).resolves.toBeTypeOf('string');
    expect(rig.grants()).toEqual(['password', 'password', 'refresh_token']);
  });

  it('on a refused password outlives the logout', async () => {
    const rig = createRig();
    const [one, other] = [rig.start('one'), rig.start('other')];
    rig.passwords.set('alice', 'wrong');
    await expect(rig.finish(one.alice.get())).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
    await rig.finish(one.alice.logout());
    await expect(rig.finish(other.alice.get())).rejects.toMatchObject({ code: 'INVALID_CREDENTIALS' });
    expect(rig.grants()).toEqual(['password']);
  });
});

describe.concurrent.each([
  ['no JSON', '{"accessToken":'],
  ['a list', '[]'],
  ['a text', '"text"'],
  ['null', 'null'],
  ['empty', ''],
  ['an access token that is a number', '{"accessToken":5,"expiresAt":null}'],
  ['an access token that no header takes', JSON.stringify({ accessToken: 'a\r\nb', expiresAt: null })],
  ['an access token without an end', '{"accessToken":"a"}'],
  ['an end that is a text', '{"accessToken":"a","expiresAt":"never"}'],
  ['a refresh token that is a number', '{"refreshToken":7}'],
  ['an empty refresh token', '{"refreshToken":""}'],
  ['a refusal that is a text', '{"refused":"yes"}'],
  ['a wait that never ends', '{"failure":{"code":"RATE_LIMITED","until":1e300}}'],
  ['a wait that is null', '{"failure":null}'],
  ['a wait without a code', '{"failure":{"until":1774872030000}}'],
  ['a refusal without a code', '{"refused":[{"digest":"a"}]}'],
  ['members of Object.prototype', '{"__proto__":{"accessToken":"a"},"constructor":1}'],
])('A stored value that is corrupt: %s', (_, value) => {
  it('is written over with the next login', async () => {
    const rig = createRig();
    const { alice } = rig.start('one');
    await rig.store.get(await keyOfAlice());
    await rig.store.write('user:alice', value);
    const token = await rig.finish(alice.get());
    expect(rig.sandbox.tokens.isValid(token)).toBe(true);
    expect(await rig.store.read('user:alice')).toMatchObject({ accessToken: token });
  });
});

/** Somebody else has the lease of alice by now, and gives it back when told to. */
async function loseLease(rig: Rig): Promise<Lease> {
  await rig.store.expire('user:alice');
  const lease = await rig.store.lease(rig.store.keyOf('user:alice'), { ttlMs: hour });
  if (lease === undefined) throw new Error('the lease is taken');
  return lease;
}

/** The key under which a user is stored, as a process of its own uses it. */
async function keyOfAlice(): Promise<string> {
  const rig = createRig();
  await rig.start('any').alice.get();
  return rig.store.keyOf('user:alice');
}
