import { FinapiError } from '@finapi-ts/client';
import { describe, expect, it } from 'vitest';
import { FlowError, waitForUpdate } from '../src/flows.js';
import { aliceOn, broken, failure, failureOf, fake, finapiOn, json, played, rejectionOf, secondsOf, silence } from './support.js';

const connectionCall = 'GET /api/v2/bankConnections/7';
const result = (outcome: string, timestamp: string, more: object = {}) => ({ result: outcome, timestamp, ...more });
const xs2a = {
  bankingInterface: 'XS2A',
  userActionRequired: false,
  lastManualUpdate: result('OK', '2026-03-30T12:00:00Z'),
};
const connection = (updateStatus: string, ...interfaces: object[]) => ({ id: 7, updateStatus, interfaces, accountIds: [1, 2] });
const account = (id: number, ...states: [string, string][]) => ({
  id,
  interfaces: states.map(([bankingInterface, status]) => ({ bankingInterface, status, capabilities: [] })),
});
const busy = connection('IN_PROGRESS', xs2a);
const ready = connection('READY', xs2a);
const accounts = { accounts: [account(1, ['XS2A', 'UPDATED'])] };

describe('waiting for an update', () => {
  it('looks every three seconds until nothing is being downloaded, then reads the accounts of that connection', async () => {
    const server = fake({ [connectionCall]: [busy, busy, ready], 'GET /api/v2/accounts': accounts });
    const seen: string[] = [];
    const outcome = await played(
      server.clock,
      waitForUpdate(aliceOn(server).access, {
        bankConnectionId: 7,
        clock: server.clock,
        onProgress: ({ updateStatus }) => seen.push(updateStatus),
      }),
    );
    expect(outcome.ok).toBe(true);
    expect(outcome.bankConnection.accountIds).toEqual([1, 2]);
    expect(outcome.accounts).toEqual([{ accountId: 1, bankingInterface: 'XS2A', status: 'UPDATED', ok: true }]);
    expect(secondsOf(server, connectionCall)).toEqual([0, 3, 6]);
    expect(seen).toEqual(['IN_PROGRESS', 'IN_PROGRESS', 'READY']);
    expect(server.calls('GET /api/v2/accounts').map(({ query }) => query.get('bankConnectionIds'))).toEqual(['7']);
    expect(server.clock.timers).toBe(0);
  });

  it('tells success and failure by interface and account: READY is no success', async () => {
    const refused = result('BANK_SERVER_REJECTION', '2026-03-30T12:00:00Z', { errorMessage: 'wrong PIN', errorType: 'BUSINESS' });
    const fints = { bankingInterface: 'FINTS_SERVER', userActionRequired: true, lastManualUpdate: refused };
    const server = fake({
      [connectionCall]: connection('READY', xs2a, fints),
      'GET /api/v2/accounts': {
        accounts: [
          account(1, ['XS2A', 'UPDATED'], ['FINTS_SERVER', 'UPDATED']),
          account(2, ['XS2A', 'DOWNLOAD_FAILED']),
          account(3, ['XS2A', 'UPDATED_FIXED']),
        ],
      },
    });
    const { access } = aliceOn(server);
    const outcome = await waitForUpdate(access, { bankConnectionId: 7, clock: server.clock });
    const error = { code: 'BANK_SERVER_REJECTION', message: 'wrong PIN', type: 'BUSINESS' };
    expect(outcome.ok).toBe(false);
    expect(outcome.interfaces).toEqual([
      { bankingInterface: 'XS2A', userActionRequired: false, ok: true },
      { bankingInterface: 'FINTS_SERVER', userActionRequired: true, ok: false, error },
    ]);
    expect(outcome.accounts).toEqual([
      { accountId: 1, bankingInterface: 'XS2A', status: 'UPDATED', ok: true },
      { accountId: 1, bankingInterface: 'FINTS_SERVER', status: 'UPDATED', ok: false, error },
      { accountId: 2, bankingInterface: 'XS2A', status: 'DOWNLOAD_FAILED', ok: false, error: { code: 'DOWNLOAD_FAILED' } },
      { accountId: 3, bankingInterface: 'XS2A', status: 'UPDATED_FIXED', ok: true },
    ]);
    const alone = await waitForUpdate(access, { bankConnectionId: 7, bankingInterface: 'XS2A', clock: server.clock });
    expect(alone.interfaces).toHaveLength(1);
    expect(alone.accounts.map(({ accountId, ok }) => [accountId, ok])).toEqual([
      [1, true],
      [2, false],
      [3, true],
    ]);
  });

  it('takes the later of the update that was asked for and the batch update', async () => {
    const server = fake({
      [connectionCall]: connection('READY', {
        ...xs2a,
        lastManualUpdate: result('OK', '2026-03-29T23:30:00Z'),
        lastAutoUpdate: result('INTERNAL_SERVER_ERROR', '2026-03-30T01:00:00+02:00'),
      }),
      'GET /api/v2/accounts': accounts,
    });
    expect((await waitForUpdate(aliceOn(server).access, { bankConnectionId: 7, clock: server.clock })).ok).toBe(true);
  });

  it('does not take an account that the bank no longer lists for a failure of the update', async () => {
    const server = fake({ [connectionCall]: ready, 'GET /api/v2/accounts': { accounts: [account(1, ['XS2A', 'DEPRECATED'])] } });
    const outcome = await waitForUpdate(aliceOn(server).access, { bankConnectionId: 7, clock: server.clock });
    expect(outcome.ok).toBe(true);
    expect(outcome.accounts).toMatchObject([{ ok: false, error: { code: 'DEPRECATED' } }]);
  });

  it('does the same with Access V1', async () => {
    const { bankingInterface, ...rest } = xs2a;
    const server = fake({
      'GET /api/v1/bankConnections/7': connection('READY', { ...rest, interface: bankingInterface, lastAutoUpdate: null }),
      'GET /api/v1/accounts': { accounts: [{ id: 1, interfaces: [{ interface: 'XS2A', status: 'DOWNLOAD_FAILED' }] }] },
    });
    const outcome = await waitForUpdate(aliceOn(server).accessV1, { bankConnectionId: 7, clock: server.clock });
    expect(outcome.accounts).toEqual([
      { accountId: 1, bankingInterface: 'XS2A', status: 'DOWNLOAD_FAILED', ok: false, error: { code: 'DOWNLOAD_FAILED' } },
    ]);
  });
});

describe('a look that fails', () => {
  it.each([
    ['500', failure(500)],
    ['503 of a proxy', new Response('<html>', { status: 503, headers: { 'content-type': 'text/html' } })],
    ['520 of another', new Response('', { status: 520 })],
    ['423', failure(423, 'LOCKED')],
    ['a broken connection', broken()],
    ['half an answer', new Response('{"id":', { headers: { 'content-type': 'application/json' } })],
  ])('in passing is borne: %s', async (_, answer) => {
    const server = fake({ [connectionCall]: [busy, answer, ready], 'GET /api/v2/accounts': [answer, accounts] });
    const outcome = await played(server.clock, waitForUpdate(aliceOn(server).access, { bankConnectionId: 7, clock: server.clock }));
    expect(outcome.ok).toBe(true);
    expect(secondsOf(server, connectionCall)).toEqual([0, 3, 6]);
    expect(secondsOf(server, 'GET /api/v2/accounts')).toEqual([6, 9]);
  });

  it.each([
    ['404', failure(404, 'UNKNOWN_ENTITY'), 'NOT_FOUND'],
    ['403', failure(403), 'FORBIDDEN'],
    ['501', failure(501), 'NOT_SUPPORTED'],
  ])('for good ends the flow: %s', async (_, answer, code) => {
    const server = fake({ [connectionCall]: [busy, answer] });
    const error = await failureOf(
      played(server.clock, waitForUpdate(aliceOn(server).access, { bankConnectionId: 7, clock: server.clock })),
      FinapiError,
    );
    expect(error.code).toBe(code);
    expect(server.clock.timers).toBe(0);
  });

  it('is followed by the pause that finAPI asks for', async () => {
    const later = json(503, {}, { 'retry-after': '20' });
    const server = fake({ [connectionCall]: [later, ready], 'GET /api/v2/accounts': accounts });
    await played(server.clock, waitForUpdate(aliceOn(server).access, { bankConnectionId: 7, clock: server.clock }));
    expect(secondsOf(server, connectionCall)).toEqual([0, 20]);
  });

  it('for want of a token is borne as well', async () => {
    const server = fake({
      'POST /api/v2/oauth/token': [failure(503), { access_token: 'token-of-alice', token_type: 'bearer', expires_in: 3600 }],
      [connectionCall]: ready,
      'GET /api/v2/accounts': accounts,
    });
    expect((await played(server.clock, waitForUpdate(aliceOn(server).access, { bankConnectionId: 7, clock: server.clock }))).ok).toBe(true);
  });
});

describe('the end of waiting', () => {
  it('is the time-out, with what went wrong last as its cause', async () => {
    const server = fake({ [connectionCall]: failure(503) });
    const flow = waitForUpdate(aliceOn(server).access, { bankConnectionId: 7, intervalMs: 1000, timeoutMs: 4500, clock: server.clock });
    const error = await failureOf(played(server.clock, flow), FlowError);
    expect(error).toMatchObject({ code: 'TIMEOUT', message: 'the update did not end within 4500 ms', cause: { code: 'UNAVAILABLE' } });
    expect(secondsOf(server, connectionCall)).toEqual([0, 1, 2, 3, 4]);
    expect(server.clock.timers).toBe(0);
  });

  it('frees the caller of a call that hangs', async () => {
    const server = fake({ [connectionCall]: silence });
    const flow = waitForUpdate(aliceOn(server).access, { bankConnectionId: 7, timeoutMs: 4000, clock: server.clock });
    expect((await failureOf(played(server.clock, flow), FlowError)).code).toBe('TIMEOUT');
  });

  it.each([
    ['during a pause', busy],
    ['during a call', silence],
  ])('is an abort, with the reason of the caller, %s', async (_, answer) => {
    const server = fake({ [connectionCall]: answer });
    const controller = new AbortController();
    const reason = new Error('the user has left');
    const flow = waitForUpdate(aliceOn(server).access, { bankConnectionId: 7, clock: server.clock, signal: controller.signal });
    await server.clock.advance(1000);
    controller.abort(reason);
    expect(await rejectionOf(flow)).toBe(reason);
    expect(server.clock.timers).toBe(0);
  });

  it('comes before anything is sent where the signal had ended before', async () => {
    const server = fake();
    const flow = waitForUpdate(aliceOn(server).access, { bankConnectionId: 7, clock: server.clock, signal: AbortSignal.abort('over') });
    expect(await rejectionOf(flow)).toBe('over');
    expect(server.sent).toEqual([]);
  });

  it('is not brought about by a listener that throws', async () => {
    const server = fake({ [connectionCall]: ready, 'GET /api/v2/accounts': accounts });
    const onProgress = (): never => {
      throw new Error('the log is full');
    };
    expect((await waitForUpdate(aliceOn(server).access, { bankConnectionId: 7, clock: server.clock, onProgress })).ok).toBe(true);
  });
});

describe('bounds that are wrong', () => {
  it.each([{ intervalMs: 999 }, { intervalMs: Number.NaN }, { timeoutMs: 0 }, { timeoutMs: 2 ** 31 }])(
    'are refused before anything is sent: %o',
    async (bounds) => {
      const server = fake();
      const error = await failureOf(waitForUpdate(finapiOn(server).user('alice').access, { bankConnectionId: 7, ...bounds }), FinapiError);
      expect(error.code).toBe('INVALID_ARGUMENT');
      expect(error.message).toMatch(/^(intervalMs|timeoutMs) must be from \d+ to 2147483647/);
      expect(server.sent).toEqual([]);
    },
  );
});
