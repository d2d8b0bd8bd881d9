// Client credentials with a cache, as each candidate's user writes it: what that weighs minified and gzipped.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bench } from '../places.ts';
import { home } from './peers.ts';
import type { Name } from './rows.ts';

const client = "const baseUrl = 'https://sandbox.finapi.io', clientId = globalThis.id, clientSecret = globalThis.secret;\n";
/** For those that keep no token. */
const cache = `let token, until = 0;
export const get = async () => {
  if (Date.now() >= until) { const answer = await ask(); token = answer.access_token; until = Date.now() + (answer.expires_in - 60) * 1000; }
  return token;
};
`;

const entries: Readonly<Record<Name | 'whole', string>> = {
  ours: `import { accessV1, clientTokens } from '@finapi-ts/auth-helpers';
const tokens = clientTokens({ baseUrl, preset: accessV1, clientId, clientSecret });
export const get = () => tokens.get();`,
  whole: `import { accessV1, createAuth } from '@finapi-ts/auth-helpers';
export const auth = createAuth({ baseUrl, preset: accessV1, clientId, clientSecret });`,
  badgateway: `import { OAuth2Client, OAuth2Fetch } from '@badgateway/oauth2-client';
const client = new OAuth2Client({ server: baseUrl, clientId, clientSecret, tokenEndpoint: '/oauth/token' });
const tokens = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() });
export const get = () => tokens.getAccessToken();`,
  'simple-oauth2': `import { ClientCredentials } from 'simple-oauth2';
const client = new ClientCredentials({ client: { id: clientId, secret: clientSecret }, auth: { tokenHost: baseUrl } });
let token;
export const get = async () => {
  if (token === undefined || token.expired(300)) token = await client.getToken({});
  return token.token.access_token;
};`,
  'openid-client': `import { Configuration, clientCredentialsGrant } from 'openid-client';
const configuration = new Configuration({ issuer: baseUrl, token_endpoint: baseUrl + '/oauth/token' }, clientId, clientSecret);
const ask = () => clientCredentialsGrant(configuration);
${cache}`,
  oauth4webapi: `import { ClientSecretPost, clientCredentialsGrantRequest, processClientCredentialsResponse } from 'oauth4webapi';
const server = { issuer: baseUrl, token_endpoint: baseUrl + '/oauth/token' }, client = { client_id: clientId };
const ask = async () =>
  processClientCredentialsResponse(server, client, await clientCredentialsGrantRequest(server, client, ClientSecretPost(clientSecret), {}));
${cache}`,
  google: `import { OAuth2Client } from 'google-auth-library';
const client = new OAuth2Client({ clientId, clientSecret, endpoints: { oauth2TokenUrl: baseUrl + '/oauth/token' } });
client.setCredentials({ refresh_token: globalThis.refreshToken });
export const get = async () => (await client.getAccessToken()).token;`,
  msal: `import { ConfidentialClientApplication } from '@azure/msal-node';
const client = new ConfidentialClientApplication({ auth: { clientId, clientSecret, authority: baseUrl } });
export const get = async () => (await client.acquireTokenByClientCredential({ scopes: ['api'] })).accessToken;`,
};

/** In kB. For Node, since some of the peers need its modules; those are not counted. */
export async function bundled(name: Name | 'whole'): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: client + entries[name], resolveDir: name === 'ours' || name === 'whole' ? bench : home, loader: 'js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length / 1000;
}
