// What is lost at each fault of a store or a worker, and when tokens are served again: as the scenarios of tests/fleet find it.
import { type Outcome, openFaultRig, runScenario, type Scenario, scenarios } from '@finapi-ts/fleet-tests/faults';
import type { Row } from '../report.ts';
import type { Setting } from './rows.ts';

/** Scenarios at once: most of their time they wait. */
const atOnce = 8;

/** The tests try every step of a renewal; here are the two that tell most, and what has no such step. */
const steps: readonly string[] = ['after the lease', 'with the answer under way'];
const chosen = scenarios.filter(({ full, what }) => {
  if (full || !('step' in what)) return !full;
  if (what.kind === 'killed' || what.kind === 'stopped') return steps.includes(what.step);
  return what.step !== 'before the write';
});

export async function faults({ redisUrl, postgresUrl }: Setting): Promise<Row[]> {
  const isThere = { Redis: redisUrl !== undefined, PostgreSQL: postgresUrl !== undefined, 'a folder': true };
  const possible = chosen.filter(({ store }) => isThere[store]);
  const outcomes: Outcome[] = [];
  await using rig = await openFaultRig();
  let next = 0;
  const tryAll = async (): Promise<void> => {
    while (next < possible.length) {
      const at = next++;
      outcomes[at] = await runScenario(possible[at] as Scenario, rig);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, tryAll));
  return outcomes.map(rowOf);
}

function rowOf({ fault, store, lost, servedAgainMs, broken }: Outcome, index: number): Row {
  const row: Row = { id: `fault-${index + 1}`, what: `${fault} | ${store} | ${lost}`, measured: Math.round(servedAgainMs), unit: 'ms' };
  // Whatever should have held and did not: a target that nothing meets.
  return broken.length === 0 ? row : { ...row, target: -1, note: broken.join('; ') };
}
