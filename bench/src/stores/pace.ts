// How fast a store is beside its peer: one call at a time, and many at once.
import { interleave, median, quantile } from '../statistics.ts';
import type { Contender, Peer } from './contenders.ts';
import type { Entry } from './entries.ts';
import type { Figures } from './rows.ts';

/** Callers at once, each with an entry of its own. */
const atOnce = 64;
/** Milliseconds that one call at a time is measured for, ours and the peer's together; and a round of many at once. */
const latencyMs = 450;
const rateMs = 100;
const rounds = 3;
/** Calls of one before it is the other's turn. */
const slice = 20;
const leaseMs = 10_000;

/** Makes a call for the caller of that number. */
type Call = (caller: number) => Promise<unknown>;

export async function pace({ store, peer }: Contender, entryOf: (user: number) => Entry): Promise<Figures> {
  const entries = Array.from({ length: atOnce }, (_, user) => entryOf(user));
  const entry = (caller: number): Entry => entries[caller] as Entry;
  const bare = (caller: number): string => `bare-${caller}`;
  const versions: string[] = [];
  for (const [caller, { key, value }] of entries.entries()) {
    versions.push(had(await store.set(key, value)));
    // What the peer changes or reads has to be there; in PostgreSQL, only the store adds rows.
    await store.set(bare(caller), value);
    await peer?.set(bare(caller), value);
  }

  const get: Call = (caller) => store.get(entry(caller).key);
  const set: Call = async (caller) => {
    const { key, value } = entry(caller);
    versions[caller] = had(await store.set(key, value, { ifVersion: versions[caller] }));
  };
  const lease: Call = async (caller) => {
    await had(await store.lease?.(entry(caller).key, { ttlMs: leaseMs })).release();
  };
  const peerGet = ofPeer(peer, (it, caller) => it.get(bare(caller)));
  const peerSet = ofPeer(peer, (it, caller) => it.set(bare(caller), entry(caller).value));

  const gets = await latency(get, peerGet);
  const sets = await latency(set, peerSet);
  const leases = await latency(lease);
  const getRate = await rates(get, peerGet);
  const setRate = await rates(set, peerSet);
  return {
    get: gets.ours.median,
    'get-p99': gets.ours.p99,
    ...(gets.peer && { 'get-ratio': gets.ours.median / gets.peer.median }),
    set: sets.ours.median,
    'set-p99': sets.ours.p99,
    ...(sets.peer && { 'set-ratio': sets.ours.median / sets.peer.median }),
    lease: leases.ours.median,
    'lease-p99': leases.ours.p99,
    'get-rate': getRate.ours,
    ...(getRate.peer && { 'get-rate-ratio': getRate.peer / getRate.ours }),
    'set-rate': setRate.ours,
    ...(setRate.peer && { 'set-rate-ratio': setRate.peer / setRate.ours }),
  };
}

function had<T>(given: T | undefined): T {
  if (given === undefined) throw new Error('the store has refused a write or a lease that nobody contends');
  return given;
}

const ofPeer = (peer: Peer | undefined, call: (peer: Peer, caller: number) => Promise<unknown>): Call | undefined =>
  peer && ((caller) => call(peer, caller));

interface Latency {
  readonly median: number;
  readonly p99: number;
}

/** Microseconds of a call, one at a time. Slices of both take turns, so that the machine's moods meet both. */
async function latency(ours: Call, peer?: Call): Promise<{ ours: Latency; peer?: Latency }> {
  const readings = { ours: [] as number[], peer: [] as number[] };
  let calls = 0;
  const turn = async (call: Call, into: number[]): Promise<void> => {
    for (let i = 0; i < slice; i++) {
      const caller = calls++ % atOnce;
      const start = performance.now();
      await call(caller);
      into.push((performance.now() - start) * 1000);
    }
  };
  const until = async (end: number): Promise<void> => {
    while (performance.now() < end) {
      await turn(ours, readings.ours);
      if (peer) await turn(peer, readings.peer);
    }
  };
  await until(performance.now() + latencyMs / 4);
  readings.ours = [];
  readings.peer = [];
  await until(performance.now() + latencyMs);
  const summary = (values: readonly number[]): Latency => ({ median: median(values), p99: quantile(values, 0.99) });
  return { ours: summary(readings.ours), ...(peer && { peer: summary(readings.peer) }) };
}

/** Calls a second while many call at once. */
async function rates(ours: Call, peer?: Call): Promise<{ ours: number; peer?: number }> {
  const rate = (call: Call) => async (): Promise<number> => {
    let calls = 0;
    const start = performance.now();
    const end = start + rateMs;
    const caller = async (number: number): Promise<void> => {
      while (performance.now() < end) {
        await call(number);
        calls += 1;
      }
    };
    await Promise.all(Array.from({ length: atOnce }, (_, number) => caller(number)));
    return Math.round((calls * 1000) / (performance.now() - start));
  };
  return interleave<string>(rounds, { ours: rate(ours), ...(peer && { peer: rate(peer) }) }) as Promise<{ ours: number; peer?: number }>;
}
