// Small composed documents for the tests of the model and the emitters.
import type { Node } from '../src/document/grammar.ts';
import { buildModel, type Model } from '../src/model.ts';
import { file } from './support-documents.ts';

export const ref = (name: string, group = 'schemas') => ({ $ref: `#/components/${group}/${name}` });

/** A body or an answer in JSON. */
export const json = (schema: object) => ({ content: { 'application/json': { schema } } });

/** An operation that takes no token and answers nothing, but for what is said otherwise. */
export const operation = (operationId: string, more: object = {}): Node => ({
  tags: ['Tools'],
  summary: 'Do it',
  description: 'It is done.',
  operationId,
  'x-finapi-token': [],
  responses: { '204': { description: 'Done.' } },
  ...more,
});

export const query = (name: string, schema: object = { type: 'string' }, more: object = {}) => ({ name, in: 'query', schema, ...more });

export const inPath = (name: string, more: object = {}) => ({ name, in: 'path', required: true, schema: { type: 'integer' }, ...more });

/** A composed document with these paths. */
export function documentOf(paths: object, components: object = {}, more: object = {}): Node {
  return {
    openapi: '3.0.3',
    info: { title: 'Tool shed', version: '1.4.0' },
    servers: [{ url: 'https://shed.test', description: 'Live' }],
    tags: [{ name: 'Tools', description: 'What hangs on the wall.' }],
    paths,
    components,
    ...more,
  };
}

export const fileName = 'spec/shed/openapi.yaml';

export const modelOf = (document: Node): Model => buildModel(file(fileName, document));
