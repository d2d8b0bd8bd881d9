// Waits for a web form to come to its end, and opens one.
import type { CallOptions } from '@finapi-ts/client';
import type { Payload, UserOperations, WebForm } from '@finapi-ts/client/web-form';
import { poll, tell, type Wait, type WaitOptions, within } from './wait.js';

/** Why a form or a task ended with an error: Web Form's own code, such as `BANK_SERVER_REJECTION`, and its text. */
export interface WebFormFailure {
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/** How a form ended. */
export type WebFormOutcome =
  | {
      readonly status: 'COMPLETED';
      readonly webForm: WebForm;
      /** The id of what came of it, such as `bankConnectionId`. */
      readonly payload: Payload;
    }
  | { readonly status: 'COMPLETED_WITH_ERROR'; readonly webForm: WebForm; readonly payload: Payload; readonly error: WebFormFailure }
  /** Its time ran out; the user gave up; `cancelWebForm` was called. */
  | { readonly status: 'EXPIRED' | 'ABORTED' | 'CANCELLED'; readonly webForm: WebForm };

export interface WebFormOptions extends WaitOptions<WebForm> {
  readonly id: string;
}

/** Of forms. */
export const formBounds = { intervalMs: 3000, timeoutMs: 1_800_000 } as const;

/**
 * Waits until a form has a final status. A form lives 20 minutes and then ends as `EXPIRED`.
 *
 * Looks every 3 seconds for at most 30 minutes unless set.
 *
 * @throws FlowError `TIMEOUT`; FinapiError `NOT_FOUND` where the form is none of the user's or was deleted
 */
export async function waitForWebForm(webForm: Pick<UserOperations, 'webForms'>, options: WebFormOptions): Promise<WebFormOutcome> {
  const { id, onProgress } = options;
  return within('the web form', options, formBounds, (wait) => followWebForm(wait, webForm, id, (form) => tell(onProgress, form)));
}

export interface OpenOptions extends WaitOptions<WebForm> {
  /** Sends the user to the form. Who knows the URL can fill the form in: give it to the user alone. What it throws ends the flow. */
  readonly open: (url: string, webForm: WebForm) => unknown;
}

/**
 * Creates a form, hands its URL to `open`, and waits for its end as {@link waitForWebForm} does. The form stays open where the flow
 * ends before it.
 *
 * @param create such as `(it) => it.accountInformationServices.createForBankConnectionImport({ … })`
 */
export async function openWebForm(
  webForm: UserOperations,
  create: (webForm: UserOperations, options: CallOptions) => PromiseLike<WebForm>,
  options: OpenOptions,
): Promise<WebFormOutcome> {
  const { open, onProgress } = options;
  return within('the web form', options, formBounds, async (wait) => {
    const created = await create(webForm, { signal: wait.signal });
    await open(created.url, created);
    // Nobody has filled it in yet.
    await wait.pause(wait.intervalMs);
    return followWebForm(wait, webForm, created.id, (form) => tell(onProgress, form));
  });
}

export async function followWebForm(
  wait: Wait,
  webForm: Pick<UserOperations, 'webForms'>,
  id: string,
  told: (form: WebForm) => void,
): Promise<WebFormOutcome> {
  let outcome: WebFormOutcome | undefined;
  await poll(
    wait,
    async (call) => {
      const form = await webForm.webForms.getWebForm({ id }, call);
      told(form);
      outcome = outcomeOf(form);
      return form;
    },
    () => outcome !== undefined,
  );
  return outcome as WebFormOutcome;
}

/** `undefined` while the form is open. A status that is not known here may be followed by one that is. */
function outcomeOf(webForm: WebForm): WebFormOutcome | undefined {
  const { status, payload } = webForm;
  if (status === 'COMPLETED') return { status: 'COMPLETED', webForm, payload };
  if (status === 'COMPLETED_WITH_ERROR') return { status: 'COMPLETED_WITH_ERROR', webForm, payload, error: errorIn(payload) };
  const ended = (['EXPIRED', 'ABORTED', 'CANCELLED'] as const).find((it) => it === status);
  return ended === undefined ? undefined : { status: ended, webForm };
}

export const errorIn = ({
  errorCode,
  errorMessage,
}: {
  readonly errorCode?: string | null;
  readonly errorMessage?: string | null;
}): WebFormFailure => ({ code: errorCode ?? undefined, message: errorMessage ?? undefined });
