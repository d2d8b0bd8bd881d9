// What the compiler refuses and takes. `tsc -p test/tsconfig.json` is the judge; running the file shows only that it runs.
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  type AccessToken,
  type AccessV1,
  type Account,
  type AccountParams,
  type AccountType,
  type AdminOperations,
  type BadCredentialsError,
  createAccessV1,
  type ErrorMessage,
  type GetAccountAnswer,
  type GetTokenArgs,
  type ImportBankConnectionArgs,
  type PageableTransactionList,
  type Transaction,
  type UserOperations,
} from '../src/generated/access-v1/index.js';
import { operations } from '../src/generated/access-v1/operations.js';
import { raw } from '../src/generated/access-v1/raw.js';
import type {
  AuthenticationRequiredError,
  Call,
  CallOptions,
  ClientOptions,
  Credential,
  FinapiError,
  FinapiErrorCode,
  Language,
  Middleware,
  Paged,
  PlainToken,
  TokenProvider,
  TokenSource,
} from '../src/index.js';
import { baseUrl, clientOf, clientToken, json, recorder, userOf, userToken } from './support.js';

/** Holds what is compiled and never run. */
const compiled = (..._: readonly unknown[]): void => expect(true).toBe(true);
declare const finapi: AccessV1;
declare const alice: UserOperations;
declare const admin: AdminOperations;

/** Whether two types are the same, `any` and optional properties included. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const same = <A, B>(_: Same<A, B>): void => compiled();

describe('which token an operation takes', () => {
  it("is in its type: a user's operations are not on the client", () => {
    compiled(
      // @ts-expect-error: accounts come with as(user)
      () => finapi.accounts,
      // @ts-expect-error: transactions come with as(user)
      () => finapi.transactions,
      // @ts-expect-error: administration comes with admin
      () => finapi.mandatorAdministration,
      // @ts-expect-error: a user has no administration
      () => alice.mandatorAdministration,
      // @ts-expect-error: a user fetches no tokens
      () => alice.authorization,
      // @ts-expect-error: an admin client has no accounts
      () => admin.accounts,
      // @ts-expect-error: users are created by the client, not by a user
      () => alice.users.createUser({}),
      // @ts-expect-error: the client is no user that could be read
      () => finapi.users.getAuthorizedUser(),
      () => finapi.banks.getBank({ id: 1 }),
      () => alice.banks.getBank({ id: 1 }),
    );
  });

  it('keeps the tokens of others out of as()', () => {
    compiled(
      // @ts-expect-error: a token of the client
      () => finapi.as({ identity: 'client', token: 'x' }),
      // @ts-expect-error: a token of the admin client
      () => finapi.as({ identity: 'admin', token: 'x' }),
      // @ts-expect-error: nobody's token
      () => finapi.as({ token: 'x' }),
      // @ts-expect-error: a text
      () => finapi.as('x'),
      // @ts-expect-error: nothing
      () => finapi.as(),
      // @ts-expect-error: undefined
      () => finapi.as(undefined),
      // @ts-expect-error: a source of the client
      () => finapi.as({ identity: 'client', get: async () => 'x' }),
      () => finapi.as({ identity: 'user', token: 'x' }),
      () => finapi.as({ identity: 'user', get: async () => 'x' }),
      () =>
        finapi.as({
          identity: 'user',
          get: async (options) => (options?.signal?.aborted ? '' : 'x'),
          peek: () => undefined,
          reject: async () => {},
        }),
    );
  });

  it("keeps the client's and the admin client's tokens apart", () => {
    const client: PlainToken<'client'> = { identity: 'client', token: 'x' };
    const other: PlainToken<'admin'> = { identity: 'admin', token: 'x' };
    compiled(
      // @ts-expect-error: an admin token for the client
      () => createAccessV1({ baseUrl, auth: { client: other } }),
      // @ts-expect-error: a client token for the admin client
      () => createAccessV1({ baseUrl, auth: { admin: client } }),
      // @ts-expect-error: a user's token for the client
      () => createAccessV1({ baseUrl, auth: { client: userToken } }),
      () => createAccessV1({ baseUrl, auth: { client, admin: other } }),
      () => createAccessV1({ baseUrl, auth: { client } }),
    );
    expectTypeOf<TokenSource<'user'>>().not.toExtend<Credential<'client'>>();
  });

  it('is met by any object of the form of a source, without importing its type', () => {
    class Pool {
      readonly identity = 'user' as const;
      readonly other = 1;
      async get(_options?: { signal?: AbortSignal; force?: boolean }): Promise<string> {
        return 'x';
      }
    }
    expectTypeOf<Pool>().toExtend<Credential<'user'>>();
    expectTypeOf<{ client: { identity: 'client'; get(): Promise<string> } }>().toExtend<TokenProvider>();
  });
});

describe('arguments', () => {
  it('that are required are required, and the others optional', () => {
    compiled(
      // @ts-expect-error: id is missing
      () => alice.accounts.getAccount({}),
      // @ts-expect-error: arguments are missing
      () => alice.accounts.getAccount(),
      // @ts-expect-error: view is missing
      () => alice.transactions.getAndSearchAllTransactions({ page: 1 }),
      // @ts-expect-error: the secret is missing
      () => finapi.authorization.getToken({ grant_type: 'client_credentials', client_id: 'x' }),
      // @ts-expect-error: an id is a number
      () => alice.accounts.getAccount({ id: '1' }),
      // @ts-expect-error: ids are a list
      () => alice.accounts.getMultipleAccounts({ ids: 1 }),
      // @ts-expect-error: there is no such argument
      () => alice.accounts.getAccount({ id: 1, ids: [1] }),
      // @ts-expect-error: there is no such field
      () => alice.accounts.editAccount({ id: 1, accountname: 'x' }),
      // @ts-expect-error: undefined is left out, not given
      () => alice.accounts.editAccount({ id: 1, accountName: undefined }),
      // @ts-expect-error: nothing is taken
      () => alice.users.getAuthorizedUser({ id: 1 }),
      () => alice.users.getAuthorizedUser(),
      () => alice.users.getAuthorizedUser({}),
      () => finapi.banks.getAndSearchAllBanks(),
      () => alice.accounts.editAccount({ id: 1 }),
      () => alice.users.getAuthorizedUser({}, { requestId: 'x' }),
    );
  });

  it('of path and body are one object', () => {
    expectTypeOf<{ id: number; accountName: string }>().toExtend<Parameters<UserOperations['accounts']['editAccount']>[0]>();
  });

  it('that have a default are optional', () => {
    same<ImportBankConnectionArgs['storeSecrets'], boolean | undefined>(true);
    same<ImportBankConnectionArgs['maxDaysForDownload'], number | undefined>(true);
    same<{ bankId: number } extends ImportBankConnectionArgs ? 1 : 0, 1>(true);
    same<{ bankId: number; storeSecrets: undefined } extends ImportBankConnectionArgs ? 1 : 0, 0>(true);
  });

  it('have closed enumerations', () => {
    same<AccountParams['accountType'], AccountType | undefined>(true);
    expectTypeOf<string>().not.toExtend<AccountType>();
    compiled(
      // @ts-expect-error: no such type of account
      () => alice.accounts.editAccount({ id: 1, accountType: 'Current' }),
      // @ts-expect-error: no such grant
      () => finapi.authorization.getToken({ grant_type: 'device_code', client_id: 'x', client_secret: 'x' }),
      // @ts-expect-error: no such view
      () => alice.transactions.getAndSearchAllTransactions({ view: 'view' }),
      () => alice.accounts.editAccount({ id: 1, accountType: 'Checking' }),
    );
    same<GetTokenArgs['grant_type'], 'password' | 'client_credentials' | 'refresh_token'>(true);
  });

  it('that are deprecated are there', () => {
    same<AccountParams['accountTypeId'], number | undefined>(true);
    same<Account['accountTypeName'], string>(true);
    compiled(
      () => alice.transactions.editMultipleTransactionsDeprecated({ ids: [1], isNew: true }),
      () => alice.accounts.requestSepaDirectDebit,
    );
  });
});

describe('answers', () => {
  it('have open enumerations, which any text fits, and which still name the known ones', () => {
    expectTypeOf<string>().toExtend<Account['accountType']>();
    // What an editor offers: the literals are members of the union, not swallowed by `string`.
    same<Extract<Account['accountType'], 'Checking'>, 'Checking'>(true);
    same<AccountType extends Extract<Account['accountType'], AccountType> ? 1 : 0, 1>(true);
    same<Account['accountType'], string>(false);
    const open: Account['accountType'] = 'SomethingThatFinapiAddsLater';
    // @ts-expect-error: an open value does not go back in unchecked
    const closed: AccountType = open as Account['accountType'];
    compiled(open, closed);
  });

  it('say what may be null', () => {
    same<Account['iban'], string | null>(true);
    same<Account['balance'], number | null>(true);
    same<Account['id'], number>(true);
    same<AccessToken['refresh_token'], string | undefined>(true);
  });

  it('are what awaiting gives', () => {
    same<Awaited<ReturnType<UserOperations['accounts']['getAccount']>>, Account>(true);
    same<Awaited<ReturnType<UserOperations['accounts']['deleteAccount']>>, void>(true);
    same<Awaited<ReturnType<AccessV1['authorization']['getToken']>>, AccessToken>(true);
    same<ReturnType<UserOperations['accounts']['getAccount']>, Call<Account, GetAccountAnswer>>(true);
  });

  it('are told apart by status', async () => {
    const answer = await userOf(recorder(json(200, { id: 3 })))
      .accounts.getAccount({ id: 1 })
      .answer();
    switch (answer.status) {
      case 200:
        same<typeof answer.value, Account>(true);
        same<typeof answer.ok, true>(true);
        // @ts-expect-error: a success has no error
        compiled(() => answer.error);
        break;
      case 401:
        same<typeof answer.body, BadCredentialsError | undefined>(true);
        same<typeof answer.error, FinapiError>(true);
        // @ts-expect-error: a failure has no value
        compiled(() => answer.value);
        break;
      case 400:
      case 403:
      case 404:
      case 500:
        same<typeof answer.body, ErrorMessage | undefined>(true);
        break;
      case 'unexpected':
        same<typeof answer.error, Error>(true);
        // @ts-expect-error: nobody knows a body
        compiled(() => answer.body);
        break;
      default:
        // Every status is handled above.
        same<typeof answer, never>(true);
    }
    compiled(
      // @ts-expect-error: the document does not declare 418
      () => answer.status === 418,
      // @ts-expect-error: the value is there only for a success
      () => answer.value,
    );
    expect(answer.status).toBe(200);
  });

  it('are told apart by ok', async () => {
    const answer = await userOf(recorder(json(404, {})))
      .accounts.getAccount({ id: 1 })
      .answer();
    if (answer.ok) same<typeof answer.value, Account>(true);
    else expectTypeOf(answer.error).toExtend<Error>();
    expect(answer.ok).toBe(false);
  });

  it('have the statuses that the operation declares', () => {
    type StatusOf<T> = T extends { answer(): Promise<{ status: infer Status }> } ? Status : never;
    same<StatusOf<ReturnType<UserOperations['accounts']['getAccount']>>, 200 | 400 | 401 | 403 | 404 | 500 | 'unexpected'>(true);
    same<StatusOf<ReturnType<AccessV1['users']['createUser']>>, 201 | 400 | 401 | 403 | 422 | 500 | 'unexpected'>(true);
    same<StatusOf<ReturnType<AccessV1['authorization']['revokeToken']>>, 200 | 400 | 403 | 500 | 'unexpected'>(true);
  });
});

describe('paged calls', () => {
  it('have items and pages of their own types', () => {
    type Transactions = ReturnType<UserOperations['transactions']['getAndSearchAllTransactions']>;
    type ItemOf<T> = T extends AsyncIterable<infer Item> ? Item : never;
    same<ItemOf<Transactions>, Transaction>(true);
    same<ItemOf<ReturnType<Transactions['items']>>, Transaction>(true);
    same<ItemOf<ReturnType<Transactions['pages']>>, PageableTransactionList>(true);
    same<Awaited<Transactions>, PageableTransactionList>(true);
    expectTypeOf<Transactions>().toExtend<Paged<PageableTransactionList, Transaction, unknown>>();
  });

  it('are those alone that finAPI pages', () => {
    compiled(
      // @ts-expect-error: accounts come whole
      () => alice.accounts.getAndSearchAllAccounts().pages(),
      // @ts-expect-error: accounts come whole
      () => alice.accounts.getAndSearchAllAccounts()[Symbol.asyncIterator],
      // @ts-expect-error: one account has no pages
      () => alice.accounts.getAccount({ id: 1 }).items(),
      () => admin.mandatorAdministration.getUserList().pages(),
    );
  });
});

describe('the path-based door', () => {
  it('knows data, error and the arguments of each path', async () => {
    const door = raw(userOf(recorder(json(200, { id: 1 }))));
    const answer = await door.GET('/api/v1/accounts/{id}', { params: { path: { id: 1 } }, requestId: 'x' });
    same<NonNullable<typeof answer.data>, Account>(true);
    if (answer.error === undefined) same<typeof answer.data, Account>(true);
    else same<typeof answer.error, ErrorMessage | BadCredentialsError | string>(true);
    same<typeof answer.response, Response>(true);
    compiled(
      // @ts-expect-error: the path has an id
      () => door.GET('/api/v1/accounts/{id}'),
      // @ts-expect-error: the path has an id
      () => door.GET('/api/v1/accounts/{id}', {}),
      // @ts-expect-error: an id is a number
      () => door.GET('/api/v1/accounts/{id}', { params: { path: { id: '1' } } }),
      // @ts-expect-error: no such path
      () => door.GET('/api/v1/nothing'),
      // @ts-expect-error: a path of another method
      () => door.POST('/api/v1/accounts/{id}', { params: { path: { id: 1 } } }),
      // @ts-expect-error: view is required
      () => door.GET('/api/v1/transactions', { params: { query: {} } }),
      // @ts-expect-error: no such field
      () => door.PATCH('/api/v1/accounts/{id}', { params: { path: { id: 1 } }, body: { accountname: 'x' } }),
      // @ts-expect-error: a path of the admin client
      () => door.GET('/api/v1/mandatorAdmin/getUserList'),
      // @ts-expect-error: a path of a user
      () => raw(finapi).GET('/api/v1/accounts'),
      // @ts-expect-error: not a client
      () => raw({}),
      () => door.GET('/api/v1/users'),
      () => door.GET('/api/v1/banks', { params: { query: { search: 'x' } } }),
      () => raw(admin).GET('/api/v1/mandatorAdmin/getUserList', { signal: new AbortController().signal }),
    );
    expect(answer.response.ok).toBe(true);
  });
});

describe('options', () => {
  it('of a client are checked', () => {
    compiled(
      // @ts-expect-error: a base URL is needed
      () => createAccessV1({}),
      // @ts-expect-error: options are needed
      () => createAccessV1(),
      // @ts-expect-error: no such option
      () => createAccessV1({ baseUrl, timeout: 5 }),
      // @ts-expect-error: no such language
      () => createAccessV1({ baseUrl, language: 'fr' }),
      // @ts-expect-error: true has no meaning
      () => createAccessV1({ baseUrl, retry: true }),
      () =>
        createAccessV1({
          baseUrl,
          retry: false,
          language: 'en',
          timeoutMs: 5,
          psu: {},
          methodOverride: true,
          userAgent: 'x',
          middleware: [],
        }),
      () => createAccessV1({ baseUrl, fetch }),
      () => createAccessV1({ baseUrl, fetch: globalThis.fetch }),
    );
    same<Language, 'de' | 'en' | 'cs' | 'sk'>(true);
    expectTypeOf<{ baseUrl: string }>().toExtend<ClientOptions>();
  });

  it('of a call are checked, and come last', () => {
    compiled(
      // @ts-expect-error: no such option
      () => alice.accounts.getAccount({ id: 1 }, { timeout: 5 }),
      // @ts-expect-error: a header is a text
      () => alice.accounts.getAccount({ id: 1 }, { headers: { 'x-a': 1 } }),
      // @ts-expect-error: options are no arguments
      () => alice.accounts.getAccount({ id: 1, signal: new AbortController().signal }),
      () =>
        alice.accounts.getAccount(
          { id: 1 },
          { retry: { attempts: 2, locked: true }, requestId: 'x', timeoutMs: 1, language: 'sk', psu: { ipAddress: '192.0.2.1' } },
        ),
    );
    expectTypeOf<Parameters<UserOperations['accounts']['getAccount']>[1]>().toEqualTypeOf<CallOptions | undefined>();
  });

  it('of middleware cannot be written to', () => {
    const middleware: Middleware = (request, next) => {
      compiled(() => {
        // @ts-expect-error: a changed copy is passed on
        request.url = 'x';
        // @ts-expect-error: a changed copy is passed on
        request.headers['x'] = 'y';
      });
      return next({ ...request, headers: { ...request.headers, x: 'y' } });
    };
    expect(middleware).toBeTypeOf('function');
  });
});

describe('errors', () => {
  it('have a closed list of codes, so that a switch over them can be complete', () => {
    expectTypeOf<string>().not.toExtend<FinapiErrorCode>();
    same<FinapiError['code'], FinapiErrorCode>(true);
    expectTypeOf<AuthenticationRequiredError>().toExtend<FinapiError>();
    compiled((error: FinapiError) => {
      // @ts-expect-error: no such code
      if (error.code === 'TEAPOT') return;
      // @ts-expect-error: errors are read, not changed
      error.status = 1;
    });
  });
});

describe('the generated constants', () => {
  it('keep their literal types', () => {
    same<typeof finapi.provenance.version, '1.151.1'>(true);
    same<(typeof operations)['getAccount']['method'], 'GET'>(true);
    expect(clientOf(recorder()).provenance.api).toBe('access-v1');
    expect(operations.getToken.token).toEqual([]);
    expect(clientToken.identity).toBe('client');
  });
});
