// Broken on purpose: each fault is found, and named by what finds it.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Mock } from '@finapi-ts/contract-tests/server';
import { repository } from '@finapi-ts/scripts/apis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { acceptedLines } from '../src/accepted.ts';
import { createFolder, removeFolder } from '../src/folders.ts';
import { importsOf, lacksDisposable } from '../src/imports.ts';
import { change, createProject, findProgram, installed, writeCompilerSettings } from '../src/project.ts';
import { run, succeed } from '../src/run.ts';
import { startAccessV1 } from '../src/servers.ts';
import { compareFiles, listFiles } from '../src/tarball.ts';

let mock: Mock;
beforeAll(async () => {
  mock = await startAccessV1();
});
afterAll(() => mock?.close());

let folder: string;
let client: string;
beforeEach(() => {
  folder = createFolder();
  createProject(folder, inject('packed'), ['client.ts', 'failing.js']);
  client = installed(folder, '@finapi-ts/client');
});
afterEach(() => removeFolder(folder));

const table = 'dist/generated/access-v1/operations.js';
const call = async () => JSON.parse(await succeed(process.execPath, ['failing.js', mock.url], { cwd: folder }));

describe('what finds faults', () => {
  it('finds none where there are none', async () => {
    expect(await call()).toEqual({ bank: 'fine', token: 'fine', violations: [] });
  });

  it.each([
    ['client', 'dist/core/errors.d.ts'],
    ['auth-helpers', 'dist/stores/memory.js'],
    ['testing', 'dist/server.js'],
  ])('names a file that is missing from %s', (id, file) => {
    const name = `@finapi-ts/${id}`;
    const unpacked = installed(folder, name);
    const accepted = acceptedLines(`files/${id}.txt`, listFiles(unpacked));
    rmSync(join(unpacked, file));
    expect(compareFiles(name, accepted, listFiles(unpacked)).split('\n')).toContain(`missing from ${name}: ${file}`);
  });

  it('names a file too many', () => {
    expect(compareFiles('@finapi-ts/client', [], ['src/index.ts'])).toBe('new in @finapi-ts/client: src/index.ts');
  });

  it('names the package that types import without depending on it', () => {
    const unpacked = installed(folder, '@finapi-ts/auth-helpers');
    change(unpacked, 'dist/client.d.ts', /^/, "import type { TokenProvider } from '@finapi-ts/client';\n");
    expect(importsOf(unpacked, ['dist/client.d.ts'])).toEqual(['@finapi-ts/client']);
  });

  it('names the declarations that lose the types of `await using`', () => {
    const unpacked = installed(folder, '@finapi-ts/auth-helpers');
    change(unpacked, 'dist/source.d.ts', /^\/\/\/.*\n/, '');
    expect(lacksDisposable(unpacked, ['dist/session.d.ts', 'dist/source.d.ts'])).toEqual(['dist/source.d.ts']);
  });

  it('names a property whose name has changed', async () => {
    change(client, 'dist/generated/access-v1/schemas.d.ts', /\baccountName(\??:)/g, 'accountLabel$1');
    const tsc = findProgram(repository, 'typescript', 'tsc');
    const settings = writeCompilerSettings(folder, 'bundler', ['client.ts']);
    const { code, stdout } = await run(process.execPath, [tsc, '-p', settings], { cwd: folder });
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/client\.ts.*'accountName' does not exist/);
  });

  it('names the operation and the path where a path is wrong', async () => {
    change(client, table, '"/api/v1/banks/{id}"', '"/api/v1/bankz/{id}"');
    const { bank, token } = await call();
    expect(bank).toMatchObject({ status: 404, operation: 'getBank', path: '/api/v1/bankz/{id}' });
    expect(bank.message).toMatch(/getBank|\/api\/v1\/bankz\/\{id\}/);
    expect(token).toBe('fine');
  });

  it('names the media type where a form is sent as JSON', async () => {
    change(client, table, 'application/x-www-form-urlencoded', 'application/json');
    const { token, violations } = await call();
    expect(token).toMatchObject({ operation: 'getToken', path: '/oauth/token' });
    expect(violations).toContainEqual(
      expect.objectContaining({ code: 415, message: expect.stringContaining('application/x-www-form-urlencoded') }),
    );
  });
});
