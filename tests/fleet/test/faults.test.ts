// Whatever goes wrong in the middle of a renewal, all processes have the same valid token again, and at most a login is needed.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultRig, type Outcome, openFaultRig, runScenario, type Scenario, scenarios } from '../src/faults.ts';
import { isFull } from '../src/full.ts';
import { ownServers } from '../src/servers/available.ts';

let rig: FaultRig | undefined;
const outcomes: Outcome[] = [];
beforeAll(async () => {
  rig = await openFaultRig();
}, 120_000);
afterAll(async () => {
  await rig?.[Symbol.asyncDispose]();
  if (isFull) console.table(outcomes.map(({ broken: _, ...outcome }) => outcome));
});

const chosen = scenarios.filter(({ full }) => isFull || !full);
const groups = {
  Redis: ownServers('redis'),
  PostgreSQL: ownServers('postgres'),
  'a folder': describe,
};

for (const [store, group] of Object.entries(groups))
  group(`Over ${store}, all processes have a token again after`, { timeout: 120_000 }, () => {
    for (const scenario of chosen.filter((it) => it.store === store)) it.concurrent(scenario.fault, () => holds(scenario));
  });

async function holds(scenario: Scenario): Promise<void> {
  const outcome = await runScenario(scenario, rig);
  outcomes.push(outcome);
  expect(outcome.broken).toEqual([]);
}
