// What a token at hand costs where a store is configured: nothing may be asked of it.
import { createAuth, type TokenStore } from '@finapi-ts/auth-helpers';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { cpuPerCall } from '../cost.ts';
import { credentials, userId, users } from './application.ts';
import { entriesAt } from './entries.ts';
import { nowhere } from './rows.ts';

export async function warm(): Promise<{ source: number; user: number }> {
  const inner = memoryStore();
  let reads = 0;
  const store: TokenStore = {
    ...inner,
    get(key, options) {
      reads += 1;
      return inner.get(key, options);
    },
  };
  const { key, value } = (await entriesAt(nowhere))(0);
  await store.set(key, value);
  await using auth = createAuth({ ...credentials, baseUrl: nowhere, store, users });
  const source = auth.user(userId(0));
  await source.get();
  const ofSource = await cpuPerCall(async (calls) => {
    for (let i = 0; i < calls; i++) await source.get();
  });
  const id = userId(0);
  const ofUser = await cpuPerCall(async (calls) => {
    for (let i = 0; i < calls; i++) await auth.user(id).get();
  }, 100_000);
  if (reads !== 1) throw new Error('the store was asked for a token at hand');
  return { source: ofSource, user: ofUser };
}
