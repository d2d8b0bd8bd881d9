// Writes connections, accounts, transactions and payments as an API shows them: the document's example with what the bank has.
import type { Api } from './api.js';
import type { Account, Bank, BankConnection, Payment, Transaction } from './bank.js';

type Fields = Readonly<Record<string, unknown>>;

const exampleOf = ({ answers }: Api, operationId: string): Fields => (answers[operationId]?.body ?? {}) as Fields;
const firstOf = (value: unknown): Fields => ((Array.isArray(value) ? value[0] : undefined) ?? {}) as Fields;

/** Of these fields, those that the example has: the older version says some things twice. */
const known = (example: Fields, fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => Object.hasOwn(example, name)));

/** All that the example has, with nothing in it. */
const blank = ({ none }: Api, example: Fields): Fields => Object.fromEntries(Object.keys(example).map((name) => [name, none]));

export function writeConnection(api: Api, connection: BankConnection): object {
  const example = exampleOf(api, 'getBankConnection');
  const { id, name = api.none, bankId, accountIds, updateStatus, lastUpdate, outcome } = connection;
  const lastManualUpdate =
    lastUpdate === undefined
      ? api.none
      : {
          result: lastUpdate.refused ? 'BANK_SERVER_REJECTION' : 'OK',
          errorMessage: lastUpdate.refused ? 'The bank refused the login.' : api.none,
          errorType: lastUpdate.refused ? 'BUSINESS' : api.none,
          timestamp: api.timestamp(lastUpdate.at),
        };
  const userActionRequired = outcome === 'webFormRequired' || (lastUpdate?.refused ?? false);
  const result = { lastManualUpdate, lastAutoUpdate: api.none };
  const bank = exampleOf(api, 'getBank');
  return {
    ...example,
    ...known(example, { ...result, bankId: bankId ?? bank.id, furtherLoginNotRecommended: userActionRequired }),
    id,
    name,
    updateStatus,
    categorizationStatus: updateStatus === 'READY' ? 'READY' : 'PENDING',
    accountIds,
    owners: api.none,
    interfaces: connection.bankingInterfaces.map((it) => ({
      ...firstOf(example.interfaces),
      ...result,
      [api.bankingInterface]: it,
      userActionRequired,
    })),
    bank: { ...bank, ...(bankId === undefined ? {} : { id: bankId }) },
  };
}

export function writeAccount(api: Api, bank: Bank, account: Account): object {
  const example = exampleOf(api, 'getAccount');
  const { id, connectionId, iban, isNew, status } = account;
  const times = {
    status,
    lastSuccessfulUpdate: account.lastSuccessfulUpdate === undefined ? api.none : api.timestamp(account.lastSuccessfulUpdate),
    lastUpdateAttempt: account.lastUpdateAttempt === undefined ? api.none : api.timestamp(account.lastUpdateAttempt),
  };
  const booked = bank.transactions(account.userId).filter(({ accountId }) => accountId === id);
  const balance = cents(booked.reduce((sum, { amount }) => sum + amount, 1000));
  const interfaces = bank.find(account.userId, connectionId)?.bankingInterfaces ?? [];
  return {
    ...example,
    ...known(example, times),
    id,
    bankConnectionId: connectionId,
    accountName: account.name ?? example.accountName,
    iban,
    accountNumber: iban.slice(-10),
    balance,
    overdraft: api.none,
    overdraftLimit: api.none,
    availableFunds: api.none,
    isNew,
    interfaces: interfaces.map((it) => ({ ...firstOf(example.interfaces), [api.bankingInterface]: it, ...times })),
    isSeized: false,
  };
}

export function writeTransaction(api: Api, transaction: Transaction): object {
  const { id, accountId, amount, bookedAt, importedAt, purpose, counterpartName } = transaction;
  const booked = api.day(bookedAt);
  return {
    ...blank(api, exampleOf(api, 'getTransaction')),
    id,
    accountId,
    amount,
    currency: 'EUR',
    valueDate: booked,
    bankBookingDate: booked,
    finapiBookingDate: booked,
    purpose,
    counterpartName,
    labels: [],
    isPotentialDuplicate: false,
    isAdjustingEntry: false,
    isNew: true,
    importDate: api.timestamp(importedAt),
  };
}

export function writePayment(api: Api, payment: Payment): object {
  const example = firstOf(exampleOf(api, 'getPayments').payments);
  const { id, type, accountId = api.none, amount, orderCount, requestedAt } = payment;
  const done = known(example, { bankId: example.bankId, instantPayment: false, statusV2: 'SUCCESSFUL' });
  const at = api.timestamp(requestedAt);
  return {
    ...blank(api, example),
    ...done,
    id,
    accountId,
    type,
    amount,
    orderCount,
    status: 'SUCCESSFUL',
    requestDate: at,
    executionDate: at,
  };
}

/** Sums of cents that binary fractions would spoil. */
export const cents = (amount: number): number => Math.round(amount * 100) / 100;
