import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { locate, readDocument, repository } from '../src/apis.ts';
import { isNode, type Node, walk } from '../src/document/grammar.ts';
import { componentSchemas, toJsonSchema } from '../src/document/json-schema.ts';
import { buildModel } from '../src/model.ts';

const source = readDocument(repository, locate(repository, { id: 'access-v1' }).document, '');
const document = source.value as Node;
const model = buildModel({ ...source, value: document });

const ajv = new Ajv2020({ strict: false, allErrors: true });
ajv.addFormat('date', (text) => /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text));
ajv.addFormat('ipv4', /^(\d{1,3}\.){3}\d{1,3}$/);
ajv.addSchema(componentSchemas(document));

/** Why a value does not fit its schema; empty where it does. */
function faults(schema: Node, value: unknown): string {
  const validate = ajv.compile(toJsonSchema(schema));
  return validate(value) ? '' : `${JSON.stringify(value)} ${ajv.errorsText(validate.errors)}`;
}

const examples = (document.components as { examples: Record<string, { value: unknown }> }).examples;
const named = (reference: unknown): unknown =>
  isNode(reference) && typeof reference.$ref === 'string' ? examples[reference.$ref.split('/').at(-1) ?? '']?.value : undefined;

/** Every example in the document with the schema it stands for. */
function allExamples(): { at: string; schema: Node; value: unknown }[] {
  const found: { at: string; schema: Node; value: unknown }[] = [];
  for (const { node, kind, path } of walk(document)) {
    const at = path.join('/');
    const schema = kind === 'schema' ? node : node.schema;
    if (!isNode(schema)) continue;
    if (node.example !== undefined) found.push({ at, schema, value: node.example });
    if (isNode(node.examples))
      for (const [name, it] of Object.entries(node.examples)) found.push({ at: `${at}/examples/${name}`, schema, value: named(it) });
  }
  return found;
}

const found = allExamples();

/** Every text in a value, with the name under which it stands. */
function* texts(value: unknown, name = ''): Generator<[name: string, text: string]> {
  if (typeof value === 'string') yield [name, value];
  else if (Array.isArray(value)) for (const item of value) yield* texts(item, name);
  else if (isNode(value)) for (const [key, item] of Object.entries(value)) yield* texts(item, key);
}

/** The check digits of an IBAN (ISO 13616): 1 modulo 97. */
const remainder = (iban: string): bigint =>
  BigInt([...(iban.slice(4) + iban.slice(0, 4))].map((sign) => Number.parseInt(sign, 36)).join('')) % 97n;

describe('the examples of Access V1', () => {
  it('fit their schemas, every one', () => {
    const wrong = found.map(({ at, schema, value }) => [at, faults(schema, value)]).filter(([, fault]) => fault !== '');
    expect(wrong).toEqual([]);
    expect(found.length).toBeGreaterThan(1300);
  });

  it('would be found out where they do not fit', () => {
    expect(faults({ type: 'string', format: 'date' }, '30.03.2026')).toMatch(/date/);
    expect(faults({ $ref: '#/components/schemas/Paging' }, { page: 0 })).toMatch(/page/);
  });

  it('show every error answer of every operation', () => {
    const without = model.operations.flatMap(({ id, method, path, answers }) =>
      answers
        .filter(({ status, schema }) => status >= 400 && schema !== undefined)
        .filter(
          ({ status }) => !found.some(({ at }) => at.startsWith(`paths/${path}/${method.toLowerCase()}/responses/${status}/content/`)),
        )
        .map(({ status }) => `${id} ${status}`),
    );
    expect(without).toEqual([]);
  });

  it('show every parameter in path and query', () => {
    const without = model.operations.flatMap(({ id, pathParameters, queryParameters }) =>
      [...pathParameters, ...queryParameters].filter(({ example }) => example === undefined).map(({ name }) => `${id}.${name}`),
    );
    expect(without).toEqual([]);
  });

  it('hold IBANs with valid check digits', () => {
    const ibans = found.flatMap(({ at, value }) => [...texts(value, at.split('/').at(-1))]).filter(([name]) => /iban$/i.test(name));
    expect(ibans.length).toBeGreaterThan(10);
    expect(ibans.filter(([, iban]) => remainder(iban) !== 1n)).toEqual([]);
  });

  it('hold no date that Access V1 would not write', () => {
    const dates = found.flatMap(({ value }) => [...texts(value)]).filter(([, text]) => /^\d{4}-\d\d-\d\d/.test(text));
    expect(dates.length).toBeGreaterThan(20);
    expect(dates.filter(([, text]) => !/^\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d\.\d{3})?$/.test(text))).toEqual([]);
  });
});
