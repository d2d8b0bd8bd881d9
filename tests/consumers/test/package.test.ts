// What is published: the files, the manifest, and what the linters of packages say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { describe, expect, inject, it } from 'vitest';
import { acceptedLines, hint } from '../src/accepted.ts';
import { findProgram } from '../src/project.ts';
import { run } from '../src/run.ts';
import { compareFiles, listFiles, workspace } from '../src/tarball.ts';

const packed = inject('packed');
const files = listFiles(packed.folder);
const manifest = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8'));

describe('the tarball', () => {
  it('holds exactly the accepted files', () => {
    expect(compareFiles(acceptedLines('files.txt', files), files), hint('files.txt')).toBe('');
  });

  it('brings README, licence and changelog', () => {
    expect(files).toEqual(expect.arrayContaining(['README.md', 'LICENSE', 'CHANGELOG.md', 'package.json']));
  });

  it('holds no sources, no tests, and no map that leads nowhere', () => {
    expect(files.filter((file) => /^(src|test)\/|\.test\.|(?<!\.d)\.ts$/.test(file))).toEqual([]);
    const maps = files
      .filter((file) => /\.(js|ts)$/.test(file))
      .flatMap((file) => {
        const [, map] = readFileSync(join(packed.folder, file), 'utf8').match(/^\/\/# sourceMappingURL=(?!data:)(.+)$/m) ?? [];
        return map === undefined ? [] : [join(file, '..', map)];
      });
    expect(
      [...maps, ...files.filter((file) => file.endsWith('.map'))].filter((map) => !files.includes(map) || !maps.includes(map)),
    ).toEqual([]);
  });

  it('depends on openapi-fetch in an exact version and on nothing else', () => {
    expect(Object.keys(manifest.dependencies)).toEqual(['openapi-fetch']);
    expect(manifest.dependencies['openapi-fetch']).toMatch(/^\d+\.\d+\.\d+$/);
    expect(manifest).not.toHaveProperty('peerDependencies');
    expect(manifest).not.toHaveProperty('optionalDependencies');
    expect(manifest).not.toHaveProperty('scripts.postinstall');
  });

  it('is fine for publint, strictly', async () => {
    const { messages } = await publint({ pack: { tarball: new Uint8Array(readFileSync(packed.tarball)).buffer }, strict: true });
    expect(messages.map((message) => formatMessage(message, manifest, { color: false }))).toEqual([]);
  });

  it('has types that are right for every way to import it', async () => {
    const attw = findProgram(workspace, '@arethetypeswrong/cli', 'attw');
    const { code, stdout, stderr } = await run(
      process.execPath,
      [attw, packed.tarball, '--profile', 'esm-only', '--format', 'table-flipped', '--no-emoji'],
      {
        cwd: workspace,
      },
    );
    expect(code, stdout + stderr).toBe(0);
    for (const entry of Object.keys(manifest.exports)) if (entry !== './package.json') expect(stdout).toContain(`client${entry.slice(1)}`);
  });
});
