import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command, temporaryFolder } from './support.ts';

describe.concurrent('each command', () => {
  it.each(['reference', 'sdk'])('%s explains itself', async (name) => {
    const { code, stdout } = await command(name, ['--help']);
    expect(stdout).toMatch(new RegExp(`^Usage: npm run ${name}[^]*Exit codes: 0 done`));
    expect(code).toBe(0);
  });

  it.each([
    ['an unknown option', 'reference', ['--no-such'], /^error Unknown option '--no-such'/],
    ['an argument too many', 'reference', ['go'], /^error unexpected: go/],
    ['an unknown option', 'sdk', ['--no-such'], /^error Unknown option '--no-such'/],
    ['a missing folder', 'sdk', ['python'], /^error expected a language and a folder/],
    ['an unknown API', 'sdk', ['python', 'out', '--api', 'nope'], /^error there is no API nope\n {4}spec\/apis.json knows: access-v1/],
    ['a property without a value', 'sdk', ['python', 'out', '--property', 'name'], /^error --property takes NAME=VALUE, not name/],
  ])('says of %s what is wrong (%s)', async (_, name, args, message) => {
    const { code, stdout, stderr } = await command(name, args);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it.each(['reference', 'sdk'])('%s says what to do where Java is missing', async (name) => {
    const folder = temporaryFolder();
    const { code, stderr } = await command(name, name === 'sdk' ? ['python', join(folder, 'out')] : ['--check'], {
      PATH: folder,
      JAVA_HOME: '',
    });
    expect(stderr).toMatch(/^error OpenAPI Generator needs Java, and there is none on this machine\n {4}install /);
    expect(code).toBe(1);
  });
});

describe('sdk', () => {
  it('leaves a folder alone that is not empty', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'client'));
    writeFileSync(join(folder, 'client', 'mine.py'), '');
    const { code, stderr } = await command('sdk', ['python', 'client'], { INIT_CWD: folder });
    expect(stderr).toBe(`error ${join(folder, 'client')}: the folder is not empty\n    give a folder that is new or empty\n`);
    expect(code).toBe(1);
  });

  it('does not take a file for a folder', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'client'), '');
    const { code, stderr } = await command('sdk', ['python', 'client'], { INIT_CWD: folder });
    expect(stderr).toMatch(/client: this is a file, a folder was expected/);
    expect(code).toBe(1);
  });
});
