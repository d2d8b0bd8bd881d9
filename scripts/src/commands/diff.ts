// npm run spec:diff: what changed between two documents, for those who use a client made from them.
import { join, resolve } from 'node:path';
import { repository } from '../apis.ts';
import { progress, readArguments, run, seconds, style } from '../cli.ts';
import type { Bump } from '../diff/change.ts';
import { diff } from '../diff/diff.ts';
import { reportHtml, reportMarkdown, titleOf, verdictOf } from '../diff/report.ts';
import { changeTables } from '../diff/tables.ts';
import { isUrl, readDocument } from '../document/read.ts';
import { InputError } from '../errors.ts';
import { commit, differences, nameOf } from '../files.ts';

const help = `Usage: npm run spec:diff -- A B [--report FOLDER] [--tables FILE] [--remote-refs]

Compares two documents (files or http(s) addresses; YAML or JSON; OpenAPI 3.0, 3.1 or Swagger 2.0) and prints what
changed for users of a client that is made from them, breaking changes first. The last line is the release that the
changes ask for: major, minor, patch, or no changes.

  A                the document before
  B                the document after
  --report FOLDER  also write report.md and report.html
  --tables FILE    also write the changes as tables by operation and type, in Markdown
  --remote-refs    follow references to other servers
  --help           this text

Exit codes: 0 nothing breaks, 2 something breaks, 1 failed.
`;

const looks: Record<Bump, { readonly label: string; readonly format: Parameters<typeof style>[0] }> = {
  major: { label: 'breaks', format: 'red' },
  minor: { label: 'minor ', format: 'green' },
  patch: { label: 'patch ', format: 'dim' },
};

await run(async () => {
  const options = { report: { type: 'string' }, tables: { type: 'string' }, 'remote-refs': { type: 'boolean' } } as const;
  const { values, positionals } = readArguments({ options }, help);
  const [a, b, ...rest] = positionals;
  if (a === undefined || b === undefined || rest.length > 0)
    throw new InputError({ message: 'expected two documents, the one before and the one after', hint: 'see --help' });
  const start = performance.now();
  // npm runs scripts in the repository; files are named from where the user stands.
  const from = process.env.INIT_CWD ?? process.cwd();
  const located = (input: string): string => (isUrl(input) ? input : resolve(from, input));
  const { report, tables, 'remote-refs': remoteRefs = false } = values as { report?: string; tables?: string; 'remote-refs'?: boolean };

  progress('reading …');
  const [before, after] = await Promise.all([
    readDocument(repository, located(a), { remoteRefs }),
    readDocument(repository, located(b), { remoteRefs }),
  ]);
  progress('comparing …');
  const changes = diff(before.value, after.value);
  progress('');

  const notes = [before, after].flatMap(({ file, notes: list }) => list.map((note) => `${file}: ${note}`));
  for (const note of notes) process.stderr.write(`${note}\n`);
  for (const { bump, text } of changes) process.stdout.write(`${style(looks[bump].format, looks[bump].label)}  ${text}\n`);
  if (report !== undefined) {
    const folder = resolve(from, report);
    const compared = { before: before.file, after: after.file };
    const wanted = new Map([
      [join(folder, 'report.md'), reportMarkdown(compared, changes)],
      [join(folder, 'report.html'), reportHtml(compared, changes)],
    ]);
    commit(differences(wanted));
    process.stdout.write(`report in ${nameOf(repository, folder)}\n`);
  }
  if (tables !== undefined) {
    const path = resolve(from, tables);
    const titles = { before: titleOf(before.value), after: titleOf(after.value) };
    const command = `npm run spec:diff -- ${before.file} ${after.file} --tables ${nameOf(repository, path)}`;
    commit(differences(new Map([[path, changeTables(titles, changes, `Written by: ${command}`)]])));
    process.stdout.write(`tables in ${nameOf(repository, path)}\n`);
  }
  process.stdout.write(`${changes.length} changes in ${seconds(start)}\n${verdictOf(changes)}\n`);
  return verdictOf(changes) === 'major' ? 2 : 0;
});
