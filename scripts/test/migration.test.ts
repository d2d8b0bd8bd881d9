// The tables of the guide from Access V1 to V2 are what a comparison of the two documents gives.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { repository } from '../src/apis.ts';
import type { Change } from '../src/diff/change.ts';
import { diff } from '../src/diff/diff.ts';
import { changeTables } from '../src/diff/tables.ts';
import { spec } from './support-apis.ts';

const page = join(repository, 'docs/migrating-from-v1-tables.md');

describe('the tables of the migration from Access V1 to V2', () => {
  const [before, after] = [spec('openapi.yaml', 'access-v1'), spec('openapi.yaml', 'access-v2')];
  const changes = diff(before.value, after.value);
  const text = readFileSync(page, 'utf8');

  it('are what their command writes (UPDATE=1 writes them)', () => {
    const [first = '', , title = ''] = text.split('\n');
    const [, origin = ''] = /^<!-- (.*) -->$/.exec(first) ?? [];
    const [, from = '', to = ''] = /^# (.*) → (.*)$/.exec(title) ?? [];
    const wanted = changeTables({ before: from, after: to }, changes, origin);
    if (process.env.UPDATE === '1') writeFileSync(page, wanted);
    else expect(text).toBe(wanted);
  });

  it('hold every operation, type and field that is gone', () => {
    const gone = changes.filter(({ rule }) => /^(operation|schema|field|parameter)-removed$/.test(rule));
    const name = ({ field, before: value, operations, rule }: Change): string =>
      String(rule === 'operation-removed' ? operations[0] : (field ?? value));
    expect(gone.length).toBeGreaterThan(100);
    expect(gone.map(name).filter((it) => !text.includes(`\`${it}\``))).toEqual([]);
  });
});

describe('changeTables', () => {
  const change = (rule: string, more: Partial<Change>): Change => ({
    rule,
    bump: 'major',
    operations: [],
    location: {},
    text: '',
    ...more,
  });
  const tables = (...changes: Change[]): string => changeTables({ before: 'Shed 1', after: 'Shed 2' }, changes, 'Written by a test');

  it('leaves out what there is nothing to say about', () => {
    expect(tables()).toBe('<!-- Written by a test -->\n\n# Shed 1 → Shed 2\n');
  });

  it('puts the fields of one type into one row, told apart by what became of them', () => {
    const text = tables(
      change('field-removed', { schema: 'Tool', field: 'colour', direction: 'answer' }),
      change('field-added', { schema: 'Tool', field: 'weight', direction: 'answer' }),
      change('field-became-optional', { schema: 'Tool', field: 'name', direction: 'both' }),
    );
    expect(text).toContain('| `Tool` | `colour` | `weight` | `name` |');
    expect(text).not.toContain('Fields of requests');
  });

  it('keeps a cell whole that holds a pipe or a backtick', () => {
    const text = tables(change('limit-tightened', { schema: 'Tool', field: 'name', after: 'pattern [a|`]' }));
    expect(text).toContain('| `Tool` | `name` | `` pattern [a\\|`] `` |');
  });
});
