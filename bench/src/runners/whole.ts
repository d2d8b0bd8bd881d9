// Composes, lints and generates the first API as the generate command does with --force, writing to a folder given: whole.ts <folder>
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { readApis, repository } from '../../../scripts/src/apis.ts';
import { generate } from '../../../scripts/src/generate.ts';

const [folder = ''] = process.argv.slice(2);
const [api] = readApis(repository);
if (api === undefined) throw new Error('spec/apis.json is empty');
const { files } = await generate(repository, api, { force: true });
for (const [path, content] of files) {
  if (content === null) continue;
  const target = join(folder, relative(repository, path));
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, content);
}
