// The tarballs: made as for publication, unpacked, listed and compared with what is accepted.
import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPublished, type Published } from './packages.ts';
import { succeed } from './run.ts';

/** This workspace. */
export const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
export const acceptCommand = 'UPDATE=1 npm test -w @finapi-ts/consumer-tests';

/** A package, where its tarball is, and what was in it. */
export interface Packed {
  readonly name: string;
  /** Its name without the scope. */
  readonly id: string;
  readonly tarball: string;
  /** The package, unpacked; only to be read. */
  readonly folder: string;
}

/** Packs every package that is published. */
export const packAll = (into: string): Promise<Packed[]> => Promise.all(findPublished().map((one) => pack(one, into)));

async function pack({ name, id, folder: source }: Published, into: string): Promise<Packed> {
  // npm as it runs this; on Windows a plain `npm` is no program.
  const npm = process.env['npm_execpath'];
  const [program, first] = npm === undefined ? ['npm', []] : [process.execPath, [npm]];
  const args = ['pack', '--json', '--ignore-scripts', '--pack-destination', into];
  const [made] = JSON.parse(await succeed(program, [...first, ...args], { cwd: source })) as [{ filename: string }];
  const tarball = join(into, made.filename);
  const folder = join(into, id);
  mkdirSync(folder);
  await succeed('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1'], { cwd: folder });
  return { name, id, tarball, folder };
}

/** Files below a folder, as paths with slashes, in order. */
export function listFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort();
}

/** What is missing from a package and what is new in it, in words; empty where nothing is. */
export function compareFiles(name: string, accepted: readonly string[], found: readonly string[]): string {
  const missing = accepted.filter((file) => !found.includes(file)).map((file) => `missing from ${name}: ${file}`);
  const added = found.filter((file) => !accepted.includes(file)).map((file) => `new in ${name}: ${file}`);
  return [...missing, ...added].join('\n');
}
