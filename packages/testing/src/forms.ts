// Web forms: what becomes of one while the user, the clock and its token have their way.
import type { Callbacks } from './callbacks.js';
import { type Clock, later } from './clock.js';
import type { TokenStore } from './tokens.js';

/** Life of a form, in milliseconds (finAPI: 20 minutes). */
const lifeMs = 1_200_000;

export type WebFormStatus = 'NOT_YET_OPENED' | 'IN_PROGRESS' | 'COMPLETED' | 'COMPLETED_WITH_ERROR' | 'EXPIRED' | 'ABORTED' | 'CANCELLED';

export type WebFormType =
  | 'BANK_CONNECTION_IMPORT'
  | 'BANK_CONNECTION_UPDATE'
  | 'PAYMENT_WITH_ACCOUNT_ID'
  | 'STANDALONE_PAYMENT'
  | 'STANDING_ORDER'
  | 'DIRECT_DEBIT_WITH_ACCOUNT_ID';

/** What a form has led to; only what there is. */
export interface WebFormPayload {
  readonly bankConnectionId?: number;
  readonly paymentId?: number;
  readonly standingOrderId?: number;
  readonly errorCode?: string;
  readonly errorMessage?: string;
}

/** Why a form fails. */
export interface WebFormError {
  /** Default `BANK_SERVER_REJECTION`. */
  readonly errorCode?: string;
  readonly errorMessage?: string;
}

/** A form as a test sees it. */
export interface WebForm {
  readonly id: string;
  readonly type: WebFormType;
  readonly userId: string;
  readonly url: string;
  readonly status: WebFormStatus;
  readonly payload: WebFormPayload;
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly createdAt: number;
  readonly expiresAt: number;
  /** Where the user is sent in the end. */
  readonly redirectUrl: string | undefined;
}

/** What users do with forms. Each resolves once the callback is through, and throws where the form is unknown or over. */
export interface WebForms {
  list(filter?: { readonly userId?: string }): readonly WebForm[];
  /** Throws where there is none. */
  get(id: string): WebForm;
  /** The user opens the page. */
  open(id: string): Promise<WebForm>;
  /** The user goes through with it. */
  complete(id: string): Promise<WebForm>;
  /** The user goes through with it, and the bank refuses. */
  fail(id: string, error?: WebFormError): Promise<WebForm>;
  /** The user leaves. */
  abort(id: string): Promise<WebForm>;
}

export interface FormRequest {
  readonly type: WebFormType;
  readonly userId: string;
  readonly clientId: string;
  /** The access token under which the form lives. */
  readonly token: string;
  readonly origin: string;
  readonly redirectUrl: string | undefined;
  /** Where its end is told. */
  readonly callbackUrl: string | undefined;
  /** Does what the form is for, at the time it is completed. */
  readonly carryOut: () => WebFormPayload;
  /** Learns of every change of status. */
  readonly onChange?: (form: WebForm) => Promise<void>;
}

export interface FormStore extends WebForms {
  find(id: string): WebForm | undefined;
  create(request: FormRequest): WebForm;
  cancel(id: string): WebForm;
  delete(id: string): void;
  /** All of a user goes. */
  forget(userId: string): void;
  /** Ends those whose time or token is over. */
  settle(): void;
}

interface Entry {
  form: WebForm;
  readonly request: FormRequest;
  /** Resolves when all that is told of it is through. */
  told: Promise<unknown>;
}

export const isOver = ({ status }: Pick<WebForm, 'status'>): boolean => status !== 'NOT_YET_OPENED' && status !== 'IN_PROGRESS';

export interface FormsContext {
  readonly clock: Clock;
  readonly now: () => number;
  readonly tokens: TokenStore;
  readonly callbacks: Callbacks;
}

export function createForms({ clock, now, tokens, callbacks }: FormsContext): FormStore {
  const all = new Map<string, Entry>();

  const entryOf = (id: string): Entry => {
    const found = all.get(id);
    if (found === undefined) throw new Error(`the sandbox has no web form ${id}; it has: ${[...all.keys()].join(', ') || 'none'}`);
    return found;
  };

  function turn(entry: Entry, status: WebFormStatus, payload: WebFormPayload = {}): void {
    entry.form = { ...entry.form, status, payload: { ...entry.form.payload, ...payload } };
    entry.told = Promise.all([entry.told, tell(entry.form, entry.request)]);
  }

  async function tell(form: WebForm, { onChange, callbackUrl }: FormRequest): Promise<void> {
    await onChange?.(form);
    if (isOver(form) && callbackUrl !== undefined) await callbacks.post(callbackUrl, { webFormId: form.id, status: form.status });
  }

  /** What the clock and the token have done to it. */
  function settle(entry: Entry): void {
    const { form, request } = entry;
    if (isOver(form)) return;
    if (now() >= form.expiresAt) turn(entry, 'EXPIRED');
    else if (form.status === 'IN_PROGRESS' && !tokens.isValid(request.token))
      turn(entry, 'COMPLETED_WITH_ERROR', {
        errorCode: 'INVALID_TOKEN',
        errorMessage: 'The token of the form has ended before the form.',
      });
  }

  /** The user does something with it, unless it has ended by itself when it was opened for that. */
  async function use(id: string, act: (entry: Entry) => void): Promise<WebForm> {
    const entry = entryOf(id);
    settle(entry);
    if (isOver(entry.form)) throw new Error(`the web form ${id} is over: ${entry.form.status}`);
    if (entry.form.status === 'NOT_YET_OPENED') turn(entry, 'IN_PROGRESS');
    settle(entry);
    if (!isOver(entry.form)) act(entry);
    await entry.told;
    return entry.form;
  }

  return {
    list: ({ userId } = {}) =>
      [...all.values()]
        .map(({ form }) => form)
        .filter((form) => userId === undefined || form.userId.toLowerCase() === userId.toLowerCase()),
    find: (id) => all.get(id)?.form,
    get: (id) => entryOf(id).form,
    create(request) {
      const id = crypto.randomUUID();
      const { type, userId, origin, redirectUrl } = request;
      const createdAt = now();
      const rest = { createdAt, expiresAt: createdAt + lifeMs, redirectUrl };
      const form: WebForm = { id, type, userId, url: `${origin}${pagePath}${id}`, status: 'NOT_YET_OPENED', payload: {}, ...rest };
      const entry: Entry = { form, request, told: Promise.resolve() };
      all.set(id, entry);
      // Where nobody is told, it is enough to look when somebody asks.
      if ((request.callbackUrl ?? request.onChange) !== undefined) {
        const tokenMs = (tokens.find(request.token)?.expiresAt ?? Number.POSITIVE_INFINITY) - createdAt;
        for (const ms of [lifeMs, tokenMs].filter((it) => it <= lifeMs)) later(clock, ms, () => (all.has(id) ? settle(entry) : undefined));
      }
      return form;
    },
    open: (id) => use(id, () => {}),
    complete: (id) => use(id, (entry) => turn(entry, 'COMPLETED', entry.request.carryOut())),
    fail: (id, { errorCode = 'BANK_SERVER_REJECTION', errorMessage = 'The bank refused the login.' } = {}) =>
      use(id, (entry) => turn(entry, 'COMPLETED_WITH_ERROR', { errorCode, errorMessage })),
    abort: (id) => use(id, (entry) => turn(entry, 'ABORTED')),
    cancel(id) {
      turn(entryOf(id), 'CANCELLED');
      return entryOf(id).form;
    },
    delete: (id) => void all.delete(id),
    forget(userId) {
      for (const [id, { form }] of all) if (form.userId.toLowerCase() === userId.toLowerCase()) all.delete(id);
    },
    settle() {
      for (const entry of all.values()) settle(entry);
    },
  };
}

/** Where the pages of forms are. */
export const pagePath = '/webForm/';
