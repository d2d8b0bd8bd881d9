import { createSandbox } from '@finapi-ts/testing';
import { startServer } from '@finapi-ts/testing/server';
import { describe, expect, it } from 'vitest';
import { lineOf, sumsOf } from '../src/script/transactions.ts';
import { runToEnd } from './program.ts';

const credentials = {
  FINAPI_CLIENT_ID: 'some-client',
  FINAPI_CLIENT_SECRET: 'canary-secret-41c9',
  FINAPI_USER_ID: 'alice',
  FINAPI_USER_PASSWORD: 'canary-password-77e0',
};

function sandboxOfAlice() {
  return createSandbox({
    clients: [{ clientId: 'some-client', clientSecret: 'canary-secret-41c9' }],
    users: [{ id: 'alice', password: 'canary-password-77e0' }],
    bankConnections: [{ userId: 'alice', accounts: 1 }],
  });
}

const booking = { id: 1, accountId: 2, bankBookingDate: '2026-03-30', amount: -0.1, currency: 'EUR' };

describe('the script', { timeout: 40_000 }, () => {
  it('runs without credentials, on a sandbox of its own', async () => {
    const { code, stdout, stderr } = await runToEnd('script');
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split('\r\n');
    expect(lines[0]).toBe('id,account,booked,amount,currency,counterpart,purpose,category');
    expect(lines).toHaveLength(1 + 3 * 3);
    for (const line of lines.slice(1)) expect(line).toMatch(/^\d+,\d+,\d{4}-\d\d-\d\d,-\d+\.\d\d,EUR,Example Shop,Purchase \d+,$/);
    expect(stderr).toMatch(/^without category EUR: -\d+\.\d\d$/m);
  });

  it('reads what it is told to, logs out and shows no secret', async () => {
    const sandbox = sandboxOfAlice();
    await using server = await startServer(sandbox);
    const { code, stdout, stderr } = await runToEnd('script', { ...credentials, FINAPI_BASE_URL: server.url }, ['30']);
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\r\n')).toHaveLength(1 + 3);
    expect(stdout + stderr).not.toContain('canary');
    expect(sandbox.log.map(({ operationId }) => operationId)).toEqual([
      'getToken',
      'getAndSearchAllTransactions',
      'getToken',
      'revokeToken',
      'revokeToken',
    ]);
    expect(sandbox.tokens.list().some(({ userId, token }) => userId !== undefined && sandbox.tokens.isValid(token))).toBe(false);
  });

  it.each([
    [{}, ['none'], 'DAYS is a whole number from 1, not none'],
    [{ FINAPI_CLIENT_ID: 'some-client' }, [], 'FINAPI_CLIENT_ID and FINAPI_CLIENT_SECRET belong together; one of them is not set'],
    [{ ...credentials, FINAPI_USER_ID: '' }, [], 'FINAPI_USER_ID and FINAPI_USER_PASSWORD belong together; one of them is not set'],
    [{ ...credentials, FINAPI_ENVIRONMENT: 'moon' }, [], 'FINAPI_ENVIRONMENT is sandbox or live, not moon'],
  ])('says in one line what is wrong: %o %o', async (env, args, message) => {
    expect(await runToEnd('script', env, args)).toEqual({ code: 1, stdout: '', stderr: `error: ${message}\n` });
  });

  it('says in words that the password was refused', async () => {
    await using server = await startServer(sandboxOfAlice());
    const { code, stderr } = await runToEnd('script', { ...credentials, FINAPI_USER_PASSWORD: 'wrong', FINAPI_BASE_URL: server.url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: password: .+\n$/);
  });
});

describe('the lines of the script', () => {
  it('quote what has commas, quotation marks or line ends', () => {
    expect(lineOf({ ...booking, purpose: 'a "b", c\nd' })).toBe('1,2,2026-03-30,-0.10,EUR,,"a ""b"", c\nd",');
  });

  it('are no formulas', () => {
    expect(lineOf({ ...booking, purpose: '=HYPERLINK(1)', counterpartName: '+A1' })).toBe("1,2,2026-03-30,-0.10,EUR,'+A1,'=HYPERLINK(1),");
  });

  it('are summed up to the cent', () => {
    const food = { ...booking, category: { name: 'Food' } };
    expect([...sumsOf([food, { ...food, amount: -0.2 }, { ...booking, currency: 'USD' }, booking])]).toEqual([
      ['Food EUR', -0.3],
      ['without category EUR', -0.1],
      ['without category USD', -0.1],
    ]);
  });
});
