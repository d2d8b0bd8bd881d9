// The same program for Access V2. Each comment names what has changed.
import { createFinapi, parseTimestamp } from 'finapi-ts';
import { access } from 'finapi-ts/access';
import type { Asked, Overview } from './overview.ts';

export async function readOverview({ userId, transactionIds, readPassword, ...options }: Asked): Promise<Overview> {
  // The import; the token endpoints follow it.
  const finapi = createFinapi({ ...options, apis: { access } });
  const user = finapi.user(userId, { credentials: async () => ({ password: await readPassword(userId) }) });
  try {
    const { accounts } = await user.access.accounts.getAndSearchAllAccounts();
    const transactions = [];
    // Several by their ids: a filter of the list, which has pages. No id would be no filter.
    if (transactionIds.length > 0) {
      const found = user.access.transactions.getAndSearchAllTransactions({ view: 'bankView', ids: [...transactionIds] });
      for await (const transaction of found) transactions.push(transaction);
    }
    return {
      accounts: accounts.map(({ iban, balance, interfaces }) => ({
        // What there is none of is absent, no longer `null`.
        iban,
        balance,
        // State and times are those of each interface.
        isUpToDate: interfaces.every(({ status }) => status === 'UPDATED'),
        updatedAt: latest(interfaces.map(({ lastSuccessfulUpdate }) => lastSuccessfulUpdate)),
      })),
      transactions: transactions
        .map(({ id, bankBookingDate, amount, purpose = '', category }) => ({
          id,
          // A day, no longer with a time behind it.
          booked: bankBookingDate,
          amount,
          purpose,
          category: category?.name ?? '',
        }))
        .sort((a, b) => a.id - b.id),
    };
  } finally {
    await user.logout();
  }
}

/** Times have a zone, so `parseTimestamp` is all that reads them, as it did before. */
function latest(timestamps: readonly (string | undefined)[]): string | undefined {
  return timestamps
    .flatMap((it) => (it === undefined ? [] : parseTimestamp(it).toISOString()))
    .sort()
    .at(-1);
}
