// A call as operations see it, once it is known who calls, and what they give back.
import type { Api, Operation } from './api.js';
import type { Bank } from './bank.js';
import type { Client, createClients } from './clients.js';
import { Failure } from './failure.js';
import type { FormStore } from './forms.js';
import type { OpenEntry } from './log.js';
import type { Steps } from './steps.js';
import type { TaskStore } from './tasks.js';
import type { Token, TokenStore } from './tokens.js';
import type { User, UserStore } from './users.js';

/** What the sandbox remembers. */
export interface State {
  readonly clients: ReturnType<typeof createClients>;
  readonly users: UserStore;
  readonly tokens: TokenStore;
  readonly bank: Bank;
  readonly steps: Steps;
  readonly forms: FormStore;
  readonly tasks: TaskStore;
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
  readonly token: Token | undefined;
  /** Where the caller finds the sandbox, like `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** Its entry in the log. */
  readonly entry: OpenEntry;
  /** The document's answer, with as many items as the test says. */
  example(): object | undefined;
  /** Whether the test has said how many items the operation lists. */
  readonly counted: boolean;
}

/** Handles an operation; gives the body of its success, `undefined` for an empty one, or throws a `Failure`. */
export type Handler = (state: State, call: Call) => object | undefined;

/** The user whose token it is: an operation that takes no other is never called without one. */
export function callerOf({ user }: Call): User {
  if (user === undefined) throw new Failure(403, 'UNAUTHORIZED_ACCESS', 'This takes the token of a user.');
  return user;
}
