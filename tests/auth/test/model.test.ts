// Whatever happens, in whatever order: what must hold of tokens holds, and once all is mended everybody has a token again.
import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { commands } from '../src/model/commands.ts';
import { type Settings, World } from '../src/model/world.ts';

/** To see a failure again: the seed and path that it printed, as FC_SEED and FC_PATH. FC_RUNS asks for more runs. */
const { FC_SEED, FC_PATH, FC_RUNS = '200' } = process.env;
// The same runs every time, so that a change is judged by itself.
const seed = Number(FC_SEED ?? 20_261_124);

const life = fc.constantFrom(0, 60, 90, 3600);
const settings: fc.Arbitrary<Settings> = fc.record({
  shared: fc.boolean(),
  rotate: fc.boolean(),
  lives: fc.record({ client: life, user: life, refresh: fc.constantFrom(0, 7200, 2_592_000) }),
});

it('27, 28, 29: tokens behave in any order of events', { timeout: 600_000 }, async () => {
  console.log(`seed ${seed}`);
  const unhandled: unknown[] = [];
  const note = (cause: unknown): void => void unhandled.push(cause);
  process.on('unhandledRejection', note);
  try {
    await fc.assert(
      fc.asyncProperty(
        settings,
        fc.integer(),
        fc.commands(commands, { maxCommands: 40, size: 'max' }),
        async (settings, dice, commands) => {
          vi.spyOn(Math, 'random').mockImplementation(roll(dice));
          const world = new World(settings);
          await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
          await world.recover();
          world.check();
          expect([...world.faults, ...unhandled.splice(0)]).toEqual([]);
        },
      ),
      { seed, numRuns: Number(FC_RUNS), ...(FC_PATH === undefined ? {} : { path: FC_PATH }), interruptAfterTimeLimit: 500_000 },
    );
  } finally {
    process.off('unhandledRejection', note);
    vi.restoreAllMocks();
  }
});

/** Numbers from a quarter to 1 that a seed decides: at least a quarter of a pause is always kept, so that requests can be counted. */
function roll(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return 0.25 + 0.75 * (((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32);
  };
}
