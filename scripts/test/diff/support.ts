// Small documents for the tests of the comparison.
import type { Node } from '../../src/document/grammar.ts';

/** A document with these paths and component schemas. */
export const api = (paths: Node, schemas: Node = {}, more: Node = {}): Node => ({
  openapi: '3.0.3',
  info: { title: 'Harbour', version: '1.0.0' },
  paths,
  components: { schemas },
  ...more,
});

export const json = (schema: Node): Node => ({ content: { 'application/json': { schema } } });
export const ok = (schema: Node): Node => ({ '200': { description: 'OK', ...json(schema) } });
export const text: Node = { type: 'string' };
export const ref = (name: string): Node => ({ $ref: `#/components/schemas/${name}` });
export const object = (properties: Node, ...required: string[]): Node => ({
  type: 'object',
  ...(required.length > 0 ? { required } : {}),
  properties,
});

/** One operation, `getShip`, with this in it. */
export const operation = (node: Node, schemas: Node = {}, more: Node = {}): Node =>
  api({ '/ships': { get: { operationId: 'getShip', responses: ok(text), ...node } } }, schemas, more);

/** A document whose one operation, `getShip`, answers this. */
export const answering = (schema: Node, schemas: Node = {}): Node => operation({ responses: ok(schema) }, schemas);

/** A document whose one operation, `dock`, takes this. */
export const taking = (schema: Node, schemas: Node = {}): Node =>
  api({ '/docks': { post: { operationId: 'dock', requestBody: { required: true, ...json(schema) }, responses: ok(text) } } }, schemas);

/** A document whose one operation, `swapShip`, takes and answers this. */
export const swapping = (schema: Node, schemas: Node = {}): Node =>
  api({ '/ships': { put: { operationId: 'swapShip', requestBody: { required: true, ...json(schema) }, responses: ok(schema) } } }, schemas);

/** A document whose one operation, `getShip`, has these parameters. */
export const asking = (...parameters: Node[]): Node => operation({ parameters });
export const query = (name: string, schema: Node = text, more: Node = {}): Node => ({ name, in: 'query', schema, ...more });
