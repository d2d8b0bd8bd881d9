import { describe, expect, it } from 'vitest';
import { errorWith, stage } from './support.js';

const idsOf = (items: readonly { readonly id: number }[]): number[] => items.map(({ id }) => id);

describe('an operation without state', () => {
  it('answers the example of the document, with the id that was asked for', async () => {
    const { call, login } = stage();
    const { access_token } = await login();
    const { status, body } = await call('GET', '/api/v1/accounts/3000000017', access_token);
    expect(status).toBe(200);
    expect(body).toMatchObject({ id: 3_000_000_017, iban: expect.any(String) });
  });

  it('answers several ids with one item each, in their order', async () => {
    const { call, login } = stage();
    const { access_token } = await login();
    expect(idsOf((await call('GET', '/api/v1/accounts/7,3,5', access_token)).body.accounts)).toEqual([7, 3, 5]);
    expect(idsOf((await call('GET', '/api/v1/accounts/7%2C3', access_token)).body.accounts)).toEqual([7, 3]);
    expect(idsOf((await call('GET', '/api/v1/accounts?ids=4&ids=2', access_token)).body.accounts)).toEqual([4, 2]);
    expect(idsOf((await call('GET', '/api/v1/accounts?ids=4,2', access_token)).body.accounts)).toEqual([4, 2]);
  });

  it.each([
    ['a query parameter', 'GET', '/api/v1/transactions', undefined, 'view'],
    ['a field of the body', 'POST', '/api/v1/bankConnections/import', {}, 'bankId'],
  ] as const)('answers 400 when %s is missing, and names it', async (_, method, target, body, name) => {
    const { call, login } = stage();
    const answer = await call(method, target, (await login()).access_token, body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject(errorWith('MISSING_FIELD'));
    expect(answer.body.errors[0].message).toContain(name);
  });

  it.each([
    ['no JSON', '{', 400],
    ['a list', '[]', 400],
    ['null', 'null', 400],
  ])('answers 400 to a body that is %s', async (_, body) => {
    const { sandbox, login } = stage();
    const headers = { authorization: `Bearer ${(await login()).access_token}`, 'content-type': 'application/json' };
    const response = await sandbox.fetch(`${sandbox.baseUrl}/api/v1/labels`, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
  });

  it('answers 415 to a body of another kind', async () => {
    const { sandbox, login } = stage();
    const headers = { authorization: `Bearer ${(await login()).access_token}` };
    const response = await sandbox.fetch(`${sandbox.baseUrl}/api/v1/labels`, { method: 'POST', headers, body: 'name=Rent' });
    expect(response.status).toBe(415);
  });

  it('answers 404 to an unknown path, and 405 to a method that a path does not have', async () => {
    const { call } = stage();
    expect((await call('GET', '/api/v1/nothing')).status).toBe(404);
    expect((await call('PUT', '/api/v1/accounts')).status).toBe(405);
  });

  it('takes POST for another method where finAPI does', async () => {
    const { call, login, sandbox } = stage();
    const { access_token } = await login();
    const override = { 'x-http-method-override': 'DELETE' };
    expect((await call('POST', '/api/v1/accounts/1', access_token, undefined, override)).status).toBe(200);
    expect(sandbox.log.at(-1)).toMatchObject({ operationId: 'deleteAccount', method: 'DELETE' });
    expect((await call('POST', '/api/v1/accounts/1', access_token, undefined, { 'x-http-method-override': 'GET' })).status).toBe(405);
  });
});

describe('a list', () => {
  it('has three items unless the test says how many, each with an id of its own', async () => {
    const { call, clientToken, sandbox } = stage();
    const client = await clientToken();
    expect((await call('GET', '/api/v1/banks', client)).body.banks).toHaveLength(3);
    sandbox.setItems('getAndSearchAllBanks', 45);
    const ids: number[] = [];
    for (const page of [1, 2, 3, 4]) {
      const { body } = await call('GET', `/api/v1/banks?page=${page}`, client);
      expect(body.paging).toEqual({ page, perPage: 20, pageCount: 3, totalCount: 45 });
      ids.push(...idsOf(body.banks));
    }
    expect(new Set(ids).size).toBe(45);
  });

  it('can be empty', async () => {
    const { call, clientToken, sandbox } = stage();
    sandbox.setItems('getAndSearchAllBanks', 0);
    const { body } = await call('GET', '/api/v1/banks', await clientToken());
    expect(body).toEqual({ banks: [], paging: { page: 1, perPage: 20, pageCount: 0, totalCount: 0 } });
  });

  it('without pages has as many items as the test says', async () => {
    const { call, login, sandbox } = stage();
    sandbox.setItems('getAndSearchAllAccounts', 30);
    expect((await call('GET', '/api/v1/accounts', (await login()).access_token)).body.accounts).toHaveLength(30);
  });

  it.each([
    ['page=0', 'ILLEGAL_FIELD_VALUE'],
    ['page=one', 'ILLEGAL_FIELD_VALUE'],
    ['perPage=0', 'ILLEGAL_PAGE_SIZE'],
    ['perPage=501', 'ILLEGAL_PAGE_SIZE'],
  ])('answers 400 to %s', async (query, code) => {
    const { call, clientToken } = stage();
    const { status, body } = await call('GET', `/api/v1/banks?${query}`, await clientToken());
    expect(status).toBe(400);
    expect(body).toMatchObject(errorWith(code));
  });

  it('refuses to have half an item', () => {
    expect(() => stage().sandbox.setItems('getAndSearchAllBanks', 1.5)).toThrow('a whole number of items');
    expect(() => stage().sandbox.setItems('getBanks' as 'getBank', 1)).toThrow('there is no operation getBanks');
  });
});

describe('an answer of the test', () => {
  it('replaces that of the sandbox, after its checks', async () => {
    const { call, clientToken, sandbox } = stage();
    sandbox.setAnswer('getBank', { body: { id: 1, name: 'Mine' } });
    expect((await call('GET', '/api/v1/banks/1')).status).toBe(401);
    expect(await call('GET', '/api/v1/banks/1', await clientToken())).toMatchObject({ status: 200, body: { name: 'Mine' } });
    sandbox.setAnswer('getBank', undefined);
    expect((await call('GET', '/api/v1/banks/1', await clientToken())).body.name).not.toBe('Mine');
  });

  it('can depend on the request, and have another status, headers or no body', async () => {
    const { call, clientToken, sandbox } = stage();
    sandbox.setAnswer('getBank', ({ path, query, clientId }) => ({
      status: 202,
      headers: { 'x-more': 'yes' },
      body: { ...path, search: query.get('search'), clientId },
    }));
    const answer = await call('GET', '/api/v1/banks/9?search=a', await clientToken());
    expect(answer).toMatchObject({ status: 202, body: { id: '9', search: 'a', clientId: 'household' } });
    expect(answer.headers.get('x-more')).toBe('yes');
    sandbox.setAnswer('getBank', async () => ({ status: 404 }));
    expect(await call('GET', '/api/v1/banks/9', await clientToken())).toMatchObject({ status: 404, body: '' });
  });
});

describe('a request id', () => {
  it('comes back as it was sent', async () => {
    const { call } = stage();
    const { headers, body } = await call('GET', '/api/v1/nothing', undefined, undefined, { 'x-request-id': 'mine-1' });
    expect(headers.get('x-request-id')).toBe('mine-1');
    expect(body.requestId).toBe('mine-1');
  });

  it('is made up where there is none, a new one each time', async () => {
    const { call } = stage();
    const ids = [await call('GET', '/a'), await call('GET', '/a')].map(({ headers }) => headers.get('x-request-id'));
    expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it('has at most 255 characters', async () => {
    const { call, clientToken } = stage();
    const client = await clientToken();
    expect((await call('GET', '/api/v1/banks', client, undefined, { 'x-request-id': 'a'.repeat(255) })).status).toBe(200);
    const refused = await call('GET', '/api/v1/banks', client, undefined, { 'x-request-id': 'a'.repeat(256) });
    expect(refused.status).toBe(400);
    expect(refused.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });
});

describe('an error', () => {
  it('has the shape of finAPI, its date in German local time', async () => {
    const { call, login, clock } = stage();
    const { access_token } = await login();
    await clock.advance(1234);
    const { body } = await call('GET', '/api/v1/users/verificationStatus?userId=alice', access_token, undefined, {
      'x-request-id': 'mine',
    });
    expect(body).toEqual({
      errors: [{ message: expect.any(String), code: 'UNAUTHORIZED_ACCESS', type: 'TECHNICAL', multiStepAuthentication: null }],
      date: '2026-03-30 14:00:01.234',
      requestId: 'mine',
      endpoint: 'GET /api/v1/users/verificationStatus',
      authContext: '1/1001',
      bank: null,
    });
  });
});
