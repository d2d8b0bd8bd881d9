// The steps of authentication that a bank wants before it answers: each is a 510, each call with its hash goes on to the next.
import type { AuthenticationStep } from './bank.js';
import type { Call } from './call.js';
import { Failure } from './failure.js';

/** finAPI: ask no more often than every 5 seconds while the user confirms elsewhere. */
const decoupledMs = 5000;

/** What the answer to a step carries. */
const answers: Readonly<Record<AuthenticationStep, 'twoStepProcedureId' | 'challengeResponse' | 'redirectCallback' | 'decoupledCallback'>> =
  {
    TWO_STEP_PROCEDURE_REQUIRED: 'twoStepProcedureId',
    CHALLENGE_RESPONSE_REQUIRED: 'challengeResponse',
    REDIRECT_REQUIRED: 'redirectCallback',
    DECOUPLED_AUTH_REQUIRED: 'decoupledCallback',
    DECOUPLED_AUTH_IN_PROGRESS: 'decoupledCallback',
  };

interface Walk {
  readonly hash: string;
  readonly steps: readonly AuthenticationStep[];
  readonly index: number;
  readonly askedAt: number;
}

export interface Steps {
  /** Returns once all steps are taken, and throws the 510 of the next one until then. `what` names user, operation and target. */
  walk(call: Call, what: string, steps: readonly AuthenticationStep[]): void;
}

export function createSteps(now: () => number): Steps {
  const open = new Map<string, Walk>();

  function ask(
    { api }: Call,
    what: string,
    steps: readonly AuthenticationStep[],
    index: number,
    hash: string = crypto.randomUUID(),
  ): never {
    open.set(what, { hash, steps, index, askedAt: now() });
    const status = steps[index] as AuthenticationStep;
    throw new Failure(510, 'ADDITIONAL_AUTHENTICATION_REQUIRED', 'The bank wants a further step of authentication.', {
      challenge: { ...api.challenge, hash, status, ...detailsOf(api, status) },
    });
  }

  return {
    walk(call, what, steps) {
      const given = call.body.multiStepAuthentication as Readonly<Record<string, unknown>> | null | undefined;
      if (given === undefined || given === null) {
        if (steps.length > 0) ask(call, what, steps, 0);
        return;
      }
      const walk = open.get(what);
      // Where nobody has asked for steps, an answer to one does no harm.
      if (walk === undefined && steps.length === 0) return;
      if (walk === undefined || walk.hash !== given.hash)
        throw new Failure(422, 'NO_EXISTING_CHALLENGE', 'There is no open challenge with this hash.', {
          field: 'multiStepAuthentication.hash',
        });
      const status = walk.steps[walk.index] as AuthenticationStep;
      const name = answers[status];
      if (given[name] === undefined || given[name] === null || given[name] === '' || given[name] === false)
        throw new Failure(400, 'MISSING_FIELD', `multiStepAuthentication.${name} is missing: the step is ${status}.`, { field: name });
      if (name === 'twoStepProcedureId' && !proceduresOf(call.api).some(({ procedureId }) => procedureId === given[name]))
        throw new Failure(422, 'INVALID_TWO_STEP_PROCEDURE', 'The bank connection has no such procedure.', { field: name });
      if (status === 'DECOUPLED_AUTH_IN_PROGRESS' && now() - walk.askedAt < decoupledMs) {
        call.entry.tooFast = true;
        ask(call, what, walk.steps, walk.index, walk.hash);
      }
      if (walk.index + 1 < walk.steps.length) ask(call, what, walk.steps, walk.index + 1);
      open.delete(what);
    },
  };
}

function detailsOf(api: Call['api'], status: AuthenticationStep): object {
  switch (status) {
    case 'TWO_STEP_PROCEDURE_REQUIRED':
      return { twoStepProcedures: proceduresOf(api) };
    case 'CHALLENGE_RESPONSE_REQUIRED':
      return { challengeMessage: 'Enter the TAN of your device.', answerFieldLabel: 'TAN' };
    case 'REDIRECT_REQUIRED':
      return { redirectUrl: 'https://bank.example/login', redirectContext: crypto.randomUUID(), redirectContextField: 'state' };
    default:
      return { challengeMessage: 'Confirm in the app of your bank.' };
  }
}

interface Procedure {
  readonly procedureId: string;
}

/** The procedures of the document's example. */
function proceduresOf({ answers: all }: Call['api']): readonly Procedure[] {
  const body = all.getBankConnection?.body as
    | { readonly interfaces?: readonly { readonly twoStepProcedures?: readonly Procedure[] }[] }
    | undefined;
  return body?.interfaces?.[0]?.twoStepProcedures ?? [];
}
