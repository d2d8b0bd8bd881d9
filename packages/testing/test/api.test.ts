import { describe, expect, it } from 'vitest';
import { type Api, accessV2, apis } from '../src/api.js';
import { sandboxOf } from '../src/sandbox.js';
import { adminSecret, errorWith, secret, stage } from './support.js';

describe('the APIs', () => {
  it('have no path in common', () => {
    const owners = apis.flatMap(({ id, operations, prefixes }) =>
      Object.values(operations).map(({ path }) => ({ path, id, fits: prefixes.some((prefix) => path.startsWith(prefix)) })),
    );
    expect(owners.filter(({ fits }) => !fits)).toEqual([]);
    for (const { path, id } of owners) {
      const prefixes = apis.filter((api) => api.id !== id).flatMap((api) => api.prefixes);
      expect(prefixes.filter((prefix) => path.startsWith(prefix))).toEqual([]);
    }
  });

  it('can be others than those of finAPI', async () => {
    const other: Api = {
      ...accessV2,
      prefixes: ['/api/v2/'],
      operations: { getToken: accessV2.operations.getToken as Api['operations'][string] },
    };
    const sandbox = sandboxOf([other], { clients: [{ clientId: 'household', clientSecret: secret }] });
    expect((await sandbox.fetch(`${sandbox.baseUrl}/api/v2/banks`)).status).toBe(404);
  });
});

describe('Access V2', () => {
  it('takes tokens of either token endpoint, and revokes by form', async () => {
    const { call, clientToken, sandbox } = stage();
    const post = async (path: string, form: Readonly<Record<string, string>>, token = '') =>
      sandbox.fetch(`${sandbox.baseUrl}/api/v2/oauth/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams(form),
      });
    const grant = { grant_type: 'client_credentials', client_id: 'household', client_secret: secret };
    const { access_token: token } = await (await post('token', grant)).json();
    expect(await clientToken()).toBe(token);
    expect((await call('GET', '/api/v2/banks', token)).status).toBe(200);
    expect((await post('revoke', { token, token_type_hint: 'other' }, token)).status).toBe(400);
    expect((await post('revoke', {}, token)).status).toBe(400);
    expect((await post('revoke', { token, token_type_hint: 'access_token' }, token)).status).toBe(200);
    expect(sandbox.tokens.isValid(token)).toBe(false);
  });

  it('leaves out what there is none of, where V1 says null', async () => {
    const { call, login, sandbox } = stage();
    sandbox.users.add({ id: 'bob', password: 'another-password' });
    const { access_token } = await login();
    const error = (await call('GET', '/api/v2/mandatorAdmin/getUserList', access_token)).body;
    expect(error).toEqual({
      errors: [{ message: expect.any(String), code: 'UNAUTHORIZED_ACCESS', type: 'TECHNICAL' }],
      date: '2026-03-30T12:00:00.000Z',
      requestId: expect.any(String),
      endpoint: 'GET /api/v2/mandatorAdmin/getUserList',
      authContext: '1/1001',
    });
    expect((await call('GET', '/api/v2/users', access_token)).body).not.toHaveProperty('phone');
    expect((await call('GET', '/api/v1/users', access_token)).body).toHaveProperty('phone', null);
  });

  it('is all that a client gets which is bound to it, at both token endpoints', async () => {
    const { call, clientToken, token } = stage({ apiVersion: 2 });
    const client = await clientToken();
    expect((await call('GET', '/api/v2/banks', client)).status).toBe(200);
    expect(await call('GET', '/api/v1/banks', client)).toMatchObject({ status: 403, body: errorWith('UNAUTHORIZED_ACCESS') });
    expect((await token({ grant_type: 'client_credentials' })).status).toBe(200);
  });

  it('answers 403 to a client that is bound to V1, until that is moved', async () => {
    const { call, clientToken, adminToken, sandbox } = stage({ apiVersion: 1 });
    const client = await clientToken();
    expect((await call('GET', '/api/v2/banks', client)).status).toBe(403);
    const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'household', client_secret: secret });
    expect((await sandbox.fetch(`${sandbox.baseUrl}/api/v2/oauth/token`, { method: 'POST', body })).status).toBe(403);
    const move = (apiVersion: string, token: string) => call('POST', '/api/v2/mandatorAdmin/switchApiVersion', token, { apiVersion });
    const admin = await adminToken();
    expect((await move('V3', admin)).status).toBe(400);
    expect((await move('V2', admin)).status).toBe(200);
    expect((await call('GET', '/api/v2/banks', client)).status).toBe(200);
    expect((await call('GET', '/api/v1/banks', client)).status).toBe(403);
  });

  it('can be opened to a client again', async () => {
    const { call, clientToken, sandbox } = stage({ apiVersion: 1 });
    const client = await clientToken();
    sandbox.clients.configure('household', { apiVersion: undefined });
    expect((await call('GET', '/api/v2/banks', client)).status).toBe(200);
    expect((await call('GET', '/api/v1/banks', client)).status).toBe(200);
    expect(() => sandbox.clients.configure('household', { apiVersion: 3 as 2 })).toThrow('apiVersion is 1 or 2, not 3');
  });
});

describe('Web Form', () => {
  it('writes errors flat, and those of arguments by field', async () => {
    const { call, login } = stage();
    const { access_token } = await login();
    const place = { timestamp: '2026-03-30T12:00:00.000+0000' };
    expect(await call('GET', '/api/profiles', access_token)).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN', description: expect.any(String), endpoint: 'GET /api/profiles', ...place },
    });
    expect((await call('GET', '/api/webForms')).body).toMatchObject({ code: 'UNAUTHORIZED', ...place });
    expect((await call('GET', '/api/webForms/none', access_token)).body).toMatchObject({ code: 'NOT_FOUND', ...place });
    const missing = await call('POST', '/api/webForms/standalonePayment', access_token, {});
    expect(missing.status).toBe(400);
    expect(missing.body).toEqual({
      errors: [{ field: 'orders', message: expect.stringContaining('orders') }],
      endpoint: 'POST /api/webForms/standalonePayment',
      ...place,
    });
  });

  it('sends a request id back, and makes none of its own', async () => {
    const { call, login } = stage();
    const { access_token } = await login();
    expect((await call('GET', '/api/webForms', access_token)).headers.has('x-request-id')).toBe(false);
    const echoed = await call('GET', '/api/webForms', access_token, undefined, { 'x-request-id': 'mine' });
    expect(echoed.headers.get('x-request-id')).toBe('mine');
  });

  it('lists profiles in pages, each with an id of its own', async () => {
    const { call, token, sandbox } = stage();
    const grant = { grant_type: 'client_credentials', client_id: 'household-admin', client_secret: adminSecret };
    const { access_token } = (await token(grant)).body;
    sandbox.setItems('getProfiles', 12);
    const { items, paging } = (await call('GET', '/api/profiles?perPage=5&page=3', access_token)).body;
    expect(paging).toEqual({ page: 3, perPage: 5, pageCount: 3, totalCount: 12 });
    const all = (await call('GET', '/api/profiles', access_token)).body.items as { readonly id: string }[];
    expect(items).toEqual(all.slice(10));
    expect(new Set(all.map(({ id }) => id)).size).toBe(12);
    expect((await call('GET', `/api/profiles/${all[3]?.id}`, access_token)).body.id).toBe(all[3]?.id);
  });
});
