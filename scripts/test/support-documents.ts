// Small builders that the tests of the pipeline share.

import { isNode, type Node } from '../src/document/grammar.ts';
import { parse, print, type Source } from '../src/document/yaml.ts';
import { InputError, type Problem } from '../src/errors.ts';

/** A file that holds a value, as YAML. */
export function file<T>(name: string, value: T): Source<T> {
  return { file: name, text: print(value), value: structuredClone(value) };
}

/** A file that holds a text, parsed. */
export const fileOf = (name: string, text: string): Source => parse(name, text);

/** The node or value below a place; fails where the place does not exist. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let here = value;
  for (const step of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step))
      throw new Error(`there is no ${path.join(' / ')}, it ends before ${step}`);
    here = (here as Record<string | number, unknown>)[step];
  }
  return here;
}

/** Like `at`, of a place that holds an object. */
export function nodeAt(value: unknown, ...path: readonly (string | number)[]): Node {
  const node = at(value, ...path);
  if (!isNode(node)) throw new Error(`${path.join(' / ')} is no object`);
  return node;
}

/** The keys of an object, in its order. */
export const keysAt = (value: unknown, ...path: readonly (string | number)[]): string[] => Object.keys(nodeAt(value, ...path));

/** The problems of the `InputError` that `run` throws; fails if it throws none, or something else. */
export function problemsOf(run: () => unknown): readonly Problem[] {
  try {
    run();
  } catch (cause) {
    if (cause instanceof InputError) return cause.problems;
    throw cause;
  }
  throw new Error('expected an InputError, but nothing was thrown');
}

/** The one problem that `run` ends with. */
export function problemOf(run: () => unknown): Problem {
  const problems = problemsOf(run);
  const [problem] = problems;
  if (problem === undefined || problems.length > 1) throw new Error(`expected one problem, found ${problems.length}`);
  return problem;
}

/** A complete small API, as its publisher might write it: a lending library, with words, titles and examples. */
export function library(): Node {
  return structuredClone({
    openapi: '3.0.3',
    info: { title: 'Lending library', version: '2.4.0', description: 'Books go out and come back.', contact: { name: 'The librarian' } },
    externalDocs: { url: 'https://library.test/help' },
    servers: [{ url: 'https://library.test', description: 'The real one' }, { url: 'https://try.library.test' }],
    tags: [{ name: 'Loans', description: 'What is out' }, { name: 'Books' }],
    security: [{ library_card: ['all'] }],
    paths: {
      '/loans': {
        post: {
          tags: ['Loans'],
          summary: 'Lend a book',
          description: 'Takes a book off the shelf.',
          operationId: 'lendBook',
          parameters: [
            { $ref: '#/components/parameters/Trace' },
            { name: 'branch', in: 'query', description: 'Which branch', required: true, schema: { type: 'string' }, example: 'north' },
          ],
          requestBody: {
            description: 'The loan',
            required: true,
            content: { 'application/json': { schema: { $ref: '#/components/schemas/Loan' }, example: { days: 3 } } },
          },
          responses: {
            '201': {
              description: 'Lent.',
              headers: { 'X-Trace': { $ref: '#/components/headers/Trace' } },
              content: { 'application/json': { schema: { $ref: '#/components/schemas/Loan' } } },
            },
            '409': { $ref: '#/components/responses/Taken' },
          },
        },
        get: {
          tags: ['Loans'],
          operationId: 'listLoans',
          deprecated: true,
          security: [],
          responses: { default: { description: 'Whatever happens' }, '200': { description: 'All loans' } },
        },
      },
      '/books/{isbn}': {
        parameters: [{ name: 'isbn', in: 'path', required: true, schema: { type: 'string', pattern: '^[0-9-]+$' } }],
        get: {
          tags: ['Books'],
          operationId: 'getBook',
          responses: {
            '200': { description: 'The book', content: { 'application/json': { schema: { $ref: '#/components/schemas/Book' } } } },
          },
        },
      },
    },
    components: {
      securitySchemes: {
        library_card: {
          type: 'oauth2',
          description: 'Show your card.',
          flows: { clientCredentials: { tokenUrl: '/token', scopes: { all: 'Everything', read: 'Looking only' } } },
        },
      },
      headers: { Trace: { description: 'Finds the call again', schema: { type: 'string' } } },
      parameters: {
        Trace: { name: 'X-Trace', in: 'header', description: 'Finds the call again', schema: { type: 'string' } },
        Forgotten: { name: 'forgotten', in: 'query', schema: { type: 'string' } },
      },
      responses: { Taken: { description: 'Somebody has it.' } },
      examples: { Sample: { value: 1 } },
      schemas: {
        Loan: {
          title: 'A loan',
          description: 'Who has which book.',
          type: 'object',
          required: ['days', 'book'],
          properties: {
            days: { type: 'integer', format: 'int32', minimum: 1, maximum: 28, default: 14, description: 'How long', example: 7 },
            book: { $ref: '#/components/schemas/Book' },
            state: { type: 'string', enum: ['OUT', 'BACK', 'LOST'] },
          },
          example: { days: 7 },
        },
        Book: { type: 'object', properties: { isbn: { type: 'string' }, title: { type: 'string' } }, 'x-shelf': { row: 2, hall: 1 } },
        Alone: { type: 'object', description: 'Nobody refers to it.', properties: { note: { type: 'string', nullable: true } } },
      },
    },
  });
}
