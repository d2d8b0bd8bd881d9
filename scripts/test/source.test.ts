import { STATUS_CODES } from 'node:http';
import { describe, expect, it } from 'vitest';
import { importDocument } from '../src/document/import.ts';
import { print } from '../src/document/yaml.ts';
import { operationsOf, spec, table } from './support-apis.ts';
import { at, nodeAt } from './support-documents.ts';
import { shuffleKeys } from './support-shuffle.ts';
import { type Row, surfaceOf, type Tables } from './surface.ts';

const source = spec('source.yaml');
const surface = surfaceOf(source.value);

/** Rows in the columns that both sides have: the token is not part of the structure. */
const rowsOf = (name: keyof Tables): { published: Row[]; ours: Row[] } => {
  const published = table(name).map(({ token: _, ...row }) => row);
  return {
    published,
    ours: surface[name].map((row) => Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, cell ?? '']))),
  };
};
const textOf = (row: Row): string => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));

describe('the structure of Access V1', () => {
  it.each<[keyof Tables, number]>([
    ['operations', 102],
    ['parameters', 338],
    ['responses', 639],
    ['schemas', 759],
    ['enums', 31],
  ])('has every row of the published %s, %i in all, and no other', (name, count) => {
    const { published, ours } = rowsOf(name);
    expect(published).toHaveLength(count);
    expect(ours).toHaveLength(count);
    const theirs = new Set(published.map(textOf));
    const present = new Set(ours.map(textOf));
    expect(ours.filter((row) => !theirs.has(textOf(row)))).toEqual([]);
    expect(published.filter((row) => !present.has(textOf(row)))).toEqual([]);
    expect(present.size).toBe(theirs.size);
  });

  // Methods of one path stand in an order of the house's own (get, post, put, patch, delete).
  it('keeps the published order of paths', () => {
    const { published, ours } = rowsOf('operations');
    const paths = (rows: Row[]) => [...new Set(rows.map(({ path }) => path))];
    expect(paths(ours)).toEqual(paths(published));
  });

  it.each<[keyof Tables, string]>([
    ['parameters', 'operationId'],
    ['responses', 'operationId'],
    ['schemas', 'schema'],
  ])('keeps the published order of %s within each %s', (name, column) => {
    const { published, ours } = rowsOf(name);
    const groups = (rows: Row[]) => {
      const found = new Map<string, string[]>();
      for (const row of rows) found.set(row[column] ?? '', [...(found.get(row[column] ?? '') ?? []), textOf(row)]);
      return found;
    };
    expect(groups(ours)).toEqual(groups(published));
  });

  it('keeps the published order of schemas', () => {
    for (const name of ['schemas', 'enums'] as const) {
      const { published, ours } = rowsOf(name);
      expect(ours.map(({ schema }) => schema)).toEqual(published.map(({ schema }) => schema));
    }
  });

  it('has one operation a method and path', () => {
    const operations = [...operationsOf(source.value).values()];
    expect(operations).toHaveLength(102);
    expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(102);
  });

  it('names version and title of the API', () => {
    expect(source.value.openapi).toBe('3.0.1');
    expect(source.value.info).toEqual({ title: 'finAPI Access (with deprecation)', version: '1.151.1' });
  });

  it('declares the tags that its operations have', () => {
    const declared = (at(source.value, 'tags') as { name: string }[]).map(({ name }) => name);
    const used = new Set([...operationsOf(source.value).values()].flatMap(({ node }) => node.tags as string[]));
    expect(new Set(declared)).toEqual(used);
    expect(declared).toHaveLength(used.size);
  });
});

describe('the security of Access V1', () => {
  it('is one OAuth scheme with two flows, one token path and one scope', () => {
    const flow = { tokenUrl: '/oauth/token', scopes: { all: '' } };
    expect(at(source.value, 'components', 'securitySchemes')).toEqual({
      finapi_auth: { type: 'oauth2', flows: { clientCredentials: flow, password: flow } },
    });
  });

  it('is asked for by every operation but the one that gets tokens', () => {
    for (const [id, { node }] of operationsOf(source.value))
      expect([id, node.security]).toEqual([id, id === 'getToken' ? undefined : [{ finapi_auth: ['all'] }]]);
  });
});

describe('the headers of answers', () => {
  const answers = [...operationsOf(source.value)].flatMap(([id, { node }]) =>
    Object.entries(nodeAt(node, 'responses')).map(([status, answer]) => ({
      id,
      status,
      headers: Object.keys((answer as { headers?: object }).headers ?? {}),
    })),
  );

  it('hold the request id on every answer', () => {
    expect(answers).toHaveLength(639);
    expect(answers.filter(({ headers }) => !headers.includes('X-Request-Id'))).toEqual([]);
  });

  it('hold a location on every 451 and nowhere else', () => {
    const located = answers.filter(({ headers }) => headers.includes('Location'));
    expect(located.length).toBeGreaterThan(0);
    expect(located).toEqual(answers.filter(({ status }) => status === '451'));
  });

  it('are no others', () => {
    expect(new Set(answers.flatMap(({ headers }) => headers))).toEqual(new Set(['X-Request-Id', 'Location']));
  });

  it('refer to shared headers, each of them used', () => {
    expect(Object.keys(nodeAt(source.value, 'components', 'headers')).sort()).toEqual(['Location', 'X-Request-Id']);
    expect(new Set(source.text.match(/#\/components\/headers\/[\w-]+/g))).toEqual(
      new Set(['#/components/headers/X-Request-Id', '#/components/headers/Location']),
    );
  });
});

describe('the words of the publisher', () => {
  /** Where a key stands that holds words; names of properties and of other named parts are not keys. */
  function wordsIn(value: unknown, path: readonly (string | number)[] = [], names = false): string[] {
    if (Array.isArray(value)) return value.flatMap((item, index) => wordsIn(item, [...path, index]));
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value).flatMap(([key, child]) => {
      const here = [...path, key];
      // At a response, HTTP's own phrase stands for a description.
      const phrase = key === 'description' && path.at(-2) === 'responses' && child === STATUS_CODES[String(path.at(-1))];
      const title = key === 'title' && path.join() === 'info';
      const found =
        !names &&
        !phrase &&
        !title &&
        ['description', 'summary', 'example', 'examples', 'title', 'externalDocs', 'termsOfService', 'contact', 'license'].includes(key);
      const childrenAreNames =
        !names &&
        [
          'paths',
          'properties',
          'patternProperties',
          'schemas',
          'headers',
          'responses',
          'securitySchemes',
          'flows',
          'scopes',
          'content',
        ].includes(key) &&
        !Array.isArray(child);
      return [...(found ? [here.join(' / ')] : []), ...wordsIn(child, here, childrenAreNames)];
    });
  }

  it('do not occur: no description, summary, title or example of theirs', () => {
    expect(wordsIn(source.value)).toEqual([]);
  });

  it('would be found if they did', () => {
    const copy = structuredClone(source.value);
    const property = nodeAt(copy, 'components', 'schemas', 'Account', 'properties', 'id');
    property.description = 'x';
    nodeAt(copy, 'paths', '/oauth/token', 'post', 'responses', '200').description = 'x';
    nodeAt(copy, 'info').description = 'x';
    nodeAt(copy, 'components', 'schemas', 'Account').title = 'x';
    expect(wordsIn(copy)).toHaveLength(4);
  });

  it('leave no other descriptions than phrases of HTTP', () => {
    for (const [id, { node }] of operationsOf(source.value)) {
      for (const [status, answer] of Object.entries(nodeAt(node, 'responses')))
        expect([id, status, (answer as { description: unknown }).description]).toEqual([id, status, STATUS_CODES[status]]);
    }
  });

  it('leave properties that are called like words where they are', () => {
    const called = table('schemas').filter(({ property = '' }) => ['description', 'title', 'summary', 'example'].includes(property));
    for (const { schema = '', property = '' } of called)
      expect(nodeAt(source.value, 'components', 'schemas', schema, 'properties', property)).toBeDefined();
  });
});

describe('the file', () => {
  it('is in the form in which the importer writes it', () => {
    expect(print(importDocument(source, source.value).document)).toBe(source.text);
  });

  it('comes out the same byte for byte when it is imported with its keys shuffled', () => {
    for (const seed of [1, 2])
      expect(print(importDocument({ ...source, value: shuffleKeys(source.value, seed) }, source.value).document)).toBe(source.text);
  });

  it('refers to nothing that is not in it', () => {
    const references = new Set([...source.text.matchAll(/\$ref: '#\/([^']+)'/g)].map(([, path = '']) => path));
    expect(references.size).toBeGreaterThan(100);
    for (const path of references) expect(nodeAt(source.value, ...path.split('/'))).toBeDefined();
  });
});
