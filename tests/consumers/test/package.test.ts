// What is published: the files, the manifests, and what the linters of packages say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, it } from 'vitest';
import { acceptedLines, hint } from '../src/accepted.ts';
import { importsOf, lacksDisposable } from '../src/imports.ts';
import { entriesOf, findPublished, readManifest } from '../src/packages.ts';
import { findProgram } from '../src/project.ts';
import { run } from '../src/run.ts';
import { compareFiles, listFiles, workspace } from '../src/tarball.ts';

/** What a package may ask for: its dependencies, and modules of Node. A new package gets its line here. */
const outside: Readonly<Record<string, { readonly dependencies: readonly string[]; readonly node: readonly string[] }>> = {
  'auth-helpers': { dependencies: [], node: ['node:crypto', 'node:fs', 'node:path'] },
  client: { dependencies: ['openapi-fetch'], node: [] },
  'finapi-ts': { dependencies: ['@finapi-ts/auth-helpers', '@finapi-ts/client'], node: [] },
  testing: { dependencies: ['@finapi-ts/client'], node: ['node:http'] },
};

const packed = inject('packed');
const versions = new Map(findPublished().map(({ name, folder }) => [name, readManifest(folder).version]));

describe.concurrent.each(packed)('the tarball of $id', ({ name, id, tarball, folder }) => {
  const files = listFiles(folder);
  const manifest = readManifest(folder);

  it('holds exactly the accepted files', () => {
    const accepted = `files/${id}.txt`;
    expect(compareFiles(name, acceptedLines(accepted, files), files), hint(accepted)).toBe('');
  });

  it('brings README, licence and changelog', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']));
  });

  it('holds no sources, no tests, and no map that leads nowhere', () => {
    expect(files.filter((file) => /^(src|test)\/|\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const maps = files
      .filter((file) => /\.(js|ts)$/.test(file))
      .flatMap((file) => {
        const [, map] = readFileSync(join(folder, file), 'utf8').match(/^\/\/# sourceMappingURL=(?!data:)(.+)$/m) ?? [];
        return map === undefined ? [] : [join(file, '..', map)];
      });
    expect(
      [...maps, ...files.filter((file) => file.endsWith('.map'))].filter((map) => !files.includes(map) || !maps.includes(map)),
    ).toEqual([]);
  });

  it('depends on what it may, in exact versions, and on nothing else', () => {
    const { dependencies = {} } = manifest;
    expect(Object.keys(dependencies)).toEqual(outside[id]?.dependencies);
    for (const [other, version] of Object.entries(dependencies)) expect(version).toMatch(versionOf(other));
    expect(manifest).not.toHaveProperty('peerDependencies');
    expect(manifest).not.toHaveProperty('optionalDependencies');
    expect(manifest).not.toHaveProperty('scripts.postinstall');
  });

  it('imports nothing but that, in its types as well', () => {
    const { dependencies = [], node = [] } = outside[id] ?? {};
    expect(
      importsOf(
        folder,
        files.filter((file) => file.endsWith('.js')),
      ),
    ).toEqual([...dependencies, ...node].sort());
    const types = files.filter((file) => file.endsWith('.d.ts'));
    expect(importsOf(folder, types).filter((it) => !dependencies.includes(it))).toEqual([]);
  });

  it('brings the types that `await using` needs', () => {
    expect(
      lacksDisposable(
        folder,
        files.filter((file) => file.endsWith('.d.ts')),
      ),
    ).toEqual([]);
  });

  it('is fine for publint, strictly', async () => {
    const { messages } = await publint({ pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, manifest, { color: false }))).toEqual([]);
  });

  it('has types that are right for every way to import it', async () => {
    const attw = findProgram(workspace, '@arethetypeswrong/cli', 'attw');
    const args = [attw, tarball, '--profile', 'esm-only', '--format', 'table-flipped', '--no-emoji'];
    const { code, stdout, stderr } = await run(process.execPath, args, { cwd: workspace });
    expect(code, stdout + stderr).toBe(0);
    for (const entry of entriesOf(manifest)) expect(stdout).toContain(`${id}${entry.name.slice(1)}`);
  });
});

/** Exactly the version that is published beside it, or any exact one. */
function versionOf(name: string): RegExp {
  const version = versions.get(name);
  return version === undefined ? /^\d+\.\d+\.\d+$/ : new RegExp(`^${version.replaceAll('.', '\\.')}$`);
}
