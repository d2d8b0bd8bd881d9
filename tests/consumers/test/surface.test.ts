// What each entry offers, beside what was accepted: whoever changes it, does so knowingly.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { acceptedLines, hint } from '../src/accepted.ts';
import { createFolder, removeFolder } from '../src/folders.ts';
import { createProject } from '../src/project.ts';
import { readSurface } from '../src/surface.ts';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

const packed = inject('packed');
const { exports } = JSON.parse(readFileSync(join(packed.folder, 'package.json'), 'utf8')) as Manifest;
const entries = Object.entries(exports).flatMap(([name, target]) => (typeof target === 'string' ? [] : [{ name, ...target }]));

let folder: string;
let client: string;
beforeAll(async () => {
  folder = createFolder();
  ({ client } = await createProject(folder, packed));
});
afterAll(() => removeFolder(folder));

describe.each(entries)('the entry $name', ({ name, types, default: code }) => {
  const file = `surface/${name === '.' ? 'index' : name.slice(2).replaceAll('/', '.')}.txt`;
  const load = (): Promise<object> => import(/* @vite-ignore */ pathToFileURL(join(client, code)).href);

  it('offers what was accepted', async () => {
    // The table is data: its names are what consumers build on.
    const lines = name.endsWith('/operations')
      ? Object.entries(await load()).flatMap(([key, value]) => [
          key,
          ...Object.keys(value)
            .sort()
            .map((id) => `  ${id}`),
        ])
      : readSurface(join(client, 'dist'), join(client, types)).lines;
    expect(lines, hint(file)).toEqual(acceptedLines(file, lines));
  });

  it('has at run time what its types say', async () => {
    expect(Object.keys(await load()).sort()).toEqual(readSurface(join(client, 'dist'), join(client, types)).values);
  });
});
