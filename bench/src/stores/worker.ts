// A worker among several that share tokens over one Redis: gets those of all users when told to, and again after all were refused.
import { createAuth } from '@finapi-ts/auth-helpers';
import { redisStore } from '@finapi-ts/auth-helpers/stores/redis';
import { Redis } from 'ioredis';
import { credentials, userId, users } from './application.ts';
import { sharedUsers } from './rows.ts';

export interface Task {
  readonly baseUrl: string;
  readonly redisUrl: string;
  readonly prefix: string;
}

const { baseUrl, redisUrl, prefix } = JSON.parse(process.argv[2] ?? '') as Task;
const client = new Redis(redisUrl);
// Requests are counted, not timed: a busy machine must not end it.
const auth = createAuth({
  ...credentials,
  baseUrl,
  store: redisStore(client, { prefix }),
  users,
  storeTimeoutMs: 20_000,
  timeoutMs: 20_000,
});
const sources = Array.from({ length: sharedUsers }, (_, user) => auth.user(userId(user)));
let tokens: string[] = [];

process.on('message', async (order) => {
  if (order === 'renew') for (const [user, source] of sources.entries()) source.reject(tokens[user] ?? '');
  const before = tokens;
  tokens = await Promise.all(sources.map((source) => source.get()));
  if (tokens.some((token, user) => token === before[user])) throw new Error('a refused token was given again');
  process.send?.('done');
});
process.on('disconnect', () => process.exit());
await client.ping();
process.send?.('ready');
