// Run as a process of its own: one of those that share users' tokens. Does what its parent says, and ends with it.
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { type Auth, AuthError, accessV1, createAuth } from '@finapi-ts/auth-helpers';
import { type OpenStore, openStore } from '../stores.ts';
import type { Order, Orders, Report, Setting, Step, Work, WorkReport } from './orders.ts';
import { steppingFetch, steppingStore } from './steps.ts';

interface Seat {
  readonly auth: Auth;
  readonly baseUrl: string;
  readonly close: () => Promise<void>;
  password: string;
  stopAt: Step | undefined;
}

const name = process.argv[2] ?? '';
const seats = new Map<string, Seat>();
/** What lets the calls go on that wait at a step. */
let stopped: (() => void)[] = [];
/** Seats at the same place share a client, as parts of an application do. */
const opened = new Map<string, { readonly opening: Promise<OpenStore>; users: number }>();

const tell = (report: Report): Promise<void> => new Promise((resolve) => process.send?.(report, undefined, undefined, () => resolve()));

async function share({ place, notifications = false }: Setting): Promise<OpenStore> {
  const id = JSON.stringify({ place, notifications });
  const entry = opened.get(id) ?? { opening: openStore(place, { notifications }), users: 0 };
  opened.set(id, entry);
  entry.users += 1;
  const { store } = await entry.opening;
  return {
    store,
    async [Symbol.asyncDispose]() {
      entry.users -= 1;
      if (entry.users > 0) return;
      opened.delete(id);
      await (await entry.opening)[Symbol.asyncDispose]();
    },
  };
}

async function join(id: string, setting: Setting): Promise<void> {
  const { baseUrl, client, times, clockOffsetMs = 0 } = setting;
  const shared = await share(setting);
  const reach = async (step: Step): Promise<void> => {
    if (seat.stopAt !== step) return;
    seat.stopAt = undefined;
    const resumed = new Promise<void>((resolve) => stopped.push(resolve));
    await tell({ stopsAt: step });
    // The parent sends SIGSTOP: so it comes before the SIGCONT that ends it.
    await resumed;
  };
  const auth = createAuth({
    baseUrl,
    preset: accessV1,
    ...client,
    ...times,
    store: steppingStore(shared.store, reach),
    headers: { 'x-member': name },
    fetch: (url, init) => steppingFetch(url, init, reach),
    clock: {
      now: () => Date.now() + clockOffsetMs,
      monotonic: () => performance.now(),
      setTimeout: (run, ms) => setTimeout(run, ms),
      clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
    },
    users: { credentials: () => ({ password: seat.password }) },
  });
  const close = async (): Promise<void> => {
    await auth[Symbol.asyncDispose]();
    await shared[Symbol.asyncDispose]();
  };
  const seat: Seat = { auth, baseUrl, close, password: setting.password, stopAt: undefined };
  seats.set(id, seat);
}

function seatOf(id: string): Seat {
  const seat = seats.get(id);
  if (seat === undefined) throw new Error(`${name} has no seat ${id}`);
  return seat;
}

async function work(
  { auth, baseUrl }: Seat,
  { userIds, ms = Number.POSITIVE_INFINITY, rounds, concurrency, minValidityMs, dataEach = 1 }: Work,
): Promise<WorkReport> {
  const statuses: Record<string, number> = {};
  const failures: Record<string, number> = {};
  let calls = 0;
  const until = performance.now() + ms;
  let waiting: string[] = [];
  let round = 0;
  const next = (): string | undefined => {
    if (performance.now() >= until) return undefined;
    if (waiting.length === 0) {
      round += 1;
      if (round > (rounds ?? Number.POSITIVE_INFINITY)) return undefined;
      waiting = shuffled(userIds);
    }
    return waiting.pop();
  };
  const goOn = async (): Promise<void> => {
    for (let userId = next(); userId !== undefined; userId = next()) {
      calls += 1;
      try {
        const token = await auth.user(userId).get({ minValidityMs });
        if (calls % dataEach > 0) continue;
        const givenAt = performance.now();
        const response = await fetch(`${baseUrl}/api/v1/users`, { headers: { authorization: `Bearer ${token}` } });
        await response.arrayBuffer();
        // A machine that stands still for longer than the token was good for is not the token's fault.
        const isSlow = response.status === 401 && performance.now() - givenAt > minValidityMs;
        count(statuses, isSlow ? 'too slow' : String(response.status));
      } catch (cause) {
        count(failures, codeOf(cause));
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, goOn));
  // Renewals that nobody waits for belong to the work.
  while (userIds.some((id) => auth.user(id).status().renewing)) await pause(5);
  return { calls, statuses, failures };
}

function shuffled(all: readonly string[]): string[] {
  return all
    .map((it) => ({ it, at: Math.random() }))
    .sort((one, other) => one.at - other.at)
    .map(({ it }) => it);
}

function count(counts: Record<string, number>, key: string): void {
  counts[key] = (counts[key] ?? 0) + 1;
}

/** Not an AuthError: its name says so. */
const codeOf = (cause: unknown): string => (cause instanceof AuthError ? cause.code : `no AuthError: ${cause}`);

type Answers = {
  [Call in keyof Orders]: (...args: Parameters<Orders[Call]>) => ReturnType<Orders[Call]> | Promise<ReturnType<Orders[Call]>>;
};
const answers: Answers = {
  join,
  async leave(id) {
    const seat = seats.get(id);
    seats.delete(id);
    await seat?.close();
  },
  get: (id, userId, options) => seatOf(id).auth.user(userId).get(options),
  peek: (id, userId) => seatOf(id).auth.user(userId).peek() ?? null,
  reject: (id, userId, token) => seatOf(id).auth.user(userId).reject(token),
  logout: (id, userId) => seatOf(id).auth.users.logout(userId),
  learn(id, password) {
    seatOf(id).password = password;
  },
  stopAt(id, step) {
    seatOf(id).stopAt = step;
  },
  resume() {
    for (const goOn of stopped) goOn();
    stopped = [];
  },
  work: (id, what) => work(seatOf(id), what),
};

process.on('message', async ({ id, call, args }: Order) => {
  try {
    const answer = answers[call] as (...args: readonly unknown[]) => unknown;
    await tell({ id, value: await answer(...args) });
  } catch (cause) {
    await tell({ id, error: { code: codeOf(cause), message: String(cause) } });
  }
});
process.on('disconnect', () => process.exit());
await tell({ ready: true });
