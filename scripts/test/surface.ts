// Reads the facts of a document into the form of the tables in fixtures/: written apart from the pipeline, as its check.
import type { Node } from '../src/document/grammar.ts';

export type Row = Record<string, string>;
export type Tables = Record<'operations' | 'parameters' | 'responses' | 'schemas' | 'enums', Row[]>;

/** The document as these tables see it, apart from the pipeline's own types. */
interface Schema {
  readonly [keyword: string]: unknown;
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Record<string, Schema>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
}
interface Body {
  readonly required?: boolean;
  readonly content?: Record<string, { readonly schema: Schema }>;
}
interface Operation {
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly deprecated?: boolean;
  readonly requestBody?: Body;
  readonly parameters?: readonly {
    readonly in: string;
    readonly name: string;
    readonly required?: boolean;
    readonly deprecated?: boolean;
    readonly style?: string;
    readonly explode?: boolean;
    readonly schema: Schema;
  }[];
  readonly responses: Record<string, Body & { readonly headers?: object }>;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

const constraintKeys = [
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minLength',
  'maxLength',
  'pattern',
  'minItems',
  'maxItems',
  'default',
];

const refName = (ref: string) => ref.split('/').at(-1) ?? '';

function typeOf(schema: Schema): string {
  if (schema.$ref) return refName(schema.$ref);
  if (schema.allOf) return `allOf(${schema.allOf.map(typeOf).join('&')})`;
  if (schema.type === 'array') return `${typeOf(schema.items ?? {})}[]${schema.uniqueItems ? ' unique' : ''}`;
  if (schema.additionalProperties) return `map<${typeOf(schema.additionalProperties)}>`;
  return schema.format ? `${schema.type}:${schema.format}` : (schema.type ?? '');
}

function constraintsOf(schema: Schema): string {
  const found: Record<string, unknown> = {};
  for (const key of constraintKeys) if (schema[key] !== undefined) found[key] = schema[key];
  for (const key of constraintKeys) if (schema.items?.[key] !== undefined) found[`items.${key}`] = schema.items[key];
  return Object.keys(found).length ? JSON.stringify(found) : '';
}

const bodyOf = (body: Body | undefined, inline = ''): string =>
  Object.entries(body?.content ?? {})
    .map(([type, { schema }]) => `${type}: ${schema.properties ? inline : typeOf(schema)}`)
    .join(' | ');

export function surfaceOf(document: Node): Tables {
  const api = document as unknown as Document;
  const tables: Tables = { operations: [], parameters: [], responses: [], schemas: [], enums: [] };
  const inlineBodies: [string, Schema][] = [];
  for (const [path, item] of Object.entries(api.paths)) {
    for (const [method, op] of Object.entries(item)) {
      const id = op.operationId;
      const inline = `${id}.body`;
      for (const { schema } of Object.values(op.requestBody?.content ?? {})) if (schema.properties) inlineBodies.push([inline, schema]);
      tables.operations.push({
        tag: op.tags.join('|'),
        operationId: id,
        method: method.toUpperCase(),
        path,
        deprecated: op.deprecated ? 'deprecated' : '',
        'request body': bodyOf(op.requestBody, inline),
        'body required': op.requestBody?.required ? 'required' : '',
      });
      for (const p of op.parameters ?? []) {
        tables.parameters.push({
          operationId: id,
          in: p.in,
          name: p.name,
          required: p.required ? 'required' : '',
          type: typeOf(p.schema),
          style: p.style ?? '',
          explode: String(p.explode ?? ''),
          enum: (p.schema.enum ?? p.schema.items?.enum ?? []).join('|'),
          constraints: constraintsOf(p.schema),
          deprecated: p.deprecated ? 'deprecated' : '',
        });
      }
      for (const [status, r] of Object.entries(op.responses)) {
        tables.responses.push({ operationId: id, status, body: bodyOf(r), headers: Object.keys(r.headers ?? {}).join(' ') });
      }
    }
  }
  for (const [name, schema] of [...Object.entries(api.components.schemas), ...inlineBodies]) {
    if (schema.enum) tables.enums.push({ schema: name, type: schema.type ?? '', values: schema.enum.join('|') });
    for (const [property, p] of Object.entries(schema.properties ?? {})) {
      tables.schemas.push({
        schema: name,
        property,
        required: schema.required?.includes(property) ? 'required' : '',
        type: typeOf(p),
        flags: [p.nullable && 'nullable', p.deprecated && 'deprecated'].filter(Boolean).join(' '),
        enum: (p.enum ?? p.items?.enum ?? []).join('|'),
        constraints: constraintsOf(p),
        extends: (schema.allOf ?? []).map(typeOf).join('|'),
      });
    }
  }
  return tables;
}

/** Reads a table of fixtures/ (tab-separated, quotes doubled as in CSV); JSON cells lose their spaces. */
export function readTable(text: string): Row[] {
  const [head = [], ...rows] = text
    .replace(/\r/g, '')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));
  return rows.map((cells) => Object.fromEntries(head.map((column, i) => [column, normal(cells[i] ?? '')])));
}

function normal(cell: string): string {
  const text = cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell;
  return text.startsWith('{') ? JSON.stringify(JSON.parse(text)) : text;
}
