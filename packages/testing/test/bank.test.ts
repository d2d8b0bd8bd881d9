import { describe, expect, it } from 'vitest';
import type { BankConnection, SandboxOptions } from '../src/index.js';
import { type Answered, errorWith, type Stage, stage } from './support.js';

/** What differs between the versions, for tests of both. */
const versions = [
  { version: 'V1', path: '/api/v1', field: 'interface', day: (day: string) => `${day} 00:00:00.000`, none: null },
  { version: 'V2', path: '/api/v2', field: 'bankingInterface', day: (day: string) => day, none: undefined },
] as const;

interface Banking extends Stage {
  readonly user: string;
  readonly connection: BankConnection;
  get(target: string): Promise<Answered>;
  post(target: string, body: object): Promise<Answered>;
}

/** Alice, with one bank connection. */
async function banking(path: string, connection: object = {}, options: SandboxOptions = {}): Promise<Banking> {
  const on = stage({ userTokenLifeS: 0 }, { bankConnections: [{ userId: 'alice', ...connection }], ...options });
  const { access_token: user } = await on.login();
  return {
    ...on,
    user,
    connection: on.sandbox.bankConnections.list()[0] as BankConnection,
    get: (target) => on.call('GET', `${path}${target}`, user),
    post: (target, body) => on.call('POST', `${path}${target}`, user, body),
  };
}

describe.each(versions)('a bank connection in $version', ({ path, field, day, none }) => {
  it('is imported by the clock: accounts, balances and transactions come when it is ready', async () => {
    const { call, login, clock } = stage();
    const { access_token } = await login();
    const body = { bankId: 277672, name: 'Everyday', [field]: 'FINTS_SERVER' };
    const imported = await call('POST', `${path}/bankConnections/import`, access_token, body);
    expect(imported).toMatchObject({ status: 201, body: { updateStatus: 'IN_PROGRESS', name: 'Everyday', bank: { id: 277672 } } });
    const { id } = imported.body;
    const transactions = async () => (await call('GET', `${path}/transactions?view=bankView`, access_token)).body;
    const account = async () => (await call('GET', `${path}/accounts?bankConnectionIds=${id}`, access_token)).body.accounts[0];
    expect((await account()).interfaces).toMatchObject([{ [field]: 'FINTS_SERVER', status: 'DOWNLOAD_IN_PROGRESS' }]);
    expect((await transactions()).paging.totalCount).toBe(0);

    await clock.advance(2999);
    expect((await call('GET', `${path}/bankConnections/${id}`, access_token)).body.updateStatus).toBe('IN_PROGRESS');
    await clock.advance(1);
    const ready = (await call('GET', `${path}/bankConnections/${id}`, access_token)).body;
    expect(ready).toMatchObject({ updateStatus: 'READY', interfaces: [{ [field]: 'FINTS_SERVER', lastManualUpdate: { result: 'OK' } }] });
    expect((await account()).interfaces[0].status).toBe('UPDATED');
    const { paging, balance, income, spending } = await transactions();
    expect(paging.totalCount).toBe(6);
    expect([income, spending]).toEqual([0, balance]);
    expect((await account()).balance).toBeLessThan(1000);
  });

  it('grows with each update, and what is new can be asked for by its day', async () => {
    const { get, post, clock, sandbox, connection } = await banking(path, { accounts: 1, newTransactions: 2 });
    const since = async (query: string) => (await get(`/transactions?view=bankView&${query}`)).body.transactions;
    const all = await since('');
    expect(all.map(({ bankBookingDate }: { bankBookingDate: string }) => bankBookingDate)).toEqual(
      ['2026-03-28', '2026-03-29', '2026-03-30'].map(day),
    );
    expect(await since('maxBankBookingDate=2026-03-29')).toEqual(all.slice(0, 2));

    await clock.advance(86_400_000);
    await post('/bankConnections/update', { bankConnectionId: connection.id, [field]: 'XS2A' });
    sandbox.bankConnections.finishUpdate(connection.id);
    const fresh = await since('minBankBookingDate=2026-03-31');
    expect(fresh).toHaveLength(2);
    expect(fresh[0]).toMatchObject({ accountId: connection.accountIds[0], bankBookingDate: day('2026-03-31'), amount: expect.any(Number) });
    expect(fresh[0].parentId).toBe(none);
    expect(await since(`ids=${all[0].id},${fresh[1].id}`)).toEqual([all[0], fresh[1]]);
    expect(await since('accountIds=1')).toEqual([]);
    expect((await get('/transactions?view=bankView&perPage=2&page=3')).body).toMatchObject({
      transactions: [fresh[1]],
      paging: { page: 3, perPage: 2, pageCount: 3, totalCount: 5 },
    });
    expect((await get(`/transactions/${fresh[0].id}`)).body).toEqual(fresh[0]);
    expect((await get('/transactions/1')).status).toBe(404);
  });

  it('answers 423 to what touches it while its update runs, and to nothing else', async () => {
    const { get, post, call, user, clock, sandbox, connection } = await banking(path);
    const other = sandbox.bankConnections.add({ userId: 'alice' });
    const update = { bankConnectionId: connection.id, [field]: 'XS2A' };
    await post('/bankConnections/update', update);
    const locked = { status: 423, body: errorWith('LOCKED') };
    expect(await post('/bankConnections/update', update)).toMatchObject(locked);
    expect(await post('/bankConnections/removeInterface', update)).toMatchObject(locked);
    expect(await call('DELETE', `${path}/bankConnections/${connection.id}`, user)).toMatchObject(locked);
    expect(await call('DELETE', `${path}/bankConnections`, user)).toMatchObject(locked);
    expect(await call('DELETE', `${path}/accounts/${connection.accountIds[0]}`, user)).toMatchObject(locked);
    expect(await call('DELETE', `${path}/users`, user)).toMatchObject(locked);
    expect((await get(`/bankConnections/${connection.id}`)).status).toBe(200);
    expect((await call('PATCH', `${path}/accounts/${other.accountIds[0]}`, user, { accountName: 'Savings' })).status).toBe(200);
    await clock.advance(3000);
    expect((await call('DELETE', `${path}/bankConnections/${connection.id}`, user)).status).toBe(200);
    expect((await get('/bankConnections')).body.connections).toMatchObject([{ id: other.id }]);
    expect((await get('/accounts')).body.accounts.map(({ accountName }: { accountName: string }) => accountName)).toContain('Savings');
  });

  it.each([
    ['success', 'OK', ['UPDATED', 'UPDATED']],
    ['accountFails', 'OK', ['UPDATED', 'DOWNLOAD_FAILED']],
    ['error', 'BANK_SERVER_REJECTION', ['DOWNLOAD_FAILED', 'DOWNLOAD_FAILED']],
  ] as const)('is ready after an update whose outcome is %s, with the status of each part', async (outcome, result, statuses) => {
    const { get, post, clock, sandbox, connection } = await banking(path);
    sandbox.bankConnections.configure(connection.id, { outcome });
    await post('/bankConnections/update', { bankConnectionId: connection.id, [field]: 'XS2A' });
    await clock.advance(3000);
    const { updateStatus, interfaces } = (await get(`/bankConnections/${connection.id}`)).body;
    expect([updateStatus, interfaces[0].lastManualUpdate.result]).toEqual(['READY', result]);
    const { accounts } = (await get('/accounts')).body;
    expect(accounts.map((account: { interfaces: { status: string }[] }) => account.interfaces[0]?.status)).toEqual(statuses);
    const { updates, lastUpdate } = sandbox.bankConnections.get(connection.id);
    expect([updates, lastUpdate?.refused]).toEqual([2, outcome === 'error']);
  });

  it('gets another interface, and goes with its last one', async () => {
    const { get, post, clock, connection } = await banking(path);
    const { id: bankConnectionId } = connection;
    await post('/bankConnections/connectInterface', { bankConnectionId, [field]: 'FINTS_SERVER' });
    await clock.advance(3000);
    const names = async () =>
      (await get('/bankConnections')).body.connections.map((it: { interfaces: Record<string, string>[] }) =>
        it.interfaces.map((its) => its[field]),
      );
    expect(await names()).toEqual([['XS2A', 'FINTS_SERVER']]);
    await post('/bankConnections/removeInterface', { bankConnectionId, [field]: 'XS2A' });
    expect(await names()).toEqual([['FINTS_SERVER']]);
    await post('/bankConnections/removeInterface', { bankConnectionId, [field]: 'FINTS_SERVER' });
    expect(await names()).toEqual([]);
    expect((await get('/accounts')).body).toEqual({ accounts: [] });
  });

  it('asks for every step that is configured, and takes no other hash', async () => {
    const steps = ['TWO_STEP_PROCEDURE_REQUIRED', 'CHALLENGE_RESPONSE_REQUIRED', 'REDIRECT_REQUIRED', 'DECOUPLED_AUTH_REQUIRED'] as const;
    const { call, login, sandbox } = stage();
    const { access_token } = await login();
    sandbox.bankConnections.configureImports({ steps });
    const attempt = async (multiStepAuthentication?: object) =>
      call('POST', `${path}/bankConnections/import`, access_token, { bankId: 1, [field]: 'XS2A', multiStepAuthentication });
    const challenge = ({ body }: Answered) => body.errors[0].multiStepAuthentication;

    let asked = await attempt();
    expect(asked).toMatchObject({ status: 510, body: { errors: [{ code: 'ADDITIONAL_AUTHENTICATION_REQUIRED', type: 'BUSINESS' }] } });
    expect(await attempt({ hash: 'other', challengeResponse: '1' })).toMatchObject({
      status: 422,
      body: errorWith('NO_EXISTING_CHALLENGE'),
    });
    const [{ procedureId }] = challenge(asked).twoStepProcedures;
    const missing = await attempt({ hash: challenge(asked).hash, challengeResponse: '1' });
    expect(missing).toMatchObject({ status: 400, body: errorWith('MISSING_FIELD') });
    const unknown = await attempt({ hash: challenge(asked).hash, twoStepProcedureId: 'none' });
    expect(unknown).toMatchObject({ status: 422, body: errorWith('INVALID_TWO_STEP_PROCEDURE') });

    const given = [
      { twoStepProcedureId: procedureId },
      { challengeResponse: '123456' },
      { redirectCallback: 'code=1' },
      { decoupledCallback: true },
    ];
    for (const [index, answer] of given.entries()) {
      expect([asked.status, challenge(asked).status]).toEqual([510, steps[index]]);
      asked = await attempt({ hash: challenge(asked).hash, ...answer });
    }
    expect(asked.status).toBe(201);
    expect(sandbox.bankConnections.list()).toHaveLength(1);
  });
});

describe('a decoupled step', () => {
  it('goes on when it is asked every 5 seconds, and stays where it is when asked sooner, which the log shows', async () => {
    const steps = ['DECOUPLED_AUTH_REQUIRED', 'DECOUPLED_AUTH_IN_PROGRESS'] as const;
    const { post, clock, sandbox, connection } = await banking('/api/v2', { steps });
    const ask = (hash?: string) =>
      post('/bankConnections/update', {
        bankConnectionId: connection.id,
        bankingInterface: 'XS2A',
        ...(hash === undefined ? {} : { multiStepAuthentication: { hash, decoupledCallback: true } }),
      });
    const hashOf = ({ body }: Answered): string => body.errors[0].multiStepAuthentication.hash;
    const waiting = await ask(hashOf(await ask()));
    await clock.advance(4999);
    const sooner = await ask(hashOf(waiting));
    expect(sooner).toMatchObject({ status: 510, body: { errors: [{ multiStepAuthentication: { status: steps[1] } }] } });
    expect(sandbox.log.map(({ tooFast }) => tooFast).slice(-3)).toEqual([undefined, undefined, true]);
    await clock.advance(5000);
    expect((await ask(hashOf(sooner))).status).toBe(200);
  });
});

describe('the bank connections of the sandbox', () => {
  it('belong to their users, who see examples until they have one', async () => {
    const { call, login, sandbox } = stage();
    sandbox.users.add({ id: 'bob', password: 'another-password' });
    sandbox.bankConnections.add({ userId: 'BOB' });
    const { access_token } = await login();
    expect((await call('GET', '/api/v1/accounts', access_token)).body.accounts).toHaveLength(3);
    expect(sandbox.bankConnections.list({ userId: 'alice' })).toEqual([]);
    sandbox.bankConnections.add({ userId: 'alice', accounts: 1 });
    expect((await call('GET', '/api/v1/accounts', access_token)).body.accounts).toHaveLength(1);
    sandbox.setItems('getAndSearchAllAccounts', 9);
    expect((await call('GET', '/api/v1/accounts', access_token)).body.accounts).toHaveLength(9);
  });

  it('go with their user', async () => {
    const { call, user, sandbox } = await banking('/api/v2');
    expect((await call('DELETE', '/api/v2/users', user)).status).toBe(200);
    expect(sandbox.bankConnections.list()).toEqual([]);
  });

  it('are the same in both versions', async () => {
    const { call, user, connection } = await banking('/api/v1', { name: 'Everyday', bankId: 5 });
    for (const path of ['/api/v1', '/api/v2'])
      expect((await call('GET', `${path}/bankConnections`, user)).body.connections).toMatchObject([
        { id: connection.id, name: 'Everyday', accountIds: connection.accountIds, bank: { id: 5 } },
      ]);
    expect((await call('GET', `/api/v1/bankConnections/${connection.id},7`, user)).body.connections).toHaveLength(1);
    const [first] = connection.accountIds;
    expect((await call('GET', `/api/v1/accounts/${first},7`, user)).body.accounts).toMatchObject([{ id: first, status: 'UPDATED' }]);
    expect((await call('GET', `/api/v2/accounts/${first}`, user)).body).not.toHaveProperty('status');
  });

  it('can be emptied', async () => {
    const { call, user, connection } = await banking('/api/v2');
    expect((await call('DELETE', '/api/v2/accounts', user)).body).toEqual({ identifiers: connection.accountIds });
    expect((await call('DELETE', '/api/v2/bankConnections', user)).body).toEqual({ identifiers: [connection.id] });
    expect((await call('GET', '/api/v2/bankConnections', user)).body).toEqual({ connections: [] });
  });

  it('have names that users give', async () => {
    const { call, user, connection } = await banking('/api/v2');
    const body = { name: 'Mine' };
    expect((await call('PATCH', `/api/v2/bankConnections/${connection.id}`, user, body)).body).toMatchObject(body);
    expect((await call('PATCH', '/api/v2/bankConnections/1', user, body)).status).toBe(404);
  });

  it('are made of valid options only', () => {
    const { sandbox } = stage();
    expect(() => sandbox.bankConnections.add({ userId: 'nobody' })).toThrow('has no user nobody');
    expect(() => sandbox.bankConnections.add({ userId: 'alice', accounts: -1 })).toThrow('accounts is a whole number from 0 on, not -1');
    expect(() => sandbox.bankConnections.configureImports({ newTransactions: 0.5 })).toThrow('newTransactions is a whole number from 0 on');
    expect(() => sandbox.bankConnections.get(1)).toThrow('has no bank connection 1; it has: none');
    expect(() => stage({}, { updateMs: -1 })).toThrow('updateMs is a number from 0 on, not -1');
  });
});
