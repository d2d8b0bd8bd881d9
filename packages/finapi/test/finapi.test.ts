import * as accessV1Module from '@finapi-ts/client/access-v1';
import * as accessV2Module from '@finapi-ts/client/access-v2';
import { raw } from '@finapi-ts/client/access-v2/raw';
import * as webFormModule from '@finapi-ts/client/web-form';
import { describe, expect, it } from 'vitest';
import { access } from '../src/access.js';
import { accessV1 } from '../src/access-v1.js';
import { type Apis, AuthError, accessV2Preset, allowInsecureHttp, createFinapi, FinapiError, observe } from '../src/index.js';
import { webForm } from '../src/web-form.js';
import { failureOf, fake, finapiOn } from './support.js';

const client = { environment: 'sandbox', clientId: 'household', clientSecret: 'secret' } as const;
const banks = { banks: [], paging: { page: 1, perPage: 20, pageCount: 1, totalCount: 0 } };
const table = {
  'GET /api/v2/banks': banks,
  'GET /api/v1/banks': banks,
  'GET /api/v2/accounts': { accounts: [] },
  'GET /api/v1/accounts': { accounts: [] },
  'GET /api/v2/mandatorAdmin/getUserList': { users: [], paging: banks.paging },
  'GET /api/webForms/1': { id: '1', status: 'IN_PROGRESS', payload: {} },
  'GET /proxy/api/v2/banks': banks,
  'POST /proxy/api/v2/oauth/token': { access_token: 'token-by-proxy', token_type: 'bearer', expires_in: 3600 },
};

describe('createFinapi', () => {
  it('gives each API the token that its operation takes, from one set of tokens', async () => {
    const server = fake(table);
    const finapi = finapiOn(server, { adminClientId: 'back-office', adminClientSecret: 'secret-of-the-admin' });
    await finapi.access.banks.getAndSearchAllBanks();
    await finapi.access.admin.mandatorAdministration.getUserList();
    const alice = finapi.user('alice', { password: 'a-long-password' });
    await alice.access.accounts.getAndSearchAllAccounts();
    await alice.webForm.webForms.getWebForm({ id: '1' });
    await finapi.user('ALICE').accessV1.accounts.getAndSearchAllAccounts();
    expect(server.sent.filter((sent) => sent.bearer !== undefined).map(({ host, call, bearer }) => `${host} ${call}: ${bearer}`)).toEqual([
      'sandbox.finapi.io GET /api/v2/banks: token-of-household',
      'sandbox.finapi.io GET /api/v2/mandatorAdmin/getUserList: token-of-back-office',
      'sandbox.finapi.io GET /api/v2/accounts: token-of-alice',
      'webform-sandbox.finapi.io GET /api/webForms/1: token-of-alice',
      'sandbox.finapi.io GET /api/v1/accounts: token-of-alice',
    ]);
    expect(server.calls('POST /api/v2/oauth/token').map(({ body }) => body.grant_type)).toEqual([
      'client_credentials',
      'client_credentials',
      'password',
    ]);
    expect(finapi.auth.users.size).toBe(1);
  });

  it.each([
    ['sandbox', 'sandbox.finapi.io', 'webform-sandbox.finapi.io'],
    ['live', 'live.finapi.io', 'webform-live.finapi.io'],
  ] as const)('knows the hosts of %s', async (environment, host, formHost) => {
    const server = fake(table);
    const alice = finapiOn(server, { environment }).user('alice', { password: 'a-long-password' });
    await alice.webForm.webForms.getWebForm({ id: '1' });
    await alice.access.accounts.getAndSearchAllAccounts();
    expect(server.sent.map((sent) => sent.host)).toEqual([host, formHost, host]);
  });

  it('takes hosts of your own, with a path where a proxy has one', async () => {
    const server = fake(table);
    const finapi = createFinapi({
      ...client,
      environment: { access: 'https://gate.example/proxy' },
      apis: { access },
      fetch: server.fetch,
    });
    await finapi.access.banks.getAndSearchAllBanks();
    expect(server.sent.map(({ host, call, bearer }) => [host, call, bearer])).toEqual([
      ['gate.example', 'POST /proxy/api/v2/oauth/token', undefined],
      ['gate.example', 'GET /proxy/api/v2/banks', 'token-by-proxy'],
    ]);
  });

  it('has the hosts of finAPI from the documents, also where Web Form has to know those of Access', () => {
    expect(access.servers).toEqual(accessV2Module.servers);
    expect(accessV1.servers).toEqual(accessV1Module.servers);
    expect(webForm.servers).toEqual(webFormModule.servers);
    for (const api of [access, accessV1, webForm]) expect(api.tokens.servers).toEqual(accessV2Module.servers);
  });

  it.each([
    [{ access }, '/api/v2/oauth/token'],
    [{ accessV1 }, '/oauth/token'],
    [{ webForm }, '/api/v2/oauth/token'],
    [{ accessV1, webForm }, '/oauth/token'],
    [{ webForm, accessV1, access }, '/api/v2/oauth/token'],
  ] as [Apis, string][])('asks the token endpoint of the version that is among the APIs (%#)', async (apis, path) => {
    const server = fake();
    await createFinapi({ ...client, apis, fetch: server.fetch }).auth.client.get();
    expect(server.sent.map((sent) => sent.call)).toEqual([`POST ${path}`]);
  });

  it('asks another token endpoint where a preset says so', async () => {
    const server = fake();
    await createFinapi({ ...client, apis: { accessV1 }, preset: accessV2Preset, fetch: server.fetch }).auth.client.get();
    expect(server.sent.map((sent) => sent.call)).toEqual(['POST /api/v2/oauth/token']);
  });

  it('passes options on to clients and tokens', async () => {
    const server = fake(table);
    const events: string[] = [];
    const calls: string[] = [];
    const stored: string[] = [];
    const finapi = finapiOn(server, {
      language: 'en',
      psu: { ipAddress: '192.0.2.1' },
      userAgent: 'household/1',
      middleware: [observe(({ kind, operationId }) => calls.push(`${kind} ${operationId}`))],
      onEvent: ({ type }) => events.push(type),
      tokens: { headers: { 'x-proxy': '7' }, renewBeforeMs: 1000 },
      store: {
        get: async () => ({ value: undefined, version: null, now: Date.now() }),
        set: async (key) => {
          stored.push(key);
          return '1';
        },
        delete: async () => false,
      },
    });
    await finapi.access.banks.getAndSearchAllBanks();
    const [token, data] = server.sent;
    expect(token?.headers).toMatchObject({ 'x-proxy': '7' });
    expect(data?.headers).toMatchObject({ 'accept-language': 'en', 'psu-ip-address': '192.0.2.1' });
    expect(data?.headers['user-agent']).toMatch(/^household\/1 finapi-ts\//);
    expect(calls).toEqual(['sent getAndSearchAllBanks', 'answered getAndSearchAllBanks']);
    expect(events).toContain('received');
    expect(stored.length).toBeGreaterThan(0);
  });

  it('does not let plain http pass unless it is allowed', async () => {
    const environment = { access: 'http://gate.example' };
    expect(() => createFinapi({ ...client, environment, apis: { access } })).toThrow(/https/);
    expect(() => createFinapi({ ...client, environment, apis: { access }, [allowInsecureHttp]: true })).not.toThrow();
  });

  it('lets a user go: the session is wiped and given back', async () => {
    const server = fake(table);
    const alice = finapiOn(server).user('alice', { password: 'a-long-password' });
    await alice.access.accounts.getAndSearchAllAccounts();
    await alice.logout();
    expect(server.calls('POST /api/v2/oauth/revoke').map(({ body }) => body.token)).toEqual(['refresh-of-alice', 'token-of-alice']);
    expect((await failureOf(alice.access.accounts.getAndSearchAllAccounts(), AuthError)).code).toBe('CLOSED');
  });

  it('has what the path-based door takes', async () => {
    const server = fake(table);
    const { data } = await raw(finapiOn(server).user('alice', { password: 'a-long-password' }).access).GET('/api/v2/accounts');
    expect(data).toEqual({ accounts: [] });
    expect(server.sent.at(-1)?.bearer).toBe('token-of-alice');
  });

  it('reads a password only when it is needed', async () => {
    const server = fake(table);
    let asked = 0;
    const finapi = finapiOn(server, {
      users: {
        credentials: () => {
          asked += 1;
          return { password: 'a-long-password' };
        },
      },
    });
    const alice = finapi.user('alice');
    expect(asked).toBe(0);
    await alice.access.accounts.getAndSearchAllAccounts();
    await alice.access.accounts.getAndSearchAllAccounts();
    expect(asked).toBe(1);
  });

  it('goes on with a session that was saved', async () => {
    const server = fake(table);
    const session = { accessToken: 'saved-token', expiresAt: server.clock.now() + 3_600_000 };
    await finapiOn(server).user('alice', { session }).access.accounts.getAndSearchAllAccounts();
    expect(server.sent.map((sent) => sent.bearer)).toEqual(['saved-token']);
  });

  it('is forgotten at the end of the block that holds it', async () => {
    const server = fake(table);
    let auth: { readonly client: { get(): Promise<string> } };
    {
      await using finapi = finapiOn(server);
      await finapi.access.banks.getAndSearchAllBanks();
      auth = finapi.auth;
    }
    expect((await failureOf(auth.client.get(), AuthError)).code).toBe('CLOSED');
    expect(server.calls('POST /api/v2/oauth/revoke')).toEqual([]);
  });
});

describe('options that are wrong', () => {
  const make = (options: object) => () => createFinapi({ ...client, apis: { access }, ...options } as never);

  it.each([
    ['no environment', { environment: undefined }, /environment must be 'sandbox', 'live'/],
    ['a misspelt one', { environment: 'sandbx' }, /environment must be 'sandbox', 'live'/],
    ['no host for Access', { environment: {} }, /environment\.access is missing/],
    ['no host for Web Form', { environment: { access: 'https://a.example' }, apis: { webForm } }, /environment\.webForm is missing/],
    ['no API', { apis: {} }, /apis is empty/],
    ['no list of APIs', { apis: undefined }, /apis is missing/],
    ['an unknown API', { apis: { access, banking: access } }, /apis\.banking is unknown/],
    ['an API under the name of another', { apis: { webForm: access } }, /import it from 'finapi-ts\/web-form'/],
    ['half of an admin client', { adminClientId: 'back-office' }, /adminClientId and adminClientSecret belong together/],
    ['no client', { clientId: '' }, /clientId is missing/],
    ['no secret', { clientSecret: undefined }, /clientSecret is missing/],
  ])('are refused with the way out: %s', (_, options, message) => {
    expect(make(options)).toThrow(message);
  });

  it('are refused for a user as well', () => {
    const finapi = finapiOn(fake());
    expect(() => finapi.user('alice', { password: '' })).toThrow(FinapiError);
    expect(() => finapi.user('alice', { password: 'a', credentials: () => ({ password: 'b' }) })).toThrow(/either/);
    expect(() => finapi.user('')).toThrow(/userId is missing/);
  });
});
