// The frame around a page: head, header with search, sidebar, main part and footer.
import type { Api } from '@finapi-ts/scripts/apis';
import { escapeHtml } from './highlight.ts';
import { type Page, relative } from './links.ts';

export const project = 'finapi-ts';

interface Item {
  readonly label: string;
  readonly path: string;
  readonly below?: readonly Item[];
}

/** The page that Redocly makes of an API's document. */
export const redocPath = (api: Pick<Api, 'id'>): string => `${api.id}/openapi.html`;

/** The part of the sidebar that is the same for all pages: what there is, in a reader's order. */
export function navigation(pages: readonly Page[], apis: readonly Api[]) {
  const item = (page: Page): Item => ({ label: page.document.title, path: page.path });
  const of = (kind: Page['kind'], api?: Api): Page[] =>
    pages.filter((page) => page.kind === kind && (api === undefined || page.api?.id === api.id));
  const decisions = of('project').filter(({ path }) => path.startsWith('decisions/'));
  const index = decisions.find(({ path }) => path === 'decisions/index.html');
  const others = decisions.filter((page) => page !== index).map(item);
  return {
    guide: of('guide').map((page) => (page.path === 'index.html' ? { label: 'Start', path: page.path } : item(page))),
    apis: apis.map((api) => {
      const overview = of('overview', api)[0];
      // The overview has the tags in the order of the document.
      const text = overview?.document.links.map(({ href }) => href.split('#')[0]) ?? [];
      const place = (page: Page): number => (text.indexOf(page.file.split('/').at(-1) ?? '') + 1 || Number.MAX_SAFE_INTEGER) as number;
      const tags = of('tag', api).sort((a, b) => place(a) - place(b));
      return {
        api,
        overview: overview === undefined ? undefined : { label: 'All operations', path: overview.path },
        redoc: { label: 'OpenAPI document', path: redocPath(api) },
        tags: tags.map((page) => ({
          ...item(page),
          below: page.document.entries
            .filter(({ kind }) => kind === 'operation')
            .map(({ title, anchor }) => ({ label: title, path: `${page.path}#${anchor}` })),
        })),
        index: of('types', api).map((page) => ({ label: 'All types', path: page.path })),
        types: of('type', api).map(item),
      };
    }),
    project: [
      ...of('project')
        .filter((page) => !decisions.includes(page))
        .map(item),
      ...(index === undefined ? others : [{ ...item(index), below: others }]),
    ],
  };
}

export type Navigation = ReturnType<typeof navigation>;

function sidebar(page: Page, { guide, apis, project: about }: Navigation): string {
  const link = ({ label, path }: Item): string =>
    `<a href="${relative(page.path, path.split('#')[0] as string)}${path.includes('#') ? `#${path.split('#')[1]}` : ''}"${
      path === page.path ? ' aria-current="page"' : ''
    }>${escapeHtml(label)}</a>`;
  const list = (items: readonly Item[]): string =>
    `<ul>${items
      .map((item) => {
        const open = item.below !== undefined && [item, ...item.below].some(({ path }) => path === page.path);
        return `<li>${link(item)}${open && item.below?.length ? list(item.below) : ''}</li>`;
      })
      .join('')}</ul>`;
  const shown = page.api?.id ?? apis[0]?.api.id;
  const reference = apis.map(({ api, overview, redoc, tags, index, types }) => {
    const head = `<h2>${escapeHtml(api.title)}</h2>`;
    if (api.id !== shown) return head + list([...(overview === undefined ? [] : [overview])]);
    const open = page.kind === 'type' || page.kind === 'types' ? ' open' : '';
    return `${head}${list([...(overview === undefined ? [] : [overview]), ...tags, redoc])}
<details${open}><summary>Types <span class="count">${types.length}</span></summary>${list([...index, ...types])}</details>`;
  });
  return `<h2>Guide</h2>${list(guide)}
${reference.join('\n')}
<h2>Project</h2>${list(about)}`;
}

/** A whole page. `main` is HTML. */
export function layout(page: Page, main: string, nav: Navigation): string {
  const { title, description } = page.document;
  const root = relative(page.path, 'index.html').replace(/index\.html$/, '');
  const full =
    title === project
      ? `${project}: a typed client of finAPI`
      : `${title} · ${page.api === undefined ? '' : `${page.api.title} · `}${project}`;
  return `<!doctype html>
<html lang="en" data-root="${root}">
<head>
<meta charset="utf-8">
<title>${escapeHtml(full)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="description" content="${escapeHtml(description || full)}">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="${root}assets/icon.svg">
<link rel="stylesheet" href="${root}assets/site.css">
<script src="${root}assets/site.js" defer></script>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header>
<button type="button" id="menu" aria-expanded="false" aria-controls="sidebar"><span aria-hidden="true">☰</span><span class="unseen">Menu</span></button>
<a class="name" href="${root}index.html">${project}</a>
<form role="search" id="search">
<input type="search" id="query" role="combobox" aria-label="Search pages, operations, paths, types and properties" aria-expanded="false"
 aria-controls="results" aria-autocomplete="list" placeholder="Search" autocomplete="off" autocapitalize="off" spellcheck="false">
<ul id="results" role="listbox" aria-label="Results" hidden></ul>
<p id="found" class="unseen" role="status"></p>
</form>
</header>
<div class="columns">
<nav id="sidebar" aria-label="Pages">
${sidebar(page, nav)}
</nav>
<main id="content" tabindex="-1" class="${page.kind}">
${main}</main>
</div>
<footer>From <code>${escapeHtml(page.file)}</code>. ${project} is independent of finAPI GmbH. MIT licensed.</footer>
</body>
</html>
`;
}
