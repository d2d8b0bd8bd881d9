// Small real projects: a folder with the package in `node_modules`, as npm would lay it out, without asking a registry.
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { clientFolder, type Packed, unpack, workspace } from './tarball.ts';

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

export interface Project {
  /** Where the package lies in it. */
  readonly client: string;
  readonly folder: string;
}

/** Files of `fixtures/` go to the project's root. */
export async function createProject(folder: string, packed: Packed, fixtures: readonly string[] = []): Promise<Project> {
  const modules = join(folder, 'node_modules');
  const client = join(modules, '@finapi-ts/client');
  await unpack(packed.tarball, client);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }));
  const fetcher = findPackage(clientFolder, 'openapi-fetch');
  cpSync(fetcher, join(modules, 'openapi-fetch'), { recursive: true });
  cpSync(findPackage(fetcher, 'openapi-typescript-helpers'), join(modules, 'openapi-typescript-helpers'), { recursive: true });
  mkdirSync(join(modules, '@types'));
  const types = findPackage(workspace, '@types/node');
  symlinkSync(types, join(modules, '@types/node'), 'junction');
  symlinkSync(findPackage(types, 'undici-types'), join(modules, 'undici-types'), 'junction');
  for (const name of fixtures) cpSync(join(workspace, 'fixtures', name), join(folder, name));
  return { client, folder };
}

/** Changes a file of a project; throws where there is nothing to change. */
export function change(folder: string, file: string, from: string | RegExp, to: string): void {
  const path = join(folder, file);
  const before = readFileSync(path, 'utf8');
  const after = before.replace(from, to);
  if (after === before) throw new Error(`${file} has nothing like ${from}`);
  writeFileSync(path, after);
}

/** Settings of a compiler as a consumer has them, nothing of the package left unchecked. */
export function writeCompilerSettings(folder: string, resolution: 'nodenext' | 'bundler', files: readonly string[]): string {
  const name = `tsconfig.${resolution}.json`;
  const compilerOptions = {
    target: 'ES2022',
    strict: true,
    noEmit: true,
    skipLibCheck: false,
    exactOptionalPropertyTypes: true,
    // One with the types of a browser, one with those of Node alone.
    ...(resolution === 'nodenext'
      ? { module: 'nodenext', moduleResolution: 'nodenext', lib: ['ES2022'], types: ['node'] }
      : { module: 'esnext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [] }),
  };
  writeFileSync(join(folder, name), JSON.stringify({ compilerOptions, files }));
  return name;
}
