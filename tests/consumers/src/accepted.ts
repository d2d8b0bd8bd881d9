// Texts that are checked in and that a run is compared with.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { acceptCommand, workspace } from './tarball.ts';

/** Where accepted files are, and the command that accepts. */
export interface Place {
  readonly folder: string;
  readonly command: string;
}

const tests: Place = { folder: join(workspace, 'test'), command: acceptCommand };

/** Whether a run takes over what it sees. */
export const updating = !['', '0', 'false', undefined].includes(process.env['UPDATE']);

/** The accepted lines of a file. With UPDATE set, the lines given become the accepted ones; in CI nothing does. */
export function acceptedLines(name: string, lines: readonly string[], { folder, command }: Place = tests): string[] {
  const file = join(folder, name);
  if (updating && process.env['CI'] !== undefined) throw new Error('UPDATE is set in CI, where nothing is accepted');
  if (updating) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${lines.join('\n')}\n`);
  }
  if (!existsSync(file)) throw new Error(`${basename(folder)}/${name} is missing; make it with: ${command}`);
  return readFileSync(file, 'utf8').replace(/\n$/, '').split(/\r?\n/);
}

/** How to take a change over, behind a failure. */
export const hint = (name: string, { folder, command }: Place = tests): string =>
  `${basename(folder)}/${name} is what was accepted; if the change is meant, accept it with: ${command}`;
