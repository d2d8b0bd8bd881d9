// What each entry offers, beside what was accepted: whoever changes it, does so knowingly.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { acceptedLines, hint } from '../src/accepted.ts';
import { createFolder, removeFolder } from '../src/folders.ts';
import { entriesOf, readManifest } from '../src/packages.ts';
import { createProject, installed } from '../src/project.ts';
import { readSurface } from '../src/surface.ts';
import { listFiles, workspace } from '../src/tarball.ts';

const packed = inject('packed');
const entries = packed.flatMap(({ id, name, folder }) =>
  entriesOf(readManifest(folder)).map((entry) => ({
    ...entry,
    name: `${id}${entry.name.slice(1)}`,
    package: name,
    file: `surface/${id}/${entry.name === '.' ? 'index' : entry.name.slice(2).replaceAll('/', '.')}.txt`,
  })),
);

let folder: string;
beforeAll(() => {
  folder = createFolder();
  createProject(folder, packed);
});
afterAll(() => removeFolder(folder));

describe.each(entries)('the entry $name', ({ name, package: owner, file, types, default: code }) => {
  it('offers what was accepted, at run time too', async () => {
    const root = installed(folder, owner);
    const loaded: object = await import(/* @vite-ignore */ pathToFileURL(join(root, code)).href);
    const surface = readSurface(join(root, 'dist'), join(root, types));
    expect(Object.keys(loaded).sort()).toEqual(surface.values);
    // A table is data: its names are what consumers build on.
    const lines = name.endsWith('/operations')
      ? Object.entries(loaded).flatMap(([key, value]) => [
          key,
          ...Object.keys(value)
            .sort()
            .map((id) => `  ${id}`),
        ])
      : surface.lines;
    expect(lines, hint(file)).toEqual(acceptedLines(file, lines));
  });
});

describe('what was accepted', () => {
  it('is of entries that there are', () => {
    const found = listFiles(join(workspace, 'test/surface')).map((file) => `surface/${file}`);
    expect(found).toEqual(entries.map(({ file }) => file).sort());
  });
});
