// The peers' packages, which are not in the lock: installed when first wanted.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bench } from '../places.ts';
import { npm } from '../process.ts';
import type { Context } from '../report.ts';

export const home = join(bench, 'auth-peers');

/** Makes sure of the pinned versions. npm writes its hidden lock last: without it, an installation was broken off. */
export function install(progress: Context['progress']): void {
  const manifest = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const { dependencies } = manifest(home) as { dependencies: Record<string, string> };
  const modules = join(home, 'node_modules');
  const there =
    existsSync(join(modules, '.package-lock.json')) &&
    Object.entries(dependencies).every(([name, pinned]) => {
      const folder = join(modules, name);
      return existsSync(join(folder, 'package.json')) && manifest(folder).version === pinned;
    });
  if (there) return;
  progress('installing the peers from the registry, once');
  npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], home);
}
