import { inspect } from 'node:util';
import { createAccessV1 } from '@finapi-ts/client/access-v1';
import { describe, expect, it } from 'vitest';
import { createSandbox } from '../src/index.js';
import { password, secret, stage } from './support.js';

describe('the sandbox', () => {
  it('serves the client through fetch', async () => {
    const { sandbox, clientToken, login } = stage();
    const auth = { client: { identity: 'client', token: await clientToken() } } as const;
    const finapi = createAccessV1({ baseUrl: sandbox.baseUrl, fetch: sandbox.fetch, auth });
    const alice = finapi.as({ identity: 'user', token: (await login()).access_token });
    const ids: number[] = [];
    for await (const { id } of alice.transactions.getAndSearchAllTransactions({ view: 'userView', perPage: 2 })) ids.push(id);
    expect(new Set(ids).size).toBe(3);
    expect((await alice.users.getAuthorizedUser()).id).toBe('Alice');
  });

  it('takes a URL and a Request as well', async () => {
    const { sandbox, clientToken } = stage();
    const headers = { authorization: `Bearer ${await clientToken()}` };
    expect((await sandbox.fetch(new URL('/api/v1/banks', sandbox.baseUrl), { headers })).status).toBe(200);
    expect((await sandbox.fetch(new Request(`${sandbox.baseUrl}/api/v1/banks`, { headers }))).status).toBe(200);
    const request = new Request(`${sandbox.baseUrl}/api/v1/users`, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: '{"id":"bob"}',
    });
    expect((await sandbox.fetch(request)).status).toBe(201);
  });

  it('refuses other origins without showing what was sent', async () => {
    const { sandbox } = stage();
    await expect(sandbox.fetch('https://live.finapi.io/oauth/revoke?token=canary')).rejects.toThrow(
      /^the sandbox is at https:\/\/sandbox\.finapi\.test, this call goes to https:\/\/live\.finapi\.io$/,
    );
    expect(sandbox.log).toEqual([]);
  });

  it('does nothing for a caller that has given up', async () => {
    const { sandbox } = stage();
    await expect(sandbox.fetch(`${sandbox.baseUrl}/api/v1/banks`, { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
    expect(sandbox.log).toEqual([]);
  });

  it('shares nothing with another sandbox', async () => {
    const [one, other] = [stage(), stage()];
    expect((await other.call('GET', '/api/v1/banks', await one.clientToken())).status).toBe(401);
  });

  it('is made of valid options only', () => {
    const client = { clientId: 'a', clientSecret: 'b' };
    const user = { id: 'alice', password };
    expect(() => createSandbox({ clients: [client, client] })).toThrow('has a client a already');
    expect(() => createSandbox({ users: [user, { ...user, id: 'ALICE' }] })).toThrow('has a user ALICE already');
    expect(() => createSandbox({ baseUrl: 'https://finapi.test/' })).toThrow('baseUrl is an origin such as https://finapi.test');
  });

  it('lives by the clock of the machine unless it gets another', async () => {
    const sandbox = createSandbox({ clients: [{ clientId: 'household', clientSecret: secret }] });
    const before = Date.now();
    await sandbox.fetch(`${sandbox.baseUrl}/api/v1/banks`);
    expect(sandbox.log[0]?.at).toBeGreaterThanOrEqual(before);
    sandbox.faults.add({ latencyMs: 1 });
    expect((await sandbox.fetch(`${sandbox.baseUrl}/api/v1/banks`)).status).toBe(401);
  });
});

describe('the log', () => {
  it('says what came, from whom, and what it was answered with', async () => {
    const { sandbox, call, login, clock } = stage();
    const { access_token } = await login();
    await clock.advance(1000);
    await call('GET', '/api/v1/accounts/7?secret=canary', access_token, undefined, { 'x-request-id': 'mine' });
    expect(sandbox.log).toEqual([
      {
        at: Date.UTC(2026, 2, 30, 12),
        api: 'access-v1',
        operationId: 'getToken',
        method: 'POST',
        path: '/oauth/token',
        status: 200,
        requestId: expect.any(String),
        grant: 'password',
        identity: undefined,
        clientId: 'household',
        userId: 'alice',
      },
      {
        at: Date.UTC(2026, 2, 30, 12, 0, 1),
        api: 'access-v1',
        operationId: 'getAccount',
        method: 'GET',
        path: '/api/v1/accounts/{id}',
        status: 200,
        requestId: 'mine',
        grant: undefined,
        identity: 'user',
        clientId: 'household',
        userId: 'Alice',
      },
    ]);
  });

  it('keeps the raw request where printing does not reach', async () => {
    const { sandbox, login } = stage();
    await login();
    const [entry] = sandbox.log;
    expect(new URLSearchParams(entry?.request.body).get('password')).toBe(password);
    expect(`${inspect(sandbox.log)}${JSON.stringify(sandbox.log)}`).not.toContain(password);
  });
});

describe('the tokens', () => {
  it('can be listed and looked at', async () => {
    const { sandbox, login, clientToken } = stage();
    await clientToken();
    const { access_token } = await login();
    expect(sandbox.tokens.list({ userId: 'ALICE', kind: 'access' })).toEqual([
      {
        token: access_token,
        kind: 'access',
        identity: 'user',
        clientId: 'household',
        userId: 'Alice',
        issuedAt: Date.UTC(2026, 2, 30, 12),
        expiresAt: Date.UTC(2026, 2, 30, 13),
        void: false,
      },
    ]);
    expect(sandbox.tokens.list()).toHaveLength(3);
    expect(sandbox.tokens.find('made-up')).toBeUndefined();
    expect(() => sandbox.tokens.void('made-up')).toThrow('has not issued this token');
  });
});
