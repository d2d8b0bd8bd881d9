// @finapi-ts/auth-helpers, with the client's own calls.
import { accessV1, clientTokens, createAuth } from '@finapi-ts/auth-helpers';
import { createAccessV1 } from '@finapi-ts/client/access-v1';
import { type Adapter, clientId, clientSecret, type Session } from './candidate.ts';

const usersOf = (sessions: Iterable<Session>) => {
  const { users } = createAuth({ baseUrl: 'http://127.0.0.1', preset: accessV1, clientId, clientSecret, users: { max: 200_000 } });
  const open = ({ id, access_token, refresh_token, expires_in }: Session) =>
    users.get(id, { session: { accessToken: access_token, refreshToken: refresh_token, expiresAt: Date.now() + expires_in * 1000 } });
  return { users, open, sessions };
};

export const adapter: Adapter = {
  open({ url }) {
    const source = clientTokens({ baseUrl: url, preset: accessV1, clientId, clientSecret });
    const finapi = createAccessV1({ baseUrl: url, auth: { client: source } });
    return {
      get: () => source.get(),
      peek: () => source.peek(),
      // The path is the client's own.
      call: () => finapi.banks.getAndSearchAllBanks({}),
    };
  },
  hold(given) {
    const { users, open, sessions } = usersOf(given);
    for (const session of sessions) open(session);
    return users;
  },
  holdSources(given) {
    const { open, sessions } = usersOf(given);
    return Array.from(sessions, open);
  },
};
