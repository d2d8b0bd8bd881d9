// Operations that read or change what the sandbox remembers: users, passwords, client configuration, client secrets.

import type { Api } from './api.js';
import { authorization } from './authorization.js';
import { type Call, callerOf, type Handler, type State } from './call.js';
import type { Client } from './clients.js';
import { Failure } from './failure.js';
import { page } from './paging.js';
import { germanDay } from './timestamps.js';
import type { User } from './users.js';

/** The user as its answers show it; in plain text only to who creates it. */
const shown = ({ none }: Api, { id, email, phone, isAutoUpdateEnabled }: User, password = 'XXXXX'): object => ({
  id,
  password,
  email: email ?? none,
  phone: phone ?? none,
  isAutoUpdateEnabled,
});

function userOf({ users }: State, id: unknown): User {
  const user = users.find(String(id));
  if (user === undefined) throw new Failure(404, 'UNKNOWN_ENTITY', `There is no user ${id}.`);
  return user;
}

function callingClient({ client }: Call): Client {
  if (client === undefined) throw new Failure(403, 'UNAUTHORIZED_ACCESS', 'This takes the token of a client.');
  return client;
}

function checkPassword(password: unknown): string {
  if (typeof password !== 'string' || password.length < 6 || password.length > 128)
    throw new Failure(400, 'ILLEGAL_FIELD_VALUE', 'A password has 6 to 128 characters.');
  return password;
}

const createUser: Handler = (state, call) => {
  const { id = crypto.randomUUID(), password = crypto.randomUUID(), email, phone, isAutoUpdateEnabled } = call.body;
  if (typeof id !== 'string' || !/^[\w\-.+@]{1,36}$/.test(id))
    throw new Failure(400, 'ILLEGAL_FIELD_VALUE', 'An id has 1 to 36 characters out of 0-9 A-Z a-z - _ . + @.');
  if (state.users.find(id) !== undefined) throw new Failure(422, 'ENTITY_EXISTS', `There is a user ${id} already.`);
  const user = state.users.add({
    id,
    password: checkPassword(password),
    verified: callingClient(call).isUserAutoVerificationEnabled,
    email: textOrNull(email),
    phone: textOrNull(phone),
    isAutoUpdateEnabled: isAutoUpdateEnabled === true,
  });
  return shown(call.api, user, user.password);
};

const textOrNull = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const getAuthorizedUser: Handler = (_, call) => shown(call.api, callerOf(call));

const editAuthorizedUser: Handler = ({ users }, call) => {
  const { email, phone, isAutoUpdateEnabled } = call.body;
  if (email === undefined && phone === undefined && isAutoUpdateEnabled === undefined)
    throw new Failure(400, 'MISSING_FIELD', 'At least one field must be set.');
  const changes = {
    ...(email === undefined ? {} : { email: textOrNull(email) }),
    ...(phone === undefined ? {} : { phone: textOrNull(phone) }),
    ...(typeof isAutoUpdateEnabled === 'boolean' ? { isAutoUpdateEnabled } : {}),
  };
  return shown(call.api, users.change(callerOf(call).id, changes));
};

const deleteAuthorizedUser: Handler = ({ users }, call) => {
  users.delete(callerOf(call).id);
  return undefined;
};

const getVerificationStatus: Handler = (state, { query }) => {
  const user = userOf(state, query.get('userId'));
  return { userId: user.id, isUserVerified: user.verified };
};

const verifyUser: Handler = (state, { path }) => {
  const user = userOf(state, path.userId);
  if (user.verified) throw new Failure(422, 'USER_ALREADY_VERIFIED', 'The user is verified already.');
  state.users.verify(user.id);
  return undefined;
};

const deleteUnverifiedUser: Handler = (state, { path }) => {
  const user = userOf(state, path.userId);
  if (user.verified)
    throw new Failure(422, 'USER_ALREADY_VERIFIED', 'The user is verified; only users themselves and admins delete these.');
  state.users.delete(user.id);
  return undefined;
};

/** finAPI encrypts the token with a key of the client's; the sandbox has no such key and gives it as it is used later. */
const requestPasswordChange: Handler = (state, { api, body }) => {
  const user = userOf(state, body.userId);
  if (!user.verified) throw new Failure(422, 'USER_NOT_VERIFIED', 'The user is not verified.');
  const passwordChangeToken = crypto.randomUUID();
  state.passwordChanges.set(user.id.toLowerCase(), passwordChangeToken);
  return { userId: user.id, userEmail: user.email ?? api.none, passwordChangeToken };
};

const executePasswordChange: Handler = (state, { body }) => {
  const user = userOf(state, body.userId);
  const key = user.id.toLowerCase();
  const password = checkPassword(body.password);
  if (state.passwordChanges.get(key) !== body.passwordChangeToken)
    throw new Failure(400, 'INVALID_TOKEN', 'This is not the token of a password change that was asked for.');
  state.passwordChanges.delete(key);
  state.users.setPassword(user.id, password);
  return undefined;
};

const getUserList: Handler = ({ users, bank }, { api: { none }, query }) => {
  const [id, isLocked, isDeleted] = ['userId', 'isLocked', 'isDeleted'].map((name) => query.get(name));
  const found = users
    .list()
    .filter((user) => id === null || user.id.toLowerCase() === id?.toLowerCase())
    .filter((user) => isLocked === null || user.locked === (isLocked === 'true'))
    // Who is deleted is gone without a trace.
    .filter(() => isDeleted !== 'true');
  return page('users', found, query, ({ id: userId, locked, registeredAt, lastActiveAt }) => ({
    userId,
    registrationDate: germanDay(registeredAt),
    deletionDate: none,
    lastActiveDate: lastActiveAt === undefined ? none : germanDay(lastActiveAt),
    bankConnectionCount: bank.list({ userId }).length,
    latestBankConnectionImportDate: none,
    latestBankConnectionDeletionDate: none,
    monthlyStats: query.get('includeMonthlyStats') === 'true' ? [] : none,
    isLocked: locked,
  }));
};

const deleteUsers: Handler = ({ users }, { body }) => {
  const ids: unknown[] = Array.isArray(body.userIds) ? body.userIds : [];
  const found = ids.map((id) => users.find(String(id))).filter((user) => user !== undefined);
  for (const { id } of found) if (users.find(id) !== undefined) users.delete(id);
  return { deletedUsers: [...new Set(found.map(({ id }) => id))].sort(), nonDeletedUsers: [] };
};

const changeClientCredentials: Handler = ({ clients }, { body }) => {
  const { newClientSecret } = body;
  if (typeof newClientSecret !== 'string' || !/^[A-Za-z0-9-]{36}$/.test(newClientSecret))
    throw new Failure(400, 'ILLEGAL_FIELD_VALUE', 'A secret has exactly 36 characters out of 0-9 A-Z a-z -.');
  const client = clients.find(String(body.clientId));
  if (client === undefined || client.clientSecret !== body.oldClientSecret)
    throw new Failure(422, 'ILLEGAL_FIELD_VALUE', 'Client id and secret do not belong together.');
  clients.setSecret(client.clientId, newClientSecret);
  return undefined;
};

/** The mandator's clients move to the other version together. */
const switchApiVersion: Handler = ({ clients }, call) => {
  const version = /^v?([12])$/i.exec(String(call.body.apiVersion))?.[1];
  if (version === undefined) throw new Failure(400, 'ILLEGAL_FIELD_VALUE', 'apiVersion is V1 or V2.', { field: 'apiVersion' });
  for (const { clientId } of clients.list()) clients.configure(clientId, { apiVersion: version === '1' ? 1 : 2 });
  return call.example();
};

/** What finAPI calls the settings that the sandbox lives by. */
const settings = {
  clientAccessTokensValidityPeriod: 'clientTokenLifeS',
  userAccessTokensValidityPeriod: 'userTokenLifeS',
  refreshTokensValidityPeriod: 'refreshTokenLifeS',
} as const;

const callbackUrls = ['userNotificationCallbackUrl', 'userSynchronizationCallbackUrl'] as const;

function configuration(call: Call, client: Client): object {
  const own = Object.fromEntries(Object.entries(settings).map(([theirs, ours]) => [theirs, client[ours]]));
  const { maxUserLoginAttempts, isUserAutoVerificationEnabled } = client;
  const rest = { maxUserLoginAttempts, isUserAutoVerificationEnabled, isMandatorAdmin: client.role === 'admin' };
  const addresses = Object.fromEntries(callbackUrls.map((name) => [name, client[name] ?? call.api.none]));
  return { ...call.api.answers.getClientConfiguration?.body, ...own, ...rest, ...addresses };
}

const getClientConfiguration: Handler = (_, call) => configuration(call, callingClient(call));

const editClientConfiguration: Handler = ({ clients }, call) => {
  const changes: Record<string, number | string | null> = {};
  for (const [theirs, ours] of Object.entries(settings)) {
    const value = call.body[theirs];
    if (value === undefined) continue;
    if (!Number.isInteger(value) || ((value as number) < 60 && value !== 0))
      throw new Failure(400, 'ILLEGAL_FIELD_VALUE', `${theirs} is 0, for no end, or at least 60 seconds.`);
    changes[ours] = value as number;
  }
  for (const name of callbackUrls) if (call.body[name] !== undefined) changes[name] = textOrNull(call.body[name]);
  const client = clients.configure(callingClient(call).clientId, changes);
  return configuration(call, client);
};

/** By operation id. */
export const stateful: Readonly<Record<string, Handler>> = {
  ...authorization,
  createUser,
  getAuthorizedUser,
  editAuthorizedUser,
  deleteAuthorizedUser,
  getVerificationStatus,
  verifyUser,
  deleteUnverifiedUser,
  requestPasswordChange,
  executePasswordChange,
  getUserList,
  deleteUsers,
  changeClientCredentials,
  switchApiVersion,
  getClientConfiguration,
  editClientConfiguration,
};
