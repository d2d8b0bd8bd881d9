import { AuthenticationRequiredError, FinapiError } from '@finapi-ts/client';
import { describe, expect, it } from 'vitest';
import { type AuthenticationAnswer, authenticate, FlowError, type StepChallenge } from '../src/flows.js';
import { aliceOn, type Fake, failure, failureOf, fake, json, played, rejectionOf, secondsOf } from './support.js';

const importCall = 'POST /api/v2/bankConnections/import';
const step = (hash: string, status: string, more: object = {}) =>
  failure(510, 'ADDITIONAL_AUTHENTICATION_REQUIRED', { multiStepAuthentication: { hash, status, ...more } });
const imported = json(201, { id: 7, updateStatus: 'IN_PROGRESS' });

/** Imports, and gives the answers by status; `undefined` for any other. */
function importOn(server: Fake, answers: Readonly<Record<string, AuthenticationAnswer>> = {}, more: object = {}) {
  const { access } = aliceOn(server);
  return authenticate(
    (multiStepAuthentication, options) =>
      access.bankConnections.importBankConnection(
        { bankId: 1, bankingInterface: 'FINTS_SERVER', ...(multiStepAuthentication && { multiStepAuthentication }) },
        options,
      ),
    { answer: (challenge) => answers[challenge.status], clock: server.clock, ...more },
  );
}
const steps = (server: Fake) => server.calls(importCall).map(({ body }) => body.multiStepAuthentication);

describe('authentication steps', () => {
  it('are walked through: the whole call is repeated with the hash and the answer', async () => {
    const server = fake({
      [importCall]: [
        step('h1', 'TWO_STEP_PROCEDURE_REQUIRED', { twoStepProcedures: [{ procedureId: '955' }] }),
        step('h2', 'CHALLENGE_RESPONSE_REQUIRED', { challengeMessage: 'Enter the TAN' }),
        step('h3', 'REDIRECT_REQUIRED', { redirectUrl: 'https://bank.example' }),
        imported,
      ],
    });
    const connection = await importOn(server, {
      TWO_STEP_PROCEDURE_REQUIRED: { twoStepProcedureId: '955' },
      CHALLENGE_RESPONSE_REQUIRED: { challengeResponse: '123456' },
      REDIRECT_REQUIRED: { redirectCallback: 'state=1&code=2' },
    });
    expect(connection.id).toBe(7);
    expect(steps(server)).toEqual([
      undefined,
      { hash: 'h1', twoStepProcedureId: '955' },
      { hash: 'h2', challengeResponse: '123456' },
      { hash: 'h3', redirectCallback: 'state=1&code=2' },
    ]);
    expect(server.calls(importCall).map(({ body }) => body.bankId)).toEqual([1, 1, 1, 1]);
  });

  it('elsewhere are waited for, five seconds each, and shown but not asked for', async () => {
    const server = fake({
      [importCall]: [
        step('h1', 'DECOUPLED_AUTH_REQUIRED', { challengeMessage: 'Confirm in the app' }),
        step('h2', 'DECOUPLED_AUTH_IN_PROGRESS'),
        step('h3', 'DECOUPLED_AUTH_IN_PROGRESS'),
        imported,
      ],
    });
    const shown: StepChallenge[] = [];
    await played(server.clock, importOn(server, {}, { onProgress: (challenge: StepChallenge) => shown.push(challenge) }));
    expect(steps(server)).toEqual([
      undefined,
      { hash: 'h1', decoupledCallback: true },
      { hash: 'h2', decoupledCallback: true },
      { hash: 'h3', decoupledCallback: true },
    ]);
    expect(secondsOf(server, importCall)).toEqual([0, 5, 10, 15]);
    expect(shown[0]?.challengeMessage).toBe('Confirm in the app');
  });

  it('end with the error of finAPI where the user gives up', async () => {
    const server = fake({ [importCall]: step('h1', 'CHALLENGE_RESPONSE_REQUIRED') });
    expect((await failureOf(importOn(server), AuthenticationRequiredError)).challenge?.hash).toBe('h1');
    expect(server.calls(importCall)).toHaveLength(1);
  });

  it('end where the bank does not stop asking', async () => {
    const server = fake({ [importCall]: step('h', 'CHALLENGE_RESPONSE_REQUIRED') });
    await failureOf(importOn(server, { CHALLENGE_RESPONSE_REQUIRED: { challengeResponse: '123456' } }), AuthenticationRequiredError);
    expect(server.calls(importCall)).toHaveLength(11);
  });

  it('are not repeated after another failure, since the call may have acted', async () => {
    const server = fake({ [importCall]: [step('h1', 'DECOUPLED_AUTH_REQUIRED'), failure(503)] });
    expect((await failureOf(played(server.clock, importOn(server)), FinapiError)).code).toBe('UNAVAILABLE');
    expect(server.calls(importCall)).toHaveLength(2);
  });

  it('end with what `answer` throws, and with the time-out while it waits', async () => {
    const server = fake({ [importCall]: step('h1', 'CHALLENGE_RESPONSE_REQUIRED') });
    const reason = new Error('the session is gone');
    expect(await rejectionOf(importOn(server, {}, { answer: () => Promise.reject(reason) }))).toBe(reason);
    let ended: unknown;
    const answer = (_: unknown, { signal }: { signal: AbortSignal }) => {
      signal.addEventListener('abort', () => {
        ended = signal.reason;
      });
      return new Promise<undefined>(() => {});
    };
    const error = await failureOf(played(server.clock, importOn(server, {}, { answer })), FlowError);
    expect(error.code).toBe('TIMEOUT');
    expect(ended).toBe(error);
  });

  it('do not ask more often than every five seconds', async () => {
    expect((await failureOf(importOn(fake(), {}, { intervalMs: 4999 }), FinapiError)).message).toMatch(/from 5000/);
  });
});
