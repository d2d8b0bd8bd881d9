// Eight processes on one store: one of them asks for all, also when it dies in the middle.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Crew, startCrew } from '../src/processes/crew.ts';

const hour = 3_600_000;
/** More than the time to live of a lease: the request's time-out, two calls of the store, and a second. */
const leaseMs = 62_000;

// To start processes takes longer than the tests, which go on with those that the tests before have left alive.
let crew: Crew;
let before = 0;
beforeAll(async () => {
  crew = await startCrew(8);
}, 120_000);
beforeEach(() => {
  before = crew.requests().length;
});
afterAll(() => crew?.[Symbol.asyncDispose]());

const requests = () => crew.requests().slice(before);
const grants = () => requests().map(({ grant }) => grant);
const statuses = () => requests().map(({ status }) => status);
const refreshTokens = (): string[] => requests().flatMap(({ request }) => new URLSearchParams(request.body).get('refresh_token') ?? []);

const allGet = (userId: string): Promise<string> => same(crew.members.map((member) => member.get(userId)));

async function same(tokens: Promise<string>[]): Promise<string> {
  const [token = '', ...others] = new Set(await Promise.all(tokens));
  expect(others).toEqual([]);
  expect(crew.sandbox.tokens.isValid(token)).toBe(true);
  return token;
}

/** All ask, and the one whose request is under way is killed. Once its lease has ended, the others get the same token. */
async function allGetAndOneDies(userId: string, fault: { readonly afterHandling?: boolean } = {}): Promise<void> {
  crew.sandbox.faults.add({ operationId: 'getToken', latencyMs: 10 * hour, ...fault });
  const tokens = new Map(crew.members.map((member) => [member.name, member.get(userId)]));
  for (const token of tokens.values()) token.catch(() => {});
  await crew.arrival(before + 1);
  const holder = requests()[0]?.request.headers['x-member'] ?? '';
  await crew.kill(holder);
  await expect(tokens.get(holder)).rejects.toThrow(/has ended/);
  tokens.delete(holder);
  await crew.clock.advance(leaseMs);
  await same([...tokens.values()]);
}

describe('27: processes on one store', { timeout: 120_000 }, () => {
  it('27: eight ask once when all are cold, and once each time the token has ended or is refused to all', async () => {
    await allGet('alice');
    expect(grants()).toEqual(['password']);
    for (let round = 0; round < 3; round++) {
      await crew.pass(hour + 1000);
      await allGet('alice');
    }
    const token = await allGet('alice');
    crew.sandbox.tokens.void(token);
    await Promise.all(crew.members.map((member) => member.reject('alice', token)));
    expect(await allGet('alice')).not.toBe(token);
    expect(grants()).toEqual(['password', ...Array(4).fill('refresh_token')]);
    expect(new Set(refreshTokens()).size).toBe(4);
    expect(statuses()).toEqual(Array(5).fill(200));
  });

  it('27: they lose nothing when one is killed before its refresh token was redeemed', async () => {
    await crew.pass(hour + 1000);
    await allGetAndOneDies('alice');
    expect(grants()).toEqual(['refresh_token', 'refresh_token']);
    expect(new Set(refreshTokens()).size).toBe(1);
    expect(statuses()).toEqual([undefined, 200]);
  });

  it('27: they log in once when one is killed after its refresh token was redeemed, and the new one is lost with it', async () => {
    await crew.pass(hour + 1000);
    await allGetAndOneDies('alice', { afterHandling: true });
    expect(grants()).toEqual(['refresh_token', 'refresh_token', 'password']);
    expect(statuses()).toEqual([undefined, 400, 200]);
  });

  it('27: one takes over, once the lease has ended, from one that is killed while it logs in', async () => {
    await allGetAndOneDies('bob');
    expect(grants()).toEqual(['password', 'password']);
  });
});
