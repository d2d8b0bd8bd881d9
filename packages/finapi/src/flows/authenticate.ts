// Walks through the steps that a bank asks for (510), until the call is through.
import { type AuthenticationChallenge, AuthenticationRequiredError } from '@finapi-ts/client';
import { tell, type WaitOptions, within } from './wait.js';

/** What the bank asks for. */
export interface StepChallenge extends Omit<AuthenticationChallenge, 'twoStepProcedures'> {
  /** With `TWO_STEP_PROCEDURE_REQUIRED`: what the user can choose from. */
  readonly twoStepProcedures?:
    | readonly {
        /** Goes into `twoStepProcedureId`. */
        readonly procedureId: string;
        readonly procedureName: string;
        readonly procedureChallengeType?: string | null;
        /** Whether the user confirms elsewhere. */
        readonly implicitExecute: boolean;
      }[]
    | null;
}

/** `multiStepAuthentication` of the repeated call: the challenge's hash, and the one field that its status wants. */
export interface AuthenticationStep {
  hash: string;
  challengeResponse?: string;
  twoStepProcedureId?: string;
  redirectCallback?: string;
  decoupledCallback?: boolean;
}

/** The user's answer to a challenge, by the challenge's status. */
export type AuthenticationAnswer =
  /** `CHALLENGE_RESPONSE_REQUIRED`: what the user entered, such as a TAN. */
  | { readonly challengeResponse: string }
  /** `TWO_STEP_PROCEDURE_REQUIRED`: one of the challenge's `twoStepProcedures`. */
  | { readonly twoStepProcedureId: string }
  /** `REDIRECT_REQUIRED`: the query string with which the bank sent the user back. */
  | { readonly redirectCallback: string };

export interface AuthenticateOptions extends WaitOptions<StepChallenge> {
  /**
   * Asks the user; `undefined` where the user gives up, and the flow then rejects with finAPI's own error. A confirmation
   * elsewhere (`DECOUPLED_AUTH_…`) is not asked for but waited for: show its challenge with `onProgress`.
   */
  readonly answer: (
    challenge: StepChallenge,
    options: { readonly signal: AbortSignal },
  ) => AuthenticationAnswer | undefined | Promise<AuthenticationAnswer | undefined>;
}

/** Banks ask for two or three. */
const mostAnswers = 10;

/**
 * Makes a call and walks through the steps that the bank asks for: each time the whole call is repeated, with the challenge's hash
 * and the answer. `onProgress` is told of every challenge.
 *
 * A confirmation elsewhere is asked after every 5 seconds (`intervalMs`, at least 5000: finAPI asks for that pause). All of it may take
 * 5 minutes unless set. No other failure is repeated, since the call may have acted.
 *
 * @param call such as `(multiStepAuthentication) => user.access.bankConnections.importBankConnection({ …, multiStepAuthentication })`,
 *   where the member is left out while it is `undefined`
 * @throws FlowError `TIMEOUT`; AuthenticationRequiredError where the user gives up or the bank does not stop asking
 */
export async function authenticate<T>(
  call: (step: AuthenticationStep | undefined, options: { readonly signal: AbortSignal }) => PromiseLike<T>,
  options: AuthenticateOptions,
): Promise<T> {
  const { answer, onProgress } = options;
  const bounds = { intervalMs: 5000, atLeastMs: 5000, timeoutMs: 300_000 };
  return within('the authentication', options, bounds, async (wait) => {
    const { signal } = wait;
    let step: AuthenticationStep | undefined;
    for (let answers = 0; ; ) {
      let asked: AuthenticationRequiredError;
      try {
        return await call(step, { signal });
      } catch (cause) {
        if (!(cause instanceof AuthenticationRequiredError)) throw cause;
        asked = cause;
      }
      const challenge = asked.challenge as StepChallenge | undefined;
      if (challenge === undefined) throw asked;
      tell(onProgress, challenge);
      if (String(challenge.status).startsWith('DECOUPLED_AUTH_')) {
        await wait.pause(wait.intervalMs);
        step = { hash: challenge.hash, decoupledCallback: true };
        continue;
      }
      answers += 1;
      const given = answers > mostAnswers ? undefined : await answer(challenge, { signal });
      if (given === undefined) throw asked;
      signal.throwIfAborted();
      step = { ...given, hash: challenge.hash };
    }
  });
}
