// The package in small real projects: compilers, module systems and bundlers, calls against the mock.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mock } from '@finapi-ts/contract-tests/server';
import { readApis, repository } from '@finapi-ts/scripts/apis';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';
import { build as buildByVite } from 'vite';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createFolder, removeFolder } from '../src/folders.ts';
import { createProject, findProgram, writeCompilerSettings } from '../src/project.ts';
import { run, succeed } from '../src/run.ts';
import { startAccessV1, startSilent } from '../src/servers.ts';
import { workspace } from '../src/tarball.ts';
import { allWork, startTokens, type TokenServer } from '../src/tokens.ts';

const packed = inject('packed');
/** One for each package, and one of all. */
const applications = [...packed.map(({ id }) => `${id}.ts`), 'together.ts'];

let folder: string;
let mock: Mock;
let silent: Mock;
let tokens: TokenServer;
beforeAll(async () => {
  folder = createFolder();
  const fixtures = [
    ...applications,
    'tokens-only.ts',
    'tokens.js',
    'tokens-main.js',
    'client-tokens.js',
    'calls.js',
    'main.js',
    'with-raw.js',
    'import.cjs',
    'require.cjs',
  ];
  createProject(folder, packed, fixtures);
  [mock, silent, tokens] = await Promise.all([startAccessV1(), startSilent(), startTokens()]);
});
afterAll(async () => {
  removeFolder(folder);
  await Promise.all([mock?.close(), silent?.close(), tokens?.close()]);
});

const node = (...args: string[]): Promise<string> => succeed(process.execPath, args, { cwd: folder });
const worked = { get: 'number', form: 'bearer', error: 'NOT_FOUND', paging: 1, timeout: 'TIMEOUT' };

describe.concurrent('an application', () => {
  // All pairs are for the full run.
  it.each([
    ['5.9', workspace, 'nodenext'],
    ['7', repository, 'bundler'],
  ] as const)('compiles with TypeScript %s, the types of its libraries checked', async (version, from, resolution) => {
    const tsc = findProgram(from, 'typescript', 'tsc');
    expect(await node(tsc, '--version')).toContain(`Version ${version}.`);
    const settings = writeCompilerSettings(folder, resolution, applications);
    expect(await run(process.execPath, [tsc, '-p', settings], { cwd: folder })).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('without the types of Node or of a browser is told of those of fetch, and of nothing else', async () => {
    const tsc = findProgram(repository, 'typescript', 'tsc');
    const settings = writeCompilerSettings(folder, 'bare', ['tokens-only.ts']);
    const { code, stdout } = await run(process.execPath, [tsc, '-p', settings], { cwd: folder });
    expect(code).not.toBe(0);
    const missing = [...stdout.matchAll(/Cannot find name '(\w+)'/g)].map(([, name]) => name);
    expect(new Set(missing)).toEqual(new Set(['AbortSignal', 'RequestInit', 'Response']));
    expect(stdout.match(/error TS/g)).toHaveLength(missing.length);
  });

  it('in plain JavaScript calls', async () => {
    expect(JSON.parse(await node('main.js', mock.url, silent.url))).toEqual(worked);
  });

  it('in plain JavaScript calls by path', async () => {
    expect(await node('with-raw.js', mock.url)).toBe('number\n');
  });

  it('has its tokens, and never follows a redirect with a secret', async () => {
    expect(JSON.parse(await node('tokens-main.js', tokens.url))).toEqual(allWork);
    expect(tokens.caught).toEqual([]);
  });

  it('in CommonJS calls after a dynamic import', async () => {
    expect(await node('import.cjs', mock.url)).toBe('number\n');
  });

  it('in CommonJS may require each entry where Node can', async () => {
    expect((process as { features: { require_module?: boolean } }).features.require_module ?? false).toBe(true);
    expect(await node('require.cjs', mock.url)).toBe('function NOT_FOUND\n');
  });

  const bundlers = {
    esbuild: async (input: string, output: string) => {
      await build({
        absWorkingDir: folder,
        entryPoints: [input],
        outfile: join(folder, output),
        bundle: true,
        format: 'esm',
        platform: 'node',
        logLevel: 'silent',
      });
    },
    rolldown: async (input: string, output: string) => {
      const bundle = await rolldown({ cwd: folder, input, platform: 'node', logLevel: 'silent' });
      await bundle.write({ file: join(folder, output), format: 'esm', codeSplitting: false });
      await bundle.close();
    },
    vite: async (input: string, output: string) => {
      await buildByVite({
        configFile: false,
        root: folder,
        logLevel: 'silent',
        // Names are what the tests look for.
        build: { lib: { entry: input, formats: ['es'], fileName: () => output }, outDir: '.', emptyOutDir: false, minify: false },
      });
    },
  };
  /** A bundle runs on its own: no package beside it is asked for. */
  const bare = (code: string): string[] => [...code.matchAll(/from\s*["']([^"'.][^"']*)["']/g)].flatMap(([, name]) => name ?? []);

  it.each(Object.entries(bundlers))('bundled by %s calls, without a trace of the path-based door', async (name, bundle) => {
    await bundle('main.js', `${name}.js`);
    const code = readFileSync(join(folder, `${name}.js`), 'utf8');
    expect(code).not.toMatch(/openapi-fetch|createPathClient|defaultPathSerializer/);
    expect(bare(code)).toEqual([]);
    expect(JSON.parse(await node(`${name}.js`, mock.url, silent.url))).toEqual(worked);
  });

  it.each(Object.entries(bundlers))('bundled by %s calls by path, with openapi-fetch inside', async (name, bundle) => {
    await bundle('with-raw.js', `${name}-raw.js`);
    const code = readFileSync(join(folder, `${name}-raw.js`), 'utf8');
    expect(code).toContain('defaultPathSerializer');
    expect(bare(code)).toEqual([]);
    expect(await node(`${name}-raw.js`, mock.url)).toBe('number\n');
  });

  /** Words of the token layer that only users, stores, logout and what ties them together say. */
  const telling = ['users of the pool', 'credentials were refused before', 'another process has been', 'is no token store'];
  const told = (code: string): string[] => telling.filter((words) => code.includes(words));

  it.each(Object.entries(bundlers))('bundled by %s has its tokens, without a module of Node', async (name, bundle) => {
    await bundle('tokens-main.js', `${name}-tokens.js`);
    const code = readFileSync(join(folder, `${name}-tokens.js`), 'utf8');
    expect(bare(code)).toEqual([]);
    expect(code).not.toMatch(/(from|require\(|import\()\s*["']node:/);
    expect(told(code)).toEqual(telling);
    expect(JSON.parse(await node(`${name}-tokens.js`, tokens.url))).toEqual(allWork);
  });

  it.each(Object.entries(bundlers))('bundled by %s has a client token, without a trace of users and stores', async (name, bundle) => {
    await bundle('client-tokens.js', `${name}-client-tokens.js`);
    const code = readFileSync(join(folder, `${name}-client-tokens.js`), 'utf8');
    expect(bare(code)).toEqual([]);
    expect(told(code)).toEqual([]);
    expect(await node(`${name}-client-tokens.js`, tokens.url)).toBe('string fresh closed\n');
  });

  const apis = readApis(repository);

  it.each(apis)('that imports $id has nothing of the other APIs in its bundle, and loads nothing of them', async ({ id, name }) => {
    const { metafile, outputFiles } = await build({
      absWorkingDir: folder,
      stdin: { contents: `export { create${name} } from '@finapi-ts/client/${id}';`, resolveDir: folder },
      bundle: true,
      format: 'esm',
      platform: 'node',
      write: false,
      metafile: true,
      logLevel: 'silent',
    });
    const tables = Object.keys(metafile.inputs).flatMap((file) => /generated\/([^/]+)\//.exec(file)?.[1] ?? []);
    expect(new Set(tables)).toEqual(new Set([id]));
    // One path of each of the others, as a look at what came out.
    const code = outputFiles[0]?.text ?? '';
    const paths: Readonly<Record<string, string>> = { 'access-v1': '/api/v1/', 'access-v2': '/api/v2/', 'web-form': '/api/webForms' };
    expect(Object.keys(paths).filter((other) => code.includes(paths[other] as string))).toEqual([id]);
  });
});
