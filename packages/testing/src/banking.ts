// Operations on what users have at their banks, in the form of the API that is asked. Until a user has a connection, examples answer.
import type { Account, BankConnection, Transaction } from './bank.js';
import { type Call, callerOf, type Handler, type State } from './call.js';
import { Failure, unknown } from './failure.js';
import { page } from './paging.js';
import { cents, writeAccount, writeConnection, writePayment, writeTransaction } from './resources.js';

/** Handles calls of users who have or had a bank connection; `setItems` goes back to examples. */
const held =
  (handler: Handler): Handler =>
  (state, call) =>
    call.counted || !state.bank.knows(callerOf(call).id) ? call.example() : handler(state, call);

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Values of a list, repeated or with commas between them; undefined where it is not there. */
function listOf(query: URLSearchParams, name: string): readonly string[] | undefined {
  return query.has(name) ? query.getAll(name).flatMap((it) => it.split(',').map((part) => part.trim())) : undefined;
}

const among = (wanted: readonly string[] | undefined, id: number): boolean => wanted === undefined || wanted.includes(String(id));

/** The ids of a path that takes several. */
const idsIn = ({ path }: Call): URLSearchParams => new URLSearchParams({ ids: path.ids ?? '' });

function connectionOf(state: State, call: Call, id: unknown): BankConnection {
  const found = state.bank.find(callerOf(call).id, Number(id));
  if (found !== undefined) return found;
  if (call.operation.errors?.includes(404) ?? true) throw unknown('bank connection', id);
  throw new Failure(422, 'UNKNOWN_ENTITY', `There is no bank connection ${id}.`);
}

function accountOf(state: State, call: Call): Account {
  const found = state.bank.accounts(callerOf(call).id).find(({ id }) => id === Number(call.path.id));
  if (found === undefined) throw unknown('account', call.path.id);
  return found;
}

/** Refuses with 423 what touches a bank connection while its update runs, where the document knows that answer. */
export function checkLocks({ bank }: State, { operation, user, path, body }: Call): void {
  if (user === undefined || operation.errors?.includes(423) !== true) return;
  const running = bank.list({ userId: user.id }).filter(({ updateStatus }) => updateStatus === 'IN_PROGRESS');
  if (running.length === 0) return;
  const accountId = operation.group === 'accounts' ? (path.id ?? body.accountId) : undefined;
  const id = body.bankConnectionId ?? (operation.group === 'bankConnections' ? path.id : undefined);
  const touched = running.filter((it) =>
    id !== undefined
      ? it.id === Number(id)
      : accountId !== undefined
        ? it.accountIds.includes(Number(accountId))
        : ['bankConnections', 'accounts', 'users'].includes(operation.group ?? ''),
  );
  if (touched[0] !== undefined) throw new Failure(423, 'LOCKED', `An update of bank connection ${touched[0].id} is running.`);
}

const importBankConnection: Handler = (state, call) => {
  const { id: userId } = callerOf(call);
  const { bankId, name, [call.api.bankingInterface]: bankingInterface } = call.body;
  state.steps.walk(call, `${userId} imports ${bankId}`, state.bank.imports.steps);
  const wanted = text(name);
  const given = text(bankingInterface);
  const connection = state.bank.importFor({
    userId,
    bankId: Number(bankId),
    ...(wanted === undefined ? {} : { name: wanted }),
    ...(given === undefined ? {} : { bankingInterfaces: [given] }),
  });
  return writeConnection(call.api, connection);
};

const updateBankConnection = held((state, call) => {
  const connection = connectionOf(state, call, call.body.bankConnectionId);
  state.steps.walk(call, `${connection.userId} updates ${connection.id}`, connection.steps);
  return writeConnection(call.api, state.bank.begin(connection));
});

const connectInterface = held((state, call) => {
  const connection = connectionOf(state, call, call.body.bankConnectionId);
  state.steps.walk(call, `${connection.userId} connects ${connection.id}`, connection.steps);
  const added = String(call.body[call.api.bankingInterface]);
  const bankingInterfaces = [...new Set([...connection.bankingInterfaces, added])];
  return writeConnection(call.api, state.bank.begin(state.bank.change(connection.id, { bankingInterfaces })));
});

const removeInterface = held((state, call) => {
  const connection = connectionOf(state, call, call.body.bankConnectionId);
  const removed = call.body[call.api.bankingInterface];
  const bankingInterfaces = connection.bankingInterfaces.filter((it) => removed !== undefined && it !== removed);
  // With its last interface, the connection goes.
  if (bankingInterfaces.length === 0) state.bank.removeConnection(connection.id);
  else state.bank.change(connection.id, { bankingInterfaces });
  return undefined;
});

function connections({ bank }: State, call: Call, query: URLSearchParams): object {
  const wanted = listOf(query, 'ids');
  const found = bank.list({ userId: callerOf(call).id }).filter(({ id }) => among(wanted, id));
  return { connections: found.map((it) => writeConnection(call.api, it)) };
}

const editBankConnection = held((state, call) => {
  const { id } = connectionOf(state, call, call.path.id);
  const name = text(call.body.name);
  return writeConnection(call.api, name === undefined ? state.bank.get(id) : state.bank.change(id, { name }));
});

const deleteBankConnection = held((state, call) => {
  state.bank.removeConnection(connectionOf(state, call, call.path.id).id);
  return undefined;
});

const deleteAllBankConnections = held(({ bank }, call) => {
  const identifiers = bank.list({ userId: callerOf(call).id }).map(({ id }) => id);
  for (const id of identifiers) bank.removeConnection(id);
  return { identifiers };
});

function accounts({ bank }: State, call: Call, query: URLSearchParams): object {
  const [ids, connectionIds] = [listOf(query, 'ids'), listOf(query, 'bankConnectionIds')];
  const found = bank.accounts(callerOf(call).id).filter(({ id, connectionId }) => among(ids, id) && among(connectionIds, connectionId));
  return { accounts: found.map((it) => writeAccount(call.api, bank, it)) };
}

const editAccount = held((state, call) => {
  const account = accountOf(state, call);
  account.name = text(call.body.accountName) ?? account.name;
  if (typeof call.body.isNew === 'boolean') account.isNew = call.body.isNew;
  return writeAccount(call.api, state.bank, account);
});

const deleteAccount = held((state, call) => {
  state.bank.removeAccount(callerOf(call).id, accountOf(state, call).id);
  return undefined;
});

const deleteAllAccounts = held(({ bank }, call) => {
  const { id: userId } = callerOf(call);
  const identifiers = bank.accounts(userId).map(({ id }) => id);
  for (const id of identifiers) bank.removeAccount(userId, id);
  return { identifiers };
});

function transactions({ bank }: State, call: Call, query: URLSearchParams): object {
  const [ids, accountIds] = [listOf(query, 'ids'), listOf(query, 'accountIds')];
  // A point in time counts as its day.
  const [first, last] = ['minBankBookingDate', 'maxBankBookingDate'].map((name) => query.get(name)?.slice(0, 10));
  const found = bank.transactions(callerOf(call).id).filter((it) => {
    const day = call.api.day(it.bookedAt).slice(0, 10);
    return among(ids, it.id) && among(accountIds, it.accountId) && day >= (first ?? day) && day <= (last ?? day);
  });
  const sum = (fits: (amount: number) => boolean): number =>
    cents(found.reduce((total, { amount }) => total + (fits(amount) ? amount : 0), 0));
  return {
    ...page('transactions', found, query, (it: Transaction) => writeTransaction(call.api, it)),
    income: sum((amount) => amount > 0),
    spending: sum((amount) => amount < 0),
    balance: sum(() => true),
  };
}

const getMultipleTransactions = held(({ bank }, call) => {
  const ids = listOf(idsIn(call), 'ids');
  const found = bank.transactions(callerOf(call).id).filter(({ id }) => among(ids, id));
  return { transactions: found.map((it) => writeTransaction(call.api, it)) };
});

const getTransaction = held(({ bank }, call) => {
  const found = bank.transactions(callerOf(call).id).find(({ id }) => id === Number(call.path.id));
  if (found === undefined) throw unknown('transaction', call.path.id);
  return writeTransaction(call.api, found);
});

const getPayments: Handler = ({ bank }, call) => {
  const { id: userId } = callerOf(call);
  const payments = bank.payments(userId);
  if (call.counted || (payments.length === 0 && !bank.knows(userId))) return call.example();
  const [ids, accountIds] = [listOf(call.query, 'ids'), listOf(call.query, 'accountIds')];
  const found = payments.filter(
    ({ id, accountId }) => among(ids, id) && (accountIds === undefined || accountIds.includes(String(accountId))),
  );
  return page('payments', found, call.query, (it) => writePayment(call.api, it));
};

/** By operation id. */
export const banking: Readonly<Record<string, Handler>> = {
  importBankConnection,
  updateBankConnection,
  connectInterface,
  removeInterface,
  getAllBankConnections: held((state, call) => connections(state, call, call.query)),
  getMultipleBankConnections: held((state, call) => connections(state, call, idsIn(call))),
  getBankConnection: held((state, call) => writeConnection(call.api, connectionOf(state, call, call.path.id))),
  editBankConnection,
  deleteBankConnection,
  deleteAllBankConnections,
  getAndSearchAllAccounts: held((state, call) => accounts(state, call, call.query)),
  getMultipleAccounts: held((state, call) => accounts(state, call, idsIn(call))),
  getAccount: held((state, call) => writeAccount(call.api, state.bank, accountOf(state, call))),
  editAccount,
  deleteAccount,
  deleteAllAccounts,
  getAndSearchAllTransactions: held((state, call) => transactions(state, call, call.query)),
  getMultipleTransactions,
  getTransaction,
  getPayments,
};
