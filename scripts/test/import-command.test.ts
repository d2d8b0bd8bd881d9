import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Node } from '../src/document/grammar.ts';
import { importDocument } from '../src/document/import.ts';
import { parse, print } from '../src/document/yaml.ts';
import {
  batchOf,
  copyScripts,
  type Files,
  type Outcome,
  type Plan,
  read,
  runCommand,
  sharedFolder,
  shed,
  shedSource,
  timesOf,
  write,
  writeShed,
} from './support-copy.ts';
import { file, nodeAt } from './support-documents.ts';
import { temporaryFolder } from './support-folder.ts';
import { shuffleKeys } from './support-shuffle.ts';

const patient = 60_000;
const cache = sharedFolder();
const planned = batchOf(cache, 'import');
const till = { id: 'till', name: 'Till', title: 'The till' };
const source = 'spec/shed/source.yaml';

/** The small API as its publisher has it: the same structure, with prose, titles and examples. */
function published(): Node {
  const document = shedSource();
  Object.assign(nodeAt(document, 'info'), { description: 'PROSE of the whole.', contact: { name: 'PROSE' } });
  Object.assign(nodeAt(document, 'paths', '/tools', 'get'), { summary: 'PROSE', description: 'PROSE on tools.' });
  nodeAt(document, 'paths', '/tools', 'get', 'responses', '200').description = 'PROSE on a page.';
  Object.assign(nodeAt(document, 'components', 'schemas', 'Tool'), { title: 'PROSE', description: 'PROSE', example: { id: 'PROSE' } });
  nodeAt(document, 'components', 'schemas', 'Loan', 'properties', 'days').description = 'PROSE on days.';
  return document;
}

const imported = print(importDocument(file('published.yaml', published())).document);
/** A plan in which the small API has been imported before. */
const again = (publication: string | object, more: Plan = {}): Plan => ({
  args: ['shed', 'published.yaml'],
  ...more,
  prepare: (root) => write(root, { [source]: imported, 'published.yaml': publication }),
});

describe('the import', () => {
  const first = planned({
    args: ['till', 'published.json'],
    prepare: (root) =>
      write(root, { 'spec/apis.json': JSON.stringify([shed, till]), 'published.json': JSON.stringify(published(), null, 2) }),
  });

  it('makes the source of a new API: the structure of the published document, without its words', () => {
    const { root, code, stdout, stderr, changed } = first();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^till {2}source\.yaml written; next: npm run generate {2}\d+\.\d\d s\n$/);
    expect(changed).toEqual(['spec/till', 'spec/till/source.yaml']);
    const text = read(root, 'spec/till/source.yaml');
    expect(parse('', text).value).toEqual(shedSource());
    expect(text).not.toContain('PROSE');
  });

  const times = new Map<string, Record<string, number>>();
  const unchanged: [string, () => Outcome][] = (
    [
      ['as it was', print(published())],
      ['with its keys shuffled', print(shuffleKeys(published(), 3))],
      ['as JSON', JSON.stringify(shuffleKeys(published(), 4))],
      ['with line ends of Windows', print(published()).replaceAll('\n', '\r\n')],
      ['with other words', print(published()).replaceAll('PROSE', 'Other PROSE')],
    ] satisfies [string, string][]
  ).map(([name, text]) => {
    const plan = again(text);
    return [
      name,
      planned({
        ...plan,
        prepare: async (root) => {
          await plan.prepare?.(root);
          times.set(root, timesOf(root));
        },
      }),
    ];
  });

  it.each(unchanged)('of the same document %s says so and touches nothing', (_, outcome) => {
    const { root, code, stdout, stderr, changed } = outcome();
    expect({ code, stderr, changed }).toEqual({ code: 0, stderr: '', changed: [] });
    expect(stdout).toMatch(/^shed {2}source\.yaml unchanged {2}\d+\.\d\d s\n$/);
    expect(timesOf(root)).toEqual(times.get(root));
  });

  const grown = published();
  Object.assign(nodeAt(grown, 'components', 'schemas', 'Loan', 'properties'), { note: { type: 'string', description: 'PROSE' } });
  Object.assign(nodeAt(grown, 'components', 'schemas', 'Loan'), { discriminatorr: {}, 'x-colour': 'red' });
  Object.assign(nodeAt(grown, 'components', 'schemas', 'Tool'), { 'x-colour': 'red' });
  const changedOutcome = planned(again(shuffleKeys(grown, 5)));

  it('of a changed document changes the source there, and lists keywords that it does not know', () => {
    const { root, code, stdout, stderr, changed } = changedOutcome();
    expect({ code, stderr, changed }).toEqual({ code: 0, stderr: '', changed: [source] });
    const lines = stdout.split('\n');
    expect(lines.slice(0, 2).sort()).toEqual([
      'left out schema.discriminatorr, unknown here, in 1 places',
      'left out schema.x-colour, unknown here, in 2 places',
    ]);
    expect(lines[2]).toMatch(/^shed {2}source\.yaml written; next: npm run generate/);
    const [before, after] = [imported, read(root, source)].map((text) => text.split('\n'));
    expect(after?.filter((line) => !before?.includes(line))).toEqual(['        note:', '          type: string']);
    expect(after).toHaveLength((before?.length ?? 0) + 2);
  });

  const below = planned({
    args: ['shed', '../published.yaml'],
    cwd: 'below/deep',
    prepare: (root) => write(root, { 'below/deep/keep': '', 'below/published.yaml': published(), [source]: imported }),
  });

  it('takes a relative name from where it is called', () => {
    expect(below()).toMatchObject({ code: 0, stderr: '', stdout: expect.stringContaining('source.yaml unchanged'), changed: [] });
  });

  it(
    'takes a relative name from where npm was called, which npm says in INIT_CWD',
    async () => {
      const root = temporaryFolder();
      await writeShed(root);
      copyScripts(root);
      write(root, { 'below/published.yaml': published(), [source]: imported });
      const { code, stdout, stderr } = await runCommand(cache, root, 'import', ['shed', 'published.yaml'], {
        env: { INIT_CWD: join(root, 'below') },
      });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain('source.yaml unchanged');
    },
    patient,
  );

  it(
    'explains itself with --help',
    async () => {
      const root = temporaryFolder();
      await writeShed(root);
      copyScripts(root);
      const { code, stdout, stderr } = await runCommand(cache, root, 'import', ['--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      for (const word of ['Usage: npm run spec:import -- API FILE', 'spec/API/source.yaml', 'Exit codes']) expect(stdout).toContain(word);
    },
    patient,
  );
});

describe('the import, where something is wrong, says what and where, shows no stack and writes nothing', () => {
  const given: Files = { 'published.yaml': published() };
  const cases: [string, Files | ((root: string) => void), string[], RegExp][] = [
    ['no argument', given, [], /^error expected an API and a file\n {4}see --help\n$/],
    ['no file', given, ['shed'], /^error expected an API and a file\n {4}see --help\n$/],
    ['too many files', given, ['shed', 'published.yaml', 'published.yaml'], /^error expected an API and a file\n {4}see --help\n$/],
    ['an unknown API', given, ['till', 'published.yaml'], /^error there is no API till\n {4}spec\/apis\.json knows: shed\n$/],
    ['an unknown option', given, ['shed', 'published.yaml', '--force'], /^error Unknown option '--force'.*\n {4}see --help\n$/],
    ['a missing file', given, ['shed', 'publishd.yaml'], /^error publishd\.yaml: there is no such file\n$/],
    ['a folder', given, ['shed', 'spec'], /^error spec: this is a folder, a file was expected\n$/],
    [
      'a broken file',
      { 'published.yaml': 'openapi: 3.0.3\npaths:\n  - a\n b: [' },
      ['shed', 'published.yaml'],
      /^error published\.yaml:4: not valid YAML or JSON: /,
    ],
    ['an empty file', { 'published.yaml': ' \n' }, ['shed', 'published.yaml'], /^error published\.yaml:1: the file is empty\n$/],
    [
      'a list',
      { 'published.yaml': '- a\n' },
      ['shed', 'published.yaml'],
      /^error published\.yaml:1: not an OpenAPI document: its root is not an object\n$/,
    ],
    [
      'Swagger 2.0',
      { 'published.yaml': 'swagger: "2.0"\ninfo: {}\npaths: {}\n' },
      ['shed', 'published.yaml'],
      /^error published\.yaml:1: expected OpenAPI 3\.0 or 3\.1, found swagger: 2\.0\n$/,
    ],
    [
      'OpenAPI 4',
      { 'published.yaml': 'info: {}\nopenapi: 4.0.0\n' },
      ['shed', 'published.yaml'],
      /^error published\.yaml:2: expected OpenAPI 3\.0 or 3\.1, found openapi: 4\.0\.0\n$/,
    ],
    [
      'no list of APIs',
      { ...given, 'spec/apis.json': null },
      ['shed', 'published.yaml'],
      /^error spec\/apis\.json: there is no such file\n$/,
    ],
    [
      'a broken source of before',
      { ...given, [source]: 'a: [\n' },
      ['shed', 'published.yaml'],
      /^error spec\/shed\/source\.yaml:\d: not valid YAML or JSON: /,
    ],
    [
      'a place that is taken by a file',
      (root) => {
        rmSync(join(root, 'spec/shed'), { recursive: true });
        write(root, { ...given, 'spec/shed': 'a file' });
      },
      ['shed', 'published.yaml'],
      /^error nothing was written: /,
    ],
    [
      'a place that is taken by a folder',
      (root) => {
        rmSync(join(root, source));
        mkdirSync(join(root, source));
        write(root, given);
      },
      ['shed', 'published.yaml'],
      /^error spec\/shed\/source\.yaml: this is a folder, a file was expected\n/,
    ],
  ];

  for (const [name, change, args, message] of cases) {
    const outcome = planned({ args, prepare: (root) => (typeof change === 'function' ? change(root) : write(root, change)) });
    it(name, () => {
      const { code, stdout, stderr, changed } = outcome();
      expect(stderr).toMatch(message);
      expect(stderr).not.toMatch(/^ {4}at |This is a bug/m);
      expect({ code, stdout, changed }).toEqual({ code: 1, stdout: '', changed: [] });
    });
  }
});
