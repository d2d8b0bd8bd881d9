// Updates a bank connection without the user, and with a web form where the user is needed after all.
import type { BankConnectionUpdateTaskDetails, Task, UserOperations, WebForm, WebFormInfo } from '@finapi-ts/client/web-form';
import { poll, tell, type Wait, type WaitOptions, within } from './wait.js';
import { errorIn, followWebForm, formBounds, type WebFormFailure } from './web-form.js';

/** How a task ended. `webForm` is there where the user was needed. */
export type TaskOutcome =
  | { readonly status: 'COMPLETED'; readonly task: Task; readonly bankConnectionId: number; readonly webForm?: WebForm }
  | { readonly status: 'COMPLETED_WITH_ERROR'; readonly task: Task; readonly error: WebFormFailure; readonly webForm?: WebForm }
  /** The user is needed, and no `onWebForm` was given. */
  | { readonly status: 'WEB_FORM_REQUIRED'; readonly task: Task; readonly form: WebFormInfo }
  /** The user was needed and the form did not come to its end. */
  | { readonly status: 'EXPIRED' | 'ABORTED' | 'CANCELLED'; readonly task: Task; readonly webForm: WebForm };

/** What a look has found. */
export interface TaskProgress {
  readonly task: Task;
  /** The form, while that is waited for. */
  readonly webForm?: WebForm;
}

interface FormHandler extends WaitOptions<TaskProgress> {
  /**
   * Hands the form over to the user, once. Who knows its URL can fill it in. What it throws ends the flow. Without it, the flow
   * ends with `WEB_FORM_REQUIRED`.
   */
  readonly onWebForm?: ((form: WebFormInfo) => unknown) | undefined;
}

/** What `createBankConnectionUpdateTask` takes, and how to wait. */
export interface BackgroundUpdateOptions extends FormHandler, BankConnectionUpdateTaskDetails {}

export interface TaskOptions extends FormHandler {
  readonly id: string;
}

/**
 * Starts an update in the background and waits for its end. Where the user is needed it hands the form over and goes on waiting for it.
 *
 * Looks every 3 seconds for at most 30 minutes unless set. Starting the update is not repeated: 423 says that one is running.
 *
 * @throws FlowError `TIMEOUT`
 */
export async function updateInBackground(webForm: UserOperations, options: BackgroundUpdateOptions): Promise<TaskOutcome> {
  const { signal, intervalMs, timeoutMs, onProgress, clock, onWebForm, ...details } = options;
  return within('the background update', { signal, intervalMs, timeoutMs, clock }, formBounds, async (wait) => {
    const task = await webForm.accountInformationServices.createBankConnectionUpdateTask(details, { signal: wait.signal });
    tell(onProgress, { task });
    await wait.pause(wait.intervalMs);
    return followTask(wait, webForm, task.id, options);
  });
}

/** Waits for a task that was started before, as {@link updateInBackground} does for its own. */
export async function waitForTask(webForm: Pick<UserOperations, 'tasks' | 'webForms'>, options: TaskOptions): Promise<TaskOutcome> {
  return within('the background update', options, formBounds, (wait) => followTask(wait, webForm, options.id, options));
}

async function followTask(
  wait: Wait,
  webForm: Pick<UserOperations, 'tasks' | 'webForms'>,
  id: string,
  { onProgress, onWebForm }: FormHandler,
): Promise<TaskOutcome> {
  const read = (ended: (task: Task) => boolean): Promise<Task> =>
    poll(
      wait,
      async (call) => {
        const task = await webForm.tasks.getTask({ id }, call);
        tell(onProgress, { task });
        return task;
      },
      ended,
    );
  const task = await read((it) => hasEnded(it) || formOf(it) !== undefined);
  const form = formOf(task);
  if (form === undefined) return outcomeOf(task);
  if (onWebForm === undefined) return { status: 'WEB_FORM_REQUIRED', task, form };
  await onWebForm(form);
  await wait.pause(wait.intervalMs);
  const followed = await followWebForm(wait, webForm, form.id, (it) => tell(onProgress, { task, webForm: it }));
  // Nobody says whether a task ends with its form, so what the form says counts where the task says nothing more.
  const last = await read(() => true);
  if (hasEnded(last)) return { ...outcomeOf(last), webForm: followed.webForm };
  const { bankConnectionId } = last.payload;
  if (followed.status === 'COMPLETED') return { status: 'COMPLETED', task: last, bankConnectionId, webForm: followed.webForm };
  if (followed.status === 'COMPLETED_WITH_ERROR')
    return { status: 'COMPLETED_WITH_ERROR', task: last, error: followed.error, webForm: followed.webForm };
  return { status: followed.status, task: last, webForm: followed.webForm };
}

const hasEnded = ({ status }: Task): boolean => status === 'COMPLETED' || status === 'COMPLETED_WITH_ERROR';

const formOf = ({ status, payload }: Task): WebFormInfo | undefined =>
  status === 'WEB_FORM_REQUIRED' ? (payload.webForm ?? undefined) : undefined;

const outcomeOf = (task: Task): Extract<TaskOutcome, { status: 'COMPLETED' | 'COMPLETED_WITH_ERROR' }> =>
  task.status === 'COMPLETED'
    ? { status: 'COMPLETED', task, bankConnectionId: task.payload.bankConnectionId }
    : { status: 'COMPLETED_WITH_ERROR', task, error: errorIn(task.payload) };
