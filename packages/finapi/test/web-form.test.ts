import { FinapiError } from '@finapi-ts/client';
import { describe, expect, it } from 'vitest';
import { FlowError, openWebForm, updateInBackground, waitForTask, waitForWebForm } from '../src/flows.js';
import { aliceOn, failure, failureOf, fake, json, played, rejectionOf, secondsOf } from './support.js';

const id = '0d5f7f0e-6a0b-4f0e-9b53-6a4c1c6d4f10';
const url = `https://webform-sandbox.finapi.io/wf/${id}`;
const form = (status: string, payload: object = {}) => ({ id, url, status, type: 'BANK_CONNECTION_IMPORT', payload });
const formCall = `GET /api/webForms/${id}`;
const creation = 'POST /api/webForms/bankConnectionImport';

describe('waiting for a web form', () => {
  it('ends with its payload where it was completed', async () => {
    const server = fake({ [formCall]: [form('NOT_YET_OPENED'), form('IN_PROGRESS'), form('COMPLETED', { bankConnectionId: 7 })] });
    const seen: string[] = [];
    const outcome = await played(
      server.clock,
      waitForWebForm(aliceOn(server).webForm, { id, clock: server.clock, onProgress: ({ status }) => seen.push(status) }),
    );
    if (outcome.status !== 'COMPLETED') throw new Error(outcome.status);
    expect(outcome.payload.bankConnectionId).toBe(7);
    expect(seen).toEqual(['NOT_YET_OPENED', 'IN_PROGRESS', 'COMPLETED']);
    expect(secondsOf(server, formCall)).toEqual([0, 3, 6]);
  });

  it('ends with the error where it was completed with one', async () => {
    const payload = { errorCode: 'BANK_SERVER_REJECTION', errorMessage: 'wrong PIN' };
    const server = fake({ [formCall]: form('COMPLETED_WITH_ERROR', payload) });
    const outcome = await waitForWebForm(aliceOn(server).webForm, { id, clock: server.clock });
    expect(outcome).toMatchObject({ status: 'COMPLETED_WITH_ERROR', error: { code: 'BANK_SERVER_REJECTION', message: 'wrong PIN' } });
  });

  it.each(['EXPIRED', 'ABORTED', 'CANCELLED'])('ends where it is %s', async (status) => {
    const server = fake({ [formCall]: [form('A_STATUS_OF_TOMORROW'), form(status)] });
    const outcome = await played(server.clock, waitForWebForm(aliceOn(server).webForm, { id, clock: server.clock }));
    expect(outcome).toEqual({ status, webForm: form(status) });
  });
});

describe('opening a web form', () => {
  it('creates it, hands its URL over, and waits for its end', async () => {
    const server = fake({ [creation]: json(201, form('NOT_YET_OPENED')), [formCall]: [form('IN_PROGRESS'), form('COMPLETED')] });
    const opened: string[] = [];
    const outcome = await played(
      server.clock,
      openWebForm(
        aliceOn(server).webForm,
        (webForm) => webForm.accountInformationServices.createForBankConnectionImport({ bank: { id: 1 } }),
        {
          open: (address) => opened.push(address),
          clock: server.clock,
        },
      ),
    );
    expect(outcome.status).toBe('COMPLETED');
    expect(opened).toEqual([url]);
    expect(server.calls(creation).map(({ body }) => body)).toEqual([{ bank: { id: 1 } }]);
    expect(secondsOf(server, formCall)).toEqual([3, 6]);
  });

  it('ends with what `open` throws', async () => {
    const server = fake({ [creation]: json(201, form('NOT_YET_OPENED')) });
    const reason = new Error('there is no browser');
    const flow = openWebForm(aliceOn(server).webForm, (webForm) => webForm.accountInformationServices.createForBankConnectionImport({}), {
      open: () => Promise.reject(reason),
      clock: server.clock,
    });
    expect(await rejectionOf(flow)).toBe(reason);
    expect(server.clock.timers).toBe(0);
  });

  it('creates no second one after a failure', async () => {
    const server = fake({ [creation]: failure(503) });
    const flow = openWebForm(aliceOn(server).webForm, (webForm) => webForm.accountInformationServices.createForBankConnectionImport({}), {
      open: () => {},
      clock: server.clock,
    });
    expect((await failureOf(played(server.clock, flow), FinapiError)).code).toBe('UNAVAILABLE');
    expect(server.calls(creation)).toHaveLength(1);
  });

  it('ends with the time-out also while `open` does not come back', async () => {
    const server = fake({ [creation]: json(201, form('NOT_YET_OPENED')) });
    const flow = openWebForm(aliceOn(server).webForm, (webForm) => webForm.accountInformationServices.createForBankConnectionImport({}), {
      open: () => new Promise(() => {}),
      clock: server.clock,
    });
    expect((await failureOf(played(server.clock, flow), FlowError)).code).toBe('TIMEOUT');
  });
});

const taskId = '7e6c9c64-2f6d-4d7c-8f0c-2c5b4a1d9e31';
const task = (status: string, payload: object = {}) => ({
  id: taskId,
  status,
  type: 'BANK_CONNECTION_UPDATE',
  payload: { bankConnectionId: 7, ...payload },
});
const taskCall = `GET /api/tasks/${taskId}`;
const start = 'POST /api/tasks/backgroundUpdate';
const info = { id, url, status: 'NOT_YET_OPENED' };
const required = task('WEB_FORM_REQUIRED', { webForm: info });
const details = { bankConnectionId: 7, importNewAccountsMode: 'SKIP' } as const;

describe('an update in the background', () => {
  it('is started with what it is told, and waited for', async () => {
    const server = fake({ [start]: json(201, task('NOT_YET_STARTED')), [taskCall]: [task('IN_PROGRESS'), task('COMPLETED')] });
    const outcome = await played(
      server.clock,
      updateInBackground(aliceOn(server).webForm, {
        ...details,
        clock: server.clock,
        intervalMs: 2000,
        signal: new AbortController().signal,
      }),
    );
    expect(outcome).toEqual({ status: 'COMPLETED', bankConnectionId: 7, task: task('COMPLETED') });
    expect(server.calls(start).map(({ body }) => body)).toEqual([details]);
    expect(secondsOf(server, taskCall)).toEqual([2, 4]);
  });

  it('hands the form over once where the user is needed, and goes on waiting for it', async () => {
    const server = fake({
      [start]: json(201, task('NOT_YET_STARTED')),
      [taskCall]: [task('WEB_FORM_REQUIRED'), required, task('COMPLETED')],
      [formCall]: [form('NOT_YET_OPENED'), form('IN_PROGRESS'), form('COMPLETED')],
    });
    const handed: object[] = [];
    const seen: string[] = [];
    const outcome = await played(
      server.clock,
      updateInBackground(aliceOn(server).webForm, {
        ...details,
        clock: server.clock,
        onWebForm: (it) => handed.push(it),
        onProgress: ({ task: { status }, webForm }) => seen.push(`${status} ${webForm?.status ?? ''}`.trim()),
      }),
    );
    expect(outcome).toMatchObject({ status: 'COMPLETED', bankConnectionId: 7, webForm: { status: 'COMPLETED' } });
    expect(handed).toEqual([info]);
    expect(seen).toEqual([
      'NOT_YET_STARTED',
      'WEB_FORM_REQUIRED',
      'WEB_FORM_REQUIRED',
      'WEB_FORM_REQUIRED NOT_YET_OPENED',
      'WEB_FORM_REQUIRED IN_PROGRESS',
      'WEB_FORM_REQUIRED COMPLETED',
      'COMPLETED',
    ]);
  });

  it.each([
    ['COMPLETED', {}, { status: 'COMPLETED', bankConnectionId: 7 }],
    ['COMPLETED_WITH_ERROR', { errorCode: 'INVALID_TOKEN' }, { status: 'COMPLETED_WITH_ERROR', error: { code: 'INVALID_TOKEN' } }],
    ['EXPIRED', {}, { status: 'EXPIRED' }],
    ['ABORTED', {}, { status: 'ABORTED' }],
    ['CANCELLED', {}, { status: 'CANCELLED' }],
  ])('ends as its form does where the task says nothing more: %s', async (status, payload, expected) => {
    const server = fake({ [taskCall]: required, [formCall]: form(status, payload) });
    const outcome = await played(
      server.clock,
      waitForTask(aliceOn(server).webForm, { id: taskId, clock: server.clock, onWebForm: () => {} }),
    );
    expect(outcome).toMatchObject({ ...expected, webForm: { status }, task: { status: 'WEB_FORM_REQUIRED' } });
  });

  it('ends where the user is needed and nobody takes the form', async () => {
    const server = fake({ [taskCall]: required });
    const outcome = await waitForTask(aliceOn(server).webForm, { id: taskId, clock: server.clock });
    expect(outcome).toEqual({ status: 'WEB_FORM_REQUIRED', task: required, form: info });
  });

  it('ends with the error of the task', async () => {
    const server = fake({ [taskCall]: task('COMPLETED_WITH_ERROR', { errorCode: 'BANK_SERVER_REJECTION', errorMessage: null }) });
    const outcome = await waitForTask(aliceOn(server).webForm, { id: taskId, clock: server.clock });
    expect(outcome).toMatchObject({ status: 'COMPLETED_WITH_ERROR', error: { code: 'BANK_SERVER_REJECTION', message: undefined } });
  });

  it('is not started twice: 423 says that one is running', async () => {
    const server = fake({ [start]: failure(423, 'LOCKED') });
    const error = await failureOf(updateInBackground(aliceOn(server).webForm, { ...details, clock: server.clock }), FinapiError);
    expect(error.code).toBe('LOCKED');
    expect(server.calls(start)).toHaveLength(1);
  });
});
