// Every test of the token layer under every runtime of the toolbox. Only with FULL=1.
import { join } from 'node:path';
import { repository } from '@finapi-ts/scripts/apis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hint } from '../src/accepted.ts';
import { createFolder, removeFolder } from '../src/folders.ts';
import { runSuite, runSuiteInWorker, type SuiteResult } from '../src/suite.ts';
import { acceptedSuite, comparableSuite, createSuiteReport, updateSuiteCommand } from '../src/suite-report.ts';
import { installToolbox, runtimes, workerdVersion } from '../src/toolbox.ts';

// So that running next to nothing is a failure. Raise these as the suite grows.
const least = 550;
const leastInWorker = 475;

let folder: string;
beforeAll(async () => {
  await installToolbox();
  folder = createFolder();
});
afterAll(() => removeFolder(folder));

const report = createSuiteReport();

/** Says on every run, loudly, what did not run. */
function tell(name: string, { skipped }: SuiteResult): void {
  for (const [why, tests] of skipped)
    process.stderr.write(`\n${'!'.repeat(20)} NOT RUN under ${name}, since it ${why} (${tests.length}):\n${tests.join('\n')}\n`);
}

describe('the tests of the token layer pass', () => {
  it.each(runtimes)('under %s %s, all of them', async (name, version, program, args) => {
    const result = await runSuite(folder, name, program, args);
    report.note(name, version, result);
    tell(`${name} ${version}`, result);
    expect(result.failed).toEqual([]);
    expect([...result.skipped.values()].flat()).toEqual([]);
    expect(result.passed).toBeGreaterThanOrEqual(least);
  });

  it('in a Worker, those that open no server and start no process', async () => {
    const result = await runSuiteInWorker(folder);
    report.note('workerd', workerdVersion, result);
    tell(`workerd ${workerdVersion}`, result);
    expect(result.failed).toEqual([]);
    expect(result.passed).toBeGreaterThanOrEqual(leastInWorker);
  });
});

describe('the page of runtimes', () => {
  const place = { folder: join(repository, 'docs'), command: updateSuiteCommand };

  it('tells of these runs', () => {
    const lines = report.lines();
    const accepted = acceptedSuite(lines, place);
    expect(comparableSuite(lines), hint('runtimes.md', place)).toEqual(comparableSuite(accepted));
  });
});
