// What the token layer tells of its doings: to a function, and to `node:diagnostics_channel` where there is one. Never a secret.
import type { AuthErrorCode, Grant } from './errors.js';

/** What happened. */
export type AuthEventType =
  /** A request goes out. */
  | 'requested'
  /** It brought a token. */
  | 'received'
  /** The token is the one held before: it is used to its end. */
  | 'echo'
  /** The token is a new one. */
  | 'refreshed'
  /** The request, or what led to it, failed. */
  | 'failed'
  /** finAPI refused the current token with 401. */
  | 'rejected'
  /** Another process had renewed the token; its token was taken from the store. */
  | 'adopted'
  /** Another process has ended the session, and the store said so: the token is dropped here, too. */
  | 'notified'
  /** Another process is renewing the token. */
  | 'leaseWait'
  /** The token store failed. */
  | 'storeError'
  /** A token was given back. */
  | 'revoked'
  /** The session was wiped here and in the store. */
  | 'loggedOut'
  /** A user's record left the pool. */
  | 'evicted';

export interface AuthEvent {
  readonly type: AuthEventType;
  /** Stands for issuer, client and user: the same within this process, and nothing can be read from it. */
  readonly key: string;
  /** Wall clock, milliseconds since 1970. */
  readonly at: number;
  readonly grant?: Grant;
  readonly requestId?: string;
  /** How long the request took, in milliseconds. */
  readonly durationMs?: number;
  readonly code?: AuthErrorCode;
  readonly status?: number;
}

type Details = Partial<Omit<AuthEvent, 'type' | 'key' | 'at'>>;
export type Emit = (type: AuthEventType, key: string, details?: Details) => void;

interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
}

/** The name under which `node:diagnostics_channel` carries the events. */
export const channelName = 'finapi-ts:auth';

export function emitter(onEvent: ((event: AuthEvent) => void) | undefined, now: () => number): Emit {
  const channel = openChannel();
  return (type, key, details) => {
    if (onEvent === undefined && channel?.hasSubscribers !== true) return;
    const event: AuthEvent = { type, key: pseudonym(key), at: now(), ...details };
    try {
      onEvent?.(event);
    } catch {
      // A listener's fault must not cost a token.
    }
    if (channel?.hasSubscribers === true) channel.publish(event);
  };
}

/** Reached without an import, which browsers and Workers could not resolve. */
function openChannel(): Channel | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?: (id: string) => { channel(name: string): Channel } | undefined } };
  return process?.getBuiltinModule?.('node:diagnostics_channel')?.channel(channelName);
}

let salt: Uint32Array | undefined;

/** A salted hash. User ids can be guessed, so without a salt that only this process knows, a hash of them would hide nothing. */
function pseudonym(key: string): string {
  salt ??= crypto.getRandomValues(new Uint32Array(2));
  let [a = 0, b = 0] = salt;
  for (let at = 0; at < key.length; at++) {
    const unit = key.charCodeAt(at);
    a = Math.imul(a ^ unit, 0x85ebca6b);
    b = Math.imul(b ^ unit, 0xc2b2ae35);
    a ^= (b >>> 13) + at;
    b ^= a >>> 16;
  }
  return [a, b].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
}
