// Background updates: tasks that wait, run and end by the clock, or want the user in a form.
import type { Bank, BankConnection } from './bank.js';
import type { Callbacks } from './callbacks.js';
import { type Clock, later } from './clock.js';
import { type FormStore, isOver, type WebForm } from './forms.js';

export type TaskStatus = 'NOT_YET_STARTED' | 'IN_PROGRESS' | 'WEB_FORM_REQUIRED' | 'COMPLETED' | 'COMPLETED_WITH_ERROR';

export interface Task {
  readonly id: string;
  readonly userId: string;
  readonly bankConnectionId: number;
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly createdAt: number;
  status: TaskStatus;
  webFormId: string | undefined;
  errorCode: string | undefined;
  errorMessage: string | undefined;
}

export interface TaskRequest {
  readonly userId: string;
  readonly clientId: string;
  readonly token: string;
  readonly origin: string;
  readonly bankConnectionId: number;
  readonly redirectUrl: string | undefined;
  readonly callbacks: { readonly finalised: string | undefined; readonly webFormRequired: string | undefined };
}

export interface TaskStore {
  list(userId: string): readonly Task[];
  find(userId: string, id: string): Task | undefined;
  create(request: TaskRequest): Task;
  /** Whether a task for this connection has not ended. */
  isBusy(bankConnectionId: number): boolean;
  forget(userId: string): void;
  /** Lets those go on whose time has come. */
  settle(): void;
}

interface Entry {
  readonly task: Task;
  readonly request: TaskRequest;
}

export interface TasksContext {
  readonly clock: Clock;
  readonly now: () => number;
  readonly bank: Bank;
  readonly forms: FormStore;
  readonly callbacks: Callbacks;
  /** From the creation of a task to its end. It waits for the first half of it. */
  readonly updateMs: number;
}

const isFinal = ({ status }: Task): boolean => status === 'COMPLETED' || status === 'COMPLETED_WITH_ERROR';

export function createTasks({ clock, now, bank, forms, callbacks, updateMs }: TasksContext): TaskStore {
  const all = new Map<string, Entry>();
  const startMs = Math.floor(updateMs / 2);
  const connectionOf = ({ userId, bankConnectionId }: Task): BankConnection | undefined => bank.find(userId, bankConnectionId);

  function settle(entry: Entry): void {
    const { task } = entry;
    const passed = now() - task.createdAt;
    if (task.status === 'NOT_YET_STARTED' && passed >= startMs) {
      task.status = 'IN_PROGRESS';
      const connection = connectionOf(task);
      if (connection !== undefined && connection.outcome !== 'webFormRequired') bank.begin(connection, task.createdAt + updateMs);
    }
    if (task.status !== 'IN_PROGRESS' || passed < updateMs) return;
    bank.settle();
    const outcome = connectionOf(task)?.outcome ?? 'success';
    if (outcome === 'webFormRequired') askUser(entry);
    else if (outcome === 'error') void end(entry, 'BANK_SERVER_REJECTION', 'The bank refused the login.');
    else void end(entry);
  }

  function askUser(entry: Entry): void {
    const { task, request } = entry;
    const { userId, clientId, token, origin, redirectUrl } = request;
    const form = forms.create({
      type: 'BANK_CONNECTION_UPDATE',
      userId,
      clientId,
      token,
      origin,
      redirectUrl,
      callbackUrl: undefined,
      carryOut() {
        const connection = connectionOf(task);
        if (connection !== undefined) bank.begin(connection, now());
        bank.settle();
        return { bankConnectionId: task.bankConnectionId };
      },
      onChange: (changed) => follow(entry, changed),
    });
    task.status = 'WEB_FORM_REQUIRED';
    task.webFormId = form.id;
    void tell(entry, request.callbacks.webFormRequired);
  }

  /** The task ends with its form; one that the user left keeps waiting for another task. */
  async function follow(entry: Entry, form: WebForm): Promise<void> {
    if (form.status === 'COMPLETED') await end(entry);
    else if (form.status === 'COMPLETED_WITH_ERROR') await end(entry, form.payload.errorCode, form.payload.errorMessage);
  }

  function end(entry: Entry, errorCode?: string, errorMessage?: string): Promise<void> {
    Object.assign(entry.task, { status: errorCode === undefined ? 'COMPLETED' : 'COMPLETED_WITH_ERROR', errorCode, errorMessage });
    return tell(entry, entry.request.callbacks.finalised);
  }

  async function tell({ task }: Entry, url: string | undefined): Promise<void> {
    if (url === undefined) return;
    const form = task.webFormId === undefined ? undefined : forms.find(task.webFormId);
    const webForm = form === undefined ? undefined : { id: form.id, url: form.url, status: form.status };
    await callbacks.post(url, { taskId: task.id, status: task.status, webForm });
  }

  return {
    list: (userId) => [...all.values()].map(({ task }) => task).filter((task) => sameUser(task, userId)),
    find(userId, id) {
      const task = all.get(id)?.task;
      return task !== undefined && sameUser(task, userId) ? task : undefined;
    },
    create(request) {
      const task: Task = {
        id: crypto.randomUUID(),
        userId: request.userId,
        bankConnectionId: request.bankConnectionId,
        createdAt: now(),
        status: 'NOT_YET_STARTED',
        webFormId: undefined,
        errorCode: undefined,
        errorMessage: undefined,
      };
      const entry = { task, request };
      all.set(task.id, entry);
      const goOn = (): void => void (all.has(task.id) && settle(entry));
      later(clock, startMs, goOn);
      later(clock, updateMs, goOn);
      return task;
    },
    isBusy: (bankConnectionId) =>
      [...all.values()].some(({ task }) => {
        if (task.bankConnectionId !== bankConnectionId || isFinal(task)) return false;
        const form = task.webFormId === undefined ? undefined : forms.find(task.webFormId);
        return task.status !== 'WEB_FORM_REQUIRED' || (form !== undefined && !isOver(form));
      }),
    forget(userId) {
      for (const [id, { task }] of all) if (sameUser(task, userId)) all.delete(id);
    },
    settle() {
      for (const entry of all.values()) settle(entry);
    },
  };
}

const sameUser = ({ userId }: Task, id: string): boolean => userId.toLowerCase() === id.toLowerCase();
