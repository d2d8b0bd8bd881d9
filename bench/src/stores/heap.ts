// Heap that a user takes in a worker which has read the tokens from a store.
import { type Auth, createAuth, type TokenStore } from '@finapi-ts/auth-helpers';
import { heapUsed } from '../cost.ts';
import { credentials, userId, users } from './application.ts';
import { nowhere } from './rows.ts';

const count = 100_000;

export async function heap(): Promise<{ user: number }> {
  // A first one, so that code and what all share is not counted.
  let held = await read(10);
  const before = await heapUsed();
  held = await read(count);
  const user = ((await heapUsed()) - before) / count;
  // Asked after the reading, so that it is there until then.
  if (held.users.size !== count) throw new Error('not all users are held');
  return { user };
}

async function read(total: number): Promise<Auth> {
  const auth = createAuth({ ...credentials, baseUrl: nowhere, store: afar(), users });
  for (let user = 0; user < total; user++) await auth.user(userId(user)).get();
  return auth;
}

/** Keeps nothing in this process; its tokens are as long as those of the section auth, with which the figure is compared. */
function afar(): TokenStore {
  let reads = 0;
  return {
    async get() {
      const number = String(reads++).padStart(12, '0');
      const now = Date.now();
      const entry = {
        accessToken: `4f2c8e1a-7b3d-4c55-9a10-${number}`,
        expiresAt: now + 3_600_000,
        echo: false,
        refreshToken: `9e1d7c3b-2a4f-4d66-8b21-${number}`,
      };
      return { value: JSON.stringify(entry), version: number, now };
    },
    set: async () => undefined,
    delete: async () => false,
  };
}
