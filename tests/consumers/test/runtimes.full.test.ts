// The packages under every runtime and compiler that the toolbox holds. Only with FULL=1.
import { join } from 'node:path';
import type { Mock } from '@finapi-ts/contract-tests/server';
import { repository } from '@finapi-ts/scripts/apis';
import { build } from 'esbuild';
import { build as buildByVite } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { hint, updating } from '../src/accepted.ts';
import { createFolder, removeFolder } from '../src/folders.ts';
import { findChromium, readPage, servePage } from '../src/page.ts';
import { createProject, writeCompilerSettings } from '../src/project.ts';
import { acceptedPage, comparable, createReport, updateCommand } from '../src/report.ts';
import { run } from '../src/run.ts';
import { startAccessV1, startSilent } from '../src/servers.ts';
import { libraries, ownStoresWork, type StoreResults, type StoreServers, startStoreServers, storesWork } from '../src/stores.ts';
import { allWork, startTokens, type TokenResults, type TokenServer } from '../src/tokens.ts';
import { compilers, installToolbox, runtimes, tool, versionOf, workerdProgram, workerdVersion } from '../src/toolbox.ts';
import { askWorker } from '../src/workerd.ts';

const chromium = findChromium();

const packed = inject('packed');
/** One for each package, and one of all. */
const applications = [...packed.map(({ id }) => `${id}.ts`), 'together.ts'];

let folder: string;
let mock: Mock;
let silent: Mock;
let tokens: TokenServer;
let storeServers: StoreServers;
beforeAll(async () => {
  await installToolbox();
  folder = createFolder();
  const calling = ['calls.js', 'main.js', 'worker.js', 'page.js', 'index.html', 'import.cjs', 'require.cjs'];
  const tokenLayer = ['tokens.js', 'tokens-main.js', 'tokens-worker.js', 'stores.js', 'stores-main.js', 'stores-worker.js'];
  createProject(folder, packed, [...applications, ...calling, ...tokenLayer], libraries);
  [mock, silent, tokens, storeServers] = await Promise.all([startAccessV1(), startSilent(), startTokens(), startStoreServers()]);
});
afterAll(async () => {
  removeFolder(folder);
  await Promise.all([mock?.close(), silent?.close(), tokens?.close(), storeServers?.[Symbol.asyncDispose]()]);
});

const worked = { get: 'number', form: 'bearer', error: 'NOT_FOUND', paging: 1, timeout: 'TIMEOUT' };
const { form: _form, ...workedInPage } = worked;
const report = createReport();
const noteCalls = (
  name: string,
  version: string,
  result: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
) => {
  for (const [call, outcome] of Object.entries(expected)) report.runtime(name, version, call, result[call] === outcome);
};
const script = (program: string, ...args: string[]) => run(program, args, { cwd: folder, env: { DENO_NO_UPDATE_CHECK: '1' } });

/** Bundles a Worker, and asks it once. */
async function work(entry: string, bindings: Readonly<Record<string, string>>): Promise<unknown> {
  const outfile = `bundled-${entry}`;
  await build({
    absWorkingDir: folder,
    entryPoints: [entry],
    outfile: join(folder, outfile),
    bundle: true,
    format: 'esm',
    logLevel: 'silent',
  });
  return JSON.parse(await askWorker(workerdProgram, folder, outfile, bindings));
}

describe('a client works', () => {
  it.each(runtimes)('under %s %s', async (name, version, program, args) => {
    const { stdout, stderr } = await script(program, ...args, 'main.js', mock.url, silent.url);
    const result = stdout.startsWith('{') ? JSON.parse(stdout) : {};
    noteCalls(name, version, result, worked);
    expect(result, stderr).toEqual(worked);
  });

  it.each(runtimes)('from CommonJS under %s %s', async (name, version, program, args) => {
    const imported = await script(program, ...args, 'import.cjs', mock.url);
    const required = await script(program, ...args, 'require.cjs', mock.url);
    report.runtime(name, version, 'import', imported.stdout === 'number\n');
    report.runtime(name, version, 'require', required.stdout === 'function NOT_FOUND\n');
    expect(imported.stdout, imported.stderr).toBe('number\n');
    expect(required.stdout, required.stderr).toBe('function NOT_FOUND\n');
  });

  it('in a Worker', async () => {
    const result = (await work('worker.js', { MOCK: mock.url, SILENT: silent.url })) as Record<string, string>;
    noteCalls('workerd', workerdVersion, result, worked);
    expect(result).toEqual(worked);
  });

  it.skipIf(chromium === undefined)('in a page, bundled by Vite, in Chromium', async () => {
    const outDir = join(folder, 'page');
    await buildByVite({ configFile: false, root: folder, logLevel: 'silent', build: { outDir, emptyOutDir: false } });
    const page = await servePage(outDir, mock.url);
    try {
      const { version, text, errors } = await readPage(chromium ?? '', page.url);
      const result = text.startsWith('{') ? JSON.parse(text) : text;
      noteCalls('Chromium', version, result, workedInPage);
      expect(result).toEqual(workedInPage);
      expect(errors).toEqual([]);
    } finally {
      await page.close();
    }
  });

  it('in a browser at least in CI', () => {
    const words = 'there is no chromium on the PATH, so NOTHING RAN IN A BROWSER; install it, or set CHROMIUM';
    if (chromium === undefined) process.stderr.write(`\n${'!'.repeat(20)} ${words}\n\n`);
    expect(chromium !== undefined || process.env['CI'] === undefined, words).toBe(true);
  });
});

describe('the token layer works', () => {
  const note = (name: string, version: string, result: TokenResults): void => {
    report.runtime(
      name,
      version,
      'tokens',
      Object.entries(allWork).every(([check, outcome]) => result[check] === outcome),
    );
  };

  it.each(runtimes)('under %s %s', async (name, version, program, args) => {
    const { stdout, stderr } = await script(program, ...args, 'tokens-main.js', tokens.url);
    const result: TokenResults = stdout.startsWith('{') ? JSON.parse(stdout) : {};
    note(name, version, result);
    expect(result, stderr).toEqual(allWork);
  });

  it('in a Worker', async () => {
    const result = (await work('tokens-worker.js', { TOKENS: tokens.url })) as TokenResults;
    note('workerd', workerdVersion, result);
    expect(result).toEqual(allWork);
  });

  it('without ever following a redirect', () => {
    expect(tokens.caught).toEqual([]);
  });
});

/** The cases wait for ends most of their time: all runtimes do so at once. */
describe.concurrent('the stores do what stores must', () => {
  const note = (name: string, version: string, { stores = {} }: StoreResults, expected: StoreResults): void => {
    const works = Object.entries(expected.stores ?? {}).every(([store, { passed }]) => stores[store]?.passed === passed);
    report.runtime(name, version, 'stores', works);
  };

  it.each(runtimes)('under %s %s', async (name, version, program, args) => {
    const { stdout, stderr } = await script(program, ...args, 'stores-main.js', storeServers.redisUrl, storeServers.databaseUrl);
    const result: StoreResults = stdout.startsWith('{') ? JSON.parse(stdout) : {};
    const expected = storesWork(storeServers);
    note(name, version, result, expected);
    expect(result, stderr).toEqual(expected);
  });

  it('in a Worker', async () => {
    const result = (await work('stores-worker.js', {})) as StoreResults;
    note('workerd', workerdVersion, result, ownStoresWork);
    expect(result).toEqual(ownStoresWork);
  });

  it('over real servers at least in CI', () => {
    const { redisUrl, databaseUrl } = storeServers;
    const words = 'there is no redis-server or no PostgreSQL, so STORES OVER THEM DID NOT RUN; install redis-server and postgresql';
    const all = redisUrl !== '' && databaseUrl !== '';
    if (!all) process.stderr.write(`\n${'!'.repeat(20)} ${words}\n\n`);
    expect(all || process.env['CI'] === undefined, words).toBe(true);
  });
});

describe('an application compiles', () => {
  const compile = (compiler: string, way: 'nodenext' | 'bundler', files: readonly string[]) =>
    script(process.execPath, tool(`${compiler}/bin/tsc`), '-p', writeCompilerSettings(folder, way, files));

  it.each(compilers.flatMap((name) => (['nodenext', 'bundler'] as const).map((way) => [name, way] as const)))(
    'of all packages with %s and %s, the types of its libraries checked',
    async (name, way) => {
      const { code, stdout } = await compile(name, way, applications);
      report.compiler('TypeScript', versionOf(name), way, code === 0);
      expect(stdout).toBe('');
      expect(code).toBe(0);
    },
  );

  // Beside others, a package could live on what those bring. The oldest compiler knows the least by itself, as does a browser.
  it.each(applications)('of %s alone with the oldest compiler', async (file) => {
    const [oldest = ''] = compilers;
    expect(await compile(oldest, 'bundler', [file])).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('the page of runtimes', () => {
  const place = { folder: join(repository, 'docs'), command: updateCommand };

  it('is what these tests saw', () => {
    if (updating && chromium === undefined) throw new Error('docs/runtimes.md is written with Chromium alone; install it, or set CHROMIUM');
    const lines = report.lines();
    const accepted = acceptedPage(place, { runtimes: lines }).runtimes;
    const seen = { browser: chromium !== undefined };
    expect(comparable(lines, seen), hint('runtimes.md', place)).toEqual(comparable(accepted, seen));
  });
});
