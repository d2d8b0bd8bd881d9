// The part of oidc-provider that the oracle uses; the package has no types of its own.
declare module 'oidc-provider' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export interface Saved {
    save(): Promise<string>;
    readonly expiration: number;
    readonly tokenType: string;
  }
  interface Model {
    new (properties: object): Saved;
    find(value: string): Promise<object | undefined>;
  }
  export interface GrantContext {
    readonly oidc: { readonly client: { readonly clientId: string }; readonly params: Readonly<Record<string, string>> };
    body: object;
  }
  export namespace errors {
    class InvalidGrant extends Error {}
  }
  export class Provider {
    constructor(issuer: string, configuration: object);
    readonly Grant: new (
      properties: object,
    ) => { addOIDCScope(scope: string): void; save(): Promise<string> };
    readonly AccessToken: Model;
    readonly RefreshToken: Model;
    readonly ClientCredentials: Model;
    registerGrantType(name: string, handler: (context: GrantContext) => Promise<void>, parameters: readonly string[]): void;
    on(event: string, listener: (...details: unknown[]) => void): void;
    callback(): (request: IncomingMessage, response: ServerResponse) => void;
  }
}
