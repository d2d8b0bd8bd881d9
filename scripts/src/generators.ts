// The versions of what generates code, apart from the generators themselves, which take a second to load.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { importerVersion } from './document/import.ts';

/** What shapes the output beside source and overlays. Versions are pinned exactly in the scripts' package.json. */
export function generators(root: string): Record<string, string> {
  const manifest = JSON.parse(readFileSync(join(root, 'scripts/package.json'), 'utf8')) as {
    version: string;
    dependencies: Record<string, string>;
  };
  const versions = { importer: String(importerVersion) } as Record<string, string>;
  for (const name of ['openapi-typescript', 'typescript', 'js-yaml']) versions[name] = manifest.dependencies[name] ?? '';
  return versions;
}
