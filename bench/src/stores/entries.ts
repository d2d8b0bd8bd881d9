// What the token layer stores of a user: taken from a login at the sandbox, and the like of it for other users.
import { randomUUID } from 'node:crypto';
import { createAuth, type TokenStore } from '@finapi-ts/auth-helpers';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { createSandbox } from '@finapi-ts/testing';
import { clientId, clientSecret, credentials, password, userId, users } from './application.ts';

export const sandboxOf = (count: number) =>
  createSandbox({
    clients: [{ clientId, clientSecret }],
    users: Array.from({ length: count }, (_, user) => ({ id: userId(user), password })),
  });

export interface Entry {
  readonly key: string;
  readonly value: string;
}

/** @param baseUrl of the sandbox that the entries seem to be from: part of their keys */
export async function entriesAt(baseUrl?: string): Promise<(user: number) => Entry> {
  const sandbox = sandboxOf(1);
  const inner = memoryStore();
  let written: Entry | undefined;
  const store: TokenStore = {
    ...inner,
    set(key, value, options) {
      written = { key, value };
      return inner.set(key, value, options);
    },
  };
  const origin = baseUrl ?? sandbox.baseUrl;
  const fetch = (url: string, init: RequestInit) => sandbox.fetch(url.replace(origin, sandbox.baseUrl), init);
  await using auth = createAuth({ ...credentials, baseUrl: origin, fetch, store, users });
  await auth.user(userId(0)).get();
  if (written === undefined) throw new Error('a login has stored nothing');
  const { key, value } = written;
  const first = JSON.parse(value);
  return (user) => ({
    key: key.replace(userId(0), userId(user)),
    value: JSON.stringify({ ...first, accessToken: like(first.accessToken), refreshToken: like(first.refreshToken) }),
  });
}

/** Another token of the same kind and length. */
const like = (token: string): string => token.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, () => randomUUID());
