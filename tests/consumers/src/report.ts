// The page of what was seen to work: docs/runtimes.md, but for its last part, which others write.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptedLines, type Place } from './accepted.ts';

const name = 'runtimes.md';

export const updateCommand = 'UPDATE=1 npm run test:more';

const behaviours = ['get', 'form', 'error', 'paging', 'timeout', 'import', 'require', 'tokens', 'stores'] as const;
const resolutions = ['nodenext', 'bundler'] as const;

type Results = Map<string, Map<string, boolean>>;

export interface Report {
  readonly runtime: (name: string, version: string, behaviour: string, works: boolean) => void;
  readonly compiler: (name: string, version: string, resolution: string, works: boolean) => void;
  /** The page, with a row for each name and version in the order in which they were first seen. */
  readonly lines: () => string[];
}

export function createReport(): Report {
  const runtimes: Results = new Map();
  const compilers: Results = new Map();
  const noteIn =
    (results: Results) =>
    (name: string, version: string, column: string, works: boolean): void => {
      const row = `${name} | ${version}`;
      results.set(row, (results.get(row) ?? new Map()).set(column, works));
    };
  return { runtime: noteIn(runtimes), compiler: noteIn(compilers), lines: () => page(runtimes, compilers).split('\n') };
}

function rowsOf(results: Results, columns: readonly string[]): string {
  const mark = (works: boolean | undefined): string => (works === undefined ? '–' : works ? '✓' : '✗');
  return [...results].map(([row, found]) => `| ${row} | ${columns.map((column) => mark(found.get(column))).join(' | ')} |`).join('\n');
}

function page(runtimes: Results, compilers: Results): string {
  return `# Where the packages run

The packed packages as tests saw them, ✓ works, ✗ does not, – was not asked. A full run compares this page with what it sees;
this writes it anew:

\`\`\`sh
${updateCommand}
\`\`\`

## Runtimes

| runtime | version | get | form | error | paging | time-out | import | require | tokens | stores |
|---|---|---|---|---|---|---|---|---|---|---|
${rowsOf(runtimes, behaviours)}

- **get**: a call with a token comes back with its value.
- **form**: a token is asked for, by a form. Servers do this, pages do not: finAPI's token endpoint answers no page of another origin.
- **error**: a 404 becomes a \`FinapiError\` with its code.
- **paging**: a loop walks over the items of all pages.
- **time-out**: a server that keeps silent ends the call with \`TIMEOUT\`.
- **import**, **require**: CommonJS calls after \`import()\`, and after \`require()\` of each entry.
- **tokens**: the token layer passes every check of \`tests/consumers/fixtures/tokens.js\`, over the sandbox in memory and by the runtime's own
  \`fetch\`. Pages are not for tokens. All tests of that layer: [below](#the-tests-of-the-token-layer).
- **stores**: each token store passes every case of \`@finapi-ts/testing/stores\`: in memory, encrypted, in a folder, over Redis with ioredis and with
  node-redis, over PostgreSQL with pg. In a Worker, the first two.

workerd runs Cloudflare's Workers; its bundle is by esbuild, that of Chromium's page by Vite. Chromium is that of the machine, and its
version is not compared.

## Compilers

An application of all packages compiles, strict and with the types of its libraries checked: by \`nodenext\` with the types of Node and without the
DOM's, by \`bundler\` the other way round. One of the two has to be there: they bring the types of \`fetch\`.

| compiler | version | nodenext | bundler |
|---|---|---|---|
${rowsOf(compilers, resolutions)}`;
}

export const suiteHeading = '## The tests of the token layer';

export interface Parts {
  readonly runtimes: readonly string[];
  /** From its heading on. */
  readonly suite: readonly string[];
}

function partsOf(lines: readonly string[]): Parts {
  const at = lines.indexOf(suiteHeading);
  return at === -1 ? { runtimes: lines, suite: [] } : { runtimes: lines.slice(0, at - 1), suite: lines.slice(at) };
}

/** The page that is checked in. With UPDATE set, the part given takes the place of its own, and the other stays. */
export function acceptedPage(place: Place, given: Partial<Parts>): { runtimes: string[]; suite: string[] } {
  const file = join(place.folder, name);
  const before = existsSync(file) ? readFileSync(file, 'utf8').replace(/\n$/, '').split(/\r?\n/) : [];
  const { runtimes, suite } = { ...partsOf(before), ...given };
  const accepted = partsOf(acceptedLines(name, suite.length === 0 ? runtimes : [...runtimes, '', ...suite], place));
  return { runtimes: [...accepted.runtimes], suite: [...accepted.suite] };
}

/** Lines without what differs between machines: the version of the browser, and its row where there is none. */
export function comparable(lines: readonly string[], { browser }: { readonly browser: boolean }): string[] {
  const isBrowser = (line: string): boolean => line.startsWith('| Chromium |');
  return lines.filter((line) => browser || !isBrowser(line)).map((line) => (isBrowser(line) ? line.replace(/ [\d.]+ /, ' … ') : line));
}
