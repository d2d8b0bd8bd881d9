// oauth4webapi: grants and their checks, a function each; tokens are the caller's.
import { type Adapter, clientId, clientSecret, load, tokenPath } from './candidate.ts';

interface Package {
  readonly allowInsecureRequests: symbol;
  ClientSecretPost(secret: string): object;
  clientCredentialsGrantRequest(server: object, client: object, by: object, parameters: object, options: object): Promise<Response>;
  processClientCredentialsResponse(server: object, client: object, response: Response): Promise<{ readonly access_token: string }>;
}

const oauth = await load<Package>('oauth4webapi');

export const adapter: Adapter = {
  open({ url }) {
    const server = { issuer: url, token_endpoint: url + tokenPath };
    const client = { client_id: clientId };
    const by = oauth.ClientSecretPost(clientSecret);
    const options = { [oauth.allowInsecureRequests]: true };
    return {
      async get() {
        const response = await oauth.clientCredentialsGrantRequest(server, client, by, {}, options);
        return (await oauth.processClientCredentialsResponse(server, client, response)).access_token;
      },
    };
  },
};
