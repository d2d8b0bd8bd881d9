// Run as a process of its own: goes through every failure, and says how many rejections nobody handled.
import { setImmediate } from 'node:timers/promises';
import { AuthError, accessV1, createAuth } from '@finapi-ts/auth-helpers';
import { everyFailure } from '../failures.ts';

const unhandled: string[] = [];
process.on('unhandledRejection', (reason) => unhandled.push(String(reason)));
process.on('uncaughtException', (error) => unhandled.push(String(error)));
console.debug = () => {};

const result = await everyFailure(() => {}, ['rfc', 'html']);

// Failures that nobody waits for: a renewal in the background, callers that have left, a source closed in the middle.
let calls = 0;
const fetch = async (): Promise<Response> => {
  calls += 1;
  if (calls > 1) throw new TypeError('down');
  return Response.json({ access_token: 'a', token_type: 'bearer', expires_in: 1 });
};
const options = {
  baseUrl: 'https://finapi.test',
  preset: accessV1,
  clientId: 'c',
  clientSecret: 's',
  fetch,
  renewalTimeoutMs: 50,
} as const;
const { client } = createAuth({ ...options, renewBeforeMs: 2 ** 31 - 1 });
await client.get();
while (calls === 1) {
  await client.get().catch(() => {});
  await setImmediate();
}
// While that failure is waited out, too.
for (let call = 0; call < 5; call++) {
  await client.get().catch(() => {});
  await setImmediate();
}
const leaving = createAuth({ ...options, users: { credentials: () => Promise.reject(new Error('no vault')) } });
const controller = new AbortController();
const asked = [leaving.client.get({ signal: controller.signal }), leaving.user('alice').get({ signal: controller.signal })];
const heard = Promise.allSettled(asked);
controller.abort();
await leaving[Symbol.asyncDispose]();
await heard;
// Its timers keep no process alive; this one does until they have fired.
const alive = setInterval(() => {}, 1000);
const silent = createAuth({ ...options, fetch: () => new Promise(() => {}) });
const timedOut = await silent.client.get().catch((cause: unknown) => cause instanceof AuthError && cause.code);
clearInterval(alive);

// Node tells of a rejection once the microtasks of its turn are done.
for (let turn = 0; turn < 5; turn++) await setImmediate();
process.stdout.write(JSON.stringify({ ...result, timedOut, unhandled }));
