// Texts that are checked in and that a run is compared with.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acceptCommand, workspace } from './tarball.ts';

/** The accepted lines of a file below `test/`. With UPDATE set, the lines given become the accepted ones; in CI nothing does. */
export function acceptedLines(name: string, lines: readonly string[]): string[] {
  const file = join(workspace, 'test', name);
  const updating = !['', '0', 'false', undefined].includes(process.env['UPDATE']);
  if (updating && process.env['CI'] !== undefined) throw new Error('UPDATE is set in CI, where nothing is accepted');
  if (updating) writeFileSync(file, `${lines.join('\n')}\n`);
  if (!existsSync(file)) throw new Error(`test/${name} is missing; make it with: ${acceptCommand}`);
  return readFileSync(file, 'utf8').replace(/\n$/, '').split(/\r?\n/);
}

/** How to take a change over, behind a failure. */
export const hint = (name: string): string => `test/${name} is what was accepted; if the change is meant, accept it with: ${acceptCommand}`;
