import type { AccessV1, BankConnection as BankConnectionV1 } from '@finapi-ts/client/access-v1';
import type { AccessV2, BankConnection, NotificationRule, Transaction, UserOperations } from '@finapi-ts/client/access-v2';
import type { Payload, Task, WebForm, WebFormApi, UserOperations as WebFormOperations } from '@finapi-ts/client/web-form';
import { describe, expectTypeOf, it } from 'vitest';
import { access } from '../src/access.js';
import { accessV1 } from '../src/access-v1.js';
import {
  authenticate,
  type TaskOutcome,
  transactionsSince,
  type UpdateOutcome,
  updateInBackground,
  type WebFormOutcome,
  waitForUpdate,
  waitForWebForm,
} from '../src/flows.js';
import { createFinapi, type FinapiUser } from '../src/index.js';
import { webForm } from '../src/web-form.js';
import type { Confirmation, NotificationClaim, TaskClaim, WebFormClaim } from '../src/webhooks.js';

const client = { environment: 'sandbox', clientId: 'household', clientSecret: 'secret' } as const;

describe('the types of an application', () => {
  it('have the APIs that were given, and no others', () => {
    const finapi = createFinapi({ ...client, apis: { access, webForm } });
    expectTypeOf(finapi.access).toEqualTypeOf<AccessV2>();
    expectTypeOf(finapi.webForm).toEqualTypeOf<WebFormApi>();
    expectTypeOf(finapi).not.toHaveProperty('accessV1');
    const alice = finapi.user('alice');
    expectTypeOf(alice.access).toEqualTypeOf<UserOperations>();
    expectTypeOf(alice.webForm).toEqualTypeOf<WebFormOperations>();
    expectTypeOf(alice).not.toHaveProperty('accessV1');
    expectTypeOf(createFinapi({ ...client, apis: { accessV1 } }).accessV1).toEqualTypeOf<AccessV1>();
  });

  it('keep what takes another identity apart', () => {
    const finapi = createFinapi({ ...client, apis: { access } });
    expectTypeOf(finapi.access).not.toHaveProperty('accounts');
    expectTypeOf(finapi.user('alice').access).not.toHaveProperty('clientConfiguration');
    expectTypeOf(finapi.access.admin).toHaveProperty('mandatorAdministration');
  });

  it('refuse an API under the name of another, and hosts without Access', () => {
    // @ts-expect-error: Access V2 is no Web Form
    void (() => createFinapi({ ...client, apis: { webForm: access } }));
    // @ts-expect-error: tokens come from Access
    void (() => createFinapi({ ...client, environment: { webForm: 'https://f.example' }, apis: { webForm } }));
    // @ts-expect-error: there is no such environment
    void (() => createFinapi({ ...client, environment: 'production', apis: { access } }));
  });
});

/** Types alone: none of these calls is made. */
const typed = (_: () => unknown): void => {};
declare const alice: FinapiUser<{ access: typeof access; accessV1: typeof accessV1; webForm: typeof webForm }>;

describe('the types of flows', () => {
  it('are those of the version of Access that they are given', () => {
    typed(() => {
      expectTypeOf(waitForUpdate(alice.access, { bankConnectionId: 1 })).resolves.toEqualTypeOf<UpdateOutcome<BankConnection>>();
      expectTypeOf(waitForUpdate(alice.accessV1, { bankConnectionId: 1 })).resolves.toEqualTypeOf<UpdateOutcome<BankConnectionV1>>();
      expectTypeOf(transactionsSince(alice.access, { since: '2026-03-01' })).toEqualTypeOf<AsyncGenerator<Transaction, void, undefined>>();
    });
    type Progress = NonNullable<NonNullable<Parameters<typeof waitForUpdate<BankConnection>>[1]>['onProgress']>;
    expectTypeOf<Parameters<Progress>[0]>().toEqualTypeOf<BankConnection>();
  });

  it('tell outcomes apart by status', () => {
    typed(() => {
      expectTypeOf(waitForWebForm(alice.webForm, { id: '' })).resolves.toEqualTypeOf<WebFormOutcome>();
      expectTypeOf(
        updateInBackground(alice.webForm, { bankConnectionId: 1, importNewAccountsMode: null }),
      ).resolves.toEqualTypeOf<TaskOutcome>();
    });
    expectTypeOf<Extract<WebFormOutcome, { status: 'COMPLETED' }>['payload']>().toEqualTypeOf<Payload>();
    expectTypeOf<Exclude<WebFormOutcome, { status: 'COMPLETED' | 'COMPLETED_WITH_ERROR' }>>().not.toHaveProperty('payload');
    expectTypeOf<Extract<TaskOutcome, { status: 'COMPLETED_WITH_ERROR' }>>().toHaveProperty('error');
  });

  it('give what the call gives, and ask for one answer', () => {
    typed(() => {
      expectTypeOf(authenticate(async () => 7, { answer: () => undefined })).resolves.toEqualTypeOf<number>();
      // @ts-expect-error: an answer has the field that its status wants
      authenticate(async () => 7, { answer: () => ({ tan: '123456' }) });
      // @ts-expect-error: Web Form has no bank connections
      waitForUpdate(alice.webForm, { bankConnectionId: 1 });
    });
  });
});

describe('the types of callbacks', () => {
  it('are claims, confirmed as the entity', () => {
    expectTypeOf<Awaited<ReturnType<WebFormClaim['confirm']>>>().toEqualTypeOf<Confirmation<WebForm>>();
    expectTypeOf<Awaited<ReturnType<TaskClaim['confirm']>>>().toEqualTypeOf<Confirmation<Task>>();
    expectTypeOf<Extract<Confirmation<WebForm>, { confirmed: true }>['entity']>().toEqualTypeOf<WebForm>();
    typed(async () => {
      const claim: NotificationClaim = await Promise.reject();
      expectTypeOf(claim.confirm(alice.access)).resolves.toEqualTypeOf<Confirmation<NotificationRule>>();
    });
  });
});
