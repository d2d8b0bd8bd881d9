import { describe, expect, it } from 'vitest';
import type { BankConnection, PostFetch, UpdateOutcome } from '../src/index.js';
import { type Answered, stage } from './support.js';

const callbacks = { finalised: 'http://localhost:4000/done', webFormRequired: 'http://localhost:4000/form' };

/** Alice, with a bank connection whose updates end like this. */
async function tasks(outcome: UpdateOutcome = 'success') {
  const posted: { readonly url: string; readonly body: { readonly status: string; readonly webForm?: object } }[] = [];
  const fetch: PostFetch = async (url, { body }) => {
    posted.push({ url, body: JSON.parse(body) });
    return { status: 200 };
  };
  const on = stage({}, { fetch, bankConnections: [{ userId: 'alice', outcome }] });
  const { access_token: user } = await on.login();
  const connection = on.sandbox.bankConnections.list()[0] as BankConnection;
  const create = (body: object = {}): Promise<Answered> =>
    on.call('POST', '/api/tasks/backgroundUpdate', user, { bankConnectionId: connection.id, importNewAccountsMode: 'SKIP', ...body });
  const read = async (id: string) => (await on.call('GET', `/api/tasks/${id}`, user)).body;
  return { ...on, user, posted, connection, create, read };
}

describe('a background update', () => {
  it('waits, runs and ends by the clock, and updates the bank connection', async () => {
    const { create, read, clock, call, user, sandbox, connection, posted } = await tasks();
    const created = await create({ callbacks });
    expect(created).toMatchObject({ status: 201 });
    const { id } = created.body;
    expect(created.body).toEqual({
      id,
      createdAt: '2026-03-30T12:00:00.000+0000',
      type: 'BANK_CONNECTION_UPDATE',
      status: 'NOT_YET_STARTED',
      payload: { bankConnectionId: connection.id },
    });
    await clock.advance(1500);
    expect((await read(id)).status).toBe('IN_PROGRESS');
    const update = { bankConnectionId: connection.id, bankingInterface: 'XS2A' };
    expect((await call('POST', '/api/v2/bankConnections/update', user, update)).status).toBe(423);
    expect(await create()).toMatchObject({ status: 423, body: { code: 'LOCKED' } });
    await clock.advance(1500);
    expect((await read(id)).status).toBe('COMPLETED');
    expect(sandbox.bankConnections.get(connection.id)).toMatchObject({ updateStatus: 'READY', updates: 2 });
    expect(posted).toEqual([{ url: callbacks.finalised, body: { taskId: id, status: 'COMPLETED' } }]);
  });

  it('ends with an error where the bank refuses', async () => {
    const { create, read, clock, posted } = await tasks('error');
    const { id } = (await create({ callbacks })).body;
    await clock.advance(3000);
    expect(await read(id)).toMatchObject({ status: 'COMPLETED_WITH_ERROR', payload: { errorCode: 'BANK_SERVER_REJECTION' } });
    expect(posted.map(({ body }) => body.status)).toEqual(['COMPLETED_WITH_ERROR']);
  });

  it.each([
    ['complete', 'COMPLETED', 2],
    ['fail', 'COMPLETED_WITH_ERROR', 1],
  ] as const)('that needs the user opens a form, and ends when the user makes it %s', async (end, status, updates) => {
    const { create, read, clock, sandbox, connection, posted } = await tasks('webFormRequired');
    const { id } = (await create({ callbacks, redirectUrl: 'https://app.example/' })).body;
    await clock.advance(3000);
    const waiting = await read(id);
    expect(waiting.status).toBe('WEB_FORM_REQUIRED');
    const { webForm } = waiting.payload;
    expect(webForm).toEqual({ id: expect.any(String), url: `${sandbox.baseUrl}/webForm/${webForm.id}`, status: 'NOT_YET_OPENED' });
    expect(posted).toEqual([{ url: callbacks.webFormRequired, body: { taskId: id, status: 'WEB_FORM_REQUIRED', webForm } }]);
    expect(sandbox.webForms.get(webForm.id)).toMatchObject({ type: 'BANK_CONNECTION_UPDATE', redirectUrl: 'https://app.example/' });
    expect((await create()).status).toBe(423);

    await sandbox.webForms[end](webForm.id);
    expect(await read(id)).toMatchObject({ status, payload: { webForm: { status } } });
    expect(posted[1]).toMatchObject({ url: callbacks.finalised, body: { taskId: id, status } });
    expect(sandbox.bankConnections.get(connection.id).updates).toBe(updates);
  });

  it('keeps waiting where the user leaves the form, and lets another begin', async () => {
    const { create, read, clock, sandbox } = await tasks('webFormRequired');
    const { id } = (await create()).body;
    await clock.advance(3000);
    await sandbox.webForms.abort((await read(id)).payload.webForm.id);
    expect(await read(id)).toMatchObject({ status: 'WEB_FORM_REQUIRED', payload: { webForm: { status: 'ABORTED' } } });
    expect((await create()).status).toBe(201);
  });

  it('goes on while the machine sleeps', async () => {
    const { create, read, clock, sandbox, connection } = await tasks();
    const { id } = (await create()).body;
    clock.suspend(10_000);
    expect((await read(id)).status).toBe('COMPLETED');
    expect(sandbox.bankConnections.get(connection.id)).toMatchObject({ updateStatus: 'READY', updates: 2 });
  });

  it('is for bank connections of the user alone, and is seen by the user alone', async () => {
    const { create, call, user, token, sandbox } = await tasks();
    expect(await create({ bankConnectionId: 1 })).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
    const { id } = (await create()).body;
    expect((await call('GET', '/api/tasks', user)).body).toMatchObject({ items: [{ id }], paging: { totalCount: 1 } });
    sandbox.users.add({ id: 'bob', password: 'another-password' });
    const bob = (await token({ grant_type: 'password', username: 'bob', password: 'another-password' })).body.access_token;
    expect((await call('GET', `/api/tasks/${id}`, bob)).status).toBe(404);
  });

  it('takes as long as the test says, also no time', async () => {
    const on = stage({}, { updateMs: 0, bankConnections: [{ userId: 'alice' }] });
    const { access_token } = await on.login();
    const [{ id }] = on.sandbox.bankConnections.list() as [BankConnection];
    const body = { bankConnectionId: id, importNewAccountsMode: 'SKIP' };
    const task = (await on.call('POST', '/api/tasks/backgroundUpdate', access_token, body)).body;
    expect((await on.call('GET', `/api/tasks/${task.id}`, access_token)).body.status).toBe('COMPLETED');
  });
});
