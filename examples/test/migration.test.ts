import { createSandbox, createTestClock, type Sandbox, type SandboxOptions } from '@finapi-ts/testing';
import { describe, expect, it } from 'vitest';
import * as v1 from '../src/migration/v1.ts';
import * as v2 from '../src/migration/v2.ts';
import { runToEnd } from './program.ts';

const at = Date.UTC(2026, 2, 30, 22, 30); // In Germany, it is the next day.

function sandboxOfAlice(options: SandboxOptions = {}): Sandbox {
  return createSandbox({
    clock: createTestClock({ now: at }),
    clients: [{ clientId: 'shop', clientSecret: 'secret' }],
    users: [{ id: 'alice', password: 'a-long-password' }],
    ...options,
  });
}

/** What both versions say, by the same sandbox at the same moment. */
async function both(sandbox: Sandbox, transactionIds: readonly number[] = []) {
  const asked = {
    environment: { access: sandbox.baseUrl },
    clientId: 'shop',
    clientSecret: 'secret',
    userId: 'alice',
    readPassword: async () => 'a-long-password',
    transactionIds,
    fetch: sandbox.fetch as typeof fetch,
  };
  const [before, after] = [await v1.readOverview(asked), await v2.readOverview(asked)];
  return { before, after };
}

const pathsOf = ({ log }: Sandbox): string[] => log.map(({ method, path }) => `${method} ${path}`);

describe('the migration', () => {
  it('changes nothing of what the program says', async () => {
    const sandbox = sandboxOfAlice({ bankConnections: [{ userId: 'alice' }] });
    const { before, after } = await both(sandbox, [70_005, 70_004, 79_999]);
    expect(after).toEqual(before);
    expect(before.accounts).toHaveLength(2);
    expect(before.accounts[0]).toEqual({
      iban: expect.stringMatching(/^DE\d{20}$/),
      balance: expect.any(Number),
      isUpToDate: true,
      updatedAt: '2026-03-30T22:30:00.000Z',
    });
    expect(before.transactions.map(({ id }) => id)).toEqual([70_004, 70_005]);
    expect(before.transactions[0]?.booked).toMatch(/^\d{4}-\d\d-\d\d$/);
  });

  it('holds where the first download is under way, and there are no times and amounts yet', async () => {
    const sandbox = sandboxOfAlice();
    sandbox.bankConnections.configureImports({ accounts: 1 });
    const token = async (body: Record<string, string>) => {
      const response = await sandbox.fetch(`${sandbox.baseUrl}/oauth/token`, { method: 'POST', body: new URLSearchParams(body) });
      return ((await response.json()) as { access_token: string }).access_token;
    };
    const login = { grant_type: 'password', client_id: 'shop', client_secret: 'secret', username: 'alice', password: 'a-long-password' };
    await sandbox.fetch(`${sandbox.baseUrl}/api/v2/bankConnections/import`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await token(login)}`, 'content-type': 'application/json' },
      body: JSON.stringify({ bankId: 1, bankingInterface: 'XS2A' }),
    });
    const { before, after } = await both(sandbox);
    expect(after).toEqual(before);
    expect(before.accounts).toMatchObject([{ isUpToDate: false, updatedAt: undefined }]);
  });

  it('holds where an account could not be downloaded', async () => {
    const sandbox = sandboxOfAlice({ bankConnections: [{ userId: 'alice', outcome: 'accountFails' }] });
    const { before, after } = await both(sandbox);
    expect(after).toEqual(before);
    expect(before.accounts.map(({ isUpToDate }) => isUpToDate)).toEqual([true, false]);
  });

  it.each([
    [70_004, [70_004]],
    [79_999, []],
  ])('holds for one id: %i', async (id, found) => {
    const { before, after } = await both(sandboxOfAlice({ bankConnections: [{ userId: 'alice' }] }), [id]);
    expect(after).toEqual(before);
    expect(before.transactions.map((it) => it.id)).toEqual(found);
  });

  it('holds where there are no ids, and asks for no transactions then', async () => {
    const sandbox = sandboxOfAlice({ bankConnections: [{ userId: 'alice' }] });
    const { before, after } = await both(sandbox);
    expect([before.transactions, after.transactions]).toEqual([[], []]);
    expect(pathsOf(sandbox).filter((it) => it.includes('transactions'))).toEqual([]);
  });

  it('takes each version to its own paths, and logs out of both', async () => {
    const sandbox = sandboxOfAlice({ bankConnections: [{ userId: 'alice' }] });
    await both(sandbox, [70_004]);
    const paths = pathsOf(sandbox);
    const middle = paths.indexOf('POST /api/v2/oauth/token');
    expect(paths.slice(0, middle).every((it) => / \/(oauth|api\/v1)\//.test(it))).toBe(true);
    expect(paths.slice(middle).every((it) => it.includes(' /api/v2/'))).toBe(true);
    expect(sandbox.tokens.list().some(({ userId, token }) => userId !== undefined && sandbox.tokens.isValid(token))).toBe(false);
  });
});

describe('the program', { timeout: 40_000 }, () => {
  it.each(['v1', 'v2'])('runs by itself: %s', async (version) => {
    const { code, stdout } = await runToEnd('migration', {}, [version, '70004']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ accounts: [{}, {}, {}], transactions: [{ id: 70_004 }] });
  });

  it.each([[[]], [['v3']], [['v2', 'x']]])('says what it takes: %j', async (args) => {
    expect(await runToEnd('migration', {}, args)).toEqual({
      code: 1,
      stdout: '',
      stderr: 'error: it takes v1 or v2, and ids of transactions\n',
    });
  });
});
