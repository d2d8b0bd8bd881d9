// The token endpoint and revocation.
import type { Handler, State } from './call.js';
import { type Client, checkVersion } from './clients.js';
import { Failure, invalidClient, missing } from './failure.js';
import type { Issued } from './tokens.js';

const getToken: Handler = (state, { api, body }) => {
  const client = state.clients.find(String(body.client_id));
  if (client === undefined || client.clientSecret !== body.client_secret) throw invalidClient();
  checkVersion(client, api.versions.tokens);
  switch (body.grant_type) {
    case 'client_credentials':
      return answer(state, state.tokens.forClient(client));
    case 'password':
      return answer(state, logIn(state, client, field(body, 'username'), field(body, 'password')));
    case 'refresh_token': {
      const issued = state.tokens.refresh(client, field(body, 'refresh_token'));
      if (issued === undefined) throw badCredentials();
      return answer(state, issued);
    }
    default:
      throw new Failure(400, 'BAD_REQUEST', 'This grant_type is not supported.');
  }
};

function logIn(state: State, client: Client, id: string, password: string): Issued {
  if (client.role === 'admin') throw new Failure(403, 'FORBIDDEN', 'An admin client gets no tokens of users.');
  const user = state.users.find(id);
  if (user === undefined) throw badCredentials();
  if (user.locked) throw new Failure(423, 'LOCKED', 'The user is locked after too many wrong passwords.');
  if (user.password !== password) {
    state.users.countFailure(id, client.maxUserLoginAttempts);
    throw badCredentials();
  }
  if (!user.verified) throw new Failure(403, 'USER_NOT_VERIFIED', 'The user is not verified.');
  return state.tokens.forUser(client, state.users.change(id, { failedLogins: 0, lastActiveAt: state.now() }));
}

/** Does not say what was wrong. */
const badCredentials = (): Failure =>
  new Failure(400, 'UNAUTHORIZED_ACCESS', 'The credentials or the refresh token of the user do not hold.');

function field(body: Readonly<Record<string, unknown>>, name: string): string {
  const value = body[name];
  if (typeof value !== 'string' || value === '') throw missing(name, 'form');
  return value;
}

function answer({ now }: State, { access, refresh }: Issued): object {
  return {
    access_token: access.token,
    token_type: 'bearer',
    expires_in: remaining(access.expiresAt, now()),
    scope: 'all',
    ...(refresh === undefined ? {} : { refresh_token: refresh.token }),
  };
}

/** Whole seconds that are left; at least one, since 0 says that a token never expires. */
const remaining = (expiresAt: number | undefined, now: number): number =>
  expiresAt === undefined ? 0 : Math.max(1, Math.floor((expiresAt - now) / 1000));

const revokeToken: Handler = (state, { api, client, query, body }) => {
  const form = api.revocation === 'form';
  const token = form ? String(body.token) : query.get('token');
  const hint = form ? ((body.token_type_hint as string | undefined) ?? null) : query.get('token_type_hint');
  if (hint !== null && hint !== 'access_token' && hint !== 'refresh_token')
    throw new Failure(400, 'BAD_REQUEST', 'Tokens of this type cannot be revoked.');
  state.tokens.revoke(client?.clientId ?? '', token ?? '', hint);
  return undefined;
};

export const authorization = { getToken, revokeToken };
