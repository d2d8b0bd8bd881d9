// simple-oauth2: token objects that tell whether they have ended; the five lines around them are those of its README.
import { type Adapter, byUser, clientId, clientSecret, load, tokenPath } from './candidate.ts';

interface AccessToken {
  readonly token: { readonly access_token: string };
  expired(windowInSeconds?: number): boolean;
}

interface Package {
  readonly default: {
    readonly ClientCredentials: new (options: object) => { getToken(params: object): Promise<AccessToken> };
    readonly ResourceOwnerPassword: new (options: object) => { createToken(token: object): AccessToken };
  };
}

const {
  default: { ClientCredentials, ResourceOwnerPassword },
} = await load<Package>('simple-oauth2');

const optionsOf = (tokenHost: string) => ({
  client: { id: clientId, secret: clientSecret },
  auth: { tokenHost, tokenPath },
  options: { authorizationMethod: 'body' },
});

/** The window of its README, in seconds. */
const windowS = 300;

export const adapter: Adapter = {
  open({ url }) {
    const client = new ClientCredentials(optionsOf(url));
    let current: AccessToken | undefined;
    return {
      async get() {
        if (current === undefined || current.expired(windowS)) current = await client.getToken({});
        return current.token.access_token;
      },
    };
  },
  hold(sessions) {
    const client = new ResourceOwnerPassword(optionsOf('http://127.0.0.1'));
    return byUser(sessions, ({ access_token, refresh_token, expires_in }) =>
      client.createToken({ access_token, refresh_token, expires_in }),
    );
  },
};
