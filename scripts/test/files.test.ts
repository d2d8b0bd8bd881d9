import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commit, differences, listFiles, nameOf, readText } from '../src/files.ts';
import { problemOf } from './support-documents.ts';
import { contentOf, temporaryFolder } from './support-folder.ts';

/** A folder with files, by their names; names that end in / are folders. */
function folderWith(files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(root, name.endsWith('/') ? name : join(name, '..')), { recursive: true });
    if (!name.endsWith('/')) writeFileSync(join(root, name), content);
  }
  return root;
}

const changesIn = (root: string, files: Readonly<Record<string, string | null>>) =>
  new Map(Object.entries(files).map(([name, content]) => [join(root, name), content]));

describe('readText', () => {
  it('reads text as it is', () => {
    const root = folderWith({ 'a.txt': 'Grüße\r\n😀\n' });
    expect(readText(root, join(root, 'a.txt'))).toBe('Grüße\r\n😀\n');
  });

  it('reads an empty file', () => {
    const root = folderWith({ 'a.txt': '' });
    expect(readText(root, join(root, 'a.txt'))).toBe('');
  });

  it.each([
    ['is missing', 'spec/none.yaml', 'there is no such file'],
    ['is a folder', 'spec', 'this is a folder, a file was expected'],
    ['lies in a file', 'spec/a.yaml/b.yaml', 'the file cannot be read'],
    ['is not UTF-8', 'spec/latin1.yaml', 'the file is not UTF-8 text'],
    ['is a picture', 'spec/picture.png', 'the file is not UTF-8 text'],
  ])('says of a file that %s which one it is, what is wrong and what to do', (_, name, message) => {
    const root = folderWith({
      'spec/a.yaml': 'a: 1',
      'spec/latin1.yaml': Buffer.from('Grüße', 'latin1'),
      'spec/picture.png': Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0xff),
    });
    expect(problemOf(() => readText(root, join(root, name), 'fetch it first'))).toEqual({
      file: name,
      message: expect.stringContaining(message),
      hint: 'fetch it first',
    });
    expect(problemOf(() => readText(root, join(root, name)))).toEqual({ file: name, message: expect.stringContaining(message) });
  });
});

describe('nameOf', () => {
  it('names a file of the repository from its root, with forward slashes', () => {
    const root = temporaryFolder();
    expect(nameOf(root, join(root, 'spec', 'access', 'source.yaml'))).toBe('spec/access/source.yaml');
  });

  it('names a file elsewhere by its whole path', () => {
    const root = temporaryFolder();
    const elsewhere = join(temporaryFolder(), 'a.yaml');
    expect(nameOf(root, elsewhere)).toBe(elsewhere.replaceAll('\\', '/'));
  });
});

describe('listFiles', () => {
  it('lists files at every depth, sorted, with forward slashes and without folders', () => {
    const root = folderWith({
      'b.yaml': '',
      'a/z.yaml': '',
      'a/b/c.yaml': '',
      'a.yaml': '',
      'B.yaml': '',
      'empty/': '',
      'a/10.yaml': '',
      'a/9.yaml': '',
      '.hidden': '',
    });
    expect(listFiles(root)).toEqual(['.hidden', 'B.yaml', 'a.yaml', 'a/10.yaml', 'a/9.yaml', 'a/b/c.yaml', 'a/z.yaml', 'b.yaml']);
  });

  it('lists nothing where there is no folder, or nothing in it', () => {
    const root = temporaryFolder();
    expect(listFiles(root)).toEqual([]);
    expect(listFiles(join(root, 'none'))).toEqual([]);
  });
});

describe('differences', () => {
  it('are the files that are new, changed or to go', () => {
    const root = folderWith({ same: 'a\n', changed: 'b', gone: 'c', empty: '' });
    const wanted = changesIn(root, { same: 'a\n', changed: 'B', 'deep/new': 'n', gone: null, 'never-there': null, empty: '' });
    expect(differences(wanted)).toEqual(changesIn(root, { changed: 'B', 'deep/new': 'n', gone: null }));
  });

  it('are seen in line ends, a byte order mark and the end of a file', () => {
    const root = folderWith({ crlf: 'a\r\n', bom: '\ufeffa\n', end: 'a' });
    const wanted = changesIn(root, { crlf: 'a\n', bom: 'a\n', end: 'a\n' });
    expect(differences(wanted)).toEqual(wanted);
  });

  it('tell an empty file from one that is missing', () => {
    const root = folderWith({ empty: '' });
    expect(differences(changesIn(root, { empty: null, missing: '' }))).toEqual(changesIn(root, { empty: null, missing: '' }));
  });

  it('change nothing on disk', () => {
    const root = folderWith({ a: 'a' });
    differences(changesIn(root, { a: 'b', 'c/d': 'e' }));
    expect(contentOf(root)).toEqual({ a: 'a' });
  });
});

describe('commit', () => {
  it('writes new files, into new folders where needed, overwrites others and deletes those that must go', () => {
    const root = folderWith({ old: 'before', gone: 'x', 'kept/file': 'k' });
    commit(changesIn(root, { old: 'after', gone: null, 'new/deep/file': 'n\n', 'kept/other': 'o', 'never-there': null }));
    expect(contentOf(root)).toEqual({
      old: 'after',
      kept: null,
      'kept/file': 'k',
      'kept/other': 'o',
      new: null,
      'new/deep': null,
      'new/deep/file': 'n\n',
    });
  });

  it('writes UTF-8', () => {
    const root = temporaryFolder();
    commit(changesIn(root, { a: 'Grüße 😀' }));
    expect(readText(root, join(root, 'a'))).toBe('Grüße 😀');
  });

  it('leaves no difference behind', () => {
    const root = folderWith({ a: '1', b: '2' });
    const wanted = changesIn(root, { a: '3', b: null, 'c/d': '4' });
    commit(wanted);
    expect(differences(wanted)).toEqual(new Map());
  });

  it('does nothing where nothing is wanted', () => {
    const root = folderWith({ a: '1' });
    commit(new Map());
    expect(contentOf(root)).toEqual({ a: '1' });
  });

  // A folder in the place of a file is found while the files are prepared; a file in the place of a folder that another
  // file is to lie in, only when they are moved to their places, after the first ones have been.
  const failures: [string, Record<string, string | null>][] = [
    ['a target is a folder', { 'kept/old': 'after', gone: null, fresh: 'f', folder: 'x', last: 'l' }],
    [
      'a target turns out to be a folder when others are in place',
      { 'kept/old': 'after', gone: null, fresh: 'f', both: 'x', 'both/inner': 'y', last: 'l' },
    ],
    ['a file that must go is a folder', { 'kept/old': 'after', gone: null, fresh: 'f', folder: null, last: 'l' }],
  ];
  const before = { 'kept/old': 'before', gone: 'still here', 'folder/file': 'x', plain: 'p' };
  const filesIn = (root: string) => Object.fromEntries(Object.entries(contentOf(root)).filter(([, content]) => content !== null));

  it.each(failures)('leaves every file as it was, and no temporary one, if %s', (_, wanted) => {
    const root = folderWith(before);
    const problem = problemOf(() => commit(changesIn(root, wanted)));
    expect(problem.message).toMatch(/^nothing was written: /);
    expect(problem.hint).toBeDefined();
    expect(filesIn(root)).toEqual(before);
  });

  it('leaves every file as it was, and no temporary one, if the parent of a target is a file', () => {
    const root = folderWith(before);
    const problem = problemOf(() => commit(changesIn(root, { 'kept/old': 'after', gone: null, fresh: 'f', 'plain/x': 'x', last: 'l' })));
    expect(problem.message).toMatch(/^nothing was written: /);
    expect(filesIn(root)).toEqual(before);
  });

  it('leaves no new folder behind if it fails', () => {
    const root = folderWith(before);
    problemOf(() => commit(changesIn(root, { 'new/deep/file': 'n', folder: 'x' })));
    expect(existsSync(join(root, 'new'))).toBe(false);
  });

  it('puts back a file that is not UTF-8 byte for byte if it fails', () => {
    const bytes = Uint8Array.of(0x89, 0x50, 0xff, 0xfe, 0x00);
    const root = folderWith({ picture: bytes });
    problemOf(() => commit(changesIn(root, { picture: 'text', both: 'x', 'both/inner': 'y' })));
    expect(new Uint8Array(readFileSync(join(root, 'picture')))).toEqual(bytes);
  });

  it('reports one failure with one sentence and keeps the reason of the system', () => {
    const root = folderWith({ 'folder/file': 'x' });
    expect(problemOf(() => commit(changesIn(root, { folder: 'x' }))).message).toContain('EISDIR');
  });

  it('can be run again after a failure', () => {
    const root = folderWith(before);
    problemOf(() => commit(changesIn(root, { 'kept/old': 'after', folder: 'x' })));
    commit(changesIn(root, { 'kept/old': 'after' }));
    expect(readFileSync(join(root, 'kept/old'), 'utf8')).toBe('after');
    expect(readdirSync(join(root, 'kept'))).toEqual(['old']);
  });
});
