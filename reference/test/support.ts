// What the tests share: the composed document, folders of a test's own, commands in a process of their own.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { locate, readDocument, repository } from '@finapi-ts/scripts/apis';
import type { Node } from '@finapi-ts/scripts/grammar';
import { afterAll } from 'vitest';

export const document = readDocument(repository, locate(repository, { id: 'access-v1' }).document, 'run: npm run generate').value as Node;

const folders: string[] = [];
// Once a file: tests that run side by side have no hooks of their own outside of their context.
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'finapi-reference-test-'));
  folders.push(folder);
  return folder;
}

/** A document with one operation, written to a file of the test's own. */
export function documentFile(operation: Node): string {
  const path = join(temporaryFolder(), 'openapi.json');
  writeFileSync(
    path,
    JSON.stringify({
      openapi: '3.0.3',
      info: { title: 'Library', version: '1' },
      servers: [{ url: 'https://library.test' }],
      paths: { '/books': { get: { operationId: 'getBooks', responses: { 200: { description: 'Books.' } }, ...operation } } },
    }),
  );
  return path;
}

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Ended>;
}

/** Starts a command of this workspace as npm would. */
export function start(name: string, args: readonly string[], env: Record<string, string> = {}): Started {
  const file = join(repository, 'reference/src/commands', `${name}.ts`);
  let pid = 0;
  const ended = new Promise<Ended>((resolve) => {
    const child = execFile(
      process.execPath,
      [file, ...args],
      { cwd: repository, env: { ...process.env, ...env } },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : typeof error.code === 'number' ? error.code : -1, stdout, stderr });
      },
    );
    pid = child.pid ?? 0;
  });
  return { pid, ended };
}

export const command = (name: string, args: readonly string[], env?: Record<string, string>): Promise<Ended> =>
  start(name, args, env).ended;
