// A store and a `fetch` that say where a user's renewal has come to.
import type { Lease, TokenStore } from '@finapi-ts/auth-helpers';
import type { Step } from './orders.ts';

/** Awaited at each step. */
export type Reach = (step: Step) => Promise<void>;

const isUser = (key: string): boolean => key.includes(':user:');

export function steppingStore(store: TokenStore, reach: Reach): TokenStore {
  /** Keys whose lease this process has: their reads are second ones. */
  const leased = new Set<string>();
  const around = async <T>(key: string, what: 'read' | 'lease' | 'write' | 'release' | 'extension', run: () => Promise<T>): Promise<T> => {
    if (!isUser(key)) return run();
    const step = what === 'read' ? (leased.has(key) ? 'second read' : 'first read') : what;
    await reach(`before the ${step}`);
    const outcome = await run();
    await reach(`after the ${step}`);
    return outcome;
  };
  const { lease } = store;
  return {
    ...store,
    get: (key, options) => around(key, 'read', () => store.get(key, options)),
    set: (key, value, options) => around(key, 'write', () => store.set(key, value, options)),
    ...(lease && {
      lease: (key, options) =>
        around(key, 'lease', async () => {
          const given = await lease(key, options);
          if (given === undefined) return undefined;
          leased.add(key);
          return stepping(key, given);
        }),
    }),
  };

  function stepping(key: string, given: Lease): Lease {
    return {
      owner: given.owner,
      renew: () => around(key, 'extension', () => given.renew()),
      release() {
        leased.delete(key);
        return around(key, 'release', () => given.release());
      },
    };
  }
}

export async function steppingFetch(url: string, init: RequestInit, reach: Reach): Promise<Response> {
  const isToken = /grant_type=(password|refresh_token)/.test(String(init.body));
  if (isToken) await reach('before the request');
  const response = await fetch(url, init);
  if (isToken) await reach('after the answer');
  return response;
}
