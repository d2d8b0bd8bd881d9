// The packages that are published: every folder of packages/ whose manifest is not private.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '@finapi-ts/scripts/apis';

/** What the tests read of a manifest. */
export interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies?: Readonly<Record<string, string>>;
}

export interface Published {
  /** As it is imported. */
  readonly name: string;
  /** The same without its scope. */
  readonly id: string;
  readonly folder: string;
}

export const readManifest = (folder: string): Manifest => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;

/** In order of their folders. */
export function findPublished(): Published[] {
  const root = join(repository, 'packages');
  return readdirSync(root)
    .sort()
    .map((name) => join(root, name))
    .filter((folder) => existsSync(join(folder, 'package.json')) && readManifest(folder).private !== true)
    .map((folder) => {
      const { name } = readManifest(folder);
      return { name, id: name.replace(/^.*\//, ''), folder };
    });
}

/** The entries of a package that have types. */
export const entriesOf = ({ exports }: Manifest): { name: string; types: string; default: string }[] =>
  Object.entries(exports).flatMap(([name, target]) => (typeof target === 'string' ? [] : [{ name, ...target }]));
