// openid-client: grants and their checks; tokens are the caller's.
import { type Adapter, clientId, clientSecret, load, tokenPath } from './candidate.ts';

interface Package {
  readonly Configuration: new (server: object, clientId: string, clientSecret: string) => object;
  allowInsecureRequests(configuration: object): void;
  clientCredentialsGrant(configuration: object): Promise<{ readonly access_token: string }>;
}

const { Configuration, allowInsecureRequests, clientCredentialsGrant } = await load<Package>('openid-client');

export const adapter: Adapter = {
  open({ url }) {
    const configuration = new Configuration({ issuer: url, token_endpoint: url + tokenPath }, clientId, clientSecret);
    allowInsecureRequests(configuration);
    return { get: async () => (await clientCredentialsGrant(configuration)).access_token };
  },
};
