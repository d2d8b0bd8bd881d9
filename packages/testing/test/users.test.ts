import { describe, expect, it } from 'vitest';
import { errorWith, password, stage } from './support.js';

const wrong = { grant_type: 'password', username: 'alice', password: 'wrong-password' };
const right = { ...wrong, password };

describe('wrong passwords', () => {
  it('lock the user at the number that the client configuration names, and void all tokens', async () => {
    const { token, login, sandbox, call } = stage({ maxUserLoginAttempts: 3 });
    const { access_token, refresh_token } = await login();
    for (let attempt = 1; attempt <= 3; attempt++) expect((await token(wrong)).status).toBe(400);
    expect(sandbox.users.get('alice')).toMatchObject({ locked: true, failedLogins: 3 });
    const locked = await token(right);
    expect(locked.status).toBe(423);
    expect(locked.body).toMatchObject(errorWith('LOCKED'));
    expect((await call('GET', '/api/v1/users', access_token)).status).toBe(401);
    expect((await token({ grant_type: 'refresh_token', refresh_token })).status).toBe(400);
  });

  it('count anew after a right one', async () => {
    const { token, sandbox } = stage({ maxUserLoginAttempts: 2 });
    for (const form of [wrong, right, wrong, right]) await token(form);
    expect(sandbox.users.get('alice').locked).toBe(false);
  });

  it('never lock where the number is 0', async () => {
    const { token } = stage({ maxUserLoginAttempts: 0 });
    for (let attempt = 0; attempt < 20; attempt++) await token(wrong);
    expect((await token(right)).status).toBe(200);
  });
});

describe('a password change', () => {
  it('unlocks the user and voids the tokens there were', async () => {
    const { token, login, sandbox, call, clientToken } = stage();
    const { access_token } = await login();
    const client = await clientToken();
    const { body } = await call('POST', '/api/v1/users/requestPasswordChange', client, { userId: 'ALICE' });
    expect(body).toEqual({ userId: 'Alice', userEmail: 'alice@example.com', passwordChangeToken: expect.stringMatching(/^[0-9a-f-]+$/) });
    const change = { userId: 'alice', password: 'another-password', passwordChangeToken: body.passwordChangeToken };
    sandbox.users.lock('alice');
    expect(await call('POST', '/api/v1/users/executePasswordChange', client, change)).toMatchObject({ status: 200, body: '' });
    expect(sandbox.tokens.isValid(access_token)).toBe(false);
    expect((await token(right)).status).toBe(400);
    expect((await token({ ...right, password: 'another-password' })).status).toBe(200);
    // The token of the change is used up.
    expect((await call('POST', '/api/v1/users/executePasswordChange', client, change)).status).toBe(400);
  });

  it('fails without the token of a change, for an unknown user, and with a short password', async () => {
    const { call, clientToken } = stage();
    const client = await clientToken();
    const change = { userId: 'alice', password: 'another-password', passwordChangeToken: '00000000' };
    expect((await call('POST', '/api/v1/users/executePasswordChange', client, change)).status).toBe(400);
    expect((await call('POST', '/api/v1/users/executePasswordChange', client, { ...change, userId: 'bob' })).status).toBe(404);
    expect((await call('POST', '/api/v1/users/executePasswordChange', client, { ...change, password: 'short' })).status).toBe(400);
    expect((await call('POST', '/api/v1/users/requestPasswordChange', client, { userId: 'bob' })).status).toBe(404);
  });

  it('can be made by the test itself', async () => {
    const { login, sandbox, token } = stage();
    const { access_token } = await login();
    sandbox.users.lock('alice');
    sandbox.users.setPassword('Alice', 'another-password');
    expect(sandbox.tokens.isValid(access_token)).toBe(false);
    expect((await token({ ...right, password: 'another-password' })).status).toBe(200);
  });
});

describe('users', () => {
  it('are created, log in, change, and delete themselves', async () => {
    const { call, clientToken, token } = stage();
    const created = await call('POST', '/api/v1/users', await clientToken(), { id: 'Bob', password: 'bobs-password', phone: '123' });
    expect(created).toMatchObject({
      status: 201,
      body: { id: 'Bob', password: 'bobs-password', email: null, phone: '123', isAutoUpdateEnabled: false },
    });
    const bob = (await token({ grant_type: 'password', username: 'bob', password: 'bobs-password' })).body.access_token;
    expect((await call('GET', '/api/v1/users', bob)).body).toMatchObject({ id: 'Bob', password: 'XXXXX' });
    expect((await call('PATCH', '/api/v1/users', bob, { email: 'bob@example.com', phone: '' })).body).toMatchObject({
      email: 'bob@example.com',
      phone: null,
    });
    expect((await call('PATCH', '/api/v1/users', bob, {})).status).toBe(400);
    expect(await call('DELETE', '/api/v1/users', bob)).toMatchObject({ status: 200, body: '' });
    expect((await call('GET', '/api/v1/users', bob)).status).toBe(401);
    expect((await token({ grant_type: 'password', username: 'bob', password: 'bobs-password' })).status).toBe(400);
  });

  it('get a random id and password where the call names none', async () => {
    const { call, clientToken, token } = stage();
    const { body } = await call('POST', '/api/v1/users', await clientToken(), {});
    expect((await token({ grant_type: 'password', username: body.id, password: body.password })).status).toBe(200);
  });

  it('have ids that differ in more than case', async () => {
    const { call, clientToken } = stage();
    const { status, body } = await call('POST', '/api/v1/users', await clientToken(), { id: 'ALICE' });
    expect(status).toBe(422);
    expect(body).toMatchObject(errorWith('ENTITY_EXISTS'));
  });

  it('get no token until they are verified, where the client does not do so itself', async () => {
    const { call, clientToken, token } = stage({ isUserAutoVerificationEnabled: false });
    const client = await clientToken();
    await call('POST', '/api/v1/users', client, { id: 'bob', password: 'bobs-password' });
    const bob = { grant_type: 'password', username: 'bob', password: 'bobs-password' };
    expect((await token({ ...bob, password: 'wrong' })).status).toBe(400);
    expect((await token(bob)).status).toBe(403);
    expect((await call('POST', '/api/v1/users/requestPasswordChange', client, { userId: 'bob' })).status).toBe(422);
    expect((await call('GET', '/api/v1/users/verificationStatus?userId=BOB', client)).body).toEqual({
      userId: 'bob',
      isUserVerified: false,
    });
    expect((await call('POST', '/api/v1/users/verify/BOB', client)).status).toBe(200);
    expect((await token(bob)).status).toBe(200);
    expect((await call('POST', '/api/v1/users/verify/bob', client)).status).toBe(422);
    expect((await call('POST', '/api/v1/users/verify/nobody', client)).status).toBe(404);
  });

  it('are deleted by the client while unverified only', async () => {
    const { call, clientToken, sandbox } = stage();
    sandbox.users.add({ id: 'bob', password, verified: false });
    const client = await clientToken();
    expect((await call('DELETE', '/api/v1/users/bob', client)).status).toBe(200);
    expect((await call('DELETE', '/api/v1/users/bob', client)).status).toBe(404);
    expect((await call('DELETE', '/api/v1/users/alice', client)).status).toBe(422);
  });

  it('are listed and deleted by the admin client', async () => {
    const { call, adminToken, sandbox, login } = stage();
    const { access_token } = await login();
    sandbox.users.add({ id: 'bob', password });
    sandbox.users.add({ id: 'carol', password });
    sandbox.users.lock('carol');
    const admin = await adminToken();
    const list = await call('GET', '/api/v1/mandatorAdmin/getUserList?perPage=2&page=2', admin);
    expect(list.body).toMatchObject({
      users: [{ userId: 'carol', isLocked: true }],
      paging: { page: 2, perPage: 2, pageCount: 2, totalCount: 3 },
    });
    const locked = await call('GET', '/api/v1/mandatorAdmin/getUserList?isLocked=false', admin);
    expect(locked.body.users.map(({ userId }: { userId: string }) => userId)).toEqual(['Alice', 'bob']);
    expect(locked.body.users[0]).toMatchObject({ registrationDate: '2026-03-30', lastActiveDate: '2026-03-30' });
    const deleted = await call('POST', '/api/v1/mandatorAdmin/deleteUsers', admin, { userIds: ['ALICE', 'nobody', 'bob'] });
    expect(deleted.body).toEqual({ deletedUsers: ['Alice', 'bob'], nonDeletedUsers: [] });
    expect(sandbox.users.list().map(({ id }) => id)).toEqual(['carol']);
    expect(sandbox.tokens.isValid(access_token)).toBe(false);
  });

  it('are named when a test asks for one that is not there', () => {
    expect(() => stage().sandbox.users.get('bob')).toThrow('the sandbox has no user bob; it has: Alice');
  });
});

describe('the client configuration', () => {
  it('shows what the sandbox lives by', async () => {
    const { call, clientToken } = stage({ clientTokenLifeS: 600, userTokenLifeS: 0, maxUserLoginAttempts: 7 });
    expect((await call('GET', '/api/v1/clientConfiguration', await clientToken())).body).toMatchObject({
      clientAccessTokensValidityPeriod: 600,
      userAccessTokensValidityPeriod: 0,
      refreshTokensValidityPeriod: 2_592_000,
      maxUserLoginAttempts: 7,
      isUserAutoVerificationEnabled: true,
      isMandatorAdmin: false,
    });
  });

  it('changes the life of tokens that are issued from then on', async () => {
    const { call, clientToken, login, clock } = stage();
    const client = await clientToken();
    const before = await login();
    const { body } = await call('PATCH', '/api/v1/clientConfiguration', client, {
      userAccessTokensValidityPeriod: 60,
      refreshTokensValidityPeriod: 0,
    });
    expect(body).toMatchObject({
      userAccessTokensValidityPeriod: 60,
      refreshTokensValidityPeriod: 0,
      clientAccessTokensValidityPeriod: 3600,
    });
    expect((await login()).expires_in).toBe(before.expires_in);
    await clock.advance(3_600_000);
    expect((await login()).expires_in).toBe(60);
  });

  it('takes 0 or at least a minute', async () => {
    const { call, clientToken } = stage();
    const { status, body } = await call('PATCH', '/api/v1/clientConfiguration', await clientToken(), {
      clientAccessTokensValidityPeriod: 59,
    });
    expect(status).toBe(400);
    expect(body).toMatchObject(errorWith('ILLEGAL_FIELD_VALUE'));
  });

  it('can be set by the test itself, to lives that finAPI would refuse', async () => {
    const { sandbox, token } = stage();
    sandbox.clients.configure('household', { clientTokenLifeS: 2 });
    expect((await token({ grant_type: 'client_credentials' })).body.expires_in).toBe(2);
    expect(() => sandbox.clients.configure('household', { clientTokenLifeS: -1 })).toThrow(
      'clientTokenLifeS is a whole number from 0 on, not -1',
    );
    expect(() => sandbox.clients.get('nobody')).toThrow('the sandbox has no client nobody; it has: household, household-admin');
  });
});

describe('a new client secret', () => {
  it('voids the own tokens of the client, not those of users', async () => {
    const { call, adminToken, clientToken, login, sandbox, token } = stage();
    const [client, user] = [await clientToken(), (await login()).access_token];
    const newClientSecret = 'n'.repeat(36);
    const change = { clientId: 'household', oldClientSecret: sandbox.clients.get('household').clientSecret, newClientSecret };
    expect((await call('POST', '/api/v1/mandatorAdmin/changeClientCredentials', await adminToken(), change)).status).toBe(200);
    expect([client, user].map(sandbox.tokens.isValid)).toEqual([false, true]);
    expect((await token({ grant_type: 'client_credentials' })).status).toBe(401);
    expect((await token({ grant_type: 'client_credentials', client_secret: newClientSecret })).status).toBe(200);
    expect((await call('POST', '/api/v1/mandatorAdmin/changeClientCredentials', await adminToken(), change)).status).toBe(422);
  });
});
