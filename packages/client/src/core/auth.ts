// Where tokens come from: a structural contract, which a token source fulfils without importing it.

/** Whose token it is: the client's itself, a user's, or an admin client's. The wrong one is answered with 403. */
export type Identity = 'client' | 'user' | 'admin';

/** A token at hand. It is used as it is, until finAPI refuses it. */
export interface PlainToken<Whose extends Identity> {
  readonly identity: Whose;
  readonly token: string;
}

/** What a call wants of a token. */
export interface TokenRequest {
  /** Frees this caller alone. */
  readonly signal?: AbortSignal;
  /** How long the token must still live, in milliseconds: a few operations say so. */
  readonly minValidityMs?: number;
}

/** Gives tokens and renews them. */
export interface TokenSource<Whose extends Identity> {
  readonly identity: Whose;
  /** The current token without waiting; `undefined` where there is none or it needs renewal. */
  peek?(): string | undefined;
  /** A valid token, from memory or from finAPI. */
  get(options?: TokenRequest): Promise<string>;
  /** Told of a token that finAPI has refused with 401, so that the next `get` brings another. */
  reject?(token: string): void | Promise<void>;
}

export type Credential<Whose extends Identity> = PlainToken<Whose> | TokenSource<Whose>;

/** The tokens of an application: its client's, and its admin client's where it has one. Users' come with `as(user)`. */
export interface TokenProvider {
  readonly client?: Credential<'client'>;
  readonly admin?: Credential<'admin'>;
}
