// What the sandbox remembers, in every state that it can be in, is what the documents declare.
import { type Api, locate, readApis, readDocument, repository } from '@finapi-ts/scripts/apis';
import type { Node } from '@finapi-ts/scripts/grammar';
import { buildModel } from '@finapi-ts/scripts/model';
import { createSandbox, createTestClock, type SandboxOptions, type UpdateOutcome } from '@finapi-ts/testing';
import { describe, expect, it } from 'vitest';
import { createValidator } from '../src/validator.ts';

const client = { clientId: 'household', clientSecret: 'secret' };
const alice = { id: 'alice', password: 'a-long-password' };

interface Seen {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into any body.
  readonly body: any;
}

const documents = new Map(readApis(repository).map((api) => [api.id, documentOf(api)]));

function documentOf(api: Api) {
  const source = readDocument(repository, locate(repository, api).document, 'run: npm run generate');
  const { operations } = buildModel({ ...source, value: source.value as Node });
  return { operations, validator: createValidator(source.value as Node) };
}

/** Alice, whose every call must be answered as the document of its API declares. */
async function stage(options: SandboxOptions = {}) {
  const clock = createTestClock();
  const sandbox = createSandbox({ clock, clients: [client], users: [alice], fetch: async () => ({ status: 200 }), ...options });
  const login = new URLSearchParams({
    grant_type: 'password',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    username: alice.id,
    password: alice.password,
  });
  const { access_token: token } = await (await sandbox.fetch(`${sandbox.baseUrl}/oauth/token`, { method: 'POST', body: login })).json();
  const call = async (method: string, target: string, body?: object): Promise<Seen> => {
    const headers = { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }) };
    const response = await sandbox.fetch(sandbox.baseUrl + target, {
      method,
      headers,
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    const value = text === '' ? undefined : JSON.parse(text);
    const { api = '', operationId } = sandbox.log.at(-1) ?? {};
    const { operations, validator } = documents.get(api) ?? {};
    const operation = operations?.find(({ id }) => id === operationId);
    if (operation === undefined || validator === undefined) throw new Error(`${method} ${target} belongs to no operation`);
    expect({ operationId, faults: validator.answer(operation, response.status, value) }).toEqual({ operationId, faults: [] });
    return { status: response.status, body: value };
  };
  return {
    sandbox,
    clock,
    call,
    get: (target: string) => call('GET', target),
    post: (target: string, body: object) => call('POST', target, body),
  };
}

const outcomes: readonly UpdateOutcome[] = ['success', 'accountFails', 'error', 'webFormRequired'];

describe.each([
  ['/api/v1', 'interface'],
  ['/api/v2', 'bankingInterface'],
])('what banks have, below %s,', (path, field) => {
  it.each(outcomes)('is as declared before, during and after an update that ends with %s', async (outcome) => {
    const { sandbox, clock, get, post } = await stage();
    sandbox.bankConnections.configureImports({ outcome });
    const imported = await post(`${path}/bankConnections/import`, { bankId: 1, [field]: 'XS2A' });
    const [account] = imported.body.accountIds;
    const all = async (): Promise<void> => {
      for (const target of [
        '/bankConnections',
        `/bankConnections/${imported.body.id}`,
        '/accounts',
        `/accounts/${account}`,
        '/transactions?view=bankView',
        '/payments',
      ])
        expect((await get(path + target)).status).toBe(200);
    };
    await all();
    expect((await post(`${path}/bankConnections/update`, { bankConnectionId: imported.body.id, [field]: 'XS2A' })).status).toBe(423);
    await clock.advance(3000);
    await all();
    expect((await post(`${path}/bankConnections/update`, { bankConnectionId: imported.body.id, [field]: 'XS2A' })).status).toBe(200);
    await all();
    await clock.advance(3000);
    const { transactions } = (await get(`${path}/transactions?view=bankView`)).body;
    if (outcome !== 'error') expect((await get(`${path}/transactions/${transactions[0].id}`)).status).toBe(200);
  });

  it('is as declared when it is changed, and when it is not there', async () => {
    const { sandbox, call, get, post } = await stage({ bankConnections: [{ userId: 'alice' }] });
    const [connection] = sandbox.bankConnections.list();
    const id = connection?.id;
    expect((await call('PATCH', `${path}/bankConnections/${id}`, { name: 'Mine' })).status).toBe(200);
    expect((await call('PATCH', `${path}/accounts/${connection?.accountIds[0]}`, { accountName: 'Mine' })).status).toBe(200);
    expect((await call('DELETE', `${path}/accounts/${connection?.accountIds[0]}`)).status).toBe(200);
    expect((await call('DELETE', `${path}/accounts`)).status).toBe(200);
    for (const target of ['bankConnections', 'accounts', 'transactions']) expect((await get(`${path}/${target}/1`)).status).toBe(404);
    expect((await post(`${path}/bankConnections/connectInterface`, { bankConnectionId: 1, [field]: 'XS2A' })).status).toBe(422);
    expect((await post(`${path}/bankConnections/connectInterface`, { bankConnectionId: id, [field]: 'FINTS_SERVER' })).status).toBe(200);
    sandbox.bankConnections.finishUpdate(id ?? 0);
    expect((await post(`${path}/bankConnections/removeInterface`, { bankConnectionId: id, [field]: 'XS2A' })).status).toBe(200);
    expect((await call('DELETE', `${path}/bankConnections`)).status).toBe(200);
  });

  it.each([
    'TWO_STEP_PROCEDURE_REQUIRED',
    'CHALLENGE_RESPONSE_REQUIRED',
    'REDIRECT_REQUIRED',
    'DECOUPLED_AUTH_REQUIRED',
    'DECOUPLED_AUTH_IN_PROGRESS',
  ] as const)('asks for %s as declared', async (step) => {
    const { sandbox, post } = await stage();
    sandbox.bankConnections.configureImports({ steps: [step] });
    const body = { bankId: 1, [field]: 'XS2A' };
    const { status, body: asked } = await post(`${path}/bankConnections/import`, body);
    expect([status, asked.errors[0].multiStepAuthentication.status]).toEqual([510, step]);
    const wrong = { ...body, multiStepAuthentication: { hash: 'other' } };
    expect((await post(`${path}/bankConnections/import`, wrong)).status).toBe(422);
    const empty = { ...body, multiStepAuthentication: { hash: asked.errors[0].multiStepAuthentication.hash } };
    expect((await post(`${path}/bankConnections/import`, empty)).status).toBe(400);
  });
});

describe('web forms and tasks', () => {
  it('are as declared in every status', async () => {
    const { sandbox, clock, get, post } = await stage();
    const seen = new Set<string>();
    const form = async (): Promise<string> => (await post('/api/webForms/bankConnectionImport', {})).body.id;
    const look = async (id: string): Promise<void> => void seen.add((await get(`/api/webForms/${id}`)).body.status);
    const untouched = await form();
    await look(untouched);
    for (const end of ['open', 'complete', 'fail', 'abort'] as const) {
      const id = await form();
      await sandbox.webForms[end](id);
      await look(id);
    }
    const cancelled = await form();
    expect((await post(`/api/webForms/${cancelled}/cancel`, {})).status).toBe(200);
    expect((await post(`/api/webForms/${cancelled}/cancel`, {})).status).toBe(422);
    await look(cancelled);
    await clock.advance(1_200_000);
    await look(untouched);
    expect([...seen].sort()).toEqual(
      ['ABORTED', 'CANCELLED', 'COMPLETED', 'COMPLETED_WITH_ERROR', 'EXPIRED', 'IN_PROGRESS', 'NOT_YET_OPENED'].sort(),
    );
    expect((await get('/api/webForms?perPage=3')).body.paging.totalCount).toBe(6);
    expect((await get('/api/webForms/none')).status).toBe(404);
  });

  it.each(outcomes)('are as declared while an update in the background ends with %s', async (outcome) => {
    const { sandbox, clock, get, post } = await stage({ bankConnections: [{ userId: 'alice', outcome }] });
    const body = { bankConnectionId: sandbox.bankConnections.list()[0]?.id, importNewAccountsMode: 'SKIP' };
    const { id } = (await post('/api/tasks/backgroundUpdate', body)).body;
    expect((await post('/api/tasks/backgroundUpdate', body)).status).toBe(423);
    const seen: string[] = [];
    for (let look = 0; look < 3; look++) {
      seen.push((await get(`/api/tasks/${id}`)).body.status);
      await clock.advance(1500);
    }
    const end = { success: 'COMPLETED', accountFails: 'COMPLETED', error: 'COMPLETED_WITH_ERROR', webFormRequired: 'WEB_FORM_REQUIRED' };
    expect(seen).toEqual(['NOT_YET_STARTED', 'IN_PROGRESS', end[outcome]]);
    expect((await get('/api/tasks')).body.items).toHaveLength(1);
    expect((await post('/api/tasks/backgroundUpdate', { ...body, bankConnectionId: 1 })).status).toBe(404);
  });

  it('leave payments as declared', async () => {
    const { sandbox, get, post } = await stage();
    const { id } = (await post('/api/webForms/standalonePayment', { orders: [{ amount: { value: 1, currency: 'EUR' } }] })).body;
    await sandbox.webForms.complete(id);
    for (const path of ['/api/v1', '/api/v2']) expect((await get(`${path}/payments`)).body.payments).toHaveLength(1);
  });
});
