// What a version before asks of the packages: its TypeScript, taken from git and compiled against what is built now.
import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { endAll, runProgram } from './children.ts';
import { InputError } from './errors.ts';

/** Code that uses the packages as consumers do: tests of packages, fixtures, examples. */
const isTaken = (file: string): boolean => /^(packages\/[^/]+\/test|tests\/consumers\/fixtures|examples)\/.+\.[cm]?ts$/.test(file);
const isManifest = (file: string): boolean => /^packages\/[^/]+\/package\.json$/.test(file);
const changelog = 'packages/client/CHANGELOG.md';

export interface Break {
  /** A file of the version before, from the repository's root. */
  readonly file: string;
  readonly line: number;
  /** The compiler's. */
  readonly message: string;
}

export interface LeftOut {
  readonly file: string;
  /** What it imports that consumers cannot. */
  readonly imports: string;
}

export interface Comparison {
  /** How many files were compiled; never none. */
  readonly compiled: number;
  readonly leftOut: readonly LeftOut[];
  readonly breaks: readonly Break[];
}

/** The tag of the newest release, by the order of versions; none where nothing is released, or tags were not fetched. */
export function newestRelease(root: string): string | undefined {
  return releases(root)[0];
}

function releases(root: string): string[] {
  // A suffix comes before its release: 1.0.0-rc.1, then 1.0.0.
  const sorted = git(root, '-c', 'versionsort.suffix=-', 'tag', '--list', '--sort=-version:refname', '@finapi-ts/client@*');
  return sorted.split('\n').filter((tag) => /@\d+\.\d+\.\d+(-[\w.-]+)?$/.test(tag));
}

/** The commit that a reference names; bad input where there is none. */
export function findCommit(root: string, ref: string): string {
  try {
    return git(root, 'rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`).trim();
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError({ message: `git knows no version ${ref}`, hint: 'name a commit, a branch or a tag; git tag lists the releases' });
  }
}

/**
 * Whether it is said what breaks: a heading `Breaks` (`Breaking changes` in a changeset), with words below it, in a changeset that
 * waits or in a section of the changelog whose version is not released yet.
 */
export function declaresBreaks(root: string): boolean {
  const waiting = join(root, '.changeset');
  const notes = existsSync(waiting) ? readdirSync(waiting).filter((name) => name.endsWith('.md') && name !== 'README.md') : [];
  if (notes.some((name) => /^### (Breaks|Breaking changes)[ \t]*\r?\n\s*(?!#)\S/m.test(readFileSync(join(waiting, name), 'utf8'))))
    return true;
  const released = new Set(releases(root).map((tag) => tag.replace(/^.*@/, '')));
  const file = join(root, changelog);
  if (!existsSync(file)) return false;
  return readFileSync(file, 'utf8')
    .split(/^## /m)
    .slice(1)
    .filter((section) => !released.has(/^\[?v?([^\s\]]+)/.exec(section)?.[1] ?? ''))
    .some((section) => /^### Breaks[ \t]*\r?\n\s*(?!#)\S/m.test(section));
}

/**
 * Compiles the consumers' code of `ref` against the packages of `root` as they are built. Files are compiled as consumers write
 * them: a path to the source of an entry becomes the entry. A file that imports more of the source than the entries, or a
 * workspace that is never published, is left out.
 */
export async function compileBefore({ ref, root }: { readonly ref: string; readonly root: string }): Promise<Comparison> {
  const commit = findCommit(root, ref);
  requireBuilt(root);
  const { files, leftOut } = consumersOf(root, commit);
  if (files.size === 0) {
    const message = `${ref} has no TypeScript to compile in tests of packages, tests/consumers/fixtures and examples`;
    throw new InputError({ message, hint: 'name a later version, or say in scripts/src/compat.ts where it is' });
  }
  const breaks = await inFolder(async (folder, onStop) => {
    for (const [file, text] of files) writeText(join(folder, file), text);
    linkPackages(root, folder);
    return compile(root, folder, [...files.keys()], onStop);
  });
  return { compiled: files.size, leftOut, breaks };
}

function git(root: string, ...args: string[]): string {
  try {
    return execFileSync('git', ['-C', root, ...args], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 2 ** 26 });
  } catch (cause) {
    const { code, stderr = '' } = cause as { code?: string; stderr?: string };
    const missing =
      code === 'ENOENT' ? 'git is not installed' : /not a git repository/.test(stderr) ? 'this is no git repository' : undefined;
    if (missing === undefined) throw cause;
    throw new InputError({ message: `${missing}, so there is no version before`, hint: 'clone the repository with git' });
  }
}

/** The code of a version that can stand outside of its repository, and what cannot. */
function consumersOf(root: string, commit: string): { readonly files: ReadonlyMap<string, string>; readonly leftOut: readonly LeftOut[] } {
  const show = (file: string): string => git(root, 'show', `${commit}:${file}`);
  const tree = git(root, 'ls-tree', '-r', '-z', '--name-only', commit, '--', 'packages', 'tests/consumers', 'examples').split('\0');
  const packages = tree.filter(isManifest).map((file) => ({ folder: posix.dirname(file), ...(JSON.parse(show(file)) as Manifest) }));
  const entries = new Map(packages.flatMap(({ folder, name, exports }) => entriesOf(folder, name, exports)));
  const files = new Map(tree.filter(isTaken).map((file) => [file, show(file)]));
  const isOpen = (file: string, path: string): boolean =>
    path.startsWith('.')
      ? sourcesOf(file, path).some((source) => entries.has(source) || files.has(source))
      : packages.some(({ name }) => path === name || path.startsWith(`${name}/`));
  const leftOut: LeftOut[] = [];
  // Whoever imports what is left out is left out as well, until nothing changes.
  for (let before = -1; before !== files.size; ) {
    before = files.size;
    for (const [file, text] of files) {
      const unknown = importsOf(text).find((path) => !isOpen(file, path));
      if (unknown === undefined) continue;
      files.delete(file);
      leftOut.push({ file, imports: unknown });
    }
  }
  for (const [file, text] of files) {
    const entryOf = (path: string): string =>
      sourcesOf(file, path)
        .map((source) => entries.get(source))
        .find(Boolean) ?? path;
    files.set(
      file,
      text.replace(imports, (_, start: string, quote: string, path: string) => `${start}${quote}${entryOf(path)}${quote}`),
    );
  }
  return { files, leftOut };
}

/** The repository's own modules behind `from`, `import` and `import(`; enough for code that Biome has formatted. */
const imports = /(\bfrom\s+|\bimport\s*\(?\s*)(['"])(\.\.?\/[^'"]+|@finapi-ts\/[^'"]+|finapi-ts(?:\/[^'"]+)?)\2/g;
const importsOf = (text: string): string[] => [...text.matchAll(imports)].map(([, , , path = '']) => path);

/** The files that a relative path may stand for. */
function sourcesOf(file: string, path: string): string[] {
  const target = posix.join(posix.dirname(file), path);
  return [target, target.replace(/js$/, 'ts')];
}

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, string | { readonly types: string }>>;
}

/** Source files of a package's entries, with the names that consumers import. */
function entriesOf(folder: string, name: string, exports: Manifest['exports'] = {}): [string, string][] {
  return Object.entries(exports).flatMap(([entry, target]) => {
    if (typeof target === 'string') return [];
    const source = target.types.replace('./dist/', `${folder}/src/`).replace(/\.d\.ts$/, '.ts');
    return [[source, posix.join(name, entry)]];
  });
}

/** The packages of the working tree by their folders. */
function packagesOf(root: string): Map<string, Manifest> {
  const folders = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  const manifests = folders.filter((folder) => existsSync(join(root, folder, 'package.json')));
  return new Map(manifests.map((folder) => [folder, JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest]));
}

function requireBuilt(root: string): void {
  for (const [folder, { exports = {} }] of packagesOf(root)) {
    for (const target of Object.values(exports)) {
      if (typeof target === 'string' || existsSync(join(root, folder, target.types))) continue;
      throw new InputError({
        file: posix.join(folder, target.types),
        message: 'there is no such file',
        hint: 'build it with: npm run build',
      });
    }
  }
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** A temporary folder that is gone afterwards, also after Ctrl-C; `onStop` takes what else ends then. */
async function inFolder<T>(work: (folder: string, onStop: (end: () => void) => void) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'finapi-compat-'));
  const ends: (() => void)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = (signal: NodeJS.Signals): void => {
    for (const end of ends) end();
    // Only now as it would have ended by itself.
    process.kill(process.pid, signal);
  };
  for (const signal of signals) process.once(signal, stop);
  try {
    return await work(folder, (end) => ends.unshift(end));
  } finally {
    for (const signal of signals) process.off(signal, stop);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The repository's own packages as they are now, and beside them what is installed. */
function linkPackages(root: string, folder: string): void {
  const link = (from: string, name: string): void => {
    const to = join(folder, 'node_modules', name);
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(realpathSync(from), to, 'junction');
  };
  const own = packagesOf(root);
  for (const [place, { name }] of own) link(join(root, place), name);
  // Names of workspaces lead back to the sources; of a scope, there is nothing else.
  const linked = new Set(['@finapi-ts', ...[...own.values()].map(({ name }) => name)]);
  for (const name of readdirSync(join(root, 'node_modules')))
    if (!name.startsWith('.') && !linked.has(name)) link(join(root, 'node_modules', name), name);
}

/** Settings of a strict consumer. They are ours and not that version's: what is judged is the package alone. */
const compilerOptions = {
  target: 'ES2022',
  lib: ['ES2023', 'DOM', 'DOM.Iterable'],
  module: 'nodenext',
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  allowImportingTsExtensions: true,
  noEmit: true,
};

async function compile(root: string, folder: string, files: readonly string[], onStop: (end: () => void) => void): Promise<Break[]> {
  writeText(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  writeText(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const children = new Set<ChildProcess>();
  onStop(() => endAll(children));
  const { code, output } = await runProgram(children, process.execPath, [tsc, '-p', 'tsconfig.json', '--pretty', 'false'], folder);
  const breaks = errorsIn(output);
  if (code !== 0 && breaks.length === 0) throw new Error(`the compiler failed: ${output}`);
  return breaks;
}

/** The compiler's errors; lines that go on with one are a part of its message. */
function errorsIn(output: string): Break[] {
  const whole = output.replace(/\r?\n\s+/g, ' ');
  return [...whole.matchAll(/^(.+?)\((\d+),\d+\): error TS\d+: (.*)$/gm)].map(([, file = '', line, message = '']) => ({
    file,
    line: Number(line),
    message: message.trim(),
  }));
}

function writeText(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}
