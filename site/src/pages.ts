// Which Markdown files of the repository are pages of the site, and where each of them lies there.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, locate } from '@finapi-ts/scripts/apis';
import { InputError } from '@finapi-ts/scripts/errors';
import { listFiles, nameOf } from '@finapi-ts/scripts/files';

export interface Source {
  /** The Markdown file, relative to the repository. */
  readonly file: string;
  /** The page, relative to the site. */
  readonly path: string;
  readonly kind: 'guide' | 'project' | 'overview' | 'tag' | 'types' | 'type';
  /** The API that a reference page belongs to. */
  readonly api?: Api;
}

const html = (file: string): string => file.replace(/(^|\/)README\.md$/, '$1index.md').replace(/\.md$/, '.html');

/** All pages, the start page first. */
export function findPages(root: string, apis: readonly Api[]): Source[] {
  const isMarkdown = (file: string): boolean => file.endsWith('.md');
  const pages: Source[] = [{ file: 'README.md', path: 'index.html', kind: 'guide' }];

  for (const name of names(join(root, 'packages')))
    if (existsSync(join(root, 'packages', name, 'README.md')))
      pages.push({ file: `packages/${name}/README.md`, path: `${name}.html`, kind: 'guide' });
  for (const file of listFiles(join(root, 'docs')).filter(isMarkdown)) {
    const decision = file.startsWith('decisions/');
    pages.push({ file: `docs/${file}`, path: html(decision ? file : `guides/${file}`), kind: decision ? 'project' : 'guide' });
  }
  for (const file of names(root).filter(isMarkdown))
    if (file !== 'README.md') pages.push({ file, path: html(file.toLowerCase()), kind: 'project' });

  for (const api of apis) {
    const folder = nameOf(root, locate(root, api).pages);
    const files = listFiles(join(root, folder)).filter(isMarkdown);
    if (!files.includes('README.md'))
      throw new InputError({ file: `${folder}/README.md`, message: 'there is no such file', hint: 'make it with: npm run generate' });
    for (const file of files) {
      const kind = file === 'README.md' ? 'overview' : file === 'types/README.md' ? 'types' : file.startsWith('types/') ? 'type' : 'tag';
      pages.push({ file: `${folder}/${file}`, path: `${api.id}/${html(file)}`, kind, api });
    }
  }

  // Compared without case: some file systems, and some hosts, do not tell `Types.html` from `types.html`.
  const taken = new Map<string, string>();
  for (const { file, path } of pages) {
    const other = taken.get(path.toLowerCase());
    if (other !== undefined)
      throw new InputError({ file, message: `${other} has the same place in the site, ${path}`, hint: 'rename one of the two' });
    taken.set(path.toLowerCase(), file);
  }
  return pages;
}

const names = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);
