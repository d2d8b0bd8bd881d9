// Small real projects: a folder with the packages in `node_modules`, as npm would lay them out, without asking a registry.
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { readManifest } from './packages.ts';
import { type Packed, workspace } from './tarball.ts';

/** The folder of a package that `from` can import. */
function findPackage(from: string, name: string): string {
  const require = createRequire(join(from, 'package.json'));
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      readFileSync(join(folder, name, 'package.json'));
      return join(folder, name);
    } catch {
      // Not in this `node_modules`, maybe in the one above.
    }
  }
  throw new Error(`${name} is not installed; run: npm ci`);
}

/** The command-line program of a package, for Node. */
export function findProgram(from: string, name: string, program: string): string {
  const folder = findPackage(from, name);
  const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { bin: Record<string, string> };
  const path = bin[program];
  if (path === undefined) throw new Error(`${name} has no program ${program}`);
  return join(folder, path);
}

/** Where a package lies in a project. */
export const installed = (folder: string, name: string): string => join(folder, 'node_modules', name);

/** Makes a project in `folder`: all packages in it, what they depend on, files of `fixtures/` at its root, and other libraries. */
export function createProject(
  folder: string,
  packed: readonly Packed[],
  fixtures: readonly string[] = [],
  libraries: readonly string[] = [],
): void {
  const modules = join(folder, 'node_modules');
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  for (const { name, folder: unpacked } of packed) cpSync(unpacked, join(modules, name), { recursive: true });
  for (const { folder: unpacked } of packed) bring(dependenciesOf(unpacked), workspace, modules);
  bring(libraries, workspace, modules);
  mkdirSync(join(modules, '@types'));
  const types = findPackage(workspace, '@types/node');
  symlinkSync(types, join(modules, '@types/node'), 'junction');
  symlinkSync(findPackage(types, 'undici-types'), join(modules, 'undici-types'), 'junction');
  for (const name of fixtures) cpSync(join(workspace, 'fixtures', name), join(folder, name));
}

const dependenciesOf = (folder: string): readonly string[] => Object.keys(readManifest(folder).dependencies ?? {});

/** Copies packages as they are installed for `from`, with what they depend on; what is there already stays. */
function bring(names: readonly string[], from: string, modules: string): void {
  for (const name of names) {
    if (existsSync(join(modules, name))) continue;
    const found = findPackage(from, name);
    cpSync(found, join(modules, name), { recursive: true });
    bring(dependenciesOf(found), found, modules);
  }
}

/** Changes a file of a project; throws where there is nothing to change. */
export function change(folder: string, file: string, from: string | RegExp, to: string): void {
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} has nothing like ${from}`);
  writeFileSync(path, after);
}

/** Ways to find modules, each with the types of one platform: of Node alone, of a browser alone, of none. */
const ways = {
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext', lib: ['ES2022'], types: ['node'] },
  bundler: { module: 'esnext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [] },
  bare: { module: 'esnext', moduleResolution: 'bundler', lib: ['ES2022'], types: [] },
};

/** Settings of a compiler as a consumer has them, nothing of the packages left unchecked; in a file of their own. */
export function writeCompilerSettings(folder: string, way: keyof typeof ways, files: readonly string[]): string {
  const name = `tsconfig.${way}.${files.map((file) => file.replace(/^.*\/|\.ts$/g, '')).join('-')}.json`;
  const compilerOptions = {
    target: 'ES2022',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    ...ways[way],
  };
  writeFileSync(join(folder, name), JSON.stringify({ compilerOptions, files }));
  return name;
}
