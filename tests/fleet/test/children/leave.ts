// Starts a server and has nothing more to do: it has to end by itself.
import { startRedis } from '../../src/servers/redis.ts';

const { pid, guardianPid, folder } = await startRedis();
process.stdout.write(`${JSON.stringify([{ pids: [pid, guardianPid], folder }])}\n`);
