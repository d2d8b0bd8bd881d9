// What a comparison looks like to people: a changelog, a changeset, and reports in Markdown and HTML.
import { isNode, type Node } from '../document/grammar.ts';
import { type Bump, bumpOf, type Change } from './change.ts';

const sections: readonly { readonly bump: Bump; readonly title: string }[] = [
  { bump: 'major', title: 'Breaking changes' },
  { bump: 'minor', title: 'New and changed' },
  { bump: 'patch', title: 'Without effect on code' },
];

/** A document by its title and version. */
export const titleOf = ({ info }: Node): string => (isNode(info) ? `${info.title} ${info.version}` : 'a document without a title');

/** What is compared, by the names that a reader knows. */
export interface Compared {
  readonly before: string;
  readonly after: string;
  /** Whether there is nothing before. */
  readonly isFirst?: boolean;
}

/** A part behind the changes. */
export interface Appendix {
  readonly title: string;
  readonly items: readonly {
    readonly text: string;
    /** Shown as it is. */
    readonly code?: string;
  }[];
}

/** `major`, `minor`, `patch` or `no changes`. */
export const verdictOf = (changes: readonly Change[]): Bump | 'no changes' => bumpOf(changes) ?? 'no changes';

function groups(changes: readonly Change[]): { title: string; bump: Bump; changes: Change[] }[] {
  return sections
    .map(({ bump, title }) => ({ title, bump, changes: changes.filter((change) => change.bump === bump) }))
    .filter((group) => group.changes.length > 0);
}

/** The changes as Markdown for consumers, breaking ones first. */
export function changelog(changes: readonly Change[]): string {
  return groups(changes)
    .map(({ title, changes: list }) => `### ${title}\n\n${list.map(({ text }) => `- ${markdown(text)}`).join('\n')}\n`)
    .join('\n');
}

/** A file for `.changeset/`; undefined where there is nothing to release. */
export function changeset(
  packageName: string,
  title: string,
  changes: readonly Change[],
  bump: Bump | undefined = bumpOf(changes),
): string | undefined {
  return bump === undefined ? undefined : `---\n'${packageName}': ${bump}\n---\n\n${markdown(title)}\n\n${changelog(changes)}`;
}

export function reportMarkdown(
  { before, after, isFirst = false }: Compared,
  changes: readonly Change[],
  appendices: readonly Appendix[] = [],
): string {
  const head = `# ${markdown(before)} → ${markdown(after)}\n\n${summary(changes, isFirst)}\n`;
  const body = groups(changes).map(({ title, changes: list }) => `## ${title}\n\n${list.map(entryMarkdown).join('\n')}\n`);
  const extra = appendices.map(({ title, items }) => `## ${markdown(title)}\n\n${items.map(itemMarkdown).join('\n')}\n`);
  return [head, ...body, ...extra].join('\n');
}

function itemMarkdown({ text, code }: Appendix['items'][number]): string {
  if (code === undefined) return `- ${markdown(text)}`;
  const fence = '`'.repeat(Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return `- ${markdown(text)}\n\n${[fence, ...code.split('\n'), fence].map((line) => `  ${line}`).join('\n')}\n`;
}

function entryMarkdown(change: Change): string {
  const { text, before, after, operations, location, rule } = change;
  const lines = [`- ${markdown(text)}`];
  if (before !== undefined || after !== undefined) lines.push(`  - before: ${codeOf(before)}, after: ${codeOf(after)}`);
  if (operations.length > 3) lines.push(`  - operations: ${operations.map(codeOf).join(', ')}`);
  lines.push(`  - ${rule}, at ${placesOf(location).map(codeOf).join(' and ') || 'the document'}`);
  return lines.join('\n');
}

function summary(changes: readonly Change[], isFirst: boolean): string {
  if (isFirst) return 'The first version.';
  const counts = groups(changes).map(({ bump, changes: list }) => `${list.length} ${bump === 'major' ? 'breaking' : bump}`);
  return changes.length === 0 ? 'No changes.' : `Asks for a **${verdictOf(changes)}** release: ${counts.join(', ')}.`;
}

/** Pointers, one where both documents have it at the same place. */
const placesOf = ({ before, after }: Change['location']): string[] =>
  [...new Set([before, after])].filter((place): place is string => place !== undefined && place !== '');

const valueText = (value: unknown): string => (value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value));

function codeOf(value: unknown): string {
  const text = valueText(value).replaceAll(/\s+/g, ' ');
  if (value === undefined || text.trim() === '') return '–';
  const fence = '`'.repeat(Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  return fence.length === 1 ? `\`${text}\`` : `${fence} ${text} ${fence}`;
}

/** A sentence with code in backticks, cut into its pieces. */
function pieces(text: string): { code: boolean; text: string }[] {
  const found: { code: boolean; text: string }[] = [];
  let end = 0;
  for (const match of text.matchAll(/(`+)(.*?[^`])\1(?!`)/g)) {
    found.push({ code: false, text: text.slice(end, match.index) });
    found.push({ code: true, text: (match[1] ?? '').length > 1 ? (match[2] ?? '').trim() : (match[2] ?? '') });
    end = match.index + match[0].length;
  }
  found.push({ code: false, text: text.slice(end) });
  return found.filter((piece) => piece.text !== '');
}

/** Markdown in which nothing outside of code is markup. */
function markdown(text: string): string {
  return pieces(text)
    .map((piece) => (piece.code ? codeOf(piece.text) : piece.text.replaceAll(/[\\<>[\]*_#&|`]/g, (sign) => `\\${sign}`)))
    .join('');
}

const html = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => `&#${sign.codePointAt(0)};`);

const inline = (text: string): string =>
  pieces(text)
    .map((piece) => (piece.code ? `<code>${html(piece.text)}</code>` : html(piece.text)))
    .join('');

const css = `
:root { color-scheme: light dark; --text: light-dark(#1c1e21, #e6e6e6); --dim: light-dark(#5c6370, #a3a9b3); --page: light-dark(#fff, #16181c);
  --card: light-dark(#f6f7f9, #20242a); --line: light-dark(#d9dde3, #363c45); --major: light-dark(#b3261e, #ff8f85); --minor: light-dark(#1b6e3c, #7fd6a0); --patch: var(--dim); }
body { margin: 0 auto; max-width: 60rem; padding: 2rem 1rem; font: 16px/1.5 system-ui, sans-serif; color: var(--text); background: var(--page); overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.15rem; margin-top: 2.5rem; }
code { font: 0.9em ui-monospace, monospace; background: var(--card); padding: 0.1em 0.3em; border-radius: 3px; }
ol { list-style: none; padding: 0; } li { border-left: 4px solid var(--line); background: var(--card); margin: 0 0 0.75rem; padding: 0.6rem 0.9rem; border-radius: 0 4px 4px 0; }
li p { margin: 0 0 0.4rem; } li code { background: var(--page); }
.major li { border-color: var(--major); } .minor li { border-color: var(--minor); } .major h2 { color: var(--major); } .minor h2 { color: var(--minor); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.1rem 0.8rem; margin: 0; font-size: 0.9rem; } dt { color: var(--dim); } dd { margin: 0; }
pre { margin: 0; font: 0.85rem ui-monospace, monospace; white-space: pre-wrap; }
details { font-size: 0.9rem; } summary { cursor: pointer; color: var(--dim); }
`;

/** One page without scripts and without anything from elsewhere. */
export function reportHtml(
  { before, after, isFirst = false }: Compared,
  changes: readonly Change[],
  appendices: readonly Appendix[] = [],
): string {
  const title = `${html(before)} → ${html(after)}`;
  const body = groups(changes).map(
    ({ title: heading, bump, changes: list }) =>
      `<section class="${bump}">\n<h2>${heading} (${list.length})</h2>\n<ol>\n${list.map(entryHtml).join('\n')}\n</ol>\n</section>`,
  );
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${css}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${html(summary(changes, isFirst)).replace(/\*\*(.+?)\*\*/, '<strong>$1</strong>')}</p>
${[...body, ...appendices.map(appendixHtml)].join('\n')}
</main>
</body>
</html>
`;
}

function appendixHtml({ title, items }: Appendix): string {
  const list = items.map(
    ({ text, code }) => `<li>\n<p>${inline(text)}</p>\n${code === undefined ? '' : `<pre>${html(code)}</pre>\n`}</li>`,
  );
  return `<section>\n<h2>${html(title)} (${items.length})</h2>\n<ol>\n${list.join('\n')}\n</ol>\n</section>`;
}

function entryHtml({ text, before, after, operations, location, rule }: Change): string {
  const rows: [string, string][] = [];
  if (before !== undefined || after !== undefined) rows.push(['before', valueHtml(before)], ['after', valueHtml(after)]);
  const [one, other] = placesOf(location);
  if (one !== undefined) rows.push(['place', `<code>${html(one)}</code>${other === undefined ? '' : ` → <code>${html(other)}</code>`}`]);
  rows.push(['rule', html(rule)]);
  const list =
    operations.length > 3
      ? `<details><summary>${operations.length} operations</summary>${operations.map((name) => `<code>${html(name)}</code>`).join(' ')}</details>\n`
      : '';
  return `<li>\n<p>${inline(text)}</p>\n<dl>${rows.map(([term, value]) => `<dt>${term}</dt><dd>${value}</dd>`).join('')}</dl>\n${list}</li>`;
}

const valueHtml = (value: unknown): string => (value === undefined ? '–' : `<code>${html(valueText(value))}</code>`);
