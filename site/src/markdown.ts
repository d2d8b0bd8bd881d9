// Markdown to HTML as GitHub shows it, with what the site needs on top: anchors, boxes for tables, entries for the search.
import Slugger from 'github-slugger';
import createMarkdown, { type StateCore, type StateInline, type Token } from 'markdown-it';
import { highlight } from './highlight.ts';

export type EntryKind = 'page' | 'operation' | 'type' | 'heading' | 'property' | 'argument';

/** Something that the search finds. */
export interface Entry {
  readonly kind: EntryKind;
  readonly title: string;
  /** The id on the page; empty for the page as a whole. */
  readonly anchor: string;
  /** What stands beside the title: method, path and summary of an operation, the place of a property. */
  readonly context: string;
}

export interface Document {
  readonly title: string;
  /** The first words, for the page's description. */
  readonly description: string;
  readonly anchors: ReadonlySet<string>;
  readonly entries: readonly Entry[];
  /** Every link, to be changed or removed before `render`. */
  readonly links: readonly Link[];
  render(): string;
}

export interface Link {
  readonly href: string;
  /** Line in the source, from 1. */
  readonly line: number;
  set(href: string): void;
  /** Leaves the words and takes the link away. */
  drop(): void;
}

const endpoint = /^\*\*(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\*\* (\/\S*)$/;

// Raw HTML stays text, with the one exception that cells need for their lines.
const markdown = createMarkdown({
  html: false,
  linkify: false,
  typographer: false,
  highlight: (code, language) => highlight(code, language),
});
markdown.inline.ruler.before('autolink', 'br', (state: StateInline, silent: boolean) => {
  const match = /^<br\s*\/?>/.exec(state.src.slice(state.pos, state.pos + 8));
  if (match === null) return false;
  if (!silent) state.push('hardbreak', 'br', 0);
  state.pos += match[0].length;
  return true;
});
markdown.core.ruler.push('cells', (state: StateCore) => {
  state.tokens = state.tokens.flatMap((token, index) =>
    token.type === 'inline' && state.tokens[index - 1]?.type === 'td_open' ? cell(token, state.Token) : [token],
  );
});
// On a phone the rows of wide tables become blocks; the boxes of all others scroll.
markdown.renderer.rules['table_open'] = (tokens, index) => `<div class="table${tokens[index]?.meta?.wide ? ' wide' : ''}"><table>\n`;
markdown.renderer.rules['table_close'] = () => '</table></div>\n';
markdown.renderer.rules['heading_close'] = (tokens, index) => {
  const level = tokens[index]?.tag ?? 'h2';
  const id = tokens[index - 2]?.attrGet('id') ?? '';
  const anchor = level === 'h1' ? '' : ` <a class="anchor" href="#${id}" tabindex="-1" aria-hidden="true">#</a>`;
  return `${anchor}</${level}>\n`;
};

/** The first column of tables whose rows can be linked to. */
const namedBy: Readonly<Record<string, string>> = { type: 'Property', tag: 'Name' };
/** Columns whose cells say by themselves what they are, where no head stands above them. */
const clear = new Set(['Type', 'HTTP request', 'Description', 'Meaning', 'Body']);

/** The same words with places where a long name may break: before a slash, and before a capital inside. */
function breakable(tokens: readonly Token[]): Token[] {
  return tokens.flatMap((token) => {
    if (token.type !== 'text' || token.content.length < 18) return [token];
    return token.content.split(/(?<=.)(?=\/)|(?<=[a-z0-9])(?=[A-Z])/).flatMap((part, index) => {
      const text = Object.assign(Object.create(Object.getPrototypeOf(token)) as Token, token, { content: part });
      const wbr = Object.assign(Object.create(Object.getPrototypeOf(token)) as Token, token, { type: 'html_inline', content: '<wbr>' });
      return index === 0 ? [text] : [wbr, text];
    });
  });
}

/** The words of inline tokens, without marks. */
function plain(tokens: readonly Token[] | null | undefined): string {
  return (tokens ?? [])
    .map((token) => (token.type === 'text' || token.type === 'code_inline' ? token.content : /break$/.test(token.type) ? ' ' : ''))
    .join('');
}

/** A cell whose text has lines: those that begin with a hyphen become a list, the others paragraphs. */
function cell(inline: Token, TokenType: typeof Token): Token[] {
  const lines: Token[][] = [[]];
  for (const token of inline.children ?? []) {
    if (token.type === 'hardbreak') lines.push([]);
    else lines.at(-1)?.push(token);
  }
  if (lines.length === 1) return [inline];
  const blocks: Token[] = [];
  const block = (tag: string, kind: string, children: Token[]): void => {
    const content = new TokenType('inline', '', 0);
    content.children = children;
    content.map = inline.map;
    blocks.push(new TokenType(`${kind}_open`, tag, 1), content, new TokenType(`${kind}_close`, tag, -1));
  };
  let list = false;
  const toggle = (on: boolean): void => {
    if (on !== list) blocks.push(new TokenType(`bullet_list_${on ? 'open' : 'close'}`, 'ul', on ? 1 : -1));
    list = on;
  };
  let paragraph: Token[] = [];
  const flush = (): void => {
    if (paragraph.length > 0) block('p', 'paragraph', paragraph);
    paragraph = [];
  };
  for (const line of lines) {
    const first = line.find((token) => token.type !== 'text' || token.content.trim() !== '');
    if (first === undefined) {
      flush();
      continue;
    }
    const item = first.type === 'text' && /^\s*- /.test(first.content);
    if (item) {
      flush();
      first.content = first.content.replace(/^\s*- /, '');
    }
    toggle(item);
    if (item) block('li', 'list_item', line);
    else paragraph.push(...(paragraph.length > 0 ? [new TokenType('hardbreak', 'br', 0)] : []), ...line);
  }
  flush();
  toggle(false);
  return blocks;
}

/** Reads a page; `kind` says whether its headings are operations and its tables have properties. */
export function read(text: string, kind: 'guide' | 'project' | 'overview' | 'tag' | 'types' | 'type'): Document {
  const tokens = markdown.parse(text, {});
  const slugger = new Slugger();
  const anchors = new Set<string>();
  const entries: Entry[] = [];
  const links: Link[] = [];
  let title = '';
  let description = '';
  let section = { title: '', anchor: '' };
  let operation: { index: number; method: string } | undefined;
  let heads: string[] = [];
  let column = 0;
  let line = 1;

  for (const [index, token] of tokens.entries()) {
    if (token.map !== null) line = token.map[0] + 1;
    const inline = tokens[index + 1];
    const words = plain(inline?.children);
    if (token.type === 'heading_open') {
      const anchor = slugger.slug(words);
      token.attrSet('id', anchor);
      anchors.add(anchor);
      if (token.tag === 'h1' && title === '') {
        title = words;
        section = { title: words, anchor };
        continue;
      }
      if (token.tag <= 'h2') section = { title: words, anchor };
      operation = undefined;
      // The headings of an operation are the same for all, and those of an overview are the tags.
      if (kind === 'guide' || kind === 'project' || (kind === 'tag' && token.tag === 'h2')) {
        entries.push({ kind: 'heading', title: words, anchor, context: title });
        if (kind === 'tag') operation = { index: entries.length - 1, method: '' };
      }
    } else if (token.type === 'paragraph_open' && !token.hidden) {
      if (description === '' && !words.includes('All paths are relative to')) description = words;
      const [, method, path] = endpoint.exec(inline?.content ?? '') ?? [];
      if (operation !== undefined && method !== undefined) {
        token.attrSet('class', 'endpoint');
        operation.method = `${method} ${path}`;
        entries[operation.index] = { kind: 'operation', title: section.title, anchor: section.anchor, context: operation.method };
      } else if (operation !== undefined && operation.method !== '') {
        const context = `${operation.method} · ${words.replace(/^Deprecated\. /, '')}`;
        entries[operation.index] = { kind: 'operation', title: section.title, anchor: section.anchor, context };
        operation = undefined;
      }
    } else if (token.type === 'table_open') {
      heads = tokens
        .slice(
          index,
          tokens.findIndex((other, at) => at > index && other.type === 'thead_close'),
        )
        .filter(({ type }) => type === 'inline')
        .map(({ children }) => plain(children));
      token.meta = { wide: heads.length > 2 || (kind === 'types' && heads.length > 1) };
    } else if (token.type === 'tr_open' && tokens[index + 1]?.type === 'td_open') {
      column = 0;
      const name = /^\*\*([^*]+)\*\*$/.exec(tokens[index + 2]?.content ?? '')?.[1];
      const anchor = `${section.anchor}.${name}`;
      if (name !== undefined && heads[0] === namedBy[kind] && !anchors.has(anchor)) {
        token.attrSet('id', anchor);
        anchors.add(anchor);
        entries.push({ kind: kind === 'type' ? 'property' : 'argument', title: name, anchor, context: section.title });
      }
    } else if (token.type === 'td_open') {
      const head = heads[column] ?? '';
      if (column > 0 && head !== '' && !clear.has(head)) token.attrSet('data-head', head);
      const words = head === 'Description' || head === 'Meaning';
      if (words) token.attrSet('class', 'words');
      else if (endpoint.test(inline?.content ?? '')) token.attrSet('class', 'endpoint');
      if (!words) inline?.children?.splice(0, Number.POSITIVE_INFINITY, ...breakable(inline.children));
      column++;
    }
    for (const child of token.children ?? []) {
      if (child.type === 'link_open') links.push(linkOf(token, child, line));
      if (child.type === 'image') links.push(imageOf(child, line));
    }
  }
  const short = description.length <= 160 ? description : `${description.slice(0, 160).replace(/\s+\S*$/, '')} …`;
  entries.unshift({ kind: kind === 'type' ? 'type' : 'page', title, anchor: '', context: short });
  return { title, description: short, anchors, entries, links, render: () => markdown.renderer.render(tokens, markdown.options, {}) };
}

function linkOf(inline: Token, open: Token, line: number): Link {
  return {
    href: String(open.attrGet('href') ?? ''),
    line,
    set: (href) => open.attrSet('href', href),
    drop: () => {
      const children = inline.children ?? [];
      const close = children.slice(children.indexOf(open)).find((token) => token.type === 'link_close');
      for (const token of [open, close]) if (token !== undefined) token.hidden = true;
    },
  };
}

/** Pictures are not taken over: their words stay in their place. */
function imageOf(image: Token, line: number): Link {
  const drop = (): void => {
    image.type = 'text';
    image.tag = '';
    image.children = null;
  };
  return { href: String(image.attrGet('src') ?? ''), line, set: drop, drop };
}
