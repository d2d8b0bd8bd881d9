// npm run generate: from spec/ to packages/client and packages/testing, for every API.
import { type Api, readApis, repository } from '../apis.ts';
import { progress, readArguments, run, seconds, style } from '../cli.ts';
import { InputError } from '../errors.ts';
import { type Changes, commit, differences, nameOf } from '../files.ts';
import { type Run, readRecord, writeRecord } from '../record.ts';

const help = `Usage: npm run generate [-- [API …] [--check] [--force]]

Composes the document of each API from its source and overlays, lints it, and writes component types, operation table,
documented methods and provenance to packages/client, and the sandbox's answers to packages/testing. Nothing is written when
anything fails.

  API       only these of spec/apis.json, such as access-v1
  --check   write nothing; exit code 1 when the tree is not what would be generated
  --force   generate even where nothing seems to have changed, and compose documents that were changed by hand anew
  --help    this text

Exit codes: 0 done or nothing to do, 1 failed or, with --check, out of date.
`;

await run(async () => {
  const { values, positionals } = readArguments({ options: { check: { type: 'boolean' }, force: { type: 'boolean' } } }, help);
  const { check = false, force = false } = values as { check?: boolean; force?: boolean };
  const start = performance.now();
  const all = readApis(repository);
  const unknown = positionals.find((id) => !all.some((api) => api.id === id));
  if (unknown !== undefined)
    throw new InputError({ message: `there is no API ${unknown}`, hint: `spec/apis.json knows: ${all.map(({ id }) => id).join(', ')}` });
  const apis = positionals.length === 0 ? all : all.filter(({ id }) => positionals.includes(id));

  const record = check || force ? undefined : readRecord(repository);
  const runs: Run[] = [];
  const wanted = new Map<string, string | null>();
  for (const api of apis) {
    const apiStart = performance.now();
    const before = record?.(api);
    if (before !== undefined) {
      report(api, `${before.counts}, unchanged`, apiStart);
      continue;
    }
    const { generate } = await import('../generate.ts');
    const made = await generate(repository, api, { force, onStep: (step) => progress(`${api.id}: ${step} …`) });
    progress('');
    const counts = `${made.operations} operations, ${made.schemas} schemas, ${made.described} places described`;
    for (const [path, content] of made.files) wanted.set(path, content);
    runs.push({ api, counts, outputs: [...made.files.keys()] });
    const changed = differences(made.files).size;
    report(
      api,
      `${counts}, ${changed === 0 ? 'nothing changed' : `${changed} of ${made.files.size} files ${check ? 'differ' : 'changed'}`}`,
      apiStart,
    );
  }

  const changes = differences(wanted);
  if (!check) {
    commit(changes);
    writeRecord(repository, runs);
  }
  listChanges(changes, check ? 'differs' : 'written');
  if (check && changes.size > 0) {
    throw new InputError({ message: `${changes.size} files are not what would be generated`, hint: 'mend it with: npm run generate' });
  }
  process.stdout.write(`${style('green', 'done')} in ${seconds(start)}\n`);
  return 0;
});

function report(api: Api, text: string, start: number): void {
  process.stdout.write(`${style('bold', api.id)}  ${text}  ${seconds(start)}\n`);
}

/** One line a file, as far as a reader will follow. */
function listChanges(changes: Changes, verb: string): void {
  const shown = [...changes].slice(0, 20);
  for (const [path, content] of shown) process.stdout.write(`  ${content === null ? 'removed' : verb}  ${nameOf(repository, path)}\n`);
  if (changes.size > shown.length) process.stdout.write(`  … and ${changes.size - shown.length} more\n`);
}
