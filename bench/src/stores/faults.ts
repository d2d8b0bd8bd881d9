// What is lost at each fault of a store or a worker, and when tokens are served again: as the scenarios of tests/fleet find it.
import { type Outcome, openFaultRig, runScenario, type Scenario, scenarios } from '@finapi-ts/fleet-tests/faults';
import type { Row } from '../report.ts';
import type { ServerName } from './rows.ts';

/** Scenarios at once: most of their time they wait. */
const atOnce = 8;

/** The tests try every step of a renewal; here are the two that tell most, and what has no such step. */
const steps: readonly string[] = ['after the lease', 'with the answer under way'];
const chosen = scenarios.filter(
  ({ full, what }) => !full && (!(what.kind === 'killed' || what.kind === 'stopped') || steps.includes(what.step)) && !isBeforeWrite(what),
);

function isBeforeWrite(what: Scenario['what']): boolean {
  return 'step' in what && what.step === 'before the write';
}

const needs = { Redis: 'redis', PostgreSQL: 'postgres', 'a folder': undefined } as const;

export async function faultRows(has: (server: ServerName | undefined) => boolean, told: (text: string) => void): Promise<Row[]> {
  const possible = chosen.filter(({ store }) => has(needs[store]));
  const outcomes: Outcome[] = [];
  await using rig = await openFaultRig();
  let next = 0;
  const tryAll = async (): Promise<void> => {
    while (next < possible.length) {
      const at = next++;
      told(`fault ${at + 1} of ${possible.length}`);
      outcomes[at] = await runScenario(possible[at] as Scenario, rig);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, tryAll));
  return outcomes.map(rowOf);
}

/** What should have held and did not is a target that nothing meets. */
function rowOf({ fault, store, lost, servedAgainMs, broken }: Outcome, index: number): Row {
  const row = { id: `fault-${index + 1}`, what: `${fault} | ${store} | ${lost}`, unit: 'ms' } as const;
  if (broken.length === 0) return { ...row, measured: Math.round(servedAgainMs) };
  return { ...row, measured: Number.NaN, target: Number.NaN, note: broken.join('; ') };
}
