// The token store of another process, as a store of this one.
import type { TokenStore } from '@finapi-ts/auth-helpers';
import type { StoreRequest } from './store-server.ts';

export function httpStore(url: string): Required<Omit<TokenStore, 'watch'>> {
  const ask = async <T>(request: StoreRequest, signal?: AbortSignal): Promise<T> => {
    const response = await fetch(url, { method: 'POST', body: JSON.stringify(request), ...(signal === undefined ? {} : { signal }) });
    if (response.status !== 200) throw new Error(`the store answered ${response.status}`);
    return (await response.json()).value;
  };
  return {
    get: (key, { signal } = {}) => ask({ call: 'get', key }, signal),
    set: (key, value, { signal, ...options } = {}) => ask({ call: 'set', key, value, options }, signal),
    delete: (key, { ifVersion, signal } = {}) => ask({ call: 'delete', key, ...(ifVersion === undefined ? {} : { ifVersion }) }, signal),
    async lease(key, { ttlMs, signal }) {
      const lease = await ask<{ id: number; owner: string } | undefined>({ call: 'lease', key, ttlMs }, signal);
      if (lease === undefined) return undefined;
      const { id, owner } = lease;
      return { owner, renew: () => ask({ call: 'renew', key, id }), release: () => ask({ call: 'release', key, id }) };
    },
  };
}
