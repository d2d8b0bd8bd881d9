// When a token is renewed and when a failure is repeated: pure functions, without a clock of their own.

/** A token and how long it lives, by two clocks. */
export interface Held {
  readonly accessToken: string;
  /** Wall clock, milliseconds since 1970; `Infinity` for a token that never expires. */
  readonly expiresAt: number;
  /** The same on the monotonic clock. */
  readonly expiresAtMonotonic: number;
  /** How long before its end it is renewed, in milliseconds; 0 where asking earlier brings nothing. */
  readonly windowMs: number;
}

/** A moment on both clocks. */
export interface Moment {
  readonly now: number;
  readonly monotonic: number;
}

/** What is configured of the policy. */
export interface Policy {
  /** How long before its end a token is renewed, in milliseconds. A short-lived token is renewed at half of its life. */
  readonly renewBeforeMs: number;
  /** Upper bound of the first pause after a failure, in milliseconds; it doubles from failure to failure. */
  readonly baseDelayMs: number;
  /** Upper bound of every pause, in milliseconds. */
  readonly maxDelayMs: number;
  /** The longest `Retry-After` that is believed, in milliseconds. */
  readonly maxRetryAfterMs: number;
}

/** Longer lives are cut to this: ten years. */
export const longestLifeS = 315_360_000;

/** A token answered with `expires_in: 0` when it is known to end: under a second is left. */
const roundedMs = 1000;

/** Milliseconds that a token has left; not above 0 once either clock says that it has ended. */
export function remainingMs(held: Held, now: number, monotonic: number): number {
  return Math.min(held.expiresAt - now, held.expiresAtMonotonic - monotonic);
}

/**
 * What an answer is worth.
 *
 * finAPI gives the same token until it expires, with the life that remains. Such an echo is used to its end, and nobody asks
 * again before. `expires_in: 0` means never; but as the remaining life of a token that ends, it means under a second.
 *
 * @param previous the token held before, valid or not
 * @param sent when the request was sent: the life counts from then, so that it is never taken for longer than it is
 * @param random from 0 to 1, so that many do not renew at once
 */
export function receive(
  previous: Held | undefined,
  answer: { readonly accessToken: string; readonly expiresInS: number },
  sent: Moment,
  policy: Policy,
  random: number,
): Held {
  const echoed = previous !== undefined && previous.accessToken === answer.accessToken;
  let lifeMs = answer.expiresInS === 0 ? Number.POSITIVE_INFINITY : Math.min(answer.expiresInS, longestLifeS) * 1000;
  // Of a token that never ends, an endless life remains.
  if (echoed && lifeMs === Number.POSITIVE_INFINITY) lifeMs = Math.max(remainingMs(previous, sent.now, sent.monotonic), roundedMs);
  return hold(answer.accessToken, lifeMs, sent, echoed ? 0 : windowOf(lifeMs, policy, random));
}

/** A token that has `lifeMs` left at a moment. */
export function hold(accessToken: string, lifeMs: number, { now, monotonic }: Moment, windowMs: number): Held {
  // Whole milliseconds: a hundred thousand of these are kept at once, and they take half the memory.
  return { accessToken, expiresAt: Math.floor(now + lifeMs), expiresAtMonotonic: Math.floor(monotonic + lifeMs), windowMs };
}

/** The configured window or half of the life, up to a fifth shorter. */
export function windowOf(lifeMs: number, { renewBeforeMs }: Policy, random: number): number {
  return Math.ceil(Math.min(renewBeforeMs, lifeMs / 2) * (1 - random / 5));
}

/**
 * How long to leave finAPI alone after a failure, in milliseconds: what it asks for, else a random part of a bound that doubles.
 *
 * @param failures how many there were before without a success in between
 */
export function pauseAfter(failures: number, retryAfterMs: number | undefined, policy: Policy, random: number): number {
  if (retryAfterMs !== undefined) return Math.min(retryAfterMs, policy.maxRetryAfterMs);
  return random * Math.min(policy.maxDelayMs, policy.baseDelayMs * 2 ** failures);
}
