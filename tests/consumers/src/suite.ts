// The whole suite of the token layer, tests/auth, under other runtimes than the one that npm test uses.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '@finapi-ts/scripts/apis';
import { build, type Plugin } from 'esbuild';
import { run } from './run.ts';
import { workerdProgram } from './toolbox.ts';
import { askWorker } from './workerd.ts';

/** What came of the suite under one runtime. */
export interface SuiteResult {
  readonly passed: number;
  /** Names, with how each failed. */
  readonly failed: readonly string[];
  /** Names, by why these did not run. */
  readonly skipped: ReadonlyMap<string, readonly string[]>;
}

const suite = join(repository, 'tests/auth');
const vitest = join(repository, 'node_modules/vitest/vitest.mjs');

/** Bun has no channel that vitest could start processes by, and ends digests out of order where many threads ask for them. */
const settings = (name: string): string[] => (name === 'Bun' ? ['--pool=threads', '--no-file-parallelism'] : []);

/** The part of vitest's report in JSON that is read here. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

/** Runs vitest itself. */
export async function runSuite(folder: string, name: string, program: string, args: readonly string[]): Promise<SuiteResult> {
  const file = join(folder, 'suite.json');
  const given = [...args, vitest, 'run', '--reporter=json', `--outputFile=${file}`, ...settings(name)];
  // That of the runtime before is none of this one.
  rmSync(file, { force: true });
  const { code, stdout, stderr } = await run(program, given, { cwd: suite, env: { DENO_NO_UPDATE_CHECK: '1' } });
  if (!existsSync(file)) throw new Error(`vitest wrote no report, and ended with ${code}\n${stdout}\n${stderr}`);
  const { testResults } = JSON.parse(readFileSync(file, 'utf8')) as Report;
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = [
    ...testResults.filter(({ message }) => message !== '').map((it) => `${it.name}: ${it.message}`),
    ...tests.filter(({ status }) => status === 'failed').map((it) => `${it.fullName}: ${it.failureMessages?.join('\n')}`),
  ];
  // Errors outside of any test, too, end it with another code.
  if (code !== 0 && failed.length === 0) failed.push(`vitest ended with ${code}\n${stdout}\n${stderr}`);
  const ran = tests.filter(({ status }) => status === 'passed' || status === 'failed');
  const skipped = tests.filter((test) => !ran.includes(test)).map(({ fullName }) => fullName);
  return {
    passed: ran.filter(({ status }) => status === 'passed').length,
    failed,
    skipped: new Map(skipped.length > 0 ? [['is told to skip them', skipped]] : []),
  };
}

/** Files without a test for a Worker, and why. */
const notForWorkers: Readonly<Record<string, string>> = {
  'processes.test.ts': 'starts processes',
  'rotation-oracle.test.ts': 'opens a server on this machine',
  'readme.test.ts': 'reads a file of this repository',
  'security-page.test.ts': 'reads a file of this repository',
};

/** What came of a test in a Worker; see `tests/auth/src/worker/run.ts`. */
interface Outcome {
  readonly file: string;
  readonly name: string;
  readonly state: string;
  readonly note: string;
}

/** Runs the suite in a Worker: one bundle, with vitest's runner in it. */
export async function runSuiteInWorker(folder: string): Promise<SuiteResult> {
  const files = readdirSync(join(suite, 'test')).filter((name) => name.endsWith('.test.ts'));
  const entries = files.filter((name) => notForWorkers[name] === undefined).map((name) => `'${name}': () => import('./test/${name}')`);
  await build({
    stdin: {
      contents: `import { runTests } from './src/worker/run.ts';
export default { fetch: async () => Response.json(await runTests({ ${entries.join(', ')} })) };`,
      resolveDir: suite,
    },
    outfile: join(folder, 'suite.js'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    external: ['node:*'],
    define: { 'import.meta.url': '"file:///suite/test/all.ts"' },
    plugins: [absences],
    logLevel: 'silent',
  });
  const outcomes = JSON.parse(await askWorker(workerdProgram, folder, 'suite.js', {})) as Outcome[];
  const passed = outcomes.filter(({ state }) => state === 'pass');
  const others = outcomes.filter(({ state }) => state !== 'pass');
  const skipped = new Map<string, string[]>();
  const skip = (why: string, name: string): void => void skipped.set(why, [...(skipped.get(why) ?? []), name]);
  for (const [name, why] of Object.entries(notForWorkers)) skip(why, `all of ${name}`);
  for (const { state, note, name } of others) if (state === 'skip' && note !== '') skip(note, name);
  const failed = others.filter(({ state, note }) => state !== 'skip' || note === '');
  return { passed: passed.length, failed: failed.map(({ file, name, note }) => `${file}: ${name}: ${note}`), skipped };
}

/** Puts `absent.ts` in the place of what a Worker cannot do. */
const absences: Plugin = {
  name: 'absences',
  setup({ onResolve, resolve }) {
    const path = join(suite, 'src/worker/absent.ts');
    onResolve({ filter: /^@finapi-ts\/testing\/server$/ }, () => ({ path }));
    onResolve({ filter: /\/(server|program)\.ts$/ }, async ({ path: asked, pluginData, ...from }) => {
      if (pluginData === absences) return undefined;
      const found = await resolve(asked, { ...from, pluginData: absences });
      return [join(suite, 'src/hostile/server.ts'), join(suite, 'src/program.ts')].includes(found.path) ? { path } : found;
    });
  },
};
