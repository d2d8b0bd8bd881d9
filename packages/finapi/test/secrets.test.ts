import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import { access } from '../src/access.js';
import { authenticate, deleteUser, waitForUpdate } from '../src/flows.js';
import { createFinapi } from '../src/index.js';
import { parseTaskCallback, parseWebFormCallback } from '../src/webhooks.js';
import { aliceOn, broken, failure, fake, finapiOn, json, played, rejectionOf } from './support.js';

const secrets = ['secret-of-the-client', 'a-long-password', 'token-of-alice', 'refresh-of-alice', '123456', 'secret-of-the-admin'];

/** All that printing, serialising or reading an object could show. */
function shown(value: unknown): string {
  const texts = [inspect(value, { depth: 20, showHidden: true }), String(value)];
  try {
    texts.push(JSON.stringify(value));
  } catch {
    // It leads back to itself.
  }
  for (let at = value; at instanceof Error; at = at.cause) texts.push(at.message, at.stack ?? '', inspect(Object.entries(at)));
  return texts.join('\n');
}
const expectNone = (value: unknown): void => {
  for (const secret of secrets) expect(shown(value)).not.toContain(secret);
};

describe('secrets', () => {
  it('do not show in an application or a user', async () => {
    const server = fake({ 'GET /api/v2/accounts': { accounts: [] } });
    const finapi = finapiOn(server, {
      clientSecret: 'secret-of-the-client',
      adminClientId: 'back-office',
      adminClientSecret: 'secret-of-the-admin',
    });
    const alice = finapi.user('alice', { password: 'a-long-password' });
    await alice.access.accounts.getAndSearchAllAccounts();
    expect(server.sent.map(({ bearer }) => bearer)).toContain('token-of-alice');
    expectNone(finapi);
    expectNone(alice);
  });

  it('do not show in what flows fail with', async () => {
    const echo = json(401, { error: 'invalid_token', error_description: 'Invalid access token: token-of-alice' });
    const server = fake({
      'GET /api/v2/bankConnections/7': [broken(), failure(503, 'token-of-alice'), echo],
      'DELETE /api/v2/users': echo,
      'GET /api/v2/users/verificationStatus': failure(404, 'UNKNOWN_ENTITY'),
      'POST /api/v2/bankConnections/import': [
        failure(510, 'X', { multiStepAuthentication: { hash: 'h', status: 'CHALLENGE_RESPONSE_REQUIRED', challengeMessage: '123456' } }),
        failure(422, 'WRONG_TAN', { message: 'the TAN 123456 is wrong' }),
      ],
    });
    const { clock } = server;
    const alice = aliceOn(server);
    expectNone(await rejectionOf(played(clock, waitForUpdate(alice.access, { bankConnectionId: 7, clock, timeoutMs: 5000 }))));
    const step = authenticate(
      (it) =>
        alice.access.bankConnections.importBankConnection({
          bankingInterface: 'XS2A',
          bankId: 1,
          ...(it && { multiStepAuthentication: it }),
        }),
      { answer: () => ({ challengeResponse: '123456' }), clock },
    );
    expectNone(await rejectionOf(step));
    expectNone(await rejectionOf(played(clock, deleteUser(finapiOn(server), alice, { clock }))));
  });

  it('do not show in what callbacks are refused with', async () => {
    for (const body of ['token-of-alice', '{"webFormId":"token-of-alice"}', { taskId: 'token-of-alice' }]) {
      expectNone(await rejectionOf(parseWebFormCallback(body)));
      expectNone(await rejectionOf(parseTaskCallback(body)));
    }
  });
});

describe('a polluted Object.prototype', () => {
  const polluted = Object.prototype as unknown as Record<string, unknown>;
  const names = ['webForm', 'access', 'preset', 'middleware', 'admin', 'adminClientId', 'store', 'session', 'credentials', 'password'];
  afterEach(() => {
    for (const name of names) delete polluted[name];
  });

  it('changes neither hosts nor tokens', async () => {
    const run = async () => {
      const server = fake({ 'GET /api/v2/accounts': { accounts: [] } });
      const finapi = createFinapi({
        environment: { access: 'https://gate.example' },
        clientId: 'household',
        clientSecret: 'secret-of-the-client',
        apis: { access },
        fetch: server.fetch,
      });
      await finapi.user('alice', { password: 'a-long-password' }).access.accounts.getAndSearchAllAccounts();
      return server.sent.map(({ host, call, bearer, body }) => [host, call, bearer, body]);
    };
    const clean = await run();
    const evil = { kind: 'webForm', tokenPath: '/steal', get: () => {}, set: () => {} };
    for (const name of names) polluted[name] = name === 'middleware' ? [() => failure(500)] : evil;
    let sent: unknown;
    try {
      sent = await run();
    } finally {
      for (const name of names) delete polluted[name];
    }
    expect(sent).toEqual(clean);
  });
});
