import { describe, expect, it } from 'vitest';
import type { Node } from '../src/document/grammar.ts';
import { type Imported, importDocument } from '../src/document/import.ts';
import { parse, print } from '../src/document/yaml.ts';
import { at, file, fileOf, keysAt, library, nodeAt, problemOf } from './support-documents.ts';
import { shuffleKeys } from './support-shuffle.ts';

const imported = (published: unknown, known?: unknown): Imported => importDocument(file('vendor/library.yaml', published), known);
const structureOf = (published: unknown): Node => imported(published).document;

const withSchemas = (schemas: Node): Node => ({
  openapi: '3.0.3',
  info: { title: 'Library', version: '1' },
  paths: {},
  components: { schemas },
});
const schemaOf = (schema: unknown): unknown => at(structureOf(withSchemas({ It: schema })), 'components', 'schemas', 'It');
const withOperation = (operation: Node, components: Node = {}): Node => ({
  openapi: '3.0.3',
  info: { title: 'Library', version: '1' },
  paths: { '/x': { get: operation } },
  components,
});
const operationOf = (operation: Node, components?: Node): Node =>
  nodeAt(structureOf(withOperation(operation, components)), 'paths', '/x', 'get');

/** The structure of the library, written down by hand. */
const structure = `openapi: 3.0.3
info:
  title: Lending library
  version: 2.4.0
servers:
  - url: https://library.test
  - url: https://try.library.test
tags:
  - name: Loans
  - name: Books
security:
  - library_card:
      - all
paths:
  /loans:
    get:
      tags:
        - Loans
      operationId: listLoans
      deprecated: true
      security: []
      responses:
        '200':
          description: OK
        default:
          description: Any other status
    post:
      tags:
        - Loans
      operationId: lendBook
      parameters:
        - $ref: '#/components/parameters/Trace'
        - name: branch
          in: query
          required: true
          schema:
            type: string
      requestBody:
        required: true
        content:
          application/json:
            schema:
              $ref: '#/components/schemas/Loan'
      responses:
        '201':
          description: Created
          headers:
            X-Trace:
              $ref: '#/components/headers/Trace'
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Loan'
        '409':
          $ref: '#/components/responses/Taken'
  /books/{isbn}:
    parameters:
      - name: isbn
        in: path
        required: true
        schema:
          type: string
          pattern: ^[0-9-]+$
    get:
      tags:
        - Books
      operationId: getBook
      responses:
        '200':
          description: OK
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Book'
components:
  securitySchemes:
    library_card:
      type: oauth2
      flows:
        clientCredentials:
          tokenUrl: /token
          scopes:
            all: ''
            read: ''
  headers:
    Trace:
      schema:
        type: string
  parameters:
    Trace:
      name: X-Trace
      in: header
      schema:
        type: string
  responses:
    Taken:
      description: Any other status
  schemas:
    Loan:
      type: object
      required:
        - days
        - book
      properties:
        days:
          type: integer
          format: int32
          default: 14
          minimum: 1
          maximum: 28
        book:
          $ref: '#/components/schemas/Book'
        state:
          type: string
          enum:
            - OUT
            - BACK
            - LOST
    Book:
      type: object
      properties:
        isbn:
          type: string
        title:
          type: string
    Alone:
      type: object
      properties:
        note:
          type: string
          nullable: true
`;

describe('the importer', () => {
  it('makes of a published document exactly its structure', () => {
    expect(print(structureOf(library()))).toBe(structure);
  });

  it('does not touch the published document', () => {
    const published = file('vendor/library.yaml', library());
    importDocument(published, shuffleKeys(library(), 1));
    expect(published).toEqual(file('vendor/library.yaml', library()));
  });

  it('keeps every keyword that states a fact about a value', () => {
    const facts = {
      type: 'string',
      format: 'date',
      nullable: true,
      deprecated: true,
      readOnly: true,
      writeOnly: false,
      enum: ['a', 'b'],
      const: 'a',
      default: 'a',
      pattern: '^a$',
      minLength: 1,
      maxLength: 9,
      minimum: 0,
      exclusiveMinimum: true,
      maximum: 5,
      exclusiveMaximum: false,
      multipleOf: 0.5,
      minItems: 0,
      maxItems: 3,
      uniqueItems: true,
      minProperties: 1,
      maxProperties: 2,
      discriminator: { propertyName: 'kind', mapping: { a: '#/components/schemas/A' } },
      allOf: [{ type: 'string' }],
      oneOf: [{ type: 'string' }],
      anyOf: [{ type: 'string' }],
      not: { type: 'integer' },
      prefixItems: [{ type: 'string' }],
      items: { type: 'string' },
      required: ['a'],
      properties: { a: { type: 'string' } },
      additionalProperties: { type: 'string' },
      patternProperties: { '^x-': { type: 'string' } },
    };
    const { document, leftOut } = imported(withSchemas({ It: facts }));
    expect(at(document, 'components', 'schemas', 'It')).toEqual(facts);
    expect(leftOut).toEqual(new Map());
  });

  it('keeps every keyword that states a fact about a call', () => {
    const operation = {
      tags: ['B', 'A'],
      operationId: 'x',
      deprecated: true,
      security: [{ card: ['read'] }],
      servers: [{ url: 'https://x.test' }],
      parameters: [
        {
          name: 'q',
          in: 'query',
          required: true,
          deprecated: true,
          allowEmptyValue: true,
          style: 'form',
          explode: false,
          allowReserved: true,
          schema: { type: 'string' },
        },
        { name: 'j', in: 'query', content: { 'application/json': { schema: { type: 'object' } } } },
      ],
      requestBody: {
        required: true,
        content: { 'multipart/form-data': { schema: { type: 'object' }, encoding: { file: { contentType: 'image/png' } } } },
      },
      responses: {
        '200': {
          description: 'OK',
          headers: { Next: { required: true, deprecated: true, style: 'simple', explode: false, schema: { type: 'string' } } },
        },
      },
    };
    const { document, leftOut } = imported(withOperation(operation));
    expect(at(document, 'paths', '/x', 'get')).toEqual(operation);
    expect(leftOut).toEqual(new Map());
  });

  it('keeps every method and the parameters of a path', () => {
    const methods = ['get', 'post', 'put', 'patch', 'delete', 'head', 'options', 'trace'];
    const item = {
      parameters: [{ name: 'a', in: 'path', required: true, schema: {} }],
      ...Object.fromEntries(methods.map((method) => [method, { operationId: method, responses: {} }])),
    };
    expect(at(structureOf({ openapi: '3.0.3', paths: { '/{a}': item } }), 'paths', '/{a}')).toEqual(item);
  });

  it('keeps the other kinds of security schemes', () => {
    const securitySchemes = {
      key: { type: 'apiKey', name: 'X-Key', in: 'header' },
      basic: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
      open: { type: 'openIdConnect', openIdConnectUrl: 'https://x.test' },
    };
    expect(at(structureOf(withOperation({}, { securitySchemes })), 'components', 'securitySchemes')).toEqual(securitySchemes);
  });

  it('keeps schemas that are plain true or false', () => {
    expect(schemaOf({ type: 'object', additionalProperties: false, properties: { any: true } })).toEqual({
      type: 'object',
      additionalProperties: false,
      properties: { any: true },
    });
  });

  it('drops words, titles and examples of values at every depth', () => {
    const wordy = (more: Node = {}) => ({ title: 'T', description: 'D', example: 'E', examples: ['E'], type: 'string', ...more });
    const plain = { type: 'string' };
    expect(
      schemaOf(
        wordy({
          properties: { a: wordy({ properties: { b: wordy() } }) },
          items: wordy({ items: wordy() }),
          allOf: [wordy()],
          oneOf: [wordy()],
          anyOf: [wordy({ not: wordy() })],
          additionalProperties: wordy(),
          patternProperties: { x: wordy() },
          prefixItems: [wordy()],
        }),
      ),
    ).toEqual({
      ...plain,
      properties: { a: { ...plain, properties: { b: plain } } },
      items: { ...plain, items: plain },
      allOf: [plain],
      oneOf: [plain],
      anyOf: [{ ...plain, not: plain }],
      additionalProperties: plain,
      patternProperties: { x: plain },
      prefixItems: [plain],
    });
  });

  it('drops words and examples of calls', () => {
    const words = { description: 'D', example: 'E', examples: { one: { value: 1 } } };
    const operation = operationOf({
      operationId: 'x',
      summary: 'S',
      description: 'D',
      externalDocs: { url: 'https://x.test' },
      parameters: [{ name: 'q', in: 'query', ...words, schema: { type: 'string', ...words } }],
      requestBody: {
        description: 'D',
        content: { 'application/json': { schema: { type: 'string' }, example: 'E', examples: { one: { value: 1 } } } },
      },
      responses: {
        '200': {
          description: 'All that you wished for',
          headers: { Next: { ...words, schema: { type: 'string' } } },
          content: { 'text/plain': { example: 'E' } },
        },
      },
    });
    expect(operation).toEqual({
      operationId: 'x',
      parameters: [{ name: 'q', in: 'query', schema: { type: 'string' } }],
      requestBody: { content: { 'application/json': { schema: { type: 'string' } } } },
      responses: { '200': { description: 'OK', headers: { Next: { schema: { type: 'string' } } }, content: { 'text/plain': {} } } },
    });
  });

  it('keeps the title and version of the API, and none of its other information', () => {
    const info = {
      title: 'Library',
      version: '1',
      description: 'D',
      summary: 'S',
      termsOfService: 'https://x.test',
      contact: { name: 'N' },
      license: { name: 'L' },
    };
    expect(structureOf({ openapi: '3.1.0', info, paths: {} }).info).toEqual({ title: 'Library', version: '1' });
  });

  it.each([
    'description',
    'title',
    'summary',
    'example',
    'examples',
    'properties',
    'required',
    'type',
    'enum',
    'default',
    'items',
    '$ref',
    'deprecated',
    'allOf',
    'x-shelf',
    'constructor',
    'toString',
    'externalDocs',
  ])('keeps a property that is called %s, with its own structure', (name) => {
    const property = { type: 'object', description: 'words', properties: { [name]: { type: 'string', title: 'words' } } };
    const kept = { type: 'object', properties: { [name]: { type: 'string' } } };
    expect(schemaOf({ type: 'object', required: [name], properties: { [name]: property } })).toEqual({
      type: 'object',
      required: [name],
      properties: { [name]: kept },
    });
    expect(keysAt(structureOf(withSchemas({ [name]: { type: 'string' } })), 'components', 'schemas')).toEqual([name]);
  });

  it('keeps parameters, headers and media types that are called like words', () => {
    const operation = {
      parameters: [{ name: 'description', in: 'query', schema: {} }],
      responses: { '200': { description: 'OK', headers: { description: { schema: {} }, example: { schema: {} } } } },
    };
    expect(operationOf(operation)).toEqual(operation);
  });

  it('keeps defaults and values as they are, words of their own included', () => {
    expect(schemaOf({ default: { description: 'kept', title: 'kept' }, enum: ['description'] })).toEqual({
      default: { description: 'kept', title: 'kept' },
      enum: ['description'],
    });
  });
});

describe('what the importer leaves out', () => {
  it('is reported by kind and keyword, with the number of places', () => {
    const published = library();
    nodeAt(published, 'paths', '/loans', 'post').callbacks = { done: {} };
    nodeAt(published, 'paths', '/loans', 'get').callbacks = { done: {} };
    nodeAt(published, 'components').links = {};
    published['x-logo'] = 'book.png';
    const { document, leftOut } = imported(published);
    expect(Object.fromEntries(leftOut)).toEqual({
      'operation.callbacks': 2,
      'components.links': 1,
      'document.x-logo': 1,
      'schema.x-shelf': 1,
    });
    expect(print(document)).toBe(structure);
  });

  it('is nothing where the grammar knows every keyword', () => {
    const published = library();
    delete nodeAt(published, 'components', 'schemas', 'Book')['x-shelf'];
    expect(imported(published).leftOut).toEqual(new Map());
  });

  it('is reported even if it is called like what every object has', () => {
    expect(imported(withSchemas({ It: { type: 'string', constructor: 'wood' } })).leftOut).toEqual(new Map([['schema.constructor', 1]]));
  });
});

describe('deprecated fields', () => {
  const text = 'THIS FIELD IS DEPRECATED, take another one.';
  const propertyOf = (property: Node): unknown => at(schemaOf({ properties: { it: property } }), 'properties', 'it');

  it('are told by the text of a property', () => {
    expect(propertyOf({ type: 'string', description: text })).toEqual({ type: 'string', deprecated: true });
    expect(propertyOf({ type: 'string', description: `First of all:\n<br/>${text}` })).toEqual({ type: 'string', deprecated: true });
  });

  it('are told beside a bare reference as well, which cannot carry the mark itself', () => {
    expect(propertyOf({ $ref: '#/components/schemas/It', description: text })).toEqual({
      allOf: [{ $ref: '#/components/schemas/It' }],
      deprecated: true,
    });
  });

  it('are told of properties inside of properties, lists and allOf', () => {
    const inner = { properties: { old: { type: 'string', description: text }, new: { type: 'string' } } };
    const lifted = { properties: { old: { type: 'string', deprecated: true }, new: { type: 'string' } } };
    expect(schemaOf({ properties: { a: inner }, items: inner, allOf: [inner] })).toEqual({
      properties: { a: lifted },
      items: lifted,
      allOf: [lifted],
    });
  });

  it('keep the mark that they have without a text', () => {
    expect(propertyOf({ type: 'string', deprecated: true })).toEqual({ type: 'string', deprecated: true });
  });

  it.each([
    'This field is deprecated.',
    'this field is deprecated',
    'THIS FIELD IS DEPRECATEDLY odd',
    'THIS FIELD WAS DEPRECATED',
    'DEPRECATED',
  ])('are not told by other words: %s', (description) => {
    expect(propertyOf({ type: 'string', description })).toEqual({ type: 'string' });
  });

  it('are not told by a title, an example or a default', () => {
    expect(propertyOf({ type: 'string', title: text, example: text, default: text })).toEqual({ type: 'string', default: text });
  });

  it('are properties only: no schema, item, parameter, header, response or operation is marked by the text', () => {
    expect(
      schemaOf({
        description: text,
        type: 'array',
        items: { type: 'string', description: text },
        additionalProperties: { description: text },
      }),
    ).toEqual({ type: 'array', items: { type: 'string' }, additionalProperties: {} });
    const operation = {
      description: text,
      parameters: [{ name: 'q', in: 'query', description: text, schema: { description: text } }],
      responses: { '200': { description: text, headers: { H: { description: text } } } },
    };
    expect(operationOf(operation)).toEqual({
      parameters: [{ name: 'q', in: 'query', schema: {} }],
      responses: { '200': { description: 'OK', headers: { H: {} } } },
    });
  });

  it('come out the same when the structure is imported again', () => {
    const once = structureOf(
      withSchemas({
        It: { properties: { a: { $ref: '#/components/schemas/It', description: text }, b: { type: 'string', description: text } } },
      }),
    );
    expect(print(imported(once, once).document)).toBe(print(once));
  });
});

describe('responses', () => {
  it.each([
    ['200', 'OK'],
    ['201', 'Created'],
    ['204', 'No Content'],
    ['404', 'Not Found'],
    ['422', 'Unprocessable Entity'],
    ['451', 'Unavailable For Legal Reasons'],
    ['500', 'Internal Server Error'],
    ['510', 'Not Extended'],
  ])("get HTTP's reason phrase for a description: %s %s", (status, phrase) => {
    expect(operationOf({ responses: { [status]: { description: 'Their words' } } }).responses).toEqual({
      [status]: { description: phrase },
    });
    expect(operationOf({ responses: { [status]: {} } }).responses).toEqual({ [status]: { description: phrase } });
  });

  it.each(['default', '4XX', '299'])('get a description of their own where HTTP has no phrase: %s', (status) => {
    expect(operationOf({ responses: { [status]: { description: 'Their words' } } }).responses).toEqual({
      [status]: { description: 'Any other status' },
    });
  });

  it('that are references stay bare', () => {
    expect(
      operationOf(
        { responses: { '404': { $ref: '#/components/responses/Gone', description: 'Their words' } } },
        { responses: { Gone: { description: 'x' } } },
      ).responses,
    ).toEqual({ '404': { $ref: '#/components/responses/Gone' } });
  });
});

describe('scopes', () => {
  it('keep their names and lose their text', () => {
    const flows = {
      password: {
        tokenUrl: '/token',
        refreshUrl: '/refresh',
        scopes: { read: 'Looking only', description: 'A scope of that name', 'write:all': 'All' },
      },
      implicit: { authorizationUrl: '/ask', scopes: {} },
    };
    expect(
      at(
        structureOf(withOperation({}, { securitySchemes: { card: { type: 'oauth2', flows } } })),
        'components',
        'securitySchemes',
        'card',
        'flows',
      ),
    ).toEqual({
      password: { tokenUrl: '/token', refreshUrl: '/refresh', scopes: { read: '', description: '', 'write:all': '' } },
      implicit: { authorizationUrl: '/ask', scopes: {} },
    });
  });
});

describe('shared parts', () => {
  const used = {
    parameters: { P: { name: 'p', in: 'query' } },
    headers: { H: { style: 'simple' } },
    requestBodies: { B: { content: {} } },
    responses: { R: { description: 'x' } },
  };
  const operation = {
    parameters: [{ $ref: '#/components/parameters/P' }],
    requestBody: { $ref: '#/components/requestBodies/B' },
    responses: {
      '200': { $ref: '#/components/responses/R' },
      '404': { description: 'Not Found', headers: { H: { $ref: '#/components/headers/H' } } },
    },
  };

  it('stay if something refers to them', () => {
    expect(keysAt(structureOf(withOperation(operation, used)), 'components')).toEqual([
      'headers',
      'parameters',
      'requestBodies',
      'responses',
    ]);
  });

  it('go if nothing refers to them, and their group with the last', () => {
    expect(structureOf(withOperation({ responses: {} }, used)).components).toEqual({});
    const more = structuredClone(used);
    Object.assign(more.parameters, { Q: { name: 'q', in: 'query' }, R: { name: 'r', in: 'query' } });
    expect(keysAt(structureOf(withOperation(operation, more)), 'components', 'parameters')).toEqual(['P']);
  });

  it('are not kept by something of another kind that has the same name', () => {
    expect(
      keysAt(
        structureOf(withOperation(operation, { ...used, headers: { ...used.headers, P: { style: 'simple' } } })),
        'components',
        'headers',
      ),
    ).toEqual(['H']);
  });

  it('stay if only other shared parts refer to them that are used', () => {
    const chain = {
      responses: { R: { description: 'x', headers: { H: { $ref: '#/components/headers/H' } } } },
      headers: { H: { style: 'simple' } },
    };
    expect(keysAt(structureOf(withOperation({ responses: { '200': { $ref: '#/components/responses/R' } } }, chain)), 'components')).toEqual(
      ['headers', 'responses'],
    );
  });

  it('go with the last part that refers to them', () => {
    const chain = {
      responses: { R: { description: 'x', headers: { H: { $ref: '#/components/headers/H' } } } },
      headers: { H: { style: 'simple' } },
    };
    expect(structureOf(withOperation({ responses: {} }, chain)).components).toEqual({});
  });

  it('that are schemas or security schemes stay in any case', () => {
    const components = { schemas: { Alone: { type: 'string' } }, securitySchemes: { card: { type: 'http', scheme: 'basic' } } };
    expect(structureOf(withOperation({ responses: {} }, components)).components).toEqual(components);
  });
});

describe('a document that cannot be imported', () => {
  it.each<[string, string, number, string]>([
    ['Swagger 2', '# old\nswagger: "2.0"\ninfo: {}\npaths: {}\n', 1, 'swagger: 2.0'],
    ['Swagger 2 as a number', 'swagger: 2.0\n', 1, 'swagger: 2'],
    ['a later OpenAPI', 'info: {}\npaths: {}\nopenapi: 3.2.0\n', 3, 'openapi: 3.2.0'],
    ['OpenAPI 4', '{\n  "info": {},\n  "openapi": "4.0.0"\n}', 3, 'openapi: 4.0.0'],
    ['a version that is a number', 'info: {}\nopenapi: 3.1\n', 2, 'openapi: 3.1'],
    ['an Arazzo document', 'arazzo: 1.0.0\n', 1, 'expected OpenAPI 3.0 or 3.1'],
    ['a list', '- openapi: 3.0.3\n', 1, 'its root is not an object'],
    ['a text', 'just words\n', 1, 'its root is not an object'],
    ['a number', '42\n', 1, 'its root is not an object'],
    ['null', 'null\n', 1, 'its root is not an object'],
  ])('is refused with file and line: %s', (_, text, line, message) => {
    expect(problemOf(() => importDocument(fileOf('vendor/odd.yaml', text)))).toMatchObject({
      file: 'vendor/odd.yaml',
      line,
      message: expect.stringContaining(message),
    });
  });

  it.each(['3.0.0', '3.0.3', '3.0.4', '3.1.0', '3.1.1'])('is not one of OpenAPI %s', (openapi) => {
    expect(structureOf({ openapi, paths: {} })).toEqual({ openapi, paths: {} });
  });
});

describe('the same content in another form', () => {
  const known = structureOf(library());

  it('is the same structure when imported over its own result', () => {
    expect(print(imported(library(), known).document)).toBe(structure);
    expect(print(imported(known, known).document)).toBe(structure);
  });

  it.each([1, 2, 3, 4, 5])('is the same byte for byte when all keys are shuffled (seed %i)', (seed) => {
    expect(print(imported(shuffleKeys(library(), seed), known).document)).toBe(structure);
  });

  it.each([
    ['JSON', JSON.stringify(library())],
    ['JSON on many lines', JSON.stringify(library(), null, '\t')],
    ['JSON with Windows line ends', JSON.stringify(library(), null, 2).replaceAll('\n', '\r\n')],
    ['YAML', print(library())],
    ['YAML with Windows line ends', print(library()).replaceAll('\n', '\r\n')],
    ['YAML with a byte order mark', `\ufeff${print(library())}`],
    ['YAML with comments', `# published today\n${print(library()).replaceAll('operationId:', '# an operation\n      operationId:')}`],
    ['shuffled JSON', JSON.stringify(shuffleKeys(library(), 9))],
  ])('is the same byte for byte as %s', (_, text) => {
    expect(print(importDocument(parse('vendor/library', text), known).document)).toBe(structure);
  });

  it('keeps the order of before for what was known, and puts what is new behind it', () => {
    const published = library();
    published.paths = { '/new': { get: { operationId: 'new', responses: {} } }, ...nodeAt(published, 'paths') };
    nodeAt(published, 'components', 'schemas', 'Loan').properties = {
      fee: { type: 'number' },
      ...nodeAt(published, 'components', 'schemas', 'Loan', 'properties'),
    };
    const { document } = imported(shuffleKeys(published, 2), known);
    expect(keysAt(document, 'paths')).toEqual(['/loans', '/books/{isbn}', '/new']);
    expect(keysAt(document, 'components', 'schemas', 'Loan', 'properties')).toEqual(['days', 'book', 'state', 'fee']);
  });

  it('loses what the published document no longer has', () => {
    const published = library();
    delete nodeAt(published, 'paths')['/loans'];
    delete nodeAt(published, 'components', 'schemas').Alone;
    const { document } = imported(published, known);
    expect(keysAt(document, 'paths')).toEqual(['/books/{isbn}']);
    expect(keysAt(document, 'components', 'schemas')).toEqual(['Loan', 'Book']);
  });
});
