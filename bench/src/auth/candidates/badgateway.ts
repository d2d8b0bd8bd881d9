// @badgateway/oauth2-client: OAuth2Fetch keeps a token until it ends, and repeats a call after a 401.
import { type Adapter, byUser, clientId, clientSecret, load, tokenPath } from './candidate.ts';

interface Token {
  readonly accessToken: string;
  readonly refreshToken: string | null;
  readonly expiresAt: number | null;
}

interface Package {
  readonly OAuth2Client: new (settings: {
    server: string;
    clientId: string;
    clientSecret: string;
    tokenEndpoint: string;
    authenticationMethod: string;
  }) => { clientCredentials(): Promise<Token>; password(user: { username: string; password: string }): Promise<Token> };
  readonly OAuth2Fetch: new (options: {
    client: object;
    getNewToken: () => Promise<Token>;
    getStoredToken?: () => Token;
    scheduleRefresh?: boolean;
  }) => { getAccessToken(): Promise<string>; fetch(url: string): Promise<Response> };
}

const { OAuth2Client, OAuth2Fetch } = await load<Package>('@badgateway/oauth2-client');

const clientOf = (server: string) =>
  new OAuth2Client({ server, clientId, clientSecret, tokenEndpoint: tokenPath, authenticationMethod: 'client_secret_post' });

export const adapter: Adapter = {
  open({ url }) {
    const client = clientOf(url);
    const wrapper = new OAuth2Fetch({ client, getNewToken: () => client.clientCredentials() });
    return {
      get: () => wrapper.getAccessToken(),
      async call(path) {
        const { status } = await wrapper.fetch(url + path);
        if (status !== 200) throw new Error(`status ${status}`);
      },
    };
  },
  hold(sessions) {
    const client = clientOf('http://127.0.0.1');
    return byUser(sessions, ({ id, access_token: accessToken, refresh_token: refreshToken, expires_in }) => {
      const token: Token = { accessToken, refreshToken, expiresAt: Date.now() + expires_in * 1000 };
      return new OAuth2Fetch({
        client,
        getNewToken: () => client.password({ username: id, password: '' }),
        getStoredToken: () => token,
        // A timer a user would cost it more.
        scheduleRefresh: false,
      });
    });
  },
};
