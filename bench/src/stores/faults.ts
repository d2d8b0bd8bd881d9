// What is lost at each fault of a store, and when tokens are served again: as the scenarios of tests/fleet find it.
import type { Row } from '../report.ts';

/** What a scenario brings. */
interface FaultResult {
  readonly fault: string;
  readonly store: string;
  readonly lost: string | number;
  readonly servedAgainMs: number;
}

interface Faults<Scenario> {
  readonly scenarios: readonly Scenario[];
  runScenario(scenario: Scenario): Promise<FaultResult>;
}

/** Named late: it is there as soon as tests/fleet exports it. */
const fleetFaults: string = '@finapi-ts/fleet-tests/faults';

/** `undefined` where tests/fleet has no scenarios yet. */
export async function loadFaults(): Promise<Faults<unknown> | undefined> {
  try {
    return (await import(fleetFaults)) as Faults<unknown>;
  } catch (cause) {
    if ((cause as { code?: unknown }).code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return undefined;
    throw cause;
  }
}

export async function faultRows<Scenario>({ scenarios, runScenario }: Faults<Scenario>, told: (text: string) => void): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [index, scenario] of scenarios.entries()) {
    told(`fault ${index + 1} of ${scenarios.length}`);
    const { fault, store, lost, servedAgainMs } = await runScenario(scenario);
    rows.push({
      id: `fault-${index + 1}`,
      what: `${store}, ${fault}: served again after`,
      measured: Math.round(servedAgainMs),
      unit: 'ms',
      note: `lost: ${lost}`,
    });
  }
  return rows;
}
