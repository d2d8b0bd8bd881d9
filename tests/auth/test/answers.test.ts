// What the token endpoint answers, and what is made of it.
import {
  AuthError,
  type AuthErrorCode,
  clientCredentials,
  clientTokens,
  createAuth,
  password,
  refreshToken,
  revokeToken,
  type TokenAnswer,
} from '@finapi-ts/auth-helpers';
import { createTestClock } from '@finapi-ts/testing';
import { describe, expect, it } from 'vitest';
import { type Answer, client, failureOf, json, scripted, tokens } from '../src/scripted.ts';
import { stage } from '../src/stage.ts';

const asClient = (...answers: readonly Answer[]): Promise<TokenAnswer> => clientCredentials({ ...client, ...scripted(...answers) });
const logIn = (...answers: readonly Answer[]): Promise<TokenAnswer> =>
  password({ ...client, ...scripted(...answers), userId: 'alice', password: 'p' });
const refresh = (...answers: readonly Answer[]): Promise<TokenAnswer> =>
  refreshToken({ ...client, ...scripted(...answers), refreshToken: 'r' });
const revoke = (...answers: readonly Answer[]): Promise<void> =>
  revokeToken({ ...client, ...scripted(...answers), clientToken: 'c', token: 't' });

const codeOf = async (promise: Promise<unknown>): Promise<AuthErrorCode> => (await failureOf(promise)).code;

describe('the kind of a token', () => {
  it.each(['bearer', 'Bearer', 'BEARER', 'bEaReR'])('1 %s is one, whatever the case', async (type) => {
    await expect(asClient(tokens({ token_type: type }))).resolves.toMatchObject({ accessToken: 'access-1' });
  });

  it.each(['mac', 'DPoP', 'Basic', '', 'bearer ', 'bearers', null, undefined, 5, ['bearer'], {}])('1 %j is none', async (type) => {
    expect(await codeOf(asClient(tokens({ token_type: type })))).toBe('PROTOCOL');
  });

  it('1 Bearer is sent, whatever finAPI writes', async () => {
    const { finapi, auth, sandbox } = stage();
    await finapi.as(auth.user('alice')).users.getAuthorizedUser();
    await auth.user('alice').revoke();
    const sent = sandbox.log.filter((it) => it.operationId !== 'getToken').map((it) => it.request.headers['authorization']);
    expect(sent).toHaveLength(3);
    for (const header of sent) expect(header).toMatch(/^Bearer \S+$/);
  });
});

describe('the characters of a token', () => {
  const printable = Array.from({ length: 0x7e - 0x20 }, (_, index) => String.fromCharCode(0x21 + index)).join('');
  const refused = {
    CR: 'a\rb',
    LF: 'a\nb',
    NUL: 'a\0b',
    tab: 'a\tb',
    blank: 'a b',
    'blank at its end': 'a ',
    DEL: 'a\x7fb',
    umlaut: 'aüb',
    'line separator': 'a\u2028b',
    nothing: '',
    '8193 characters': 'x'.repeat(8193),
    number: 5,
    null: null,
    list: ['a'],
    absence: undefined,
  };

  it.each(Object.entries(refused))('2 an access token with %s is refused', async (_, token) => {
    expect(await codeOf(asClient(tokens({ access_token: token })))).toBe('PROTOCOL');
  });

  it.each(Object.entries(refused).filter(([name]) => name !== 'null' && name !== 'absence'))(
    '2 a refresh token with %s is refused',
    async (_, token) => {
      expect(await codeOf(logIn(tokens({ refresh_token: token })))).toBe('PROTOCOL');
      expect(await codeOf(refresh(tokens({ refresh_token: token })))).toBe('PROTOCOL');
    },
  );

  it.each([printable, 'x'.repeat(8192), 'x'])('2 every printable character is taken, and up to 8192 of them', async (token) => {
    const answer = await logIn(tokens({ access_token: token, refresh_token: token }));
    expect([answer.accessToken, answer.refreshToken]).toEqual([token, token]);
  });

  it.each(['a\r\nx: 1', 'a b', 'ü', 'x'.repeat(8193), ''])(
    '2 %j is not sent as the token that vouches for a revocation',
    async (clientToken) => {
      const { fetch, sent } = scripted();
      expect(await codeOf(revokeToken({ ...client, fetch, clientToken, token: 't' }))).toBe('INVALID_ARGUMENT');
      expect(sent).toEqual([]);
    },
  );
});

describe('the life of a token', () => {
  it.each([
    [3600, 3600],
    ['3600', 3600],
    ['12.5', 12.5],
    [0.5, 0.5],
    [0, 0],
    ['0', 0],
    [undefined, 300],
    [null, 300],
  ])('3 %j is taken for %d seconds', async (given, taken) => {
    expect((await asClient(tokens({ expires_in: given }))).expiresInS).toBe(taken);
  });

  it.each([-1, '-1', 'NaN', '', ' ', ' 60', '60 ', '1e3', '0x10', 'Infinity', '1.', '.5', {}, [], [60], true, false])(
    '3 %j is no life',
    async (given) => {
      expect(await codeOf(asClient(tokens({ expires_in: given })))).toBe('PROTOCOL');
    },
  );

  it.each(['NaN', 'Infinity', '-Infinity', '1e999'])('3 %s written as a number is no life', async (given) => {
    const body = `{"access_token":"a","token_type":"bearer","expires_in":${given}}`;
    expect(await codeOf(asClient(json(200, body)))).toBe('PROTOCOL');
  });

  it.each([315_360_001, 1e15, '99999999999999999999'])('3 %s seconds are cut to ten years', async (given) => {
    const clock = createTestClock();
    const source = clientTokens({ ...client, ...scripted(tokens({ expires_in: given })), clock });
    await source.get();
    expect(source.status()).toMatchObject({ state: 'fresh', expiresAt: clock.now() + 315_360_000_000 });
  });

  it('3 zero is for ever', async () => {
    const clock = createTestClock();
    const { fetch, sent } = scripted(tokens({ expires_in: 0 }));
    const source = clientTokens({ ...client, fetch, clock });
    await source.get();
    await clock.advance(1e12);
    expect(await source.get()).toBe('access-1');
    expect(source.status()).toMatchObject({ state: 'fresh', expiresAt: Number.POSITIVE_INFINITY });
    expect(sent).toHaveLength(1);
  });
});

describe('a refusal', () => {
  const bodies = {
    'in the shape of RFC 6749': { error: 'invalid_grant', error_description: 'Refused.' },
    'in the shape of finAPI': { errors: [{ code: 'UNAUTHORIZED_ACCESS', type: 'TECHNICAL' }], date: 'today' },
    'in HTML': '<!doctype html><title>No</title>',
    'with nothing': '',
    'with half of a body': '{"error":"inva',
    'with null': 'null',
    'with a list': '["invalid_grant"]',
    'with an odd error': { error: { code: 'invalid_client' } },
  };
  const meant: readonly [number, AuthErrorCode, AuthErrorCode, AuthErrorCode, AuthErrorCode][] = [
    // status, client credentials, password, refresh token, revocation
    [400, 'PROTOCOL', 'INVALID_CREDENTIALS', 'SESSION_EXPIRED', 'PROTOCOL'],
    [401, 'INVALID_CLIENT', 'INVALID_CLIENT', 'INVALID_CLIENT', 'FORBIDDEN'],
    [403, 'FORBIDDEN', 'USER_UNVERIFIED', 'USER_UNVERIFIED', 'FORBIDDEN'],
    [404, 'PROTOCOL', 'PROTOCOL', 'PROTOCOL', 'PROTOCOL'],
    [423, 'USER_LOCKED', 'USER_LOCKED', 'USER_LOCKED', 'USER_LOCKED'],
    [429, 'RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED', 'RATE_LIMITED'],
    [500, 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
    [502, 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
    [599, 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE'],
  ];

  for (const [status, ...codes] of meant)
    it.each(Object.entries(bodies))(`4 with ${status} %s means the same`, async (_, body) => {
      const answer = (): Response => json(status, body);
      const seen = [
        await codeOf(asClient(answer)),
        await codeOf(logIn(answer)),
        await codeOf(refresh(answer)),
        await codeOf(revoke(answer)),
      ];
      expect(seen).toEqual(codes);
    });

  it.each([
    ['invalid_client', 'INVALID_CLIENT'],
    ['unsupported_grant_type', 'PROTOCOL'],
    ['invalid_request', 'PROTOCOL'],
    ['invalid_grant', 'INVALID_CREDENTIALS'],
  ] as const)('4 with 400 and %s means %s', async (error, code) => {
    expect(await codeOf(logIn(json(400, { error })))).toBe(code);
  });

  it('4 of a client with 400 and invalid_client is one of the client', async () => {
    expect(await codeOf(asClient(json(400, { error: 'invalid_client' })))).toBe('INVALID_CLIENT');
    expect(await codeOf(refresh(json(400, { error: 'invalid_client' })))).toBe('INVALID_CLIENT');
  });

  it.each([
    { error: 'invalid_grant', error_description: 'no' },
    { errors: [{ code: 'LOCKED' }] },
    '<!doctype html>',
    '',
    'null',
    '[]',
    '"access-1"',
    '{}',
    '\u0000',
  ])('4 with status 200, as %j, is no token', async (body) => {
    for (const ask of [asClient, logIn, refresh]) {
      const error = await failureOf(ask(json(200, body)));
      expect({ code: error.code, status: error.status, retryable: error.retryable }).toEqual({
        code: 'PROTOCOL',
        status: 200,
        retryable: false,
      });
    }
  });

  it('4 says status, grant, whether to ask again, and when', async () => {
    const error = await failureOf(logIn(json(503, '', { 'retry-after': '7' })));
    expect(error).toBeInstanceOf(AuthError);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', status: 503, grant: 'password', retryable: true, retryAfterMs: 7000 });
    expect(await failureOf(logIn(json(423, '')))).toMatchObject({ code: 'USER_LOCKED', retryable: false, retryAfterMs: undefined });
  });
});

describe('a refresh token', () => {
  const user = (...answers: readonly Answer[]) => {
    const { fetch, sent } = scripted(...answers);
    const source = createAuth({ ...client, fetch }).user('alice', { session: { refreshToken: 'refresh-0' } });
    return { source, used: () => sent.map(({ form }) => form['refresh_token']) };
  };

  it('7 takes the place of the one before', async () => {
    const { source, used } = user(
      tokens({ access_token: 'a1', refresh_token: 'refresh-1' }),
      tokens({ access_token: 'a2', refresh_token: 'refresh-2' }),
      tokens({ access_token: 'a3' }),
    );
    for (let round = 0; round < 3; round++) await source.get({ force: true });
    expect(used()).toEqual(['refresh-0', 'refresh-1', 'refresh-2']);
    expect(source.session()).toMatchObject({ accessToken: 'a3', refreshToken: 'refresh-2' });
  });

  it.each([undefined, null])('7 stays where the answer has %s', async (none) => {
    const { source, used } = user(tokens({ access_token: 'a1', refresh_token: none }), tokens({ access_token: 'a2', refresh_token: none }));
    for (let round = 0; round < 2; round++) await source.get({ force: true });
    expect(used()).toEqual(['refresh-0', 'refresh-0']);
    expect(source.status().refreshable).toBe(true);
  });

  it.each(['refresh-1', 'not one\n', 5])('8 in the answer to a client is ignored, be it %j', async (refresh_token) => {
    const { fetch, sent } = scripted(() => tokens({ access_token: `a${sent.length}`, refresh_token }));
    const auth = createAuth({ ...client, fetch });
    expect((await asClient(tokens({ refresh_token }))).refreshToken).toBeUndefined();
    await auth.client.get();
    await auth.client.get({ force: true });
    expect(auth.client.status().refreshable).toBe(false);
    expect(sent.map(({ form }) => form['grant_type'])).toEqual(['client_credentials', 'client_credentials']);
  });
});

describe('the id of a request', () => {
  it('25 is the one given, of up to 255 printable characters', async () => {
    for (const requestId of ['x', ' my id ~', 'x'.repeat(255)]) {
      const { fetch, sent } = scripted();
      const { requestId: known } = await clientCredentials({ ...client, fetch, requestId });
      expect([sent[0]?.headers['x-request-id'], known]).toEqual([requestId.trim(), requestId]);
    }
  });

  it.each(['', 'x'.repeat(256), 'ü', 'a\nb', 'a\0', 5])('25 %j is refused, and nothing is sent', async (requestId) => {
    const { fetch, sent } = scripted();
    expect(await codeOf(clientCredentials({ ...client, fetch, requestId: requestId as string }))).toBe('INVALID_ARGUMENT');
    expect(sent).toEqual([]);
  });

  it('25 is made where there is none, another for each request', async () => {
    const { fetch, sent } = scripted();
    for (let round = 0; round < 3; round++) await clientCredentials({ ...client, fetch });
    await revokeToken({ ...client, fetch, clientToken: 'c', token: 't' });
    const ids = sent.map(({ headers }) => headers['x-request-id']);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[\x21-\x7e]{16,255}$/);
  });

  it('25 that finAPI echoes is the one told of, unless it could not be one', async () => {
    const told = async (echo: string): Promise<string | undefined> =>
      (await failureOf(asClient(json(503, '', { 'x-request-id': echo })))).requestId;
    expect(await told('finapi-1')).toBe('finapi-1');
    expect(await told('x'.repeat(256))).toMatch(/^[0-9a-f-]{36}$/);
    expect(await told('\u00fc')).toMatch(/^[0-9a-f-]{36}$/);
    expect((await failureOf(asClient(json(503, '', { 'x-request-id': 'finapi-1' })))).message).toContain('finapi-1');
  });

  it('25 is told with the events', async () => {
    const { auth, events, sandbox } = stage();
    await auth.client.get();
    const [entry] = sandbox.log;
    expect(events.find(({ type }) => type === 'received')).toMatchObject({ requestId: entry?.requestId });
  });
});
