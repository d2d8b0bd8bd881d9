// What the sandbox does itself of Web Form: forms that progress, and tasks.
import { type Call, callerOf, type Handler, type State } from './call.js';
import { Failure, unknown } from './failure.js';
import { type FormRequest, isOver, type WebForm, type WebFormPayload, type WebFormType } from './forms.js';
import { page } from './paging.js';
import { cents } from './resources.js';
import type { Task } from './tasks.js';

type Fields = Readonly<Record<string, unknown>>;
const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

function writeForm({ api }: Call, { id, url, createdAt, expiresAt, type, status, payload }: WebForm): object {
  return { id, url, createdAt: api.timestamp(createdAt), expiresAt: api.timestamp(expiresAt), type, status, payload };
}

/** What goes along with a call, whatever it creates. */
function surroundings({
  body,
  origin,
  token,
  user,
  client,
}: Call): Pick<FormRequest, 'userId' | 'clientId' | 'token' | 'origin' | 'redirectUrl'> {
  return {
    userId: user?.id ?? '',
    clientId: client?.clientId ?? '',
    token: token?.token ?? '',
    origin,
    redirectUrl: text(body.redirectUrl),
  };
}

const create =
  (type: WebFormType, carryOut: (state: State, call: Call) => WebFormPayload): Handler =>
  (state, call) => {
    const callbackUrl = text(fieldsOf(call.body.callbacks).finalised);
    const form = state.forms.create({ ...surroundings(call), type, callbackUrl, carryOut: () => carryOut(state, call) });
    return writeForm(call, form);
  };

const createForBankConnectionImport = create('BANK_CONNECTION_IMPORT', ({ bank }, call) => {
  const { bank: given, bankConnectionName } = call.body;
  const { id: bankId } = fieldsOf(given);
  const name = text(bankConnectionName);
  const connection = bank.importFor({
    userId: callerOf(call).id,
    ...(typeof bankId === 'number' ? { bankId } : {}),
    ...(name === undefined ? {} : { name }),
  });
  // The form ends when the download has.
  bank.finishUpdate(connection.id);
  return { bankConnectionId: connection.id };
});

/** `from` is the field that names the account of the user. */
const pay = (formType: WebFormType, type: 'MONEY_TRANSFER' | 'DIRECT_DEBIT', from: string): Handler =>
  create(formType, ({ bank }, call) => {
    const orders: unknown[] = Array.isArray(call.body.orders) ? call.body.orders : [];
    const amounts = orders.map((order) => Number(fieldsOf(fieldsOf(order).amount).value) || 0);
    const { accountId } = fieldsOf(call.body[from]);
    const payment = bank.addPayment(callerOf(call).id, {
      type,
      accountId: typeof accountId === 'number' ? accountId : undefined,
      amount: cents(amounts.reduce((sum, amount) => sum + amount, 0)),
      orderCount: orders.length,
    });
    return { paymentId: payment.id };
  });

const createForStandingOrder = create('STANDING_ORDER', ({ bank }) => ({ standingOrderId: bank.nextId() }));

function formOf({ forms }: State, call: Call): WebForm {
  const found = forms.find(String(call.path.id));
  if (found === undefined || found.userId !== callerOf(call).id) throw unknown('web form', call.path.id);
  return found;
}

const getWebForms: Handler = ({ forms }, call) =>
  call.counted ? call.example() : page('items', forms.list({ userId: callerOf(call).id }), call.query, (it) => writeForm(call, it));

const deleteWebForm: Handler = (state, call) => {
  state.forms.delete(formOf(state, call).id);
  return undefined;
};

const cancelWebForm: Handler = (state, call) => {
  const { id, status } = formOf(state, call);
  if (isOver({ status })) throw new Failure(422, 'ALREADY_COMPLETED', `The web form is over: ${status}.`);
  return writeForm(call, state.forms.cancel(id));
};

function writeTask({ forms }: State, { api }: Call, task: Task): object {
  const { id, createdAt, status, bankConnectionId, errorCode, errorMessage, webFormId } = task;
  const form = webFormId === undefined ? undefined : forms.find(webFormId);
  const webForm = form === undefined ? undefined : { id: form.id, url: form.url, status: form.status };
  const payload = { bankConnectionId, webForm, errorCode, errorMessage };
  return { id, createdAt: api.timestamp(createdAt), type: 'BANK_CONNECTION_UPDATE', status, payload };
}

const createBankConnectionUpdateTask: Handler = (state, call) => {
  const { id: userId } = callerOf(call);
  const bankConnectionId = Number(call.body.bankConnectionId);
  // Who has nothing at a bank has what the examples show.
  if (state.bank.knows(userId) && state.bank.find(userId, bankConnectionId) === undefined)
    throw unknown('bank connection', bankConnectionId);
  if (state.tasks.isBusy(bankConnectionId))
    throw new Failure(423, 'LOCKED', `An update of bank connection ${bankConnectionId} is running.`);
  const { finalised, webFormRequired } = fieldsOf(call.body.callbacks);
  const task = state.tasks.create({
    ...surroundings(call),
    bankConnectionId,
    callbacks: { finalised: text(finalised), webFormRequired: text(webFormRequired) },
  });
  return writeTask(state, call, task);
};

const getTasks: Handler = (state, call) =>
  call.counted ? call.example() : page('items', state.tasks.list(callerOf(call).id), call.query, (it) => writeTask(state, call, it));

const getTask: Handler = (state, call) => {
  const found = state.tasks.find(callerOf(call).id, String(call.path.id));
  if (found === undefined) throw unknown('task', call.path.id);
  return writeTask(state, call, found);
};

/** By operation id. */
export const webFormHandlers: Readonly<Record<string, Handler>> = {
  createForBankConnectionImport,
  createForPaymentWithAccountId: pay('PAYMENT_WITH_ACCOUNT_ID', 'MONEY_TRANSFER', 'sender'),
  createForStandalonePayment: pay('STANDALONE_PAYMENT', 'MONEY_TRANSFER', 'sender'),
  createForDirectDebitWithAccountId: pay('DIRECT_DEBIT_WITH_ACCOUNT_ID', 'DIRECT_DEBIT', 'receiver'),
  createForStandingOrder,
  getWebForms,
  getWebForm: (state, call) => writeForm(call, formOf(state, call)),
  deleteWebForm,
  cancelWebForm,
  createBankConnectionUpdateTask,
  getTasks,
  getTask,
};
