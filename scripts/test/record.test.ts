import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { locate } from '../src/apis.ts';
import { listFiles } from '../src/files.ts';
import { readRecord, writeRecord } from '../src/record.ts';
import { copyScripts, type Files, read, shed, write, writeShed } from './support-copy.ts';
import { contentOf, temporaryFolder } from './support-folder.ts';

const recordFile = 'node_modules/.cache/finapi-ts/generate.json';
const generated = 'packages/client/src/generated/shed';
const till = { id: 'till', name: 'Till', title: 'The till' };

const outputsOf = (root: string): string[] => {
  const { document, generated, pages, answers } = locate(root, shed);
  return [document, ...[generated, pages, answers].flatMap((folder) => listFiles(folder).map((name) => join(folder, name)))];
};

/** A repository whose small API has been generated and recorded. */
async function recorded(): Promise<string> {
  const root = temporaryFolder();
  copyScripts(root);
  await writeShed(root);
  writeRecord(root, [{ api: shed, counts: '2 operations', outputs: outputsOf(root) }]);
  return root;
}

describe('the record', () => {
  it('knows what the last run found when nothing has changed', async () => {
    const root = await recorded();
    expect(readRecord(root)(shed)).toEqual({ counts: '2 operations' });
  });

  it('changes nothing when it is read, and knows nothing of other APIs', async () => {
    const root = await recorded();
    const before = contentOf(root);
    expect(readRecord(root)(till)).toBeUndefined();
    expect(contentOf(root)).toEqual(before);
  });

  it('is kept where version control does not look', async () => {
    const root = await recorded();
    expect(Object.keys(contentOf(root)).filter((name) => name.endsWith('generate.json'))).toEqual([recordFile]);
  });

  it('knows nothing where there is none', async () => {
    const root = temporaryFolder();
    copyScripts(root);
    await writeShed(root);
    expect(readRecord(root)(shed)).toBeUndefined();
  });

  it('keeps what it knows of other APIs', async () => {
    const root = await recorded();
    writeRecord(root, [{ api: till, counts: 'none', outputs: [] }]);
    expect(readRecord(root)(till)).toEqual({ counts: 'none' });
    expect(readRecord(root)(shed)).toEqual({ counts: '2 operations' });
  });

  it('forgets the run before', async () => {
    const root = await recorded();
    write(root, { 'spec/shed/source.yaml': `${read(root, 'spec/shed/source.yaml')}# more\n` });
    writeRecord(root, [{ api: shed, counts: '3 operations', outputs: outputsOf(root) }]);
    expect(readRecord(root)(shed)).toEqual({ counts: '3 operations' });
  });

  it('is not written where there is nothing to record', () => {
    const root = temporaryFolder();
    writeRecord(root, []);
    expect(contentOf(root)).toEqual({});
  });

  it('is done without where it cannot be written', async () => {
    const root = temporaryFolder();
    copyScripts(root);
    await writeShed(root);
    write(root, { 'node_modules/.cache': 'a file' });
    writeRecord(root, [{ api: shed, counts: '2 operations', outputs: outputsOf(root) }]);
    expect(readRecord(root)(shed)).toBeUndefined();
  });

  const touched = (name: string) => (root: string) => write(root, { [name]: `${read(root, name)}\n` });
  it.each<[string, Files | ((root: string) => void)]>([
    ['the source', touched('spec/shed/source.yaml')],
    [
      'the line ends of the source',
      (root) => write(root, { 'spec/shed/source.yaml': read(root, 'spec/shed/source.yaml').replaceAll('\n', '\r\n') }),
    ],
    ['an overlay', touched('spec/shed/overlays/docs/tools.yaml')],
    ['the composed document', touched('spec/shed/openapi.yaml')],
    ['the list of APIs', touched('spec/apis.json')],
    ['a module', touched(`${generated}/methods.ts`)],
    ['an answer of the sandbox', touched('packages/testing/src/generated/shed/answers.ts')],
    ['a page', touched('packages/client/docs/shed/README.md')],
    ['the code of the pipeline', touched('scripts/src/emit/methods.ts')],
    ['a version that the pipeline pins', touched('scripts/package.json')],
    ['that an overlay is gone', { 'spec/shed/overlays/docs/loans.yaml': null }],
    ['that a module is gone', { [`${generated}/raw.ts`]: null }],
    ['that the composed document is gone', { 'spec/shed/openapi.yaml': null }],
    ['that the answers of the sandbox are gone', { 'packages/testing/src/generated/shed/answers.ts': null }],
    ['that all modules are gone', (root) => rmSync(join(root, generated), { recursive: true })],
    ['a new overlay', { 'spec/shed/overlays/docs/zebra.yaml': 'overlay: 1.0.0\n' }],
    ['a list of what lint lets pass', { 'spec/shed/lint-ignore.yaml': 'a: []\n' }],
    ['a new file beside the modules', { [`${generated}/old.ts`]: '' }],
    ['a new file below the modules', { [`${generated}/deep/old.ts`]: '' }],
    ['a new file beside the answers of the sandbox', { 'packages/testing/src/generated/shed/old.ts': '' }],
    ['a new page', { 'packages/client/docs/shed/types/Old.md': '' }],
    ['new code of the pipeline', { 'scripts/src/emit/more.ts': '' }],
    ['that the record is no JSON', { [recordFile]: '{' }],
    ['that the record is empty', { [recordFile]: '' }],
    ['that the record is a list', { [recordFile]: '[]' }],
    ['that the record says nothing', { [recordFile]: '{}' }],
  ])('sees %s', async (_, change) => {
    const root = await recorded();
    if (typeof change === 'function') change(root);
    else write(root, change);
    expect(readRecord(root)(shed)).toBeUndefined();
  });

  it('sees no change in what does not concern the API', async () => {
    const root = await recorded();
    write(root, {
      'spec/till/source.yaml': 'a: 1\n',
      'packages/client/src/core/types.ts': '',
      'packages/testing/src/answers.ts': '',
      'README.md': '',
      'scripts/test/x.test.ts': '',
    });
    expect(readRecord(root)(shed)).toEqual({ counts: '2 operations' });
  });

  it.each<[string, (root: string) => void]>([
    ['that the record is null', (root) => write(root, { [recordFile]: 'null' })],
    ['that the record of an API is null', (root) => write(root, { [recordFile]: '{"shed":null}' })],
    [
      'that the record of an API has no files',
      (root) => {
        const { shed: entry } = JSON.parse(read(root, recordFile));
        write(root, { [recordFile]: JSON.stringify({ shed: { counts: entry.counts, generator: entry.generator } }) });
      },
    ],
    [
      'that a module is a folder now',
      (root) => {
        rmSync(join(root, generated, 'raw.ts'));
        mkdirSync(join(root, generated, 'raw.ts'));
      },
    ],
  ])('sees %s', async (_, change) => {
    const root = await recorded();
    change(root);
    expect(readRecord(root)(shed)).toBeUndefined();
  });

  it('replaces a record that is no record', async () => {
    const root = await recorded();
    write(root, { [recordFile]: 'null' });
    writeRecord(root, [{ api: shed, counts: '2 operations', outputs: outputsOf(root) }]);
    expect(readRecord(root)(shed)).toEqual({ counts: '2 operations' });
  });
});
