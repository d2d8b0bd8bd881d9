// node examples/src/migration/main.ts v1|v2 [ID …]: a user's accounts, and the transactions of these ids.
import { run } from '../run.ts';
import { surroundings } from '../sandbox.ts';
import { firstUser } from '../settings.ts';
import * as v1 from './v1.ts';
import * as v2 from './v2.ts';

await run(async () => {
  const [version = '', ...ids] = process.argv.slice(2);
  // finAPI binds a client to one version, so a program has one of the two.
  const program = new Map([
    ['v1', v1],
    ['v2', v2],
  ]).get(version);
  const transactionIds = ids.map(Number);
  if (program === undefined || !transactionIds.every((id) => Number.isInteger(id) && id > 0))
    throw new Error('it takes v1 or v2, and ids of transactions');
  await using settings = await surroundings();
  const overview = await program.readOverview({ ...settings, userId: firstUser(settings), transactionIds });
  process.stdout.write(`${JSON.stringify(overview, undefined, 2)}\n`);
});
