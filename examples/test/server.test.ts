import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox, createTestClock, type Sandbox } from '@finapi-ts/testing';
import { createFinapi } from 'finapi-ts';
import { access } from 'finapi-ts/access';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createApp } from '../src/server/app.ts';
import { start } from './program.ts';

const patient = { timeout: 40_000 };

/** The server on a sandbox: alice has two accounts, bob one; the clock stands still. */
async function appOnSandbox({ vault = true }: { readonly vault?: boolean } = {}) {
  const clock = createTestClock();
  const sandbox = createSandbox({
    clock,
    clients: [{ clientId: 'shop', clientSecret: 'canary-secret' }],
    users: ['alice', 'bob'].map((id) => ({ id, password: `canary-${id}` })),
    bankConnections: [{ userId: 'alice' }, { userId: 'bob', accounts: 1 }],
  });
  const reads: string[] = [];
  const credentials = async ({ userId }: { readonly userId: string }) => {
    reads.push(userId);
    return { password: `canary-${userId}` };
  };
  const finapi = createFinapi({
    environment: { access: sandbox.baseUrl },
    clientId: 'shop',
    clientSecret: 'canary-secret',
    apis: { access },
    fetch: (url, init) => sandbox.fetch(url, init),
    retry: false,
    clock,
    ...(vault ? { users: { credentials } } : {}),
  });
  const errors: unknown[] = [];
  const checkSignIn = async (name: string, password: string) => (password === 'open sesame' ? name : undefined);
  const server = createServer(createApp({ finapi, checkSignIn, onError: (cause) => errors.push(cause) }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { sandbox, clock, reads, errors, url, finapi, as: (name: string) => signedIn(url, name) };
}

const json = (body: unknown): RequestInit => ({
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

async function signedIn(url: string, name: string) {
  const session = await fetch(`${url}/session`, json({ name, password: 'open sesame' }));
  const cookie = session.headers.get('set-cookie')?.split(';')[0] ?? '';
  return async (path: string, init: RequestInit = {}) => {
    const response = await fetch(url + path, { ...init, headers: { ...init.headers, cookie } });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : JSON.parse(text), headers: response.headers };
  };
}

const connectionOf = (sandbox: Sandbox, userId: string): number => sandbox.bankConnections.list({ userId })[0]?.id ?? 0;

describe('the server', () => {
  it('shows users their own accounts, and reads a password only for a login', async () => {
    const { as, reads } = await appOnSandbox();
    const [alice, bob] = [await as('alice'), await as('bob')];
    expect(reads).toEqual([]);
    const answers = await Promise.all([alice('/accounts'), alice('/accounts'), bob('/accounts')]);
    expect(answers.map(({ status, body }) => [status, body.length])).toEqual([
      [200, 2],
      [200, 2],
      [200, 1],
    ]);
    await alice('/accounts');
    expect(reads.sort()).toEqual(['alice', 'bob']);
  });

  it('lets nobody in without signing in', async () => {
    const { url, sandbox } = await appOnSandbox();
    expect((await fetch(`${url}/accounts`)).status).toBe(401);
    expect((await fetch(`${url}/accounts`, { headers: { cookie: 'session=forged' } })).status).toBe(401);
    const wrong = await fetch(`${url}/session`, json({ name: 'alice', password: 'guess' }));
    expect([wrong.status, wrong.headers.get('set-cookie')]).toEqual([403, null]);
    expect(sandbox.log).toEqual([]);
  });

  it('takes only JSON of a bounded size', async () => {
    const { url } = await appOnSandbox();
    const post = async (init: RequestInit) => (await fetch(`${url}/session`, { method: 'POST', ...init })).status;
    expect(await post({ body: new URLSearchParams({ name: 'alice' }) })).toBe(415);
    expect(await post({ ...json({}), body: '{' })).toBe(400);
    expect(await post(json({ name: 'x'.repeat(20_000) }))).toBe(413);
  });

  it('walks a page through the step that the bank wants, then tells that an update is running', async () => {
    const { as, sandbox } = await appOnSandbox();
    const alice = await as('alice');
    const id = connectionOf(sandbox, 'alice');
    sandbox.bankConnections.configure(id, { steps: ['CHALLENGE_RESPONSE_REQUIRED'] });
    const asked = await alice(`/bank-connections/${id}/update`, json({}));
    expect(asked).toMatchObject({ status: 409, body: { error: 'CHALLENGE', challenge: { status: 'CHALLENGE_RESPONSE_REQUIRED' } } });
    const { hash } = asked.body.challenge;
    const answered = await alice(`/bank-connections/${id}/update`, json({ hash, challengeResponse: '123456' }));
    expect(answered).toMatchObject({ status: 202, body: { updateStatus: 'IN_PROGRESS' } });
    const busy = await alice(`/bank-connections/${id}/update`, json({}));
    expect(busy).toMatchObject({ status: 409, body: { error: 'BUSY' } });
    expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await alice('/bank-connections')).body).toMatchObject([{ id, updateStatus: 'IN_PROGRESS' }]);
  });

  it("does not touch somebody else's bank connection", async () => {
    const { as, sandbox } = await appOnSandbox();
    const alice = await as('alice');
    expect(await alice(`/bank-connections/${connectionOf(sandbox, 'bob')}/update`, json({}))).toMatchObject({ status: 404 });
  });

  it('asks to sign in again where the session at finAPI has ended', async () => {
    const { as } = await appOnSandbox({ vault: false });
    const alice = await as('alice');
    const expired = await alice('/accounts');
    expect(expired).toMatchObject({ status: 401, body: { error: 'SIGN_IN' } });
    expect(expired.headers.get('set-cookie')).toContain('Max-Age=0');
  });

  it('says that a user is locked, and does not try again', async () => {
    const { as, sandbox } = await appOnSandbox();
    sandbox.users.lock('alice');
    const alice = await as('alice');
    expect(await alice('/accounts')).toMatchObject({ status: 403, body: { error: 'USER_LOCKED' } });
    expect(await alice('/accounts')).toMatchObject({ status: 403 });
    expect(sandbox.log.filter(({ grant }) => grant === 'password')).toHaveLength(1);
  });

  it('tells a page to come later where finAPI asks for it', async () => {
    const { as, sandbox } = await appOnSandbox();
    sandbox.faults.add({ operationId: 'getAndSearchAllAccounts', retryAfterS: 30 });
    const alice = await as('alice');
    const later = await alice('/accounts');
    expect([later.status, later.headers.get('retry-after')]).toEqual([503, '30']);
  });

  it('names the request where finAPI failed, and shows nothing of its answer', async () => {
    const { as, sandbox } = await appOnSandbox();
    sandbox.setAnswer('getAndSearchAllAccounts', { status: 500, body: { errors: [{ message: 'canary-inside' }] } });
    const alice = await as('alice');
    const { status, body } = await alice('/accounts');
    expect([status, body]).toEqual([502, { error: 'FINAPI', requestId: sandbox.log.at(-1)?.requestId }]);
  });

  it('gives the tokens back when the last session of a user ends', async () => {
    const { as, sandbox } = await appOnSandbox();
    const [phone, desk] = [await as('alice'), await as('alice')];
    await phone('/accounts');
    const held = () => sandbox.tokens.list().filter(({ userId, token }) => userId === 'alice' && sandbox.tokens.isValid(token)).length;
    expect((await phone('/session', { method: 'DELETE' })).status).toBe(204);
    expect(held()).toBeGreaterThan(0);
    expect((await desk('/session', { method: 'DELETE' })).status).toBe(204);
    expect(held()).toBe(0);
    expect((await desk('/accounts')).status).toBe(401);
  });

  it('keeps quiet about faults of its own, and tells who runs it', async () => {
    const { as, finapi, errors } = await appOnSandbox();
    const alice = await as('alice');
    const broken = new TypeError('canary');
    Object.assign(finapi, {
      user: () => {
        throw broken;
      },
    });
    expect(await alice('/accounts')).toMatchObject({ status: 500, body: { error: 'INTERNAL' } });
    expect(errors).toEqual([broken]);
  });

  it('runs by itself and ends with SIGTERM', patient, async () => {
    const program = start('server');
    const said = await program.says('users: alice, bob');
    const alice = await signedIn(/http:\S+(?=, users)/.exec(said)?.[0] ?? '', 'alice');
    expect((await alice('/accounts')).body).toHaveLength(3);
    program.child.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nended\n$/) });
  });
});
