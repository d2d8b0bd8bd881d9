// Eight processes, many users, tokens that live for seconds: nothing is asked for twice and nothing is used beyond its end.
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFinapi } from '../src/crew/finapi.ts';
import type { Setting, Work, WorkReport } from '../src/crew/orders.ts';
import { type Member, startMember } from '../src/crew/process.ts';
import { isFull } from '../src/full.ts';
import { databaseUrl, needs, redisUrl } from '../src/servers/available.ts';
import { newFolder, newRedisPlace, newTable, type StorePlace } from '../src/stores.ts';

const minute = 60_000;
/** How far the wall clocks of the eight are off. */
const clockOffsets = [0, 5 * minute, -5 * minute, 0, 0, 0, 0, 0];
/** Longer than a busy machine takes for a call. */
const patient = { timeoutMs: 10_000, storeTimeoutMs: 5000, renewalTimeoutMs: 40_000 };

/** How short tokens live, and how long before their end they are renewed and still given out. */
interface Lives {
  readonly lifeS: number;
  readonly windowMs: number;
  readonly minValidityMs: number;
}
/** Two cores manage to renew a thousand users that often. */
const short: Lives = { lifeS: 8, windowMs: 2000, minValidityMs: 1000 };
const shorter: Lives = { lifeS: 3, windowMs: 1000, minValidityMs: 700 };

// To start processes takes longer than most of the tests: all use the same.
let members: readonly Member[] = [];
beforeAll(async () => {
  members = await Promise.all(clockOffsets.map((_, at) => startMember(`member ${at}`)));
}, 120_000);
afterAll(async () => {
  await Promise.all(members.map((member) => member.kill()));
});

/** All take part in sharing tokens at this place, under a name of its own. */
async function joined(setting: Omit<Setting, 'client' | 'clockOffsetMs' | 'times' | 'password'> & Partial<Setting>) {
  const seat = randomUUID();
  const client = { clientId: 'household', clientSecret: 'a secret of the household' };
  await Promise.all(
    members.map((member, at) =>
      member.join(seat, { client, password: 'a password', times: patient, clockOffsetMs: clockOffsets[at] ?? 0, ...setting }),
    ),
  );
  return { seat, [Symbol.asyncDispose]: async () => void (await Promise.all(members.map((member) => member.leave(seat)))) };
}

async function works(place: StorePlace, users: number, lives: Lives, work: Pick<Work, 'ms' | 'concurrency' | 'dataEach'>): Promise<void> {
  const { lifeS, windowMs, minValidityMs } = lives;
  await using finapi = await startFinapi({ userTokenLifeS: lifeS });
  const userIds = Array.from({ length: users }, (_, at) => `user-${at}`);
  for (const id of userIds) finapi.addUser(id);
  await using crew = await joined({ place, baseUrl: finapi.url, times: { ...patient, renewBeforeMs: windowMs } });
  const began = performance.now();
  const reports = await Promise.all(members.map((member) => member.work(crew.seat, { ...work, userIds, minValidityMs })));
  const elapsedMs = performance.now() - began;

  const requests = finapi.requests();
  const refreshes = requests.flatMap(({ refreshToken }) => refreshToken ?? []);
  const logins = requests.filter(({ grant }) => grant === 'password').map(({ userId }) => userId);
  expect(duplicates(refreshes)).toEqual([]);
  expect(duplicates(logins)).toEqual([]);
  expect(requests.filter(({ status }) => status !== 200)).toEqual([]);
  expect(requests.filter(({ beside }) => beside > 0)).toEqual([]);
  // Where the machine stands still for seconds, a token can have lived by when it is there, and is not given out.
  const { SHORT_LIVED: lateTokens = 0, ...failures } = sum(reports, 'failures');
  const { 'too slow': lateCalls = 0, ...statuses } = sum(reports, 'statuses');
  expect(failures).toEqual({});
  expect(Object.keys(statuses)).toEqual(['200']);
  expect(lateTokens + lateCalls).toBeLessThan((statuses['200'] ?? 0) / 100);
  expect(finapi.sandbox.users.list().filter(({ locked }) => locked)).toEqual([]);
  // A token is renewed windowMs before its end, or a little later. The server names its life in whole seconds, cut off, so that
  // an answer which took a moment says a second less. One at first, and one each time that this has passed:
  const bound = users * (1 + elapsedMs / ((lifeS - 1) * 1000 - windowMs));
  expect(requests.length).toBeLessThanOrEqual(bound);
  // Renewed they were; how often, the machine decides.
  expect(refreshes.length).toBeGreaterThan(0);
  console.log(
    `${place.kind}: ${members.length} processes, ${users} users, ${Math.round(elapsedMs)} ms: ${reports.reduce((total, { calls }) => total + calls, 0)} tokens, ${statuses['200']} data calls, ${requests.length} token requests of at most ${Math.floor(bound)}`,
  );
}

function duplicates(all: readonly string[]): string[] {
  const seen = new Set<string>();
  return all.filter((it) => seen.has(it) || void seen.add(it));
}

function sum(reports: readonly WorkReport[], what: 'statuses' | 'failures'): Record<string, number> {
  const total: Record<string, number> = {};
  for (const report of reports) for (const [key, times] of Object.entries(report[what])) total[key] = (total[key] ?? 0) + times;
  return total;
}

/** Until it holds; fails where it does not within its time. */
async function eventually(holds: () => Promise<boolean>, deadlineMs = 20_000): Promise<void> {
  const until = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`it does not hold within ${deadlineMs} ms`);
    await pause(5);
  }
}

async function refusesOnce(place: StorePlace): Promise<void> {
  await using finapi = await startFinapi();
  finapi.addUser('alice');
  await using crew = await joined({ place, baseUrl: finapi.url, password: 'not her password' });
  for (let round = 0; round < 2; round++) {
    const outcomes = await Promise.allSettled(members.map((member) => member.get(crew.seat, 'alice')));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'INVALID_CREDENTIALS' } });
  }
  expect(finapi.requests('alice').map(({ password, status }) => ({ password, status }))).toEqual([
    { password: 'not her password', status: 400 },
  ]);
  expect(finapi.sandbox.users.get('alice')).toMatchObject({ locked: false, failedLogins: 1 });
}

async function tellsOfLogout(place: StorePlace): Promise<void> {
  await using finapi = await startFinapi();
  finapi.addUser('alice');
  await using crew = await joined({ place, baseUrl: finapi.url, notifications: true });
  const [first, ...others] = members;
  if (first === undefined) throw new Error('there are no members');
  const tokens = await Promise.all(members.map((member) => member.get(crew.seat, 'alice')));
  expect(new Set(tokens).size).toBe(1);
  await first.logout(crew.seat, 'alice');
  // Nobody asks for the token: they have been told that there is none.
  await eventually(async () => (await Promise.all(others.map((it) => it.peek(crew.seat, 'alice')))).every((token) => token === null));
  expect(finapi.sandbox.tokens.isValid(tokens[0] ?? '')).toBe(false);
  const again = await Promise.all(others.map((member) => member.get(crew.seat, 'alice')));
  expect(new Set(again).size).toBe(1);
  expect(finapi.requests('alice').map(({ grant }) => grant)).toEqual(['password', 'password']);
}

// The most work last: a process is slow at first.
describe('Eight processes over a folder', { timeout: 120_000 }, () => {
  it('renew the tokens of a hundred users without asking twice or using one beyond its end', async () => {
    await using place = await newFolder();
    await works({ kind: 'file', folder: place.folder }, 100, shorter, { ms: 4000, concurrency: 2 });
  });
  it('send a wrong password once together', async () => {
    await using place = await newFolder();
    await refusesOnce({ kind: 'file', folder: place.folder });
  });
});

needs('postgres')('Eight processes over PostgreSQL', { timeout: 120_000 }, () => {
  it('renew the tokens of a hundred users without asking twice or using one beyond its end', () =>
    works(newTable(databaseUrl()), 100, shorter, { ms: 4000, concurrency: 2 }));
  it('send a wrong password once together', () => refusesOnce(newTable(databaseUrl())));
  it('hear of a logout at once', () => tellsOfLogout(newTable(databaseUrl())));
  it.runIf(isFull)('do the same for a minute with a thousand users', { timeout: 300_000 }, () =>
    works(newTable(databaseUrl()), 1000, short, { ms: minute, concurrency: 4, dataEach: 4 }),
  );
});

needs('redis')('Eight processes over Redis', { timeout: 120_000 }, () => {
  it('renew the tokens of a thousand users without asking twice or using one beyond its end', () =>
    works(newRedisPlace(redisUrl()), 1000, short, { ms: 10_000, concurrency: 4, dataEach: 4 }));
  it('send a wrong password once together', () => refusesOnce(newRedisPlace(redisUrl())));
  it('hear of a logout at once', () => tellsOfLogout(newRedisPlace(redisUrl())));
  it.runIf(isFull)('do the same for a minute', { timeout: 300_000 }, () =>
    works(newRedisPlace(redisUrl()), 1000, short, { ms: minute, concurrency: 4, dataEach: 4 }),
  );
});
