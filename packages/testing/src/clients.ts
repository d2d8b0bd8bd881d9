// The clients of the mandator: credentials, role, and what their configuration says about tokens.
import type { AccessVersion } from './api.js';
import { Failure } from './failure.js';

/** A client as a test describes it. */
export interface ClientOptions {
  readonly clientId: string;
  readonly clientSecret: string;
  /** An admin client gets admin tokens and no tokens of users. Default `client`. */
  readonly role?: 'client' | 'admin';
  /** Life of new access tokens of the client itself, in seconds; 0 means for ever. Default 3600. */
  readonly clientTokenLifeS?: number;
  /** Life of new access tokens of users, in seconds; 0 means for ever. Default 3600. */
  readonly userTokenLifeS?: number;
  /** Life of new refresh tokens, in seconds; 0 means for ever. Default 2,592,000, which is 30 days. */
  readonly refreshTokenLifeS?: number;
  /** How many wrong passwords in a row lock a user; 0 means never. Default 5. */
  readonly maxUserLoginAttempts?: number;
  /** Whether a refresh brings a new refresh token and voids the old one. Default `false`: the answer has none. */
  readonly rotateRefreshTokens?: boolean;
  /** Whether users that it creates are verified from the start. Default `true`. */
  readonly isUserAutoVerificationEnabled?: boolean;
  /** The one version of Access that answers it; the other does so with 403. Default: both answer. Web Form always does. */
  readonly apiVersion?: AccessVersion | undefined;
  /** Address of this machine that `notify` posts to. Default `null`: none. */
  readonly userNotificationCallbackUrl?: string | null;
  /** Address of this machine that is told of every user who is deleted. Default `null`: none. */
  readonly userSynchronizationCallbackUrl?: string | null;
}

export interface Client extends Required<Omit<ClientOptions, 'apiVersion'>> {
  readonly apiVersion: AccessVersion | undefined;
}

/** What can be changed of a client while the sandbox runs. Lives hold for tokens issued from then on. */
export type ClientChanges = Partial<Omit<ClientOptions, 'clientId' | 'clientSecret' | 'role'>>;

export interface Clients {
  list(): readonly Client[];
  /** Throws where there is none. */
  get(clientId: string): Client;
  add(client: ClientOptions): Client;
  configure(clientId: string, changes: ClientChanges): Client;
  /** As `changeClientCredentials` does: the client's own tokens are void, those of users are not. */
  setSecret(clientId: string, clientSecret: string): void;
}

const defaults = {
  role: 'client',
  clientTokenLifeS: 3600,
  userTokenLifeS: 3600,
  refreshTokenLifeS: 2_592_000,
  maxUserLoginAttempts: 5,
  rotateRefreshTokens: false,
  isUserAutoVerificationEnabled: true,
  apiVersion: undefined,
  userNotificationCallbackUrl: null,
  userSynchronizationCallbackUrl: null,
} as const;

export function createClients(onSecretChange: (clientId: string) => void): Clients & { find(clientId: string): Client | undefined } {
  const all = new Map<string, Client>();
  const get = (clientId: string): Client => {
    const found = all.get(clientId);
    if (found === undefined) throw new Error(`the sandbox has no client ${clientId}; it has: ${[...all.keys()].join(', ') || 'none'}`);
    return found;
  };
  const change = (clientId: string, changes: Partial<ClientOptions>): Client => {
    const client = { ...get(clientId), ...checked(changes) };
    all.set(clientId, client);
    return client;
  };
  return {
    list: () => [...all.values()],
    find: (clientId) => all.get(clientId),
    get,
    add(client) {
      if (all.has(client.clientId)) throw new Error(`the sandbox has a client ${client.clientId} already`);
      all.set(client.clientId, { ...defaults, ...checked(client) });
      return get(client.clientId);
    },
    configure: change,
    setSecret(clientId, clientSecret) {
      change(clientId, { clientSecret });
      onSecretChange(clientId);
    },
  };
}

/** Refuses a client that is bound to a version which is none of these. */
export function checkVersion({ apiVersion }: Client, versions: readonly AccessVersion[]): void {
  if (apiVersion !== undefined && !versions.includes(apiVersion))
    throw new Failure(403, 'UNAUTHORIZED_ACCESS', `The client is bound to version ${apiVersion} of Access.`);
}

function checked<T extends Partial<ClientOptions>>(options: T): T {
  const given = Object.fromEntries(Object.entries(options).filter(([name, value]) => value !== undefined || name === 'apiVersion')) as T;
  for (const name of ['clientTokenLifeS', 'userTokenLifeS', 'refreshTokenLifeS', 'maxUserLoginAttempts'] as const) {
    const value = given[name];
    if (value !== undefined && !(Number.isInteger(value) && value >= 0))
      throw new RangeError(`${name} is a whole number from 0 on, not ${value}`);
  }
  const { apiVersion } = given;
  if (apiVersion !== undefined && apiVersion !== 1 && apiVersion !== 2) throw new RangeError(`apiVersion is 1 or 2, not ${apiVersion}`);
  return given;
}
