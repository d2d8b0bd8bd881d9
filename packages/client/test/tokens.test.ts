// Which token a call carries, where it comes from, and what happens when finAPI refuses it.
import { describe, expect, it, vi } from 'vitest';
import { createAccessV1 } from '../src/generated/access-v1/index.js';
import { type Credential, FinapiError, type TokenSource } from '../src/index.js';
import {
  adminToken,
  at,
  baseUrl,
  clientOf,
  clientToken,
  deferred,
  failureOf,
  json,
  only,
  recorder,
  rejectionOf,
  type Sent,
  settled,
  userOf,
  userToken,
} from './support.js';

const bearer = ({ headers }: Sent): string | undefined => headers['authorization'];
const bearers = (calls: { readonly sent: readonly Sent[] }): readonly (string | undefined)[] => calls.sent.map(bearer);
const stale = () => json(401, { error: 'invalid_token', error_description: 'Invalid access token: old' });

/** Answers 401 to every token but the good one. */
const onlyFor =
  (good: string) =>
  (request: Sent): Response =>
    bearer(request) === `Bearer ${good}` ? json(200, { id: 1 }) : stale();

/** A source that holds `old` until it is told that it was refused; then it gives what `next` says. */
function source(next: () => string | Promise<string> = () => 'new') {
  let current: string | undefined = 'old';
  const told: string[] = [];
  return {
    identity: 'user' as const,
    told,
    peek: vi.fn(() => current),
    get: vi.fn(async (_options?: { readonly signal?: AbortSignal }) => (current ??= await next())),
    reject: vi.fn((token: string) => {
      told.push(token);
      if (token === current) current = undefined;
    }),
  };
}

describe('a plain token', () => {
  it('is sent as it is, on every call', async () => {
    const calls = recorder();
    const { accounts } = userOf(calls);
    await accounts.getAccount({ id: 1 });
    await accounts.getAccount({ id: 2 });
    expect(bearers(calls)).toEqual(Array(2).fill(`Bearer ${userToken.token}`));
  });

  it('is read when a call is made, so that one put in its place is used', async () => {
    const calls = recorder();
    const holder = { identity: 'user' as const, token: 'first' };
    const { accounts } = userOf(calls, {}, holder);
    await accounts.getAccount({ id: 1 });
    holder.token = 'second';
    await accounts.getAccount({ id: 1 });
    expect(bearers(calls)).toEqual(['Bearer first', 'Bearer second']);
  });

  it('is sent once where it is refused, and the 401 comes out', async () => {
    const calls = recorder(stale());
    const error = await failureOf(userOf(calls).accounts.getAccount({ id: 1 }), FinapiError);
    expect({ code: error.code, requests: calls.sent.length }).toEqual({ code: 'UNAUTHORIZED', requests: 1 });
  });

  it('may have every character that a token has, and thousands of them', async () => {
    for (const token of ['abc.DEF-123_~+/==', '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~', 'x'.repeat(8192)]) {
      const calls = recorder();
      await userOf(calls, {}, { identity: 'user', token }).accounts.getAccount({ id: 1 });
      expect(only(bearers(calls))).toBe(`Bearer ${token}`);
    }
  });
});

describe('a source of tokens', () => {
  it('is not waited for where its token is at hand', async () => {
    const calls = recorder();
    const user = source();
    await userOf(calls, {}, user).accounts.getAccount({ id: 1 });
    expect(only(bearers(calls))).toBe('Bearer old');
    expect(user.get).not.toHaveBeenCalled();
  });

  it('is waited for where none is at hand', async () => {
    const calls = recorder();
    const user = { identity: 'user' as const, peek: () => undefined, get: async () => 'fetched' };
    await userOf(calls, {}, user).accounts.getAccount({ id: 1 });
    expect(only(bearers(calls))).toBe('Bearer fetched');
  });

  it('need not have its token at hand at all', async () => {
    const calls = recorder();
    const get = vi.fn(async () => 'fetched');
    await userOf(calls, {}, { identity: 'user', get }).accounts.getAccount({ id: 1 });
    expect(only(bearers(calls))).toBe('Bearer fetched');
    expect(get).toHaveBeenCalledTimes(1);
  });

  it('is called as the object that it is', async () => {
    class Source implements TokenSource<'user'> {
      readonly identity = 'user';
      #current = 'old';
      peek(): string {
        return this.#current;
      }
      async get(): Promise<string> {
        return this.#current;
      }
      reject(): void {
        this.#current = 'new';
      }
    }
    const calls = recorder(onlyFor('new'));
    expect(await userOf(calls, {}, new Source()).accounts.getAccount({ id: 1 })).toEqual({ id: 1 });
    expect(bearers(calls)).toEqual(['Bearer old', 'Bearer new']);
  });

  it('gets the signal of the caller, and none where there is none', async () => {
    const get = vi.fn(async (_options?: { readonly signal?: AbortSignal }) => 'fetched');
    const { accounts } = userOf(recorder(), {}, { identity: 'user', get });
    const { signal } = new AbortController();
    await accounts.getAccount({ id: 1 }, { signal });
    await accounts.getAccount({ id: 1 });
    expect(get.mock.calls.map(([options]) => options?.signal)).toEqual([signal, undefined]);
  });

  it('that fails fails the call with its own error, and nothing is sent', async () => {
    const calls = recorder();
    const error = new Error('no token today');
    expect(
      await rejectionOf(userOf(calls, {}, { identity: 'user', get: () => Promise.reject(error) }).accounts.getAccount({ id: 1 })),
    ).toBe(error);
    expect(calls.sent).toEqual([]);
  });

  it('is not asked for an operation that takes no token', async () => {
    const get = vi.fn(async () => 'fetched');
    const calls = recorder();
    await clientOf(calls, { auth: { client: { identity: 'client', get } } }).authorization.getToken({
      grant_type: 'client_credentials',
      client_id: 'i',
      client_secret: 's',
    });
    expect(get).not.toHaveBeenCalled();
  });

  it('is not asked where the caller gives the header', async () => {
    const get = vi.fn(async () => 'fetched');
    await userOf(recorder(), {}, { identity: 'user', get }).accounts.getAccount({ id: 1 }, { headers: { Authorization: 'Bearer mine' } });
    expect(get).not.toHaveBeenCalled();
  });

  it('is not asked for a call that cannot be made', async () => {
    const get = vi.fn(async () => 'fetched');
    await rejectionOf(userOf(recorder(), {}, { identity: 'user', get }).accounts.getAccount({ id: Number.NaN }));
    expect(get).not.toHaveBeenCalled();
  });

  it.each([
    ['before it is asked', true],
    ['while it hangs', false],
  ])('is left where the caller aborts %s', async (_, before) => {
    const calls = recorder();
    const controller = new AbortController();
    if (before) controller.abort('enough');
    const rejected = rejectionOf(
      userOf(calls, {}, { identity: 'user', get: () => new Promise(() => {}) }).accounts.getAccount(
        { id: 1 },
        { signal: controller.signal },
      ),
    );
    await settled();
    controller.abort('enough');
    expect(await rejected).toBe('enough');
    expect(calls.sent).toEqual([]);
  });

  it('that fails after the caller has left is heard by nobody, and breaks nothing', async () => {
    const { promise, reject } = deferred<string>();
    const controller = new AbortController();
    const rejected = rejectionOf(
      userOf(recorder(), {}, { identity: 'user', get: () => promise }).accounts.getAccount({ id: 1 }, { signal: controller.signal }),
    );
    await settled();
    controller.abort('enough');
    expect(await rejected).toBe('enough');
    reject(new Error('late'));
    await settled();
  });

  it('whose token comes at the moment of the abort does not send the call', async () => {
    // signal that is aborted already never fires. Check signal.aborted behind askForToken or at the top of attemptOnce.
    const calls = recorder();
    const { promise, resolve } = deferred<string>();
    const controller = new AbortController();
    const call = userOf(calls, {}, { identity: 'user', get: () => promise }).accounts.getAccount({ id: 1 }, { signal: controller.signal });
    await settled();
    resolve('fetched');
    promise.then(() => controller.abort('enough'));
    expect(await rejectionOf(call)).toBe('enough');
    expect(calls.sent).toEqual([]);
  });
});

describe('after a 401', () => {
  it.each(['GET', 'POST', 'PATCH', 'DELETE'])('a %s is repeated once with a new token of the source', async (method) => {
    const calls = recorder(onlyFor('new'));
    const user = source();
    const { accounts, labels } = userOf(calls, { retry: false }, user);
    if (method === 'GET') await accounts.getAccount({ id: 1 });
    else if (method === 'POST') await labels.createLabel({ name: 'x' });
    else if (method === 'PATCH') await accounts.editAccount({ id: 1, accountName: 'x' });
    else await accounts.deleteAccount({ id: 1 });
    expect(bearers(calls)).toEqual(['Bearer old', 'Bearer new']);
    expect(calls.sent.map((it) => it.method)).toEqual([method, method]);
    expect(user.told).toEqual(['old']);
  });

  it('the repeated call is the same but for its bearer', async () => {
    const calls = recorder(onlyFor('new'));
    await userOf(calls, {}, source()).labels.createLabel({ name: 'x' });
    const [first, second] = calls.sent.map(({ url, body, headers: { authorization: _, ...headers } }) => ({
      url: url.href,
      body,
      headers,
    }));
    expect(second).toEqual(first);
    expect(first?.body).toBe('{"name":"x"}');
  });

  it('the source is told before it is asked again', async () => {
    const order: string[] = [];
    let current = 'old';
    const user: TokenSource<'user'> = {
      identity: 'user',
      get: async () => {
        order.push('get');
        return current;
      },
      reject: async (token) => {
        order.push(`reject ${token}`);
        await settled();
        current = 'new';
        order.push('rejected');
      },
    };
    await userOf(recorder(onlyFor('new')), {}, user).accounts.getAccount({ id: 1 });
    expect(order.slice(0, 4)).toEqual(['get', 'reject old', 'rejected', 'get']);
  });

  it("the client's and the admin client's sources renew as those of users do", async () => {
    for (const identity of ['client', 'admin'] as const) {
      const calls = recorder(onlyFor('new'));
      const finapi = clientOf(calls, { auth: { [identity]: { ...source(), identity } } });
      await (identity === 'client'
        ? finapi.clientConfiguration.getClientConfiguration()
        : finapi.admin.mandatorAdministration.getUserList());
      expect(bearers(calls)).toEqual(['Bearer old', 'Bearer new']);
    }
  });

  it('with the same token again it comes out, after one request', async () => {
    const calls = recorder(stale());
    const get = vi.fn(async () => 'old');
    const reject = vi.fn();
    const error = await failureOf(userOf(calls, {}, { identity: 'user', get, reject }).accounts.getAccount({ id: 1 }), FinapiError);
    expect({ code: error.code, requests: calls.sent.length, rejected: reject.mock.calls }).toEqual({
      code: 'UNAUTHORIZED',
      requests: 1,
      rejected: [['old']],
    });
  });

  it('with another 401 for the new token it comes out, after two requests', async () => {
    const calls = recorder(stale());
    let tokens = 0;
    const user = { identity: 'user' as const, get: async () => `token-${tokens}`, reject: vi.fn(() => void tokens++) };
    const error = await failureOf(userOf(calls, {}, user).accounts.getAccount({ id: 1 }), FinapiError);
    expect({ code: error.code, sent: bearers(calls), told: user.reject.mock.calls }).toEqual({
      code: 'UNAUTHORIZED',
      sent: ['Bearer token-0', 'Bearer token-1'],
      told: [['token-0']],
    });
  });

  it('a source that cannot be told is not asked again', async () => {
    const calls = recorder(stale());
    const get = vi.fn(async () => 'old');
    expect((await failureOf(userOf(calls, {}, { identity: 'user', get }).accounts.getAccount({ id: 1 }), FinapiError)).code).toBe(
      'UNAUTHORIZED',
    );
    expect({ requests: calls.sent.length, asked: get.mock.calls.length }).toEqual({ requests: 1, asked: 1 });
  });

  it('of an operation without a token no source is told', async () => {
    const user = { ...source(), identity: 'client' as const };
    const calls = recorder(json(401, { error: 'invalid_client', error_description: 'x' }));
    await rejectionOf(
      clientOf(calls, { auth: { client: user } }).authorization.getToken({
        grant_type: 'client_credentials',
        client_id: 'i',
        client_secret: 's',
      }),
    );
    expect({ told: user.told, requests: calls.sent.length }).toEqual({ told: [], requests: 1 });
  });

  it('to a header of the caller no source is told', async () => {
    const user = source();
    const calls = recorder(stale());
    await rejectionOf(userOf(calls, {}, user).accounts.getAccount({ id: 1 }, { headers: { authorization: 'Bearer mine' } }));
    expect({ told: user.told, requests: calls.sent.length }).toEqual({ told: [], requests: 1 });
  });

  it('a source that fails to renew fails the call with its own error', async () => {
    const calls = recorder(stale());
    const error = new Error('locked out');
    const user = source(() => Promise.reject(error));
    expect(await rejectionOf(userOf(calls, {}, user).accounts.getAccount({ id: 1 }))).toBe(error);
    expect(calls.sent).toHaveLength(1);
  });

  it('a renewal is no attempt, so that retries are left', async () => {
    const calls = recorder(stale(), json(429, {}, { 'retry-after': '0' }), json(429, {}, { 'retry-after': '0' }), json(200, { id: 1 }));
    expect(await userOf(calls, { retry: { attempts: 3 } }, source()).accounts.getAccount({ id: 1 })).toEqual({ id: 1 });
    expect(bearers(calls)).toEqual(['Bearer old', 'Bearer new', 'Bearer new', 'Bearer new']);
  });

  it('an abort while the source renews ends the call', async () => {
    const calls = recorder(stale());
    const controller = new AbortController();
    const user = source(() => new Promise(() => {}));
    const rejected = rejectionOf(userOf(calls, {}, user).accounts.getAccount({ id: 1 }, { signal: controller.signal }));
    await vi.waitFor(() => expect(user.get).toHaveBeenCalled());
    controller.abort('enough');
    expect(await rejected).toBe('enough');
    expect(calls.sent).toHaveLength(1);
  });

  it('an abort while the source is being told ends the call', async () => {
    // it, which listens to a signal that is aborted already: a hanging source then holds the call for ever.
    const calls = recorder(stale());
    const controller = new AbortController();
    const reject = vi.fn(() => new Promise<void>(() => {}));
    let ended: unknown;
    userOf(calls, {}, { identity: 'user', peek: () => 'old', get: () => new Promise(() => {}), reject })
      .accounts.getAccount({ id: 1 }, { signal: controller.signal })
      .catch((reason: unknown) => {
        ended = reason;
      });
    await vi.waitFor(() => expect(reject).toHaveBeenCalled());
    controller.abort('enough');
    await settled();
    expect(ended).toBe('enough');
  });

  it.each([400, 403, 404, 423, 500])('and nothing like it, a %i never renews', async (status) => {
    const calls = recorder(json(status, {}));
    const user = source();
    const error = await failureOf(userOf(calls, {}, user).accounts.editAccount({ id: 1 }), FinapiError);
    expect({ status: error.status, told: user.told, requests: calls.sent.length }).toEqual({ status, told: [], requests: 1 });
  });

  it('50 calls in flight all succeed with the token of one renewal', async () => {
    const calls = recorder(onlyFor('new'));
    let renewals = 0;
    let current: string | undefined = 'old';
    let pending: Promise<string> | undefined;
    const renew = async (): Promise<string> => {
      renewals++;
      await settled();
      pending = undefined;
      current = 'new';
      return current;
    };
    const user: TokenSource<'user'> = {
      identity: 'user',
      peek: () => current,
      get: () => {
        if (current !== undefined) return Promise.resolve(current);
        pending ??= renew();
        return pending;
      },
      reject: (token) => {
        if (token === current) current = undefined;
      },
    };
    const { accounts } = userOf(calls, { retry: false }, user);
    const values = await Promise.all(
      Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? accounts.getAccount({ id: i + 1 }) : accounts.editAccount({ id: i + 1 }))),
    );
    expect(values).toEqual(Array(50).fill({ id: 1 }));
    expect(renewals).toBe(1);
    const sent = bearers(calls);
    expect([sent.filter((it) => it === 'Bearer old').length, sent.filter((it) => it === 'Bearer new').length]).toEqual([50, 50]);
  });

  it('a call that comes later uses the new token at once', async () => {
    const calls = recorder(onlyFor('new'));
    const { accounts } = userOf(calls, {}, source());
    await accounts.getAccount({ id: 1 });
    await accounts.getAccount({ id: 1 });
    expect(bearers(calls)).toEqual(['Bearer old', 'Bearer new', 'Bearer new']);
  });
});

describe('without a token', () => {
  it('an operation of the client is refused with the way out, and nothing is sent', async () => {
    const calls = recorder();
    const error = await failureOf(
      createAccessV1({ baseUrl, fetch: calls.fetch }).clientConfiguration.getClientConfiguration(),
      FinapiError,
    );
    expect({ code: error.code, operationId: error.operationId, status: error.status }).toEqual({
      code: 'MISSING_TOKEN',
      operationId: 'getClientConfiguration',
      status: undefined,
    });
    expect(error.message).toContain('auth.client');
    expect(calls.sent).toEqual([]);
  });

  it('an operation of the admin client is refused with the way out, and nothing is sent', async () => {
    const calls = recorder();
    const error = await failureOf(
      clientOf(calls, { auth: { client: clientToken } }).admin.mandatorAdministration.getUserList(),
      FinapiError,
    );
    expect(error.code).toBe('MISSING_TOKEN');
    expect(error.message).toContain('auth.admin');
    expect(calls.sent).toEqual([]);
  });

  it('the banks name a client token first', async () => {
    const error = await failureOf(createAccessV1({ baseUrl }).banks.getBank({ id: 1 }), FinapiError);
    expect(error.message).toMatch(/client or the user.*auth\.client/);
  });

  it.each([
    ['empty', ''],
    ['a blank', ' '],
    ['with a line break', 'canary\r\nX-Evil: 1'],
    ['with a blank in it', 'canary two'],
    ['with letters that no token has', 'canaryé'],
    ['undefined', undefined],
    ['null', null],
    ['a number', 815],
    ['an object', { token: 'canary' }],
  ])('worth the name, one that is %s, a call is refused without showing it, from a plain token and from a source', async (_, token) => {
    for (const user of [
      { identity: 'user', token },
      { identity: 'user', get: async () => token },
      { identity: 'user', peek: () => token, get: async () => token },
    ] as unknown as readonly Credential<'user'>[]) {
      const calls = recorder();
      const error = await failureOf(userOf(calls, {}, user).accounts.getAccount({ id: 1 }), FinapiError);
      expect(error.code).toBe('MISSING_TOKEN');
      expect(error.message).toContain('user');
      expect(`${error.message}${error.stack}`).not.toMatch(/canary/);
      expect(calls.sent).toEqual([]);
    }
  });

  it('worth the name after a good one, a call is refused all the same', async () => {
    const calls = recorder();
    const holder = { identity: 'user' as const, token: 'good' };
    const { accounts } = userOf(calls, {}, holder);
    await accounts.getAccount({ id: 1 });
    holder.token = 'bad\n';
    expect((await failureOf(accounts.getAccount({ id: 1 }), FinapiError)).code).toBe('MISSING_TOKEN');
    expect(calls.sent).toHaveLength(1);
  });
});

describe('the wrong identity', () => {
  const thrown = (act: () => unknown): FinapiError => {
    try {
      act();
    } catch (error) {
      if (error instanceof FinapiError) return error;
    }
    throw new Error('expected an error of ours');
  };

  it.each<[string, object]>([
    ['the client', clientToken],
    ['the admin client', adminToken],
    ['nobody', { identity: 'nobody', token: 'x' }],
    ['a text', {}],
  ])('of %s in as() is refused, naming what is expected', (_, credential) => {
    const error = thrown(() => clientOf(recorder()).as(credential as typeof userToken));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain('user');
  });

  it.each(['client', 'admin'] as const)('in auth.%s is refused when the client is made', (name) => {
    const error = thrown(() => createAccessV1({ baseUrl, auth: { [name]: userToken } }));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toMatch(new RegExp(`${name}.*user`));
    expect(error.message).not.toContain(userToken.token);
  });

  it.each([undefined, null, 'token-of-alice', 5])('in as(%j) is refused, and the message shows what it takes', (user) => {
    const error = thrown(() => clientOf(recorder()).as(user as unknown as typeof userToken));
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain("{ identity: 'user', token }");
    expect(error.message).not.toContain('token-of-alice');
  });
});

describe('as(user)', () => {
  it('gives an object that serves any number of calls', async () => {
    const calls = recorder();
    const alice = userOf(calls);
    for (let i = 0; i < 3; i++) await alice.accounts.getAccount({ id: 1 });
    expect(bearers(calls)).toEqual(Array(3).fill(`Bearer ${userToken.token}`));
  });

  it('can be taken off the client', async () => {
    const calls = recorder();
    const { as } = clientOf(calls);
    await as(userToken).accounts.getAccount({ id: 1 });
    expect(bearer(at(calls.sent, 0))).toBe(`Bearer ${userToken.token}`);
  });
});
