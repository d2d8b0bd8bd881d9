// What openapi-fetch does, which the path-based door is made of, and that none of it reaches a caller of either door. Each fault is
// shown on openapi-fetch itself first: where such a test fails, upstream has mended it.
import createClient from 'openapi-fetch';
import { describe, expect, it } from 'vitest';
import { raw } from '../src/generated/access-v1/raw.js';
import { FinapiError } from '../src/index.js';
import { baseUrl, clientOf, failureOf, json, only, recorder, rejectionOf, text } from './support.js';

/** The little of openapi-fetch that these tests use, without its types. */
interface PathClient {
  GET(path: string, init?: object): Promise<{ data?: unknown; error?: unknown; response: Response }>;
  POST(path: string, init?: object): Promise<{ data?: unknown; error?: unknown; response: Response }>;
}

interface Upstream {
  readonly client: PathClient;
  readonly requests: { readonly type: string | null; readonly url: string; readonly body: string }[];
}

function upstream(answer: Response = json(200, {})): Upstream {
  const requests: { type: string | null; url: string; body: string }[] = [];
  const fetch = async (request: Request): Promise<Response> => {
    requests.push({ type: request.headers.get('content-type'), url: request.url, body: await request.text() });
    return answer.clone();
  };
  return { client: createClient<Record<string, never>>({ baseUrl, fetch }) as unknown as PathClient, requests };
}

const token = { grant_type: 'client_credentials', client_id: 'id', client_secret: 'a b' } as const;
const form = 'application/x-www-form-urlencoded';

describe('a form body', () => {
  it('is sent as JSON by openapi-fetch unless the caller sets a header', async () => {
    const { client, requests } = upstream();
    await client.POST('/oauth/token', { body: token });
    expect(only(requests)).toMatchObject({ type: 'application/json', body: JSON.stringify(token) });
  });

  it('is sent as JSON under the name of a form by openapi-fetch where the header has a charset', async () => {
    const { client, requests } = upstream();
    await client.POST('/oauth/token', { body: token, headers: { 'content-type': `${form}; charset=utf-8` } });
    expect(only(requests).type).toContain(form);
    expect(JSON.parse(only(requests).body)).toEqual(token);
  });

  it('is a form of a named method, without a header', async () => {
    const calls = recorder();
    await clientOf(calls).authorization.getToken(token);
    expect(only(calls.sent).headers['content-type']).toBe(form);
    expect(only(calls.sent).body).toBe('grant_type=client_credentials&client_id=id&client_secret=a%20b');
  });

  it('is a form of the path-based door, without a header', async () => {
    const calls = recorder();
    await raw(clientOf(calls)).POST('/oauth/token', { body: token });
    expect(only(calls.sent).headers['content-type']).toBe(form);
    expect(only(calls.sent).body).toBe('grant_type=client_credentials&client_id=id&client_secret=a%20b');
  });

  it.each(['method', 'door'] as const)('stays a form of the %s under a header with a charset', async (way) => {
    const calls = recorder();
    const headers = { 'Content-Type': `${form}; charset=utf-8` };
    if (way === 'method') await clientOf(calls).authorization.getToken(token, { headers });
    else await raw(clientOf(calls)).POST('/oauth/token', { body: token, headers });
    expect(only(calls.sent).headers['content-type']).toBe(headers['Content-Type']);
    expect(only(calls.sent).body).toBe('grant_type=client_credentials&client_id=id&client_secret=a%20b');
  });
});

describe('undefined and null', () => {
  const body = { ...token, username: undefined, password: null };

  it('go out as words in a form of openapi-fetch', async () => {
    const { client, requests } = upstream();
    await client.POST('/oauth/token', { body, headers: { 'content-type': form } });
    const fields = new URLSearchParams(only(requests).body);
    expect([fields.get('username'), fields.get('password')]).toEqual(['undefined', 'null']);
  });

  it('leave the template itself in a path of openapi-fetch', async () => {
    const { client, requests } = upstream();
    await client.GET('/api/v1/accounts/{id}', { params: { path: { id: undefined } } });
    expect(decodeURI(only(requests).url)).toBe(`${baseUrl}/api/v1/accounts/{id}`);
  });

  it('do not travel in a form of a named method', async () => {
    const calls = recorder();
    await clientOf(calls).authorization.getToken(body as unknown as typeof token);
    expect(only(calls.sent).body).not.toMatch(/undefined|null|username|password/);
  });

  it('do not travel in a form of the path-based door', async () => {
    const calls = recorder();
    await raw(clientOf(calls)).POST('/oauth/token', { body: body as unknown as typeof token });
    expect(only(calls.sent).body).not.toMatch(/undefined|null|username|password/);
  });

  it('are refused in a path by either door, and nothing is sent', async () => {
    const calls = recorder();
    const path = { id: undefined } as unknown as { id: number };
    const refused = { code: 'INVALID_ARGUMENT', operationId: 'getBank' };
    expect(await rejectionOf(clientOf(calls).banks.getBank(path))).toMatchObject(refused);
    expect(await rejectionOf(raw(clientOf(calls)).GET('/api/v1/banks/{id}', { params: { path } }))).toMatchObject(refused);
    expect(calls.sent).toEqual([]);
  });

  it('do not travel in a query of either door', async () => {
    const calls = recorder(json(200, { banks: [] }));
    const query = { ids: [1, undefined, null], search: undefined, location: null } as unknown as { ids: number[] };
    await clientOf(calls).banks.getAndSearchAllBanks(query);
    await raw(clientOf(calls)).GET('/api/v1/banks', { params: { query } });
    expect(calls.sent.map(({ url }) => url.search)).toEqual(['?ids=1', '?ids=1']);
  });
});

describe('a failure without a body', () => {
  const empty = (): Response => new Response(null, { status: 401, headers: { 'content-length': '0' } });

  it('has no error in the answer of openapi-fetch, so that it looks like a success', async () => {
    const { error, data } = await upstream(empty()).client.GET('/api/v1/banks');
    expect({ error, data }).toEqual({ error: undefined, data: undefined });
  });

  it('is thrown by a named method', async () => {
    const calls = recorder(empty());
    const error = await failureOf(clientOf(calls).banks.getBank({ id: 1 }), FinapiError);
    expect({ code: error.code, status: error.status, errors: error.errors }).toEqual({ code: 'UNAUTHORIZED', status: 401, errors: [] });
  });

  it('has an error in the answer of the path-based door', async () => {
    const answer = await raw(clientOf(recorder(empty()))).GET('/api/v1/banks/{id}', { params: { path: { id: 1 } } });
    expect(answer.error).toBeDefined();
    expect('data' in answer).toBe(false);
    expect(answer.response.status).toBe(401);
  });
});

describe('a success that is HTML', () => {
  const html = (): Response => text(200, '<!doctype html><title>Maintenance</title>');

  it('throws a bare SyntaxError out of openapi-fetch', async () => {
    await failureOf(upstream(html()).client.GET('/api/v1/banks'), SyntaxError);
  });

  it('throws a typed error out of a named method', async () => {
    const error = await failureOf(clientOf(recorder(html())).banks.getBank({ id: 1 }), FinapiError);
    expect({ code: error.code, status: error.status, path: error.path }).toEqual({
      code: 'UNREADABLE_ANSWER',
      status: 200,
      path: '/api/v1/banks/{id}',
    });
  });

  it('throws a typed error out of the path-based door', async () => {
    const error = await failureOf(raw(clientOf(recorder(html()))).GET('/api/v1/banks/{id}', { params: { path: { id: 1 } } }), FinapiError);
    expect({ code: error.code, status: error.status, path: error.path }).toEqual({
      code: 'UNREADABLE_ANSWER',
      status: 200,
      path: '/api/v1/banks/{id}',
    });
  });
});

describe('a request to another host', () => {
  it('follows redirects in openapi-fetch', async () => {
    let redirect = '';
    const fetch = async (request: Request): Promise<Response> => {
      redirect = request.redirect;
      return json(200, {});
    };
    await (createClient<Record<string, never>>({ baseUrl, fetch }) as unknown as PathClient).GET('/api/v1/banks');
    expect(redirect).toBe('follow');
  });

  it('is not made by a redirect through either door', async () => {
    const calls = recorder(json(200, { id: 1 }));
    await clientOf(calls).banks.getBank({ id: 1 });
    await raw(clientOf(calls)).GET('/api/v1/banks/{id}', { params: { path: { id: 1 } } });
    expect(calls.sent.map(({ redirect }) => redirect)).toEqual(['manual', 'manual']);
  });
});
