// spec:update as people start it, over the small API, in copies of the pipeline; compiler and npm are stood in for.
import { rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { isNode, type Node } from '../src/document/grammar.ts';
import { parse, print } from '../src/document/yaml.ts';
import { InputError } from '../src/errors.ts';
import { generate } from '../src/generate.ts';
import { reasonsAgainst } from '../src/publishable.ts';
import { batchOf, type Files, type Outcome, type Plan, read, sharedFolder, shed, timesOf, write } from './support-copy.ts';
import { nodeAt } from './support-documents.ts';
import { shuffleKeys } from './support-shuffle.ts';
import { commitBefore, published, stubbed, stubPrograms, writeImported } from './support-update.ts';

const cache = sharedFolder();
const batch = batchOf(cache, 'update');

type Change = (document: Node) => void;
interface Given extends Omit<Plan, 'prepare'> {
  /** The document as text, or what it changes in the committed one. */
  readonly document?: string | Change;
  readonly files?: Files;
  readonly prepare?: (root: string) => void;
  readonly history?: boolean;
}

/** Plans a run of the command with a document. */
function planned({ document = () => {}, files = {}, args = [], env = {}, prepare, history = false, ...plan }: Given = {}): () => Outcome {
  return batch({
    ...plan,
    args: ['shed', 'new.yaml', ...args],
    env: { ...stubbed, ...env },
    prepare: async (root) => {
      await writeImported(root);
      stubPrograms(root);
      write(root, { ...files, 'new.yaml': typeof document === 'string' ? document : print(published(document)) });
      if (history) commitBefore(root);
      prepare?.(root);
    },
  });
}

const said = ({ code, stderr, changed }: Outcome) => ({ code, stderr: stderr.replaceAll(/^ {2}\w.* \d+\.\d\d s\n/gm, ''), changed });
const refused = (stderr: string) => ({ code: 1, stderr, changed: [] });
const lineIn = (root: string, file: string, text: string): number =>
  read(root, file)
    .split('\n')
    .findIndex((line) => line.includes(text)) + 1;
const schemas = (document: Node): Node => nodeAt(document, 'components', 'schemas');
const properties = (document: Node, schema: string): Node => nodeAt(document, 'components', 'schemas', schema, 'properties');
const spec = 'spec/shed';
const overlay = (...actions: object[]): object => ({ overlay: '1.0.0', info: { title: 'Words', version: '1.0.0' }, actions });

const addColour: Change = (document) => {
  properties(document, 'Tool').colour = { type: 'string' };
};
const addReturn: Change = ({ paths }) => {
  Object.assign(paths as Node, {
    '/returns': {
      post: {
        tags: ['Loans'],
        operationId: 'returnTool',
        responses: { '204': { description: 'No Content' }, '400': { description: 'Bad Request' } },
      },
    },
  });
};
const dropKind: Change = (document) => {
  delete properties(document, 'Tool').kind;
  nodeAt(document, 'components', 'schemas', 'Tool').required = ['id'];
};
const dropLoans: Change = (document) => {
  delete nodeAt(document, 'paths')['/loans'];
};
const titled =
  (version: string, ...changes: Change[]): Change =>
  (document) => {
    nodeAt(document, 'info').version = version;
    for (const change of changes) change(document);
  };

describe('a document that says what the committed one says', () => {
  const prose = published();
  const runs = Object.entries({
    'as it is': print(prose),
    'with shuffled keys': print(shuffleKeys(prose, 7)),
    'with other indentation': dump(prose, { indent: 7, flowLevel: 5, lineWidth: 40 }),
    'as JSON': JSON.stringify(shuffleKeys(prose, 3), null, '\t'),
    'with line ends of Windows and a byte order mark': `\uFEFF${print(prose).replaceAll('\n', '\r\n')}`,
    'with other prose': print(published((document) => Object.assign(nodeAt(document, 'info'), { description: 'Other PROSE.' }))),
  }).map(([name, document]): [string, () => Outcome, () => Record<string, number>] => {
    let times: Record<string, number> = {};
    const prepare = (root: string): void => {
      times = timesOf(root);
    };
    const run = planned({ document, prepare });
    return [name, run, () => times];
  });

  it.each(runs)('is no change %s, and no file is written', (_, run, times) => {
    const outcome = run();
    expect(said(outcome)).toEqual({ code: 0, stderr: '', changed: [] });
    expect(outcome.stdout).toMatch(/^shed {2}no changes: this is the document that is committed {2}\d+\.\d\d s\n$/);
    expect(timesOf(outcome.root)).toEqual(times());
  });
});

describe('an update that goes through', () => {
  const additive = planned({ document: titled('1.5.0', addColour) });
  it('ends with 0 where nothing breaks, and writes source, provenance, client, changeset and reports', () => {
    const { root, stdout, ...outcome } = additive();
    expect(outcome.code, outcome.stderr).toBe(0);
    expect(outcome.changed).toEqual(
      expect.arrayContaining([
        '.changeset/shed-tool-shed-1.5.0.md',
        'packages/client/src/generated/shed/provenance.ts',
        'packages/client/src/generated/shed/schemas.ts',
        'packages/testing/src/generated/shed/answers.ts',
        'reports/shed/report.html',
        'reports/shed/report.md',
        'spec/shed/openapi.yaml',
        'spec/shed/provenance.yaml',
        'spec/shed/source.yaml',
      ]),
    );
    expect(outcome.changed.filter((name) => !/^(\.changeset|packages|reports|spec)(\/|$)/.test(name))).toEqual([]);
    expect(stdout).toContain('Tool shed 1.4.0 → Tool shed 1.5.0\n');
    expect(stdout).toMatch(/ changes {4}0 breaking, 1 new or changed, 1 without effect on code\n/);
    expect(stdout).toMatch(/ words {6}1 place has none yet\n/);
    expect(stdout).toMatch(/ next {7}write the missing words in spec\/shed\/overlays\/docs, then npm run generate && npm test\n/);
    expect(stdout).toMatch(/\d s\nminor\n$/);
    expect(read(root, `${spec}/source.yaml`)).not.toContain('PROSE');
    expect(parse('', read(root, `${spec}/provenance.yaml`)).value).toMatchObject({
      title: 'Tool shed',
      version: '1.5.0',
      written: 'OpenAPI 3.0',
      sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
      importer: expect.any(Number),
    });
  });

  const breaking = planned({ document: titled('2.0.0', dropKind) });
  it('ends with 2 where something breaks, and says it in the changeset', () => {
    const { root, code, stdout } = breaking();
    expect(code, stdout).toBe(2);
    expect(stdout).toMatch(/\nmajor\n$/);
    const note = read(root, '.changeset/shed-tool-shed-2.0.0.md');
    expect(note).toContain('### Breaking changes\n');
    expect(note).toContain('answers no longer have the field `kind`');
  });

  const bumps = [
    ['0.3.0', 'minor', dropKind],
    ['0.3.0', 'patch', addColour],
    ['1.2.0', 'major', dropKind],
    ['1.2.0', 'minor', addColour],
  ] as const;
  it.each(
    bumps.map(([version, bump, change]) => {
      const manifest = `{ "name": "@finapi-ts/client", "version": "${version}" }\n`;
      const run = planned({ document: titled('9.0.0', change), files: { 'packages/client/package.json': manifest } });
      return [version, bump, change.name, run] as const;
    }),
  )('asks of a client %s for a %s release where the change is %s', (_, bump, __, run) => {
    expect(read(run().root, '.changeset/shed-tool-shed-9.0.0.md')).toContain(`'@finapi-ts/client': ${bump}\n`);
  });

  const lostAll = planned({
    document: (document) => {
      dropLoans(document);
      document.tags = [{ name: 'Tools' }];
      delete schemas(document).Loan;
    },
    files: { [`${spec}/overlays/fixes.yaml`]: null },
  });
  it('moves words and facts that have lost their place to the report, and a file goes with the last of them', () => {
    const { root, code, stdout, changed } = lostAll();
    expect(code, stdout).toBe(2);
    expect(stdout).toMatch(/ words {6}and facts: 4 have lost their place, see the report\n/);
    expect(changed).toContain(`${spec}/overlays/docs/loans.yaml`);
    const report = read(root, 'reports/shed/report.md');
    expect(report).toContain('## Words and facts that have lost their place\n');
    expect(report).toContain('x-finapi-token:');
    expect(read(root, `${spec}/overlays/facts.yaml`)).not.toContain('/loans');
    expect(report).toContain('description: It leaves the wall.');
    expect(report).toContain(`${spec}/overlays/docs/loans.yaml:`);
  });

  const upgraded = planned({
    prepare: (root) => write(root, { 'scripts/package.json': read(root, 'scripts/package.json').replace('"7.13.0"', '"7.13.1"') }),
  });
  it('is one of the same document where other versions of the generators made the client', () => {
    const { root, code, stdout, stderr, changed } = upgraded();
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/ note {7}the generators were .*7\.13\.0.*, and are .*7\.13\.1/);
    expect(stdout).toMatch(/\npatch\n$/);
    expect(changed).toContain('packages/client/src/generated/shed/provenance.ts');
    expect(changed).not.toContain(`${spec}/source.yaml`);
    expect(read(root, '.changeset/shed-tool-shed-1.4.0.md')).toContain("'@finapi-ts/client': patch\n");
  });

  const old = planned({ document: addColour, history: true, env: { STUB_FAIL: 'old code' } });
  it('lists under breaks what does not compile any more of the version before, with its line', () => {
    const { root, code, stdout, stderr } = old();
    expect(code, stderr).toBe(2);
    expect(stdout).toContain('  breaks     packages/client/test/old.test.ts:3: there is no lendTool\n');
    expect(stdout).toContain('packages/client/test/inner.test.ts was not compiled: it imports ../src/core/inner.js\n');
    expect(stdout).toMatch(/\nmajor\n$/);
    const report = read(root, 'reports/shed/report.md');
    expect(report).toContain(
      '## Code of the version before that no longer compiles\n\n- `packages/client/test/old.test.ts:3`: there is no lendTool',
    );
  });

  const untested = planned({ document: addColour, args: ['--no-tests'], env: { STUB_FAIL: 'tests' } });
  it('runs no tests with --no-tests, and says so', () => {
    const { code, stdout } = untested();
    expect(code).toBe(0);
    expect(stdout).toContain('neither tests were run nor code of the version before compiled');
  });
});

describe('the options', () => {
  const dry = planned({ document: dropKind, args: ['--dry-run'] });
  it('write nothing but the report with --dry-run, with the exit code of the update', () => {
    const { code, stdout, changed } = dry();
    expect({ code, changed: changed.filter((name) => name !== 'reports/') }).toEqual({
      code: 2,
      changed: ['reports/shed', 'reports/shed/report.html', 'reports/shed/report.md'],
    });
    expect(stdout).toMatch(/ files {6}\d+ would change\n/);
    expect(stdout).toMatch(/ next {7}read the report, then run the command without --dry-run\n/);
  });

  const elsewhere = planned({ document: addColour, args: ['--dry-run', '--report', 'mine/here'] });
  it('put the report into the folder of --report', () => {
    expect(elsewhere().changed.filter((name) => name.endsWith('.md'))).toEqual(['mine/here/report.md']);
  });

  const from = planned({
    args: ['--from', 'old.yaml', '--dry-run'],
    files: { 'old.yaml': print(published(titled('1.3.0', addColour))) },
  });
  it('compare with the document of --from in place of the committed one', () => {
    const { root, code, stdout, stderr } = from();
    expect(code, stderr).toBe(2);
    expect(stdout).toContain('Tool shed 1.3.0 → Tool shed 1.4.0\n');
    expect(read(root, 'reports/shed/report.md')).toContain('answers no longer have the field `colour`');
  });

  const missingFrom = planned({ args: ['--from', 'gone.yaml'] });
  it('say of --from as well that there is no such file', () => {
    expect(said(missingFrom())).toEqual(refused('error gone.yaml: there is no such file\n'));
  });

  const prose = planned({ args: ['--keep-prose'] });
  it('keep the publisher’s words with --keep-prose, marked as not for publishing, and publishable refuses them', async () => {
    const { root, code, stdout, stderr } = prose();
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('what comes of this must not be published\n');
    expect(read(root, 'reports/shed/report.md')).toContain('what comes of this must not be published\n');
    for (const file of [`${spec}/source.yaml`, `${spec}/openapi.yaml`]) {
      expect(read(root, file)).toContain('PROSE');
      expect(parse(file, read(root, file)).value).toMatchObject({ 'x-not-for-publishing': true });
    }
    expect((await reasonsAgainst(root)).map(({ file, message }) => `${file}: ${message}`)).toEqual([
      `${spec}/source.yaml: this holds finAPI’s own words, which are for private use only`,
      `${spec}/openapi.yaml: this holds finAPI’s own words, which are for private use only`,
    ]);
  });

  const drafts = planned({ document: titled('1.5.0', addReturn, addColour), args: ['--draft-docs'] });
  it('put stubs with --draft-docs for words and tokens, which lint and publishable refuse', async () => {
    const { root, code, stdout, stderr, changed } = drafts();
    expect(code, stderr).toBe(0);
    expect(changed).toEqual(expect.arrayContaining([`${spec}/overlays/docs/drafts.yaml`, `${spec}/overlays/facts.yaml`]));
    const facts = read(root, `${spec}/overlays/facts.yaml`);
    expect(facts).toContain("target: $.paths['/returns'].post");
    expect(stdout).toMatch(/ tokens {5}1 operation does not say which yet\n/);
    expect(stdout).toMatch(/ next {7}say which tokens they take at the end of spec\/shed\/overlays\/facts\.yaml, /);
    const report = read(root, 'reports/shed/report.md');
    expect(report).toContain("## Operations without a token\n\n- `$.paths['/returns'].post`\n");
    expect(report).toContain('- `$.components.schemas.Tool.properties.colour`\n');
    const refusal = await generate(root, shed).catch((cause: unknown) => cause);
    expect(refusal).toBeInstanceOf(InputError);
    expect((refusal as InputError).message).toContain('its token is a draft');
    expect((refusal as InputError).message).toContain('components / schemas / Tool / properties / colour has no description');
    const reasons = await reasonsAgainst(root);
    expect(new Set(reasons.map(({ file }) => file))).toEqual(new Set([`${spec}/overlays/docs/drafts.yaml`, `${spec}/overlays/facts.yaml`]));
  });

  const fresh = planned({
    args: ['--draft-docs'],
    prepare: (root) => {
      for (const folder of ['spec/shed', 'packages']) rmSync(join(root, folder), { recursive: true });
      write(root, {
        'packages/client/package.json': '{ "name": "@finapi-ts/client", "version": "0.3.0" }\n',
        // Servers are named by hand: they become names in code.
        [`${spec}/overlays/docs/common.yaml`]: overlay({ target: '$.servers[0]', update: { description: 'Live' } }),
      });
      // What the importer is not told, it cannot mend: the one fault of the small API.
      const document = published((it) =>
        Object.assign(nodeAt(it, 'components', 'schemas', 'Loan', 'properties'), { days: { type: 'integer' } }),
      );
      write(root, { 'new.yaml': print(document) });
    },
  });
  it('take a new API in that has an entry and nothing else', () => {
    const { root, code, stdout, stderr, changed } = fresh();
    expect(code, stderr).toBe(0);
    expect(stdout).toContain('shed  nothing → Tool shed 1.4.0\n');
    for (const name of ['md', 'html']) expect(read(root, `reports/shed/report.${name}`)).toContain('The first version.');
    for (const name of [`${spec}/source.yaml`, `${spec}/overlays/facts.yaml`, `${spec}/overlays/docs/drafts.yaml`])
      expect(changed).toContain(name);
    expect(read(root, '.changeset/shed-tool-shed-1.4.0.md')).toContain("'@finapi-ts/client': ");
  });
});

describe('an update that fails changes nothing, and says', () => {
  const noFault = planned({ document: (document) => Object.assign(nodeAt(properties(document, 'Loan'), 'days'), { type: 'integer' }) });
  it('which fix has lost its fault, with file and line', () => {
    const { root, ...outcome } = noFault();
    const line = lineIn(root, `${spec}/overlays/fixes.yaml`, 'target:');
    expect(said({ root, ...outcome })).toEqual(
      refused(
        `error ${spec}/overlays/fixes.yaml:${line}: the fault is gone at $.components.schemas.Loan.properties.days\n    remove this fix, or correct the fault it expects\n`,
      ),
    );
  });

  const stated = planned({
    document: (document) => Object.assign(nodeAt(document, 'paths', '/tools', 'get'), { 'x-finapi-token': ['client'] }),
  });
  it('which fact the document states itself', () => {
    const { root, code, stderr, changed } = stated();
    const line = lineIn(root, `${spec}/overlays/facts.yaml`, 'x-finapi-token');
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect(stderr).toMatch(new RegExp(`error ${spec}/overlays/facts\\.yaml:(${line - 1}|${line}): the document states .*x-finapi-token`));
  });

  const noFix = planned({ document: (document) => void delete properties(document, 'Loan').days });
  it('which fix matches nothing', () => {
    const { root, code, stderr, changed } = noFix();
    const line = lineIn(root, `${spec}/overlays/fixes.yaml`, 'target:');
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect(stderr).toContain(`error ${spec}/overlays/fixes.yaml:${line}: $.components.schemas.Loan.properties.days matches nothing\n`);
  });

  const mock = planned({
    document: addColour,
    files: { [`${spec}/overlays/mock.yaml`]: overlay({ target: '$.components.schemas.Gone', update: { type: 'string' } }) },
  });
  it('which action of the mock matches nothing', () => {
    const { root, code, stderr, changed } = mock();
    const line = lineIn(root, `${spec}/overlays/mock.yaml`, 'Gone');
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect(stderr).toContain(`error ${spec}/overlays/mock.yaml:${line}: $.components.schemas.Gone matches nothing\n`);
  });

  const token = planned({ document: addReturn });
  it('which new operation has no token, and what to write', () => {
    const { code, stderr, changed } = token();
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect(stderr).toContain(
      `error ${spec}/overlays/facts.yaml: POST /returns (returnTool) is new, and nothing says which token it takes\n`,
    );
    expect(stderr).toContain("- target: $.paths['/returns'].post\n");
  });

  it.each(
    [
      ['compiler', 'the generated client does not compile'],
      ['build', '@finapi-ts/client cannot be built'],
      ['tests', 'the contract tests fail'],
    ].map(([step = '', message = '']) => [step, message, planned({ document: addColour, env: { STUB_FAIL: step } })] as const),
  )('what the %s said', (_, message, run) => {
    expect(said(run())).toEqual(refused(`error ${message}; nothing was changed\n    ./shed.ts(7,1): error TS2322: this is no shed\n`));
  });

  const invalid = planned({
    document: (document) => {
      schemas(document).Bad = { type: 'strng' };
    },
  });
  it('where in the document that was given lint finds a fault, and where to mend it', () => {
    const { root, code, stderr, changed } = invalid();
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    const line = lineIn(root, 'new.yaml', 'strng');
    expect(stderr).toMatch(new RegExp(`error new\\.yaml:${line}: .*, at \\$\\.components\\.schemas\\.Bad\\.type\n`));
    expect(stderr).toMatch(/\n {4}spec\/shed\/overlays\/fixes\.yaml mends what the document does wrong, .*\n$/);
    expect(stderr).not.toContain('openapi.yaml');
  });

  const odd = planned({
    document: ({ paths }) => {
      nodeAt(paths, '/loans', 'post').operationId = 'listTools';
    },
  });
  it('where in the document operations share a name', () => {
    const { root, code, stderr, changed } = odd();
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    const line = lineIn(root, 'new.yaml', '  /loans:') + 1;
    expect(stderr).toContain(`error new.yaml:${line}: Every operation must have a unique operationId. (operation-operationId-unique), at `);
    expect(stderr).toContain(", at $.paths['/loans'].post\n");
    expect(stderr).not.toContain('openapi.yaml:');
  });

  const noEntry = planned({
    document: addColour,
    files: { 'packages/client/package.json': '{ "name": "@finapi-ts/client", "version": "0.3.0", "exports": { ".": "./x.js" } }\n' },
  });
  it('that the client has no entry for a new API', () => {
    expect(said(noEntry())).toEqual(
      refused(
        'error packages/client/package.json: exports has no entry ./shed\n    add ./shed and what belongs to it, as the other APIs have them\n',
      ),
    );
  });

  const noFolder = planned({ document: addColour, files: { '.changeset': 'a file in place of the folder\n' } });
  it('that a file could not be written, after others were', () => {
    const { code, stderr, changed } = noFolder();
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect(stderr).toMatch(/error nothing was written: .*\.changeset.*\n {4}check free space and rights/);
  });

  const noReport = planned({ document: addColour, args: ['--report', 'new.yaml'] });
  it('that the report has no folder to be in', () => {
    const { code, stderr, changed } = noReport();
    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect(stderr).toMatch(/error nothing was written: /);
  });

  const noTemp = planned({ document: addColour, env: { TMPDIR: '/nowhere/at/all', TMP: '/nowhere/at/all', TEMP: '/nowhere/at/all' } });
  it('that the temporary folder is not there', () => {
    expect(said(noTemp())).toMatchObject({
      code: 1,
      changed: [],
      stderr: expect.stringMatching(/^error .*\n {4}.*nothing was changed\n$/),
    });
  });
});

/** A port at which nobody listens any more. */
function closedPort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(isNode(address) ? Number(address.port) : 0));
    }),
  );
}

describe('what was typed wrong is said in one line', async () => {
  const typed = (args: readonly string[], prepare: (root: string) => void = () => {}) => batch({ args, prepare });
  const closed = await closedPort();

  it.each(
    Object.entries({
      'an API that is not there': [['shop', 'new.yaml'], 'there is no API shop\n    spec/apis.json knows: shed'],
      'a file that is not there': [['shed', 'gone.yaml'], 'gone.yaml: there is no such file'],
      'a folder in place of a file': [['shed', 'spec'], 'spec: this is a folder, a file was expected'],
      'an address at which nobody answers': [
        ['shed', `http://127.0.0.1:${closed}/openapi.yaml?key=secret`],
        `http://127.0.0.1:${closed}/openapi.yaml: cannot be reached: connect ECONNREFUSED 127.0.0.1:${closed}`,
      ],
      'another kind of address': [
        ['shed', 'ftp://shed.test/a.yaml'],
        'ftp://shed.test/a.yaml: documents are read from files, http and https alone',
      ],
      'no document': [['shed'], 'expected an API and a document\n    see --help'],
      'an option that is not there': [['shed', 'a.yaml', '--force'], expect.stringContaining("Unknown option '--force'")],
    } as const).map(([name, [args, message]]) => [name, message, typed(args)] as const),
  )('%s', (_, message, run) => {
    const { code, stderr, stdout, changed } = run();
    expect({ code, stdout, changed }).toEqual({ code: 1, stdout: '', changed: [] });
    const text = said({ code, stderr, stdout, changed, root: '' }).stderr;
    if (typeof message === 'string') expect(text).toBe(`error ${message}\n`);
    else expect(text).toEqual(message);
    expect(text).not.toMatch(/^ {4}at |secret/m);
  });

  it.each(
    Object.entries({
      'an empty file': ['', 'new.yaml:1: the file is empty'],
      'a list': ['- a\n', 'new.yaml:1: not an OpenAPI document: its root is not an object'],
      'what is no YAML': ['a: [\n', /^error new\.yaml:\d+: not valid YAML or JSON: /],
      'another kind of document': ['asyncapi: 3.0.0\n', 'new.yaml:1: expected Swagger 2.0, OpenAPI 3.0 or 3.1, found neither'],
    } as const).map(([name, [text, message]]) => [name, message, planned({ document: text })] as const),
  )('a document that is %s', (_, message, run) => {
    const outcome = said(run());
    expect({ code: outcome.code, changed: outcome.changed }).toEqual({ code: 1, changed: [] });
    if (typeof message === 'string') expect(outcome.stderr).toBe(`error ${message}\n`);
    else expect(outcome.stderr).toMatch(message);
  });
});

describe('the reports', () => {
  const evil = '<script>alert(1)</script>';
  const hostile = planned({
    document: titled(`2.0.0 ${evil}`, (document) => {
      properties(document, 'Tool')[evil] = { type: 'string', enum: [evil, '"><img src=x onerror=alert(1)>'] };
      nodeAt(document, 'info').title = `Shed ${evil}`;
      dropKind(document);
    }),
  });
  it('escape what a document holds, and the page has no script and asks nobody for anything', () => {
    const { root, code, stderr, stdout } = hostile();
    expect(code, stderr + stdout).toBe(2);
    const html = read(root, 'reports/shed/report.html');
    expect(html).toContain('&#60;script&#62;');
    expect(html).not.toMatch(/<script|<img|<link|<iframe|https?:\/\/(?!shed)/i);
    expect(html).toContain("default-src 'none'");
    const markdown = read(root, 'reports/shed/report.md').replaceAll(/(`+).*?\1/gs, '');
    expect(markdown).not.toMatch(/(?<!\\)<script/);
  });

  it('have what breaks first, with before and after', () => {
    const report = read(hostile().root, 'reports/shed/report.md');
    const headings = [...report.matchAll(/^## (.*)$/gm)].map(([, heading]) => heading);
    expect(headings.slice(0, 3)).toEqual(['Breaking changes', 'New and changed', 'Without effect on code']);
    expect(report).toMatch(/before: `.*`, after: /);
    const html = read(hostile().root, 'reports/shed/report.html');
    const places = headings.map((heading) => html.indexOf(`<h2>${heading}`));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
  });
});
