// Builds the whole site: pages, search index, assets and the documents drawn by Redocly, into one folder.
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readApis } from '@finapi-ts/scripts/apis';
import { InputError } from '@finapi-ts/scripts/errors';
import { readText } from '@finapi-ts/scripts/files';
import { layout, navigation, redocPath } from './layout.ts';
import { type Dropped, type Page, rewriteLinks } from './links.ts';
import { read } from './markdown.ts';
import { findPages } from './pages.ts';
import { renderDocument } from './redoc.ts';
import { searchIndex, searchScript } from './search.ts';

const assets = join(dirname(import.meta.dirname), 'assets');
const indexFile = 'assets/search-index.js';

export interface Built {
  readonly pages: number;
  readonly bytes: number;
  readonly dropped: readonly Dropped[];
}

/** All files that are made of Markdown, by their place in the site. */
export function renderPages(root: string): { files: Map<string, string>; dropped: Dropped[] } {
  const apis = readApis(root);
  const pages: Page[] = findPages(root, apis).map((source) => ({
    ...source,
    document: read(readText(root, join(root, source.file)), source.kind),
  }));
  const untitled = pages.filter(({ document }) => document.title === '');
  if (untitled.length > 0)
    throw new InputError(
      untitled.map(({ file }) => ({ file, message: 'the page has no title', hint: 'begin it with a heading: # Title' })),
    );
  const nav = navigation(pages, apis);
  const dropped = rewriteLinks(root, pages);
  const files = new Map(pages.map((page) => [page.path, layout(page, page.document.render(), nav)]));
  files.set(indexFile, searchScript(searchIndex(pages)));
  return { files, dropped };
}

/** Builds the site into `out`, in place of what a former run has left there; nothing changes when anything fails. */
export async function build(root: string, out: string, onStep: (step: string) => void = () => {}): Promise<Built> {
  if (existsSync(out) && !existsSync(join(out, indexFile)) && readdirSync(out).length > 0)
    throw new InputError({ file: out, message: 'the folder holds something other than the site', hint: 'name an empty or a new folder' });
  onStep('pages');
  const { files, dropped } = renderPages(root);
  for (const api of readApis(root)) {
    onStep(`Redocly draws ${api.id}`);
    files.set(redocPath(api), await renderDocument(root, api));
  }
  onStep('writing');
  for (const name of readdirSync(assets)) if (!name.endsWith('.hbs')) files.set(`assets/${name}`, readFileSync(join(assets, name), 'utf8'));

  const fresh = `${out}.${process.pid}.tmp`;
  let bytes = 0;
  try {
    for (const [path, content] of files) {
      mkdirSync(dirname(join(fresh, path)), { recursive: true });
      writeFileSync(join(fresh, path), content);
      bytes += Buffer.byteLength(content);
    }
    rmSync(out, { recursive: true, force: true });
    renameSync(fresh, out);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return { pages: [...files.keys()].filter((path) => path.endsWith('.html')).length, bytes, dropped };
}
