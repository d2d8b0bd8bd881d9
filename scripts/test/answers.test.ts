import { Ajv2020 } from 'ajv/dist/2020.js';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { readApis, repository } from '../src/apis.ts';
import type { Node } from '../src/document/grammar.ts';
import { componentSchemas, toJsonSchema } from '../src/document/json-schema.ts';
import { emitAnswers } from '../src/emit/answers.ts';
import type { Model } from '../src/model.ts';
import { spec } from './support-apis.ts';
import { documentOf, inPath, json, modelOf, operation, query, ref } from './support-model.ts';

type Answers = Record<string, { status: number; body?: unknown; list?: string; query?: string[]; fields?: string[] }>;

/** The table, as code that imports it gets it. */
async function answersOf(model: Model): Promise<Answers> {
  const { outputText } = ts.transpileModule(emitAnswers(model), {
    compilerOptions: { module: ts.ModuleKind.ESNext, verbatimModuleSyntax: true },
  });
  const { answers } = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(outputText)}`)) as { answers: Answers };
  return answers;
}

const ok = (schema: object, status = '200') => ({ responses: { [status]: { description: 'OK', ...json(schema) } } });

/** What an operation answers whose schema is given, beside these components. */
async function bodyOf(schema: object, schemas: object = {}): Promise<unknown> {
  const answers = await answersOf(modelOf(documentOf({ '/tools': { get: operation('getTools', ok(schema)) } }, { schemas })));
  return answers.getTools?.body;
}

describe.each(readApis(repository))('the answers of $title', async ({ id: apiId }) => {
  const source = spec('openapi.yaml', apiId);
  const model = modelOf(source.value);
  const answers = await answersOf(model);
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addFormat('date', /^\d{4}-\d\d-\d\d$/);
  for (const format of ['date-time', 'uuid', 'uri', 'email']) ajv.addFormat(format, true);
  ajv.addFormat('ipv4', /^(\d{1,3}\.){3}\d{1,3}$/);
  ajv.addSchema(componentSchemas(source.value));

  it('are there for every operation, with the status of its success', () => {
    const wanted = model.operations.map(({ id, answers: all }) => [id, all.find(({ status }) => status < 300)?.status]);
    expect(Object.entries(answers).map(([id, { status }]) => [id, status])).toEqual(wanted);
    expect(wanted).toHaveLength(model.operations.length);
  });

  it('fit their schemas, and are empty where success is', () => {
    const wrong = model.operations.flatMap(({ id, answers: all }) => {
      const schema = all.find(({ status }) => status < 300)?.schema;
      const { body } = answers[id] ?? {};
      if (schema === undefined) return body === undefined ? [] : [`${id} has a body`];
      const validate = ajv.compile(toJsonSchema(schema));
      return validate(body) ? [] : [`${id}: ${ajv.errorsText(validate.errors)}`];
    });
    expect(wrong).toEqual([]);
  });

  it('show every property that is not endless', () => {
    const [operation, schema] = apiId === 'web-form' ? ['getWebForm', 'WebForm'] : ['getAccount', 'Account'];
    expect(Object.keys(answers[operation]?.body as Node).sort()).toEqual(Object.keys(model.schemas.get(schema)?.properties as Node).sort());
  });

  it('say each value once, so that the table stays small', () => {
    expect(emitAnswers(model).length).toBeLessThan(40_000);
  });
});

describe('emitAnswers', () => {
  it('takes the example of a schema, of a property, or of a component, whichever is nearest', async () => {
    const schemas = {
      Tool: { type: 'object', example: { name: 'whole' }, properties: { name: { type: 'string' } } },
      Shelf: {
        type: 'object',
        properties: { row: { type: 'integer', example: 7 }, tool: ref('Tool'), lent: { example: { name: 'own' }, allOf: [ref('Tool')] } },
      },
    };
    expect(await bodyOf(ref('Shelf'), schemas)).toEqual({ row: 7, tool: { name: 'whole' }, lent: { name: 'own' } });
  });

  it.each<[string, object, unknown]>([
    ['a point in time', { type: 'string', format: 'date-time' }, '2026-03-30T12:05:00.000Z'],
    ['an id of the length of a UUID', { type: 'string', minLength: 36, maxLength: 36 }, '00000000-0000-4000-8000-000000000001'],
    ['a text that fits its pattern', { type: 'string', pattern: '#[0-9a-fA-F]{6}' }, '#336699'],
    ['a text of its length where no usual kind fits the pattern', { type: 'string', minLength: 6, pattern: '[x-z]+' }, 'texttt'],
    ['a default', { type: 'string', default: 'saw' }, 'saw'],
    ['the first of an enumeration', { type: 'string', enum: ['SAW', 'HAMMER'] }, 'SAW'],
    ['a day', { type: 'string', format: 'date' }, '2026-03-30'],
    ['text that is long enough', { type: 'string', minLength: 6 }, 'texttt'],
    ['text that is short enough', { type: 'string', maxLength: 2 }, 'te'],
    ['a number that is large enough', { type: 'integer', minimum: 20 }, 20],
    ['a number that is small enough', { type: 'number', maximum: 0 }, 0],
    ['a boolean', { type: 'boolean' }, true],
    ['an object without properties', { type: 'object' }, {}],
    ['a list of one', { type: 'array', items: { type: 'integer' } }, [1]],
    ['a list of as many as there must be', { type: 'array', minItems: 2, items: { type: 'integer' } }, [1, 1]],
    ['null that is an example', { type: 'string', nullable: true, example: null }, null],
    ['the first of alternatives', { oneOf: [{ type: 'integer' }, { type: 'string' }] }, 1],
  ])('makes up %s where there is no example', async (_, schema, value) => {
    expect(await bodyOf({ type: 'object', properties: { it: schema } })).toEqual({ it: value });
  });

  it('takes the example of the answer itself before that of its schema', async () => {
    const get = operation('getTools', ok({ type: 'string', example: 'of the schema' }));
    const { 200: success } = get.responses as Record<string, { content: Record<string, Node> }>;
    Object.assign(success?.content['application/json'] as Node, { examples: { one: { value: 'its own' }, two: { value: 'another' } } });
    const answers = await answersOf(modelOf(documentOf({ '/tools': { get } })));
    expect(answers.getTools?.body).toBe('its own');
  });

  it('joins the parts of a schema with its own properties', async () => {
    const schemas = { Tool: { type: 'object', properties: { name: { type: 'string', example: 'saw' } } } };
    const schema = { allOf: [ref('Tool')], properties: { row: { type: 'integer', example: 7 } } };
    expect(await bodyOf(schema, schemas)).toEqual({ name: 'saw', row: 7 });
  });

  it('ends where a schema holds itself', async () => {
    const schemas = {
      Box: {
        type: 'object',
        required: ['boxes', 'lid'],
        properties: {
          name: { type: 'string', example: 'a' },
          outer: ref('Box'),
          boxes: { type: 'array', items: ref('Box') },
          lid: { nullable: true, allOf: [ref('Box')] },
        },
      },
    };
    expect(await bodyOf(ref('Box'), schemas)).toEqual({ name: 'a', boxes: [], lid: null });
  });

  it('keeps names and texts that code would trip over', async () => {
    const schema = { type: 'object', properties: { 'two words': { type: 'string', example: 'it\'s "quoted"\n\u2028\\' } } };
    expect(await bodyOf(schema)).toEqual({ 'two words': 'it\'s "quoted"\n\u2028\\' });
  });

  it('says what a call must carry, and which path takes a list', async () => {
    const schemas = { Base: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } } };
    const body = { allOf: [ref('Base')], type: 'object', required: ['row'], properties: { row: { type: 'integer' } } };
    const model = modelOf(
      documentOf(
        {
          '/tools/{ids}': {
            parameters: [inPath('ids', { schema: { type: 'array', items: { type: 'integer' } } })],
            put: operation('putTools', {
              parameters: [query('view', { type: 'string' }, { required: true }), query('page')],
              requestBody: { required: true, ...json(body) },
            }),
          },
          '/tools/{id}': { parameters: [inPath('id')], get: operation('getTool', ok({ type: 'object', properties: {} }, '201')) },
        },
        { schemas },
      ),
    );
    expect(await answersOf(model)).toEqual({
      putTools: { status: 204, list: 'ids', query: ['view'], fields: ['name', 'row'] },
      getTool: { status: 201, body: {} },
    });
  });
});
