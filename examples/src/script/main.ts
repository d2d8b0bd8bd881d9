// node examples/src/script/main.ts [DAYS]: the transactions of the last days as CSV on stdout, sums by category on stderr.
import { createFinapi } from 'finapi-ts';
import { access } from 'finapi-ts/access';
import { transactionsSince } from 'finapi-ts/flows';
import { run } from '../run.ts';
import { surroundings } from '../sandbox.ts';
import { firstUser } from '../settings.ts';
import { type Booking, header, lineOf, sumsOf } from './transactions.ts';

await run(async (signal) => {
  const days = Number(process.argv[2] ?? 30);
  if (!(Number.isInteger(days) && days > 0)) throw new Error(`DAYS is a whole number from 1, not ${process.argv[2]}`);

  await using settings = await surroundings();
  const { environment, clientId, clientSecret, readPassword } = settings;
  const finapi = createFinapi({ environment, clientId, clientSecret, apis: { access } });
  const user = finapi.user(firstUser(settings), { credentials: async ({ userId }) => ({ password: await readPassword(userId) }) });
  try {
    const since = new Date(Date.now() - days * 86_400_000);
    const bookings: Booking[] = [];
    process.stdout.write(`${header}\r\n`);
    // The days are told exactly, so there is no looking back.
    for await (const transaction of transactionsSince(user.access, { since, lookBackDays: 0, signal })) {
      bookings.push(transaction);
      process.stdout.write(`${lineOf(transaction)}\r\n`);
    }
    for (const [category, sum] of sumsOf(bookings)) process.stderr.write(`${category}: ${sum.toFixed(2)}\n`);
  } finally {
    await user.logout();
  }
});
