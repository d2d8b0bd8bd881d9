// Deletes a user completely: at finAPI, and the tokens here and in the store.
import { AuthError, type UserTokenSource } from '@finapi-ts/auth-helpers';
import { type CallOptions, FinapiError } from '@finapi-ts/client';
import { FlowError } from './errors.js';
import { invalid, passes, poll, tell, type Wait, type WaitOptions, within } from './wait.js';

/** What the flow calls with the user's token. */
interface UserOfAccess {
  readonly users: { deleteAuthorizedUser(args?: Record<string, never>, options?: CallOptions): PromiseLike<unknown> };
}

/** What the flow calls with the client's token. */
interface ClientOfAccess {
  readonly users: {
    getVerificationStatus(args: { userId: string }, options?: CallOptions): PromiseLike<{ readonly isUserVerified: boolean }>;
    deleteUnverifiedUser(args: { userId: string }, options?: CallOptions): PromiseLike<unknown>;
  };
}

/** What `createFinapi` gives, with Access V2 or V1 among its APIs. */
export interface DeletingFinapi {
  readonly access?: ClientOfAccess;
  readonly accessV1?: ClientOfAccess;
}

/** What `finapi.user` gives. */
export interface DeletedUser {
  readonly userId: string;
  readonly tokens: Pick<UserTokenSource, 'logout'>;
  readonly access?: UserOfAccess;
  readonly accessV1?: UserOfAccess;
}

/** Told of failures that pass, such as 423. */
export type DeleteUserOptions = WaitOptions<{ readonly cause: unknown }>;

/**
 * Deletes a user with all data at finAPI, and wipes the user's tokens here and in the store. **This is final.** The user deletes
 * with their own token, so `user` needs a session or credentials; who is not verified is deleted with the client's token.
 *
 * While data of the user is being downloaded finAPI refuses (423): that is waited for. Looks every 3 seconds for at most 5 minutes unless
 * set.
 *
 * @throws FlowError `USER_LOCKED`, `USER_UNKNOWN` (the tokens are wiped all the same), `TIMEOUT`; AuthError `INVALID_CREDENTIALS` or `SESSION_EXPIRED` where the user cannot
 *   log in, `STORE` where the user is gone and the store could not be wiped
 */
export async function deleteUser(finapi: DeletingFinapi, user: DeletedUser, options: DeleteUserOptions = {}): Promise<void> {
  // Of two versions, the one whose tokens `createFinapi` uses.
  const client = finapi.access ?? finapi.accessV1;
  const own = user.access ?? user.accessV1;
  if (client === undefined || own === undefined) throw invalid('deleteUser needs Access among the APIs: access or accessV1');
  return within('the deletion', options, { intervalMs: 3000, timeoutMs: 300_000 }, async (wait) => {
    // A deletion without an answer may have happened: a user who is unknown afterwards is one who was deleted.
    let attempted = false;
    const look = async (call: CallOptions): Promise<void> => {
      try {
        await own.users.deleteAuthorizedUser({}, call);
      } catch (cause) {
        wait.signal.throwIfAborted();
        if (mayHaveActed(cause)) attempted = true;
        else if (await withoutOwnToken(cause, client, user.userId, call)) return;
        if (passes(cause)) tell(options.onProgress, { cause });
        throw cause;
      }
    };
    try {
      await poll(wait, look, () => true);
    } catch (cause) {
      const unknown = cause instanceof FlowError && cause.code === 'USER_UNKNOWN';
      if (unknown) await forget(wait, user);
      if (unknown && attempted) return;
      throw cause;
    }
    await forget(wait, user);
  });
}

/** Whether finAPI can have deleted the user all the same: 423 and 429 say that it has not. */
const mayHaveActed = (cause: unknown): boolean =>
  cause instanceof FinapiError && passes(cause) && cause.code !== 'LOCKED' && cause.code !== 'RATE_LIMITED';

/** Whether the user has no token with which to go on: locked, not verified, wrong password, or deleted. */
const isShutOut = (cause: unknown): boolean =>
  cause instanceof AuthError
    ? cause.code === 'USER_UNVERIFIED' || cause.code === 'INVALID_CREDENTIALS' || cause.code === 'SESSION_EXPIRED'
    : cause instanceof FinapiError && (cause.status === 401 || cause.status === 404);

/** Asks with the client's token what the matter is, and deletes with it who is not verified; `false` where that is no help. */
async function withoutOwnToken(cause: unknown, client: ClientOfAccess, userId: string, call: CallOptions): Promise<boolean> {
  if (cause instanceof AuthError && cause.code === 'USER_LOCKED')
    throw new FlowError(
      'USER_LOCKED',
      'the user is locked, and no token of theirs holds: change the password first, or delete the user with an admin client (deleteUsers)',
      cause,
    );
  if (!isShutOut(cause)) return false;
  const unknown = (reason: unknown): never => {
    if (reason instanceof FinapiError && reason.status === 404)
      throw new FlowError('USER_UNKNOWN', 'finAPI knows no such user; it may have been deleted before', reason);
    throw reason;
  };
  const { isUserVerified } = await Promise.resolve(client.users.getVerificationStatus({ userId }, call)).catch(unknown);
  if (isUserVerified) return false;
  await Promise.resolve(client.users.deleteUnverifiedUser({ userId }, call)).catch(unknown);
  return true;
}

/** The tokens are void with their user, so that only a store that still holds them matters. */
async function forget(wait: Wait, user: DeletedUser): Promise<void> {
  try {
    await user.tokens.logout({ signal: wait.signal });
  } catch (cause) {
    wait.signal.throwIfAborted();
    if (!(cause instanceof AuthError) || cause.code === 'STORE') throw cause;
  }
}
