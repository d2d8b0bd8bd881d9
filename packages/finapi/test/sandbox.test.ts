// The flows and callbacks against the sandbox, which plays finAPI's side by the clock.
import { createSandbox, createTestClock, type Sandbox, type SandboxOptions, type TestClock } from '@finapi-ts/testing';
import { describe, expect, it } from 'vitest';
import { access } from '../src/access.js';
import { authenticate, deleteUser, FlowError, openWebForm, transactionsSince, updateInBackground, waitForUpdate } from '../src/flows.js';
import { createFinapi, type Finapi } from '../src/index.js';
import { webForm } from '../src/web-form.js';
import { parseTaskCallback, parseUserCallback, parseWebFormCallback } from '../src/webhooks.js';
import { failureOf, played } from './support.js';

const apis = { access, webForm };
const client = { clientId: 'household', clientSecret: 'secret' };

interface Stage {
  readonly clock: TestClock;
  readonly sandbox: Sandbox;
  readonly finapi: Finapi<typeof apis>;
  readonly alice: ReturnType<Finapi<typeof apis>['user']>;
  /** The id of the bank connection that alice has. */
  readonly id: number;
}

function stage(options: SandboxOptions = {}): Stage {
  const clock = createTestClock();
  const sandbox = createSandbox({
    clock,
    clients: [client],
    users: [{ id: 'alice', password: 'a-long-password' }],
    bankConnections: [{ userId: 'alice', accounts: 2 }],
    ...options,
  });
  const environment = { access: sandbox.baseUrl, webForm: sandbox.baseUrl };
  const finapi = createFinapi({ environment, ...client, apis, fetch: sandbox.fetch, clock });
  const [connection] = sandbox.bankConnections.list({ userId: 'alice' });
  return { clock, sandbox, finapi, alice: finapi.user('alice', { password: 'a-long-password' }), id: connection?.id ?? 0 };
}

describe('an update on the sandbox', () => {
  it.each([
    ['success', true, ['UPDATED', 'UPDATED']],
    ['accountFails', false, ['UPDATED', 'DOWNLOAD_FAILED']],
    ['error', false, ['DOWNLOAD_FAILED', 'DOWNLOAD_FAILED']],
  ] as const)('is waited for and told by account: %s', async (outcome, ok, statuses) => {
    const { clock, sandbox, alice, id } = stage();
    sandbox.bankConnections.configure(id, { outcome });
    await alice.access.bankConnections.updateBankConnection({ bankConnectionId: id, bankingInterface: 'XS2A' });
    const update = await played(clock, waitForUpdate(alice.access, { bankConnectionId: id, clock }));
    expect(update.ok).toBe(ok);
    expect(update.accounts.map(({ status }) => status)).toEqual(statuses);
  });

  it('is walked through the steps that the bank wants, never too fast', async () => {
    const { clock, sandbox, alice } = stage();
    sandbox.bankConnections.configureImports({
      steps: ['TWO_STEP_PROCEDURE_REQUIRED', 'CHALLENGE_RESPONSE_REQUIRED', 'DECOUPLED_AUTH_REQUIRED'],
    });
    const flow = authenticate(
      (step, options) =>
        alice.access.bankConnections.importBankConnection(
          { bankId: 1, bankingInterface: 'FINTS_SERVER', ...(step && { multiStepAuthentication: step }) },
          options,
        ),
      {
        answer: ({ status, twoStepProcedures }) =>
          status === 'TWO_STEP_PROCEDURE_REQUIRED'
            ? { twoStepProcedureId: twoStepProcedures?.[0]?.procedureId ?? '' }
            : { challengeResponse: '123456' },
        clock,
      },
    );
    const { id } = await played(clock, flow);
    expect((await played(clock, waitForUpdate(alice.access, { bankConnectionId: id, clock }))).ok).toBe(true);
    expect(sandbox.log.filter((entry) => entry.tooFast)).toEqual([]);
  });

  it('brings transactions, each once', async () => {
    const { sandbox, alice } = stage();
    const seen = new Set<number>();
    const read = async (): Promise<number> => {
      let count = 0;
      for await (const _ of transactionsSince(alice.access, { since: '2026-03-30', seen })) count += 1;
      return count;
    };
    expect(await read()).toBe(6);
    expect(await read()).toBe(0);
    expect(sandbox.log.some(({ status }) => Number(status) >= 400)).toBe(false);
  });
});

/** A sandbox that hands its callbacks over. */
function hooked(): Stage & { readonly bodies: string[] } {
  const bodies: string[] = [];
  const fetch = async (_: string, { body }: { readonly body: string }) => {
    bodies.push(body);
    return { status: 204 };
  };
  return { ...stage({ fetch, clients: [{ ...client, userSynchronizationCallbackUrl: 'http://localhost:1/users' }] }), bodies };
}

describe('a web form on the sandbox', () => {
  it('is opened, waited for, and its callback confirmed', async () => {
    const { clock, sandbox, alice, bodies } = hooked();
    const outcome = await played(
      clock,
      openWebForm(
        alice.webForm,
        (it) => it.accountInformationServices.createForBankConnectionImport({ callbacks: { finalised: 'http://localhost:1/done' } }),
        { open: (_, { id }) => sandbox.webForms.complete(id), clock },
      ),
    );
    if (outcome.status !== 'COMPLETED') throw new Error(outcome.status);
    expect(sandbox.bankConnections.get(outcome.payload.bankConnectionId ?? 0).userId).toBe('alice');
    const claim = await parseWebFormCallback(bodies[0]);
    expect(claim.webFormId).toBe(outcome.webForm.id);
    expect((await claim.confirm(alice.webForm)).confirmed).toBe(true);
  });

  it.each([
    ['the user leaves', 'ABORTED'],
    ['nobody comes', 'EXPIRED'],
  ])('ends where %s', async (what, status) => {
    const { clock, sandbox, alice } = stage({ clients: [{ ...client, userTokenLifeS: 7200 }] });
    const outcome = await played(
      clock,
      openWebForm(alice.webForm, (it) => it.accountInformationServices.createForBankConnectionImport({}), {
        open: (_, { id }) => (what === 'the user leaves' ? sandbox.webForms.abort(id) : undefined),
        clock,
      }),
    );
    expect(outcome.status).toBe(status);
  });

  it('is handed over where a background update needs the user', async () => {
    const { clock, sandbox, alice, id, bodies } = hooked();
    sandbox.bankConnections.configure(id, { outcome: 'webFormRequired' });
    const handed: string[] = [];
    const outcome = await played(
      clock,
      updateInBackground(alice.webForm, {
        bankConnectionId: id,
        importNewAccountsMode: 'SKIP',
        callbacks: { webFormRequired: 'http://localhost:1/form', finalised: 'http://localhost:1/done' },
        clock,
        onWebForm: async (form) => {
          handed.push(form.url);
          const claim = await parseTaskCallback(bodies[0]);
          expect((await claim.confirm(alice.webForm)).entity?.payload.webForm?.url).toBe(form.url);
          await sandbox.webForms.complete(form.id);
        },
      }),
    );
    expect(outcome).toMatchObject({ status: 'COMPLETED', bankConnectionId: id, webForm: { status: 'COMPLETED' } });
    expect(handed).toHaveLength(1);
  });

  it('is not needed where a background update works or fails by itself', async () => {
    const { clock, sandbox, alice, id } = stage();
    const update = () => played(clock, updateInBackground(alice.webForm, { bankConnectionId: id, importNewAccountsMode: 'SKIP', clock }));
    expect((await update()).status).toBe('COMPLETED');
    sandbox.bankConnections.configure(id, { outcome: 'error' });
    expect(await update()).toMatchObject({ status: 'COMPLETED_WITH_ERROR', error: { code: 'BANK_SERVER_REJECTION' } });
  });
});

describe('deleting a user on the sandbox', () => {
  it('leaves nothing, and what is called back with is confirmed', async () => {
    const { clock, sandbox, finapi, alice, bodies } = hooked();
    await alice.access.accounts.getAndSearchAllAccounts();
    await played(clock, deleteUser(finapi, alice, { clock }));
    expect(sandbox.users.list()).toEqual([]);
    const claim = await parseUserCallback(bodies[0]);
    expect(claim).toMatchObject({ userId: 'alice', event: 'DELETED' });
    expect(await claim.confirm(finapi.access)).toBe(true);
    const again = finapi.user('alice', { password: 'a-long-password' });
    expect((await failureOf(played(clock, deleteUser(finapi, again, { clock })), FlowError)).code).toBe('USER_UNKNOWN');
  });

  it('succeeds where the answer is lost', async () => {
    const { clock, sandbox, finapi, alice } = stage();
    await alice.access.accounts.getAndSearchAllAccounts();
    sandbox.faults.add({ operationId: 'deleteAuthorizedUser', reset: true, afterHandling: true });
    await played(clock, deleteUser(finapi, alice, { clock }));
    expect(sandbox.users.list()).toEqual([]);
  });

  it('waits for an update, and tells a locked user from one who is not verified', async () => {
    const { clock, sandbox, finapi, alice, id } = stage();
    await alice.access.bankConnections.updateBankConnection({ bankConnectionId: id, bankingInterface: 'XS2A' });
    await played(clock, deleteUser(finapi, alice, { clock }));
    sandbox.users.add({ id: 'bob', password: 'a-long-password', verified: false });
    await played(clock, deleteUser(finapi, finapi.user('bob', { password: 'a-long-password' }), { clock }));
    sandbox.users.add({ id: 'carol', password: 'a-long-password' });
    sandbox.users.lock('carol');
    const carol = finapi.user('carol', { password: 'a-long-password' });
    expect((await failureOf(played(clock, deleteUser(finapi, carol, { clock })), FlowError)).code).toBe('USER_LOCKED');
    expect(sandbox.users.list().map((it) => it.id)).toEqual(['carol']);
  });
});
