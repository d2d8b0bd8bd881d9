import { FinapiError } from '@finapi-ts/client';
import { type AccessV1, createAccessV1 } from '@finapi-ts/client/access-v1';
import { raw } from '@finapi-ts/client/access-v1/raw';
import { type AccessV2, createAccessV2 } from '@finapi-ts/client/access-v2';
import { readApis, repository } from '@finapi-ts/scripts/apis';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Mock, startMock } from '../src/server.ts';

/** What the mock said of the last request: the operation that it matched, and what the request violated. */
interface Seen {
  readonly operation: string | null;
  readonly violations: readonly { readonly location: readonly string[]; readonly message: string }[];
}

const versions = [
  { id: 'access-v1', create: createAccessV1, tokenPath: '/oauth/token', revokeIn: 'query' },
  { id: 'access-v2', create: createAccessV2, tokenPath: '/api/v2/oauth/token', revokeIn: 'body' },
] as const;

describe.each(versions)('$id', ({ id, create, tokenPath, revokeIn }) => {
  const api = readApis(repository).find((it) => it.id === id);
  if (api === undefined) throw new Error(`spec/apis.json has no ${id}`);

  let mock: Mock;
  let seen: Seen | undefined;
  let prefer: string | undefined;
  let finapi: AccessV1 | AccessV2;

  beforeAll(async () => {
    mock = await startMock(api);
    finapi = create({
      baseUrl: mock.url,
      auth: { client: { identity: 'client', token: 'client-token' } },
      middleware: [
        async (request, next) => {
          const response = await next(prefer === undefined ? request : { ...request, headers: { ...request.headers, prefer } });
          seen = {
            operation: response.headers.get('x-mock-operation'),
            violations: JSON.parse(response.headers.get('sl-violations') ?? '[]'),
          };
          return response;
        },
      ],
    });
  });
  afterAll(() => mock.close());
  beforeEach(() => {
    seen = undefined;
    prefer = undefined;
  });

  const credentials = { client_id: 'id', client_secret: 'secret & more' };

  describe('getToken', () => {
    it.each([
      ['client_credentials', {}],
      ['password', { username: 'alice', password: 'pass=word+1' }],
      ['refresh_token', { refresh_token: 'refresh' }],
    ] as const)('is understood with the grant %s', async (grant_type, rest) => {
      const token = await finapi.authorization.getToken({ grant_type, ...credentials, ...rest });
      expect(token).toMatchObject({ token_type: 'bearer', access_token: expect.any(String), expires_in: expect.any(Number), scope: 'all' });
      expect(seen).toEqual({ operation: 'getToken', violations: [] });
    });

    it('is understood through the path-based door', async () => {
      const { data } = await raw(finapi as AccessV1).POST(tokenPath as '/oauth/token', {
        body: { grant_type: 'client_credentials', ...credentials },
      });
      expect(data?.token_type).toBe('bearer');
      expect(seen).toEqual({ operation: 'getToken', violations: [] });
    });

    it('with an unknown grant is refused for just that', async () => {
      const answer = await finapi.authorization.getToken({ grant_type: 'magic' as 'password', ...credentials }).answer();
      expect(answer).toMatchObject({ ok: false, status: 400 });
      expect(seen?.operation).toBe('getToken');
      expect(seen?.violations.map(({ location }) => location.join('.'))).toContain('request.body.grant_type');
    });

    it('without a secret is refused for just that', async () => {
      const { client_secret: _, ...withoutSecret } = credentials;
      await expect(finapi.authorization.getToken({ grant_type: 'client_credentials', ...withoutSecret } as never)).rejects.toBeInstanceOf(
        FinapiError,
      );
      expect(seen?.violations.map(({ message }) => message).join()).toMatch(/client_secret/);
    });

    it.each([
      [400, 'BAD_REQUEST'],
      [401, 'UNAUTHORIZED'],
      [403, 'FORBIDDEN'],
      [423, 'LOCKED'],
      [500, 'SERVER_ERROR'],
    ] as const)('answered with %i fails with %s', async (status, code) => {
      prefer = `code=${status}`;
      const answer = await finapi.authorization.getToken({ grant_type: 'client_credentials', ...credentials }).answer();
      expect(answer).toMatchObject({ ok: false, status, error: { code, operationId: 'getToken' } });
      expect(seen?.operation).toBe('getToken');
    });
  });

  describe('revokeToken', () => {
    it('is understood, and has no value', async () => {
      await expect(
        finapi.authorization.revokeToken({ token: 'a/token+with=signs', token_type_hint: 'refresh_token' }),
      ).resolves.toBeUndefined();
      expect(seen).toEqual({ operation: 'revokeToken', violations: [] });
    });

    it('with an unknown hint is refused for just that', async () => {
      await finapi.authorization.revokeToken({ token: 't', token_type_hint: 'both' as 'access_token' }).answer();
      expect(seen?.violations.map(({ location }) => location.join('.'))).toContain(`request.${revokeIn}.token_type_hint`);
    });

    it('without a bearer is refused by the mock, as the document demands one', async () => {
      const nobody = create({
        baseUrl: mock.url,
        auth: { client: { identity: 'client', token: 'unused' } },
        middleware: [(request) => fetch(request.url, { method: 'POST', headers: { accept: 'application/json' } })],
      });
      await expect(nobody.authorization.revokeToken({ token: 't' })).rejects.toMatchObject({ code: 'UNAUTHORIZED', status: 401 });
    });

    it.each([400, 403, 500] as const)('answered with %i fails with that status', async (status) => {
      prefer = `code=${status}`;
      await expect(finapi.authorization.revokeToken({ token: 't' }).answer()).resolves.toMatchObject({ ok: false, status });
    });
  });
});
