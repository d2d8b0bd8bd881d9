// npm run spec:update: takes another document of an API over, or leaves everything as it is and says why.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readApis, repository } from '../apis.ts';
import { progress, readArguments, run, seconds, style } from '../cli.ts';
import { isAddress } from '../document/read.ts';
import { InputError } from '../errors.ts';
import { commit, differences, nameOf } from '../files.ts';

const help = `Usage: npm run spec:update -- API DOCUMENT [options]

Takes over a document as finAPI publishes it (a file or an http(s) address; YAML or JSON; OpenAPI 3.0, 3.1 or Swagger 2.0):
imports its structure, puts our layers on, compares it with the one before, generates, type-checks, runs the contract tests,
and compiles the code of the version before against the new client. All of it happens in a copy; the tree changes only when
everything has succeeded.

  API            one of spec/apis.json, such as access-v1
  DOCUMENT       the document
  --from FILE    compare with this document in place of the committed one
  --dry-run      change nothing; write the report alone
  --report FOLDER
                 where report.md and report.html go; reports/API unless given
  --draft-docs   put stubs in overlays/docs/drafts.yaml where words are missing, and at the end of overlays/facts.yaml where
                 nothing says which token a new operation takes; lint refuses them until they are replaced
  --keep-prose   keep finAPI's own words, for private use: what comes of it must not be published, and says so
  --remote-refs  follow references to other servers
  --no-tests     neither run the contract tests nor compile the code of the version before
  --help         this text

Words and facts whose place is gone move from their files to the report. A fix, or an action of the mock, that finds nothing stops the
update: whoever wrote it has to look.

A new operation needs its token said in overlays/facts.yaml, which may be done before the update: facts are held against the new
document here. Until the update is through, npm run generate refuses such a fact; --draft-docs asks for it afterwards instead.

Exit codes: 0 nothing to do, or done; 1 failed, and nothing was changed; 2 done, and something breaks.
`;

await run(async () => {
  const flags = ['dry-run', 'draft-docs', 'keep-prose', 'remote-refs', 'no-tests'] as const;
  const options = {
    from: { type: 'string' },
    report: { type: 'string' },
    ...Object.fromEntries(flags.map((name) => [name, { type: 'boolean' }])),
  } as const;
  const { values, positionals } = readArguments({ options }, help);
  const given = values as { from?: string; report?: string } & Partial<Record<(typeof flags)[number], boolean>>;
  const [id, input, ...rest] = positionals;
  if (id === undefined || input === undefined || rest.length > 0)
    throw new InputError({ message: 'expected an API and a document', hint: 'see --help' });
  const apis = readApis(repository);
  const api = apis.find((it) => it.id === id);
  if (api === undefined)
    throw new InputError({ message: `there is no API ${id}`, hint: `spec/apis.json knows: ${apis.map((it) => it.id).join(', ')}` });

  const start = performance.now();
  // npm runs scripts in the repository; files are named from where the user stands.
  const stand = process.env.INIT_CWD ?? process.cwd();
  const located = (name: string): string => (isAddress(name) ? name : resolve(stand, name));
  const { update } = await import('../update/update.ts');
  const told = steps(start);
  const updated = await update({
    root: repository,
    api,
    input: located(input),
    ...(given.from === undefined ? {} : { from: located(given.from) }),
    remoteRefs: given['remote-refs'] ?? false,
    keepProse: given['keep-prose'] ?? false,
    draftDocs: given['draft-docs'] ?? false,
    tests: given['no-tests'] !== true,
    onStep: told,
  });
  told(undefined);
  if (updated === undefined) {
    process.stdout.write(`${style('bold', api.id)}  no changes: this is the document that is committed  ${seconds(start)}\n`);
    return 0;
  }

  const { clientChangeset, reports } = await import('../update/report.ts');
  const folder = given.report === undefined ? join(repository, 'reports', api.id) : resolve(stand, given.report);
  const { markdown, html } = reports(updated);
  const written = new Map<string, string | null>([
    [join(folder, 'report.md'), markdown],
    [join(folder, 'report.html'), html],
  ]);
  const dry = given['dry-run'] === true;
  if (!dry) {
    for (const [path, content] of updated.files) written.set(path, content);
    const note = clientChangeset(api.title, updated, clientVersion());
    if (note !== undefined) written.set(join(repository, '.changeset', `${api.id}-${slug(updated.after)}.md`), note);
  }
  commit(differences(written));

  const { changes, bump, lost, wordless, undecided, breaks, notes, before, after, files } = updated;
  const count = (wanted: string): number => changes.filter((change) => change.bump === wanted).length;
  const line = (label: string, text: string): void => void process.stdout.write(`  ${label.padEnd(11)}${text}\n`);
  process.stdout.write(`${style('bold', api.id)}  ${before} → ${after}\n`);
  line('changes', `${count('major')} breaking, ${count('minor')} new or changed, ${count('patch')} without effect on code`);
  for (const { file, line: at, message } of breaks) line('breaks', `${file}:${at}: ${message}`);
  for (const note of notes) line('note', note);
  if (lost.length > 0)
    line('words', `and facts: ${lost.length} ${lost.length === 1 ? 'has lost its' : 'have lost their'} place, see the report`);
  if (undecided.length > 0)
    line('tokens', `${undecided.length} ${undecided.length === 1 ? 'operation does' : 'operations do'} not say which yet`);
  if (wordless.length > 0) line('words', `${wordless.length} ${wordless.length === 1 ? 'place has' : 'places have'} none yet`);
  line('files', `${files.size} ${dry ? 'would change' : 'changed'}`);
  line('report', `${nameOf(repository, join(folder, 'report.md'))}, report.html`);
  line('next', next(dry, wordless.length, undecided.length, api.id));
  process.stdout.write(`${seconds(start)}\n${bump ?? 'no changes'}\n`);
  return bump === 'major' ? 2 : 0;
});

function next(dry: boolean, wordless: number, undecided: number, id: string): string {
  if (!dry && undecided > 0)
    return `say which tokens they take at the end of spec/${id}/overlays/facts.yaml, then npm run generate && npm test`;
  if (dry) return 'read the report, then run the command without --dry-run';
  if (wordless > 0) return `write the missing words in spec/${id}/overlays/docs, then npm run generate && npm test`;
  return 'read the report, then npm test, and commit';
}

function clientVersion(): string {
  const path = join(repository, 'packages/client/package.json');
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version : '0.0.0';
}

/** A name for a file. */
function slug(text: string): string {
  const dashed = text.toLowerCase().replace(/[^a-z0-9.]+/g, '-');
  return dashed.replace(/^-|-$/g, '');
}

/** Shows the step under way with its time on a terminal; elsewhere a line for each step that is over. */
function steps(start: number): (step: string | undefined) => void {
  let current: { readonly name: string; readonly since: number } | undefined;
  let timer: ReturnType<typeof setInterval> | undefined;
  return (step) => {
    clearInterval(timer);
    progress('');
    if (current !== undefined) process.stderr.write(`  ${current.name.padEnd(42)}${seconds(current.since)}\n`);
    current = step === undefined ? undefined : { name: step, since: performance.now() };
    if (step === undefined) return;
    const show = (): void => progress(`${step} … ${seconds(start)}`);
    show();
    timer = setInterval(show, 200);
    timer.unref();
  };
}
