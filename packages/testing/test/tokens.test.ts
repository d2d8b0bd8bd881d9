import { describe, expect, it } from 'vitest';
import { adminSecret, errorWith, password, secret, stage } from './support.js';

const clientGrant = { grant_type: 'client_credentials' };
const userGrant = { grant_type: 'password', username: 'alice', password };

describe('the token endpoint', () => {
  it('gives a client a token, and no refresh token', async () => {
    const { status, body } = await stage().token(clientGrant);
    expect(status).toBe(200);
    expect(body).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 3600, scope: 'all' });
  });

  it('gives a user a token and a refresh token', async () => {
    const { body } = await stage().token(userGrant);
    expect(body).toEqual({
      access_token: expect.any(String),
      token_type: 'bearer',
      expires_in: 3600,
      scope: 'all',
      refresh_token: expect.any(String),
    });
  });

  it.each([
    ['client', clientGrant],
    ['user', userGrant],
  ])('gives the same credentials of a %s the same token while it is valid, with what is left of its life', async (_, grant) => {
    const { token, clock } = stage();
    const first = await token(grant);
    await clock.advance(600_500);
    const second = await token(grant);
    expect(second.body).toEqual({ ...first.body, expires_in: 2999 });
  });

  it('gives another token once the first has expired, and the same refresh token', async () => {
    const { token, clock } = stage();
    const first = await token(userGrant);
    await clock.advance(3_600_000);
    const second = await token(userGrant);
    expect(second.body.access_token).not.toBe(first.body.access_token);
    expect(second.body).toMatchObject({ expires_in: 3600, refresh_token: first.body.refresh_token });
  });

  it('never says 0 of a token whose last second is running', async () => {
    const { token, clock } = stage();
    await token(clientGrant);
    await clock.advance(3_599_500);
    expect((await token(clientGrant)).body.expires_in).toBe(1);
  });

  it('says 0 of a token that never expires, and means it', async () => {
    const { token, clock, call } = stage({ clientTokenLifeS: 0 });
    const { body } = await token(clientGrant);
    expect(body.expires_in).toBe(0);
    await clock.advance(100 * 365 * 24 * 3_600_000);
    expect((await call('GET', '/api/v1/banks', body.access_token)).status).toBe(200);
  });

  it('knows user ids whatever their case', async () => {
    const { token } = stage();
    const first = await token(userGrant);
    const second = await token({ ...userGrant, username: 'ALICE' });
    expect(second.body.access_token).toBe(first.body.access_token);
  });

  it('keeps tokens of two clients for the same user apart', async () => {
    const { token, sandbox } = stage();
    sandbox.clients.add({ clientId: 'other', clientSecret: 'other-secret' });
    const one = await token(userGrant);
    const other = await token({ ...userGrant, client_id: 'other', client_secret: 'other-secret' });
    expect(other.body.access_token).not.toBe(one.body.access_token);
    expect((await token({ grant_type: 'refresh_token', refresh_token: other.body.refresh_token })).status).toBe(400);
  });

  it.each([
    ['an unknown client', { client_id: 'nobody' }],
    ['a wrong secret', { client_secret: 'wrong' }],
  ])('answers 401 to %s', async (_, wrong) => {
    const { status, body } = await stage().token({ ...clientGrant, ...wrong });
    expect(status).toBe(401);
    expect(body).toEqual({ error: 'invalid_client', error_description: expect.any(String) });
  });

  it('does not tell a wrong user, a wrong password and a bad refresh token apart', async () => {
    const { token } = stage();
    const answers = [
      await token({ ...userGrant, password: 'wrong' }),
      await token({ ...userGrant, username: 'nobody' }),
      await token({ grant_type: 'refresh_token', refresh_token: 'made-up' }),
    ];
    for (const { status, body } of answers) {
      expect(status).toBe(400);
      expect(body).toMatchObject(errorWith('UNAUTHORIZED_ACCESS'));
    }
    expect(new Set(answers.map(({ body }) => body.errors[0].message)).size).toBe(1);
  });

  it.each([
    ['an unsupported grant', { grant_type: 'implicit' }],
    ['no grant', {}],
    ['no password', { grant_type: 'password', username: 'alice' }],
    ['no user', { grant_type: 'password', password }],
    ['no refresh token', { grant_type: 'refresh_token' }],
  ])('answers 400 to %s', async (_, form) => {
    expect((await stage().token(form)).status).toBe(400);
  });

  it('reads nothing from the query, and no Basic authorization', async () => {
    const { call, sandbox } = stage();
    const query = new URLSearchParams({ ...clientGrant, client_id: 'household', client_secret: secret });
    expect((await call('POST', `/oauth/token?${query}`)).status).toBe(400);
    const form = { method: 'POST', body: new URLSearchParams(clientGrant) };
    const basic = { authorization: `Basic ${btoa(`household:${secret}`)}` };
    expect((await sandbox.fetch(`${sandbox.baseUrl}/oauth/token`, { ...form, headers: basic })).status).toBe(400);
  });

  it('takes a form, not JSON', async () => {
    const body = { ...clientGrant, client_id: 'household', client_secret: secret };
    expect((await stage().call('POST', '/oauth/token', undefined, body)).status).toBe(415);
  });

  it('gives an admin client an admin token, and no tokens of users', async () => {
    const { token, sandbox } = stage();
    const admin = { client_id: 'household-admin', client_secret: adminSecret };
    const { body } = await token({ ...clientGrant, ...admin });
    expect(sandbox.tokens.find(body.access_token)?.identity).toBe('admin');
    const refused = await token({ ...userGrant, ...admin });
    expect(refused.status).toBe(403);
    expect(refused.body).toMatchObject(errorWith('FORBIDDEN'));
  });
});

describe('a refresh', () => {
  it('brings a new access token without a refresh token, and the old refresh token stays in use', async () => {
    const { token, login, call } = stage();
    const first = await login();
    const refresh = { grant_type: 'refresh_token', refresh_token: first.refresh_token };
    const { body } = await token(refresh);
    expect(body.access_token).not.toBe(first.access_token);
    expect(body).not.toHaveProperty('refresh_token');
    expect((await token(refresh)).status).toBe(200);
    expect((await call('GET', '/api/v1/users', first.access_token)).status).toBe(200);
  });

  it('brings a new refresh token and voids the old one where they rotate', async () => {
    const { token, login } = stage({ rotateRefreshTokens: true });
    const { refresh_token } = await login();
    const { body } = await token({ grant_type: 'refresh_token', refresh_token });
    expect(body.refresh_token).toEqual(expect.any(String));
    expect(body.refresh_token).not.toBe(refresh_token);
    expect((await token({ grant_type: 'refresh_token', refresh_token })).status).toBe(400);
    expect((await token({ grant_type: 'refresh_token', refresh_token: body.refresh_token })).status).toBe(200);
    expect((await login()).refresh_token).not.toBe(refresh_token);
  });

  it('fails once the refresh token has expired, and with an access token in its place', async () => {
    const { token, login, clock } = stage({ refreshTokenLifeS: 7200 });
    const { refresh_token, access_token } = await login();
    expect((await token({ grant_type: 'refresh_token', refresh_token: access_token })).status).toBe(400);
    await clock.advance(7_199_999);
    expect((await token({ grant_type: 'refresh_token', refresh_token })).status).toBe(200);
    await clock.advance(1);
    expect((await token({ grant_type: 'refresh_token', refresh_token })).status).toBe(400);
  });
});

describe('a data call', () => {
  it.each([
    ['a token that was never issued', async () => 'made-up'],
    ['a refresh token', async (it: ReturnType<typeof stage>) => (await it.login()).refresh_token],
    [
      'an expired token',
      async (it: ReturnType<typeof stage>) => {
        const { access_token } = await it.login();
        await it.clock.advance(3_600_000);
        return access_token;
      },
    ],
    [
      'a token that was made void',
      async (it: ReturnType<typeof stage>) => {
        const { access_token } = await it.login();
        it.sandbox.tokens.void(access_token);
        return access_token;
      },
    ],
  ])('is answered with 401 to %s, which the body repeats', async (_, make) => {
    const it = stage();
    const token = await make(it);
    const { status, body } = await it.call('GET', '/api/v1/users', token);
    expect(status).toBe(401);
    expect(body).toEqual({ error: 'invalid_token', error_description: `Invalid access token: ${token}` });
  });

  it('is answered with 401 without a token', async () => {
    const { status, body } = await stage().call('GET', '/api/v1/users');
    expect(status).toBe(401);
    expect(body).toEqual({ error: 'invalid_token', error_description: expect.any(String) });
  });

  it('is answered with 403 to the token of another identity', async () => {
    const { call, login, clientToken, adminToken } = stage();
    const { access_token: user } = await login();
    for (const [target, token] of [
      ['/api/v1/accounts', await clientToken()],
      ['/api/v1/accounts', await adminToken()],
      ['/api/v1/clientConfiguration', user],
      ['/api/v1/mandatorAdmin/getUserList', await clientToken()],
    ] as const) {
      const { status, body } = await call('GET', target, token);
      expect(status).toBe(403);
      expect(body).toMatchObject(errorWith('UNAUTHORIZED_ACCESS'));
    }
  });

  it('takes either token where the operation takes two', async () => {
    const { call, login, clientToken } = stage();
    expect((await call('GET', '/api/v1/banks', await clientToken())).status).toBe(200);
    expect((await call('GET', '/api/v1/banks', (await login()).access_token)).status).toBe(200);
  });
});

describe('a revocation', () => {
  const revoke = async ({ call, clientToken }: ReturnType<typeof stage>, token: string, hint?: string) =>
    call(
      'POST',
      `/oauth/revoke?${new URLSearchParams({ token, ...(hint === undefined ? {} : { token_type_hint: hint }) })}`,
      await clientToken(),
    );

  it('with the hint access_token voids that token only', async () => {
    const it = stage();
    const first = await it.login();
    const { body: second } = await it.token({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
    expect(await revoke(it, first.access_token, 'access_token')).toMatchObject({ status: 200, body: '' });
    expect([first.access_token, second.access_token, first.refresh_token].map(it.sandbox.tokens.isValid)).toEqual([false, true, true]);
  });

  it('with the hint refresh_token voids it and all access tokens of its grant', async () => {
    const it = stage();
    const first = await it.login();
    const { body: second } = await it.token({ grant_type: 'refresh_token', refresh_token: first.refresh_token });
    await revoke(it, first.refresh_token, 'refresh_token');
    expect([first.access_token, second.access_token, first.refresh_token].map(it.sandbox.tokens.isValid)).toEqual([false, false, false]);
  });

  it('without a hint voids the whole grant', async () => {
    const it = stage();
    const first = await it.login();
    await revoke(it, first.access_token);
    expect([first.access_token, first.refresh_token].map(it.sandbox.tokens.isValid)).toEqual([false, false]);
    expect((await it.login()).refresh_token).not.toBe(first.refresh_token);
  });

  it('leaves other users and clients alone', async () => {
    const it = stage();
    it.sandbox.users.add({ id: 'bob', password });
    it.sandbox.clients.add({ clientId: 'other', clientSecret: 'other-secret' });
    const alice = await it.login();
    const { body: bob } = await it.token({ ...userGrant, username: 'bob' });
    const { body: other } = await it.token({ ...userGrant, client_id: 'other', client_secret: 'other-secret' });
    await revoke(it, alice.refresh_token);
    // Not this client's to revoke, and no answer says so.
    expect((await revoke(it, other.refresh_token)).status).toBe(200);
    expect([bob.access_token, other.access_token].map(it.sandbox.tokens.isValid)).toEqual([true, true]);
  });

  it('of an unknown token is answered alike', async () => {
    expect(await revoke(stage(), 'made-up', 'access_token')).toMatchObject({ status: 200, body: '' });
  });

  it('with another hint, or without a token, is answered with 400', async () => {
    const it = stage();
    expect((await revoke(it, 'made-up', 'id_token')).status).toBe(400);
    expect((await it.call('POST', '/oauth/revoke', await it.clientToken())).status).toBe(400);
  });

  it('takes the token of the client, no other', async () => {
    const it = stage();
    const { access_token } = await it.login();
    expect((await it.call('POST', `/oauth/revoke?token=${access_token}`, access_token)).status).toBe(403);
    expect((await it.call('POST', `/oauth/revoke?token=${access_token}`, 'made-up')).status).toBe(401);
    expect(it.sandbox.tokens.isValid(access_token)).toBe(true);
  });
});
