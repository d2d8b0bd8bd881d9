import { describe, expect, it } from 'vitest';
import type { Node } from '../src/document/grammar.ts';
import { lineOf, type Path, print } from '../src/document/yaml.ts';
import { buildModel, camelCase, componentName, type Operation, pascalCase } from '../src/model.ts';
import { file, problemOf, problemsOf } from './support-documents.ts';
import { documentOf, fileName, inPath, json, modelOf, operation, query, ref } from './support-model.ts';

/** The only operation of a document whose only operation is `GET /tools`, or what `path` and `method` say. */
function only(more: object, components: object = {}, path = '/tools', method = 'get', item: object = {}): Operation {
  const { operations } = modelOf(documentOf({ [path]: { ...item, [method]: operation('doIt', more) } }, components));
  expect(operations).toHaveLength(1);
  return operations[0] as Operation;
}

describe('camelCase', () => {
  it.each([
    ['Bank Connections', 'bankConnections'],
    ['Accounts', 'accounts'],
    ['TPP Certificates', 'tppCertificates'],
    ['Mocks & Tests', 'mocksTests'],
    ['web-forms', 'webForms'],
    ['CustomisationProfiles', 'customisationProfiles'],
    ['a1 B2', 'a1B2'],
    ['', ''],
  ])('makes %j %j', (words, name) => expect(camelCase(words)).toBe(name));
});

describe('pascalCase', () => {
  it.each([
    ['getAccount', 'GetAccount'],
    ['GetAccount', 'GetAccount'],
    ['x', 'X'],
    ['_x', '_x'],
  ])('makes %j %j', (name, type) => expect(pascalCase(name)).toBe(type));
});

describe('componentName', () => {
  it('is the last step of a reference', () => expect(componentName('#/components/schemas/Tool')).toBe('Tool'));
});

describe('the model of a document', () => {
  it('has title, version, hosts and tags, with names for code', () => {
    const { title, version, servers, tags } = modelOf(
      documentOf(
        {},
        {},
        {
          servers: [
            { url: 'https://shed.test', description: 'Live' },
            { url: 'https://try.shed.test', description: 'Sand box 2' },
          ],
          tags: [{ name: 'Hand Tools', description: ' What hangs. ' }, { name: 'Loans' }],
        },
      ),
    );
    expect({ title, version }).toEqual({ title: 'Tool shed', version: '1.4.0' });
    expect(servers).toEqual([
      { name: 'Live', url: 'https://shed.test' },
      { name: 'Sand box 2', url: 'https://try.shed.test' },
    ]);
    expect(tags).toEqual([
      { name: 'Hand Tools', group: 'handTools', description: 'What hangs.' },
      { name: 'Loans', group: 'loans', description: '' },
    ]);
  });

  it('has the schemas in their order', () => {
    const { schemas } = modelOf(documentOf({}, { schemas: { Tool: { type: 'object' }, Kind: { enum: ['SAW'] }, Art: {} } }));
    expect([...schemas]).toEqual([
      ['Tool', { type: 'object' }],
      ['Kind', { enum: ['SAW'] }],
      ['Art', {}],
    ]);
  });

  it('has the operations of a path in the order of its methods, and paths in the order of the document', () => {
    const { operations } = modelOf(
      documentOf({
        '/z': { delete: operation('d'), patch: operation('c'), get: operation('a'), post: operation('b') },
        '/a': { put: operation('e') },
      }),
    );
    expect(operations.map(({ id, method, path }) => `${id} ${method} ${path}`)).toEqual([
      'a GET /z',
      'b POST /z',
      'c PATCH /z',
      'd DELETE /z',
      'e PUT /a',
    ]);
  });

  it('is empty for a document without operations', () => {
    expect(modelOf({ openapi: '3.0.3', info: { title: 'Nothing', version: '0' } })).toEqual({
      title: 'Nothing',
      version: '0',
      servers: [],
      tags: [],
      operations: [],
      schemas: new Map(),
    });
  });
});

describe('an operation', () => {
  it('says what the document says of it', () => {
    expect(only({ tags: ['Hand Tools', 'Other'], summary: ' Sum ', description: 'Words.\n', deprecated: true })).toMatchObject({
      id: 'doIt',
      tag: 'Hand Tools',
      group: 'handTools',
      method: 'GET',
      path: '/tools',
      summary: 'Sum',
      description: 'Words.',
      deprecated: true,
      methodOverride: false,
      body: undefined,
      items: undefined,
    });
  });

  it('is not deprecated and has a group where nothing is said', () => {
    expect(only({ tags: undefined })).toMatchObject({ deprecated: false, tag: 'Other', group: 'other' });
  });

  it.each([[[]], [['user']], [['client', 'user']], [['admin']]])('takes the token %j', (token) => {
    expect(only({ 'x-finapi-token': token }).token).toEqual(token);
  });

  it('has path and query parameters, each with what is said of it', () => {
    const { pathParameters, queryParameters } = only(
      {
        parameters: [
          query('kind', { type: 'string', enum: ['SAW'] }, { description: ' Which kind. ', deprecated: true }),
          inPath('id', { description: 'Number on the handle.' }),
          query('page', { type: 'integer', default: 1 }, { required: true, style: 'form', explode: true }),
        ],
      },
      {},
      '/tools/{id}',
    );
    expect(pathParameters).toMatchObject([
      { name: 'id', required: true, deprecated: false, description: 'Number on the handle.', schema: { type: 'integer' } },
    ]);
    expect(queryParameters).toMatchObject([
      { name: 'kind', required: false, deprecated: true, description: 'Which kind.', schema: { type: 'string', enum: ['SAW'] } },
      { name: 'page', required: true, deprecated: false, description: '', schema: { type: 'integer', default: 1 } },
    ]);
  });

  it('has the parameters of its path, before its own', () => {
    const { pathParameters, queryParameters } = only({ parameters: [query('b')] }, {}, '/tools/{id}', 'get', {
      parameters: [inPath('id'), query('a')],
    });
    expect(pathParameters.map(({ name }) => name)).toEqual(['id']);
    expect(queryParameters.map(({ name }) => name)).toEqual(['a', 'b']);
  });

  it('has parameters, a body and answers that are shared', () => {
    const { pathParameters, body, answers } = only(
      {
        parameters: [ref('Id', 'parameters')],
        requestBody: ref('Tool', 'requestBodies'),
        responses: { '200': ref('Tool', 'responses'), '404': { $ref: '#/paths/~1tools~1{id}/put/responses/200' } },
      },
      {
        parameters: { Id: ref('Number', 'parameters'), Number: inPath('id') },
        requestBodies: { Tool: { required: true, ...json(ref('Tool')) } },
        responses: { Tool: { description: 'The tool.', ...json(ref('Tool')) } },
        schemas: { Tool: ref('Thing'), Thing: { type: 'object', properties: { kind: {} } } },
      },
      '/tools/{id}',
      'put',
    );
    expect(pathParameters.map(({ name }) => name)).toEqual(['id']);
    expect(body).toEqual({ mediaType: 'application/json', required: true, schema: ref('Tool'), component: 'Tool', fields: ['kind'] });
    expect(answers).toEqual([
      { status: 200, description: 'The tool.', schema: ref('Tool') },
      { status: 404, description: 'The tool.', schema: ref('Tool') },
    ]);
  });

  it('has a form as its body, of a schema of its own, which may be left out', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' }, b: { type: 'string' } } };
    const { body } = only({ requestBody: { content: { 'application/x-www-form-urlencoded': { schema } } } }, {}, '/tools', 'post');
    expect(body).toEqual({
      mediaType: 'application/x-www-form-urlencoded',
      required: false,
      schema,
      component: undefined,
      fields: ['a', 'b'],
    });
  });

  it('knows the headers that the client sends by itself, in any case, and whether POST may stand for the method', () => {
    const header = (name: string) => ({ name, in: 'header', schema: { type: 'string' } });
    const names = ['X-Request-Id', 'psu-ip-address', 'PSU-Device-OS', 'PSU-User-Agent', 'Accept-Language'];
    expect(only({ parameters: names.map(header) })).toMatchObject({ methodOverride: false, pathParameters: [], queryParameters: [] });
    expect(only({ parameters: [header('x-http-method-override')] }).methodOverride).toBe(true);
  });

  it('has its answers by status, in the order of the document; ranges and the default one do not count', () => {
    const responses = { '400': { description: 'No.' }, '201': { description: ' Made. ', ...json({ type: 'string' }) } };
    expect(only({ responses: { default: { description: 'Else' }, '5XX': { description: 'Broken' }, ...responses } }).answers).toEqual(
      // Numbers as keys come in the order of numbers in JavaScript.
      [
        { status: 201, description: 'Made.', schema: { type: 'string' } },
        { status: 400, description: 'No.', schema: undefined },
      ],
    );
  });
});

describe('paging', () => {
  const list = { type: 'array', items: ref('Tool') };
  const schemas = (properties: object) => ({
    schemas: { Page: { type: 'object', properties }, Tool: { type: 'object' }, Tools: list, Paging: { type: 'object' } },
  });
  const paged = (properties: object, parameters = [query('page'), query('perPage')], method = 'get') =>
    only({ parameters, responses: { '200': { description: 'A page.', ...json(ref('Page')) } } }, schemas(properties), '/tools', method)
      .items;

  it('is seen in `paging`, one list, and a parameter `page`', () => {
    expect(paged({ paging: ref('Paging'), tools: list })).toEqual({ property: 'tools', schema: ref('Tool') });
  });

  it('is seen where the list is a type of its own, and whatever else a page holds', () => {
    expect(paged({ income: { type: 'number' }, tools: ref('Tools'), paging: ref('Paging') })).toEqual({
      property: 'tools',
      schema: ref('Tool'),
    });
  });

  it('is not seen without any of them, with two lists, or where the method is another one', () => {
    expect(paged({ tools: list })).toBeUndefined();
    expect(paged({ paging: ref('Paging') })).toBeUndefined();
    expect(paged({ paging: ref('Paging'), tools: list, more: list })).toBeUndefined();
    expect(paged({ paging: ref('Paging'), tools: list }, [query('perPage')])).toBeUndefined();
    expect(paged({ paging: ref('Paging'), tools: { type: 'array' } })).toBeUndefined();
    expect(paged({ paging: ref('Paging'), tools: list }, [query('page')], 'post')).toBeUndefined();
  });
});

describe('what cannot be generated is refused', () => {
  /** The problem that a document has; its line is that of `place`. */
  const refused = (document: Node, place: Path) => {
    const problem = problemOf(() => modelOf(document));
    expect(problem.file).toBe(fileName);
    const lines = print(document).split('\n');
    const line = lineOf({ text: print(document) }, place);
    expect([problem.line, lines[(problem.line ?? 0) - 1]]).toEqual([line, lines[line - 1]]);
    return problem.hint === undefined ? problem.message : `${problem.message} (${problem.hint})`;
  };
  /** A document whose second operation is the one at fault. */
  const second = (more: object, path = '/faulty', method = 'post', components: object = {}): Node =>
    documentOf({ '/fine': { get: operation('fine') }, [path]: { [method]: operation('doIt', more) } }, components);
  const at = (...rest: (string | number)[]): Path => ['paths', '/faulty', 'post', ...rest];
  const body = (schema: object, mediaType = 'application/json') => ({ requestBody: { content: { [mediaType]: { schema } } } });
  const object = (...names: string[]) => ({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, {}])) });

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['one with a dash', 'do-it'],
    ['one that begins with a digit', '2fa'],
    ['one with a quote', "do'it"],
    ['one that is no text', 7],
  ])('as an operationId: %s', (_, operationId) => {
    expect(refused(second({ operationId }), at())).toBe('POST /faulty needs an operationId that can be the name of a method');
  });

  it('an operationId that another operation has', () => {
    expect(refused(second({ operationId: 'fine' }), at('operationId'))).toBe('the operationId fine is taken by GET /fine');
  });

  it.each([
    ['path and query', second({ parameters: [inPath('id'), query('id')] }, '/faulty/{id}'), '/faulty/{id}'],
    ['path and body', second({ parameters: [inPath('id')], ...body(object('kind', 'id')) }, '/faulty/{id}'), '/faulty/{id}'],
    [
      'query and body',
      second({ parameters: [query('id')], ...body(ref('Tool')) }, '/faulty', 'post', { schemas: { Tool: object('id') } }),
      '/faulty',
    ],
    ['query and query', second({ parameters: [query('id'), query('id')] }), '/faulty'],
  ])('one name for two arguments, among %s', (_, document, path) => {
    expect(refused(document, ['paths', path, 'post'])).toMatch(
      /^doIt: the argument id occurs twice among path, query and body \(.*fixes overlay\)$/,
    );
  });

  it('one name for two arguments, where the body has it from allOf', () => {
    const schemas = { Base: object('id'), Tool: { allOf: [ref('Base')], ...object('kind') } };
    expect(refused(second({ parameters: [query('id')], ...body(ref('Tool')) }, '/faulty', 'post', { schemas }), at())).toMatch(
      /^doIt: the argument id occurs twice among path, query and body/,
    );
  });

  it('but not a parameter of the path that the operation has in a form of its own', () => {
    const parameters = [query('kind', { type: 'string' })];
    const { queryParameters } = only({ parameters: [query('kind', { type: 'integer' })] }, {}, '/tools', 'get', { parameters });
    expect(queryParameters).toMatchObject([{ name: 'kind', schema: { type: 'integer' } }]);
  });

  it.each([
    ['in another style', { style: 'deepObject', explode: true }],
    ['separated by spaces', { style: 'spaceDelimited' }],
    ['with all values in one', { explode: false }],
  ])('a query parameter %s', (_, more) => {
    const parameters = [query('fine'), query('kind', { type: 'array', items: {} }, more)];
    expect(refused(second({ parameters }), at('parameters', 1))).toBe('doIt: query parameter kind is not of style form, explode true');
  });

  it('a path parameter in another style', () => {
    const parameters = [inPath('id', { style: 'matrix' })];
    expect(refused(second({ parameters }, '/faulty/{id}'), ['paths', '/faulty/{id}', 'post', 'parameters', 0])).toBe(
      'doIt: path parameter id has style matrix, the client writes simple',
    );
  });

  it('a header that the client has no option for', () => {
    const parameters = [query('fine'), { name: 'X-Colour', in: 'header', schema: {} }];
    expect(refused(second({ parameters }), at('parameters', 1))).toBe('doIt: the client has no option for the header X-Colour');
  });

  it('a cookie', () => {
    const parameters = [{ name: 'session', in: 'cookie', schema: {} }];
    expect(refused(second({ parameters }), at('parameters', 0))).toBe('doIt: parameter session in cookie is not supported');
  });

  it.each([
    ['the operation', {}, { parameters: [query('a'), query('b', {}, { explode: false })] }, ['paths', '/faulty', 'post', 'parameters', 1]],
    ['the path', { parameters: [query('b', {}, { explode: false })] }, { parameters: [query('a')] }, ['paths', '/faulty', 'parameters', 0]],
  ])('a parameter of %s, with its own line where both have some', (_, item, more, place) => {
    const document = documentOf({ '/faulty': { parameters: [query('c')], ...item, post: operation('doIt', more) } });
    expect(refused(document, place)).toMatch(/query parameter b /);
  });

  it('a name in the path without a parameter', () => {
    expect(refused(second({}, '/faulty/{id}'), ['paths', '/faulty/{id}', 'post'])).toBe('doIt: {id} in the path has no parameter');
  });

  it('a path parameter that the path does not name', () => {
    expect(refused(second({ parameters: [inPath('id')] }), at('parameters', 0))).toMatch(/^doIt: .*id/);
  });

  it.each([
    ['of two media types', { requestBody: { content: { ...json({}).content, 'application/xml': { schema: {} } } } }],
    ['of another media type', body(object('id'), 'multipart/form-data')],
    ['without a schema', { requestBody: { content: { 'application/json': {} } } }],
    ['without anything', { requestBody: {} }],
  ])('a body %s', (_, more) => {
    expect(refused(second(more), at('requestBody'))).toBe('doIt: the body must be of one media type, JSON or a form');
  });

  it.each([
    ['a list', { type: 'array', items: { type: 'string' } }],
    ['text', { type: 'string' }],
    ['a map', { type: 'object', additionalProperties: { type: 'string' } }],
    ['a list of its own type', ref('Tools')],
  ])('a body that is %s', (_, schema) => {
    const components = { schemas: { Tools: { type: 'array', items: {} } } };
    expect(refused(second(body(schema), '/faulty', 'post', components), at('requestBody'))).toBe(
      'doIt: the body must be an object with properties',
    );
  });

  it('two successful answers, and none', () => {
    const answers = (...statuses: string[]) => ({ responses: Object.fromEntries(statuses.map((it) => [it, { description: 'x' }])) });
    expect(refused(second(answers('200', '201', '404')), at('responses'))).toBe('doIt: expected one successful answer, found 2');
    expect(refused(second(answers('404')), at('responses'))).toBe('doIt: expected one successful answer, found 0');
  });

  it.each([
    ['of two media types', { ...json({}).content, 'application/xml': {} }],
    ['that is no JSON', { 'text/html': { schema: {} } }],
  ])('an answer %s', (_, content) => {
    const responses = { '200': { description: 'x' }, '404': { description: 'x', content } };
    expect(refused(second({ responses }), at('responses', '404'))).toBe('doIt: the answer 404 is not of one JSON media type');
  });

  it.each([['none'], [''], ['The real one, for paying customers'], ['2nd']])('a server whose name is %j', (description) => {
    const server = { url: 'https://try.shed.test', ...(description === 'none' ? {} : { description }) };
    const document = documentOf({}, {}, { servers: [{ url: 'https://shed.test', description: 'Live' }, server] });
    expect(refused(document, ['servers', 1])).toMatch(
      /^https:\/\/try\.shed\.test: a server needs a short name as its description \(give it one in overlays\/docs: target: \$\.servers\[\d\], update: \{ description: Sandbox \}\)$/,
    );
  });

  it.each([
    ['two servers of one name', { servers: ['https://a.test', 'https://b.test'].map((url) => ({ url, description: 'Live' })) }],
    ['two tags of one name in code', { tags: [{ name: 'Hand Tools' }, { name: 'Hand tools' }] }],
    ['a tag that begins with a digit', { tags: [{ name: '2nd hand' }] }],
    ['a tag that is called like a property of the client', { tags: [{ name: 'Admin' }] }],
  ])('%s', (_, more) => {
    const tags = (more as { tags?: { name: string }[] }).tags ?? [];
    const paths = Object.fromEntries(tags.map(({ name }, index) => [`/${index}`, { get: operation(`do${index}`, { tags: [name] }) }]));
    expect(problemsOf(() => modelOf(documentOf(paths, {}, more)))).not.toEqual([]);
  });

  it('all at once: every fault is reported, in the order of the document', () => {
    const document = documentOf(
      {
        '/a': { get: operation('a', { parameters: [query('x', {}, { explode: false })] }), post: operation('a') },
        '/b/{id}': { get: operation('b', { responses: {} }) },
      },
      {},
      { servers: [{ url: 'https://shed.test' }] },
    );
    const problems = problemsOf(() => buildModel(file(fileName, document)));
    expect(problems.map(({ message }) => message.slice(0, 30))).toEqual([
      'a: query parameter x is not of',
      'the operationId a is taken by ',
      'b: {id} in the path has no par',
      'b: expected one successful ans',
      'https://shed.test: a server ne',
    ]);
    expect(new Set(problems.map(({ line }) => line)).size).toBe(5);
  });
});
