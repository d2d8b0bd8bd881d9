// Access V2 and Web Form: their sources were made from tables of the published surface, and say what the tables say.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { repository } from '../src/apis.ts';
import { isNode, type Node } from '../src/document/grammar.ts';
import { importDocument } from '../src/document/import.ts';
import { parse, print } from '../src/document/yaml.ts';
import { textHash } from '../src/hash.ts';
import { type Row, readTable, surfaceOf, type Tables } from './surface.ts';

const names: readonly (keyof Tables)[] = ['operations', 'parameters', 'responses', 'schemas', 'enums'];
const specOf = (api: string, file: string) => parse(file, readFileSync(join(repository, 'spec', api, file), 'utf8'));
const tableText = (api: string, name: string): string =>
  readFileSync(fileURLToPath(new URL(`fixtures/${api}-surface/${name}.tsv`, import.meta.url)), 'utf8');
const textOf = (row: Row): string => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));

describe.each(['access-v2', 'web-form'])('the structure of %s', (api) => {
  const source = specOf(api, 'source.yaml');
  const surface = surfaceOf(source.value as Node);

  it.each(names)('has every row of the published %s, and no other', (name) => {
    const published = readTable(tableText(api, name)).map(({ token: _, ...row }) => row);
    const ours = surface[name].map((row) => Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, cell ?? ''])));
    expect(ours).toHaveLength(published.length);
    expect(new Set(ours.map(textOf))).toEqual(new Set(published.map(textOf)));
  });

  it('is what the importer would write', () => {
    const { document, leftOut } = importDocument(source);
    expect(print(document)).toBe(source.text);
    expect([...leftOut]).toEqual([]);
  });

  it('comes from the tables that its provenance names', () => {
    const { value } = specOf(api, 'provenance.yaml');
    const tables = isNode(value) && isNode(value.tables) ? value.tables : {};
    expect(Object.keys(tables)).toEqual(names);
    for (const name of names) {
      const text = tableText(api, name);
      expect(tables[name]).toEqual({ rows: readTable(text).length, sha256: textHash(text) });
    }
  });
});
