// The sources that were made from tables say what the tables say, no more and no less, in the form that the importer writes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readOverlays, repository } from '../src/apis.ts';
import { compose } from '../src/document/compose.ts';
import type { Node } from '../src/document/grammar.ts';
import { importDocument } from '../src/document/import.ts';
import { parse, print } from '../src/document/yaml.ts';
import { operationsOf } from './support-apis.ts';
import { type Row, readTable, surfaceOf, type Tables } from './surface.ts';

const textOf = (row: Row): string => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
const grouped = (rows: Row[], column: string): Record<string, string[]> => {
  const groups: Record<string, string[]> = {};
  for (const row of rows) groups[row[column] ?? ''] = [...(groups[row[column] ?? ''] ?? []), textOf(row)];
  return groups;
};

interface Expected {
  readonly id: string;
  readonly counts: Record<keyof Tables, number>;
  /** Component schemas and inline bodies. */
  readonly schemas: number;
}

const expected: readonly Expected[] = [
  { id: 'access-v2', counts: { operations: 93, parameters: 343, responses: 570, schemas: 754, enums: 30 }, schemas: 165 },
  { id: 'web-form', counts: { operations: 21, parameters: 20, responses: 110, schemas: 257, enums: 8 }, schemas: 61 },
];

describe.each(expected)('the structure of $id', ({ id, counts, schemas }) => {
  const file = `spec/${id}/source.yaml`;
  const source = parse(file, readFileSync(join(repository, file), 'utf8'));
  const ours = surfaceOf(source.value as Node);
  const table = (name: keyof Tables): Row[] =>
    readTable(readFileSync(join(repository, `scripts/test/fixtures/${id}-surface/${name}.tsv`), 'utf8'));
  const published = (name: keyof Tables): Row[] => table(name).map(({ token: _, ...row }) => row);
  const names = Object.keys(counts) as (keyof Tables)[];

  it.each(names)('has every row of the table of %s and no other', (name) => {
    expect(published(name)).toHaveLength(counts[name]);
    expect(ours[name].map(textOf).sort()).toEqual(published(name).map(textOf).sort());
  });

  // Methods of one path stand in an order of the house's own (get, post, put, patch, delete).
  it('keeps the order of the tables', () => {
    const paths = (rows: Row[]) => [...new Set(rows.map(({ path }) => path))];
    expect(paths(ours.operations)).toEqual(paths(published('operations')));
    for (const name of ['parameters', 'responses'] as const)
      expect(grouped(ours[name], 'operationId')).toEqual(grouped(published(name), 'operationId'));
    for (const name of ['schemas', 'enums'] as const) expect(ours[name].map(textOf)).toEqual(published(name).map(textOf));
  });

  it('has as many schemas as the tables name', () => {
    expect(new Set([...ours.schemas, ...ours.enums].map(({ schema }) => schema)).size).toBe(schemas);
  });

  it('is in the form in which the importer writes it', () => {
    const { document, leftOut } = importDocument(source, source.value);
    expect(print(document)).toBe(source.text);
    expect([...leftOut]).toEqual([]);
  });

  it('says, composed, of every operation which token it takes', () => {
    const tokens: Record<string, string[]> = { none: [], 'client or user': ['client', 'user'] };
    const composed = compose(source, readOverlays(repository, { id }));
    const stated = Object.fromEntries([...operationsOf(composed)].map(([name, { node }]) => [name, node['x-finapi-token']]));
    const wanted = table('operations').map(({ operationId = '', token = '' }) => [operationId, tokens[token] ?? [token]]);
    expect(stated).toEqual(Object.fromEntries(wanted));
  });
});
