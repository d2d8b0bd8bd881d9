// Reads transactions from a day on, with a look back for those that banks book late.
import type { CallOptions } from '@finapi-ts/client';
import { invalid, tell } from './wait.js';

interface TransactionPage<Item> {
  readonly transactions: readonly Item[];
  readonly paging: { readonly page: number; readonly pageCount: number; readonly totalCount: number };
}

interface TransactionArgs {
  view: 'bankView' | 'userView';
  minBankBookingDate: string;
  accountIds?: number[];
  perPage: number;
  order: string[];
}

/** What the flow calls: `user.access`, or `user.accessV1`. */
export interface TransactionAccess<Item extends { readonly id: number }> {
  readonly transactions: {
    getAndSearchAllTransactions(args: TransactionArgs, options?: CallOptions): { pages(): AsyncIterable<TransactionPage<Item>> };
  };
}

/** Ids that were read before; a `Set`, or a table of yours. */
export interface SeenIds {
  has(id: number): boolean | Promise<boolean>;
  add(id: number): unknown;
}

export interface TransactionsOptions {
  /** The first day of interest: `YYYY-MM-DD`, or a point in time, whose day in UTC counts. */
  readonly since: string | Date;
  /** Days to read before it: banks book some transactions days late, under an earlier day. 14 unless set. */
  readonly lookBackDays?: number | undefined;
  /** Only these accounts; all of the user's unless set. */
  readonly accountIds?: readonly number[] | undefined;
  /** `bankView` unless set: as the bank sent them. `userView` has the parts of split ones in their place. */
  readonly view?: 'bankView' | 'userView' | undefined;
  /** Leaves out what is in it. An id is added once the next transaction is asked for, so that one whose handling failed comes again. */
  readonly seen?: SeenIds | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told of each page. What it throws is ignored. */
  readonly onProgress?:
    | ((paging: { readonly page: number; readonly pageCount: number; readonly totalCount: number }) => unknown)
    | undefined;
}

/**
 * The transactions from a day on, page after page of 500, in the order of their ids, so that what comes in meanwhile is at the end.
 * Without `seen`, those in the look-back window come every time.
 */
export async function* transactionsSince<Item extends { readonly id: number }>(
  access: TransactionAccess<Item>,
  options: TransactionsOptions,
): AsyncGenerator<Item, void, undefined> {
  const { since, lookBackDays = 14, accountIds, view = 'bankView', seen, signal, onProgress } = options;
  signal?.throwIfAborted();
  const call = access.transactions.getAndSearchAllTransactions(
    {
      view,
      minBankBookingDate: dayBefore(since, lookBackDays),
      ...(accountIds === undefined ? {} : { accountIds: [...accountIds] }),
      perPage: 500,
      order: ['id,asc'],
    },
    signal === undefined ? {} : { signal },
  );
  for await (const { transactions, paging } of call.pages()) {
    tell(onProgress, paging);
    for (const transaction of transactions) {
      signal?.throwIfAborted();
      if ((await seen?.has(transaction.id)) === true) continue;
      yield transaction;
      await seen?.add(transaction.id);
    }
  }
}

function dayBefore(since: string | Date, days: number): string {
  if (!(Number.isInteger(days) && days >= 0 && days <= 36_500)) throw invalid('lookBackDays must be a whole number of days from 0');
  const text = since instanceof Date ? (Number.isNaN(since.getTime()) ? '' : since.toISOString().slice(0, 10)) : since;
  const day = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(day) || new Date(day).toISOString().slice(0, 10) !== text)
    throw invalid('since must be a day, YYYY-MM-DD, or a valid Date');
  return new Date(day - days * 86_400_000).toISOString().slice(0, 10);
}
