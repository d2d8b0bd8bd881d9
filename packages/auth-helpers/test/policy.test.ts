// The policy as numbers: windows, echoes, lives and pauses, each at its boundaries.
import { describe, expect, it } from 'vitest';
import { type Held, hold, longestLifeS, type Policy, pauseAfter, receive, remainingMs, windowOf } from '../src/policy.js';

const policy: Policy = { renewBeforeMs: 60_000, baseDelayMs: 1000, maxDelayMs: 60_000, maxRetryAfterMs: 300_000 };
const at = { now: 1_000_000, monotonic: 5000 };
const forEver = Number.POSITIVE_INFINITY;
const held = (expiresAt: number, expiresAtMonotonic: number, windowMs = 0, accessToken = 'a'): Held => ({
  accessToken,
  expiresAt,
  expiresAtMonotonic,
  windowMs,
});

describe('what remains of a token', () => {
  it('is what the clock says that says less', () => {
    expect(remainingMs(held(1500, 700), 1000, 100)).toBe(500);
    expect(remainingMs(held(1500, 700), 1000, 300)).toBe(400);
  });

  it('is nothing once either says that it has ended', () => {
    expect(remainingMs(held(1000, 9999), 1000, 0)).toBe(0);
    expect(remainingMs(held(9999, 500), 0, 501)).toBe(-1);
  });

  it('is endless for one that never expires', () => {
    expect(remainingMs(held(forEver, forEver), 1e15, 1e15)).toBe(forEver);
  });
});

describe('the window', () => {
  it('is the configured one for long lives, half of the life for short ones', () => {
    expect(windowOf(3_600_000, policy, 0)).toBe(60_000);
    expect(windowOf(120_000, policy, 0)).toBe(60_000);
    expect(windowOf(119_998, policy, 0)).toBe(59_999);
    expect(windowOf(60_000, policy, 0)).toBe(30_000);
    expect(windowOf(forEver, policy, 0)).toBe(60_000);
  });

  it('is up to a fifth shorter', () => {
    expect(windowOf(3_600_000, policy, 1)).toBe(48_000);
    expect(windowOf(3_600_000, policy, 0.5)).toBe(54_000);
    expect(windowOf(60_000, policy, 1)).toBe(24_000);
  });

  it('is a whole number, rounded up', () => {
    expect(windowOf(3, policy, 0)).toBe(2);
    expect(windowOf(3_600_000, { ...policy, renewBeforeMs: 7 }, 0.1)).toBe(7);
  });

  it('is none where none is configured', () => {
    expect(windowOf(3_600_000, { ...policy, renewBeforeMs: 0 }, 0.5)).toBe(0);
  });
});

describe('a token that is held', () => {
  it('ends on both clocks, in whole milliseconds that are never too late', () => {
    expect(hold('a', 1000.9, { now: 10.5, monotonic: 20.2 }, 7)).toEqual(held(1011, 1021, 7));
    expect(hold('a', 1000, { now: 10.999, monotonic: 0.999 }, 0)).toEqual(held(1010, 1000));
  });
});

describe('an answer', () => {
  const answer = (expiresInS: number, accessToken = 'a') => ({ accessToken, expiresInS });

  it('lives from when it was asked for', () => {
    expect(receive(undefined, answer(3600), at, policy, 0)).toEqual(held(at.now + 3_600_000, at.monotonic + 3_600_000, 60_000));
    expect(receive(undefined, answer(0.5), at, policy, 1)).toEqual(held(at.now + 500, at.monotonic + 500, 200));
  });

  it('is a new one beside a token of other text, whatever that one was', () => {
    const before = held(at.now + 10, at.monotonic + 10, 5, 'before');
    expect(receive(before, answer(3600), at, policy, 0).windowMs).toBe(60_000);
    expect(receive(before, answer(0), at, policy, 0)).toEqual(held(forEver, forEver, 60_000));
  });

  it('lives ten years at most', () => {
    expect(longestLifeS).toBe(10 * 365 * 24 * 3600);
    const longest = longestLifeS * 1000;
    expect(receive(undefined, answer(longestLifeS + 1), at, policy, 0).expiresAt).toBe(at.now + longest);
    expect(receive(undefined, answer(longestLifeS), at, policy, 0).expiresAt).toBe(at.now + longest);
    expect(receive(undefined, answer(longestLifeS - 1), at, policy, 0).expiresAt).toBe(at.now + longest - 1000);
  });

  it('never expires where it says zero, and nothing speaks against it', () => {
    expect(receive(undefined, answer(0), at, policy, 0)).toEqual(held(forEver, forEver, 60_000));
    expect(receive(held(forEver, forEver), answer(0), at, policy, 0)).toEqual(held(forEver, forEver));
  });

  it('that is an echo has no window, and the life that it says', () => {
    const before = held(at.now + 59_000, at.monotonic + 59_000, 60_000);
    expect(receive(before, answer(58), at, policy, 0)).toEqual(held(at.now + 58_000, at.monotonic + 58_000));
    expect(receive(before, answer(61), at, policy, 0)).toEqual(held(at.now + 61_000, at.monotonic + 61_000));
  });

  it('that is an echo of an endless token and says an end has that end', () => {
    expect(receive(held(forEver, forEver), answer(60), at, policy, 0)).toEqual(held(at.now + 60_000, at.monotonic + 60_000));
  });

  it('that is an echo and says zero lives on as long as was known, by either clock, and at least a second', () => {
    const echo = (wallMs: number, monotonicMs: number): Held =>
      receive(held(at.now + wallMs, at.monotonic + monotonicMs), answer(0), at, policy, 0);
    expect(echo(30_000, 40_000)).toEqual(held(at.now + 30_000, at.monotonic + 30_000));
    expect(echo(40_000, 30_000)).toEqual(held(at.now + 30_000, at.monotonic + 30_000));
    expect(echo(1001, 1001)).toEqual(held(at.now + 1001, at.monotonic + 1001));
    expect(echo(999, 999)).toEqual(held(at.now + 1000, at.monotonic + 1000));
    expect(echo(-5000, 9000)).toEqual(held(at.now + 1000, at.monotonic + 1000));
  });
});

describe('the pause after a failure', () => {
  it('is what finAPI asks for, up to a bound', () => {
    expect(pauseAfter(0, 60_000, policy, 0)).toBe(60_000);
    expect(pauseAfter(9, 0, policy, 1)).toBe(0);
    expect(pauseAfter(0, 300_000, policy, 1)).toBe(300_000);
    expect(pauseAfter(0, 300_001, policy, 1)).toBe(300_000);
    expect(pauseAfter(0, forEver, policy, 0)).toBe(300_000);
  });

  it('is else a part of a bound that doubles, up to one of its own', () => {
    const bounds = [0, 1, 2, 5, 6, 1000].map((failures) => pauseAfter(failures, undefined, policy, 1));
    expect(bounds).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000]);
    expect(pauseAfter(2, undefined, policy, 0.25)).toBe(1000);
    expect(pauseAfter(2, undefined, policy, 0)).toBe(0);
    expect(pauseAfter(3, undefined, { ...policy, baseDelayMs: 0 }, 1)).toBe(0);
  });
});
