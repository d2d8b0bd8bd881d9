/// <reference lib="esnext.disposable" preserve="true" />
// All tokens of an application: its client's, its admin client's, and its users'.
import { type ClientOptions, checkClient, clientHome, clientRenewal } from './client.js';
import { bare, invalid } from './endpoint.js';
import { createEngine, type Engine, type SourceOptions } from './engine.js';
import { createFleet, type FleetOptions } from './fleet.js';
import { type RevocableTokenSource, SessionSource } from './session.js';
import type { TokenStore } from './store.js';
import { Pool, type PoolOptions, type UserOptions, type UserPool, type UserTokenSource } from './users.js';

export interface AuthOptions extends SourceOptions, ClientOptions, FleetOptions {
  /** An admin client, where there is one. */
  readonly admin?: ClientOptions;
  /**
   * Shares tokens between processes, or keeps them over a restart. Without it they live in this object alone. One that can tell of
   * changes is watched until this object is disposed of.
   */
  readonly store?: TokenStore;
  /** Bounds of the users kept, and where their passwords are read. */
  readonly users?: PoolOptions;
}

/** The tokens of an application. Give it to a client as `auth`: it satisfies the client's `TokenProvider`. */
export interface Auth {
  readonly client: RevocableTokenSource<'client'>;
  readonly admin?: RevocableTokenSource<'admin'>;
  readonly users: UserPool;
  /** A user's source: short for `users.get`. */
  user(userId: string, options?: UserOptions): UserTokenSource;
  /** Forgets all tokens without giving them back; all sources are closed. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Prepares the tokens of an application. It sends nothing by itself, starts no timer and needs no closing. */
export function createAuth(given: AuthOptions): Auth {
  const options = bare(given);
  const { store } = options;
  if (store !== undefined && (typeof store.get !== 'function' || typeof store.set !== 'function')) throw invalid('store is no token store');
  const engine = createEngine(options, store === undefined ? undefined : createFleet(store, options));
  const own = checkClient(options, '');
  const client = new SessionSource('client', engine, clientRenewal(engine, own), clientHome());
  const admin =
    options.admin === undefined
      ? undefined
      : new SessionSource('admin', engine, clientRenewal(engine, checkClient(options.admin, 'admin.')), clientHome());
  const users = new Pool(engine, own, client, options.users ?? {});
  const sources = [client, ...(admin === undefined ? [] : [admin])];
  const unwatch = watch(engine, store, (key) => users.changed(key) || sources.some((it) => it.key === key && it.drop()));
  return {
    client,
    ...(admin === undefined ? {} : { admin }),
    users,
    user: (userId, userOptions) => users.get(userId, userOptions),
    async [Symbol.asyncDispose]() {
      unwatch();
      await Promise.all([...sources, users].map((it) => it[Symbol.asyncDispose]()));
    },
  };
}

/** Lets a store tell of what other processes have ended; returns what stops that. A store that cannot costs nothing but that. */
function watch({ emit, endpoint }: Engine, store: TokenStore | undefined, changed: (key: string) => boolean): () => void {
  const controller = new AbortController();
  const { signal } = controller;
  const told = (key: string): void => {
    try {
      if (changed(key)) emit('notified', key);
    } catch {
      // A key that nobody here writes: others may use the same channel.
    }
  };
  (async () => store?.watch?.(told, { signal }))().catch(() => {
    if (!signal.aborted) emit('storeError', endpoint.baseUrl);
  });
  return () => controller.abort();
}
