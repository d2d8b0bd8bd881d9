import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { readApis, repository } from '../src/apis.ts';
import type { Node } from '../src/document/grammar.ts';
import { parse } from '../src/document/yaml.ts';
import { InputError, type Problem } from '../src/errors.ts';
import { commit, differences, nameOf } from '../src/files.ts';
import { generate } from '../src/generate.ts';
import {
  batchOf,
  changesBetween,
  copyApis,
  copyManifest,
  copyScripts,
  type Files,
  type Options,
  type Outcome,
  read,
  runCommand,
  sharedFolder,
  shed,
  shedFiles,
  shedSource,
  stateOf,
  timesOf,
  write,
  writeShed,
} from './support-copy.ts';
import { temporaryFolder } from './support-folder.ts';
import { shuffleKeys } from './support-shuffle.ts';

/** For tests that start processes: they end much earlier, but not on a machine that does ten things at once. */
const patient = 60_000;
const cache = sharedFolder();
const run = (root: string, args: readonly string[] = [], options: Options = {}) => runCommand(cache, root, 'generate', args, options);

const generated = 'packages/client/src/generated/shed';
const answers = 'packages/testing/src/generated/shed/answers.ts';
const fileNames = ['index.ts', 'methods.ts', 'operations.ts', 'paths.ts', 'provenance.ts', 'raw.ts', 'schemas.ts'];

/** The small API with its client, as it would be committed. */
async function committed(changes: Files = {}): Promise<string> {
  const root = temporaryFolder();
  await writeShed(root);
  write(root, changes);
  return root;
}

/** The same with the pipeline's code, in which the command can be run. */
async function runnable(changes: Files = {}): Promise<string> {
  const root = await committed(changes);
  copyScripts(root);
  return root;
}

/** What a run would change, in a folder where `changes` were made. */
async function changedBy(root: string, options: { force?: boolean } = {}): Promise<string[]> {
  const { files } = await generate(root, shed, options);
  return [...differences(files).keys()].map((path) => nameOf(root, path));
}

async function problemsOf(run: () => Promise<unknown>): Promise<readonly Problem[]> {
  try {
    await run();
  } catch (cause) {
    if (cause instanceof InputError) return cause.problems;
    throw cause;
  }
  throw new Error('expected an InputError, but nothing was thrown');
}

/** The same content in other text. */
const writings: [string, (text: string) => string][] = [
  ['with its keys shuffled', (text) => JSON.stringify(shuffleKeys(parse('', text).value, 7))],
  ['with its keys shuffled in another way', (text) => JSON.stringify(shuffleKeys(parse('', text).value, 8))],
  ['indented by four spaces, with comments and blank lines', (text) => `# by hand\n\n${dump(parse('', text).value, { indent: 4 })}\n\n`],
  ['with line ends of Windows', (text) => text.replaceAll('\n', '\r\n')],
  ['with a byte order mark', (text) => `\ufeff${text}`],
  ['as JSON', (text) => JSON.stringify(parse('', text).value, null, 4)],
];
const inputs = ['source.yaml', 'overlays/fixes.yaml', 'overlays/facts.yaml', 'overlays/docs/common.yaml', 'overlays/docs/tools.yaml'];

describe('generate', () => {
  it('gives the composed document, the modules of client and sandbox and pages, and says what it found', async () => {
    const root = await committed();
    const { files, operations, schemas, described } = await generate(root, shed);
    const names = [...files.keys()].map((path) => nameOf(root, path));
    const modules = [...fileNames.map((name) => `${generated}/${name}`), answers];
    expect(names).toEqual(expect.arrayContaining(['spec/shed/openapi.yaml', ...modules]));
    const places =
      /^(spec\/shed\/openapi\.yaml|packages\/client\/(src\/generated|docs)\/shed\/.+|packages\/testing\/src\/generated\/shed\/.+)$/;
    for (const name of names) expect(name).toMatch(places);
    expect({ operations, schemas, described }).toEqual({ operations: 2, schemas: 5, described: 21 });
  });

  it('refuses a place without words, and says where it is and where they belong', async () => {
    const root = await committed();
    write(root, { 'spec/shed/overlays/docs/loans.yaml': null });
    await expect(generate(root, shed)).rejects.toThrow(
      /spec\/shed\/openapi\.yaml:\d+: components \/ schemas \/ Loan \/ properties \/ toolId has no description\n {4}describe it in spec\/shed\/overlays\/docs\//,
    );
  });

  it('tells what it is doing', async () => {
    const root = await committed();
    const steps: string[] = [];
    await generate(root, shed, { onStep: (step) => steps.push(step) });
    expect(steps).toEqual(['composing', 'linting', 'writing code']);
  });

  it('writes nothing by itself', async () => {
    const root = await committed({ 'spec/shed/openapi.yaml': null });
    const before = stateOf(root);
    expect(await changedBy(root)).toEqual(['spec/shed/openapi.yaml']);
    expect(changesBetween(before, stateOf(root))).toEqual([]);
  });

  it.each(writings)('gives the same bytes for a source %s', async (_, rewrite) => {
    const root = await committed();
    write(root, { 'spec/shed/source.yaml': rewrite(read(root, 'spec/shed/source.yaml')) });
    expect(await changedBy(root)).toEqual([]);
  });

  it.each(writings)('gives the same bytes for source and overlays %s', async (_, rewrite) => {
    const root = await committed();
    for (const name of inputs) write(root, { [`spec/shed/${name}`]: rewrite(read(root, `spec/shed/${name}`)) });
    expect(await changedBy(root)).toEqual([]);
  });

  it.each(writings)('gives the same bytes for a composed document %s, and writes it in its own form again', async (_, rewrite) => {
    const root = await committed();
    const { 'spec/shed/openapi.yaml': before, ...others } = stateOf(root);
    write(root, { 'spec/shed/openapi.yaml': rewrite(read(root, 'spec/shed/openapi.yaml')) });
    expect(await changedBy(root)).toEqual(['spec/shed/openapi.yaml']);
    commit((await generate(root, shed)).files);
    const { 'spec/shed/openapi.yaml': after, ...othersNow } = stateOf(root);
    expect(after).toBe(before);
    expect(changesBetween(others, othersNow)).toEqual([]);
  });

  it('keeps the order of names that a reader knows when operations, properties and schemas come in another one', async () => {
    const root = await committed();
    const source = shedSource();
    const reversed = (node: Node): Node => Object.fromEntries(Object.entries(node).reverse());
    source.paths = reversed(source.paths as Node);
    (source.components as Node).schemas = reversed((source.components as Node).schemas as Node);
    write(root, { 'spec/shed/source.yaml': source });
    expect(await changedBy(root)).toEqual([]);
  });

  it('composes a document that is missing', async () => {
    const root = await committed();
    const text = read(root, 'spec/shed/openapi.yaml');
    write(root, { 'spec/shed/openapi.yaml': null });
    commit((await generate(root, shed)).files);
    expect(read(root, 'spec/shed/openapi.yaml')).toBe(text);
  });

  it('gives the same bytes where nothing was generated before', async () => {
    const root = await committed();
    const before = stateOf(root);
    rmSync(join(root, 'packages'), { recursive: true });
    rmSync(join(root, 'spec/shed/openapi.yaml'));
    commit((await generate(root, shed)).files);
    expect(changesBetween(before, stateOf(root))).toEqual([]);
  });

  it('refuses a composed document that was changed by hand: the next composition would lose the change', async () => {
    const root = await committed();
    write(root, { 'spec/shed/openapi.yaml': read(root, 'spec/shed/openapi.yaml').replace('It leaves the wall.', 'It is gone.') });
    expect(await problemsOf(() => generate(root, shed))).toEqual([
      {
        file: 'spec/shed/openapi.yaml',
        message: expect.stringContaining('changed by hand'),
        hint: expect.stringMatching(/spec\/shed\/overlays.*npm run generate -- --force/),
      },
    ]);
  });

  it('composes it anew with force', async () => {
    const root = await committed();
    const before = stateOf(root);
    write(root, { 'spec/shed/openapi.yaml': read(root, 'spec/shed/openapi.yaml').replace('It leaves the wall.', 'It is gone.') });
    commit((await generate(root, shed, { force: true })).files);
    expect(changesBetween(before, stateOf(root))).toEqual([]);
  });

  it('lets a change by hand pass that an overlay says as well', async () => {
    const root = await committed();
    for (const name of ['spec/shed/openapi.yaml', 'spec/shed/overlays/docs/loans.yaml'])
      write(root, { [name]: read(root, name).replace('It leaves the wall.', 'It is gone.') });
    expect(await changedBy(root)).toEqual(expect.arrayContaining([`${generated}/methods.ts`, `${generated}/provenance.ts`]));
    expect(await changedBy(root)).not.toContain('spec/shed/openapi.yaml');
  });

  it.each([
    ['is no YAML', 'openapi: 3.0.3\npaths: [\n', 3],
    ['is empty', '', 1],
    ['is no object', '- 1\n- 2\n', 1],
    ['is cut off', 'openapi: "3.0.3\n', 2],
  ])('refuses a composed document that %s, with the line and the way out', async (_, text, line) => {
    const root = await committed({ 'spec/shed/openapi.yaml': text });
    expect(await problemsOf(() => generate(root, shed))).toEqual([
      {
        file: 'spec/shed/openapi.yaml',
        line,
        message: expect.any(String),
        hint: expect.stringContaining('npm run generate -- --force'),
      },
    ]);
    expect(await changedBy(root, { force: true })).toEqual(['spec/shed/openapi.yaml']);
  });

  it('refuses a composed document that is no text, with the way out', async () => {
    const root = await committed();
    writeFileSync(join(root, 'spec/shed/openapi.yaml'), Uint8Array.of(0x6f, 0xff, 0xfe));
    expect(await problemsOf(() => generate(root, shed))).toEqual([
      {
        file: 'spec/shed/openapi.yaml',
        message: 'the file is not UTF-8 text',
        hint: expect.stringContaining('npm run generate -- --force'),
      },
    ]);
    expect(await changedBy(root, { force: true })).toEqual(['spec/shed/openapi.yaml']);
  });

  it('lists files that are generated no longer as to go, at every depth', async () => {
    const root = await committed({ [`${generated}/old.ts`]: '', [`${generated}/deep/older.ts`]: '', [`${answers}.old.ts`]: '' });
    const { files } = await generate(root, shed);
    expect([...differences(files)].map(([path, content]) => [nameOf(root, path), content])).toEqual([
      [`${generated}/deep/older.ts`, null],
      [`${generated}/old.ts`, null],
      [`${answers}.old.ts`, null],
    ]);
  });

  it('names where the client comes from: other words are another document and other overlays', async () => {
    const root = await committed();
    const before = read(root, `${generated}/provenance.ts`);
    const words = 'spec/shed/overlays/docs/loans.yaml';
    write(root, { [words]: read(root, words).replace('It leaves the wall.', 'It is gone.') });
    commit((await generate(root, shed)).files);
    const after = read(root, `${generated}/provenance.ts`);
    for (const key of ['document', 'overlays']) {
      const hash = new RegExp(`${key}: '([0-9a-f]{64})'`);
      expect([key, hash.exec(after)?.[1] === hash.exec(before)?.[1]]).toEqual([key, false]);
    }
    expect(after).toContain("version: '1.4.0'");
  });

  it('reports all that lint finds, each with the line in the document that would be written', async () => {
    const root = await committed();
    const facts = 'spec/shed/overlays/facts.yaml';
    write(root, { [facts]: read(root, facts).replaceAll('x-finapi-token', 'x-token') });
    const problems = await problemsOf(() => generate(root, shed));
    expect(problems.map(({ message }) => message)).toEqual(['listTools: x-finapi-token is missing', 'lendTool: x-finapi-token is missing']);
    const lines = read(root, 'spec/shed/openapi.yaml').split('\n');
    // The lines below the first operation have moved up by the token that is missing now.
    expect(lines[(problems[0]?.line ?? 0) - 1]).toBe('    get:');
    expect(lines.slice((problems[1]?.line ?? 0) - 1).indexOf('    post:')).toBeLessThan(4);
  });
});

const planned = batchOf(cache, 'generate');
const time = '\\d+\\.\\d\\d s';

describe('generate with the real documents', () => {
  const apis = readApis(repository);
  const checked = planned({
    args: ['--check'],
    prepare: (root) => {
      rmSync(join(root, 'spec'), { recursive: true });
      copyApis(root);
    },
  });

  it('finds the committed tree in order with --check', () => {
    const { code, stdout, stderr, changed } = checked();
    expect({ code, stderr, changed }).toEqual({ code: 0, stderr: '', changed: [] });
    for (const counts of ['access-v1 {2}102 operations, 164', 'access-v2 {2}93 operations, 163', 'web-form {2,4}21 operations, 61'])
      expect(stdout).toMatch(new RegExp(`^${counts} schemas, \\d+ places described, nothing changed {2}${time}$`, 'm'));
    expect(stdout).toMatch(new RegExp(`\ndone in ${time}\n$`));
  });

  it.each(apis)(
    'gives the same bytes for $title when source and overlays are shuffled JSON with line ends of Windows',
    async (api) => {
      const root = temporaryFolder();
      copyManifest(root);
      copyApis(root);
      const words = api.shared === undefined ? [] : [`spec/shared/${api.shared}/docs/common.yaml`];
      const own = ['source.yaml', 'overlays/fixes.yaml', 'overlays/facts.yaml', 'overlays/docs/common.yaml'];
      const paths = [...words, ...own.map((name) => `spec/${api.id}/${name}`)].filter((path) => existsSync(join(root, path)));
      expect(paths.length).toBeGreaterThan(2);
      for (const path of paths) {
        const { value } = parse(path, read(root, path));
        write(root, { [path]: JSON.stringify(shuffleKeys(value, 11), null, 3).replaceAll('\n', '\r\n') });
      }
      const { files } = await generate(root, api);
      expect([...differences(files).keys()].map((path) => nameOf(root, path))).toEqual([]);
    },
    patient,
  );
});

describe('the command', () => {
  it(
    'explains itself, in the words of the repository that its code belongs to',
    async () => {
      const root = await runnable();
      const help = 'const help = `Usage: npm run generate';
      write(root, {
        'scripts/src/commands/generate.ts': read(root, 'scripts/src/commands/generate.ts').replace(help, `${help} (the copy)`),
      });
      const { code, stdout, stderr } = await run(root, ['--help']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      for (const word of ['Usage: npm run generate (the copy)', '--check', '--force', 'Exit codes']) expect(stdout).toContain(word);
    },
    patient,
  );

  const first = planned({});
  it('says that nothing changed when it generates what is there already', () => {
    const { code, stdout, stderr, changed } = first();
    expect({ code, stderr, changed }).toEqual({ code: 0, stderr: '', changed: [] });
    const line = `shed {2}2 operations, 5 schemas, 21 places described, nothing changed {2}${time}\n`;
    expect(stdout).toMatch(new RegExp(`^${line}done in ${time}\n$`));
  });

  it(
    'says unchanged and writes nothing at all when there is nothing to do',
    async () => {
      const { root } = first();
      const before = timesOf(root);
      const { code, stdout, stderr } = await run(root);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const line = `shed {2}2 operations, 5 schemas, 21 places described, unchanged {2}${time}\n`;
      expect(stdout).toMatch(new RegExp(`^${line}done in ${time}\n$`));
      expect(timesOf(root)).toEqual(before);
    },
    patient,
  );

  const touch = (root: string) =>
    write(root, { [`${generated}/methods.ts`]: `${read(root, `${generated}/methods.ts`)}// by hand\n`, [`${generated}/old.ts`]: '' });
  const stale = [
    planned({ prepare: touch, args: ['--check'] }),
    planned({ prepare: touch }),
    planned({ prepare: touch, args: ['--force'] }),
  ];

  it('finds a file that was touched and one that is generated no longer with --check, and says how to mend it', () => {
    const { code, stdout, stderr, changed } = (stale[0] as () => Outcome)();
    expect({ code, stderr, changed }).toEqual({
      code: 1,
      stderr: 'error 2 files are not what would be generated\n    mend it with: npm run generate\n',
      changed: [],
    });
    expect(stdout).toContain(`  differs  ${generated}/methods.ts\n`);
    expect(stdout).toContain(`  removed  ${generated}/old.ts\n`);
    expect(stdout).not.toContain('done');
  });

  it.each([1, 2])('mends both in a run', async (index) => {
    const { root, code, stdout, stderr, changed } = (stale[index] as () => Outcome)();
    expect({ code, stderr, changed }).toEqual({ code: 0, stderr: '', changed: [`${generated}/methods.ts`, `${generated}/old.ts`] });
    expect(stdout).toMatch(/, 2 of \d+ files changed {2}/);
    expect(stdout).toContain(`  written  ${generated}/methods.ts\n`);
    expect(stdout).toContain(`  removed  ${generated}/old.ts\n`);
    expect(changesBetween(stateOf(await committed()), { ...stateOf(root) }).filter((name) => name.startsWith('packages'))).toEqual([]);
  });

  const changedByHand = planned({
    args: ['--force'],
    prepare: (root) => write(root, { 'spec/shed/openapi.yaml': read(root, 'spec/shed/openapi.yaml').replace('It leaves', 'It left') }),
  });
  it('composes a document that was changed by hand anew with --force', () => {
    expect(changedByHand()).toMatchObject({ code: 0, stderr: '', changed: ['spec/shed/openapi.yaml'] });
    expect(read(changedByHand().root, 'spec/shed/openapi.yaml')).toContain('It leaves the wall.');
  });

  it(
    'is coloured on a terminal, but not where NO_COLOR is set',
    async () => {
      const root = await runnable();
      // A terminal, as far as the command can tell.
      const preload = `
        import tty from 'node:tty';
        for (const stream of [process.stdout, process.stderr])
          Object.assign(stream, { isTTY: true, getColorDepth: tty.WriteStream.prototype.getColorDepth });`;
      // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what it looks for
      const colour = /\x1b\[[0-9;]*m/;
      const terminal = { TERM: 'xterm-256color' };
      const coloured = await run(root, ['nothing'], { preload, env: terminal });
      expect(coloured).toMatchObject({ code: 1, stderr: expect.stringMatching(colour) });
      const plain = await run(root, ['nothing'], { preload, env: { ...terminal, NO_COLOR: '1' } });
      expect(plain).toMatchObject({ code: 1, stderr: expect.not.stringMatching(colour) });
      const piped = await run(root, ['nothing'], { env: terminal });
      expect(piped).toEqual({
        code: 1,
        signal: null,
        stdout: '',
        stderr: 'error there is no API nothing\n    spec/apis.json knows: shed\n',
      });
    },
    patient,
  );
});

describe('the command, where something is wrong, says what and where, shows no stack and writes nothing', () => {
  const source = 'spec/shed/source.yaml';
  const cases: [string, Files | ((root: string) => void), string[], RegExp][] = [
    ['the list of APIs is missing', { 'spec/apis.json': null }, [], /^error spec\/apis\.json: there is no such file\n$/],
    [
      'the list of APIs is broken',
      { 'spec/apis.json': '[\n  { "id": "shed",\n' },
      [],
      /^error spec\/apis\.json:3: not valid YAML or JSON: /,
    ],
    ['the list of APIs is no list', { 'spec/apis.json': '{}' }, [], /^error spec\/apis\.json:1: expected a list of APIs/],
    ['an API has no name', { 'spec/apis.json': '[{ "id": "shed" }]' }, [], /^error spec\/apis\.json: shed: `name` must be a type name/],
    ['an API is unknown', {}, ['shedd'], /^error there is no API shedd\n {4}spec\/apis\.json knows: shed\n$/],
    ['an option is unknown', {}, ['--chekc'], /^error Unknown option '--chekc'.*\n {4}see --help\n$/],
    ['an option has a value', {}, ['--check=yes'], /^error Option '--check' does not take an argument\n {4}see --help\n$/],
    [
      'an API has no folder',
      { 'spec/apis.json': JSON.stringify([shed, { id: 'till', name: 'Till', title: 'The till' }]) },
      [],
      /^error spec\/till\/source\.yaml: there is no such file\n {4}import it: npm run spec:import -- till <file>\n$/,
    ],
    ['the source is missing', { [source]: null }, [], /^error spec\/shed\/source\.yaml: there is no such file\n {4}import it: /],
    ['the source is empty', { [source]: '\n' }, [], /^error spec\/shed\/source\.yaml:1: the file is empty\n$/],
    [
      'the source is no YAML',
      { [source]: 'openapi: 3.0.3\ninfo:\n  title: A\n   version: B\n' },
      [],
      /^error spec\/shed\/source\.yaml:4: not valid YAML or JSON: /,
    ],
    ['the source is no OpenAPI', { [source]: 'kind: ConfigMap\n' }, [], /^error spec\/shed\/source\.yaml:1: not an OpenAPI document: /],
    [
      'the source is a folder',
      (root) => {
        rmSync(join(root, source));
        mkdirSync(join(root, source));
      },
      [],
      /^error spec\/shed\/source\.yaml: this is a folder, a file was expected\n {4}import it: /,
    ],
    [
      'an overlay has a target that is gone',
      { 'spec/shed/overlays/docs/old.yaml': "overlay: 1.0.0\nactions:\n  - target: $.paths['/gone']\n    update: { summary: x }\n" },
      [],
      /^error spec\/shed\/overlays\/docs\/old\.yaml:3: \$\.paths\['\/gone'\] matches nothing\n {4}the node is gone or renamed/,
    ],
    [
      'the composed document was changed by hand',
      (root) => write(root, { 'spec/shed/openapi.yaml': read(root, 'spec/shed/openapi.yaml').replace('It leaves', 'It left') }),
      [],
      /^error spec\/shed\/openapi\.yaml: the composed document was changed by hand.*\n {4}put the change into .*--force\n$/,
    ],
    [
      'the place of the client is taken by a file',
      (root) => {
        rmSync(join(root, 'packages'), { recursive: true });
        write(root, { packages: 'a file' });
      },
      [],
      /^error nothing was written: .*\n {4}check free space and rights/,
    ],
  ];

  const bugs: typeof cases = [
    [
      'the place of a module is taken by a folder',
      (root) => {
        rmSync(join(root, generated, 'methods.ts'));
        mkdirSync(join(root, generated, 'methods.ts'));
      },
      [],
      /^error packages\/client\/src\/generated\/shed\/methods\.ts: this is a folder, a file was expected\n|^error nothing was written: /,
    ],
    [
      'the place of the modules is taken by a file',
      (root) => {
        rmSync(join(root, generated), { recursive: true });
        write(root, { [generated]: 'a file' });
      },
      [],
      /^error .*generated\/shed: this is a file, a folder was expected\n|^error nothing was written: /,
    ],
    [
      'the folder of words is a file',
      (root) => {
        rmSync(join(root, 'spec/shed/overlays/docs'), { recursive: true });
        write(root, { 'spec/shed/overlays/docs': 'a file' });
      },
      [],
      /^error .*spec\/shed\/overlays\/docs: this is a file, a folder was expected\n/,
    ],
    ['a list of APIs names one twice', { 'spec/apis.json': JSON.stringify([shed, shed]) }, [], /^error spec\/apis\.json: .*shed/],
  ];

  const outcomeOf = ([, change, args]: (typeof cases)[number]) =>
    planned({ args, prepare: (root) => (typeof change === 'function' ? change(root) : write(root, change)) });
  const check = (outcome: () => Outcome, message: RegExp) => {
    const { code, stderr, changed } = outcome();
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^ {4}at |This is a bug/m);
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
  };
  for (const test of cases) {
    const outcome = outcomeOf(test);
    it(test[0], () => check(outcome, test[3]));
  }
  for (const test of bugs) {
    const outcome = outcomeOf(test);
    it(test[0], () => check(outcome, test[3]));
  }
});

describe('the command, with two APIs', () => {
  const till = { id: 'till', name: 'Till', title: 'The till' };
  const words = (id: string) => `spec/${id}/overlays/docs/loans.yaml`;
  const withTill = async (root: string, changes: (root: string) => Files) => {
    write(root, { 'spec/apis.json': JSON.stringify([shed, till]) });
    for (const [name, content] of Object.entries(shedFiles())) write(root, { [`spec/till/${name}`]: content });
    commit((await generate(root, till)).files);
    write(root, changes(root));
  };
  const reworded = (root: string, id: string) => ({ [words(id)]: read(root, words(id)).replace('It leaves the wall.', 'It is gone.') });
  const broken = (root: string, id: string) => ({ [words(id)]: read(root, words(id)).replace('$.tags', '$.tagz') });
  const both = planned({ prepare: (root) => withTill(root, () => ({})) });
  const second = planned({ prepare: (root) => withTill(root, () => ({ ...reworded(root, 'shed'), ...broken(root, 'till') })) });
  const one = planned({
    args: ['till'],
    prepare: (root) => withTill(root, () => ({ ...broken(root, 'shed'), ...reworded(root, 'till') })),
  });

  it('says a line for each: counts and time', () => {
    const { code, stdout, stderr, changed } = both();
    expect({ code, stderr, changed }).toEqual({ code: 0, stderr: '', changed: [] });
    const line = (id: string) => `${id} {2}2 operations, 5 schemas, 21 places described, nothing changed {2}${time}\n`;
    expect(stdout).toMatch(new RegExp(`^${line('shed')}${line('till')}done in ${time}\n$`));
  });

  it('writes nothing of the first when the second fails', () => {
    const { code, stdout, stderr, changed } = second();
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect(stderr).toMatch(/^error spec\/till\/overlays\/docs\/loans\.yaml:\d+: \$\.tagz/);
    expect(stdout).not.toContain('done');
  });

  it('does only the one that is asked for, whatever is wrong with the other', () => {
    const { code, stdout, stderr, changed } = one();
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^till {2}.*\d+ of \d+ files changed/);
    expect(stdout).not.toContain('shed');
    expect(changed).toContain('packages/client/src/generated/till/methods.ts');
    expect(changed.filter((name) => !name.includes('/till/'))).toEqual([]);
  });
});

describe('the command, interrupted with Ctrl-C', () => {
  /** Sends the signal in the moment in which a function of `node:fs` is called for a file. */
  const interruptAt = (name: string, file: RegExp) => `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const real = fs.${name};
    let sent = false;
    fs.${name} = (path, ...rest) => {
      if (!sent && ${file}.test(path)) {
        sent = true;
        process.kill(process.pid, 'SIGINT');
      }
      return real(path, ...rest);
    };
    syncBuiltinESMExports();`;

  it(
    'while it reads, leaves everything as it was',
    async () => {
      const root = await runnable({ [`${generated}/methods.ts`]: null, [`${generated}/paths.ts`]: null });
      const before = stateOf(root);
      const { code, signal } = await run(root, [], { preload: interruptAt('readFileSync', /common\.yaml$/) });
      expect({ code, signal }).toEqual({ code: null, signal: 'SIGINT' });
      expect(changesBetween(before, stateOf(root))).toEqual([]);
    },
    patient,
  );

  it.each([
    ['the second file is written', 'writeFileSync', /paths\.ts\.\d+\.tmp$/],
    ['the second file is put in its place', 'renameSync', /paths\.ts\.\d+\.tmp$/],
  ])(
    'while %s, leaves all or nothing, and no temporary files',
    async (_, name, file) => {
      const root = await runnable();
      const whole = stateOf(root);
      write(root, Object.fromEntries(['methods.ts', 'paths.ts', 'schemas.ts'].map((module) => [`${generated}/${module}`, null])));
      const before = stateOf(root);
      await run(root, [], { preload: interruptAt(name, file) });
      const after = stateOf(root);
      const states = [before, whole].map((state) => changesBetween(state, after));
      expect(states).toContainEqual([]);
    },
    patient,
  );
});
