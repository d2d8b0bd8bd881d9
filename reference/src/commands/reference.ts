// npm run reference: the Authorization API's reference in the form of OpenAPI Generator's Go clients, and a second opinion.
import { join } from 'node:path';
import { locate, readApis, readDocument, repository } from '@finapi-ts/scripts/apis';
import { progress, readArguments, run, seconds, style } from '@finapi-ts/scripts/cli';
import { InputError } from '@finapi-ts/scripts/errors';
import { commit, differences, listFiles, nameOf, readText } from '@finapi-ts/scripts/files';
import type { Node } from '@finapi-ts/scripts/grammar';
import { parse } from '@finapi-ts/scripts/yaml';
import { judge, readKnown, validate } from '../findings.ts';
import { generatorVersion, stoppable } from '../generator.ts';
import { makePages } from '../pages.ts';

const help = `Usage: npm run reference [-- --check]

Asks OpenAPI Generator for a second opinion on spec/access-v1/openapi.yaml, and writes reference/go/docs, the pages of
the tag Authorization in the form of its Go clients. It needs Java. A finding that reference/findings.yaml does not
know fails, and then nothing is written.

  --check   write nothing; exit code 1 when the pages are not what would be written
  --help    this text

Exit codes: 0 done or nothing to do, 1 failed or, with --check, out of date.
`;

await run(async () => {
  const { values, positionals } = readArguments({ options: { check: { type: 'boolean' } } }, help);
  const { check = false } = values as { check?: boolean };
  if (positionals.length > 0) throw new InputError({ message: `unexpected: ${positionals.join(' ')}`, hint: 'see --help' });
  const start = performance.now();
  const api = readApis(repository).find(({ id }) => id === 'access-v1');
  if (api === undefined) throw new InputError({ file: 'spec/apis.json', message: 'there is no API access-v1' });
  const path = locate(repository, api).document;
  const document = readDocument(repository, path, 'run: npm run generate');
  const listPath = join(repository, 'reference/findings.yaml');
  const list = parse(nameOf(repository, listPath), readText(repository, listPath));
  const known = readKnown(list);

  progress('OpenAPI Generator: validating, writing pages …');
  const [opinion, made] = await stoppable((signal) =>
    Promise.all([validate(path, document.file, { signal }), makePages(document.value as Node, { signal })]),
  );
  progress('');
  const findings = [...opinion, ...made.findings];
  const problems = judge(findings, document.file, known, list);
  if (problems.length > 0) throw new InputError(problems);
  for (const { finding, reason } of known) process.stdout.write(`${style('yellow', 'known')}  ${finding}\n       ${reason}\n`);
  process.stdout.write(
    `${style('bold', 'second opinion')}  OpenAPI Generator ${generatorVersion} finds nothing ${known.length === 0 ? 'to object to' : 'else'} in ${document.file}\n`,
  );

  const folder = join(repository, 'reference/go/docs');
  const wanted = new Map<string, string | null>(listFiles(folder).map((name) => [join(folder, name), null]));
  for (const [name, content] of made.pages) wanted.set(join(folder, name), content);
  const changes = differences(wanted);
  for (const [file, content] of changes)
    process.stdout.write(`  ${content === null ? 'removed' : check ? 'differs' : 'written'}  ${nameOf(repository, file)}\n`);
  if (check && changes.size > 0)
    throw new InputError({ message: 'the reference is not what would be written', hint: 'mend it with: npm run reference' });
  if (!check) commit(changes);
  process.stdout.write(`${style('green', 'done')}${changes.size === 0 ? ', nothing changed,' : ''} in ${seconds(start)}\n`);
  return 0;
});
