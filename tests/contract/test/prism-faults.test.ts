// Faults of Prism 5.16 that the mock overlay or these tests work around, each on Prism itself.
// A test that fails here is good news: Prism has mended the fault, and the workaround in the test's name can go.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Node } from '@finapi-ts/scripts/grammar';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mock, serve } from '../src/server.ts';

const integer = { type: 'integer' };
const inPath = (name: string, schema: Node): Node => ({ name, in: 'path', required: true, schema });
const json = (schema: Node, more: Node = {}): Node => ({ description: 'JSON', content: { 'application/json': { schema, ...more } } });
const saying = (word: string): Node => ({ 200: json({ type: 'string', enum: [word] }), 400: json({ type: 'string' }) });
const body = (schema: Node): Node => ({ required: true, content: { 'application/json': { schema } } });
const hundred = Array.from({ length: 100 }, (_, index) => `property${index}`);

const document = {
  openapi: '3.0.3',
  info: { title: 'Faults', version: '1' },
  paths: {
    '/twins/{id}': { get: { parameters: [inPath('id', integer)], responses: saying('one') } },
    '/twins/{ids}': { get: { parameters: [inPath('ids', { type: 'array', items: integer })], responses: saying('many') } },
    '/lists/{ids}': { get: { parameters: [inPath('ids', { type: 'array', items: integer })], responses: saying('many') } },
    '/objects': { post: { requestBody: body({ type: 'object' }), responses: saying('taken') } },
    '/ids': {
      get: { responses: { 200: { ...json({ type: 'string' }), headers: { 'X-Request-Id': { schema: { type: 'string' } } } } } },
    },
    '/nullable': {
      get: {
        responses: {
          200: json(
            { type: 'object', properties: { kind: { nullable: true, allOf: [{ $ref: '#/components/schemas/Kind' }] } } },
            { example: { kind: null } },
          ),
        },
      },
    },
    '/violations': {
      post: {
        requestBody: body({ type: 'object', properties: Object.fromEntries(hundred.map((name) => [name, integer])) }),
        responses: saying('taken'),
      },
    },
    '/queries': { get: { parameters: [{ name: 'bankIds', in: 'query', schema: integer }], responses: saying('taken') } },
  },
  components: { schemas: { Kind: { type: 'string', enum: ['A', 'B'] } } },
};

let mock: Mock;
beforeAll(async () => {
  mock = await serve(document);
});
afterAll(() => mock.close());

const get = (path: string, init: RequestInit = {}): Promise<Response> =>
  fetch(mock.url + path, { signal: AbortSignal.timeout(5_000), ...init });
const post = (path: string, text: string, init: RequestInit = {}): Promise<Response> =>
  get(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: text, ...init });

/** A program that serves the document it is given and says where. */
const program = `
  import { createLogger } from '@stoplight/prism-core';
  import { getHttpOperationsFromSpec } from '@stoplight/prism-http';
  import { createServer } from '@stoplight/prism-http-server';
  const config = { mock: { dynamic: false }, checkSecurity: true, validateRequest: true, validateResponse: true, isProxy: false, errors: false };
  const components = { logger: createLogger('mock', { level: 'silent' }) };
  const server = createServer(await getHttpOperationsFromSpec(JSON.parse(process.argv[1])), { cors: false, components, config });
  process.stdout.write(await server.listen(0, '127.0.0.1'));
`;

describe.concurrent('Prism', () => {
  it('takes the same one of two paths that differ only in the name of a parameter (lists of ids as concrete paths, mock.yaml)', async () => {
    expect(await (await get('/twins/1')).json()).toBe('many');
    expect(await (await get('/twins/2')).json()).toBe('many');
  });

  it('ends with its process at a comma in an array in a path (lists of ids as concrete paths, mock.yaml)', async () => {
    const signal = AbortSignal.timeout(9_000);
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program, JSON.stringify(document)], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      const ended = once(child, 'close', { signal });
      ended.catch(() => undefined);
      let complaint = '';
      child.stderr.on('data', (data) => {
        complaint += data;
      });
      const [url] = await once(child.stdout, 'data', { signal });
      const one = await fetch(`${url}/lists/1`, { signal }).then((it) => it.json());
      expect(one).toBe('many');
      await expect(fetch(`${url}/lists/1,2`, { signal })).rejects.toThrow('fetch failed');
      expect(await ended).toEqual([1, null]);
      expect(complaint).toContain('value.split is not a function');
    } finally {
      child.kill();
    }
  }, 10_000);

  it('never answers malformed JSON (no test sends any)', async () => {
    await expect(post('/objects', '{}').then((it) => it.json())).resolves.toBe('taken');
    await expect(post('/objects', '{"name":', { signal: AbortSignal.timeout(1_000) })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  it('answers every X-Request-Id with the word "string" (no test compares the id of an answer with the one sent)', async () => {
    const answer = await get('/ids', { headers: { 'x-request-id': 'mine' } });
    expect(answer.headers.get('x-request-id')).toBe('string');
  });

  it('calls null a violation where a nullable reference allows it (violations of answers are left out, exchange.ts)', async () => {
    const answer = await get('/nullable');
    expect(await answer.json()).toEqual({ kind: null });
    expect(JSON.parse(answer.headers.get('sl-violations') ?? '[]')).toMatchObject([
      { location: ['response', 'body', 'kind'], code: 'enum', severity: 'Error' },
    ]);
  });

  it('cuts sl-violations off above 8 kB, so that it is no JSON (each test breaks one rule, arguments.ts)', async () => {
    const answer = await post('/violations', JSON.stringify(Object.fromEntries(hundred.map((name) => [name, 'text']))));
    const violations = answer.headers.get('sl-violations') ?? '';
    expect(violations).toMatch(/^Too many violations! \[\{/);
    expect(violations.length).toBeLessThanOrEqual(8 * 1024);
    expect(violations).not.toContain('property99');
  });

  it('writes names of a query in lower case in its violations (names are compared in any case, operations.test.ts)', async () => {
    const answer = await get('/queries?bankIds=text');
    expect(JSON.parse(answer.headers.get('sl-violations') ?? '[]')).toMatchObject([{ location: ['request', 'query', 'bankids'] }]);
  });
});
