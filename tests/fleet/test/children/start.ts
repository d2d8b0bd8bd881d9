// Starts both servers, says which they are, and lives until it is killed.
import { startPostgres } from '../../src/servers/postgres.ts';
import { startRedis } from '../../src/servers/redis.ts';

const servers = await Promise.all([startRedis(), startPostgres()]);
process.stdout.write(`${JSON.stringify(servers.map(({ pid, guardianPid, folder }) => ({ pids: [pid, guardianPid], folder })))}\n`);
setInterval(() => {}, 60_000);
