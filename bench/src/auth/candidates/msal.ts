// @azure/msal-node: ConfidentialClientApplication and its cache. It takes https alone, so its requests are led to the loopback server.
import { type Adapter, clientId, clientSecret, load, tokenPath } from './candidate.ts';

interface Package {
  readonly ConfidentialClientApplication: new (
    configuration: object,
  ) => {
    acquireTokenByClientCredential(request: { scopes: string[] }): Promise<{ readonly accessToken: string } | null>;
  };
}

const { ConfidentialClientApplication } = await load<Package>('@azure/msal-node');

const host = 'issuer.invalid';

export const adapter: Adapter = {
  open({ url }) {
    const { fetch } = globalThis;
    globalThis.fetch = (input, init) => fetch(String(input).replace(`https://${host}`, url), init);
    const issuer = `https://${host}/`;
    const authorityMetadata = JSON.stringify({
      issuer,
      token_endpoint: `https://${host}${tokenPath}`,
      authorization_endpoint: `${issuer}authorize`,
      jwks_uri: `${issuer}keys`,
    });
    const client = new ConfidentialClientApplication({
      auth: { clientId, clientSecret, authority: issuer, knownAuthorities: [host], authorityMetadata },
      system: { protocolMode: 'OIDC' },
    });
    const scopes = ['api'];
    return { get: async () => (await client.acquireTokenByClientCredential({ scopes }))?.accessToken };
  },
};
