import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { readApis, repository } from '@finapi-ts/scripts/apis';
import { listFiles } from '@finapi-ts/scripts/files';
import { describe, expect, inject, it } from 'vitest';

const site = inject('site');
const files = listFiles(site);
const text = (file: string): string => readFileSync(join(site, file), 'utf8');
const documents = readApis(repository).map(({ id }) => `${id}/openapi.html`);
const pages = files.filter((file) => file.endsWith('.html') && !documents.includes(file));
const contents = new Map(pages.map((file) => [file, text(file)]));
const all = (html: string, pattern: RegExp): string[] => [...html.matchAll(pattern)].map((match) => match[1] ?? '');

describe('the site of this repository', () => {
  it('has a page for every page of the reference, and the document of every API', () => {
    for (const { id } of readApis(repository)) {
      const sources = listFiles(join(repository, 'packages/client/docs', id)).filter((file) => file.endsWith('.md'));
      for (const source of sources) {
        const page = source.replace(/README\.md$/, 'index.md').replace(/\.md$/, '.html');
        expect(files).toContain(`${id}/${page}`);
      }
      expect(files).toContain(`${id}/openapi.html`);
    }
    for (const page of ['index.html', 'client.html', 'architecture.html', 'contributing.html', 'decisions/index.html'])
      expect(files).toContain(page);
    expect(inject('built').pages).toBe(pages.length + documents.length);
  });

  it('has no link to a file, an anchor or an asset that is not there', () => {
    const ids = new Map([...contents].map(([file, html]) => [file, new Set(all(html, / id="([^"]+)"/g))]));
    const broken: string[] = [];
    let count = 0;
    for (const [file, html] of contents) {
      for (const href of new Set(all(html, / (?:href|src)="([^"]*)"/g))) {
        if (/^https?:/.test(href)) continue;
        count++;
        const [path = '', anchor] = href.split('#');
        const target = path === '' ? file : posix.join(posix.dirname(file), path);
        const known = files.includes(target) && (anchor === undefined || ids.get(target)?.has(decodeURIComponent(anchor)) === true);
        if (!known) broken.push(`${file}: ${href}`);
      }
    }
    expect(broken).toEqual([]);
    expect(count).toBeGreaterThan(pages.length * 20);
  });

  it('finds only what is there', () => {
    const index = JSON.parse(text('assets/search-index.js').replace(/^globalThis\.searchIndex = |;\n$/g, '')) as {
      pages: { path: string }[];
      entries: [string, string, number, string, string][];
    };
    for (const [, title, number, anchor] of index.entries) {
      const path = index.pages[number]?.path ?? '';
      expect(contents.get(path), title).toContain(anchor === '' ? '<h1' : `id="${anchor}"`);
    }
    const operations = readFileSync(join(repository, 'spec/access-v1/openapi.yaml'), 'utf8').match(/operationId: /g)?.length;
    expect(
      index.entries.filter(([kind, , number]) => kind === 'operation' && index.pages[number]?.path.startsWith('access-v1/')),
    ).toHaveLength(operations ?? -1);
  });

  it('has on every page a language, a title of its own, a description, landmarks, and where the reader is', () => {
    const titles = new Set<string>();
    for (const [file, html] of contents) {
      for (const part of [
        '<html lang="en"',
        '<meta name="description" content="',
        '<header>',
        '<nav ',
        '<main ',
        '<a class="skip" href="#content">',
      ])
        expect(html, file).toContain(part);
      expect(all(html, /<h1 id="([^"]+)"/g), file).toHaveLength(1);
      expect(all(html, / aria-current="(page)"/g), file).toHaveLength(1);
      expect(all(html, / id="([^"]+)"/g).length, file).toBe(new Set(all(html, / id="([^"]+)"/g)).size);
      titles.add(all(html, /<title>([^<]+)<\/title>/g)[0] ?? '');
    }
    expect(titles.size).toBe(contents.size);
  });

  it('loads nothing from elsewhere, and links elsewhere only in words', () => {
    const styles = text('assets/site.css') + text('assets/site.js');
    expect(styles).not.toMatch(/https?:|@import|url\(/);
    for (const [file, html] of contents) {
      expect(html, file).not.toMatch(/<(?:script|link|img|iframe|source)\b[^>]*(?:src|href)="(?:https?:)?\/\//);
      expect(html, file).not.toMatch(/<(?:script|style)>|\son\w+=|\sstyle=/);
    }
  });

  it('draws each document so that its page can reach no host', () => {
    for (const file of documents) {
      const html = text(file);
      expect(html).toMatch(/http-equiv="Content-Security-Policy" content="default-src 'none';/);
      expect(html).toContain('"disableTelemetry":true');
      expect(html).not.toMatch(/cdn\.redoc\.ly/);
      expect(html).toContain('<a class="back" href="index.html">');
    }
  });
});
