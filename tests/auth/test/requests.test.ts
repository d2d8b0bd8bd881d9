// What leaves towards finAPI: where secrets stand, which hosts are allowed, and whose Authorization it is.
import {
  accessV1,
  accessV2,
  allowInsecureHttp,
  clientCredentials,
  createAuth,
  type EndpointOptions,
  password,
  refreshToken,
  revokeToken,
} from '@finapi-ts/auth-helpers';
import type { Middleware } from '@finapi-ts/client';
import { createAccessV1 } from '@finapi-ts/client/access-v1';
import { operations as operationsV1 } from '@finapi-ts/client/access-v1/operations';
import { operations as operationsV2 } from '@finapi-ts/client/access-v2/operations';
import { createSandbox } from '@finapi-ts/testing';
import { startServer } from '@finapi-ts/testing/server';
import { describe, expect, it } from 'vitest';
import { json, tokenBody } from '../src/hostile/answers.ts';
import { redirect, redirectStatuses } from '../src/hostile/redirects.ts';
import { hostile } from '../src/hostile/server.ts';
import { client, failureOf, scripted } from '../src/scripted.ts';
import { stage } from '../src/stage.ts';

describe('credentials in URLs', () => {
  it.each([accessV1, accessV2])('5 are there for no grant', async (preset) => {
    const { fetch, sent } = scripted();
    const options = { ...client, preset, fetch };
    await clientCredentials(options);
    await password({ ...options, userId: 'alice', password: 'pass-word' });
    await refreshToken({ ...options, refreshToken: 'refresh-token' });
    expect(sent.map(({ url }) => url)).toEqual(Array(3).fill(client.baseUrl + preset.tokenPath));
    expect(sent.map(({ form }) => form)).toEqual([
      { grant_type: 'client_credentials', client_id: 'household', client_secret: 'client-secret' },
      { grant_type: 'password', client_id: 'household', client_secret: 'client-secret', username: 'alice', password: 'pass-word' },
      { grant_type: 'refresh_token', client_id: 'household', client_secret: 'client-secret', refresh_token: 'refresh-token' },
    ]);
    for (const { headers } of sent) {
      expect(headers['content-type']).toMatch(/^application\/x-www-form-urlencoded/);
      expect(headers).not.toHaveProperty('authorization');
    }
  });

  it('5 are there for the revocation of V1, which demands its token in the query, and nothing else', async () => {
    const { fetch, sent } = scripted();
    await revokeToken({ ...client, fetch, clientToken: 'client-token', token: 'a&b+c/d=', tokenTypeHint: 'refresh_token' });
    const [request] = sent;
    const url = new URL(request?.url ?? '');
    expect([...url.searchParams]).toEqual([
      ['token', 'a&b+c/d='],
      ['token_type_hint', 'refresh_token'],
    ]);
    expect([url.pathname, request?.body, request?.headers['authorization']]).toEqual(['/oauth/revoke', undefined, 'Bearer client-token']);
  });

  it('5 are not there for the revocation of V2, whose token stands in the form', async () => {
    const { fetch, sent } = scripted();
    await revokeToken({ ...client, preset: accessV2, fetch, clientToken: 'client-token', token: 'a&b+c/d=' });
    const [request] = sent;
    expect([request?.url, request?.form]).toEqual([`${client.baseUrl}/api/v2/oauth/revoke`, { token: 'a&b+c/d=' }]);
  });
});

describe('the base URL', () => {
  const codeWith = async (options: Partial<EndpointOptions>): Promise<string> => {
    const { fetch, sent } = scripted();
    const outcome = await clientCredentials({ ...client, fetch, ...options }).then(
      () => 'sent',
      (cause) => cause.code,
    );
    expect(sent).toHaveLength(outcome === 'sent' ? 1 : 0);
    expect(() => createAuth({ ...client, fetch, ...options }), 'an application is refused alike')[
      outcome === 'sent' ? 'not' : 'to'
    ].toThrow();
    return outcome;
  };

  it.each([
    'https://finapi.test',
    'http://localhost:1',
    'http://a.localhost',
    'http://127.0.0.1:8080/x',
    'http://127.1.2.3',
    'http://[::1]:1',
  ])('6 may be %s', async (baseUrl) => {
    expect(await codeWith({ baseUrl })).toBe('sent');
  });

  it.each([
    'http://finapi.test',
    'http://localhost.finapi.test',
    'http://127.0.0.1.finapi.test',
    'http://10.0.0.1',
    'http://[::2]',
    'http://notlocalhost',
    'ftp://localhost',
    'file:///etc',
    'finapi.test',
    '',
  ])('6 may not be %j', async (baseUrl) => {
    expect(await codeWith({ baseUrl })).toBe('INVALID_ARGUMENT');
  });

  it.each(['http://finapi.test', 'http://10.0.0.1'])('6 may be %s with the symbol that says so, and with nothing else', async (baseUrl) => {
    expect(await codeWith({ baseUrl, [allowInsecureHttp]: true })).toBe('sent');
    expect(await codeWith({ baseUrl, [allowInsecureHttp]: 1 as unknown as boolean })).toBe('INVALID_ARGUMENT');
    expect(await codeWith({ baseUrl, ...{ allowInsecureHttp: true } })).toBe('INVALID_ARGUMENT');
    expect(await codeWith({ baseUrl: 'ftp://10.0.0.1', [allowInsecureHttp]: true })).toBe('INVALID_ARGUMENT');
  });

  it.each(['user@', ':pass@', 'user:pass@'])('6 holds no %s', async (userinfo) => {
    expect(await codeWith({ baseUrl: `https://${userinfo}finapi.test` })).toBe('INVALID_ARGUMENT');
  });

  it.each(['?', '?a=1', '#', '#a', '/?', '/x?y#z'])('6 ends without %s', async (end) => {
    expect(await codeWith({ baseUrl: `https://finapi.test${end}` })).toBe('INVALID_ARGUMENT');
  });

  it('keeps its path, and needs no slash at its end', async () => {
    for (const baseUrl of ['https://proxy.test/finapi', 'https://proxy.test/finapi/', 'https://proxy.test/finapi//']) {
      const { fetch, sent } = scripted();
      await clientCredentials({ ...client, baseUrl, fetch });
      expect(sent[0]?.url).toBe('https://proxy.test/finapi/oauth/token');
    }
  });
});

describe('an Authorization of the caller', () => {
  it('9 on a call goes out as it is, and no token is asked for', async () => {
    const { finapi, auth, sandbox, asked } = stage();
    const call = finapi.as(auth.user('alice')).accounts.getAccount({ id: 1 }, { headers: { Authorization: 'Bearer mine' } });
    expect(await call.answer()).toMatchObject({ status: 401 });
    expect(sandbox.log.map((it) => it.request.headers['authorization'])).toEqual(['Bearer mine']);
    expect(asked()).toBe(0);
  });

  it('9 set by a middleware is not written over', async () => {
    const mine: Middleware = (request, next) => next({ ...request, headers: { ...request.headers, authorization: 'Basic bWluZQ==' } });
    const { finapi, auth, sandbox } = stage({ finapi: { middleware: [mine] } });
    await finapi.as(auth.user('alice')).accounts.getAccount({ id: 1 }).answer();
    const data = sandbox.log.filter((it) => it.operationId !== 'getToken');
    expect(new Set(data.map((it) => it.request.headers['authorization']))).toEqual(new Set(['Basic bWluZQ==']));
  });

  it.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
    '9 given as the header %s goes out with grants and revocations',
    async (name) => {
      const { fetch, sent } = scripted();
      const options = { ...client, fetch, headers: { [name]: 'Basic bWluZQ==' } };
      await clientCredentials(options);
      await revokeToken({ ...options, clientToken: 'c', token: 't' });
      expect(sent.map(({ headers }) => headers['authorization'])).toEqual(['Basic bWluZQ==', 'Basic bWluZQ==']);
    },
  );
});

describe('the bearer token', () => {
  const to =
    (url: string): Middleware =>
    (request, next) =>
      next({ ...request, url: url + new URL(request.url).pathname });

  it('10 goes to the configured origin alone, whatever the last middleware does to the URL', async () => {
    await using elsewhere = await hostile(json(200, '{"id":1}'));
    const { auth, sandbox } = stage();
    for (const middleware of [[to(elsewhere.url)], [to(sandbox.baseUrl), to(elsewhere.url)]]) {
      const finapi = createAccessV1({ baseUrl: sandbox.baseUrl, auth, middleware, retry: false });
      await finapi.as(auth.user('alice')).accounts.getAccount({ id: 1 });
      await finapi.banks.getBank({ id: 1 });
    }
    expect(elsewhere.got).toHaveLength(4);
    for (const { headers } of elsewhere.got) expect(headers).not.toHaveProperty('authorization');
  });

  it('10 goes along where a middleware leads back to the configured origin', async () => {
    const back: Middleware = (request, next) => next({ ...request, url: `${request.url}?view=full` });
    const { finapi, auth, sandbox } = stage({ finapi: { middleware: [back] } });
    await finapi.as(auth.user('alice')).accounts.getAccount({ id: 1 });
    expect(sandbox.log.at(-1)).toMatchObject({ identity: 'user', status: 200 });
  });

  it.each(redirectStatuses)('10 is carried to no other origin by a redirect with %d', async (status) => {
    await using elsewhere = await hostile(json(200, '{"id":1}'));
    await using finapiServer = await hostile((request, response) =>
      (request.target === accessV1.tokenPath ? json(200, tokenBody()) : redirect(status, elsewhere.url))(request, response),
    );
    const auth = createAuth({ ...client, baseUrl: finapiServer.url });
    const finapi = createAccessV1({ baseUrl: finapiServer.url, auth, retry: false });
    expect(await finapi.banks.getBank({ id: 1 }).answer()).toMatchObject({ ok: false });
    expect(finapiServer.got.at(-1)?.headers['authorization']).toBe('Bearer access-1');
    expect(elsewhere.got).toEqual([]);
  });
});

describe('special characters', () => {
  const odd = 'ä&b=c+d %26/?#"\u20ac\ud83d\ude00';

  it('arrive in user ids and passwords as they were written', async () => {
    const { auth, finapi } = stage({ users: [{ id: odd, password: odd }], pool: { credentials: () => ({ password: odd }) } });
    expect(await finapi.as(auth.user(odd)).users.getAuthorizedUser()).toMatchObject({ id: odd });
  });

  it('arrive over HTTP as well, in client ids, secrets, and tokens to be revoked', async () => {
    const sandbox = createSandbox({ clients: [{ clientId: odd, clientSecret: odd }], users: [{ id: odd, password: odd }] });
    await using server = await startServer(sandbox);
    const auth = createAuth({ baseUrl: server.url, preset: accessV1, clientId: odd, clientSecret: odd });
    const user = auth.user(odd, { credentials: () => ({ password: odd }) });
    await user.get();
    await user.logout();
    expect(sandbox.tokens.list({ userId: odd }).map((it) => it.void)).toEqual([true, true]);
    expect(sandbox.log.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  });
});

describe('presets', () => {
  const tables = [
    ['accessV1', accessV1, operationsV1],
    ['accessV2', accessV2, operationsV2],
  ] as const;

  it.each(tables)('%s names the paths of the operation table', (_, preset, { getToken, revokeToken: revocation }) => {
    expect([preset.tokenPath, preset.revokePath]).toEqual([getToken.path, revocation.path]);
    expect([getToken.method, revocation.method]).toEqual(['POST', 'POST']);
  });

  it.each(tables)('%s puts the revoked token where the operation takes it', (_, preset, { getToken, revokeToken: revocation }) => {
    expect('body' in revocation).toBe(preset.revokeIn === 'form');
    expect(getToken.body).toBe('application/x-www-form-urlencoded');
  });

  it('must be there', async () => {
    const { fetch } = scripted();
    for (const preset of [undefined, {}, 'accessV1'])
      expect(await failureOf(clientCredentials({ ...client, fetch, preset: preset as unknown as typeof accessV1 }))).toMatchObject({
        code: 'INVALID_ARGUMENT',
        message: expect.stringContaining('accessV1'),
      });
  });
});

describe('what is missing', () => {
  it.each(['clientId', 'clientSecret'])('is named where it is the %s, and nothing is sent', async (name) => {
    for (const value of ['', undefined, 5]) {
      const { fetch, sent } = scripted();
      const options = { ...client, fetch, [name]: value } as typeof client & { fetch: typeof fetch };
      expect((await failureOf(clientCredentials(options))).message).toContain(name);
      expect(() => createAuth(options)).toThrow(name);
      expect(() => createAuth({ ...client, admin: { ...client, [name]: value } as typeof client })).toThrow(`admin.${name}`);
      expect(sent).toEqual([]);
    }
  });

  it('is named where it is a user, a password or a token', async () => {
    const { fetch, sent } = scripted();
    const options = { ...client, fetch };
    expect((await failureOf(password({ ...options, userId: '', password: 'p' }))).message).toContain('userId');
    expect((await failureOf(password({ ...options, userId: 'alice', password: '' }))).message).toContain('password');
    expect((await failureOf(refreshToken({ ...options, refreshToken: '' }))).message).toContain('refreshToken');
    expect((await failureOf(revokeToken({ ...options, clientToken: 'c', token: '' }))).message).toContain('token');
    expect(() => createAuth(options).user('')).toThrow('userId');
    expect(sent).toEqual([]);
  });
});
