// The part of docs/runtimes.md on the tests of the token layer, under every runtime.
import type { Place } from './accepted.ts';
import { acceptedPage, suiteHeading } from './report.ts';
import type { SuiteResult } from './suite.ts';

export const updateSuiteCommand = 'UPDATE=1 npm run test:suite';

export interface SuiteReport {
  readonly note: (name: string, version: string, result: SuiteResult) => void;
  /** With a row for each runtime, in the order in which they were noted. */
  readonly lines: () => string[];
}

export function createSuiteReport(): SuiteReport {
  const rows: string[] = [];
  const reasons: string[] = [];
  return {
    note(name, version, { passed, failed, skipped }) {
      rows.push(`| ${name} | ${version} | ${passed} | ${failed.length} |`);
      for (const [why, tests] of skipped) reasons.push(`- ${why}: ${tests.length}, such as “${tests[0]}”`);
    },
    lines: () => part(rows, reasons).split('\n'),
  };
}

function part(rows: readonly string[], reasons: readonly string[]): string {
  return `${suiteHeading}

\`tests/auth\` as a whole: every numbered line, the model with its random orders of events, servers that answer badly, processes that share a
store. vitest runs it under Node, Bun and Deno, with nothing left out; in a Worker its runner is part of the bundle. This runs it, and writes
these figures anew:

\`\`\`sh
${updateSuiteCommand}
\`\`\`

| runtime | version | passed | failed |
|---|---|---|---|
${rows.join('\n')}

A full run insists on no failure, and on as many tests as there were; that there are more by now needs no new page. In a Worker are
missing, and named by each run, those of which one (a file that is left out counts once)

${reasons.join('\n')}

Where runtimes differ, and a user may notice:

- **Bun** forgets a subscription to \`node:diagnostics_channel\` when nobody holds the channel: keep \`channel(channelName)\`, and subscribe to that.
- **Bun** goes on unpacking an answer that is given up. Other requests of the process wait until it is through.
- **Bun** hands over more at once than the 64 KiB at which the token layer refuses an answer, so that more of it is in memory by then.
- **Deno** gives errors of the network no code: \`NETWORK\` then says \`TypeError\`, where others say \`ECONNREFUSED\`.`;
}

/** What is checked in. With UPDATE set, the lines given take its place. */
export const acceptedSuite = (lines: readonly string[], place: Place): string[] => acceptedPage(place, { suite: lines }).suite;

/** Lines without numbers of tests, which grow, and the tests named as examples; failures stay. */
export const comparableSuite = (lines: readonly string[]): string[] =>
  lines.map((line) => line.replace(/ \d+ \| (\d+) \|$/, ' … | $1 |').replace(/: \d+, such as .*$/, ': …'));
