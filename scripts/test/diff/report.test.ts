import { describe, expect, it } from 'vitest';
import { show } from '../../src/diff/change.ts';
import { diff } from '../../src/diff/diff.ts';
import { changelog, changeset, reportHtml, reportMarkdown, verdictOf } from '../../src/diff/report.ts';
import type { Node } from '../../src/document/grammar.ts';
import { api, json, object, ok, ref, taking, text } from './support.ts';

const before = taking(object({ name: text, flag: text }));
const after = taking(object({ name: { ...text, maxLength: 9 }, crew: text }));
const changes = diff(before, after);
const compared = { before: 'harbour-1.yaml', after: 'harbour-2.yaml' };
/** A field and a value that would be markup if they were taken for it. */
const evil = '</code><script>alert("1")</script>`*_[x](javascript:1)';
const evilChanges = diff(
  taking(object({ [evil]: { ...text, enum: [evil] } })),
  taking(object({ [evil]: { ...text, enum: ['fine'] } }), { [evil]: text }),
);

describe('the changelog', () => {
  it('lists breaking changes first, in sentences', () => {
    expect(changelog(changes)).toBe(
      [
        '### Breaking changes',
        '',
        '- `dock`: the field `flag` of the request body (string) can no longer be sent.',
        '- `dock`: maxLength of `name` of the request body is `9`; there was none.',
        '',
        '### New and changed',
        '',
        '- `dock`: the new field `crew` of the request body (string) may be sent.',
        '',
      ].join('\n'),
    );
  });

  it('is empty where nothing changed', () => {
    expect(changelog([])).toBe('');
  });

  it('keeps names from becoming markup', () => {
    for (const line of changelog(evilChanges).split('\n')) {
      const outside = line.replaceAll(/(`+).*?[^`]\1(?!`)/g, '').replaceAll(/\\./g, '');
      expect(outside).not.toMatch(/[<>[\]`]/);
    }
  });
});

describe('the changeset', () => {
  it('names package and bump, and holds the changelog', () => {
    const written = changeset('@harbour/client', 'Harbour 2', changes);
    expect(written?.startsWith("---\n'@harbour/client': major\n---\n\nHarbour 2\n\n### Breaking changes\n")).toBe(true);
    expect(written?.endsWith(changelog(changes))).toBe(true);
  });

  it('is none where nothing changed', () => {
    expect(changeset('@harbour/client', 'Harbour 2', [])).toBeUndefined();
  });
});

describe('the report', () => {
  it('says in Markdown what is compared, the release that it asks for, and the place of each change', () => {
    const report = reportMarkdown(compared, changes);
    expect(
      report.startsWith('# harbour-1.yaml → harbour-2.yaml\n\nAsks for a **major** release: 2 breaking, 1 minor.\n\n## Breaking changes\n'),
    ).toBe(true);
    expect(report).toContain('  - before: `–`, after: `maxLength 9`'.replace('`–`', '–'));
    expect(report).toContain('limit-tightened, at `/paths/~1docks/post/requestBody/content/application~1json/schema/properties/name`');
  });

  it('says the same as a page, breaking changes first, without scripts and without anything from elsewhere', () => {
    const page = reportHtml(compared, changes);
    expect(page.startsWith('<!doctype html>')).toBe(true);
    expect(page.indexOf('Breaking changes (2)')).toBeGreaterThan(0);
    expect(page.indexOf('Breaking changes (2)')).toBeLessThan(page.indexOf('New and changed (1)'));
    expect(page).toContain('<p><code>dock</code>: the field <code>flag</code> of the request body (string) can no longer be sent.</p>');
    expect(page).toContain('<dt>before</dt><dd>–</dd><dt>after</dt><dd><code>maxLength 9</code></dd>');
    expect(page).not.toMatch(/<script|<link|<img|https?:|url\(/);
    expect(page).toContain("default-src 'none'");
  });

  it('lists all operations where a sentence names a few', () => {
    const paths = (schema: Node): Node =>
      Object.fromEntries('abcdef'.split('').map((name) => [`/${name}`, { get: { operationId: name, responses: ok(schema) } }]));
    const many = diff(api(paths(ref('Ship')), { Ship: object({ name: text }) }), api(paths(ref('Ship')), { Ship: object({}) }));
    expect(many.map((change) => change.text)).toEqual([
      '`Ship`: answers no longer have the field `name` (string) (returned by `a`, `b`, `c` and 3 more operations).',
    ]);
    expect(reportHtml(compared, many)).toContain('<summary>6 operations</summary><code>a</code>');
    expect(reportMarkdown(compared, many)).toContain('operations: `a`, `b`, `c`, `d`, `e`, `f`');
  });

  it('keeps names and values from becoming markup', () => {
    const page = reportHtml({ before: '<b>', after: '"&\'' }, evilChanges);
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<b>');
    expect(page).toContain('&#60;script&#62;');
    expect(evilChanges.length).toBeGreaterThan(2);
  });

  it('says that nothing changed', () => {
    expect(reportMarkdown(compared, [])).toBe('# harbour-1.yaml → harbour-2.yaml\n\nNo changes.\n');
    expect(reportHtml(compared, [])).toContain('<p>No changes.</p>');
    expect(verdictOf([])).toBe('no changes');
  });
});

describe('a value in a sentence', () => {
  it.each([
    ['plain', '`plain`'],
    ['with ` in it', '`` with ` in it ``'],
    ['on\ntwo lines', '`on two lines`'],
    ['', 'an empty text'],
    [undefined, 'none'],
    [null, '`null`'],
    [{ a: [1] }, '`{"a":[1]}`'],
  ])('%j is %s', (value, expected) => {
    expect(show(value)).toBe(expected);
  });

  it('is cut where it is long', () => {
    expect(show('x'.repeat(500)).length).toBeLessThan(210);
  });
});

it('a body that is described in a list stays one line', () => {
  expect(
    reportMarkdown(
      compared,
      diff(
        api({ '/a': { post: { operationId: 'a', responses: ok(text) } } }),
        api({ '/a': { post: { operationId: 'a', requestBody: json(text), responses: ok(text) } } }),
      ),
    ),
  ).toContain('after: `application/json: string`');
});
