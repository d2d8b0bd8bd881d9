// What can happen to token sources, as commands for fast-check.
import fc from 'fast-check';
import { type StoreState, subjects, userIds, type Weather, type World } from './world.ts';

type Command = fc.AsyncCommand<object, World>;

const process = fc.nat({ max: 1 });
const subject = fc.constantFrom(...subjects);
const userId = fc.constantFrom(...userIds);
const second = 1000;
const minute = 60 * second;

/** A command that can always run; what it did stands in the report of a failure. */
function command<Values>(
  name: string,
  values: fc.Arbitrary<Values>,
  run: (world: World, values: Values) => void | Promise<void>,
): fc.Arbitrary<Command> {
  return values.map((given) => ({
    check: () => true,
    async run(_, world) {
      await run(world, given);
      await world.advance(0);
    },
    toString: () => `${name}(${fc.stringify(given)})`,
  }));
}

const options = fc.oneof(
  { weight: 4, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant({ force: true }) },
  { weight: 1, arbitrary: fc.constantFrom(5 * second, 45 * second, 100 * minute).map((minValidityMs) => ({ minValidityMs })) },
);
const passing = fc.oneof(
  fc.integer({ min: 0, max: 5000 }),
  fc.constantFrom(100, 10 * second, 31 * second, 61 * second, 10 * minute, 59 * minute, 61 * minute, 25 * 60 * minute),
);

const get = command('get', fc.record({ process, subject, options }), (world, { process, subject, options }) =>
  world.get(process, subject, options),
);
const advance = command('advance', passing, (world, ms) => world.advance(ms));

export const commands: fc.Arbitrary<Command>[] = [
  // Often, since nothing shows without them.
  get,
  get,
  get,
  advance,
  advance,
  command('both get', subject, (world, subject) => world.getBoth(subject)),
  command('hammer', fc.record({ process, subject }), (world, { process, subject }) => world.hammer(process, subject)),
  command('abort', fc.record({ process, subject }), (world, { process, subject }) => world.get(process, subject, { force: true }, true)),
  command('reject', fc.record({ process, subject, which: fc.constantFrom('current' as const, 'old' as const) }), (world, it) =>
    world.reject(it.process, it.subject, it.which),
  ),
  command('void tokens', fc.record({ subject, all: fc.boolean() }), (world, { subject, all }) => world.voidTokens(subject, all)),
  command('weather', fc.constantFrom<Weather>('fair', 'fair', 'down', 'resetting', 'hanging'), (world, weather) =>
    world.setWeather(weather),
  ),
  command('lose answer', fc.constant(undefined), (world) => world.loseAnswer()),
  command('delay answer', fc.constantFrom(400, 1500, 2800), (world, ms) => world.delayAnswer(ms)),
  command('limit', fc.constantFrom(1, 60, 7200), (world, retryAfterS) => world.limit(retryAfterS)),
  command('store', fc.constantFrom<StoreState>({ down: true }, { full: true }, { latencyMs: 300 }, { latencyMs: 1500 }), (world, state) =>
    world.setStore(state),
  ),
  command('store up', fc.constant(undefined), (world) => world.setStore({})),
  command('flush store', fc.constant(undefined), (world) => world.flushStore()),
  command('second process', fc.constant(undefined), (world) => world.startSecond()),
  command('logout', fc.record({ process, userId }), (world, { process, userId }) => world.logout(process, userId)),
  command('change password', fc.record({ userId, known: fc.boolean() }), (world, { userId, known }) => world.changePassword(userId, known)),
  command('learn passwords', fc.constant(undefined), (world) => world.learnPasswords()),
  command('jump', fc.constantFrom(-60 * minute, -5 * minute, 5 * minute, 60 * minute), (world, ms) => world.jump(ms)),
  command('suspend', fc.constantFrom(30 * second, 60 * minute), (world, ms) => world.suspend(ms)),
];
