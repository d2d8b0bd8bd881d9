// A copy of the repository to work on, so that the tree stays as it is until everything has succeeded.
import type { ChildProcess } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { type Ended, endAll, runProgram } from '../children.ts';
import { InputError } from '../errors.ts';

/** Kept out of the copy; what is installed is linked, what is built is built anew. */
const left = new Set(['node_modules', '.git', '.turbo', 'coverage']);

export interface Stage {
  readonly root: string;
  /** Runs a program in the copy; resolves with its output, whatever its exit code. */
  run(program: string, args: readonly string[]): Promise<Ended>;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Works in a copy that is gone afterwards, also after Ctrl-C, with whatever it started. */
export async function inStage<T>(root: string, work: (stage: Stage) => Promise<T>): Promise<T> {
  const folder = makeFolder();
  const children = new Set<ChildProcess>();
  const end = (): void => {
    endAll(children);
    // What has just been ended may still be writing its last file.
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  const stop = (signal: NodeJS.Signals): void => {
    end();
    // Only now as it would have ended by itself.
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.once(signal, stop);
  try {
    copy(root, folder);
    return await work({ root: folder, run: (program, args) => runProgram(children, program, args, folder) });
  } finally {
    for (const signal of signals) process.off(signal, stop);
    end();
  }
}

function makeFolder(): string {
  try {
    return mkdtempSync(join(realpathSync(tmpdir()), 'finapi-update-'));
  } catch (cause) {
    throw noCopy(cause);
  }
}

const noCopy = (cause: unknown): InputError =>
  new InputError({
    message: `no copy of the repository could be made: ${(cause as Error).message}`,
    hint: 'check free space and rights of the temporary folder; nothing was changed',
  });

function copy(root: string, folder: string): void {
  try {
    for (const name of readdirSync(root)) {
      if (left.has(name)) continue;
      cpSync(join(root, name), join(folder, name), {
        recursive: true,
        verbatimSymlinks: true,
        filter: (path) => !left.has(relative(root, path).split(/[\\/]/).at(-1) ?? ''),
      });
    }
    linkInstalled(root, folder);
  } catch (cause) {
    throw noCopy(cause);
  }
}

/** What is installed is the same; only the repository's own packages are those of the copy. */
function linkInstalled(root: string, folder: string): void {
  const link = (from: string, to: string): void => symlinkSync(from, to, 'junction');
  const installed = join(root, 'node_modules');
  if (existsSync(installed)) {
    mkdirSync(join(folder, 'node_modules'));
    for (const name of readdirSync(installed)) {
      if (name === '@finapi-ts' || name === '.cache') continue;
      link(join(installed, name), join(folder, 'node_modules', name));
    }
    mkdirSync(join(folder, 'node_modules/@finapi-ts'));
  }
  for (const place of workspaces(root)) {
    const { name } = JSON.parse(readFileSync(join(root, place, 'package.json'), 'utf8')) as { name?: string };
    if (existsSync(installed) && name?.startsWith('@finapi-ts/')) link(join(folder, place), join(folder, 'node_modules', name));
    const nested = join(root, place, 'node_modules');
    if (existsSync(nested)) link(nested, join(folder, place, 'node_modules'));
  }
  // For what looks things up in the history; nothing is written there.
  if (existsSync(join(root, '.git'))) link(join(root, '.git'), join(folder, '.git'));
}

/** Folders with a manifest, one or two levels down. */
function workspaces(root: string): string[] {
  const folders = (at: string): string[] =>
    readdirSync(join(root, at), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !left.has(entry.name) && !entry.name.startsWith('.'))
      .map((entry) => join(at, entry.name));
  const first = folders('');
  return [...first, ...first.flatMap(folders)].filter((place) => existsSync(join(root, place, 'package.json')));
}
