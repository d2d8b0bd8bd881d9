// The changes between two documents as tables of operations, parameters and types: what a guide to a migration looks things up in.
import type { Change } from './change.ts';
import type { Compared } from './report.ts';

type Row = readonly string[];

/** @param origin how the page was made, for its first line */
export function changeTables({ before, after }: Compared, changes: readonly Change[], origin: string): string {
  const parts = [
    `<!-- ${origin} -->`,
    `# ${before} → ${after}`,
    section('Operations that have moved', ['operation', 'before', 'after'], moved(changes)),
    section('Operations that are gone', ['operation', 'before'], endpoints(changes, 'operation-removed', 'before')),
    section('Operations that are new', ['operation', 'after'], endpoints(changes, 'operation-added', 'after')),
    section('Parameters', ['operation', 'parameter', 'change'], parameters(changes)),
    section('Types that are gone or have another name', ['before', 'after'], types(changes)),
    section('Fields of answers', ['type', 'gone', 'new', 'can be absent now'], answers(changes)),
    section('Fields of requests', ['type', 'gone', 'new', 'new, and must be sent'], requests(changes)),
    section('Values that are gone', ['type', 'value'], values(changes)),
    section('Limits of what is sent', ['type', 'field', 'limit'], limits(changes)),
  ];
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`;
}

function section(title: string, head: Row, rows: readonly Row[]): string {
  if (rows.length === 0) return '';
  const line = (cells: Row): string => `| ${cells.join(' | ')} |`;
  return [`## ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

const code = (text: unknown): string => {
  const plain = String(text).replaceAll('|', '\\|');
  return plain.includes('`') ? `\`\` ${plain} \`\`` : `\`${plain}\``;
};
const list = (names: Iterable<string>): string => [...names].sort().map(code).join(', ');
const of = (changes: readonly Change[], ...rules: string[]): Change[] => changes.filter(({ rule }) => rules.includes(rule));
const byName = (a: Row, b: Row): number => (a.join('\0') < b.join('\0') ? -1 : 1);

const moved = (changes: readonly Change[]): Row[] =>
  of(changes, 'operation-moved', 'operation-renamed')
    .map(({ operations, before, after }) => [list(operations), code(before), code(after)])
    .sort(byName);

const endpoints = (changes: readonly Change[], rule: string, side: 'before' | 'after'): Row[] =>
  of(changes, rule)
    .map((change) => [list(change.operations), code(change[side])])
    .sort(byName);

/** The parameter that a finding is about, by its text, since the place in the document is a number. */
function parameters(changes: readonly Change[]): Row[] {
  const found = changes.flatMap((change) => {
    const [, name] = /parameter `([^`]+)`/.exec(change.text) ?? [];
    if (name === undefined || change.schema !== undefined) return [];
    const said: Readonly<Record<string, string>> = {
      'parameter-removed': 'gone',
      'parameter-added': 'new',
      'format-changed': `now ${String(change.after)}, was ${String(change.before)}`,
    };
    const what = said[change.rule];
    return what === undefined ? [] : [[list(change.operations), code(name), what]];
  });
  return found.sort(byName);
}

const types = (changes: readonly Change[]): Row[] =>
  of(changes, 'schema-removed', 'schema-renamed')
    .map(({ before, after }) => [code(before), after === undefined ? 'gone' : code(after)])
    .sort(byName);

/** One row for each type, with the fields that each of the rules found in it. */
function fields(changes: readonly Change[], direction: 'answer' | 'request', rules: readonly string[]): Row[] {
  const rows = new Map<string, Set<string>[]>();
  for (const change of changes) {
    const column = rules.indexOf(change.rule);
    const { field, schema } = change;
    if (column < 0 || field === undefined || schema === undefined) continue;
    if (change.direction !== direction && change.direction !== 'both') continue;
    const row = rows.get(schema) ?? rules.map(() => new Set<string>());
    row[column]?.add(field);
    rows.set(schema, row);
  }
  return [...rows].map(([schema, row]) => [code(schema), ...row.map(list)]).sort(byName);
}

const answers = (changes: readonly Change[]): Row[] => fields(changes, 'answer', ['field-removed', 'field-added', 'field-became-optional']);
const requests = (changes: readonly Change[]): Row[] =>
  fields(changes, 'request', ['field-removed', 'field-added', 'required-field-added']);

const values = (changes: readonly Change[]): Row[] =>
  of(changes, 'enum-values-removed')
    .flatMap(({ schema, field, before }) =>
      (Array.isArray(before) ? before : []).map((value) => [code([schema, field].filter((it) => it !== undefined).join('.')), code(value)]),
    )
    .sort(byName);

const limits = (changes: readonly Change[]): Row[] => {
  const rows = new Map<string, string[]>();
  for (const { schema, field, after } of of(changes, 'limit-tightened')) {
    if (schema === undefined || field === undefined || after === undefined) continue;
    const key = `${schema}\0${field}`;
    rows.set(key, [...(rows.get(key) ?? []), String(after)]);
  }
  return [...rows].map(([key, found]) => [...key.split('\0').map(code), found.sort().map(code).join(', ')]).sort(byName);
};
