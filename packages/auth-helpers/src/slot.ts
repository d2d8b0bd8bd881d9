// What is known of the tokens of one key; and the one renewal that all who wait for it share.
import { backgroundTimer } from './clock.js';
import { bare } from './endpoint.js';
import type { Engine, Received, Renewal, Still } from './engine.js';
import { AuthError, type AuthErrorCode } from './errors.js';
import type { TokenAnswer } from './grants.js';
import { type Held, pauseAfter, receive, remainingMs } from './policy.js';

/** A failure after which finAPI is left alone for a while. */
interface Failure {
  readonly error: AuthError;
  /** Monotonic clock, milliseconds. */
  readonly until: number;
  readonly count: number;
}

/** Credentials that finAPI has refused, as a digest: they are not sent again. */
export interface Refused {
  readonly digest: string;
  readonly code: AuthErrorCode;
}

/** What went wrong since the last success. Most slots have none, so it is an object of its own. */
export interface Trouble {
  /** The token that finAPI refused with 401. */
  rejected?: Held | undefined;
  failure?: Failure | undefined;
  /** The latest of them; a few, so that wrong ones which take turns are not sent in turn. */
  refused?: readonly Refused[] | undefined;
  /** finAPI gave a refused token again: until then, refusals of it are not heeded. */
  insisted?: { readonly until: number; readonly count: number } | undefined;
  /** Where several processes share tokens: the version of the stored entry over which a write failed. */
  unsavedOver?: string | null | undefined;
  /** The refresh token of that entry, which may have been redeemed since: others may write it down again. */
  unsavedAfter?: string | undefined;
  /** The end of a wait, told by the store, that has been waited out here: by the wall clock it could come again. */
  heeded?: number;
  /** The last renewal of a session that was ended; two at once would ask twice. */
  after?: Promise<unknown>;
  /** Tokens that came in after the end of the session: they are still to be given back. */
  late?: TokenAnswer;
}

export class Slot {
  held: Held | undefined = undefined;
  refreshToken: string | undefined = undefined;
  flight: Promise<Held> | undefined = undefined;
  trouble: Trouble | undefined = undefined;
  /** When it was last used, to a second or so: seconds since 1970. */
  usedAtS = 0;
  state: 'open' | 'evicted' | 'ended' = 'open';
}

/** Adds to what went wrong. It inherits nothing: what is there decides over what is sent. */
export function troubled(slot: Slot, more: Trouble): void {
  slot.trouble = bare({ ...slot.trouble, ...more });
}

/** How many refused credentials are remembered. */
const mostRefused = 8;

/** Remembers that credentials were refused, here or by another process. */
export function refuse(slot: Slot, refused: readonly Refused[]): void {
  const known = slot.trouble?.refused ?? [];
  const added = refused.filter(({ digest }) => !known.some((before) => before.digest === digest));
  if (added.length > 0) troubled(slot, { refused: [...known, ...added].slice(-mostRefused) });
}

/** Ends what the slot holds. */
export function wipe(slot: Slot, state: 'evicted' | 'ended'): void {
  slot.state = state;
  slot.held = undefined;
  slot.refreshToken = undefined;
  slot.trouble = undefined;
}

/** Milliseconds that the current token has left; not above 0 where there is none. */
export function leftMs({ endpoint: { clock } }: Engine, { held }: Slot): number {
  return held === undefined ? 0 : remainingMs(held, clock.now(), clock.monotonic());
}

export const closed = (): AuthError => new AuthError('CLOSED', 'this token source was closed or logged out');

/** The failure that is still to be waited out, if there is one. */
export function cooling({ endpoint: { clock } }: Engine, { trouble }: Slot): AuthError | undefined {
  if (trouble?.failure === undefined) return undefined;
  const retryAfterMs = trouble.failure.until - clock.monotonic();
  if (retryAfterMs <= 0) return undefined;
  const { code, grant, status } = trouble.failure.error;
  const message = `failed before (${code}); the next request goes out in ${Math.ceil(retryAfterMs)} ms`;
  return new AuthError(code, message, { grant, status, retryAfterMs });
}

/** The renewal under way, or a new one. It has its own time-out: who asks can leave without ending it for the others. */
export function renew(engine: Engine, renewal: Renewal, slot: Slot, wanted: (held: Held) => boolean): Promise<Held> {
  if (slot.flight !== undefined) return slot.flight;
  const failure = cooling(engine, slot);
  if (failure !== undefined) return Promise.reject(failure);
  const flight = fly(engine, renewal, slot, wanted).finally(() => {
    slot.flight = undefined;
  });
  slot.flight = flight;
  // Nobody may be waiting for it.
  flight.catch(() => {});
  return flight;
}

async function fly(engine: Engine, renewal: Renewal, slot: Slot, wanted: (held: Held) => boolean): Promise<Held> {
  const { clock } = engine.endpoint;
  const controller = new AbortController();
  const timedOut = new AuthError('TIMEOUT', `no token within ${engine.renewalTimeoutMs} ms`);
  const timer = backgroundTimer(clock, () => controller.abort(timedOut), engine.renewalTimeoutMs);
  const ended = new Promise<never>((_, reject) => {
    controller.signal.addEventListener('abort', () => reject(controller.signal.reason), { once: true });
  });
  ended.catch(() => {});
  try {
    const { signal } = controller;
    if (slot.trouble?.after !== undefined) await Promise.race([ended, slot.trouble.after]);
    const work = engine.fleet?.renew(engine, renewal, slot, signal, wanted) ?? redeem(engine, renewal, slot, signal);
    return await Promise.race([ended, work]);
  } catch (cause) {
    if (cause instanceof AuthError && cooled(cause)) {
      const count = slot.trouble?.failure?.count ?? 0;
      const pauseMs = pauseAfter(count, cause.retryAfterMs, engine.policy, engine.random());
      troubled(slot, { failure: { error: cause, until: clock.monotonic() + pauseMs, count: count + 1 } });
    }
    throw cause;
  } finally {
    clock.clearTimeout(timer);
  }
}

/** These are not repeated anyway, or say nothing of finAPI. */
const cooled = ({ code }: AuthError): boolean =>
  code !== 'CLOSED' &&
  code !== 'INVALID_ARGUMENT' &&
  code !== 'INVALID_CREDENTIALS' &&
  code !== 'USER_LOCKED' &&
  code !== 'SESSION_EXPIRED';

/** Asks finAPI and takes in what it gives. An answer that was on the way while its token was refused is asked for again. */
export async function redeem(engine: Engine, renewal: Renewal, slot: Slot, signal: AbortSignal, still?: Still): Promise<Held> {
  for (;;) {
    const before = slot.trouble?.rejected;
    const received = await renewal.redeem(slot, signal, still);
    const rejected = slot.trouble?.rejected;
    if (rejected === before || rejected?.accessToken !== received.answer.accessToken) return take(engine, renewal, slot, received);
    // The one before may have been redeemed for it.
    slot.refreshToken = received.answer.refreshToken ?? slot.refreshToken;
  }
}

/** Takes tokens in, unless the session has ended meanwhile. */
function take(engine: Engine, { key }: Renewal, slot: Slot, { answer, sent }: Received): Held {
  if (slot.state === 'ended') {
    slot.trouble = bare({ late: answer });
    throw closed();
  }
  const { trouble } = slot;
  const previous = slot.held ?? trouble?.rejected;
  const held = receive(previous, answer, sent, engine.policy, engine.random());
  if (answer.refreshToken !== undefined) slot.refreshToken = answer.refreshToken;
  slot.held = held;
  const echoed = previous?.accessToken === held.accessToken;
  engine.emit(echoed ? 'echo' : 'refreshed', key, { requestId: answer.requestId });
  slot.trouble = trouble?.rejected?.accessToken === held.accessToken ? insisted(engine, trouble) : undefined;
  return held;
}

/** finAPI stands by a token that it refused: it is handed out, and for a while nobody asks for another. */
function insisted({ endpoint: { clock }, policy }: Engine, { insisted: before }: Trouble): Trouble {
  const count = before?.count ?? 0;
  return bare({ insisted: { until: clock.monotonic() + pauseAfter(count, undefined, policy, 1), count: count + 1 } });
}

/** Drops a token that finAPI has refused; any other than the current one is old news. */
export function reject(engine: Engine, { key }: Renewal, slot: Slot, token: string): void {
  const { held, trouble } = slot;
  if (held === undefined || held.accessToken !== token) return;
  if (trouble?.insisted !== undefined && engine.endpoint.clock.monotonic() < trouble.insisted.until) return;
  troubled(slot, { rejected: held });
  slot.held = undefined;
  engine.emit('rejected', key);
}
