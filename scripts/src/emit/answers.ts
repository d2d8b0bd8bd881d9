// What the sandbox of `packages/testing` answers: for each operation its status, an example and what a call must carry.
import { isNode, type Node } from '../document/grammar.ts';
import { componentName, type Model, type Operation } from '../model.ts';
import { literal } from './operations.ts';

export function emitAnswers(model: Model): string {
  const examples = composer(model);
  const rows = model.operations.map((operation) => `  ${operation.id}: ${row(model, operation, examples.of)},\n`);
  return `import type { AnswerTable } from '../../answers.js';

${examples.constants()}
/** What each operation answers when all is well, by its id. */
export const answers: AnswerTable = {
${rows.join('')}};
`;
}

function row(model: Model, operation: Operation, exampleOf: (schema: Node) => string | undefined): string {
  const success = operation.answers.find(({ status }) => status < 300);
  const fields = [`status: ${success?.status ?? 200}`];
  const own = success?.example === undefined ? undefined : JSON.stringify(success.example);
  if (success?.schema !== undefined) fields.push(`body: ${own ?? exampleOf(success.schema) ?? '{}'}`);
  const list = operation.pathParameters.find(({ schema }) => resolve(model, schema).type === 'array');
  // Of two paths that differ only in a parameter's name, a list is what tells them apart.
  if (list !== undefined) fields.push(`list: ${literal(list.name)}`);
  const query = operation.queryParameters.filter(({ required }) => required).map(({ name }) => name);
  if (query.length > 0) fields.push(`query: ${literal(query)}`);
  const required = operation.body === undefined ? [] : requiredOf(model, operation.body.schema);
  if (required.length > 0) fields.push(`fields: ${literal(required)}`);
  return `{ ${fields.join(', ')} }`;
}

/** Names of the properties that an object must have, those of its parts included. */
function requiredOf(model: Model, schema: Node): string[] {
  const node = resolve(model, schema);
  const parts = listOf(node.allOf).flatMap((part) => requiredOf(model, part));
  return [...new Set([...parts, ...(Array.isArray(node.required) ? node.required.map(String) : [])])];
}

/**
 * Writes examples as code. A schema's own example comes first, then those of its properties, then a value of its type.
 * Each component becomes one constant, however many answers share it.
 */
function composer(model: Model): { of(schema: Node): string | undefined; constants(): string } {
  const made = new Map<string, string>();
  const open = new Set<string>();

  /** `undefined` where a value would hold itself without end. */
  function of(schema: Node): string | undefined {
    if (schema.example !== undefined) return JSON.stringify(schema.example);
    if (typeof schema.$ref === 'string') return component(componentName(schema.$ref));
    if (schema.default !== undefined) return JSON.stringify(schema.default);
    if (Array.isArray(schema.enum)) return JSON.stringify(schema.enum[0]);
    const parts = [...listOf(schema.allOf), ...listOf(schema.oneOf).slice(0, 1), ...listOf(schema.anyOf).slice(0, 1)];
    if (parts.length > 0) return whole(schema, parts);
    if (isNode(schema.properties)) return object(schema);
    if (schema.type === 'array') return array(schema);
    return plain(schema);
  }

  function component(name: string): string | undefined {
    const constant = `of${name}`;
    if (made.has(name)) return constant;
    if (open.has(name)) return undefined;
    open.add(name);
    const code = of(model.schemas.get(name) ?? {});
    open.delete(name);
    if (code === undefined) return undefined;
    made.set(name, code);
    return constant;
  }

  function whole(schema: Node, parts: readonly Node[]): string | undefined {
    const codes = [...parts.map(of), ...(isNode(schema.properties) ? [object(schema)] : [])];
    if (codes.length === 1) return codes[0];
    return codes.includes(undefined) ? undefined : `{ ${codes.map((code) => `...${code}`).join(', ')} }`;
  }

  function object(schema: Node): string | undefined {
    const required = new Set(Array.isArray(schema.required) ? schema.required.map(String) : []);
    const fields: string[] = [];
    for (const [name, property] of Object.entries(schema.properties as Record<string, Node>)) {
      const code = of(property) ?? (property.nullable === true ? 'null' : undefined);
      if (code !== undefined) fields.push(`${/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name)}: ${code}`);
      else if (required.has(name)) return undefined;
    }
    return fields.length === 0 ? '{}' : `{ ${fields.join(', ')} }`;
  }

  function array(schema: Node): string | undefined {
    const item = isNode(schema.items) ? of(schema.items) : undefined;
    const least = Number(schema.minItems ?? 0);
    if (item === undefined) return least === 0 ? '[]' : undefined;
    return `[${Array.from({ length: Math.max(1, least) }, () => item).join(', ')}]`;
  }

  return {
    of,
    constants: () => [...made].map(([name, code]) => `const of${name} = ${code}\n`).join(''),
  };
}

function plain(schema: Node): string {
  if (schema.type === 'boolean') return 'true';
  if (schema.type === 'integer' || schema.type === 'number') return String(schema.minimum ?? Math.min(1, Number(schema.maximum ?? 1)));
  if (schema.type !== 'string') return '{}';
  return literal(text(schema));
}

/** Texts of the kinds that finAPI's patterns ask for. */
const kinds = [
  'text',
  'TEXT',
  '#336699',
  'https://example.com',
  'data:image/gif;base64,R0lGODlhAQABAAAAACw=',
  'data:image/png;base64,iVBORw0KGgo=',
  'EXMPDEFFXXX',
  '1',
];

/** A text of the schema's format, length and, where one of the usual kinds fits, pattern. */
function text({ format, minLength = 0, maxLength = 4000, pattern }: Node): string {
  if (format === 'date') return '2026-03-30';
  if (format === 'date-time') return '2026-03-30T12:05:00.000Z';
  // Ids of Web Form have the length of a UUID, and no format.
  if (minLength === 36 && maxLength === 36) return '00000000-0000-4000-8000-000000000001';
  if (typeof pattern === 'string') {
    const whole = fullPattern(pattern);
    const found = kinds.find((it) => it.length >= Number(minLength) && it.length <= Number(maxLength) && whole?.test(it));
    if (found !== undefined) return found;
  }
  return 'text'.slice(0, Number(maxLength)).padEnd(Number(minLength), 't');
}

/** As finAPI means it, for the whole text; undefined where it is none of JavaScript's. */
function fullPattern(pattern: string): RegExp | undefined {
  try {
    return new RegExp(`^(?:${pattern})$`);
  } catch {
    return undefined;
  }
}

function resolve(model: Model, schema: Node): Node {
  return typeof schema.$ref === 'string' ? resolve(model, model.schemas.get(componentName(schema.$ref)) ?? {}) : schema;
}

const listOf = (value: unknown): Node[] => (Array.isArray(value) ? value.filter(isNode) : []);
