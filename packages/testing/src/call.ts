// A call as operations see it, once it is known who calls, and what they give back.
import type { Api, Operation } from './api.js';
import type { Client, createClients } from './clients.js';
import type { TokenStore } from './tokens.js';
import type { User, UserStore } from './users.js';

/** What the sandbox remembers. */
export interface State {
  readonly clients: ReturnType<typeof createClients>;
  readonly users: UserStore;
  readonly tokens: TokenStore;
  /** Milliseconds since 1970, by the sandbox's clock. */
  readonly now: () => number;
  /** Tokens of password changes that were asked for, by user id in lower case. */
  readonly passwordChanges: Map<string, string>;
}

export interface Call {
  readonly api: Api;
  readonly operationId: string;
  readonly operation: Operation;
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Fields of the body, of JSON and form alike; empty where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** Whose token it carries; undefined for an operation without one. */
  readonly client: Client | undefined;
  /** The user, where it is a user's token. */
  readonly user: User | undefined;
}

/** Handles an operation; gives the body of its success, `undefined` for an empty one, or throws a `Failure`. */
export type Handler = (state: State, call: Call) => object | undefined;
