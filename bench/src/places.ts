// Where things lie in the repository, and a temporary folder for everything that is written.
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const bench = dirname(dirname(fileURLToPath(import.meta.url)));
export const repository = dirname(bench);
export const document = join(repository, 'spec/access-v1/openapi.yaml');
/** The documents of all APIs. */
export const documents: readonly string[] = (
  JSON.parse(readFileSync(join(repository, 'spec/apis.json'), 'utf8')) as { readonly id: string }[]
).map(({ id }) => join(repository, `spec/${id}/openapi.yaml`));
export const client = join(repository, 'packages/client');

const { resolve } = createRequire(import.meta.url);

/** A file of a dependency of this workspace. */
export const dependency = (name: string, file: string): string => join(dirname(resolve(`${name}/package.json`)), file);

export const openapiTypescript = dependency('openapi-typescript', 'bin/cli.js');

/** A folder that is gone when the bench ends. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'finapi-bench-')));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
