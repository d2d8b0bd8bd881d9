import { describe, expect, it } from 'vitest';
import type { PostFetch, SandboxOptions } from '../src/index.js';
import { type Answered, type Stage, stage } from './support.js';

const minute = 60_000;

interface Posted {
  readonly url: string;
  readonly body: unknown;
}

interface Forms extends Stage {
  readonly user: string;
  readonly posted: Posted[];
  create(body?: object, kind?: string): Promise<Answered>;
  read(id: string): Promise<Answered>;
}

const callbacks = { finalised: 'http://localhost:4000/done' };

/** Alice, who opens forms; what is posted is kept. */
async function forms(client: object = {}, options: SandboxOptions = {}): Promise<Forms> {
  const posted: Posted[] = [];
  const fetch: PostFetch = async (url, { body }) => {
    posted.push({ url, body: JSON.parse(body) });
    return { status: 204 };
  };
  const on = stage(client, { fetch, ...options });
  const { access_token: user } = await on.login();
  return {
    ...on,
    user,
    posted,
    create: (body = {}, kind = 'bankConnectionImport') => on.call('POST', `/api/webForms/${kind}`, user, body),
    read: (id) => on.call('GET', `/api/webForms/${id}`, user),
  };
}

describe('a web form', () => {
  it('is created unopened, lives 20 minutes, and has its page at the sandbox', async () => {
    const { create, sandbox } = await forms();
    const { status, body } = await create();
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      url: `${sandbox.baseUrl}/webForm/${body.id}`,
      createdAt: '2026-03-30T12:00:00.000+0000',
      expiresAt: '2026-03-30T12:20:00.000+0000',
      type: 'BANK_CONNECTION_IMPORT',
      status: 'NOT_YET_OPENED',
      payload: {},
    });
  });

  it('that is completed leaves a bank connection, which both versions of Access show', async () => {
    const { call, user, create, read, sandbox } = await forms();
    const { id } = (await create({ bank: { id: 277672 }, bankConnectionName: 'Everyday' })).body;
    await sandbox.webForms.open(id);
    expect((await read(id)).body.status).toBe('IN_PROGRESS');
    const { payload } = await sandbox.webForms.complete(id);
    expect((await read(id)).body).toMatchObject({ status: 'COMPLETED', payload });
    const shown = { id: payload.bankConnectionId, name: 'Everyday', updateStatus: 'READY', bank: { id: 277672 } };
    for (const path of ['/api/v1', '/api/v2']) {
      expect((await call('GET', `${path}/bankConnections`, user)).body.connections).toMatchObject([shown]);
      expect((await call('GET', `${path}/accounts`, user)).body.accounts).toHaveLength(2);
      expect((await call('GET', `${path}/transactions?view=bankView`, user)).body.paging.totalCount).toBe(6);
    }
  });

  it.each([
    [
      'standalonePayment',
      'STANDALONE_PAYMENT',
      { orders: [{ amount: { value: 0.1 } }, { amount: { value: 0.2 } }] },
      { amount: 0.3, orderCount: 2 },
    ],
    [
      'paymentWithAccountId',
      'PAYMENT_WITH_ACCOUNT_ID',
      { sender: { accountId: 7 }, orders: [{ amount: { value: 9.99 } }] },
      { accountId: 7, type: 'MONEY_TRANSFER', amount: 9.99, orderCount: 1 },
    ],
    [
      'directDebitWithAccountId',
      'DIRECT_DEBIT_WITH_ACCOUNT_ID',
      {
        receiver: { accountId: 7 },
        orders: [{ amount: { value: 5 } }],
        executionDate: '2026-04-01',
        directDebitType: 'BASIC',
        sequenceType: 'OOFF',
      },
      { accountId: 7, type: 'DIRECT_DEBIT', amount: 5 },
    ],
  ])('for a %s leaves a payment', async (kind, type, body, payment) => {
    const { call, user, create, sandbox } = await forms();
    const created = (await create(body, kind)).body;
    expect(created.type).toBe(type);
    const { payload } = await sandbox.webForms.complete(created.id);
    for (const path of ['/api/v1', '/api/v2'])
      expect((await call('GET', `${path}/payments`, user)).body.payments).toMatchObject([{ id: payload.paymentId, ...payment }]);
    // Nothing was connected, so that examples still stand for the rest.
    expect((await call('GET', '/api/v2/accounts', user)).body.accounts).toHaveLength(3);
  });

  it('is completed once, however often its button is pressed at the same time', async () => {
    const { create, sandbox, posted } = await forms();
    const { id } = (await create({ callbacks })).body;
    const ends = await Promise.allSettled([sandbox.webForms.complete(id), sandbox.webForms.complete(id), sandbox.webForms.abort(id)]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect([sandbox.bankConnections.list().length, posted.length]).toEqual([1, 1]);
  });

  it('for a standing order names it', async () => {
    const { create, sandbox } = await forms();
    const order = { amount: { value: 1, currency: 'EUR' }, recipient: {}, startDate: '2026-04-01', frequency: 'MONTHLY' };
    const { id } = (await create(order, 'standingOrder')).body;
    expect((await sandbox.webForms.complete(id)).payload).toEqual({ standingOrderId: expect.any(Number) });
  });

  it('can fail, and says why', async () => {
    const { create, read, sandbox, posted } = await forms();
    const { id } = (await create({ callbacks })).body;
    await sandbox.webForms.fail(id, { errorCode: 'NO_ACCOUNTS_FOR_TYPE_LIST', errorMessage: 'No account fits.' });
    expect((await read(id)).body).toMatchObject({
      status: 'COMPLETED_WITH_ERROR',
      payload: { errorCode: 'NO_ACCOUNTS_FOR_TYPE_LIST', errorMessage: 'No account fits.' },
    });
    expect(posted).toEqual([{ url: callbacks.finalised, body: { webFormId: id, status: 'COMPLETED_WITH_ERROR' } }]);
  });

  it('can be left by its user, and cancelled by you, once', async () => {
    const { call, user, create, sandbox } = await forms();
    const [left, cancelled] = [(await create()).body, (await create()).body];
    expect((await sandbox.webForms.abort(left.id)).status).toBe('ABORTED');
    const cancel = (id: string) => call('POST', `/api/webForms/${id}/cancel`, user);
    expect(await cancel(cancelled.id)).toMatchObject({ status: 200, body: { id: cancelled.id, status: 'CANCELLED' } });
    expect(await cancel(cancelled.id)).toMatchObject({ status: 422, body: { code: 'ALREADY_COMPLETED' } });
    await expect(sandbox.webForms.open(left.id)).rejects.toThrow(`the web form ${left.id} is over: ABORTED`);
    await expect(sandbox.webForms.open('none')).rejects.toThrow('has no web form none');
  });

  it('expires after 20 minutes, opened or not, and tells so', async () => {
    const { create, read, sandbox, clock, posted } = await forms();
    const [opened, unopened] = [(await create({ callbacks })).body, (await create()).body];
    await sandbox.webForms.open(opened.id);
    await clock.advance(20 * minute - 1);
    expect((await read(opened.id)).body.status).toBe('IN_PROGRESS');
    await clock.advance(1);
    expect((await read(opened.id)).body.status).toBe('EXPIRED');
    expect((await read(unopened.id)).body.status).toBe('EXPIRED');
    expect(posted).toEqual([{ url: callbacks.finalised, body: { webFormId: opened.id, status: 'EXPIRED' } }]);
  });

  it('fails when its token ends under it', async () => {
    const { create, sandbox, clock, login, posted } = await forms({ userTokenLifeS: 600 });
    const [opened, unopened] = [(await create({ callbacks })).body, (await create()).body];
    await sandbox.webForms.open(opened.id);
    await clock.advance(10 * minute);
    expect(posted).toEqual([{ url: callbacks.finalised, body: { webFormId: opened.id, status: 'COMPLETED_WITH_ERROR' } }]);
    const failed = { status: 'COMPLETED_WITH_ERROR', payload: { errorCode: 'INVALID_TOKEN' } };
    expect(sandbox.webForms.get(opened.id)).toMatchObject(failed);
    expect(sandbox.webForms.get(unopened.id).status).toBe('NOT_YET_OPENED');
    await login();
    expect(await sandbox.webForms.complete(unopened.id)).toMatchObject(failed);
    expect(sandbox.bankConnections.list()).toEqual([]);
  });

  it('is listed in pages, read and deleted by its user alone', async () => {
    const { call, user, create, read, sandbox, token } = await forms();
    sandbox.users.add({ id: 'bob', password: 'another-password' });
    const bob = (await token({ grant_type: 'password', username: 'bob', password: 'another-password' })).body.access_token;
    const ids = [(await create()).body.id, (await create()).body.id, (await create()).body.id];
    const { items, paging } = (await call('GET', '/api/webForms?page=2&perPage=2', user)).body;
    expect([items[0].id, paging.totalCount]).toEqual([ids[2], 3]);
    expect((await call('GET', '/api/webForms', bob)).body.items).toEqual([]);
    expect((await call('GET', `/api/webForms/${ids[0]}`, bob)).status).toBe(404);
    expect(await call('DELETE', `/api/webForms/${ids[0]}`, user)).toMatchObject({ status: 200, body: '' });
    expect((await read(ids[0])).status).toBe(404);
    expect(sandbox.webForms.list({ userId: 'ALICE' }).map(({ id }) => id)).toEqual(ids.slice(1));
    sandbox.users.delete('alice');
    expect(sandbox.webForms.list()).toEqual([]);
  });
});

describe('a callback', () => {
  it('is sent once, when the form is over, before the call that ended it resolves', async () => {
    const { create, sandbox, posted } = await forms();
    const { id } = (await create({ callbacks })).body;
    await sandbox.webForms.open(id);
    expect(posted).toEqual([]);
    await sandbox.webForms.complete(id);
    expect(posted).toEqual([{ url: callbacks.finalised, body: { webFormId: id, status: 'COMPLETED' } }]);
    expect(sandbox.callbacks).toEqual([{ at: expect.any(Number), ...posted[0], status: 204, error: undefined }]);
  });

  it.each(['https://example.com/done', 'http://127.0.0.1.example.com/', 'http://10.0.0.1/', 'file:///etc/passwd', 'nowhere'])(
    'does not go to %s',
    async (finalised) => {
      const { create, sandbox, posted } = await forms();
      await sandbox.webForms.complete((await create({ callbacks: { finalised } })).body.id);
      expect(posted).toEqual([]);
      expect(sandbox.callbacks).toMatchObject([
        { url: finalised, status: undefined, error: expect.stringContaining('this machine alone') },
      ]);
    },
  );

  it('that fails is in the log, and stops nothing', async () => {
    const { create, sandbox } = await forms({}, { fetch: () => Promise.reject(new Error('connection refused')) });
    const form = await sandbox.webForms.complete((await create({ callbacks })).body.id);
    expect(form.status).toBe('COMPLETED');
    expect(sandbox.callbacks).toMatchObject([{ status: undefined, error: 'connection refused' }]);
  });

  it('can be the notification of a rule, which goes where the client configuration says or the test does', async () => {
    const { call, clientToken, sandbox, posted } = await forms();
    const userNotificationCallbackUrl = 'http://127.0.0.1:4000/notifications';
    const body = { triggerEvent: 'NEW_TRANSACTIONS', callbackHandle: 'alice/new' };
    await sandbox.notify({ body });
    expect(posted).toEqual([]);
    const client = await clientToken();
    expect((await call('GET', '/api/v1/clientConfiguration', client)).body).toHaveProperty('userNotificationCallbackUrl', null);
    await call('PATCH', '/api/v2/clientConfiguration', client, { userNotificationCallbackUrl });
    expect((await call('GET', '/api/v2/clientConfiguration', client)).body).toMatchObject({ userNotificationCallbackUrl });
    await sandbox.notify({ body });
    await sandbox.notify({ url: 'http://127.0.0.1:4000/other', body });
    expect(posted).toEqual([
      { url: userNotificationCallbackUrl, body },
      { url: 'http://127.0.0.1:4000/other', body },
    ]);
  });

  it('tells of every user who is deleted', async () => {
    const { call, user, posted } = await forms({ userSynchronizationCallbackUrl: 'http://[::1]:4000/users' });
    await call('DELETE', '/api/v2/users', user);
    expect(posted).toEqual([{ url: 'http://[::1]:4000/users', body: { userId: 'Alice', event: 'DELETED' } }]);
  });
});

describe('the page of a form', () => {
  const submit = (on: Forms, id: string, action: string) =>
    on.sandbox.fetch(`${on.sandbox.baseUrl}/webForm/${id}`, { method: 'POST', body: new URLSearchParams({ action }) });

  it('opens it, names its buttons, and needs no script', async () => {
    const on = await forms();
    const { id, url } = (await on.create()).body;
    const response = await on.sandbox.fetch(url);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const html = await response.text();
    expect(html).toMatch(/<html lang="en">[\s\S]*<h1>Connect your bank<\/h1>[\s\S]*<form method="post">/);
    expect([...html.matchAll(/<button [^>]*>(\w+)</g)].map(([, label]) => label)).toEqual(['Connect', 'Fail', 'Leave']);
    expect(html).not.toContain('<script');
    expect((await on.read(id)).body.status).toBe('IN_PROGRESS');
    expect(on.sandbox.log.find(({ path }) => path.startsWith('/webForm/'))).toMatchObject({ status: 200, operationId: undefined });
  });

  it.each([
    ['connect', 'COMPLETED'],
    ['fail', 'COMPLETED_WITH_ERROR'],
    ['leave', 'ABORTED'],
  ])('does what its button says: %s', async (action, status) => {
    const on = await forms();
    const { id } = (await on.create({ redirectUrl: 'https://app.example/done?a=1' })).body;
    const response = await submit(on, id, action);
    expect([response.status, response.headers.get('location')]).toEqual([303, 'https://app.example/done?a=1']);
    expect((await on.read(id)).body.status).toBe(status);
    expect((await submit(on, id, 'connect')).status).toBe(303);
    expect((await on.read(id)).body.status).toBe(status);
  });

  it.each([
    ['connect', 'redirectUrl'],
    ['fail', 'errorRedirectUrl'],
    ['leave', 'abortRedirectUrl'],
  ])('leads to where its address says: %s', async (action, name) => {
    const on = await forms();
    const { url } = (await on.create({ redirectUrl: 'https://app.example/bank' })).body;
    const ends = ['redirectUrl', 'errorRedirectUrl', 'abortRedirectUrl'].map((it) => [it, `https://app.example/${it}`]);
    const address = `${url}?${new URLSearchParams(ends)}`;
    const response = await on.sandbox.fetch(address, { method: 'POST', body: new URLSearchParams({ action }) });
    expect([response.status, response.headers.get('location')]).toEqual([303, `https://app.example/${name}`]);
  });

  it('shows the end where there is nowhere to go', async () => {
    const on = await forms();
    const { id, url } = (await on.create({ redirectUrl: 'javascript:alert(1)' })).body;
    expect((await submit(on, id, 'connect')).headers.get('location')).toBe(`/webForm/${id}`);
    const html = await (await on.sandbox.fetch(url)).text();
    expect(html).toContain('<p role="status">Done. You can close this window.</p>');
    expect(html).not.toContain('<button');
  });

  it('takes its own buttons alone, and is there for forms alone', async () => {
    const on = await forms();
    const { id, url } = (await on.create()).body;
    expect((await submit(on, id, 'other')).status).toBe(400);
    expect((await on.sandbox.fetch(url, { method: 'DELETE' })).status).toBe(405);
    expect((await submit(on, 'none', 'connect')).status).toBe(404);
  });
});
