/// <reference lib="esnext.disposable" preserve="true" />
// A token source whose tokens can be given back: revocation and logout.
import { bare, momentOf } from './endpoint.js';
import type { Engine, Renewal, Session } from './engine.js';
import { AuthError } from './errors.js';
import { sendRevocation, type TokenTypeHint } from './grants.js';
import type { Slot } from './slot.js';
import { type Home, type Identity, Source, type TokenSource } from './source.js';

/** What to give back: the access token alone, the refresh token with all access tokens of its grant, or all of it. */
export type Which = 'access' | 'refresh' | 'all';

/** Tokens of one identity that can be given back to finAPI. */
export interface RevocableTokenSource<Whose extends Identity> extends TokenSource<Whose> {
  /** Gives tokens back. All who share them lose them. The source stays in use. */
  revoke(options?: { readonly which?: Which; readonly signal?: AbortSignal | undefined }): Promise<void>;
  /**
   * Ends the session: wipes it here and in the store, whatever finAPI says, and gives all of its tokens back. The source is
   * closed; a new one begins a new session.
   */
  logout(options?: { readonly signal?: AbortSignal | undefined }): Promise<void>;
}

interface Revocation {
  readonly token: string;
  readonly hint: TokenTypeHint;
}

export class SessionSource<Whose extends Identity> extends Source<Whose> implements RevocableTokenSource<Whose> {
  readonly #engine: Engine;
  readonly #renewal: Renewal;
  /** The client whose token vouches for a revocation: for a client's own tokens, the source itself. */
  readonly #voucher: TokenSource<Identity>;

  constructor(identity: Whose, engine: Engine, renewal: Renewal, home: Home, voucher?: TokenSource<Identity>) {
    super(identity, engine, renewal, home);
    this.#engine = engine;
    this.#renewal = renewal;
    this.#voucher = voucher ?? this;
  }

  session(): Session | undefined {
    const { held, refreshToken } = this.current();
    if (held === undefined && refreshToken === undefined) return undefined;
    return { accessToken: held?.accessToken, expiresAt: held?.expiresAt, refreshToken };
  }

  async revoke(options: { readonly which?: Which; readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const { which = 'all', signal } = bare(options);
    const slot = this.current();
    const known = (): Session => ({ accessToken: slot.held?.accessToken, refreshToken: slot.refreshToken });
    // Others may have stored tokens that are not known here; of a client, there are no refresh tokens.
    const shared = this.#engine.fleet !== undefined && (this.#voucher !== this || which !== 'refresh');
    if (!shared && revocations(which, known()).length === 0) return;
    // The voucher may be this very source: it is asked before its token is dropped, and may learn of it only then.
    const bearer = await this.#voucher.get({ signal });
    const held = known();
    slot.held = undefined;
    if (which !== 'access') slot.refreshToken = undefined;
    const forgotten = await this.#forget(slot, which);
    await this.#giveBack(each(which, [held, forgotten instanceof AuthError ? undefined : forgotten]), bearer, signal);
    if (forgotten instanceof AuthError) throw forgotten;
  }

  async logout(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
    const { signal } = bare(options);
    const slot = this.current();
    const held = { accessToken: slot.held?.accessToken, refreshToken: slot.refreshToken };
    await this[Symbol.asyncDispose]();
    const forgotten = await this.#forget(slot, 'all');
    this.#engine.emit('loggedOut', this.#renewal.key);
    // What a renewal under way still brings is given back as well.
    await slot.flight?.catch(() => {});
    const sessions = [held, forgotten instanceof AuthError ? undefined : forgotten, slot.trouble?.late];
    slot.trouble = undefined;
    const tokens = each('all', sessions);
    const [first] = tokens;
    if (first !== undefined) {
      const bearer = this.#voucher === this ? first.token : await this.#voucher.get({ signal });
      await this.#giveBack(tokens, bearer, signal);
    }
    if (forgotten instanceof AuthError) throw forgotten;
  }

  /** Wipes the store; what was there, or why that failed. */
  async #forget(slot: Slot, which: Which): Promise<Session | AuthError | undefined> {
    return this.#engine.fleet?.forget(this.#engine, this.#renewal, slot, which).catch((cause) => {
      if (cause instanceof AuthError) return cause;
      throw cause;
    });
  }

  /** Tries every token, whatever becomes of the others; then fails with the first failure. */
  async #giveBack(tokens: readonly Revocation[], vouched: string, signal: AbortSignal | undefined): Promise<void> {
    const { endpoint, emit } = this.#engine;
    let bearer = vouched;
    let failure: unknown;
    for (const { token, hint } of tokens) {
      const send = (): Promise<void> => sendRevocation(endpoint, bearer, token, hint, { signal });
      const { monotonic } = momentOf(endpoint.clock);
      try {
        await send().catch(async (cause) => {
          if (!(cause instanceof AuthError && cause.status === 401) || this.#voucher === this) throw cause;
          this.#voucher.reject(bearer);
          bearer = await this.#voucher.get({ signal });
          return send();
        });
        emit('revoked', this.#renewal.key, { grant: 'revoke', durationMs: endpoint.clock.monotonic() - monotonic });
      } catch (cause) {
        failure ??= cause;
      }
    }
    if (failure !== undefined) throw failure;
  }
}

/** What to give back of several sessions, each token once. */
const each = (which: Which, sessions: readonly (Session | undefined)[]): Revocation[] => [
  ...new Map(
    sessions.flatMap((session) => (session === undefined ? [] : revocations(which, session))).map((it) => [it.token, it]),
  ).values(),
];

/** The refresh token first: it takes the access tokens of its grant with it, and nobody can renew in between. */
function revocations(which: Which, { accessToken, refreshToken }: Session): Revocation[] {
  const tokens: Revocation[] = [];
  if (which !== 'access' && refreshToken !== undefined) tokens.push({ token: refreshToken, hint: 'refresh_token' });
  if (which !== 'refresh' && accessToken !== undefined) tokens.push({ token: accessToken, hint: 'access_token' });
  return tokens;
}
