// Tokens of a client itself, and of an admin client: the client credentials grant behind a token source.

import { bare, invalid } from './endpoint.js';
import { ask, createEngine, type Engine, keyOf, type Renewal, type Secret, type SourceOptions, withClient } from './engine.js';
import { requestClientToken } from './grants.js';
import { Slot } from './slot.js';
import { type Home, Source, type TokenSource } from './source.js';

export interface ClientOptions {
  readonly clientId: string;
  /** The secret, or a function that reads it anew for every request. */
  readonly clientSecret: Secret;
}

/** Creates the source of a client's own tokens: the smallest door of this package. For users' tokens, revocation and stores: `createAuth`. */
export function clientTokens(given: SourceOptions & ClientOptions): TokenSource<'client'> {
  const options = bare(given);
  const engine = createEngine(options);
  return new Source('client', engine, clientRenewal(engine, checkClient(options, '')), clientHome());
}

export function checkClient({ clientId, clientSecret }: ClientOptions, place: string): ClientOptions {
  if (typeof clientId !== 'string' || clientId === '') throw invalid(`${place}clientId is missing`);
  if (typeof clientSecret !== 'function' && (typeof clientSecret !== 'string' || clientSecret === ''))
    throw invalid(`${place}clientSecret is missing`);
  return { clientId, clientSecret };
}

/** How a client's own tokens are got. */
export function clientRenewal(engine: Engine, client: ClientOptions): Renewal {
  const { endpoint } = engine;
  const key = keyOf(engine, client.clientId, 'client');
  return {
    key,
    alone: true,
    redeem: (_slot, signal, still) =>
      withClient(client, signal, (credentials) =>
        ask(engine, key, 'client_credentials', () => requestClientToken(endpoint, credentials, { signal }), still),
      ),
  };
}

/** The place of the one slot that a client needs. */
export function clientHome(): Home {
  const slot = new Slot();
  return { open: () => slot, leave: () => {} };
}
