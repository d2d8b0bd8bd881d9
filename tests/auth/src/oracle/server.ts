// An authorization server that we did not write: oidc-provider, which rotates refresh tokens and ends a session whose old one comes again.
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Preset } from '@finapi-ts/auth-helpers';
import { errors, type GrantContext, Provider } from 'oidc-provider';
import { shelves } from './shelf.ts';

export const clientId = 'household';
export const clientSecret = 'a secret of the household';
export const password = 'a password of alice';

/** Where oidc-provider keeps its endpoints. */
export const preset: Preset = { tokenPath: '/token', revokePath: '/token/revocation', revokeIn: 'form' };

export interface Oracle {
  readonly url: string;
  /** Grants of the token requests that succeeded. */
  readonly granted: string[];
  /** Sessions that it ended, by revocation or because an old refresh token came again. */
  readonly ended: string[];
  /** Whether it would still take a token. */
  knows(token: string | undefined): Promise<boolean>;
  /** Reaches it as our token layer reaches finAPI; see `asOidc`. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  [Symbol.asyncDispose](): Promise<void>;
}

const scope = 'all';

export async function startOracle(): Promise<Oracle> {
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const provider = new Provider(url, configuration());
  const handle = provider.callback();
  provider.registerGrantType('password', (context) => logIn(provider, context), ['username', 'password']);

  const granted: string[] = [];
  const ended: string[] = [];
  provider.on('grant.success', (context) => granted.push((context as GrantContext).oidc.params['grant_type'] ?? ''));
  provider.on('grant.revoked', (_, grantId) => ended.push(String(grantId)));

  return {
    url,
    granted,
    ended,
    async knows(token = '') {
      const models = [provider.AccessToken, provider.RefreshToken, provider.ClientCredentials];
      return (await Promise.all(models.map((model) => model.find(token)))).some((found) => found !== undefined);
    },
    fetch: (target, init) => asOidc(provider, target, init),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function configuration(): object {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    adapter: shelves(),
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ['client_credentials', 'password', 'refresh_token'],
        id_token_signed_response_alg: 'ES256',
        redirect_uris: [],
        response_types: [],
        token_endpoint_auth_method: 'client_secret_post',
      },
    ],
    clientAuthMethods: ['client_secret_post'],
    cookies: { keys: ['a key for cookies, which nobody sets here'] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: false },
      revocation: { enabled: true, allowedPolicy: isOwn },
    },
    findAccount: (_: unknown, id: string) => ({ accountId: id, claims: () => ({ sub: id }) }),
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig' }] },
    rotateRefreshToken: true,
    scopes: [scope, 'offline_access'],
    ttl: { AccessToken: 600, ClientCredentials: 600, RefreshToken: 86_400, Grant: 86_400 },
  };
}

const isOwn = (_: unknown, client: { clientId: string }, token: { clientId: string }): boolean => token.clientId === client.clientId;

/** The grant of RFC 6749, section 4.3, which oidc-provider leaves to its users. */
async function logIn(provider: Provider, context: GrantContext): Promise<void> {
  const { client, params } = context.oidc;
  if (params['username'] !== 'alice' || params['password'] !== password) throw new errors.InvalidGrant('wrong user or password');
  const accountId = params['username'];
  const grant = new provider.Grant({ accountId, clientId: client.clientId });
  grant.addOIDCScope(scope);
  const common = { accountId, client, grantId: await grant.save(), gty: 'password', scope };
  const access = new provider.AccessToken(common);
  const refresh = new provider.RefreshToken({ ...common, rotations: 0 });
  context.body = {
    access_token: await access.save(),
    expires_in: access.expiration,
    refresh_token: await refresh.save(),
    scope,
    token_type: access.tokenType,
  };
}

/**
 * Where finAPI and RFC 7009 part: finAPI wants the client's token with a revocation, oidc-provider id and secret of the client. The
 * token is looked at, and exchanged for these.
 */
async function asOidc(provider: Provider, target: string, init: RequestInit): Promise<Response> {
  if (!target.endsWith(preset.revokePath)) return fetch(target, init);
  const headers = new Headers(init.headers);
  const bearer = headers.get('authorization')?.replace(/^Bearer /, '') ?? '';
  if ((await provider.ClientCredentials.find(bearer)) === undefined) return new Response(null, { status: 401 });
  headers.delete('authorization');
  const form = new URLSearchParams(String(init.body));
  form.set('client_id', clientId);
  form.set('client_secret', clientSecret);
  return fetch(target, { ...init, headers, body: form.toString() });
}
