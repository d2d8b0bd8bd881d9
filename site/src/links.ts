// Where the links of the pages lead: from Markdown files to the pages made of them, checked down to the anchor.
import { existsSync, statSync } from 'node:fs';
import { join, posix } from 'node:path';
import { InputError, type Problem } from '@finapi-ts/scripts/errors';
import type { Document } from './markdown.ts';
import type { Source } from './pages.ts';

export interface Page extends Source {
  readonly document: Document;
}

/** A link whose target is in the repository, but no page of the site. */
export interface Dropped {
  readonly file: string;
  readonly line: number;
  readonly target: string;
}

/** The way from one page to another, from any folder and without a server. */
export function relative(from: string, to: string): string {
  return posix.relative(posix.dirname(from), to) || posix.basename(to);
}

/** Rewrites the links of all pages; those that lead out of the site go, those that lead nowhere are the user's to mend. */
export function rewriteLinks(root: string, pages: readonly Page[]): Dropped[] {
  const byFile = new Map(pages.map((page) => [page.file, page]));
  const dropped: Dropped[] = [];
  const problems: Problem[] = [];
  for (const page of pages) {
    for (const link of page.document.links) {
      if (/^[a-z][a-z0-9+.-]*:/i.test(link.href)) continue;
      const problem = (message: string, hint: string): void => void problems.push({ file: page.file, line: link.line, message, hint });
      const [address = '', anchor] = link.href.split('#', 2);
      const target = address === '' ? page.file : posix.join(posix.dirname(page.file), decodeURIComponent(address)).replace(/\/$/, '');
      const file = join(root, target);
      const inside = !target.startsWith('..') && !posix.isAbsolute(address);
      if (!inside || !existsSync(file)) {
        problem(`the link ${link.href} leads nowhere`, 'correct the link, or remove it');
        continue;
      }
      const found = byFile.get(statSync(file).isDirectory() ? posix.join(target, 'README.md') : target);
      if (found === undefined) {
        dropped.push({ file: page.file, line: link.line, target });
        link.drop();
      } else if (anchor !== undefined && anchor !== '' && !found.document.anchors.has(decodeURIComponent(anchor)))
        problem(`${found.file} has no heading for #${anchor}`, 'correct the link, or the heading it means');
      else {
        const hash = anchor === undefined || anchor === '' ? '' : `#${anchor}`;
        link.set(address === '' ? hash || '#' : `${relative(page.path, found.path)}${hash}`);
      }
    }
  }
  if (problems.length > 0) throw new InputError(problems);
  return dropped;
}
