// The index of the search: a script rather than JSON, since a page opened from a file may load scripts but not fetch.

import type { Page } from './links.ts';
import type { Entry, EntryKind } from './markdown.ts';

/** As the browser gets it: pages, then entries that name their page by its number. Short keys, since each stands thousands of times. */
export interface SearchIndex {
  readonly pages: readonly { readonly path: string; readonly title: string; readonly api: string }[];
  /** Kind, title, number of the page, anchor, context. */
  readonly entries: readonly (readonly [EntryKind, string, number, string, string])[];
}

export function searchIndex(pages: readonly Page[]): SearchIndex {
  const several = new Set(pages.map(({ api }) => api?.id)).size > 2;
  return {
    pages: pages.map(({ path, document, api }) => ({ path, title: document.title, api: several && api !== undefined ? api.title : '' })),
    entries: pages.flatMap(({ document }, number) =>
      document.entries.map(({ kind, title, anchor, context }: Entry) => [kind, title, number, anchor, context] as const),
    ),
  };
}

export const searchScript = (index: SearchIndex): string =>
  `globalThis.searchIndex = {\n"pages": ${JSON.stringify(index.pages)},\n"entries": [\n${index.entries
    .map((entry) => JSON.stringify(entry))
    .join(',\n')}\n]};\n`;
