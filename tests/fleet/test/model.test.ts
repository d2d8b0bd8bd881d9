// Whatever happens to two processes on a real store, in whatever order: what must hold does, and in the end everybody has a token.
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { isFull } from '../src/full.ts';
import { commands } from '../src/model/commands.ts';
import { type Grounds, openGrounds, type Server, World } from '../src/model/world.ts';
import { ownServers } from '../src/servers/available.ts';

/** To see a failure again: the seed and path that it printed, as FC_SEED and FC_PATH. FC_RUNS asks for more runs. */
const { FC_SEED, FC_PATH, FC_RUNS = isFull ? '300' : '10' } = process.env;
// The same runs every time, as far as processes let them be the same.
const seed = Number(FC_SEED ?? 20_261_124);
const limitMs = isFull ? 900_000 : 120_000;

ownServers('redis', 'postgres')('Two processes on one store', () => {
  let grounds: Grounds | undefined;
  beforeAll(async () => {
    grounds = await openGrounds(['Redis', 'PostgreSQL']);
  }, 120_000);
  afterAll(() => grounds?.[Symbol.asyncDispose]());

  it('keep what must hold, in any order of events', { timeout: limitMs + 60_000 }, async () => {
    console.log(`seed ${seed}`);
    const servers: readonly Server[] = ['Redis', 'PostgreSQL'];
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.commands(commands, { maxCommands: 25, size: 'max' }), async (commands) => {
        if (grounds === undefined) throw new Error('there are no servers');
        const server = servers[runs++ % servers.length] ?? 'Redis';
        const world = await World.open(grounds, server);
        try {
          await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        } finally {
          await world.recover();
        }
        world.check();
        expect(world.faults, `over ${server}`).toEqual([]);
      }),
      {
        seed,
        numRuns: Number(FC_RUNS),
        // Processes never do quite the same again: what is left out to make a failure smaller says little.
        endOnFailure: true,
        ...(FC_PATH === undefined ? {} : { path: FC_PATH }),
        interruptAfterTimeLimit: limitMs,
      },
    );
  });
});
