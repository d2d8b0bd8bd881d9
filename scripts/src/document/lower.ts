// Says an OpenAPI 3.1 document in the words of 3.0, which the rest of the pipeline speaks.
import { isNode, type Node, walk } from './grammar.ts';

/** Keywords of 3.1 that 3.0 has no words for; they stay where they are. */
const untranslated = [
  'prefixItems',
  'patternProperties',
  'propertyNames',
  'contains',
  'if',
  'dependentRequired',
  'dependentSchemas',
  'unevaluatedProperties',
  'unevaluatedItems',
  '$dynamicRef',
  '$defs',
];

/**
 * Changes `document` in place.
 *
 * @returns what could not be said, as sentences
 */
export function lower(document: Node): string[] {
  const kept = new Map<string, number>();
  // Collected first: what is put in while walking must not be walked.
  const schemas = walk(document)
    .filter(({ kind }) => kind === 'schema')
    .map(({ node }) => node);
  for (const schema of schemas) lowerBooleans(schema);
  for (const schema of schemas) {
    for (const keyword of untranslated) if (schema[keyword] !== undefined) kept.set(keyword, (kept.get(keyword) ?? 0) + 1);
    lowerSchema(schema);
  }
  document.openapi = '3.0.3';
  delete document.jsonSchemaDialect;
  const notes = [...kept].map(([keyword, places]) => `${keyword} is not part of OpenAPI 3.0 and stays as it is, in ${places} places`);
  if (isNode(document.webhooks) && Object.keys(document.webhooks).length > 0) notes.push('webhooks are not part of OpenAPI 3.0');
  return notes;
}

function lowerSchema(schema: Node): void {
  if (typeof schema.$ref === 'string') {
    // In 3.0, what stands beside a reference is ignored.
    if (Object.keys(schema).length > 1) {
      schema.allOf = [{ $ref: schema.$ref }, ...(Array.isArray(schema.allOf) ? schema.allOf : [])];
      delete schema.$ref;
    } else return;
  }
  if (Array.isArray(schema.type) || schema.type === 'null') lowerTypes(schema, [schema.type].flat());
  if (schema.const !== undefined) {
    schema.enum = [schema.const];
    if (schema.const === null) schema.nullable = true;
    delete schema.const;
  }
  lowerBound(schema, 'minimum', 'exclusiveMinimum', Math.max);
  lowerBound(schema, 'maximum', 'exclusiveMaximum', Math.min);
  for (const keyword of ['anyOf', 'oneOf']) lowerNullOption(schema, keyword);
  if (Array.isArray(schema.examples)) {
    if (schema.example === undefined && schema.examples.length > 0) schema.example = schema.examples[0];
    delete schema.examples;
  }
  if (schema.contentEncoding === 'base64') schema.format ??= 'byte';
  else if (schema.contentMediaType !== undefined) schema.format ??= 'binary';
  delete schema.contentEncoding;
  delete schema.contentMediaType;
}

function lowerTypes(schema: Node, listed: readonly unknown[]): void {
  const types = listed.filter((type) => type !== 'null');
  if (types.length < listed.length) schema.nullable = true;
  delete schema.type;
  if (types.length === 1) schema.type = types[0];
  else if (types.length === 0) schema.enum ??= [null];
  else if (schema.anyOf === undefined) schema.anyOf = types.map((type) => ({ type }));
  else schema.allOf = [...(Array.isArray(schema.allOf) ? schema.allOf : []), { anyOf: types.map((type) => ({ type })) }];
}

function lowerBound(schema: Node, keyword: string, exclusive: string, tighter: (a: number, b: number) => number): void {
  const bound = schema[exclusive];
  if (typeof bound !== 'number') return;
  const inclusive = schema[keyword];
  delete schema[exclusive];
  if (typeof inclusive === 'number' && tighter(inclusive, bound) !== bound) return;
  schema[keyword] = bound;
  schema[exclusive] = true;
}

/** `anyOf: [X, { type: null }]` is a nullable X. */
function lowerNullOption(schema: Node, keyword: string): void {
  const options = schema[keyword];
  if (!Array.isArray(options)) return;
  const isNull = (option: unknown): boolean => isNode(option) && Object.keys(option).length === 1 && option.type === 'null';
  const isLoweredNull = (option: unknown): boolean =>
    isNode(option) && option.nullable === true && Array.isArray(option.enum) && option.enum.length === 1 && option.enum[0] === null;
  const rest = options.filter((option) => !isNull(option) && !isLoweredNull(option));
  if (rest.length === options.length) return;
  schema.nullable = true;
  delete schema[keyword];
  if (rest.length === 1 && schema.allOf === undefined) schema.allOf = rest;
  else if (rest.length > 0) schema[keyword] = rest;
}

/** `true` and `false` in place of a schema. */
function lowerBooleans(schema: Node): void {
  const plain = (value: unknown): unknown => (value === true ? {} : value === false ? { not: {} } : value);
  if (typeof schema.items === 'boolean') schema.items = plain(schema.items);
  if (isNode(schema.properties))
    schema.properties = Object.fromEntries(Object.entries(schema.properties).map(([name, it]) => [name, plain(it)]));
  for (const keyword of ['allOf', 'oneOf', 'anyOf']) if (Array.isArray(schema[keyword])) schema[keyword] = schema[keyword].map(plain);
}
