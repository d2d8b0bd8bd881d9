import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { InputError } from '@finapi-ts/scripts/errors';
import { describe, expect, it } from 'vitest';
import { findJava, runGenerator } from '../src/generator.ts';
import { temporaryFolder } from './support.ts';

const program = process.platform === 'win32' ? 'java.exe' : 'java';

function folderWithJava(...path: string[]): string {
  const folder = join(temporaryFolder(), ...path);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, program), '');
  return folder;
}

describe('Java', () => {
  it('is the first on the PATH', () => {
    const [empty, first, second] = [temporaryFolder(), folderWithJava(), folderWithJava()];
    expect(findJava({ PATH: [empty, first, second].join(delimiter) })).toBe(join(first, program));
  });

  it('is that of JAVA_HOME before any other', () => {
    const bin = folderWithJava('bin');
    expect(findJava({ JAVA_HOME: join(bin, '..'), PATH: folderWithJava() })).toBe(join(bin, program));
  });

  it('that is missing is named together with the way to get it', () => {
    expect(() => findJava({ PATH: temporaryFolder() })).toThrow(InputError);
    expect(() => findJava({})).toThrow(/needs Java, and there is none.*\n.*(openjdk-17-jre-headless|version 11 or later)/);
  });

  it('is not searched for elsewhere where JAVA_HOME is wrong', () => {
    expect(() => findJava({ JAVA_HOME: join('no', 'such'), PATH: folderWithJava() })).toThrow(/JAVA_HOME is no.such, but there is no/);
  });

  it('that cannot be started is named', async () => {
    const java = join(folderWithJava(), program);
    await expect(runGenerator(['version'], { java })).rejects.toThrow(InputError);
    await expect(runGenerator(['version'], { java })).rejects.toThrow(`${java} cannot be started`);
  });
});

describe('the JAR', () => {
  it('is not run where it is not the one we know', async () => {
    const jar = join(temporaryFolder(), 'openapi-generator.jar');
    writeFileSync(jar, 'another');
    const run = runGenerator(['version'], { jar, java: join('no', 'such', 'java') });
    await expect(run).rejects.toThrow(InputError);
    await expect(run).rejects.toThrow(/its SHA-256 is [0-9a-f]{64}, expected [0-9a-f]{64}; it was not run/);
  });

  it('that is missing is asked for', async () => {
    await expect(runGenerator(['version'], { jar: join(temporaryFolder(), 'none.jar'), java: 'java' })).rejects.toThrow(
      /no such file\n.*npm ci/,
    );
  });
});
