// What can happen to two processes on one store, as commands for fast-check.
import fc from 'fast-check';
import { steps } from '../crew/orders.ts';
import { userNames, type World } from './world.ts';

type Command = fc.AsyncCommand<object, World>;

const process = fc.nat({ max: 1 });
const user = fc.constantFrom(...userNames);

/** A command that can always run; what it did stands in the report of a failure. */
function command<Values>(
  name: string,
  values: fc.Arbitrary<Values>,
  run: (world: World, values: Values) => Promise<void>,
): fc.Arbitrary<Command> {
  return values.map((given) => ({
    check: () => true,
    run: (_, world) => run(world, given),
    toString: () => `${name}(${fc.stringify(given)})`,
  }));
}

const whose = fc.record({ process, user });
const get = command('get', fc.record({ process, user, force: fc.constantFrom(false, false, true) }), (world, { process, user, force }) =>
  world.get([process], user, force),
);
const both = command('both get', fc.record({ user, force: fc.constantFrom(false, false, true) }), (world, { user, force }) =>
  world.get([0, 1], user, force),
);

export const commands: fc.Arbitrary<Command>[] = [
  // Often, since nothing shows without them.
  get,
  get,
  get,
  both,
  both,
  both,
  command('reject', whose, (world, { process, user }) => world.reject(process, user)),
  command('void tokens', fc.record({ user, all: fc.boolean() }), (world, { user, all }) => world.voidTokens(user, all)),
  command('logout', whose, (world, { process, user }) => world.logout(process, user)),
  command('change password', fc.record({ user, known: fc.boolean() }), (world, { user, known }) => world.changePassword(user, known)),
  command('learn passwords', fc.constant(undefined), (world) => world.learnPasswords()),
  command('kill and start', process, (world, process) => world.killAndStart(process)),
  command('stop', process, (world, process) => world.stop(process)),
  command('stop at', fc.record({ process, step: fc.constantFrom(...steps) }), (world, { process, step }) => world.stopAt(process, step)),
  command('go on', process, (world, process) => world.goOn(process)),
  command('flush store', fc.constant(undefined), (world) => world.flush()),
  command('network', fc.constantFrom('cut' as const, 'stall' as const), (world, how) => world.breakNetwork(how)),
  command('mend', fc.constant(undefined), (world) => world.mend()),
];
