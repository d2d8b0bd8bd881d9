import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { watch } from 'node:fs/promises';
import { join } from 'node:path';
import { listFiles } from '@finapi-ts/scripts/files';
import { describe, expect, it } from 'vitest';
import { runGenerator, runToSuccess } from '../src/generator.ts';
import { command, documentFile, start, temporaryFolder } from './support.ts';

interface Python {
  readonly missing: boolean;
  readonly output: string;
}

const python = (...args: string[]): Promise<Python> =>
  new Promise((resolve) => {
    execFile('python3', args, { maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      resolve({ missing: error?.code === 'ENOENT', output: error === null ? stdout : `${stdout}${stderr}` });
    });
  });

describe.concurrent('an export', () => {
  it('to Python compiles, every file of it, in a folder named from where the user stands', async () => {
    const folder = temporaryFolder();
    const { code, stdout, stderr } = await command('sdk', ['python', 'client', '--property', 'packageName=finapi'], { INIT_CWD: folder });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const files = listFiles(join(folder, 'client'));
    expect(stdout).toMatch(new RegExp(`^python {2}${files.length} files in client {2}`));
    expect(files).toContain('finapi/api/authorization_api.py');
    const sources = files.filter((name) => name.endsWith('.py'));
    expect(sources.length).toBeGreaterThan(300);

    const { missing, output } = await python('-m', 'compileall', '-q', join(folder, 'client'));
    if (missing) {
      expect(process.env['CI'] ?? '', 'python3 is missing').toBe('');
      process.stderr.write('\n!!!!!!!!!!!!!!!!!!!! THE EXPORT TO PYTHON WAS NOT COMPILED: python3 is missing\n\n');
      return;
    }
    expect(output).toBe('');
    expect(listFiles(join(folder, 'client')).filter((name) => name.endsWith('.pyc'))).toHaveLength(sources.length);
  });

  it('to a language that the generator does not have names those that it has', async () => {
    const folder = temporaryFolder();
    const { code, stderr } = await command('sdk', ['pythn', join(folder, 'client')]);
    expect(stderr).toMatch(/^error OpenAPI Generator has no language pythn\n {4}it has: ada, .*, python, .*, typescript-rxjs\n$/);
    expect(code).toBe(1);
    expect(existsSync(join(folder, 'client'))).toBe(false);
  });

  it('that is stopped leaves nothing behind', async () => {
    const [temporary, folder] = [temporaryFolder(), temporaryFolder()];
    const begun = (async () => {
      for await (const { filename } of watch(temporary)) if (filename?.startsWith('finapi-reference-')) return;
    })();
    const { pid, ended } = start('sdk', ['python', 'client'], { INIT_CWD: folder, TMPDIR: temporary });
    await Promise.race([begun, ended]);
    process.kill(pid, 'SIGINT');
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 1, stderr: 'error stopped; nothing was written\n' });
    expect([readdirSync(temporary), readdirSync(folder)]).toEqual([[], []]);
  });
});

describe.concurrent('a run', () => {
  it('ends with Java when it is stopped', async () => {
    const controller = new AbortController();
    const run = runGenerator(['list', '--short'], { signal: controller.signal });
    controller.abort(new Error('enough'));
    await expect(run).rejects.toThrow('enough');
    await expect(runGenerator(['list', '--short'], { signal: controller.signal })).rejects.toThrow('enough');
  });

  it('that fails says what Java said, without its stack', async () => {
    const args = ['generate', '-g', 'go', '-i', documentFile({ bogus: 1 }), '-o', temporaryFolder()];
    await expect(runToSuccess(args)).rejects.toThrow(
      /^OpenAPI Generator failed with exit code 1; nothing was written\n {4}.*SpecValidationException.*$/,
    );
  });
});
