// Broken on purpose: whatever goes wrong between the client, its table and the document, the checks of every operation name it.
import type { ClientRequest, Middleware } from '@finapi-ts/client';
import { createAccessV1 } from '@finapi-ts/client/access-v1';
import { operations as table } from '@finapi-ts/client/access-v1/operations';
import { locate, readApis, readDocument, repository } from '@finapi-ts/scripts/apis';
import type { Node } from '@finapi-ts/scripts/grammar';
import { mockDocument } from '@finapi-ts/scripts/mock';
import { buildModel, type Operation } from '@finapi-ts/scripts/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { argumentsOf } from '../src/arguments.ts';
import { exchange, faultsOf, type LooseClient } from '../src/exchange.ts';
import { type Mock, serve } from '../src/server.ts';
import { createValidator, type Sent } from '../src/validator.ts';

const api = readApis(repository).find(({ id }) => id === 'access-v1');
if (api === undefined) throw new Error('spec/apis.json has no access-v1');

const source = readDocument(repository, locate(repository, api).document, 'run: npm run generate');
const document = source.value as Node;
const served = mockDocument(repository, api);
const model = buildModel({ ...source, value: document });
const validator = createValidator(document);
const create = createAccessV1 as unknown as (options: object) => LooseClient;

function operation(id: string): Operation {
  const found = model.operations.find((it) => it.id === id);
  if (found === undefined) throw new Error(`the document has no ${id}`);
  return found;
}

let mock: Mock;
beforeAll(async () => {
  mock = await serve(served);
});
afterAll(() => mock.close());

/** What the checks of every operation say of a call with the least arguments, sent through a middleware. */
async function faults(id: string, middleware: Middleware = (request, next) => next(request)): Promise<string[]> {
  const it = operation(id);
  return faultsOf(validator, it, await exchange(create, mock.url, it, argumentsOf(model, it).least, {}, { middleware: [middleware] }));
}

/** A middleware that sends another request than the client made. */
const sending =
  (change: (request: ClientRequest) => Partial<ClientRequest>): Middleware =>
  (request, next) =>
    next({ ...request, ...change(request) });

const without = (headers: Readonly<Record<string, string>>, name: string): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([it]) => it !== name));

/** The client takes an entry of the table apart when the call begins; nothing else sees the change. */
function withEntry<T>(id: keyof typeof table, change: object, call: () => T): T {
  const entries = table as Record<string, object>;
  const entry = entries[id] as object;
  entries[id] = { ...entry, ...change };
  try {
    return call();
  } finally {
    entries[id] = entry;
  }
}

/** A copy of a document in which a schema calls a property otherwise. */
function renamed(given: Node, schema: string, from: string, to: string): Node {
  const copy = structuredClone(given);
  const node = (copy.components as { schemas: Record<string, { properties: Node; required: string[] }> }).schemas[schema];
  if (node === undefined) throw new Error(`the document has no schema ${schema}`);
  const { [from]: property, ...others } = node.properties;
  node.properties = { ...others, [to]: property };
  node.required = node.required.map((it) => (it === from ? to : it));
  return copy;
}

describe('a call that is as it should be', () => {
  it.each(['getToken', 'revokeToken', 'getBank', 'createLabel', 'getMultipleBanks'])('has no faults: %s', async (id) => {
    expect(await faults(id)).toEqual([]);
  });
});

describe('the client and the document disagree', () => {
  it('when a property of a body is renamed, our validator and the mock name it', async () => {
    const it = operation('createLabel');
    const other = await serve(renamed(served, 'LabelParams', 'name', 'title'));
    try {
      const done = await exchange(create, other.url, it, argumentsOf(model, it).least);
      const found = faultsOf(createValidator(renamed(document, 'LabelParams', 'name', 'title')), it, done);
      expect(found).toContain("body: must have required property 'title'");
      expect(found.join('\n')).toMatch(/^mock: request\.body.*'title'/m);
    } finally {
      await other.close();
    }
  });

  it('when a property of an answer is renamed, our validator names it', async () => {
    const it = operation('getLabel');
    const done = await exchange(create, mock.url, it, argumentsOf(model, it).least);
    expect(faultsOf(createValidator(renamed(document, 'Label', 'name', 'title')), it, done)).toEqual([
      "body: must have required property 'title'",
    ]);
  });

  it('when a path of the table is wrong, the operation and its path are named', async () => {
    const found = await withEntry('getBank', { path: '/api/v1/bank/{id}' }, () => faults('getBank'));
    expect(found).toContainEqual(expect.stringMatching(/^path: \/api\/v1\/bank\/\d+ is not of the form \/api\/v1\/banks\/\{id\}$/));
    expect(found).toContain('mock: GET /api/v1/banks/{id} is getBank, the call reached no operation');
    expect(await faults('getBank')).toEqual([]);
  });

  it('when a path of the table is that of another operation, both are named', async () => {
    const found = await withEntry('getBank', { path: '/api/v1/labels/{id}' }, () => faults('getBank'));
    expect(found).toContain('mock: GET /api/v1/banks/{id} is getBank, the call reached getLabel');
  });

  it('when a method of the table is wrong, it is named', async () => {
    const found = await withEntry('getLabel', { method: 'PUT' }, () => faults('getLabel'));
    expect(found).toContain('method: PUT');
    expect(found).toContain('mock: GET /api/v1/labels/{id} is getLabel, the call reached no operation');
  });

  it('when the table has a form sent as JSON, our validator and the mock name it', async () => {
    const found = await withEntry('getToken', { body: 'application/json' }, () => faults('getToken'));
    expect(found).toContain('header.Content-Type: application/json');
    expect(found).toContain('mock: request: Supported content types: application/x-www-form-urlencoded');
  });
});

describe('the client sends a request that is not as the document wants it', () => {
  const asOther: [string, string, Middleware, RegExp][] = [
    [
      'a bearer to an operation that takes none',
      'getToken',
      sending(({ headers }) => ({ headers: { ...headers, authorization: 'Bearer leaked' } })),
      /^header\.Authorization: sent to an operation without a token$/,
    ],
    [
      'no bearer to an operation that takes one',
      'getLabel',
      sending(({ headers }) => ({ headers: { ...headers, authorization: 'none' } })),
      /^header\.Authorization: missing$/,
    ],
    [
      'no request id',
      'getLabel',
      sending(({ headers }) => ({ headers: without(headers, 'x-request-id') })),
      /^header\.X-Request-Id: missing or unfit$/,
    ],
    [
      'a query that the document does not know',
      'getAndSearchAllLabels',
      sending(({ url }) => ({ url: `${url}${url.includes('?') ? '&' : '?'}serach=tax` })),
      /^query\.serach: the document does not know it$/,
    ],
    ['a body without a property that it must have', 'createLabel', sending(() => ({ body: '{}' })), /^mock: request\.body.*'name'/],
    [
      'a query of another type',
      'getAndSearchAllLabels',
      sending(({ url }) => ({ url: `${url}?page=first` })),
      /^mock: request\.query\.page: .*integer/,
    ],
  ];
  it.each(asOther)('%s', async (_, id, middleware, named) => {
    expect(await faults(id, middleware)).toContainEqual(expect.stringMatching(named));
  });
});

describe('an answer does not fit its schema', () => {
  const answering =
    (status: number, body: unknown): Middleware =>
    async (request, next) => {
      await next(request);
      return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
    };

  it.each([
    ['lacks a property', { id: 1 }, ["body: must have required property 'name'"]],
    ['has one of another type', { id: 'one', name: 'Tax' }, ['body/id: must be integer']],
    ['is a list', [], ['body: must be object']],
  ])('as it %s', async (_, body, expected) => {
    expect(await faults('getLabel', answering(200, body))).toEqual(expected);
  });

  it('as its status is not declared', async () => {
    expect(await faults('getLabel', answering(202, { id: 1, name: 'Tax' }))).toEqual(['status: 202 is not declared']);
  });
});

describe('the validator', () => {
  const good: Record<string, Sent> = {
    getBank: { method: 'GET', url: '/api/v1/banks/7', headers: bearing(), body: undefined },
    getMultipleBanks: { method: 'GET', url: '/api/v1/banks/1,2,3', headers: bearing(), body: undefined },
    getAndSearchAllLabels: { method: 'GET', url: '/api/v1/labels?ids=1&ids=2&page=1', headers: bearing(), body: undefined },
    createLabel: {
      method: 'POST',
      url: '/api/v1/labels',
      headers: { ...bearing(), 'content-type': 'application/json' },
      body: '{"name":"Tax"}',
    },
    revokeToken: { method: 'POST', url: '/oauth/revoke?token=t', headers: bearing(), body: undefined },
    getToken: {
      method: 'POST',
      url: '/oauth/token',
      headers: { 'x-request-id': 'one', 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials&client_id=id&client_secret=secret%20%26%20more',
    },
  };
  const check = (id: string, change: Partial<Sent> = {}): string[] => {
    const sent = { ...(good[id] as Sent), ...change };
    return validator.request(operation(id), { ...sent, url: `https://example.com${sent.url}` });
  };
  function bearing(): Record<string, string> {
    return { 'x-request-id': 'one', authorization: 'Bearer token' };
  }

  it.each(Object.keys(good))('takes a good request: %s', (id) => {
    expect(check(id)).toEqual([]);
  });

  const bad: [string, string, Partial<Sent>, string][] = [
    ['another method', 'getBank', { method: 'PUT' }, 'method: PUT'],
    ['another path', 'getBank', { url: '/api/v1/bank/7' }, 'path: /api/v1/bank/7 is not of the form /api/v1/banks/{id}'],
    ['an id of another type', 'getBank', { url: '/api/v1/banks/seven' }, 'path.id: must be integer'],
    ['an id of another type in a list', 'getMultipleBanks', { url: '/api/v1/banks/1,two' }, 'path.ids/1: must be integer'],
    ['an unknown query', 'getBank', { url: '/api/v1/banks/7?serach=a' }, 'query.serach: the document does not know it'],
    ['a query of another type', 'getAndSearchAllLabels', { url: '/api/v1/labels?page=first' }, 'query.page: must be integer'],
    ['a missing query', 'revokeToken', { url: '/oauth/revoke' }, 'query.token: missing'],
    ['no request id', 'getBank', { headers: without(bearing(), 'x-request-id') }, 'header.X-Request-Id: missing or unfit'],
    [
      'a request id that is too long',
      'getBank',
      { headers: { ...bearing(), 'x-request-id': 'a'.repeat(256) } },
      'header.X-Request-Id: missing or unfit',
    ],
    ['no bearer', 'getBank', { headers: without(bearing(), 'authorization') }, 'header.Authorization: missing'],
    [
      'a bearer where there must be none',
      'getToken',
      { headers: { ...good.getToken?.headers, ...bearing() } },
      'header.Authorization: sent to an operation without a token',
    ],
    ['a body where there must be none', 'getBank', { body: '{}' }, 'body: there must be none'],
    [
      'another media type',
      'getToken',
      { headers: { ...good.getToken?.headers, 'content-type': 'application/json' } },
      'header.Content-Type: application/json',
    ],
    ['a body without a property', 'createLabel', { body: '{}' }, "body: must have required property 'name'"],
    ['a property of another type', 'createLabel', { body: '{"name":7}' }, 'body/name: must be string'],
    ['a body that is no JSON', 'createLabel', { body: '{"name":' }, 'body: must be object'],
    ['no body at all', 'createLabel', { body: undefined }, 'body: must be object'],
    [
      'a form without a property',
      'getToken',
      { body: 'grant_type=client_credentials&client_id=id' },
      "body: must have required property 'client_secret'",
    ],
  ];
  it.each(bad)('names %s, once', (_, id, change, fault) => {
    expect(check(id, change)).toEqual([fault]);
  });
});
