// Remembers, outside of version control, which input gave which output, so that a run with nothing to do ends at once.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Api, locate } from './apis.ts';
import { isNode } from './document/grammar.ts';
import { isFile, listFiles, nameOf } from './files.ts';
import { textHash } from './hash.ts';

/** A finished generation of one API. */
export interface Run {
  readonly api: Api;
  /** What it found, for the line of the next run. */
  readonly counts: string;
  readonly outputs: readonly string[];
}

interface Entry {
  readonly counts: string;
  readonly generator: string;
  /** Hashes by file, of everything that went in and came out. */
  readonly files: Record<string, string>;
}

const recordPath = (root: string): string => join(root, 'node_modules/.cache/finapi-ts/generate.json');

/** What is recorded; nothing where there is no record yet, or none that can be read. */
function readEntries(root: string): Record<string, unknown> {
  try {
    const entries: unknown = JSON.parse(readFileSync(recordPath(root), 'utf8'));
    return isNode(entries) ? entries : {};
  } catch {
    return {};
  }
}

/** Answers, for an API, what the last run found if neither input nor output nor generator has changed since. */
export function readRecord(root: string): (api: Api) => { readonly counts: string } | undefined {
  const entries = readEntries(root);
  const generator = generatorHash(root);
  return (api) => {
    const entry = entries[api.id];
    if (!isNode(entry) || entry.generator !== generator || !isNode(entry.files)) return undefined;
    const { generated, pages, answers } = locate(root, api);
    const present = new Set([...inputs(root, api), ...[generated, pages, answers].flatMap((folder) => filesIn(root, folder))]);
    const recorded = entry.files;
    for (const file of Object.keys(recorded)) present.add(file);
    for (const file of present) if (recorded[file] !== hashOf(root, file)) return undefined;
    return { counts: String(entry.counts) };
  };
}

export function writeRecord(root: string, runs: readonly Run[]): void {
  if (runs.length === 0) return;
  const path = recordPath(root);
  const entries = readEntries(root);
  const generator = generatorHash(root);
  for (const { api, counts, outputs } of runs) {
    const files = [...inputs(root, api), ...outputs.map((output) => nameOf(root, output))];
    const hashes = files
      .map((file) => [file, hashOf(root, file)] as const)
      .filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
    entries[api.id] = { counts, generator, files: Object.fromEntries(hashes) } satisfies Entry;
  }
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(entries));
  } catch {
    // Without a record the next run generates again; nothing is lost.
  }
}

/** Everything below `spec/<api>`, the words that it shares, and the list of APIs. */
function inputs(root: string, api: Api): string[] {
  const { spec, shared } = locate(root, api);
  return ['spec/apis.json', ...[spec, shared].flatMap((folder) => (folder === undefined ? [] : filesIn(root, folder)))];
}

/** The files below a folder, by the names that messages call them. */
const filesIn = (root: string, folder: string): string[] => listFiles(folder).map((name) => nameOf(root, join(folder, name)));

/** The pipeline's own code and the pinned versions of what it uses. */
function generatorHash(root: string): string {
  const scripts = join(root, 'scripts');
  const files = ['package.json', ...listFiles(join(scripts, 'src')).map((name) => `src/${name}`)];
  return textHash(files.map((file) => `${file} ${textHash(readFileSync(join(scripts, file), 'utf8'))}`).join('\n'));
}

function hashOf(root: string, file: string): string | undefined {
  const path = join(root, file);
  return isFile(path) ? textHash(readFileSync(path, 'utf8')) : undefined;
}
