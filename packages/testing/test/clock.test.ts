import { describe, expect, it } from 'vitest';
import { createTestClock } from '../src/index.js';
import { germanTimestamp } from '../src/timestamps.js';
import { stage } from './support.js';

describe('the test clock', () => {
  it('stands still until it is moved, from a time that the test can choose', async () => {
    const clock = createTestClock({ now: 1000 });
    expect([clock.now(), clock.monotonic(), clock.serverNow()]).toEqual([1000, 0, 1000]);
    await clock.advance(500);
    expect([clock.now(), clock.monotonic(), clock.serverNow()]).toEqual([1500, 500, 1500]);
  });

  it('runs timers when they are due, in their order, those set meanwhile too', async () => {
    const clock = createTestClock({ now: 0 });
    const seen: [string, number][] = [];
    const note = (name: string) => () => void seen.push([name, clock.now()]);
    clock.setTimeout(note('b'), 20);
    clock.setTimeout(note('a'), 10);
    clock.setTimeout(note('c'), 20);
    clock.setTimeout(() => clock.setTimeout(note('nested'), 5), 10);
    clock.setTimeout(note('late'), 101);
    await clock.advance(100);
    expect(seen).toEqual([
      ['a', 10],
      ['nested', 15],
      ['b', 20],
      ['c', 20],
    ]);
    expect([clock.now(), clock.timers]).toEqual([100, 1]);
  });

  it('forgets a timer that is cleared', async () => {
    const clock = createTestClock();
    const timer = clock.setTimeout(() => expect.unreachable(), 10);
    clock.clearTimeout(timer);
    await clock.advance(20);
  });

  it('lets promises settle in between, those of bodies and digests included', async () => {
    const clock = createTestClock({ now: 0 });
    const seen: number[] = [];
    clock.setTimeout(async () => {
      await new Response('body').text();
      await crypto.subtle.digest('SHA-256', new Uint8Array(1000));
      seen.push(clock.now());
      clock.setTimeout(() => seen.push(clock.now()), 1);
    }, 10);
    await clock.advance(1000);
    expect(seen).toEqual([10, 11]);
  });

  it('jumps on the wall alone', async () => {
    const clock = createTestClock({ now: 0 });
    clock.setTimeout(() => expect.unreachable(), 1);
    clock.jump(3_600_000);
    expect([clock.now(), clock.monotonic(), clock.serverNow()]).toEqual([3_600_000, 0, 0]);
    clock.jump(-7_200_000);
    expect(clock.now()).toBe(-3_600_000);
  });

  it('sleeps without timers and without the monotonic clock', () => {
    const clock = createTestClock({ now: 0 });
    clock.setTimeout(() => expect.unreachable(), 1);
    clock.suspend(1000);
    expect([clock.now(), clock.monotonic(), clock.serverNow()]).toEqual([1000, 0, 1000]);
  });

  it('goes forward only, by finite steps', async () => {
    const clock = createTestClock();
    await expect(clock.advance(-1)).rejects.toThrow('use jump');
    expect(() => clock.suspend(-1)).toThrow('use jump');
    expect(() => clock.jump(Number.NaN)).toThrow('jump takes milliseconds');
  });

  it('does not move the sandbox when it jumps, and does when it sleeps', async () => {
    const { clock, token } = stage();
    const grant = { grant_type: 'client_credentials' };
    await token(grant);
    clock.jump(3_000_000);
    expect((await token(grant)).body.expires_in).toBe(3600);
    clock.suspend(600_000);
    expect((await token(grant)).body.expires_in).toBe(3000);
  });
});

describe('a timestamp', () => {
  it.each([
    ['in winter', Date.UTC(2026, 0, 1, 12, 0, 0, 7), '2026-01-01 13:00:00.007'],
    ['in summer', Date.UTC(2026, 6, 1, 12), '2026-07-01 14:00:00.000'],
    ['at midnight', Date.UTC(2026, 0, 31, 23), '2026-02-01 00:00:00.000'],
  ])('is German local time %s', (_, ms, text) => {
    expect(germanTimestamp(ms)).toBe(text);
  });
});
