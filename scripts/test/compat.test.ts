import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { repository } from '../src/apis.ts';
import { compileBefore, declaresBreaks, newestRelease } from '../src/compat.ts';
import { InputError } from '../src/errors.ts';
import { temporaryFolder } from './support-folder.ts';
import { createHistory, runCompat, tools } from './support-history.ts';

const patient = 60_000;
const dist = 'packages/client/dist/generated/shed/index.d.ts';
const changelog = 'packages/client/CHANGELOG.md';
const renamed = { [dist]: tools('fetchTool') };
const breaks = [
  ['packages/client/test/tools.test.ts', 5],
  ['tests/consumers/fixtures/consumer.ts', 3],
];

describe('the code of a version before', { timeout: patient }, () => {
  it('compiles where nothing has changed, the source of entries taken for the entries', async () => {
    const { root } = createHistory();
    expect(await compileBefore({ ref: 'HEAD', root })).toEqual({ compiled: 3, leftOut: [], breaks: [] });
  });

  it('is that of the reference, not of the working tree', async () => {
    const { root, write } = createHistory();
    write({ 'packages/client/test/tools.test.ts': 'export const broken: string = 1;\n' });
    expect((await compileBefore({ ref: 'HEAD', root })).breaks).toEqual([]);
  });

  it('shows a renamed method with each file and line that called it', async () => {
    const { root, write } = createHistory();
    write(renamed);
    const found = (await compileBefore({ ref: 'HEAD', root })).breaks;
    expect(found.map(({ file, line }) => [file, line])).toEqual(breaks);
    for (const { message } of found) expect(message).toContain("Property 'getTool' does not exist");
  });

  it('shows an entry that is gone where it was imported', async () => {
    const { root, write } = createHistory();
    const entries = { '.': { types: './dist/index.d.ts' } };
    write({ 'packages/client/package.json': JSON.stringify({ name: '@finapi-ts/client', type: 'module', exports: entries }) });
    const { breaks: found } = await compileBefore({ ref: 'HEAD', root });
    expect(found.map(({ file, line }) => `${file}:${line}`)).toEqual(
      expect.arrayContaining(['packages/client/test/tools.test.ts:2', 'tests/consumers/fixtures/consumer.ts:1']),
    );
    expect(found[0]?.message).toContain('@finapi-ts/client/shed');
  });

  it('is left out where it needs more than the entries, with whoever imports it', async () => {
    const { root, write, commit } = createHistory();
    write({ 'packages/client/test/support.ts': "export { only } from '../src/core/list.js';\n" });
    commit();
    const { compiled, leftOut } = await compileBefore({ ref: 'HEAD', root });
    expect(compiled).toBe(1);
    expect(leftOut).toEqual([
      { file: 'packages/client/test/support.ts', imports: '../src/core/list.js' },
      { file: 'packages/client/test/tools.test.ts', imports: './support.js' },
    ]);
  });

  it('is left out where it imports a workspace that is never published; that of other packages is taken', async () => {
    const { root, write, commit } = createHistory();
    write({
      'packages/tokens/package.json': JSON.stringify({ name: '@finapi-ts/tokens', exports: { '.': { types: './dist/index.d.ts' } } }),
      'packages/tokens/dist/index.d.ts': 'export declare const token: string;\n',
      'packages/tokens/test/tokens.test.ts': "import { token } from '../src/index.js';\n\nexport const length: number = token;\n",
      'examples/src/first.ts': "import { token } from '@finapi-ts/tokens';\n\nexport const same: string = token;\n",
      'examples/src/second.ts': "export { run } from '@finapi-ts/scripts/cli';\n",
    });
    commit();
    const { compiled, leftOut, breaks: found } = await compileBefore({ ref: 'HEAD', root });
    expect(compiled).toBe(5);
    expect(leftOut).toEqual([{ file: 'examples/src/second.ts', imports: '@finapi-ts/scripts/cli' }]);
    expect(found.map(({ file, line }) => `${file}:${line}`)).toEqual(['packages/tokens/test/tokens.test.ts:3']);
  });

  it('must be there', async () => {
    const { root, commit } = createHistory();
    for (const folder of ['packages/client/test', 'tests']) rmSync(join(root, folder), { recursive: true });
    commit();
    await expect(compileBefore({ ref: 'HEAD', root })).rejects.toThrow('HEAD has no TypeScript to compile in tests of packages, ');
  });

  it('needs packages that are built', async () => {
    const { root } = createHistory();
    rmSync(join(root, dist));
    await expect(compileBefore({ ref: 'HEAD', root })).rejects.toThrow(`${dist}: there is no such file\n    build it with: npm run build`);
  });

  it('needs git, and a commit that git knows', async () => {
    await expect(compileBefore({ ref: 'HEAD', root: temporaryFolder() })).rejects.toThrow('this is no git repository');
    const unknown = compileBefore({ ref: 'v9', root: createHistory().root });
    await expect(unknown).rejects.toThrow(InputError);
    await expect(unknown).rejects.toThrow('git knows no version v9');
  });
});

describe('the newest release', () => {
  it('is the tag with the highest version, and a release comes after its candidates', () => {
    const { root, commit } = createHistory();
    expect(newestRelease(root)).toBeUndefined();
    for (const tag of ['@finapi-ts/client@0.9.0', '@finapi-ts/client@0.10.0', '@finapi-ts/client@0.10.0-rc.1']) commit(tag);
    for (const other of ['v2.0.0', '@finapi-ts/other@3.0.0', '@finapi-ts/client@latest']) commit(other);
    expect(newestRelease(root)).toBe('@finapi-ts/client@0.10.0');
  });
});

describe('the changelog', () => {
  it.each([
    ['says what breaks in what comes next', true, '## Unreleased\n\n### Breaks\n\n- getTool is fetchTool\n\n## 0.1.0\n'],
    ['says it under the version to come', true, '## 0.2.0\n\nMore.\n\n### Breaks\n- getTool is fetchTool\n\n## 0.1.0\n'],
    ['says nothing where the heading stands alone', false, '## 0.2.0\n\n### Breaks\n\n### Fixes\n\n- one\n\n## 0.1.0\n'],
    ['says nothing where it said it of a release', false, '## 0.2.0\n\n## 0.1.0\n\n### Breaks\n\n- everything\n'],
    ['says nothing where it only uses the word', false, '## 0.2.0\n\nNothing breaks. ### Breaks\n'],
  ])('%s', (_, declared, text) => {
    const { root, write, commit } = createHistory();
    commit('@finapi-ts/client@0.1.0');
    write({ [changelog]: `# Changelog\n\n${text}` });
    expect(declaresBreaks(root)).toBe(declared);
  });
});

describe('the command', { timeout: patient }, () => {
  it('says that nothing is released, and succeeds', async () => {
    const { code, stdout, stderr } = await runCompat(createHistory().root, []);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('no release is tagged here');
  });

  it('takes the newest release, and counts what compiles', async () => {
    const { root, commit } = createHistory();
    commit('@finapi-ts/client@0.1.0');
    const { code, stdout, stderr } = await runCompat(root, []);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^done 3 files of @finapi-ts\/client@0\.1\.0 compile {2}\d+\.\d\d s\n$/);
    expect(readdirSync(join(root, 'temporary'))).toEqual([]);
  });

  it('fails with a list of what breaks, and the way out', async () => {
    const { root, write, commit } = createHistory();
    commit('@finapi-ts/client@0.1.0');
    write(renamed);
    const { code, stdout, stderr } = await runCompat(root, []);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^What breaks, of 3 files of @finapi-ts\/client@0\.1\.0:\n/);
    for (const [file, line] of breaks) expect(stdout).toContain(`\nbreaks: ${file}:${line}: Property 'getTool' does not exist`);
    expect(stderr).toMatch(/^error packages\/client\/CHANGELOG\.md: 2 places break, .*\n {4}.*### Breaks/);
  });

  it('succeeds with the same list where the changelog says what breaks', async () => {
    const { root, write, commit } = createHistory();
    commit('@finapi-ts/client@0.1.0');
    write({ ...renamed, [changelog]: '# Changelog\n\n## Unreleased\n\n### Breaks\n\n- getTool is fetchTool.\n\n## 0.1.0\n' });
    const { code, stdout, stderr } = await runCompat(root, []);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.match(/^breaks: /gm)).toHaveLength(2);
    expect(stdout).toContain('CHANGELOG.md says what breaks');
  });

  it.each([
    ['an unknown version', ['v9'], /^error git knows no version v9\n/],
    ['what looks like an option of git', ['--', '--all'], /^error git knows no version --all\n/],
    ['two versions', ['HEAD', 'HEAD'], /^error expected at most one version\n/],
    ['an unknown option', ['--force'], /^error Unknown option '--force'/],
  ])('refuses %s', async (_, args, message) => {
    const { code, stdout, stderr } = await runCompat(createHistory().root, args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at |This is a bug/m);
  });

  it('explains itself', async () => {
    const { code, stdout } = await runCompat(createHistory().root, ['--help']);
    expect(code).toBe(0);
    for (const word of ['Usage: npm run compat [-- REF]', 'Exit codes']) expect(stdout).toContain(word);
  });

  it.skipIf(process.platform === 'win32')('leaves nothing behind after Ctrl-C', async () => {
    const { root } = createHistory();
    // A compiler that begins and never ends.
    rmSync(join(root, 'node_modules'));
    mkdirSync(join(root, 'node_modules/typescript/bin'), { recursive: true });
    const compiler = "require('node:fs').writeFileSync('begun', '');\nsetInterval(() => {}, 1000);\n";
    writeFileSync(join(root, 'node_modules/typescript/bin/tsc'), compiler);
    symlinkSync(join(repository, 'node_modules/js-yaml'), join(root, 'node_modules/js-yaml'), 'junction');
    const ended = await runCompat(root, ['HEAD'], (stop) => {
      const temporary = join(root, 'temporary');
      const begun = (): boolean => readdirSync(temporary, { recursive: true }).some((path) => String(path).endsWith('begun'));
      void vi.waitUntil(begun, { timeout: patient }).then(stop, stop);
    });
    expect(ended.signal).toBe('SIGINT');
    expect(readdirSync(join(root, 'temporary'))).toEqual([]);
  });
});
