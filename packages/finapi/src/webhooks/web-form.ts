// Callbacks of Web Form: a form that was finalised, a task that was finalised or needs the user.
import type { CallOptions } from '@finapi-ts/client';
import type { Task, TaskCallback, UserOperations, WebForm, WebFormCompletedCallback } from '@finapi-ts/client/web-form';
import { type CallbackInput, id, own, type ParseOptions, readBody, text, wrong } from './body.js';
import { type Confirmation, compare } from './confirmation.js';

/** What a callback says of a form. Nothing signs it: anybody who knows your address can send one. */
export interface WebFormClaim {
  readonly webFormId: string;
  readonly status: WebFormCompletedCallback['status'];
  /**
   * Reads the form with the token of the user for whom you created it.
   *
   * @throws FinapiError where it cannot be read just now
   */
  confirm(webForm: Pick<UserOperations, 'webForms'>, options?: CallOptions): Promise<Confirmation<WebForm>>;
}

/**
 * Reads the callback `finalised` of a form.
 *
 * @throws CallbackError where it is none
 */
export async function parseWebFormCallback(input: CallbackInput, options: ParseOptions = {}): Promise<WebFormClaim> {
  const body = await readBody(input, options);
  const webFormId = id(body, 'webFormId');
  const status = text(body, 'status', 64);
  return {
    webFormId,
    status,
    confirm: ({ webForms }, callOptions) =>
      compare(
        () => webForms.getWebForm({ id: webFormId }, callOptions),
        (form) => form.id === webFormId && form.status === status,
      ),
  };
}

/**
 * What a callback says of a task. The address of the form is left out: a forged one would lead the user astray. It comes with
 * `confirm`, in `entity.payload.webForm`.
 */
export interface TaskClaim {
  readonly taskId: string;
  readonly status: TaskCallback['status'];
  /** With `WEB_FORM_REQUIRED`. */
  readonly webFormId: string | undefined;
  /** Reads the task with the token of the user for whom you created it. */
  confirm(webForm: Pick<UserOperations, 'tasks'>, options?: CallOptions): Promise<Confirmation<Task>>;
}

/**
 * Reads the callbacks `finalised` and `webFormRequired` of a task.
 *
 * @throws CallbackError where it is none
 */
export async function parseTaskCallback(input: CallbackInput, options: ParseOptions = {}): Promise<TaskClaim> {
  const body = await readBody(input, options);
  const taskId = id(body, 'taskId');
  const status = text(body, 'status', 64);
  const form = own(body, 'webForm') ?? undefined;
  if (form !== undefined && typeof form !== 'object') throw wrong('webForm is no object');
  const webFormId = form === undefined ? undefined : id(form as Record<string, unknown>, 'id');
  return {
    taskId,
    status,
    webFormId,
    confirm: ({ tasks }, callOptions) =>
      compare(
        () => tasks.getTask({ id: taskId }, callOptions),
        (task) => task.id === taskId && task.status === status && (webFormId === undefined || task.payload.webForm?.id === webFormId),
      ),
  };
}
