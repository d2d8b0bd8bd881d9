// The program as it was written for Access V1.
import { createFinapi, FinapiError, parseTimestamp } from 'finapi-ts';
import { accessV1, type Transaction, type UserOperations } from 'finapi-ts/access-v1';
import type { Asked, Overview } from './overview.ts';

export async function readOverview({ userId, transactionIds, readPassword, ...options }: Asked): Promise<Overview> {
  const finapi = createFinapi({ ...options, apis: { accessV1 } });
  const user = finapi.user(userId, { credentials: async () => ({ password: await readPassword(userId) }) });
  try {
    const { accounts } = await user.accessV1.accounts.getAndSearchAllAccounts();
    const transactions = await transactionsOf(user.accessV1, transactionIds);
    return {
      accounts: accounts.map(({ iban, balance, status, lastSuccessfulUpdate }) => ({
        iban: iban === null ? undefined : iban,
        balance: balance === null ? undefined : balance,
        isUpToDate: status === 'UPDATED',
        updatedAt: lastSuccessfulUpdate === null ? undefined : parseTimestamp(lastSuccessfulUpdate).toISOString(),
      })),
      transactions: transactions
        .map(({ id, bankBookingDate, amount, purpose, category }) => ({
          id,
          booked: bankBookingDate.slice(0, 10),
          amount,
          purpose: purpose === null ? '' : purpose,
          category: category === null ? '' : category.name,
        }))
        .sort((a, b) => a.id - b.id),
    };
  } finally {
    await user.logout();
  }
}

async function transactionsOf({ transactions }: UserOperations, ids: readonly number[]): Promise<readonly Transaction[]> {
  const [first] = ids;
  if (first === undefined) return [];
  if (ids.length > 1) return (await transactions.getMultipleTransactions({ ids: [...ids] })).transactions;
  // With one id, the path of several is that of `getTransaction`.
  try {
    return [await transactions.getTransaction({ id: first })];
  } catch (cause) {
    if (cause instanceof FinapiError && cause.code === 'NOT_FOUND') return [];
    throw cause;
  }
}
