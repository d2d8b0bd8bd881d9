import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { type Api, locate, readApis, readDocument, repository } from '../src/apis.ts';
import { isNode, type Node, walk } from '../src/document/grammar.ts';
import { componentSchemas, toJsonSchema } from '../src/document/json-schema.ts';
import { buildModel } from '../src/model.ts';

/** Every text in a value, with the name under which it stands. */
function* texts(value: unknown, name = ''): Generator<[name: string, text: string]> {
  if (typeof value === 'string') yield [name, value];
  else if (Array.isArray(value)) for (const item of value) yield* texts(item, name);
  else if (isNode(value)) for (const [key, item] of Object.entries(value)) yield* texts(item, key);
}

/** The check digits of an IBAN (ISO 13616): 1 modulo 97. */
const remainder = (iban: string): bigint =>
  BigInt([...(iban.slice(4) + iban.slice(0, 4))].map((sign) => Number.parseInt(sign, 36)).join('')) % 97n;

/** How an API writes a point in time, and how many examples it has at least. */
const expected: Readonly<Record<string, { readonly timestamp: RegExp; readonly least: number }>> = {
  'access-v1': { timestamp: /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/, least: 1300 },
  'access-v2': { timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$/, least: 1000 },
  'web-form': { timestamp: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/, least: 250 },
};

describe.each(readApis(repository))('the examples of $title', (api: Api) => {
  const { timestamp, least } = expected[api.id] ?? { timestamp: /never/, least: Number.POSITIVE_INFINITY };
  const source = readDocument(repository, locate(repository, api).document, '');
  const document = source.value as Node;
  const model = buildModel({ ...source, value: document });

  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat('date', (text) => /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toISOString().startsWith(text));
  ajv.addFormat('date-time', timestamp);
  ajv.addFormat('uuid', /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  ajv.addFormat('uri', (text) => URL.canParse(text));
  ajv.addFormat('email', /^[^@\s]+@[^@\s]+$/);
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

  it('fit their schemas, every one', () => {
    const wrong = found.map(({ at, schema, value }) => [at, faults(schema, value)]).filter(([, fault]) => fault !== '');
    expect(wrong).toEqual([]);
    expect(found.length).toBeGreaterThan(least);
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
    expect(ibans.length).toBeGreaterThan(5);
    expect(ibans.filter(([, iban]) => remainder(iban) !== 1n)).toEqual([]);
  });

  it('hold no date that the API would not write', () => {
    const dates = found.flatMap(({ value }) => [...texts(value)]).filter(([, text]) => /^\d{4}-\d\d-\d\d/.test(text));
    expect(dates.length).toBeGreaterThan(5);
    expect(dates.filter(([, text]) => !/^\d{4}-\d\d-\d\d$/.test(text) && !timestamp.test(text))).toEqual([]);
  });
});
