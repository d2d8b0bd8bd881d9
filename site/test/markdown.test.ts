import { describe, expect, it } from 'vitest';
import { highlight } from '../src/highlight.ts';
import { read } from '../src/markdown.ts';

const html = (text: string, kind: Parameters<typeof read>[1] = 'guide'): string => read(text, kind).render();
const cellOf = (text: string): string => /<td[^>]*>([\s\S]*?)<\/td>/.exec(html(`a |\n--- |\n${text} |\n`))?.[1]?.replace(/\n/g, '') ?? '';

describe('a page', () => {
  it('has anchors as GitHub makes them, numbered where headings repeat', () => {
    const { anchors } = read('# A page\n\n## Paths, instead of `methods`!\n\n## Example\n\n## Example\n', 'guide');
    expect([...anchors]).toEqual(['a-page', 'paths-instead-of-methods', 'example', 'example-1']);
  });

  it('is described by its first words, cut between words', () => {
    expect(read('# A\n\nShort `code` and *words*.\n\nMore.\n', 'guide').description).toBe('Short code and words.');
    const { description } = read(`# A\n\n${'word '.repeat(60)}\n`, 'guide');
    expect(description).toMatch(/^(?:word )+…$/);
    expect(description.length).toBeLessThanOrEqual(162);
  });

  it('shows raw HTML as text, apart from line breaks', () => {
    expect(html('a <script>alert(1)</script> <img src=x onerror=alert(1)> b<br>c<br/>d\n')).toBe(
      '<p>a &lt;script&gt;alert(1)&lt;/script&gt; &lt;img src=x onerror=alert(1)&gt; b<br>\nc<br>\nd</p>\n',
    );
    expect(html('<div onclick="alert(1)">\n')).not.toContain('<div');
    expect(html('`<br>`\n')).toBe('<p><code>&lt;br&gt;</code></p>\n');
  });

  it('follows no link that runs code', () => {
    expect(html('[a](javascript:alert(1))\n')).not.toContain('href');
  });
});

describe('a cell', () => {
  it('of one line stays one line', () => expect(cellOf('just words')).toBe('just words'));

  it('with hyphens at the beginning of lines has a list', () => {
    expect(cellOf('Codes:<br><br>- `A`: one.<br>- `B`: two.<br><br>The end.')).toBe(
      '<p>Codes:</p><ul><li><code>A</code>: one.</li><li><code>B</code>: two.</li></ul><p>The end.</p>',
    );
  });

  it('keeps plain lines apart, and a hyphen within a line', () => {
    expect(cellOf('one - first<br>two')).toBe('<p>one - first<br>two</p>');
    expect(cellOf('**On.**<br>- only<br>- items')).toBe('<p><strong>On.</strong></p><ul><li>only</li><li>items</li></ul>');
  });
});

describe('what the search finds', () => {
  const tag =
    '# Tools\n\nAll about tools.\n\n## getTool\n\n> getTool(args)\n\n**GET** /tools/{id}\n\n**Deprecated.** Get a tool\n\n### Arguments\n\nName | Type\n---- | ----\n**id** | number\n';

  it('on the page of a tag are the page, operations with path and summary, and arguments', () => {
    expect(read(tag, 'tag').entries).toEqual([
      { kind: 'page', title: 'Tools', anchor: '', context: 'All about tools.' },
      { kind: 'operation', title: 'getTool', anchor: 'gettool', context: 'GET /tools/{id} · Get a tool' },
      { kind: 'argument', title: 'id', anchor: 'gettool.id', context: 'getTool' },
    ]);
  });

  it('on the page of a type are the type and its properties', () => {
    const { entries, render } = read('# Tool\n\nA tool.\n\nProperty | Type\n-------- | ----\n**name** | string\n', 'type');
    expect(entries.map(({ kind, title, anchor }) => [kind, title, anchor])).toEqual([
      ['type', 'Tool', ''],
      ['property', 'name', 'tool.name'],
    ]);
    expect(render()).toContain('<tr id="tool.name">');
  });

  it('on a guide are its headings', () => {
    expect(read('# A\n\n## B\n\n### C\n', 'guide').entries.map(({ title }) => title)).toEqual(['A', 'B', 'C']);
  });
});

describe('code', () => {
  it('has colours for comments, strings, keywords and numbers, and loses no sign', () => {
    const code = "const a = 'x // y'; // <b>\nreturn `1` + 20; object.return; { type: 1 }\n";
    const shown = highlight(code, 'ts');
    expect(shown).toContain('<span class="keyword">const</span>');
    expect(shown).toContain('<span class="string">\'x // y\'</span>');
    expect(shown).toContain('<span class="comment">// &lt;b&gt;</span>');
    expect(shown).toContain('<span class="number">20</span>');
    expect(shown).toContain('object.return');
    expect(shown).toContain('{ type: ');
    expect(
      shown
        .replace(/<\/?span[^>]*>/g, '')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>'),
    ).toBe(code);
  });

  it('of a language it does not know is plain', () => expect(highlight('<const>', 'text')).toBe('&lt;const&gt;'));
});
