// Run as a process of its own: one of several that share a user's tokens by a store. Does what its parent says, and ends with it.
import { accessV1, createAuth } from '@finapi-ts/auth-helpers';
import type { Order, Setting } from './crew.ts';
import { httpStore } from './http-store.ts';

const { name, baseUrl, storeUrl, client, password, timeouts }: Setting = JSON.parse(process.argv[2] ?? '');
const store = httpStore(storeUrl);
// The first request of a process takes long: what it loads for that is not to happen in the middle of a test.
await store.get('nothing');
let skippedMs = 0;
const auth = createAuth({
  baseUrl,
  preset: accessV1,
  ...client,
  ...timeouts,
  store,
  headers: { 'x-member': name },
  clock: {
    now: () => Date.now() + skippedMs,
    monotonic: () => performance.now() + skippedMs,
    setTimeout: (run, ms) => setTimeout(run, ms),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
  },
  users: { credentials: () => ({ password }) },
});

const orders: Record<Order['call'], (order: Order) => Promise<string> | string> = {
  get: ({ userId = '' }) => auth.user(userId).get(),
  reject({ userId = '', token = '' }) {
    auth.user(userId).reject(token);
    return 'rejected';
  },
  skip({ ms = 0 }) {
    skippedMs += ms;
    return 'skipped';
  },
};

process.on('message', async (order: Order) => {
  try {
    process.send?.({ id: order.id, value: await orders[order.call](order) });
  } catch (cause) {
    process.send?.({ id: order.id, error: String(cause) });
  }
});
process.on('disconnect', () => process.exit());
process.send?.({ id: 0, value: 'ready' });
