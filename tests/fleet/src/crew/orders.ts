// What a crew's processes and their parent say to each other.
import type { StorePlace } from '../stores.ts';

/** The points of a renewal where a process can be stopped, as it reaches them. */
export const steps = [
  'before the first read',
  'after the first read',
  'before the lease',
  'after the lease',
  'before the second read',
  'after the second read',
  'before the request',
  'after the answer',
  'before the write',
  'after the write',
  'before the release',
  'after the release',
  // A renewal that takes long prolongs its lease.
  'before the extension',
  'after the extension',
] as const;
export type Step = (typeof steps)[number];

/** How a process shares tokens; it can do so in several ways at once, each a seat of its own. */
export interface Setting {
  readonly place: StorePlace;
  readonly notifications?: boolean;
  readonly baseUrl: string;
  readonly client: { readonly clientId: string; readonly clientSecret: string };
  readonly password: string;
  readonly times: {
    readonly timeoutMs: number;
    readonly storeTimeoutMs: number;
    readonly renewalTimeoutMs: number;
    readonly renewBeforeMs?: number;
    readonly baseDelayMs?: number;
    readonly maxDelayMs?: number;
  };
  /** How far its wall clock is ahead; behind where negative. */
  readonly clockOffsetMs?: number;
}

/** Goes over users in an order of its own, again and again: asks for a token, and makes a data call with it. */
export interface Work {
  readonly userIds: readonly string[];
  /** When it begins no further call. */
  readonly ms?: number;
  /** How often it goes over all of them, at most. */
  readonly rounds?: number;
  /** Calls under way at once. */
  readonly concurrency: number;
  readonly minValidityMs: number;
  /** Only each so manyth token is used for a data call, which costs more than a token that is at hand; each one unless set. */
  readonly dataEach?: number;
}

export interface WorkReport {
  readonly calls: number;
  /** Data calls by the status of their answer; `too slow` where a token ended on a way that took longer than it was good for. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Tokens that could not be had, by the code of the error. */
  readonly failures: Readonly<Record<string, number>>;
}

/** What can be asked of a process, and what it answers. */
export interface Orders {
  join(seat: string, setting: Setting): void;
  leave(seat: string): void;
  get(seat: string, userId: string, options?: { readonly minValidityMs?: number; readonly force?: boolean }): string;
  /** The token at hand, without a look elsewhere. */
  peek(seat: string, userId: string): string | null;
  /** finAPI has refused the token. */
  reject(seat: string, userId: string, token: string): void;
  logout(seat: string, userId: string): void;
  /** What its application takes for the password from now on. */
  learn(seat: string, password: string): void;
  /** Has the whole process stopped (SIGSTOP) when it next comes to this step. */
  stopAt(seat: string, step: Step): void;
  /** Lets it go on from there. */
  resume(): void;
  work(seat: string, work: Work): WorkReport;
}

export interface Order {
  readonly id: number;
  readonly call: keyof Orders;
  readonly args: readonly unknown[];
}

/** An answer, or what a process says of itself: that it is there, or waits at a step to be stopped. */
export type Report =
  | { readonly id: number; readonly value?: unknown; readonly error?: { readonly code: string; readonly message: string } }
  | { readonly ready: true }
  | { readonly stopsAt: Step };
