// What all token sources of an application share, and how one asks finAPI.
import { type Endpoint, type EndpointOptions, invalid, longestTimerMs, momentOf, settle } from './endpoint.js';
import { AuthError, type Grant } from './errors.js';
import { type AuthEvent, type Emit, emitter } from './events.js';
import type { ClientCredentials, TokenAnswer } from './grants.js';
import type { Held, Moment, Policy } from './policy.js';
import type { Slot } from './slot.js';

/** A client's secret, or whatever reads it. It is asked for at every request, so that a rotated one is found. */
export type Secret = string | ((options: { readonly signal: AbortSignal }) => string | Promise<string>);

/** When tokens are renewed. */
export interface RenewalOptions {
  /** How long before its end a token is renewed, in milliseconds; short-lived ones at half of their life. 60000 unless set. */
  readonly renewBeforeMs?: number;
  /** Upper bound of the first pause after a failure, in milliseconds; it doubles from failure to failure. 1000 unless set. */
  readonly baseDelayMs?: number;
  /** Upper bound of every pause, in milliseconds. 60000 unless set. */
  readonly maxDelayMs?: number;
  /** The longest `Retry-After` that is obeyed, in milliseconds. 300000 unless set. */
  readonly maxRetryAfterMs?: number;
  /** Milliseconds that a renewal may take in all, with reading credentials and waiting for other processes. 30000 unless set. */
  readonly renewalTimeoutMs?: number;
}

export interface SourceOptions extends EndpointOptions, RenewalOptions {
  /** Told of everything that happens; see {@link AuthEvent}. What it throws is ignored. */
  readonly onEvent?: (event: AuthEvent) => void;
}

/** Tokens, and when they were asked for. */
export interface Received {
  readonly answer: TokenAnswer;
  readonly sent: Moment;
}

/** Tokens of one key, such as those of a session that was begun elsewhere or saved. */
export interface Session {
  readonly accessToken?: string | undefined;
  /** Wall clock, milliseconds since 1970; `Infinity` (in JSON `null`) for a token that never expires. Without it the access token is not used. */
  readonly expiresAt?: number | undefined;
  readonly refreshToken?: string | undefined;
}

/** Fails where somebody else has the right to renew by now. */
export type Still = () => Promise<void>;

/** How the tokens of one key are got. */
export interface Renewal {
  /** Issuer, client, kind and user, in clear text. */
  readonly key: string;
  /** Whether it may go on while the shared store is down: two processes that ask at once get the same token. */
  readonly alone: boolean;
  /** @param still called just before each request; where it fails, nothing is sent */
  redeem(slot: Slot, signal: AbortSignal, still?: Still): Promise<Received>;
  /** Gives tokens back that came in for a session that another process has ended. */
  discard?(session: Session): Promise<void>;
}

/** Takes part in a renewal where several processes share their tokens. */
export interface Fleet {
  /** @param wanted whether a token that another process got would do */
  renew(engine: Engine, renewal: Renewal, slot: Slot, signal: AbortSignal, wanted: (held: Held) => boolean): Promise<Held>;
  /** Wipes the stored session, or what of it is no longer held; returns what was stored. */
  forget(engine: Engine, renewal: Renewal, slot: Slot, which: 'access' | 'refresh' | 'all'): Promise<Session | undefined>;
}

export interface Engine {
  readonly endpoint: Endpoint;
  readonly policy: Policy;
  readonly renewalTimeoutMs: number;
  readonly emit: Emit;
  readonly random: () => number;
  readonly fleet: Fleet | undefined;
}

export function createEngine(options: SourceOptions, fleet?: Fleet): Engine {
  const endpoint = settle(options);
  const {
    renewBeforeMs = 60_000,
    baseDelayMs = 1000,
    maxDelayMs = 60_000,
    maxRetryAfterMs = 300_000,
    renewalTimeoutMs = 30_000,
    onEvent,
  } = options;
  const numbers = { renewBeforeMs, baseDelayMs, maxDelayMs, maxRetryAfterMs, renewalTimeoutMs };
  for (const [name, ms] of Object.entries(numbers))
    if (!(ms >= 0 && ms <= longestTimerMs)) throw invalid(`${name} must be milliseconds from 0 to ${longestTimerMs}`);
  const { clock } = endpoint;
  return {
    endpoint,
    policy: { renewBeforeMs, baseDelayMs, maxDelayMs, maxRetryAfterMs },
    renewalTimeoutMs,
    emit: emitter(onEvent, () => clock.now()),
    random: Math.random,
    fleet,
  };
}

/** One request, told of. */
export async function ask(
  engine: Engine,
  key: string,
  grant: Grant,
  send: () => Promise<TokenAnswer>,
  still: Still | undefined,
): Promise<Received> {
  await still?.();
  const { clock } = engine.endpoint;
  const sent = momentOf(clock);
  const durationMs = (): number => clock.monotonic() - sent.monotonic;
  engine.emit('requested', key, { grant });
  try {
    const answer = await send();
    engine.emit('received', key, { grant, requestId: answer.requestId, status: 200, durationMs: durationMs() });
    return { answer, sent };
  } catch (cause) {
    if (cause instanceof AuthError) {
      const { code, requestId, status } = cause;
      engine.emit('failed', key, {
        grant,
        code,
        durationMs: durationMs(),
        ...(requestId === undefined ? {} : { requestId }),
        ...(status === undefined ? {} : { status }),
      });
    }
    throw cause;
  }
}

/** Calls with the client's credentials; with the next secret where the first was refused and has been rotated meanwhile. */
export async function withClient<T>(
  { clientId, clientSecret }: { readonly clientId: string; readonly clientSecret: Secret },
  signal: AbortSignal,
  send: (client: ClientCredentials) => Promise<T>,
): Promise<T> {
  const read = async (): Promise<string> => (typeof clientSecret === 'string' ? clientSecret : clientSecret({ signal }));
  const secret = await read();
  signal.throwIfAborted();
  try {
    return await send({ clientId, clientSecret: secret });
  } catch (cause) {
    if (!(cause instanceof AuthError && cause.code === 'INVALID_CLIENT')) throw cause;
    const next = await read();
    if (next === secret) throw cause;
    signal.throwIfAborted();
    return send({ clientId, clientSecret: next });
  }
}

/** Issuer, client, kind and user: two users or two clients never share a token. */
export const keyOf = ({ endpoint }: Pick<Engine, 'endpoint'>, clientId: string, ...rest: readonly string[]): string =>
  ['finapi', endpoint.baseUrl, clientId, ...rest].map(encodeURIComponent).join(':');
