// google-auth-library: OAuth2Client with a refresh token, since it has no client credentials grant.
import { type Adapter, byUser, clientId, clientSecret, load, tokenPath } from './candidate.ts';

interface OAuth2Client {
  setCredentials(credentials: object): void;
  getAccessToken(): Promise<{ token?: string | null }>;
  request(options: { url: string; retry: boolean }): Promise<unknown>;
}

interface Package {
  readonly OAuth2Client: new (options: object) => OAuth2Client;
}

const { OAuth2Client } = await load<Package>('google-auth-library');

const clientOf = (url: string): OAuth2Client =>
  new OAuth2Client({ clientId, clientSecret, endpoints: { oauth2TokenUrl: url + tokenPath }, forceRefreshOnFailure: true });

export const adapter: Adapter = {
  open({ url }) {
    const client = clientOf(url);
    client.setCredentials({ refresh_token: 'b2c41f0e-53a1-4c0e-8a55-7f1f8b6f9c21' });
    return {
      get: async () => (await client.getAccessToken()).token ?? undefined,
      call: (path) => client.request({ url: url + path, retry: false }),
    };
  },
  hold: (sessions) =>
    byUser(sessions, ({ access_token, refresh_token, expires_in }) => {
      const client = clientOf('http://127.0.0.1');
      client.setCredentials({ access_token, refresh_token, expiry_date: Date.now() + expires_in * 1000 });
      return client;
    }),
};
