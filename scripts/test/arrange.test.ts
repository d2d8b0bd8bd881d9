import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arrange } from '../src/document/arrange.ts';
import type { Node } from '../src/document/grammar.ts';
import { print } from '../src/document/yaml.ts';
import { at, keysAt, library, nodeAt } from './support-documents.ts';
import { shuffleKeys, shuffleList } from './support-shuffle.ts';

const inPaths = (operation: Node): Node => ({ openapi: '3.0.3', paths: { '/x': { get: operation } } });
const inSchemas = (schemas: Node): Node => ({ openapi: '3.0.3', components: { schemas } });
const schemaOf = (schema: Node, known?: Node): Node =>
  nodeAt(arrange(inSchemas({ It: schema }), known && inSchemas({ It: known })), 'components', 'schemas', 'It');
const reversed = <T extends Node>(node: T): T => Object.fromEntries(Object.entries(node).reverse()) as T;

describe('keywords', () => {
  const order: [string, (node: Node) => Node, string[]][] = [
    [
      'the document',
      (node) => arrange(node),
      ['openapi', 'info', 'externalDocs', 'servers', 'tags', 'security', 'paths', 'components', 'x-a'],
    ],
    [
      'the information',
      (node) => nodeAt(arrange({ info: node }), 'info'),
      ['title', 'version', 'summary', 'description', 'termsOfService', 'contact', 'license'],
    ],
    ['a tag', (node) => nodeAt(arrange({ tags: [node] }), 'tags', 0), ['name', 'description', 'externalDocs']],
    [
      'the components',
      (node) => nodeAt(arrange({ components: node }), 'components'),
      ['securitySchemes', 'headers', 'parameters', 'requestBodies', 'responses', 'examples', 'schemas'],
    ],
    [
      'a path',
      (node) => nodeAt(arrange({ paths: { '/x': node } }), 'paths', '/x'),
      ['summary', 'description', 'servers', 'parameters', 'get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'],
    ],
    [
      'an operation',
      (node) => nodeAt(arrange(inPaths(node)), 'paths', '/x', 'get'),
      [
        'tags',
        'summary',
        'description',
        'externalDocs',
        'operationId',
        'deprecated',
        'x-finapi-token',
        'x-finapi-token-min-life',
        'security',
        'servers',
        'parameters',
        'requestBody',
        'responses',
        'x-a',
      ],
    ],
    [
      'a parameter',
      (node) => nodeAt(arrange(inPaths({ parameters: [node] })), 'paths', '/x', 'get', 'parameters', 0),
      [
        'name',
        'in',
        'description',
        'required',
        'deprecated',
        'allowEmptyValue',
        'style',
        'explode',
        'allowReserved',
        'schema',
        'content',
        'example',
        'examples',
      ],
    ],
    [
      'a request body',
      (node) => nodeAt(arrange(inPaths({ requestBody: node })), 'paths', '/x', 'get', 'requestBody'),
      ['description', 'required', 'content'],
    ],
    [
      'a response',
      (node) => nodeAt(arrange(inPaths({ responses: { '200': node } })), 'paths', '/x', 'get', 'responses', '200'),
      ['description', 'headers', 'content'],
    ],
    [
      'a schema',
      (node) => schemaOf(node),
      [
        '$ref',
        'title',
        'description',
        'type',
        'format',
        'nullable',
        'deprecated',
        'readOnly',
        'writeOnly',
        'enum',
        'default',
        'example',
        'pattern',
        'minLength',
        'maxLength',
        'minimum',
        'exclusiveMinimum',
        'maximum',
        'exclusiveMaximum',
        'multipleOf',
        'minItems',
        'maxItems',
        'uniqueItems',
        'minProperties',
        'maxProperties',
        'discriminator',
        'allOf',
        'oneOf',
        'anyOf',
        'not',
        'items',
        'required',
        'properties',
        'additionalProperties',
        'x-a',
        'x-b',
      ],
    ],
    [
      'a security scheme',
      (node) => nodeAt(arrange({ components: { securitySchemes: { It: node } } }), 'components', 'securitySchemes', 'It'),
      ['type', 'description', 'name', 'in', 'scheme', 'bearerFormat', 'openIdConnectUrl', 'flows'],
    ],
  ];

  it.each(order)('of %s stand in one order', (_, arranged, keywords) => {
    const node = Object.fromEntries(keywords.map((keyword) => [keyword, 'any']));
    expect(Object.keys(arranged(reversed(node)))).toEqual(keywords);
    for (let seed = 1; seed <= 5; seed++) expect(Object.keys(arranged(shuffleKeys(node, seed)))).toEqual(keywords);
  });

  it('keep their values', () => {
    expect(arrange(library())).toEqual(library());
  });

  it('stand in that order even where the document of before had another', () => {
    const known = { deprecated: true, format: 'int32', type: 'integer' };
    expect(Object.keys(schemaOf({ type: 'integer', deprecated: true, format: 'int32' }, known))).toEqual(['type', 'format', 'deprecated']);
  });

  it('that are absent are not invented', () => {
    expect(arrange({})).toEqual({});
    expect(Object.keys(schemaOf({ type: 'string' }))).toEqual(['type']);
  });
});

describe('extensions', () => {
  const extended = { 'x-zoo': { b: [{ d: 1, c: 2 }], a: 3 }, 'x-ant': null, type: 'string', 'X-upper': 1, 'x-bee': false };

  it('are kept with their values, behind the keywords, in alphabetical order', () => {
    expect(Object.keys(schemaOf(extended))).toEqual(['type', 'X-upper', 'x-ant', 'x-bee', 'x-zoo']);
    expect(schemaOf(extended)).toEqual(extended);
  });

  it('hold their keys in alphabetical order and their lists as they are', () => {
    expect(JSON.stringify(schemaOf(extended)['x-zoo'])).toBe('{"a":3,"b":[{"c":2,"d":1}]}');
    expect(at(schemaOf({ 'x-list': ['b', 'a', 'c'] }), 'x-list')).toEqual(['b', 'a', 'c']);
  });

  it('stand in the same order whatever the document of before said', () => {
    expect(Object.keys(schemaOf(extended, { 'x-zoo': 1, 'x-bee': 2, type: 'string' }))).toEqual([
      'type',
      'X-upper',
      'x-ant',
      'x-bee',
      'x-zoo',
    ]);
  });

  it('may be called like what every object has', () => {
    expect(schemaOf({ type: 'string', constructor: 'wood' })).toEqual({ type: 'string', constructor: 'wood' });
  });
});

describe('names', () => {
  const known = {
    openapi: '3.0.3',
    paths: { '/b': {}, '/a': {} },
    components: { parameters: { P: {}, A: {} }, schemas: { Two: { properties: { y: {}, x: {} } }, One: {} } },
  };

  it('keep the order of the document of before; new ones follow in the order given', () => {
    const now = {
      paths: { '/new2': {}, '/a': {}, '/new1': {}, '/b': {} },
      components: {
        schemas: { Three: {}, One: {}, Two: { properties: { w: {}, x: {}, v: {}, y: {} } } },
        parameters: { A: {}, B: {}, P: {} },
      },
    };
    const arranged = arrange(now, known);
    expect(keysAt(arranged, 'paths')).toEqual(['/b', '/a', '/new2', '/new1']);
    expect(keysAt(arranged, 'components', 'schemas')).toEqual(['Two', 'One', 'Three']);
    expect(keysAt(arranged, 'components', 'schemas', 'Two', 'properties')).toEqual(['y', 'x', 'w', 'v']);
    expect(keysAt(arranged, 'components', 'parameters')).toEqual(['P', 'A', 'B']);
  });

  it('keep the order given where nothing is known of before', () => {
    const now = { paths: { '/b': {}, '/a': {}, '/c': {} } };
    for (const before of [undefined, null, 'no document', [], {}, { paths: [] }, { paths: null }])
      expect(keysAt(arrange(now, before), 'paths')).toEqual(['/b', '/a', '/c']);
  });

  it('that are gone leave no trace', () => {
    expect(arrange({ paths: { '/a': {} } }, known)).toEqual({ paths: { '/a': {} } });
  });

  it('called like keywords are names all the same', () => {
    const before = { properties: { type: {}, required: {}, enum: {}, description: {}, properties: {} } };
    const now = { properties: { properties: { properties: { b: {}, a: {} } }, description: {}, enum: {}, required: {}, type: {} } };
    expect(keysAt(schemaOf(now, before), 'properties')).toEqual(['type', 'required', 'enum', 'description', 'properties']);
    expect(schemaOf(now, before)).toEqual(now);
  });

  it('called like what every object has are names like others', () => {
    const now = {
      properties: {
        toString: { type: 'string' },
        constructor: { type: 'string' },
        valueOf: { type: 'object', properties: { b: {}, hasOwnProperty: {} } },
      },
    };
    expect(keysAt(schemaOf(now, { properties: { constructor: {} } }), 'properties')).toEqual(['constructor', 'toString', 'valueOf']);
    expect(schemaOf(now)).toEqual(now);
  });

  it('of responses stand in numeric order, the others behind them', () => {
    const responses = { default: {}, '510': {}, '404': {}, '200': {}, '201': {} };
    expect(keysAt(arrange(inPaths({ responses })), 'paths', '/x', 'get', 'responses')).toEqual(['200', '201', '404', '510', 'default']);
    expect(
      keysAt(arrange(inPaths({ responses }), inPaths({ responses: { default: {}, '404': {} } })), 'paths', '/x', 'get', 'responses'),
    ).toEqual(['200', '201', '404', '510', 'default']);
  });
});

describe('lists', () => {
  it('of values and of required properties keep the order of before; new entries follow', () => {
    const known = { type: 'string', enum: ['c', 'a', 'b'], required: ['y', 'x'] };
    const now = schemaOf({ type: 'string', enum: ['new', 'b', 'a', 'c', 'newer'], required: ['w', 'x', 'y'] }, known);
    expect(now).toEqual({ type: 'string', enum: ['c', 'a', 'b', 'new', 'newer'], required: ['y', 'x', 'w'] });
  });

  it('of values keep their numbers, texts and nulls', () => {
    expect(schemaOf({ enum: [3, null, 'a', 1, 2] }, { enum: [1, 2, 'a'] })).toEqual({ enum: [1, 2, 'a', 3, null] });
  });

  it('of parameters keep the order of before, told by place and name', () => {
    const known = [
      { name: 'b', in: 'query' },
      { name: 'a', in: 'query' },
      { name: 'a', in: 'header' },
      { $ref: '#/components/parameters/P' },
    ];
    const now = [
      { name: 'c', in: 'query' },
      { $ref: '#/components/parameters/P' },
      { name: 'a', in: 'header', required: true },
      { name: 'b', in: 'query' },
      { name: 'a', in: 'query' },
    ];
    const arranged = arrange(inPaths({ parameters: now }), inPaths({ parameters: known }));
    expect(at(arranged, 'paths', '/x', 'get', 'parameters')).toEqual([now[3], now[4], now[2], now[1], now[0]]);
  });

  it('of parameters of a path keep the order of before as well', () => {
    const parameters = [
      { name: 'b', in: 'path' },
      { name: 'a', in: 'path' },
    ];
    expect(
      at(
        arrange({ paths: { '/x': { parameters: [...parameters].reverse() } } }, { paths: { '/x': { parameters } } }),
        'paths',
        '/x',
        'parameters',
      ),
    ).toEqual(parameters);
  });

  it('hand the order of before on to what is inside, wherever the item has moved', () => {
    const parameter = (name: string, properties: Node) => ({ name, in: 'query', schema: { type: 'object', properties } });
    const known = inPaths({ parameters: [parameter('one', { y: {}, x: {} }), parameter('two', { b: {}, a: {} })] });
    const arranged = arrange(inPaths({ parameters: [parameter('two', { a: {}, b: {} }), parameter('one', { x: {}, y: {} })] }), known);
    expect(keysAt(arranged, 'paths', '/x', 'get', 'parameters', 0, 'schema', 'properties')).toEqual(['y', 'x']);
    expect(keysAt(arranged, 'paths', '/x', 'get', 'parameters', 1, 'schema', 'properties')).toEqual(['b', 'a']);
  });

  it('of tags keep the order of before by name, and of servers by address', () => {
    const known = { servers: [{ url: 'https://b.test' }, { url: 'https://a.test' }], tags: [{ name: 'Z' }, { name: 'A' }] };
    const now = {
      servers: [{ url: 'https://a.test' }, { url: 'https://c.test' }, { url: 'https://b.test' }],
      tags: [{ name: 'New' }, { name: 'A', description: 'x' }, { name: 'Z' }],
    };
    expect(arrange(now, known)).toEqual({
      servers: [{ url: 'https://b.test' }, { url: 'https://a.test' }, { url: 'https://c.test' }],
      tags: [{ name: 'Z' }, { name: 'A', description: 'x' }, { name: 'New' }],
    });
  });

  it('whose order has a meaning stay as they are, whatever was before', () => {
    const security = [{ b: [] }, { a: ['y', 'x'] }];
    expect(arrange({ security }, { security: [...security].reverse() })).toEqual({ security });
    expect(schemaOf({ oneOf: [{ type: 'string' }, { type: 'integer' }] }, { oneOf: [{ type: 'integer' }, { type: 'string' }] })).toEqual({
      oneOf: [{ type: 'string' }, { type: 'integer' }],
    });
    expect(schemaOf({ default: ['b', 'a'] }, { default: ['a', 'b'] })).toEqual({ default: ['b', 'a'] });
    expect(at(arrange(inPaths({ tags: ['B', 'A'] }), inPaths({ tags: ['A', 'B'] })), 'paths', '/x', 'get', 'tags')).toEqual(['B', 'A']);
  });
});

describe('what is no node', () => {
  it('is kept as it is where a node is expected', () => {
    const odd = {
      components: { schemas: { Any: true, Bag: { type: 'object', additionalProperties: false }, Odd: null } },
      tags: ['plain', null],
      paths: null,
    };
    expect(arrange(odd)).toEqual({ paths: null, tags: ['plain', null], components: odd.components });
  });
});

describe('the order as a whole', () => {
  const first = arrange(library());

  it.each([1, 2, 3, 4, 5])('is the same byte for byte when all keys are shuffled (seed %i)', (seed) => {
    const shuffled = shuffleKeys(library(), seed);
    expect(JSON.stringify(shuffled)).not.toBe(JSON.stringify(library()));
    expect(print(arrange(shuffled, first))).toBe(print(first));
  });

  it('is the same byte for byte for any order of keys', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        expect(print(arrange(shuffleKeys(library(), seed), first))).toBe(print(first));
      }),
      { numRuns: 60 },
    );
  });

  it('is the same when tags, parameters, values and required properties are shuffled too', () => {
    for (let seed = 1; seed <= 5; seed++) {
      const shuffled = shuffleKeys(library(), seed);
      for (const path of [
        ['tags'],
        ['servers'],
        ['paths', '/loans', 'post', 'parameters'],
        ['components', 'schemas', 'Loan', 'required'],
        ['components', 'schemas', 'Loan', 'properties', 'state', 'enum'],
      ]) {
        nodeAt(shuffled, ...path.slice(0, -1))[path.at(-1) ?? ''] = shuffleList(at(shuffled, ...path) as unknown[], seed);
      }
      expect(print(arrange(shuffled, first))).toBe(print(first));
    }
  });

  it('is left alone by arranging again, with and without a document of before', () => {
    expect(print(arrange(first))).toBe(print(first));
    expect(print(arrange(first, first))).toBe(print(first));
    expect(print(arrange(first, library()))).toBe(print(first));
    const foreign = arrange(shuffleKeys(library(), 7), shuffleKeys(library(), 8));
    expect(print(arrange(foreign, foreign))).toBe(print(foreign));
  });

  it('does not touch what it is given', () => {
    const given = shuffleKeys(library(), 3);
    const known = shuffleKeys(library(), 4);
    const before = JSON.stringify([given, known]);
    arrange(given, known);
    expect(JSON.stringify([given, known])).toBe(before);
  });
});
