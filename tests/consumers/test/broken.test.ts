// Broken on purpose: each fault is found, and named by what finds it.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Mock } from '@finapi-ts/contract-tests/server';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { acceptedLines } from '../src/accepted.ts';
import { createFolder, removeFolder } from '../src/folders.ts';
import { change, createProject, findProgram, type Project, writeCompilerSettings } from '../src/project.ts';
import { run, succeed } from '../src/run.ts';
import { startAccessV1 } from '../src/servers.ts';
import { clientFolder, compareFiles, listFiles } from '../src/tarball.ts';

let mock: Mock;
beforeAll(async () => {
  mock = await startAccessV1();
});
afterAll(() => mock?.close());

let project: Project;
beforeEach(async () => {
  project = await createProject(createFolder(), inject('packed'), ['consumer.ts', 'failing.js']);
});
afterEach(() => removeFolder(project.folder));

const table = 'dist/generated/access-v1/operations.js';
const call = async () => JSON.parse(await succeed(process.execPath, ['failing.js', mock.url], { cwd: project.folder }));

describe('what finds faults', () => {
  it('finds none where there are none', async () => {
    expect(await call()).toEqual({ bank: 'fine', token: 'fine', violations: [] });
  });

  it('names a file that is missing, and one too many', () => {
    const files = listFiles(project.client);
    rmSync(join(project.client, 'dist/core/errors.d.ts'));
    expect(compareFiles(acceptedLines('files.txt', files), listFiles(project.client))).toBe(
      'missing from the package: dist/core/errors.d.ts',
    );
    expect(compareFiles([], ['src/index.ts'])).toBe('new in the package: src/index.ts');
  });

  it('names a property whose name has changed', async () => {
    change(project.client, 'dist/generated/access-v1/schemas.d.ts', /\baccountName(\??:)/g, 'accountLabel$1');
    const tsc = findProgram(clientFolder, 'typescript', 'tsc');
    const settings = writeCompilerSettings(project.folder, 'bundler', ['consumer.ts']);
    const { code, stdout } = await run(process.execPath, [tsc, '-p', settings], { cwd: project.folder });
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/consumer\.ts.*'accountName' does not exist/);
  });

  it('names the operation and the path where a path is wrong', async () => {
    change(project.client, table, '"/api/v1/banks/{id}"', '"/api/v1/bankz/{id}"');
    const { bank, token } = await call();
    expect(bank).toMatchObject({ status: 404, operation: 'getBank', path: '/api/v1/bankz/{id}' });
    expect(bank.message).toMatch(/getBank|\/api\/v1\/bankz\/\{id\}/);
    expect(token).toBe('fine');
  });

  it('names the media type where a form is sent as JSON', async () => {
    change(project.client, table, 'application/x-www-form-urlencoded', 'application/json');
    const { token, violations } = await call();
    expect(token).toMatchObject({ operation: 'getToken', path: '/oauth/token' });
    expect(violations).toContainEqual(
      expect.objectContaining({ code: 415, message: expect.stringContaining('application/x-www-form-urlencoded') }),
    );
  });
});
