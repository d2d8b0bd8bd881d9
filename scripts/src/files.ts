// Files of the repository: read with a message that helps, written all together or not at all.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { InputError } from './errors.ts';

/** The name by which messages call a file: relative to the repository, with forward slashes. */
export function nameOf(root: string, path: string): string {
  const name = relative(root, path);
  return (name.startsWith('..') ? path : name).split(sep).join('/');
}

/** A text file; a missing or unreadable one is the user's to mend. */
export function readText(root: string, path: string, hint?: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
  } catch (cause) {
    const file = nameOf(root, path);
    const help = hint === undefined ? {} : { hint };
    if (cause instanceof TypeError) throw new InputError({ file, message: 'the file is not UTF-8 text', ...help });
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === 'ENOENT'
        ? 'there is no such file'
        : code === 'EISDIR'
          ? 'this is a folder, a file was expected'
          : `the file cannot be read (${code})`;
    throw new InputError({ file, message: why, ...help });
  }
}

/** The files below a folder, relative to it, sorted; none where the folder is missing. */
export function listFiles(folder: string): string[] {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found === undefined) return [];
  if (!found.isDirectory()) throw new InputError({ file: folder, message: 'this is a file, a folder was expected' });
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** Whether there is a file; a folder in its place is none. */
export const isFile = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isFile() === true;

/** What a run wants on disk: contents by absolute path, `null` for a file that must go. */
export type Changes = ReadonlyMap<string, string | null>;

/** Those of the wanted contents that differ from what is on disk. */
export function differences(wanted: Changes): Map<string, string | null> {
  const changed = new Map<string, string | null>();
  for (const [path, content] of wanted) {
    const present = isFile(path) ? readFileSync(path, 'utf8') : null;
    if (present !== content) changed.set(path, content);
  }
  return changed;
}

/**
 * Writes all changes or none: everything is written beside its target first, then renamed into place; a failure puts
 * back what was there. Signals wait until it is through: a listener keeps Node from ending at once, and without giving
 * way to the event loop nothing comes in between.
 */
export function commit(changes: Changes): void {
  const wait = (): void => {};
  for (const signal of signals) process.on(signal, wait);
  try {
    writeAll(changes);
  } finally {
    for (const signal of signals) process.off(signal, wait);
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function writeAll(changes: Changes): void {
  const staged: { path: string; temporary: string | null; before: Buffer | null }[] = [];
  const folders: string[] = [];
  let renamed = 0;
  try {
    for (const [path, content] of changes) {
      const before = isFile(path) ? readFileSync(path) : null;
      const temporary = content === null ? null : `${path}.${process.pid}.tmp`;
      if (temporary !== null) {
        const made = mkdirSync(dirname(path), { recursive: true });
        if (made !== undefined) folders.push(made);
      }
      staged.push({ path, temporary, before });
      if (temporary === null) continue;
      writeFileSync(temporary, content as string);
    }
    for (const { path, temporary } of staged) {
      if (temporary === null) rmSync(path, { force: true });
      else renameSync(temporary, path);
      renamed++;
    }
  } catch (cause) {
    for (const [index, { path, temporary, before }] of staged.entries()) {
      if (temporary !== null) rmSync(temporary, { force: true });
      if (index >= renamed) continue;
      if (before === null) rmSync(path, { force: true });
      else writeFileSync(path, before);
    }
    for (const folder of folders.reverse()) rmSync(folder, { recursive: true, force: true });
    throw new InputError({
      message: `nothing was written: ${(cause as Error).message}`,
      hint: 'check free space and rights of the folder, then run the command again',
    });
  }
}
