// Run as a process of its own: has live sources in every state, closes none of them, and must end by itself.
import { accessV1, createAuth } from '@finapi-ts/auth-helpers';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';

const [, , baseUrl = ''] = process.argv;
const options = { baseUrl, preset: accessV1, clientId: 'household', clientSecret: 'secret' } as const;
const users = { credentials: () => ({ password: 'p' }) };

// Tokens that live long, and one that is stale and being renewed in the background.
const long = createAuth({ ...options, users, store: memoryStore() });
await Promise.all([long.client.get(), long.user('alice').get()]);
const stale = createAuth({ ...options, users, renewBeforeMs: 2 ** 31 - 1 });
await stale.client.get();
await stale.client.get();

// A failure that is being waited out, and requests that are never answered: only their timers could keep the process.
const cooling = createAuth({ ...options, fetch: async () => new Response('', { status: 503, headers: { 'retry-after': '3600' } }) });
await cooling.client.get().catch(() => {});
const pending = createAuth({
  ...options,
  users,
  timeoutMs: 2 ** 31 - 1,
  renewalTimeoutMs: 2 ** 31 - 1,
  fetch: () => new Promise(() => {}),
});
pending.client.get().catch(() => {});
pending
  .user('alice')
  .get()
  .catch(() => {});
process.stdout.write('live');
