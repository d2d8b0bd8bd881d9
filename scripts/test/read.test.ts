import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Node } from '../src/document/grammar.ts';
import { parseDocument, type ReadOptions, readDocument } from '../src/document/read.ts';
import { print } from '../src/document/yaml.ts';
import { InputError, type Problem } from '../src/errors.ts';
import { at, library, nodeAt, problemOf, problemsOf } from './support-documents.ts';
import { temporaryFolder } from './support-folder.ts';

const lines = (...text: string[]): string => text.join('\n');
const small = { openapi: '3.0.3', info: { title: 'Harbour', version: '1' }, paths: {} };
const faultOf = (text: string, options?: Pick<ReadOptions, 'limits'>): Problem =>
  problemOf(() => parseDocument('harbour.yaml', text, options));

async function faultOfReading(run: Promise<unknown>): Promise<Problem> {
  const cause: unknown = await run.then(
    () => new Error('expected an InputError, but nothing was thrown'),
    (it: unknown) => it,
  );
  if (!(cause instanceof InputError) || cause.problems.length !== 1) throw cause;
  return cause.problems[0] as Problem;
}

describe('reading a document', () => {
  it('gives the same from YAML, JSON, other indentation, Windows line ends and with a byte order mark', () => {
    const yaml = print(library());
    const forms = [yaml, JSON.stringify(library()), JSON.stringify(library(), null, '\t'), yaml.replaceAll('\n', '\r\n'), `\ufeff${yaml}`];
    for (const form of forms) expect(parseDocument('library.yaml', form).value).toEqual(library());
  });

  it('keeps name and text of the file, and says what it was written in', () => {
    const text = print(small);
    expect(parseDocument('harbour.yaml', text)).toEqual({ file: 'harbour.yaml', text, value: small, written: '3.0', notes: [] });
  });

  it('writes aliases out, so that no two places share an object', () => {
    const text = lines(
      'openapi: 3.0.3',
      'info: {}',
      'paths: {}',
      'components:',
      '  schemas:',
      '    Ship: &ship { type: object, properties: { name: { type: string } } }',
      '    Boat: *ship',
    );
    const { value } = parseDocument('harbour.yaml', text);
    expect(at(value, 'components', 'schemas', 'Boat')).toEqual(at(value, 'components', 'schemas', 'Ship'));
    expect(at(value, 'components', 'schemas', 'Boat')).not.toBe(at(value, 'components', 'schemas', 'Ship'));
  });

  it.each([
    ['no version', 'paths: {}', 1, 'expected Swagger 2.0, OpenAPI 3.0 or 3.1, found neither'],
    ['a later OpenAPI', lines('# later', 'openapi: 3.2.0', 'paths: {}'), 2, 'found openapi: 3.2.0'],
    ['a number for a version', lines('openapi: 3.0', 'paths: {}'), 1, 'found openapi: 3'],
    ['an earlier Swagger', lines('swagger: "1.2"', 'paths: {}'), 1, 'found swagger: 1.2'],
    ['no paths', lines('info: {}', 'openapi: 3.0.3'), 1, '`paths` is missing or no object'],
    ['paths that are a list', lines('openapi: 3.0.3', 'paths: []'), 2, '`paths` is missing or no object'],
    ['a list', '[1]', 1, 'its root is not an object'],
    ['nothing', '', 1, 'the file is empty'],
  ])('refuses %s with file and line', (_, text, line, message) => {
    expect(faultOf(text)).toMatchObject({ file: 'harbour.yaml', line, message: expect.stringContaining(message) });
  });
});

describe('limits', () => {
  it('refuse a text that is too large', () => {
    expect(faultOf(print(small), { limits: { bytes: 20 } })).toEqual({
      file: 'harbour.yaml',
      message: 'larger than 20 bytes, which is refused',
    });
  });

  it('refuse aliases that grow, in a moment', () => {
    const bomb = ['a: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let level = 1; level < 12; level++)
      bomb.push(
        `b${level}: &a${level} [${Array(10)
          .fill(`*a${level - 1}`)
          .join(', ')}]`,
      );
    expect(faultOf(lines('openapi: 3.0.3', 'paths: {}', ...bomb))).toMatchObject({
      message: expect.stringContaining('more than 2000000 values'),
    });
  });

  it('refuse aliases that contain themselves', () => {
    expect(faultOf(lines('openapi: 3.0.3', 'paths: {}', 'x-a: &a [*a]')).message).toMatch(/deeper|alias/);
  });

  it('refuse more aliases than a document needs', () => {
    const many = Array(1200).fill('  - *a');
    expect(faultOf(lines('openapi: 3.0.3', 'paths: {}', 'x-a: &a {}', 'x-b:', ...many))).toMatchObject({
      message: expect.stringContaining('alias'),
    });
  });

  it('refuse a document that is nested too deeply', () => {
    expect(faultOf(`{"openapi":"3.0.3","paths":{"a":${'['.repeat(150)}${']'.repeat(150)}}}`).message).toContain('nesting');
  });

  it('refuse names that would reach into every object', () => {
    expect(faultOf(lines('openapi: 3.0.3', 'paths: { __proto__: {} }')).message).toContain('__proto__');
  });
});

describe('references', () => {
  const referring = (ref: string): string =>
    lines('openapi: 3.0.3', 'paths:', '  /a:', '    get:', '      responses:', '        "200":', `          $ref: '${ref}'`);

  it('to nowhere are refused with their line', () => {
    expect(faultOf(referring('#/components/responses/None'))).toMatchObject({
      line: 7,
      message: expect.stringContaining('#/components/responses/None'),
    });
  });

  it('in a circle are refused', () => {
    const text = lines(
      'openapi: 3.0.3',
      'paths: {}',
      'components:',
      '  schemas:',
      "    A: { $ref: '#/components/schemas/B' }",
      "    B: { $ref: '#/components/schemas/A' }",
    );
    expect(problemsOf(() => parseDocument('harbour.yaml', text)).map(({ line }) => line)).toEqual([5, 6]);
  });

  it('to files are refused', () => {
    expect(faultOf(referring('./other.yaml#/a'))).toMatchObject({
      line: 7,
      message: 'refers to the file ./other.yaml#/a',
      hint: expect.stringContaining('one file'),
    });
  });

  it.each(['https://example.test/a.yaml#/b', '//example.test/a.yaml'])('to other servers are refused: %s', (ref) => {
    expect(faultOf(referring(ref))).toMatchObject({ line: 7, message: `refers to ${ref}`, hint: expect.stringContaining('--remote-refs') });
  });

  it('are left alone in examples, and as names of properties', () => {
    const text = print({
      ...small,
      components: { schemas: { A: { type: 'object', example: { $ref: 'no.yaml' }, properties: { $ref: { type: 'string' } } } } },
    });
    expect(parseDocument('harbour.yaml', text).notes).toEqual([]);
  });

  it('with escapes are followed', () => {
    const text = print({
      ...small,
      paths: { '/a~b/{id}': { get: { responses: { '200': { description: 'OK' } } } } },
      'x-a': 1,
      components: { responses: { Same: { $ref: '#/paths/~1a~0b~1%7Bid%7D/get/responses/200' } } },
    });
    expect(() => parseDocument('harbour.yaml', text)).not.toThrow();
  });
});

describe('Swagger 2.0', () => {
  const swagger = (): Node => ({
    swagger: '2.0',
    info: { title: 'Harbour', version: '1' },
    host: 'harbour.test',
    basePath: '/api',
    schemes: ['https'],
    produces: ['application/json'],
    consumes: ['application/json'],
    securityDefinitions: { card: { type: 'oauth2', flow: 'application', tokenUrl: 'https://harbour.test/token', scopes: { all: '' } } },
    paths: {
      '/ships/{id}': {
        put: {
          operationId: 'setShip',
          parameters: [
            { name: 'id', in: 'path', required: true, type: 'integer', format: 'int64' },
            { name: 'ids', in: 'query', type: 'array', items: { type: 'integer' }, collectionFormat: 'multi' },
            { name: 'ship', in: 'body', required: true, schema: { $ref: '#/definitions/Ship' } },
          ],
          responses: { 200: { description: 'OK', schema: { $ref: '#/definitions/Ship' } } },
        },
      },
    },
    definitions: { Ship: { type: 'object', required: ['name'], properties: { name: { type: 'string', 'x-nullable': true } } } },
  });

  it('is upgraded to OpenAPI 3.0', () => {
    const { value, written } = parseDocument('harbour.yaml', print(swagger()));
    expect(written).toBe('2.0');
    expect(value).toMatchObject({
      openapi: expect.stringMatching(/^3\.0\./),
      servers: [{ url: 'https://harbour.test/api' }],
      components: {
        schemas: { Ship: { required: ['name'], properties: { name: { type: 'string', nullable: true } } } },
        securitySchemes: { card: { flows: { clientCredentials: { tokenUrl: 'https://harbour.test/token' } } } },
      },
    });
    const operation = nodeAt(value, 'paths', '/ships/{id}', 'put');
    expect(operation).toMatchObject({
      parameters: [
        { name: 'id', in: 'path', schema: { type: 'integer', format: 'int64' } },
        { name: 'ids', in: 'query', style: 'form', explode: true, schema: { type: 'array' } },
      ],
      requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Ship' } } } },
      responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Ship' } } } } },
    });
  });

  it('is upgraded where its version is written as a number', () => {
    expect(parseDocument('harbour.yaml', lines('swagger: 2.0', 'info: {}', 'paths: {}')).written).toBe('2.0');
  });

  it('that cannot be upgraded is refused in words', () => {
    const broken = { ...swagger(), paths: { '/a': { get: { parameters: [{ name: 'lost' }], responses: {} } } } };
    expect(faultOf(print(broken))).toMatchObject({
      file: 'harbour.yaml',
      message: expect.stringContaining('cannot be upgraded to OpenAPI 3.0'),
    });
  });
});

describe('reading from a file', () => {
  it('names the file relative to the folder', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'harbour.json'), JSON.stringify(small));
    expect(await readDocument(folder, join(folder, 'harbour.json'))).toMatchObject({ file: 'harbour.json', value: small });
  });

  it.each([
    ['a file that is not there', 'none.yaml', 'there is no such file'],
    ['a folder', 'folder', 'this is a folder'],
    ['bytes that are no text', 'bytes.yaml', 'not UTF-8'],
    ['a file that is too large', 'large.yaml', 'larger than 99 bytes'],
  ])('refuses %s', async (_, name, message) => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'folder'));
    writeFileSync(join(folder, 'bytes.yaml'), Buffer.from([0xff, 0xfe, 0x00]));
    writeFileSync(join(folder, 'large.yaml'), `# ${'x'.repeat(200)}`);
    const fault = await faultOfReading(readDocument(folder, join(folder, name), { limits: { bytes: 99 } }));
    expect(fault).toMatchObject({ file: name, message: expect.stringContaining(message) });
  });

  it('refuses other protocols', async () => {
    expect((await faultOfReading(readDocument('.', 'ftp://harbour.test/a.yaml'))).message).toContain('files, http and https alone');
  });
});

describe('reading over http', () => {
  /** A server of the test's own; gives its address. */
  async function serve(answer: RequestListener): Promise<string> {
    const server = createServer(answer);
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const read = (address: string, options?: ReadOptions) => readDocument('.', address, options);

  it('reads a document and names it by its address, without the query', async () => {
    const address = await serve((_, response) => response.end(print(small)));
    expect(await read(`${address}/harbour.yaml?key=secret`)).toMatchObject({ file: `${address}/harbour.yaml`, value: small });
  });

  it('follows a few redirects', async () => {
    const address = await serve((request, response) => {
      const left = Number(request.url?.slice(1));
      if (left === 0) response.end(print(small));
      else response.writeHead(302, { location: `/${left - 1}` }).end();
    });
    expect((await read(`${address}/5`)).value).toEqual(small);
    expect((await faultOfReading(read(`${address}/6`))).message).toBe('more than 5 redirects');
  });

  it('refuses a redirect to another protocol', async () => {
    const address = await serve((_, response) => response.writeHead(302, { location: 'file:///etc/hosts' }).end());
    expect((await faultOfReading(read(address))).message).toContain('redirects from http:// to file://');
  });

  it('refuses an answer that is an error', async () => {
    const address = await serve((_, response) => response.writeHead(404).end('none'));
    expect(await faultOfReading(read(`${address}/a.yaml`))).toMatchObject({
      file: `${address}/a.yaml`,
      message: 'the server answered 404',
    });
  });

  it('refuses a document that is too large, whether it says so or not', async () => {
    const address = await serve((request, response) => {
      if (request.url === '/said') response.writeHead(200, { 'content-length': '5000' }).end('x'.repeat(5000));
      else {
        response.write('x'.repeat(3000));
        response.end('x'.repeat(3000));
      }
    });
    for (const path of ['/said', '/streamed'])
      expect((await faultOfReading(read(`${address}${path}`, { limits: { bytes: 1000 } }))).message).toBe(
        'larger than 1000 bytes, which is refused',
      );
  });

  it('gives up on a server that never ends', async () => {
    const address = await serve((_, response) => void response.write('openapi: '));
    expect((await faultOfReading(read(address, { limits: { time: 200 } }))).message).toBe('no document within 0.2 seconds');
  });

  it('says that a server cannot be reached', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    expect((await faultOfReading(read(`http://127.0.0.1:${port}/`))).message).toContain('cannot be reached');
  });

  it('refuses text that is not UTF-8, and credentials in an address without showing them', async () => {
    const address = await serve((_, response) => response.end(Buffer.from([0xff, 0xfe])));
    expect((await faultOfReading(read(address))).message).toContain('not UTF-8');
    const fault = await faultOfReading(read(address.replace('//', '//me:secret@')));
    expect(JSON.stringify(fault)).not.toContain('secret');
  });

  it('brings in what is referred to, where that is allowed, and what that refers to', async () => {
    const parts = {
      '/main.yaml': {
        ...small,
        paths: {
          '/a': {
            get: { responses: { '200': { description: 'OK', content: { 'application/json': { schema: { $ref: 'parts.yaml#/Ship' } } } } } },
          },
        },
      },
      '/parts.yaml': { Ship: { type: 'object', properties: { boss: { $ref: '#/Ship' }, port: { $ref: '/more.yaml#/Port' } } } },
      '/more.yaml': { Port: { type: 'string' } },
    };
    const address = await serve((request, response) => response.end(print(parts[request.url as keyof typeof parts])));
    const { value } = await read(`${address}/main.yaml`, { remoteRefs: true });
    expect(value.components).toEqual({
      schemas: {
        Ship: { type: 'object', properties: { boss: { $ref: '#/components/schemas/Ship' }, port: { $ref: '#/components/schemas/Port' } } },
        Port: { type: 'string' },
      },
    });
    expect((await faultOfReading(read(`${address}/main.yaml`))).message).toContain('refers to');
  });

  it('refuses to bring in documents without end', async () => {
    const address = await serve((request, response) => {
      const next = Number(request.url?.slice(1)) + 1;
      const schema = { $ref: `/${next}#/components/schemas/A` };
      response.end(print({ ...small, components: { schemas: { A: { type: 'object', properties: { next: schema } } } } }));
    });
    expect((await faultOfReading(read(`${address}/0`, { remoteRefs: true, limits: { documents: 4 } }))).message).toBe(
      'refers to more than 4 other documents',
    );
  });
});
