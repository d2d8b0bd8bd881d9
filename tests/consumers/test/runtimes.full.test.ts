// The package under every runtime and compiler that the toolbox holds. Only with FULL=1.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Mock } from '@finapi-ts/contract-tests/server';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createFolder, removeFolder } from '../src/folders.ts';
import { createProject, writeCompilerSettings } from '../src/project.ts';
import { run, succeed } from '../src/run.ts';
import { startAccessV1, startSilent } from '../src/servers.ts';
import { workspace } from '../src/tarball.ts';
import { askWorker } from '../src/workerd.ts';

const toolbox = join(workspace, 'toolbox');
const { dependencies } = JSON.parse(readFileSync(join(toolbox, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
const versionOf = (name: string): string => (dependencies[name] ?? '').replace(/^.*@/, '');
const tool = (path: string): string => join(toolbox, 'node_modules', path);
const nodes = Object.keys(dependencies).filter((name) => name.startsWith('node-'));
const compilers = Object.keys(dependencies).filter((name) => name.startsWith('typescript-'));

let folder: string;
let mock: Mock;
let silent: Mock;
beforeAll(async () => {
  if (!existsSync(tool('.package-lock.json')))
    await succeed('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: toolbox });
  folder = createFolder();
  const fixtures = ['consumer.ts', 'calls.js', 'main.js', 'worker.js', 'import.cjs', 'require.cjs'];
  [mock, silent] = await Promise.all([startAccessV1(), startSilent(), createProject(folder, inject('packed'), fixtures)]);
});
const table: Record<string, Record<string, unknown>> = {};
afterAll(async () => {
  console.table(table);
  removeFolder(folder);
  await Promise.all([mock?.close(), silent?.close()]);
});

const worked = { get: 'number', form: 'bearer', error: 'NOT_FOUND', paging: 1, timeout: 'TIMEOUT' };
const note = (name: string, result: Record<string, unknown>): void => {
  table[name] = { ...table[name], ...result };
};
const script = (program: string, ...args: string[]) => run(program, args, { cwd: folder, env: { DENO_NO_UPDATE_CHECK: '1' } });

describe('a client works', () => {
  it.each([
    ...nodes.map((name) => [`Node ${versionOf(name)}`, `${name}/bin/node`, []] as const),
    [`Bun ${versionOf('@oven/bun-linux-x64')}`, '@oven/bun-linux-x64/bin/bun', []],
    [`Deno ${versionOf('@deno/linux-x64-glibc')}`, '@deno/linux-x64-glibc/deno', ['run', '--allow-all', '--no-remote']],
  ] as const)('under %s', async (name, program, args) => {
    const { stdout, stderr } = await script(tool(program), ...args, 'main.js', mock.url, silent.url);
    const result = stdout.startsWith('{') ? JSON.parse(stdout) : { get: stderr.slice(0, 200) };
    note(name, result);
    expect(result, stderr).toEqual(worked);
  });

  it.each(nodes)('from CommonJS under %s', async (name) => {
    const imported = await script(tool(`${name}/bin/node`), 'import.cjs', mock.url);
    const required = await script(tool(`${name}/bin/node`), 'require.cjs', mock.url);
    note(`Node ${versionOf(name)}`, { 'import()': imported.stdout.trim(), 'require()': required.code === 0 ? 'works' : 'fails' });
    expect(imported.stdout, imported.stderr).toBe('number\n');
    expect(required.stdout, required.stderr).toBe('function NOT_FOUND\n');
  });

  it('in a Worker', async () => {
    await build({
      absWorkingDir: folder,
      entryPoints: ['worker.js'],
      outfile: join(folder, 'bundle.js'),
      bundle: true,
      format: 'esm',
      logLevel: 'silent',
    });
    const program = tool('@cloudflare/workerd-linux-64/bin/workerd');
    const result = JSON.parse(await askWorker(program, folder, 'bundle.js', { MOCK: mock.url, SILENT: silent.url }));
    note(`workerd ${versionOf('@cloudflare/workerd-linux-64')}`, result);
    expect(result).toEqual(worked);
  });
});

describe('an application compiles', () => {
  it.each(compilers.flatMap((name) => (['nodenext', 'bundler'] as const).map((resolution) => [name, resolution] as const)))(
    'with %s and %s, the types of its libraries checked',
    async (name, resolution) => {
      const settings = writeCompilerSettings(folder, resolution, ['consumer.ts']);
      const { code, stdout } = await script(process.execPath, tool(`${name}/bin/tsc`), '-p', settings);
      note(`TypeScript ${versionOf(name)}`, { [resolution]: code === 0 ? 'compiles' : stdout.slice(0, 200) });
      expect(stdout).toBe('');
      expect(code).toBe(0);
    },
  );
});
