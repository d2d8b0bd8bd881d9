// What an API is to `createFinapi`: how its client is made, and where it and its tokens are.
import type { Preset } from '@finapi-ts/auth-helpers';
import type { ClientOptions, Credential } from '@finapi-ts/client';

/** finAPI's two environments. */
export type EnvironmentName = 'sandbox' | 'live';

/** A client of an API: operations of the client itself, and those of a user behind `as`. */
export interface ApiClient {
  as(user: Credential<'user'>): object;
}

/** An API, as `finapi-ts/access`, `finapi-ts/access-v1` and `finapi-ts/web-form` give it. */
export interface Api<Kind extends 'access' | 'accessV1' | 'webForm', Client extends ApiClient> {
  readonly kind: Kind;
  /** Its hosts. */
  readonly servers: Readonly<Record<EnvironmentName, string>>;
  /** Where its tokens come from. */
  readonly tokens: { readonly servers: Readonly<Record<EnvironmentName, string>>; readonly preset: Preset };
  readonly create: (options: ClientOptions) => Client;
}
