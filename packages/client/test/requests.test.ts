// What a call sends: path, query, body, headers and bearer, for every kind of argument.
import { describe, expect, it } from 'vitest';
import { createAccessV1 } from '../src/generated/access-v1/index.js';
import { operations } from '../src/generated/access-v1/operations.js';
import { type CallOptions, FinapiError, type NoArgs } from '../src/index.js';
import { adminToken, at, baseUrl, clientOf, clientToken, failureOf, json, only, recorder, userOf, userToken } from './support.js';

/** The code of a call that is refused before anything is sent. */
async function refused(call: PromiseLike<unknown>): Promise<FinapiError> {
  const error = await failureOf(call, FinapiError);
  expect(error.code).toBe('INVALID_ARGUMENT');
  return error;
}

describe('an argument in the path', () => {
  it.each([
    ['a/b', 'a%2Fb'],
    ['a?b', 'a%3Fb'],
    ['a#b', 'a%23b'],
    ['50%', '50%25'],
    ['a b', 'a%20b'],
    ['Müller', 'M%C3%BCller'],
    ['a+b&c=d;e', 'a%2Bb%26c%3Dd%3Be'],
    ['%2e%2e', '%252e%252e'],
    ['../admin', '..%2Fadmin'],
    ['a\\b', 'a%5Cb'],
    ['…', '%E2%80%A6'],
  ])('sends %s as the one segment %s', async (userId, segment) => {
    const calls = recorder(json(200, {}));
    await clientOf(calls).users.verifyUser({ userId });
    expect(only(calls.sent).url.href).toBe(`${baseUrl}/api/v1/users/verify/${segment}`);
  });

  it('is a number as its digits', async () => {
    const calls = recorder();
    await userOf(calls).accounts.getAccount({ id: 9_007_199_254_740_991 });
    expect(only(calls.sent).path).toBe('/api/v1/accounts/9007199254740991');
  });

  it('is a list with commas between', async () => {
    const calls = recorder();
    await userOf(calls).accounts.getMultipleAccounts({ ids: [1, 22, 333] });
    expect(only(calls.sent).url.href).toBe(`${baseUrl}/api/v1/accounts/1,22,333`);
  });

  it('is a list of one without a comma', async () => {
    const calls = recorder();
    await userOf(calls).accounts.getMultipleAccounts({ ids: [7] });
    expect(only(calls.sent).path).toBe('/api/v1/accounts/7');
  });

  it('stands amid the text of a template', async () => {
    const calls = recorder();
    await userOf(calls).bankConnections.deleteAccessData({ id: 5, interface: 'XS2A', forceDeletion: true });
    expect(only(calls.sent).url.href).toBe(`${baseUrl}/api/v1/bankConnections/5/aisConsent?interface=XS2A&forceDeletion=true`);
  });

  it.each(['', '.', '..'])('is refused as %j, which would make another URL of it', async (userId) => {
    const calls = recorder();
    const error = await refused(clientOf(calls).users.verifyUser({ userId }));
    expect(error.message).toContain('userId');
    expect(error.path).toBe('/api/v1/users/verify/{userId}');
    expect(calls.sent).toEqual([]);
  });

  it.each([
    ['undefined', undefined],
    ['null', null],
    ['an object', {}],
    ['NaN', Number.NaN],
    ['infinity', Number.POSITIVE_INFINITY],
    ['a symbol', Symbol('1')],
    ['an empty list', []],
    ['a list with a hole', [undefined]],
    ['a list with NaN', [1, Number.NaN]],
    ['a list of a dot segment', ['..']],
  ])('is refused as %s', async (_, id) => {
    const calls = recorder();
    await refused(userOf(calls).accounts.getAccount({ id: id as number }));
    expect(calls.sent).toEqual([]);
  });

  it('is refused where it is missing, by name', async () => {
    const calls = recorder();
    const error = await refused(userOf(calls).accounts.getAccount({} as { id: number }));
    expect(error.message).toContain('id is missing');
    expect(calls.sent).toEqual([]);
  });

  it('is refused as half of a character, which no URL can hold', async () => {
    const calls = recorder();
    await refused(clientOf(calls).users.verifyUser({ userId: 'cut \ud83d' }));
  });
});

describe('arguments in the query', () => {
  const queryOf = async (args: Parameters<ReturnType<typeof userOf>['transactions']['getAndSearchAllTransactions']>[0]) => {
    const calls = recorder();
    await userOf(calls).transactions.getAndSearchAllTransactions(args);
    return only(calls.sent).query;
  };

  it('keep their names and their order', async () => {
    expect(await queryOf({ view: 'bankView', search: 'rent', page: 2, perPage: 500 })).toEqual([
      ['view', 'bankView'],
      ['search', 'rent'],
      ['page', '2'],
      ['perPage', '500'],
    ]);
  });

  it('repeat their name for every element of a list', async () => {
    expect(await queryOf({ view: 'userView', accountIds: [1, 2, 3], order: ['id,desc', 'amount,asc'] })).toEqual([
      ['view', 'userView'],
      ['accountIds', '1'],
      ['accountIds', '2'],
      ['accountIds', '3'],
      ['order', 'id,desc'],
      ['order', 'amount,asc'],
    ]);
  });

  it('do not travel as undefined or null, alone or in a list', async () => {
    const args = { view: 'userView', search: undefined, purpose: null, ids: [1, undefined, null, 2] };
    expect(await queryOf(args as unknown as { view: 'userView' })).toEqual([
      ['view', 'userView'],
      ['ids', '1'],
      ['ids', '2'],
    ]);
  });

  it('are booleans as true and false, and zero and the empty text are values', async () => {
    expect(await queryOf({ view: 'userView', isNew: true, includeChildCategories: false, minAmount: 0, search: '' })).toEqual([
      ['view', 'userView'],
      ['isNew', 'true'],
      ['includeChildCategories', 'false'],
      ['minAmount', '0'],
      ['search', ''],
    ]);
  });

  it('are numbers as they are written', async () => {
    expect(await queryOf({ view: 'userView', minAmount: -12.5, maxAmount: 0.1, ids: [2 ** 40] })).toEqual([
      ['view', 'userView'],
      ['minAmount', '-12.5'],
      ['maxAmount', '0.1'],
      ['ids', '1099511627776'],
    ]);
  });

  it('are encoded so that they stay one value', async () => {
    const search = 'a&b=c+d #?/%ü€';
    const calls = recorder();
    await userOf(calls).transactions.getAndSearchAllTransactions({ view: 'userView', search });
    expect(only(calls.sent).query).toEqual([
      ['view', 'userView'],
      ['search', search],
    ]);
    expect(only(calls.sent).url.search).toBe('?view=userView&search=a%26b%3Dc%2Bd%20%23%3F%2F%25%C3%BC%E2%82%AC');
  });

  it.each([
    ['NaN', Number.NaN],
    ['infinity', Number.NEGATIVE_INFINITY],
    ['an object', { toString: () => 'x' }],
    ['a date', new Date(0)],
    ['a function', () => 1],
    ['a list in a list', [[1]]],
  ])('are refused as %s', async (_, minAmount) => {
    const calls = recorder();
    const error = await refused(
      userOf(calls).transactions.getAndSearchAllTransactions({ view: 'userView', minAmount: minAmount as number }),
    );
    expect(error.message).toContain('minAmount');
    expect(calls.sent).toEqual([]);
  });

  it('that no type knows stay one name each', async () => {
    const args = { view: 'userView', 'a&b=c': 'd', 'ö ': 'e' } as const;
    expect(await queryOf(args)).toEqual(Object.entries(args));
  });

  it('leave no question mark where there are none', async () => {
    const calls = recorder();
    const { banks } = clientOf(calls);
    await banks.getAndSearchAllBanks();
    await banks.getAndSearchAllBanks({});
    expect(calls.sent.map(({ url }) => url.href)).toEqual(Array(2).fill(`${baseUrl}/api/v1/banks`));
  });

  it('refuse an empty list, since no filter means everything', async () => {
    const calls = recorder();
    await expect(userOf(calls).transactions.deleteAllTransactions({ accountIds: [] })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
      message: expect.stringContaining('accountIds'),
    });
    await expect(clientOf(calls).banks.getAndSearchAllBanks({ ids: [] })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    expect(calls.sent).toEqual([]);
  });

  it('go with a DELETE as with a GET', async () => {
    const calls = recorder();
    await userOf(calls).transactions.deleteAllTransactions({ safeMode: false, accountIds: [4, 5], minImportDate: '2026-01-31' });
    expect(only(calls.sent).method).toBe('DELETE');
    expect(only(calls.sent).url.search).toBe('?safeMode=false&accountIds=4&accountIds=5&minImportDate=2026-01-31');
    expect(only(calls.sent).body).toBeUndefined();
  });

  it('carry the token to void and its hint with revokeToken, which has no body', async () => {
    const calls = recorder(new Response(null));
    await clientOf(calls).authorization.revokeToken({ token: 'a+b/c=', token_type_hint: 'refresh_token' });
    const { method, path, query, body, headers } = only(calls.sent);
    expect({ method, path, query, body }).toEqual({
      method: 'POST',
      path: '/oauth/revoke',
      query: [
        ['token', 'a+b/c='],
        ['token_type_hint', 'refresh_token'],
      ],
      body: undefined,
    });
    expect(headers).not.toHaveProperty('content-type');
  });

  it('carry revokeToken without a hint as the token alone', async () => {
    const calls = recorder(new Response(null));
    await clientOf(calls).authorization.revokeToken({ token: 'abc' });
    expect(only(calls.sent).url.search).toBe('?token=abc');
  });
});

describe('a JSON body', () => {
  it('is the arguments, as application/json', async () => {
    const calls = recorder(json(201, {}));
    await clientOf(calls).users.createUser({ id: 'alice', email: 'alice@example.org', isAutoUpdateEnabled: false });
    const { body, headers, method, path } = only(calls.sent);
    expect({ method, path }).toEqual({ method: 'POST', path: '/api/v1/users' });
    expect(JSON.parse(body ?? '')).toEqual({ id: 'alice', email: 'alice@example.org', isAutoUpdateEnabled: false });
    expect(headers['content-type']).toBe('application/json');
  });

  it('leaves undefined out and keeps null', async () => {
    const calls = recorder(json(201, {}));
    const args = { id: 'alice', email: undefined, phone: null };
    await clientOf(calls).users.createUser(args as unknown as { id: string });
    expect(only(calls.sent).body).toBe('{"id":"alice","phone":null}');
  });

  it('does not repeat what stands in the path', async () => {
    const calls = recorder();
    await userOf(calls).accounts.editAccount({ id: 12, accountName: 'Miete für Köln', accountType: 'Savings' });
    const { method, path, body, query } = only(calls.sent);
    expect({ method, path, body, query }).toEqual({
      method: 'PATCH',
      path: '/api/v1/accounts/12',
      body: '{"accountName":"Miete für Köln","accountType":"Savings"}',
      query: [],
    });
  });

  it('keeps the lists of a body as lists beside a list in the path', async () => {
    const calls = recorder();
    await userOf(calls).transactions.editMultipleTransactionsDeprecated({ ids: [1, 2], isNew: false, labelIds: [8, 9] });
    expect(only(calls.sent).path).toBe('/api/v1/transactions/1,2');
    expect(only(calls.sent).body).toBe('{"isNew":false,"labelIds":[8,9]}');
  });

  it('is an empty object where every argument is optional and none is given', async () => {
    const calls = recorder();
    await clientOf(calls).users.createUser({});
    expect(only(calls.sent).body).toBe('{}');
  });

  it('keeps objects within objects', async () => {
    const calls = recorder();
    const subTransactions = [{ amount: -1.1, purpose: 'x', labelIds: [3] }, { amount: -2 }];
    await userOf(calls).transactions.splitTransaction({ id: 3, subTransactions });
    expect(JSON.parse(only(calls.sent).body ?? '')).toEqual({ subTransactions });
  });

  it('is refused with a cycle, without sending', async () => {
    const calls = recorder();
    const args: { id: string; self?: unknown } = { id: 'alice' };
    args.self = args;
    await refused(clientOf(calls).users.createUser(args));
    expect(calls.sent).toEqual([]);
  });

  it('is refused with a BigInt, without sending', async () => {
    const calls = recorder();
    await refused(userOf(calls).accounts.editAccount({ id: 1, accountTypeId: 1n as unknown as number }));
    expect(calls.sent).toEqual([]);
  });

  it('is refused with a number that is none, which JSON would turn into null', async () => {
    const calls = recorder();
    await refused(userOf(calls).transactions.splitTransaction({ id: 1, subTransactions: [{ amount: Number.NaN }] }));
  });

  it.each([
    ['text', 'alice'],
    ['null', null],
    ['a number', 7],
  ])('is refused where the arguments are %s in place of an object', async (_, args) => {
    const calls = recorder();
    await refused(clientOf(calls).users.createUser(args as unknown as object));
    expect(calls.sent).toEqual([]);
  });

  it('does not change the arguments', async () => {
    const args = Object.freeze({ id: 1, accountName: 'Rent' });
    await userOf(recorder()).accounts.editAccount(args);
    expect(args).toEqual({ id: 1, accountName: 'Rent' });
  });
});

describe('a form body', () => {
  const secret = 'p&w=1+2 3%ü';
  const sentForm = async (args: object) => {
    const calls = recorder();
    await clientOf(calls).authorization.getToken(args as { grant_type: 'password'; client_id: string; client_secret: string });
    return only(calls.sent);
  };

  it('has exactly its media type, without the caller setting a header', async () => {
    const { headers, method, path } = await sentForm({ grant_type: 'client_credentials', client_id: 'id', client_secret: 'secret' });
    expect({ method, path, type: headers['content-type'] }).toEqual({
      method: 'POST',
      path: '/oauth/token',
      type: 'application/x-www-form-urlencoded',
    });
  });

  it('holds the fields as pairs, never as JSON and never in the URL', async () => {
    const { body, url } = await sentForm({ grant_type: 'client_credentials', client_id: 'id', client_secret: 'secret' });
    expect(body).toBe('grant_type=client_credentials&client_id=id&client_secret=secret');
    expect(url.search).toBe('');
  });

  it('encodes & = + space and % so that every value comes out as it went in', async () => {
    const args = { grant_type: 'password', client_id: 'id', client_secret: secret, username: 'a b+c', password: '=&%25' };
    const { body } = await sentForm(args);
    expect(Object.fromEntries(new URLSearchParams(body))).toEqual(args);
    expect(body).not.toMatch(/[ ü]|\+/);
  });

  it('leaves undefined and null out', async () => {
    const { body } = await sentForm({
      grant_type: 'refresh_token',
      client_id: 'id',
      client_secret: 's',
      refresh_token: 'r',
      username: undefined,
      password: null,
    });
    expect(body).toBe('grant_type=refresh_token&client_id=id&client_secret=s&refresh_token=r');
  });

  it('refuses an object as a value, without sending', async () => {
    const calls = recorder();
    const args = { grant_type: 'client_credentials', client_id: 'id', client_secret: { value: 'hidden' } } as unknown as {
      grant_type: 'password';
      client_id: string;
      client_secret: string;
    };
    const error = await refused(clientOf(calls).authorization.getToken(args));
    expect(error.message).not.toContain('hidden');
    expect(calls.sent).toEqual([]);
  });
});

describe('the request id', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  it('is a fresh UUID for every call', async () => {
    const calls = recorder();
    const finapi = clientOf(calls);
    for (let i = 0; i < 20; i++) await finapi.banks.getBank({ id: 1 });
    const ids = calls.sent.map(({ headers }) => headers['x-request-id'] ?? '');
    expect(ids.every((id) => uuid.test(id))).toBe(true);
    expect(new Set(ids).size).toBe(20);
  });

  it('is the one that the caller gives', async () => {
    const calls = recorder();
    await clientOf(calls).banks.getBank({ id: 1 }, { requestId: 'order 4711/e ~' });
    expect(only(calls.sent).headers['x-request-id']).toBe('order 4711/e ~');
  });

  it.each([1, 255])('may have %i characters', async (length) => {
    const calls = recorder();
    await clientOf(calls).banks.getBank({ id: 1 }, { requestId: 'x'.repeat(length) });
    expect(only(calls.sent).headers['x-request-id']).toHaveLength(length);
  });

  it.each([
    ['256 characters', 'x'.repeat(256)],
    ['no character', ''],
    ['a line break', 'a\r\nb'],
    ['a control character', 'a\u0007'],
    ['an umlaut', 'ä'],
    ['a number', 5],
    ['null', null],
  ])('is refused as %s', async (_, requestId) => {
    const calls = recorder();
    await refused(clientOf(calls).banks.getBank({ id: 1 }, { requestId: requestId as string }));
    expect(calls.sent).toEqual([]);
  });
});

describe('headers', () => {
  it('ask for JSON', async () => {
    const calls = recorder();
    await clientOf(calls).banks.getBank({ id: 1 });
    expect(only(calls.sent).headers['accept']).toBe('application/json');
  });

  it('have no content type without a body', async () => {
    const calls = recorder();
    const alice = userOf(calls);
    await alice.accounts.getAccount({ id: 1 });
    await alice.transactions.restoreTransaction({ id: 1 });
    for (const { headers, body } of calls.sent)
      expect({ type: headers['content-type'], body }).toEqual({ type: undefined, body: undefined });
  });

  it('tell of the user who is present, by the client', async () => {
    const calls = recorder();
    await userOf(calls, { psu: { ipAddress: '192.0.2.7', deviceOs: 'Linux', userAgent: 'Mozilla/5.0' } }).accounts.getAccount({ id: 1 });
    expect(only(calls.sent).headers).toMatchObject({
      'psu-ip-address': '192.0.2.7',
      'psu-device-os': 'Linux',
      'psu-user-agent': 'Mozilla/5.0',
    });
  });

  it('tell of the user who is present, by the call over the client, piece by piece', async () => {
    const calls = recorder();
    const alice = userOf(calls, { psu: { ipAddress: '192.0.2.7', deviceOs: 'Linux' } });
    await alice.accounts.getAccount({ id: 1 }, { psu: { ipAddress: '192.0.2.8' } });
    await alice.accounts.getAccount({ id: 1 });
    expect(calls.sent.map(({ headers }) => [headers['psu-ip-address'], headers['psu-device-os'], headers['psu-user-agent']])).toEqual([
      ['192.0.2.8', 'Linux', undefined],
      ['192.0.2.7', 'Linux', undefined],
    ]);
  });

  it('have none of a user where nobody said who is present', async () => {
    const calls = recorder();
    await userOf(calls).accounts.getAccount({ id: 1 });
    expect(Object.keys(only(calls.sent).headers).filter((name) => name.startsWith('psu-'))).toEqual([]);
  });

  it('name the language of the client, and that of the call over it', async () => {
    const calls = recorder();
    const { banks } = clientOf(calls, { language: 'en' });
    await banks.getBank({ id: 1 });
    await banks.getBank({ id: 1 }, { language: 'cs' });
    await clientOf(calls).banks.getBank({ id: 1 });
    expect(calls.sent.map(({ headers }) => headers['accept-language'])).toEqual(['en', 'cs', undefined]);
  });

  it('name the client, behind a name of the application', async () => {
    const calls = recorder();
    await clientOf(calls).banks.getBank({ id: 1 });
    await clientOf(calls, { userAgent: 'shop/2.1 (prod)' }).banks.getBank({ id: 1 });
    expect(at(calls.sent, 0).headers['user-agent']).toMatch(/^finapi-ts\/\d+\.\d+\.\d+/);
    expect(at(calls.sent, 1).headers['user-agent']).toBe(`shop/2.1 (prod) ${at(calls.sent, 0).headers['user-agent']}`);
  });

  it('of the caller win over all others', async () => {
    const calls = recorder();
    const headers = { 'X-Request-Id': 'mine', Accept: 'text/plain', 'User-Agent': 'me', 'ACCEPT-LANGUAGE': 'sk', 'X-Trace': 't' };
    await clientOf(calls, { language: 'de' }).banks.getBank({ id: 1 }, { headers, requestId: 'other', language: 'en' });
    expect(only(calls.sent).headers).toMatchObject({
      'x-request-id': 'mine',
      accept: 'text/plain',
      'user-agent': 'me',
      'accept-language': 'sk',
      'x-trace': 't',
    });
  });

  it.each(['authorization', 'Authorization', 'AUTHORIZATION'])('of the caller win over the bearer as %s', async (name) => {
    const calls = recorder();
    await userOf(calls).accounts.getAccount({ id: 1 }, { headers: { [name]: 'Bearer of-the-caller' } });
    expect(only(calls.sent).headers['authorization']).toBe('Bearer of-the-caller');
  });

  it('of the caller spare the client a token', async () => {
    const calls = recorder();
    await createAccessV1({ baseUrl, fetch: calls.fetch }).banks.getBank({ id: 1 }, { headers: { authorization: 'Bearer x' } });
    expect(only(calls.sent).headers['authorization']).toBe('Bearer x');
  });

  it('of one call do not stay for the next', async () => {
    const calls = recorder();
    const { banks } = clientOf(calls);
    await banks.getBank({ id: 1 }, { headers: { 'x-once': '1' } });
    await banks.getBank({ id: 1 });
    expect(calls.sent.map(({ headers }) => headers['x-once'])).toEqual(['1', undefined]);
  });

  it('with a line break are refused without showing them', async () => {
    const calls = recorder();
    const error = await refused(clientOf(calls).banks.getBank({ id: 1 }, { headers: { 'x-note': 'hidden\r\nX-Evil: 1' } }));
    expect(error.message).toContain('x-note');
    expect(error.message).not.toContain('hidden');
    expect(calls.sent).toEqual([]);
  });

  it('of a name that no header can have are refused', async () => {
    const calls = recorder();
    await refused(clientOf(calls).banks.getBank({ id: 1 }, { headers: { 'x note': '1' }, retry: false }));
  });

  it('do not let a redirect be followed', async () => {
    const calls = recorder();
    await clientOf(calls).banks.getBank({ id: 1 });
    expect(only(calls.sent).redirect).toBe('manual');
  });
});

describe('the bearer', () => {
  it('is the token of the client, of the admin client and of the user, each for its own operations', async () => {
    const calls = recorder();
    const finapi = clientOf(calls);
    await finapi.clientConfiguration.getClientConfiguration();
    await finapi.admin.mandatorAdministration.getUserList();
    await finapi.as(userToken).accounts.getAndSearchAllAccounts();
    expect(calls.sent.map(({ headers }) => headers['authorization'])).toEqual(
      [clientToken, adminToken, userToken].map(({ token }) => `Bearer ${token}`),
    );
  });

  it('never goes to the operation that fetches tokens', async () => {
    const calls = recorder();
    await clientOf(calls).authorization.getToken({ grant_type: 'client_credentials', client_id: 'i', client_secret: 's' });
    expect(only(calls.sent).headers).not.toHaveProperty('authorization');
  });

  it('is not needed by the operation that fetches tokens', async () => {
    const calls = recorder(json(200, { access_token: 'x' }));
    const finapi = createAccessV1({ baseUrl, fetch: calls.fetch });
    expect(await finapi.authorization.getToken({ grant_type: 'client_credentials', client_id: 'i', client_secret: 's' })).toEqual({
      access_token: 'x',
    });
  });

  it('is that of the client for its banks and that of the user for theirs', async () => {
    const calls = recorder();
    const finapi = clientOf(calls);
    await finapi.banks.getAndSearchAllBanks();
    await finapi.as(userToken).banks.getAndSearchAllBanks();
    expect(calls.sent.map(({ headers }) => headers['authorization'])).toEqual([`Bearer ${clientToken.token}`, `Bearer ${userToken.token}`]);
  });

  it('is not mixed up between users of one client', async () => {
    const calls = recorder();
    const finapi = clientOf(calls);
    const [alice, bob] = [finapi.as({ identity: 'user', token: 'alice' }), finapi.as({ identity: 'user', token: 'bob' })];
    await Promise.all([
      alice.accounts.getAccount({ id: 1 }),
      bob.accounts.getAccount({ id: 2 }),
      alice.accounts.getAccount({ id: 3 }),
      bob.accounts.getAccount({ id: 4 }),
    ]);
    expect(calls.sent.map(({ path, headers }) => [path.at(-1), headers['authorization']])).toEqual([
      ['1', 'Bearer alice'],
      ['2', 'Bearer bob'],
      ['3', 'Bearer alice'],
      ['4', 'Bearer bob'],
    ]);
  });
});

describe('with methodOverride', () => {
  it('a PATCH goes out as POST with its method in a header', async () => {
    const calls = recorder();
    await userOf(calls, { methodOverride: true }).accounts.editAccount({ id: 1, accountName: 'Rent' });
    const { method, headers, body } = only(calls.sent);
    expect({ method, override: headers['x-http-method-override'], body }).toEqual({
      method: 'POST',
      override: 'PATCH',
      body: '{"accountName":"Rent"}',
    });
  });

  it('a DELETE goes out as POST with its method in a header and without a body', async () => {
    const calls = recorder();
    await userOf(calls, { methodOverride: true }).accounts.deleteAccount({ id: 1 });
    const { method, headers, body } = only(calls.sent);
    expect({ method, override: headers['x-http-method-override'], body }).toEqual({ method: 'POST', override: 'DELETE', body: undefined });
  });

  it('GET and POST go out as they are', async () => {
    const calls = recorder();
    const alice = userOf(calls, { methodOverride: true });
    await alice.accounts.getAccount({ id: 1 });
    await alice.labels.createLabel({ name: 'x' });
    expect(calls.sent.map(({ method, headers }) => [method, headers['x-http-method-override']])).toEqual([
      ['GET', undefined],
      ['POST', undefined],
    ]);
  });

  it('left out, PATCH and DELETE go out as they are', async () => {
    const calls = recorder();
    const alice = userOf(calls);
    await alice.labels.editLabel({ id: 1, name: 'x' });
    await alice.labels.deleteLabel({ id: 1 });
    expect(calls.sent.map(({ method, headers }) => [method, headers['x-http-method-override']])).toEqual([
      ['PATCH', undefined],
      ['DELETE', undefined],
    ]);
  });

  it('errors still name the method of the operation', async () => {
    const calls = recorder(json(500, {}));
    const error = await failureOf(userOf(calls, { methodOverride: true }).labels.deleteLabel({ id: 1 }), FinapiError);
    expect(error.method).toBe('DELETE');
  });
});

describe('the base URL', () => {
  it.each([
    ['https://sandbox.finapi.io', 'https://sandbox.finapi.io/api/v1/banks/1'],
    ['https://sandbox.finapi.io/', 'https://sandbox.finapi.io/api/v1/banks/1'],
    ['https://proxy.example/finapi', 'https://proxy.example/finapi/api/v1/banks/1'],
    ['https://proxy.example/finapi/', 'https://proxy.example/finapi/api/v1/banks/1'],
    ['https://proxy.example/a/b//', 'https://proxy.example/a/b/api/v1/banks/1'],
    ['https://proxy.example:8443', 'https://proxy.example:8443/api/v1/banks/1'],
    ['http://localhost:3000', 'http://localhost:3000/api/v1/banks/1'],
  ])('%s stands in front of the path', async (base, url) => {
    const calls = recorder();
    await clientOf(calls, { baseUrl: base }).banks.getBank({ id: 1 });
    expect(only(calls.sent).url.href).toBe(url);
  });
});

describe('what others put on Object.prototype', () => {
  const polluted = async (properties: Record<string, unknown>, act: () => Promise<void>): Promise<void> => {
    for (const [name, value] of Object.entries(properties))
      Object.defineProperty(Object.prototype, name, { value, enumerable: true, configurable: true, writable: true });
    try {
      await act();
    } finally {
      for (const name of Object.keys(properties)) Reflect.deleteProperty(Object.prototype, name);
    }
  };

  it('does not reach the query', async () => {
    const calls = recorder();
    const alice = userOf(calls);
    await polluted({ search: 'evil', accountIds: [666] }, async () => {
      await alice.transactions.getAndSearchAllTransactions({ view: 'userView' });
      await alice.transactions.deleteAllTransactions({});
    });
    expect(calls.sent.map(({ url }) => url.search)).toEqual(['?view=userView', '']);
  });

  it('does not fill a missing argument of the path', async () => {
    const calls = recorder();
    const alice = userOf(calls);
    let error: FinapiError | undefined;
    await polluted({ id: 666 }, async () => {
      error = await failureOf(alice.accounts.deleteAccount({} as { id: number }), FinapiError);
    });
    expect(error?.code).toBe('INVALID_ARGUMENT');
    expect(calls.sent).toEqual([]);
  });

  it('does not reach a body of either kind', async () => {
    const calls = recorder();
    const finapi = clientOf(calls);
    await polluted({ password: 'evil', accountName: 'evil' }, async () => {
      await finapi.authorization.getToken({ grant_type: 'client_credentials', client_id: 'i', client_secret: 's' });
      await finapi.as(userToken).accounts.editAccount({ id: 1, isNew: true });
    });
    expect(calls.sent.map(({ body }) => body)).toEqual(['grant_type=client_credentials&client_id=i&client_secret=s', '{"isNew":true}']);
  });
});

// All operations of the table, called with made-up arguments through the methods that a consumer has.
interface Row {
  readonly group: string;
  readonly method: string;
  readonly path: string;
  readonly token: readonly ('client' | 'user' | 'admin')[];
  readonly body?: string;
  readonly items?: string;
  readonly empty?: boolean;
}
type Method = (args?: object, options?: CallOptions) => Promise<unknown>;
const table: Readonly<Record<string, Row>> = operations;
const rows = Object.entries(table);

/** The methods of a client, of a user or of an admin, by group and name. */
function methodsOf(view: object): Map<string, Method> {
  const found = new Map<string, Method>();
  for (const group in view) {
    const methods = (view as Record<string, unknown>)[group];
    if (typeof methods !== 'object' || methods === null || group === 'admin' || group === 'provenance') continue;
    for (const [name, method] of Object.entries(methods)) if (typeof method === 'function') found.set(`${group}.${name}`, method as Method);
  }
  return found;
}

const viewsOf = (calls: ReturnType<typeof recorder>) => {
  const finapi = clientOf(calls);
  return { client: methodsOf(finapi), user: methodsOf(finapi.as(userToken)), admin: methodsOf(finapi.admin) };
};

describe('the operations of the table', () => {
  it('are 102', () => {
    expect(rows).toHaveLength(102);
  });

  it.each(['client', 'user', 'admin'] as const)('are the methods of the %s, none forgotten and none beyond', (identity) => {
    const expected = rows
      .filter(([, { token }]) => token.includes(identity) || (identity === 'client' && token.length === 0))
      .map(([id, { group }]) => `${group}.${id}`);
    expect([...viewsOf(recorder())[identity].keys()].sort()).toEqual(expected.sort());
  });

  it('can all be reached, each by at least one identity', () => {
    const { client, user, admin } = viewsOf(recorder());
    const reachable = new Set([...client.keys(), ...user.keys(), ...admin.keys()]);
    expect([...reachable].sort()).toEqual(rows.map(([id, { group }]) => `${group}.${id}`).sort());
  });

  const cases = rows.flatMap(([id, row]) =>
    row.token.length === 0 ? [{ id, row, identity: 'client' as const }] : row.token.map((identity) => ({ id, row, identity })),
  );
  const bearers = { client: clientToken.token, user: userToken.token, admin: adminToken.token };

  it.each(cases)('$id as the $identity sends what the table says', async ({ id, row, identity }) => {
    const calls = recorder(row.empty === true ? new Response(null) : json(200, { made: 'up' }));
    const method = viewsOf(calls)[identity].get(`${row.group}.${id}`);
    const names = [...row.path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    const args = { ...Object.fromEntries(names.map((name) => [name, name === 'ids' ? [1, 2] : `${name} 1`])), field: 'a b' };
    const value = await method?.(args);

    const { headers, body, query, ...sent } = only(calls.sent);
    expect(value).toEqual(row.empty === true ? undefined : { made: 'up' });
    expect(sent.method).toBe(row.method);
    expect(decodeURIComponent(sent.path)).toBe(row.path.replace('{ids}', '1,2').replace(/\{(\w+)\}/g, '$1 1'));
    expect(headers['content-type']).toBe(row.body);
    expect(headers['authorization']).toBe(row.token.length === 0 ? undefined : `Bearer ${bearers[identity]}`);
    const where =
      row.body === undefined
        ? { query: [['field', 'a b']], body: undefined }
        : { query: [], body: row.body === 'application/json' ? '{"field":"a b"}' : 'field=a%20b' };
    expect({ query, body }).toEqual(where);
  });

  it('without required arguments can be called with nothing at all', async () => {
    for (const [id, row] of rows.filter(([, { path, body }]) => !path.includes('{') && body === undefined)) {
      const calls = recorder(row.empty === true ? new Response(null) : json(200, {}));
      const identity = row.token[0] ?? 'client';
      await viewsOf(calls)[identity].get(`${row.group}.${id}`)?.();
      expect(only(calls.sent).url.href).toBe(baseUrl + row.path);
    }
  });

  it('keep their methods from call to call, so that they can be handed around', async () => {
    const calls = recorder();
    const alice = userOf(calls);
    const { getAccount } = alice.accounts;
    expect(alice.accounts).toBe(alice.accounts);
    await getAccount({ id: 5 });
    expect(only(calls.sent).path).toBe('/api/v1/accounts/5');
  });

  it('that take nothing accept an empty object', async () => {
    const calls = recorder();
    const nothing: NoArgs = {};
    await userOf(calls).users.getAuthorizedUser(nothing);
    expect(only(calls.sent).url.href).toBe(`${baseUrl}/api/v1/users`);
  });
});
