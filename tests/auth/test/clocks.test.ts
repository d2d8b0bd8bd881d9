// Time: what an answer may take, what clocks do that are set, and machines that sleep.
import { clientCredentials, clientTokens, createAuth, password, refreshToken, revokeToken } from '@finapi-ts/auth-helpers';
import { createTestClock, type TestClock } from '@finapi-ts/testing';
import { describe, expect, it } from 'vitest';
import { drip, hang } from '../src/hostile/bodies.ts';
import { hostile } from '../src/hostile/server.ts';
import { type Answer, client, failureOf, reasonOf, scripted, silence, tokens } from '../src/scripted.ts';
import { hours, minutes, seconds, stage } from '../src/stage.ts';

describe('the time of a request', () => {
  it.each(Object.entries({ 'whose body comes drop by drop': drip, 'that is never answered': hang }))(
    '13 %s is 10 seconds in all',
    async (_, behaviour) => {
      await using server = await hostile(behaviour);
      const clock = createTestClock();
      const options = { ...client, baseUrl: server.url, clock };
      const asked = [
        clientCredentials(options),
        password({ ...options, userId: 'alice', password: 'p' }),
        refreshToken({ ...options, refreshToken: 'r' }),
        revokeToken({ ...options, clientToken: 'c', token: 't' }),
      ];
      let ended = 0;
      for (const promise of asked)
        promise.catch(() => {
          ended += 1;
        });
      await server.arrived(4);
      await clock.advance(9_999);
      expect(ended).toBe(0);
      await clock.advance(1);
      for (const promise of asked)
        expect(await failureOf(promise)).toMatchObject({ code: 'TIMEOUT', retryable: true, message: expect.stringContaining('10000 ms') });
      expect(clock.timers).toBe(0);
    },
  );

  it.each([1, 500])('13 is %d ms where that is set', async (timeoutMs) => {
    const clock = createTestClock();
    const { fetch } = scripted(silence);
    const failure = failureOf(clientCredentials({ ...client, fetch, clock, timeoutMs }));
    await clock.advance(timeoutMs);
    expect((await failure).code).toBe('TIMEOUT');
  });

  it.each([0, -1, Number.NaN, 2 ** 31, Number.POSITIVE_INFINITY])('13 cannot be set to %d', async (timeoutMs) => {
    expect((await failureOf(clientCredentials({ ...client, ...scripted(), timeoutMs }))).message).toContain('timeoutMs');
  });

  it('13 holds for a fetch that heeds no signal', async () => {
    const clock = createTestClock();
    const silent = failureOf(clientCredentials({ ...client, clock, fetch: silence }));
    await clock.advance(10_000);
    expect((await silent).code).toBe('TIMEOUT');
    const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
    const slow = failureOf(clientCredentials({ ...client, clock, fetch: async () => new Response(body) }));
    await clock.advance(10_000);
    expect((await slow).code).toBe('TIMEOUT');
  });

  it('13 of a renewal is 30 seconds in all, with reading credentials', async () => {
    const clock = createTestClock();
    const auth = createAuth({ ...client, ...scripted(), clock });
    const failure = failureOf(auth.user('alice', { credentials: () => new Promise(() => {}) }).get());
    await clock.advance(29_999);
    expect(auth.user('alice').status().renewing).toBe(true);
    await clock.advance(1);
    expect((await failure).code).toBe('TIMEOUT');
    expect(auth.user('alice').status().renewing).toBe(false);
  });

  it('13 leaves the signal of credentials aborted', async () => {
    const clock = createTestClock();
    let given: AbortSignal | undefined;
    const credentials = ({ signal }: { readonly signal: AbortSignal }): Promise<never> => {
      given = signal;
      return new Promise(() => {});
    };
    const failure = reasonOf(
      createAuth({ ...client, ...scripted(), clock })
        .user('alice', { credentials })
        .get(),
    );
    await clock.advance(30_000);
    await failure;
    expect(given?.aborted).toBe(true);
  });
});

describe('timers', () => {
  it('19 are all below 2^31 ms, and none is left over', async () => {
    const clock = createTestClock();
    const waits: number[] = [];
    const counting: TestClock = {
      ...clock,
      setTimeout: (run, ms) => {
        waits.push(ms);
        return clock.setTimeout(run, ms);
      },
    };
    const lives: readonly Answer[] = [tokens({ expires_in: 0 }), tokens({ expires_in: 1e15 }), new Error('broken')];
    for (const answer of lives) {
      const source = clientTokens({
        ...client,
        ...scripted(answer),
        clock: counting,
        timeoutMs: 2 ** 31 - 1,
        renewalTimeoutMs: 2 ** 31 - 1,
      });
      await source.get().catch(() => {});
      await source.get({ force: true }).catch(() => {});
    }
    expect(waits.length).toBeGreaterThan(4);
    for (const ms of waits) expect(ms > 0 && ms < 2 ** 31).toBe(true);
    expect(clock.timers).toBe(0);
  });

  it.each(['renewBeforeMs', 'baseDelayMs', 'maxDelayMs', 'maxRetryAfterMs', 'renewalTimeoutMs'])(
    '19 are not set by a %s beyond that',
    (name) => {
      for (const ms of [2 ** 31, -1, Number.NaN, Number.POSITIVE_INFINITY])
        expect(() => createAuth({ ...client, [name]: ms })).toThrow(name);
      createAuth({ ...client, [name]: 2 ** 31 - 1 });
      createAuth({ ...client, [name]: 0 });
    },
  );
});

describe('a clock that is set, and a machine that sleeps', () => {
  const changes: Readonly<Record<string, (clock: TestClock) => void>> = {
    'an hour forward': (clock) => clock.jump(hours(1)),
    'an hour back': (clock) => clock.jump(-hours(1)),
    'a sleep of an hour': (clock) => clock.suspend(hours(1)),
    'a sleep of half an hour': (clock) => clock.suspend(minutes(30)),
    'a sleep of an hour and a clock set back by it': (clock) => {
      clock.suspend(hours(1));
      clock.jump(-hours(1));
    },
    'nothing at all': () => {},
  };

  for (const after of [0, minutes(30), minutes(59)])
    it.each(Object.entries(changes).filter(([name]) => !name.includes('and a clock')))(
      `20 %s, ${after / minutes(1)} minutes into a token: none is given out past its end, and few are asked for`,
      async (_, change) => {
        const { auth, clock, sandbox, asked } = stage();
        const alice = auth.user('alice');
        await Promise.all([alice.get(), auth.client.get()]);
        await clock.advance(after);
        for (const source of [alice, auth.client]) source.peek();
        change(clock);
        for (let minute = 0; minute < 150; minute += 2) {
          for (const source of [alice, auth.client]) {
            const peeked = source.peek();
            if (peeked !== undefined) expect(sandbox.tokens.isValid(peeked), `peek in minute ${minute}`).toBe(true);
            expect(sandbox.tokens.isValid(await source.get()), `get in minute ${minute}`).toBe(true);
          }
          await clock.advance(minutes(2));
        }
        // Three lives begin in 150 minutes, each of which may end in an echo; a clock that was set costs one more.
        expect(asked('client_credentials')).toBeLessThanOrEqual(8);
        expect(asked('refresh_token')).toBeLessThanOrEqual(5);
        expect(asked('password')).toBe(1);
      },
    );

  it('20 the wall clock alone ends a token after a sleep', async () => {
    const { auth, clock } = stage();
    await auth.client.get();
    clock.suspend(hours(1));
    expect(auth.client.peek()).toBeUndefined();
    expect(auth.client.status().state).toBe('expired');
  });

  it('20 the monotonic clock alone ends it where the wall clock was set back', async () => {
    const { auth, clock } = stage();
    await auth.client.get();
    // What was seen on the clock before it was set back counts no longer.
    auth.client.peek();
    clock.jump(-hours(2));
    expect(auth.client.status().state).toBe('fresh');
    await clock.advance(hours(1));
    expect(auth.client.peek()).toBeUndefined();
    expect(auth.client.status().state).toBe('expired');
  });

  it('20 a clock that was set back within the second since the last look changes nothing for longer than that', async () => {
    const { auth, clock } = stage();
    await auth.client.get();
    auth.client.peek();
    await clock.advance(minutes(58));
    auth.client.peek();
    clock.jump(-500);
    await clock.advance(minutes(2));
    expect(auth.client.peek()).toBeUndefined();
  });

  it('20 the life of a token counts from when it was asked for', async () => {
    const clock = createTestClock();
    const answered = scripted(async () => {
      await new Promise<void>((resolve) => clock.setTimeout(resolve, seconds(5)));
      return tokens({ expires_in: 60 });
    });
    const source = clientTokens({ ...client, ...answered, clock });
    const began = clock.now();
    const asked = source.get();
    await clock.advance(seconds(5));
    await asked;
    expect(source.status().expiresAt).toBe(began + seconds(60));
  });
});
