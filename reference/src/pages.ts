// The reference pages of a tag in the form of OpenAPI Generator's Go clients, from a template of our own.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InputError } from '@finapi-ts/scripts/errors';
import { listFiles } from '@finapi-ts/scripts/files';
import type { Node } from '@finapi-ts/scripts/grammar';
import { prepare } from './document.ts';
import { warningsOf } from './findings.ts';
import { type RunOptions, runToSuccess, withFolder } from './generator.ts';

/** The tag whose pages are kept. */
const tag = 'Authorization';

/** The workspace `reference/`. */
const workspace = dirname(dirname(fileURLToPath(import.meta.url)));

export interface Pages {
  /** Contents by file name. */
  readonly pages: ReadonlyMap<string, string>;
  /** What the generator warned of on the way. */
  readonly findings: readonly string[];
}

/** @param words whether descriptions stand in the pages; without, only names and types do */
export async function makePages(
  document: Node,
  { words = true, ...options }: RunOptions & { readonly words?: boolean } = {},
): Promise<Pages> {
  const prepared = prepare(document, { tag, words });
  if (Object.keys(prepared.paths ?? {}).length === 0)
    throw new InputError({ message: `the document has no operation with the tag ${tag}` });
  return withFolder(async (folder) => {
    const input = join(folder, 'openapi.json');
    const output = join(folder, 'out');
    mkdirSync(output);
    writeFileSync(input, JSON.stringify(prepared));
    const args = ['generate', '-g', 'go', '-i', input, '-o', output, '-t', join(workspace, 'templates/go'), '--skip-validate-spec'];
    const run = await runToSuccess([...args, '--global-property', `apis=${tag},apiTests=false`], options);
    const docs = join(output, 'docs');
    const pages = new Map(listFiles(docs).map((name) => [name, readFileSync(join(docs, name), 'utf8')]));
    // An ignore file is an offer of the generator that nobody has to take.
    return { pages, findings: warningsOf(run.stdout).filter((text) => !text.includes('.openapi-generator-ignore')) };
  });
}
