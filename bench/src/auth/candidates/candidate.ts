// What is asked of each candidate: one adapter a package, each in the way that its own documentation shows.

/** Where to get tokens, and a resource that takes them. */
export interface Server {
  readonly url: string;
}

export interface Candidate {
  /** A token, from memory where there is a good one. Without a memory: a token request each. */
  readonly get: () => Promise<string | undefined>;
  /** The same at once, `undefined` where it would take a request. */
  readonly peek?: () => string | undefined;
  /** A call of the resource with the token, repeated after a 401 if that is what the package does. Fails on any status but 200. */
  readonly call?: (path: string) => Promise<unknown>;
}

/** What a user's login brought, as it was parsed from JSON. */
export interface Session {
  readonly id: string;
  readonly access_token: string;
  readonly refresh_token: string;
  readonly expires_in: number;
}

export interface Adapter {
  readonly open: (server: Server) => Promise<Candidate> | Candidate;
  /** Keeps the sessions of many users at once; what is returned holds them all. */
  readonly hold?: (sessions: Iterable<Session>) => unknown;
  /** Where an object a user is the exception: the same with such an object kept. */
  readonly holdSources?: (sessions: Iterable<Session>) => unknown;
}

export const tokenPath = '/oauth/token';
export const clientId = '6f6c1d52-9f3e-4a57-8c55-0d9f4f2a7b11';
export const clientSecret = '0a4b7c1e-52a1-4c55-b7d7-6f2f8f5f9a33';

/** A peer, from where it is installed. */
export async function load<Module>(name: string): Promise<Module> {
  const { load: from } = (await import(new URL('../../../auth-peers/load.js', import.meta.url).href)) as {
    load(name: string): Promise<Module>;
  };
  return from(name);
}

/** Objects by user, as an application would keep them. */
export function byUser<T>(sessions: Iterable<Session>, make: (session: Session) => T): Map<string, T> {
  const users = new Map<string, T>();
  for (const session of sessions) users.set(session.id, make(session));
  return users;
}
