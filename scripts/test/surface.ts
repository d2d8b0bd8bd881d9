// Reads the facts of a document into the form of the tables in fixtures/: written apart from the pipeline, as its check.
import type { Node } from '../src/document/grammar.ts';

export type Row = Record<string, string>;
export type Tables = Record<'operations' | 'parameters' | 'responses' | 'schemas' | 'enums', Row[]>;

// biome-ignore lint: the document is read as it is, without the pipeline's own types
type Any = any;

const constraintKeys = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minLength', 'maxLength', 'pattern', 'minItems', 'maxItems', 'default'];

const refName = (ref: string) => ref.split('/').at(-1) ?? '';

function typeOf(schema: Any): string {
  if (schema.$ref) return refName(schema.$ref);
  if (schema.allOf) return `allOf(${schema.allOf.map(typeOf).join('&')})`;
  if (schema.type === 'array') return `${typeOf(schema.items)}[]${schema.uniqueItems ? ' unique' : ''}`;
  if (schema.additionalProperties) return `map<${typeOf(schema.additionalProperties)}>`;
  return schema.format ? `${schema.type}:${schema.format}` : schema.type;
}

function constraintsOf(schema: Any): string {
  const found: Record<string, unknown> = {};
  for (const key of constraintKeys) if (schema[key] !== undefined) found[key] = schema[key];
  for (const key of constraintKeys) if (schema.items?.[key] !== undefined) found[`items.${key}`] = schema.items[key];
  return Object.keys(found).length ? JSON.stringify(found) : '';
}

const bodyOf = (body: Any): string =>
  Object.entries((body?.content ?? {}) as Record<string, Any>)
    .map(([type, { schema }]) => `${type}: ${typeOf(schema)}`)
    .join(' | ');

export function surfaceOf(document: Node): Tables {
  const api = document as Any;
  const tables: Tables = { operations: [], parameters: [], responses: [], schemas: [], enums: [] };
  for (const [path, item] of Object.entries(api.paths as Record<string, Any>)) {
    for (const [method, op] of Object.entries(item as Record<string, Any>)) {
      const id = op.operationId;
      tables.operations.push({
        tag: op.tags.join('|'), operationId: id, method: method.toUpperCase(), path, deprecated: op.deprecated ? 'deprecated' : '',
        'request body': bodyOf(op.requestBody), 'body required': op.requestBody?.required ? 'required' : '',
      });
      for (const p of op.parameters ?? []) {
        tables.parameters.push({
          operationId: id, in: p.in, name: p.name, required: p.required ? 'required' : '', type: typeOf(p.schema), style: p.style, explode: String(p.explode),
          enum: (p.schema.enum ?? p.schema.items?.enum ?? []).join('|'), constraints: constraintsOf(p.schema), deprecated: p.deprecated ? 'deprecated' : '',
        });
      }
      for (const [status, r] of Object.entries(op.responses as Record<string, Any>)) {
        tables.responses.push({ operationId: id, status, body: bodyOf(r), headers: Object.keys(r.headers ?? {}).join(' ') });
      }
    }
  }
  for (const [name, schema] of Object.entries(api.components.schemas as Record<string, Any>)) {
    if (schema.enum) tables.enums.push({ schema: name, type: schema.type, values: schema.enum.join('|') });
    for (const [property, p] of Object.entries((schema.properties ?? {}) as Record<string, Any>)) {
      tables.schemas.push({
        schema: name, property, required: schema.required?.includes(property) ? 'required' : '', type: typeOf(p),
        flags: [p.nullable && 'nullable', p.deprecated && 'deprecated'].filter(Boolean).join(' '),
        enum: (p.enum ?? p.items?.enum ?? []).join('|'), constraints: constraintsOf(p),
        extends: (schema.allOf ?? []).map(typeOf).join('|'),
      });
    }
  }
  return tables;
}

/** Reads a table of fixtures/ (tab-separated, quotes doubled as in CSV); JSON cells lose their spaces. */
export function readTable(text: string): Row[] {
  const [head = [], ...rows] = text.replace(/\r/g, '').trimEnd().split('\n').map((line) => line.split('\t'));
  return rows.map((cells) => Object.fromEntries(head.map((column, i) => [column, normal(cells[i] ?? '')])));
}

function normal(cell: string): string {
  const text = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
  return text.startsWith('{') ? JSON.stringify(JSON.parse(text)) : text;
}
