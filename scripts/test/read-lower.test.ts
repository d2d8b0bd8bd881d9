import { describe, expect, it } from 'vitest';
import type { Node } from '../src/document/grammar.ts';
import { parseDocument } from '../src/document/read.ts';
import { print } from '../src/document/yaml.ts';
import { at } from './support-documents.ts';

/** A schema of OpenAPI 3.1 as it is said in 3.0. */
function lowered(schema: unknown): { schema: unknown; notes: readonly string[] } {
  const document = {
    openapi: '3.1.0',
    info: { title: 'Harbour', version: '1' },
    components: { schemas: { Other: { type: 'object' }, It: schema } },
  };
  const { value, notes, written } = parseDocument('harbour.yaml', print(document));
  expect(written).toBe('3.1');
  expect(value).toMatchObject({ openapi: '3.0.3', paths: {} });
  return { schema: at(value, 'components', 'schemas', 'It'), notes };
}

const other = { $ref: '#/components/schemas/Other' };

describe('OpenAPI 3.1 in the words of 3.0', () => {
  it.each<[string, Node, unknown]>([
    ['a type that can be null', { type: ['string', 'null'] }, { type: 'string', nullable: true }],
    ['a list of one type', { type: ['string'] }, { type: 'string' }],
    ['several types', { type: ['string', 'integer'] }, { anyOf: [{ type: 'string' }, { type: 'integer' }] }],
    [
      'several types beside alternatives',
      { type: ['string', 'integer'], anyOf: [{}] },
      { anyOf: [{}], allOf: [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }] },
    ],
    ['null alone', { type: 'null' }, { nullable: true, enum: [null] }],
    ['one value', { const: 'A' }, { enum: ['A'] }],
    ['a bound that is excluded', { type: 'integer', exclusiveMinimum: 3 }, { type: 'integer', minimum: 3, exclusiveMinimum: true }],
    ['the tighter of two bounds', { maximum: 5, exclusiveMaximum: 9 }, { maximum: 5 }],
    ['a reference or null', { anyOf: [other, { type: 'null' }] }, { nullable: true, allOf: [other] }],
    [
      'alternatives or null',
      { oneOf: [other, { type: 'string' }, { type: 'null' }] },
      { nullable: true, oneOf: [other, { type: 'string' }] },
    ],
    ['words beside a reference', { ...other, description: 'Which' }, { allOf: [other], description: 'Which' }],
    ['a reference alone', other, other],
    ['examples', { type: 'string', examples: ['a', 'b'] }, { type: 'string', example: 'a' }],
    ['bytes', { type: 'string', contentEncoding: 'base64' }, { type: 'string', format: 'byte' }],
    ['a file', { type: 'string', contentMediaType: 'application/octet-stream' }, { type: 'string', format: 'binary' }],
    [
      'what is in it',
      { type: 'object', properties: { a: { type: ['integer', 'null'] }, b: true, c: false }, items: true },
      { type: 'object', properties: { a: { type: 'integer', nullable: true }, b: {}, c: { not: {} } }, items: {} },
    ],
  ])('%s', (_, schema, expected) => {
    expect(lowered(schema)).toEqual({ schema: expected, notes: [] });
  });

  it('keeps what 3.0 has no words for, and says so', () => {
    const schema = { type: 'object', patternProperties: { '^x': { type: 'string' } } };
    expect(lowered(schema)).toEqual({ schema, notes: ['patternProperties is not part of OpenAPI 3.0 and stays as it is, in 1 places'] });
  });
});
