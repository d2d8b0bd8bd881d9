import { describe, expect, it } from 'vitest';
import type { Node } from '../src/document/grammar.ts';
import { importDocument } from '../src/document/import.ts';
import { lineOf, type Path, print, type Source } from '../src/document/yaml.ts';
import { countWords, lint, type Token } from '../src/lint.ts';
import { file, library, nodeAt } from './support-documents.ts';

/** A document that nothing is wrong with. */
const clean = (): Node => ({
  openapi: '3.0.3',
  info: { title: 'Lending library', version: '2.4.0' },
  servers: [{ url: 'https://library.test' }],
  tags: [{ name: 'Books', description: 'All that can be read.' }],
  paths: {
    '/books': {
      get: {
        tags: ['Books'],
        summary: 'List books',
        description: 'All of them.',
        operationId: 'listBooks',
        'x-finapi-token': ['user'],
        security: [],
        responses: { '200': { description: 'The books.' }, '400': { description: 'The question was odd.' } },
      },
    },
    '/books/{isbn}': {
      delete: {
        tags: ['Books'],
        summary: 'Remove a book',
        description: 'Away with it.',
        operationId: 'removeBook',
        'x-finapi-token': [],
        security: [],
        parameters: [{ name: 'isbn', in: 'path', description: 'Which one.', required: true, schema: { type: 'string' } }],
        responses: { '204': { description: 'It is gone.' }, '404': { description: 'It never was.' } },
      },
    },
  },
});

const lintOf = async (document: Node, ignored?: Source) => (await lint(file('spec/library.yaml', document), ignored)).problems;
const ignoring = (entries: unknown): Source => file('spec/lint-ignore.yaml', entries);
const linesOf = (document: Node, path: Path): number => lineOf({ text: print(document) }, path);

describe('lint', () => {
  it('finds nothing wrong with a document that is well made', async () => {
    expect(await lint(file('spec/library.yaml', clean()), undefined)).toEqual({
      problems: [],
      words: { places: 8, undescribed: [] },
      undecided: [],
    });
  });

  it('counts the words of the same document', async () => {
    const document = clean();
    delete nodeAt(document, 'paths', '/books', 'get', 'responses', '200').description;
    const { words } = await lint(file('spec/library.yaml', document), undefined);
    expect(words).toEqual(countWords(document));
    expect(words.undescribed).toEqual([['paths', '/books', 'get', 'responses', '200']]);
  });
});

describe('the token of an operation', () => {
  const withToken = (token: unknown): Node => {
    const document = clean();
    const operation = nodeAt(document, 'paths', '/books/{isbn}', 'delete');
    if (token === undefined) delete operation['x-finapi-token'];
    else operation['x-finapi-token'] = token;
    return document;
  };

  it.each<[Token[]]>([[[]], [['client']], [['user']], [['admin']], [['client', 'user']]])('may be %j', async (token) => {
    expect(await lintOf(withToken(token))).toEqual([]);
  });

  it('must be there: file, line, operation and the way out are named if it is not', async () => {
    const document = withToken(undefined);
    expect(await lintOf(document)).toEqual([
      {
        file: 'spec/library.yaml',
        line: linesOf(document, ['paths', '/books/{isbn}', 'delete']),
        message: 'removeBook: x-finapi-token is missing',
        hint: expect.stringMatching(/overlays\/facts\.yaml.*\[\] for none/),
      },
    ]);
  });

  it.each<[unknown]>([
    ['user'],
    [null],
    [['users']],
    [['User']],
    [['user', 'user']],
    [['user', 1]],
    [[['user']]],
    [{ user: true }],
    [true],
  ])('may not be %j', async (token) => {
    const document = withToken(token);
    expect(await lintOf(document)).toEqual([
      {
        file: 'spec/library.yaml',
        line: linesOf(document, ['paths', '/books/{isbn}', 'delete']),
        message: 'removeBook: x-finapi-token is not a list of client, user, admin',
        hint: expect.stringContaining('overlays/facts.yaml'),
      },
    ]);
  });

  it('is asked for of every operation, whatever its method', async () => {
    const document = clean();
    for (const method of ['put', 'patch', 'head', 'options']) {
      nodeAt(document, 'paths', '/books')[method] = {
        ...nodeAt(document, 'paths', '/books', 'get'),
        operationId: method,
        'x-finapi-token': undefined,
      };
    }
    const found = (await lintOf(document)).map(({ message }) => message).filter((message) => message.includes('x-finapi-token'));
    expect(found.sort()).toEqual(['head', 'options', 'patch', 'put'].map((id) => `${id}: x-finapi-token is missing`));
  });
});

describe("Redocly's rules", () => {
  it('name file, line and rule of what is wrong', async () => {
    const document = clean();
    nodeAt(document, 'paths', '/books/{isbn}', 'delete', 'parameters', 0).schema = { type: 'text' };
    delete nodeAt(document, 'paths', '/books', 'get').summary;
    const problems = await lintOf(document);
    expect(problems).toEqual(
      expect.arrayContaining([
        {
          file: 'spec/library.yaml',
          line: linesOf(document, ['paths', '/books/{isbn}', 'delete', 'parameters', 0, 'schema', 'type']),
          message: expect.stringMatching(/\(struct\)$/),
        },
        {
          file: 'spec/library.yaml',
          line: linesOf(document, ['paths', '/books', 'get']),
          message: expect.stringMatching(/\(operation-summary\)$/),
        },
      ]),
    );
    expect(problems).toHaveLength(2);
  });

  it.each<[string, string, (document: Node) => void]>([
    [
      'a reference to nothing',
      'no-unresolved-refs',
      (document) => (nodeAt(document, 'paths', '/books', 'get', 'responses')['200'] = { $ref: '#/components/responses/Nobody' }),
    ],
    [
      'a type that is none',
      'struct',
      (document) => (nodeAt(document, 'paths', '/books/{isbn}', 'delete', 'parameters', 0).schema = { type: 'text' }),
    ],
    [
      'a parameter of a path that the path does not have',
      'path-parameters-defined',
      (document) => (nodeAt(document, 'paths', '/books/{isbn}', 'delete', 'parameters', 0).name = 'id'),
    ],
    ['an operation without an id', 'operation-operationId', (document) => delete nodeAt(document, 'paths', '/books', 'get').operationId],
    ['a tag without words', 'tag-description', (document) => delete nodeAt(document, 'tags', 0).description],
    [
      'identical paths',
      'no-identical-paths',
      (document) =>
        (nodeAt(document, 'paths')['/books/{id}'] = {
          get: {
            ...nodeAt(document, 'paths', '/books', 'get'),
            operationId: 'getBook',
            parameters: [{ name: 'id', in: 'path', required: true, description: 'x', schema: { type: 'string' } }],
          },
        }),
    ],
    ['an operation whose security is open', 'security-defined', (document) => delete nodeAt(document, 'paths', '/books', 'get').security],
    [
      'a shared part that nobody uses',
      'no-unused-components',
      (document) => (document.components = { schemas: { Alone: { type: 'string' } } }),
    ],
  ])('find %s', async (_, rule, spoil) => {
    const document = clean();
    spoil(document);
    const problems = await lintOf(document);
    expect(problems.map(({ message }) => /\(([\w-]+)\)$/.exec(message)?.[1])).toContain(rule);
    for (const { file, line } of problems) expect([file, (line ?? 0) > 0]).toEqual(['spec/library.yaml', true]);
  });

  it('are not asked about a license, ambiguous paths and a single reference in allOf', async () => {
    const document = clean();
    const operation = (id: string, name: string): Node => ({
      ...nodeAt(document, 'paths', '/books', 'get'),
      operationId: id,
      parameters: [{ name, in: 'path', required: true, description: 'x', schema: { type: 'string' } }],
    });
    Object.assign(nodeAt(document, 'paths'), { '/{a}/x': { get: operation('one', 'a') }, '/y/{b}': { get: operation('two', 'b') } });
    document.components = { schemas: { Kind: { type: 'string' }, It: { allOf: [{ $ref: '#/components/schemas/Kind' }] } } };
    nodeAt(document, 'paths', '/books', 'get', 'responses', '200').content = {
      'application/json': { schema: { $ref: '#/components/schemas/It' } },
    };
    expect(await lintOf(document)).toEqual([]);
  });

  it('tell their messages without quotes of Markdown', async () => {
    const document = clean();
    delete nodeAt(document, 'tags', 0).description;
    expect((await lintOf(document)).map(({ message }) => message).join()).not.toContain('`');
  });
});

describe('the file of ignored places', () => {
  const unsummarized = (): Node => {
    const document = clean();
    delete nodeAt(document, 'paths', '/books', 'get').summary;
    return document;
  };
  const pointer = '#/paths/~1books/get/summary';

  it('lets the rule be broken at the place named', async () => {
    expect(await lintOf(unsummarized())).toHaveLength(1);
    expect(await lintOf(unsummarized(), ignoring({ 'operation-summary': [pointer] }))).toEqual([]);
  });

  it('does not let it be broken at another place, nor another rule at that place', async () => {
    for (const entries of [{ 'operation-summary': ['#/paths/~1books~1{isbn}/delete/summary'] }, { 'operation-description': [pointer] }]) {
      const problems = await lintOf(unsummarized(), ignoring(entries));
      expect(problems.map(({ file }) => file).sort()).toEqual(['spec/library.yaml', 'spec/lint-ignore.yaml']);
    }
  });

  it('may not name a place that breaks the rule no longer', async () => {
    expect(await lintOf(clean(), ignoring({ 'operation-summary': [pointer] }))).toEqual([
      { file: 'spec/lint-ignore.yaml', message: expect.stringContaining(`operation-summary ${pointer}`), hint: 'remove the entry' },
    ]);
  });

  it('may be empty', async () => {
    for (const entries of [{}, null, { 'operation-summary': [] }]) expect(await lintOf(clean(), ignoring(entries))).toEqual([]);
  });

  it('does not excuse an operation without a token', async () => {
    const document = clean();
    delete nodeAt(document, 'paths', '/books', 'get')['x-finapi-token'];
    expect(await lintOf(document, ignoring({ 'x-finapi-token': ['#/paths/~1books/get'] }))).toHaveLength(2);
  });
});

describe('countWords', () => {
  const word = 'words';
  const withSchemas = (schemas: Node): Node => ({ components: { schemas } });
  const withOperation = (operation: Node): Node => ({ paths: { '/x': { get: { summary: word, description: word, ...operation } } } });

  it.each<[string, Node, Path]>([
    ['a tag', { tags: [{ name: 'Books' }] }, ['tags', 0]],
    ['a schema', withSchemas({ Book: { type: 'object' } }), ['components', 'schemas', 'Book']],
    ['a shared parameter', { components: { parameters: { P: { name: 'p', in: 'query' } } } }, ['components', 'parameters', 'P']],
    ['a shared header', { components: { headers: { H: {} } } }, ['components', 'headers', 'H']],
    ['a shared response', { components: { responses: { R: {} } } }, ['components', 'responses', 'R']],
  ])('counts %s, which needs words', (_, document, path) => {
    expect(countWords(document)).toEqual({ places: 1, undescribed: [path] });
    nodeAt(document, ...path).description = word;
    expect(countWords(document)).toEqual({ places: 1, undescribed: [] });
  });

  it.each<[string, Node, Path]>([
    ['a parameter', { parameters: [{ name: 'p', in: 'query' }] }, ['parameters', 0]],
    ['a response', { responses: { '200': {} } }, ['responses', '200']],
    ['a header', { responses: { '200': { description: word, headers: { H: {} } } } }, ['responses', '200', 'headers', 'H']],
    [
      'a property of a body',
      { requestBody: { content: { 'application/json': { schema: { properties: { a: {} } } } } } },
      ['requestBody', 'content', 'application/json', 'schema', 'properties', 'a'],
    ],
  ])('counts %s of an operation', (_, operation, path) => {
    const { places, undescribed } = countWords(withOperation(operation));
    expect(undescribed).toEqual([['paths', '/x', 'get', ...path]]);
    const document = withOperation(operation);
    nodeAt(document, 'paths', '/x', 'get', ...path).description = word;
    expect(countWords(document)).toEqual({ places, undescribed: [] });
  });

  it('asks an operation for a summary and a description', () => {
    const operation = (node: Node) => countWords({ paths: { '/x': { get: node } } });
    expect(operation({ summary: word, description: word })).toEqual({ places: 1, undescribed: [] });
    for (const node of [{ summary: word }, { description: word }, {}, { summary: '', description: word }])
      expect(operation(node)).toEqual({ places: 1, undescribed: [['paths', '/x', 'get']] });
  });

  it.each(['200', '404', '451', '510'])("does not take HTTP's reason phrase for the words of a response %s", (status) => {
    const published = { openapi: '3.0.3', paths: { '/x': { get: { responses: { [status]: { description: 'x' } } } } } };
    const { document } = importDocument(file('x', published));
    Object.assign(nodeAt(document, 'paths', '/x', 'get'), { summary: word, description: word });
    expect(countWords(document)).toEqual({ places: 2, undescribed: [['paths', '/x', 'get', 'responses', status]] });
    nodeAt(document, 'paths', '/x', 'get', 'responses', status).description = 'What comes back.';
    expect(countWords(document)).toEqual({ places: 2, undescribed: [] });
  });

  it.each(['default', '4XX'])("does not take the importer's placeholder for the words of a response %s", (status) => {
    const published = { openapi: '3.0.3', paths: { '/x': { get: { responses: { [status]: { description: 'x' } } } } } };
    const { document } = importDocument(file('x', published));
    expect(countWords(document).undescribed).toContainEqual(['paths', '/x', 'get', 'responses', status]);
  });

  it('takes no blank text for words', () => {
    for (const description of ['', ' \n\t', null, 5, undefined])
      expect(countWords({ tags: [{ name: 'Books', description }] }).undescribed).toHaveLength(1);
  });

  it('counts properties at every depth, but not what only carries them', () => {
    const schema = {
      description: word,
      properties: {
        list: { description: word, type: 'array', items: { type: 'object', properties: { deep: {} } } },
        all: { description: word, allOf: [{ properties: { of: {} } }] },
      },
      additionalProperties: { type: 'string' },
    };
    expect(countWords(withSchemas({ Book: schema }))).toEqual({
      places: 5,
      undescribed: [
        ['components', 'schemas', 'Book', 'properties', 'list', 'items', 'properties', 'deep'],
        ['components', 'schemas', 'Book', 'properties', 'all', 'allOf', 0, 'properties', 'of'],
      ],
    });
  });

  it('counts a property that is called like a keyword', () => {
    expect(
      countWords(
        withSchemas({
          Book: { description: word, properties: { description: { type: 'string' }, properties: { type: 'string', description: word } } },
        }),
      ),
    ).toEqual({
      places: 3,
      undescribed: [['components', 'schemas', 'Book', 'properties', 'description']],
    });
  });

  it('does not count the items of a property that is called properties', () => {
    expect(
      countWords(
        withSchemas({
          Book: { description: word, properties: { properties: { description: word, type: 'array', items: { type: 'string' } } } },
        }),
      ).undescribed,
    ).toEqual([]);
  });

  it('passes over references, whose words stand where they refer to', () => {
    expect(countWords(withSchemas({ Book: { description: word, properties: { a: { $ref: '#/components/schemas/A' } } } }))).toEqual({
      places: 1,
      undescribed: [],
    });
    expect(
      countWords(
        withOperation({ parameters: [{ $ref: '#/components/parameters/P' }], responses: { '404': { $ref: '#/components/responses/R' } } }),
      ),
    ).toEqual({ places: 1, undescribed: [] });
  });

  it('names what misses words in the order of the document', () => {
    const { undescribed } = countWords(importDocument(file('library.yaml', library())).document);
    expect(undescribed.slice(0, 4)).toEqual([
      ['tags', 0],
      ['tags', 1],
      ['paths', '/loans', 'get'],
      ['paths', '/loans', 'get', 'responses', '200'],
    ]);
  });

  it('counts nothing in an empty document', () => {
    expect(countWords({})).toEqual({ places: 0, undescribed: [] });
  });
});
