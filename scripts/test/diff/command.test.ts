import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { repository } from '../../src/apis.ts';
import { read, write } from '../support-copy.ts';
import { contentOf, temporaryFolder } from '../support-folder.ts';
import { object, taking, text } from './support.ts';

const patient = 60_000;
const plain = taking(object({ name: text }));
const wider = taking(object({ name: text, flag: text }));

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in a folder, as npm does: the user's place is told apart from the process's. */
function runDiff(folder: string, ...args: string[]): Promise<Outcome> {
  return new Promise((done) => {
    const command = join(repository, 'scripts/src/commands/diff.ts');
    execFile(
      process.execPath,
      [command, ...args],
      { cwd: repository, env: { ...process.env, INIT_CWD: folder } },
      (error, stdout, stderr) => {
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      },
    );
  });
}

const lastLine = ({ stdout }: Outcome): string | undefined => stdout.trimEnd().split('\n').at(-1);

describe('spec:diff', { timeout: patient }, () => {
  it('prints what breaks and ends with major and exit code 2', async () => {
    const folder = temporaryFolder();
    write(folder, { 'a.yaml': wider, 'b.yaml': plain });
    const outcome = await runDiff(folder, 'a.yaml', 'b.yaml');
    expect(outcome).toMatchObject({ code: 2, stderr: '' });
    expect(outcome.stdout).toContain('breaks  `dock`: the field `flag` of the request body (string) can no longer be sent.\n');
    expect(lastLine(outcome)).toBe('major');
    expect(outcome.stdout).not.toContain('\u001b');
  });

  it('ends with minor and exit code 0 where nothing breaks, and writes nothing', async () => {
    const folder = temporaryFolder();
    write(folder, { 'a.yaml': plain, 'b.yaml': wider });
    const present = contentOf(folder);
    const outcome = await runDiff(folder, 'a.yaml', 'b.yaml');
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(lastLine(outcome)).toBe('minor');
    expect(contentOf(folder)).toEqual(present);
  });

  it('ends with patch where only the version moved', async () => {
    const folder = temporaryFolder();
    write(folder, { 'a.yaml': plain, 'b.yaml': { ...plain, info: { title: 'Harbour', version: '1.0.1' } } });
    expect(lastLine(await runDiff(folder, 'a.yaml', 'b.yaml'))).toBe('patch');
  });

  it('ends with no changes where the documents differ in form alone', async () => {
    const folder = temporaryFolder();
    write(folder, { 'a.yaml': plain, 'b.json': JSON.stringify(plain, null, 4).replaceAll('\n', '\r\n') });
    const outcome = await runDiff(folder, 'a.yaml', 'b.json');
    expect(outcome.code).toBe(0);
    expect(lastLine(outcome)).toBe('no changes');
  });

  it('writes both reports where it is told to', async () => {
    const folder = temporaryFolder();
    write(folder, { 'a.yaml': wider, 'b.yaml': plain });
    const outcome = await runDiff(folder, 'a.yaml', 'b.yaml', '--report', 'out/here');
    expect(outcome.code).toBe(2);
    expect(read(folder, 'out/here/report.md')).toContain('Asks for a **major** release');
    expect(read(folder, 'out/here/report.html')).toContain('<h2>Breaking changes (1)</h2>');
    expect(lastLine(outcome)).toBe('major');
  });

  it('compares documents over http', async () => {
    const server = createServer((request, response) => response.end(JSON.stringify(request.url === '/a' ? plain : wider)));
    onTestFinished(() => void server.close());
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    const outcome = await runDiff(temporaryFolder(), `http://127.0.0.1:${port}/a`, `http://127.0.0.1:${port}/b`);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(lastLine(outcome)).toBe('minor');
  });

  it('fails with exit code 1 and the file and line of the fault', async () => {
    const folder = temporaryFolder();
    write(folder, { 'a.yaml': plain, 'b.yaml': 'openapi: 3.0.3\npaths: [' });
    const outcome = await runDiff(folder, 'a.yaml', 'b.yaml', '--report', 'out');
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/b\.yaml:2: not valid YAML or JSON/);
    expect(outcome.stderr).not.toContain('    at ');
    expect(Object.keys(contentOf(folder))).toEqual(['a.yaml', 'b.yaml']);
  });

  it.each([
    ['no documents', []],
    ['one document', ['a.yaml']],
    ['three documents', ['a.yaml', 'b.yaml', 'c.yaml']],
    ['an unknown option', ['a.yaml', 'b.yaml', '--fast']],
  ])('fails with exit code 1 and points to --help on %s', async (_, args) => {
    const outcome = await runDiff(temporaryFolder(), ...args);
    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toContain('see --help');
  });

  it('explains itself', async () => {
    const outcome = await runDiff(temporaryFolder(), '--help');
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^Usage: npm run spec:diff -- A B/);
    expect(outcome.stdout).toContain('Exit codes: 0 nothing breaks, 2 something breaks, 1 failed.');
  });
});
