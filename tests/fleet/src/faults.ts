// What can go wrong in the middle of a renewal, as data, and what then becomes of the session; run with processes over real stores.
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { type Finapi, startFinapi, type TokenRequest } from './crew/finapi.ts';
import type { Setting, Step } from './crew/orders.ts';
import { type Member, Refusal, startMember } from './crew/process.ts';
import { type PostgresServer, startPostgres } from './servers/postgres.ts';
import { startProxy } from './servers/proxy.ts';
import { type RedisServer, startRedis } from './servers/redis.ts';
import { newFolder, newRedisPlace, newTable, type StorePlace } from './stores.ts';

export type StoreName = 'Redis' | 'PostgreSQL' | 'a folder';

/** Where the renewal of the process that has the lease has come to when the fault happens. */
export type FaultStep = Step | 'with the request under way' | 'with the answer under way';

export type FaultKind =
  /** `kill -9` of the process that renews. */
  | 'killed'
  /** SIGSTOP until the others have gone on without it, then SIGCONT. */
  | 'stopped'
  /** The store's server is killed and started again, and keeps what it had. */
  | 'restarted'
  /** The same, and it keeps nothing. */
  | 'restarted empty'
  | 'emptied'
  /** Nobody reaches the store: connections break and are refused. */
  | 'cut off'
  /** Nobody reaches the store: connections stay, nothing comes through. */
  | 'stalled';

/** Clocks that are off are no moment of a renewal, but hold for all of one. */
export type Fault = { readonly kind: FaultKind; readonly step: FaultStep } | { readonly kind: 'clock off'; readonly offsetMs: number };

export interface Scenario {
  /** In words. */
  readonly fault: string;
  readonly store: StoreName;
  readonly what: Fault;
  /** Whether a login may be needed, where everything else would be against the nature of things: see `mayNeedLogin`. */
  readonly mayNeedLogin: boolean;
  /** Only in the long run of all tests. */
  readonly full: boolean;
}

export interface Outcome {
  readonly fault: string;
  readonly store: StoreName;
  /** In words; `nothing` where the session went on as if nothing had been. */
  readonly lost: string;
  /** Milliseconds until all other processes had a token again, since the fault; since its end where all had to wait for that. */
  readonly servedAgainMs: number;
  /** What should have held and did not. */
  readonly broken: readonly string[];
}

const stores: readonly StoreName[] = ['Redis', 'PostgreSQL', 'a folder'];
const servers: readonly StoreName[] = ['Redis', 'PostgreSQL'];

/** Every step of a renewal, in its order. */
const renewalSteps: readonly FaultStep[] = [
  'before the first read',
  'after the first read',
  'before the lease',
  'after the lease',
  'before the second read',
  'after the second read',
  'before the request',
  'with the request under way',
  'with the answer under way',
  'after the answer',
  'before the write',
  'after the write',
  'before the release',
  'after the release',
];
/** Those that differ most. */
const tellingSteps: readonly FaultStep[] = ['after the lease', 'with the answer under way', 'before the write', 'before the release'];
/** From when finAPI redeems the refresh token until the store has the next one, it is in one process alone. */
const unsaved: readonly FaultStep[] = ['with the answer under way', 'after the answer', 'before the write'];
const underLease: readonly FaultStep[] = renewalSteps.slice(3, 11);

/**
 * A rotating refresh token that dies with the process which got it is nowhere else: the others log in. So they do where the store has
 * lost or never got it, and where an emptied store knows of no lease any more, so that two can redeem one token.
 */
function mayNeedLogin(kind: FaultKind, step: FaultStep): boolean {
  if (kind === 'killed' || kind === 'stopped') return unsaved.includes(step);
  if (kind === 'emptied' || kind === 'restarted empty') return true;
  return unsaved.includes(step) || underLease.includes(step);
}

const words: Readonly<Record<FaultKind, string>> = {
  killed: 'the process is killed (kill -9)',
  stopped: 'the process stands still (SIGSTOP) and goes on later',
  restarted: 'the store crashes and comes back',
  'restarted empty': 'the store crashes and comes back empty',
  emptied: 'the store is emptied',
  'cut off': 'the store cannot be reached for a while',
  stalled: 'the store does not answer for a while',
};

function at(store: StoreName, kind: FaultKind, step: FaultStep, full: boolean): Scenario {
  return { fault: `${words[kind]}, ${step}`, store, what: { kind, step }, mayNeedLogin: mayNeedLogin(kind, step), full };
}

/** Nothing happens between two of these names and those that follow them: they are told apart in the long run alone. */
const sameMoment: readonly FaultStep[] = [
  'after the first read',
  'before the second read',
  'before the request',
  'after the answer',
  'after the release',
];

/** Over a folder, whose leases are files like its entries, the short run has what differs most. */
function isLong(store: StoreName, step: FaultStep): boolean {
  if (store === 'a folder') return !tellingSteps.includes(step) && step !== 'with the request under way';
  return sameMoment.includes(step);
}

/** Which faults of a store's server the short run has: a start takes a server long. */
const shortRun: Readonly<Partial<Record<FaultKind, readonly FaultStep[]>>> = {
  restarted: ['after the lease', 'before the write'],
  'restarted empty': ['after the lease'],
  emptied: ['after the second read', 'before the write'],
  'cut off': ['after the lease', 'with the answer under way', 'before the write'],
  stalled: ['after the lease', 'with the answer under way', 'before the write'],
};
const atEachStep = (store: StoreName, kind: FaultKind): Scenario[] =>
  renewalSteps.map((step) => at(store, kind, step, shortRun[kind] === undefined ? isLong(store, step) : !shortRun[kind].includes(step)));

const minuteMs = 60_000;

/** What can go wrong, over each store. */
export const scenarios: readonly Scenario[] = [
  ...stores.flatMap((store) => (['killed', 'stopped', 'emptied'] as const).flatMap((kind) => atEachStep(store, kind))),
  ...servers.flatMap((store) => (['restarted', 'cut off', 'stalled'] as const).flatMap((kind) => atEachStep(store, kind))),
  ...atEachStep('Redis', 'restarted empty'),
  ...stores.flatMap((store) =>
    [5 * minuteMs, -5 * minuteMs].map((offsetMs) => ({
      fault: `the clock of the process is five minutes ${offsetMs > 0 ? 'ahead' : 'behind'}`,
      store,
      what: { kind: 'clock off' as const, offsetMs },
      mayNeedLogin: false,
      full: false,
    })),
  ),
];

/** Short, so that a lease ends soon: after `timeoutMs`, two store calls and a second. */
const times = { timeoutMs: 1000, storeTimeoutMs: 500, renewalTimeoutMs: 20_000, baseDelayMs: 50, maxDelayMs: 200 };
/** Everything has to happen within this, on a machine however busy. */
const deadlineMs = 45_000;

/** What scenarios share, so that each takes little: servers, finAPI, and processes that wait for the next. */
export interface FaultRig extends AsyncDisposable {
  readonly finapi: Finapi;
  /** Processes that are not touched by the faults of others. */
  witnesses(): Promise<readonly Member[]>;
  /** One for a fault. */
  hire(): Promise<Member>;
  giveBack(member: Member): void;
  /** Where entries can be kept that no fault of the store is for. */
  place(store: StoreName): Promise<StorePlace>;
}

export async function openFaultRig(): Promise<FaultRig> {
  const stack = new AsyncDisposableStack();
  const finapi = stack.use(await startFinapi());
  let started = 0;
  const start = async (): Promise<Member> => {
    started += 1;
    return stack.use(await startMember(`member ${started}`));
  };
  const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
    let made: Promise<T> | undefined;
    return () => {
      made ??= make();
      return made;
    };
  };
  const witnesses = once(() => Promise.all([start(), start()]));
  const places: Readonly<Record<StoreName, () => Promise<StorePlace>>> = {
    Redis: once(async () => newRedisPlace(stack.use(await startRedis()).url)),
    PostgreSQL: once(async () => newTable(stack.use(await startPostgres()).url)),
    'a folder': once(async () => plain(stack.use(await newFolder()))),
  };
  const idle: Member[] = [];
  return {
    finapi,
    witnesses,
    hire: async () => idle.pop() ?? (await start()),
    giveBack: (member) => void idle.push(member),
    place: (store) => places[store](),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A place without what removes it: it is told to other processes. */
const plain = ({ kind, folder }: Extract<StorePlace, { kind: 'file' }>): StorePlace => ({ kind, folder });

/** Where a scenario keeps its entries, and how the fault of its store begins and ends. */
interface Stage extends AsyncDisposable {
  readonly place: StorePlace;
  strike(): Promise<void>;
  /** Absent where the fault has no end. */
  mend?(): Promise<void>;
}

async function stageOf({ store, what }: Scenario, rig: FaultRig): Promise<Stage> {
  const { kind } = what;
  await using made = new AsyncDisposableStack();
  const stage = async (place: StorePlace, strike: () => Promise<void>, mend?: () => Promise<void>): Promise<Stage> => {
    const kept = made.move();
    return { place, strike, ...(mend && { mend }), [Symbol.asyncDispose]: () => kept.disposeAsync() };
  };
  if (kind === 'killed' || kind === 'stopped' || kind === 'clock off') return stage(await rig.place(store), async () => {});
  if (store === 'a folder') {
    const place = made.use(await newFolder());
    return stage(plain(place), () => rm(place.folder, { recursive: true, force: true }));
  }
  if (kind === 'cut off' || kind === 'stalled') {
    const place = await rig.place(store);
    if (place.kind === 'file') throw new Error('a folder has no network');
    const url = new URL(place.url);
    const proxy = made.use(await startProxy({ host: url.hostname, port: Number(url.port) }));
    url.port = `${proxy.port}`;
    const strike = kind === 'cut off' ? () => proxy.cut() : async () => proxy.stall();
    return stage({ ...place, url: url.href }, strike, () => proxy.mend());
  }
  const server: RedisServer | PostgresServer = made.use(
    await (store === 'Redis' ? startRedis({ durable: kind === 'restarted' }) : startPostgres()),
  );
  const place = store === 'Redis' ? newRedisPlace(server.url) : newTable(server.url);
  if (kind !== 'emptied')
    return stage(
      place,
      () => server.kill(),
      () => server.start(),
    );
  return stage(place, () => ('flush' in server ? server.flush() : server.truncate(place.kind === 'postgres' ? place.table : '')));
}

let users = 0;

/** Runs one; with servers and processes of its own, unless it is given those of others. */
export async function runScenario(scenario: Scenario, given?: FaultRig): Promise<Outcome> {
  if (given !== undefined) return run(scenario, given);
  await using rig = await openFaultRig();
  return await run(scenario, rig);
}

async function run(scenario: Scenario, rig: FaultRig): Promise<Outcome> {
  const { fault, store, what, mayNeedLogin } = scenario;
  const { finapi } = rig;
  const { sandbox } = finapi;
  const [stage, witnesses, holder] = await Promise.all([stageOf(scenario, rig), rig.witnesses(), rig.hire()]);
  await using _ = stage;
  users += 1;
  const userId = `user ${users}`;
  const seat = randomUUID();
  finapi.addUser(userId);
  const clockOffsetMs = what.kind === 'clock off' ? what.offsetMs : 0;
  const setting: Setting = { place: stage.place, baseUrl: finapi.url, client: finapi.client, password: finapi.password, times };
  await Promise.all([holder.join(seat, { ...setting, clockOffsetMs }), ...witnesses.map((member) => member.join(seat, setting))]);
  const broken: string[] = [];
  let isAlive = true;
  /** Answers that the witnesses did not get in time, as on a machine that is very busy: each may cost a login of its own. */
  let missed = 0;
  const others = (): Promise<string[]> =>
    Promise.all(
      witnesses.map((member) =>
        served(member, seat, userId, (code) => {
          if (code === 'TIMEOUT' || code === 'NETWORK') missed += 1;
        }),
      ),
    );

  /** All have had the same token, finAPI has ended it, and all have been told so by a data call. */
  const first = await served(holder, seat, userId);
  if ((await others()).some((token) => token !== first)) broken.push('they did not begin with the same token');
  const before = finapi.requests(userId).length;
  missed = 0;
  sandbox.tokens.void(first);
  await Promise.all([holder, ...witnesses].map((member) => member.reject(seat, userId, first)));

  let servedAgainMs: number;
  if (what.kind === 'clock off') {
    const began = performance.now();
    await Promise.all([served(holder, seat, userId), others()]);
    servedAgainMs = performance.now() - began;
  } else {
    const { own, release } = await bringTo(what.step, holder, seat, userId, finapi);
    let began = performance.now();
    if (what.kind === 'killed') {
      isAlive = false;
      await holder.kill();
      await others();
    } else if (what.kind === 'stopped') {
      await others();
    } else {
      await stage.strike();
      holder.goOn();
      release();
      if (stage.mend !== undefined) {
        // They meet the fault, each in its own way, before it ends.
        await Promise.allSettled([own, ...witnesses.map((member) => member.get(seat, userId))].map(settledSoon));
        began = performance.now();
        await stage.mend();
      }
      await others();
    }
    servedAgainMs = performance.now() - began;
    holder.goOn();
    release();
    await own.catch((cause: unknown) => {
      if (isAlive && !(cause instanceof Refusal && passing.has(cause.code))) broken.push(`the renewal of the holder failed: ${cause}`);
    });
  }

  const living = isAlive ? [holder, ...witnesses] : witnesses;
  const tokens = new Set(await Promise.all(living.map((member) => served(member, seat, userId))));
  if (tokens.size > 1) broken.push(`they have ${tokens.size} different tokens in the end`);
  for (const token of tokens) if (!sandbox.tokens.isValid(token)) broken.push('a token that they have in the end is not valid');
  if (sandbox.users.get(userId).locked) broken.push('the user was locked');
  const requests = finapi.requests(userId).slice(before);
  const logins = requests.filter(({ grant }) => grant === 'password').length;
  const mayLogIn = (mayNeedLogin ? 1 : 0) + missed;
  if (logins > mayLogIn) broken.push(`${logins} logins beside the first`);
  broken.push(...faultsOf(requests, what, holder.name, mayLogIn));
  if (broken.length > 0)
    broken.push(requests.map((it) => `${it.from} ${it.grant} ${it.refreshToken?.slice(-4)} ${it.status} ${it.beside}`).join('; '));
  await Promise.all(living.map((member) => member.leave(seat)));
  if (isAlive) rig.giveBack(holder);
  const lost = logins === 0 ? 'nothing' : logins === 1 ? 'the refresh token: one login' : `the refresh token: ${logins} logins`;
  return { fault, store, lost, servedAgainMs: Math.round(servedAgainMs), broken };
}

/** Has a process renew a token and stop at a step. Its renewal is still to be waited for; `release` lets finAPI go on with it. */
async function bringTo(
  step: FaultStep,
  holder: Member,
  seat: string,
  userId: string,
  finapi: Finapi,
): Promise<{ readonly own: Promise<string>; release(): void }> {
  if (step === 'with the request under way' || step === 'with the answer under way') {
    const hold = finapi.hold(userId, step === 'with the request under way' ? 'before' : 'after');
    const own = holder.get(seat, userId);
    own.catch(() => {});
    await hold.reached;
    holder.stop();
    return { own, release: hold.release };
  }
  await holder.stopAt(seat, step);
  const stopped = holder.stopped();
  const own = holder.get(seat, userId);
  own.catch(() => {});
  await stopped;
  return { own, release: () => {} };
}

/** What a call may fail with while something is out of order; trying again helps. */
const passing = new Set(['STORE', 'NETWORK', 'TIMEOUT', 'LEASE_TIMEOUT', 'UNAVAILABLE']);

/** A token, as an application gets it that tries again where that can help. */
async function served(member: Member, seat: string, userId: string, failed: (code: string) => void = () => {}): Promise<string> {
  const until = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await member.get(seat, userId);
    } catch (cause) {
      if (!(cause instanceof Refusal && passing.has(cause.code)) || performance.now() > until) throw cause;
      failed(cause.code);
      await pause(20);
    }
  }
}

/** A call that waits for another process goes on waiting: it has met the fault by then. */
const settledSoon = (call: Promise<unknown>): Promise<unknown> => Promise.race([call, pause(2 * times.storeTimeoutMs)]);

/** What no process may do, whatever happens. */
function faultsOf(requests: readonly TokenRequest[], what: Fault, holder: string, mayLogIn: number): string[] {
  const broken: string[] = [];
  const leaseLost = what.kind === 'emptied' || what.kind === 'restarted empty';
  const requestOut = what.kind === 'stopped' && what.step.endsWith('under way');
  // One whose process stands still waits for its answer while others go on.
  const atOnce = Math.max(0, ...requests.map(({ beside }) => beside));
  if (atOnce > 0 && !leaseLost && !requestOut) broken.push(`${atOnce + 1} token requests at once`);
  const late = requests.filter(({ late }) => late);
  // Between the last look at the lease and the request there is nothing: who stands still just there sends it, is refused, and adopts.
  const sendsBlindly = what.kind === 'stopped' && what.step === 'before the request';
  // Who cannot know that it was redeemed tries it once, and then logs in.
  const mayBeLate = Math.max(mayLogIn, sendsBlindly ? 1 : 0);
  if (late.length > mayBeLate) broken.push(`a refresh token that had been redeemed was sent ${late.length} times`);
  if (late.some(({ from }) => from === holder) && !leaseLost && !sendsBlindly)
    broken.push('the late one sent a refresh token that had been redeemed');
  const redeemed = requests.filter(({ status, refreshToken }) => status === 200 && refreshToken !== undefined);
  if (new Set(redeemed.map(({ refreshToken }) => refreshToken)).size < redeemed.length) broken.push('a refresh token was redeemed twice');
  return broken;
}
