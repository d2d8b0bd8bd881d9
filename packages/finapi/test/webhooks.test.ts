import { FinapiError } from '@finapi-ts/client';
import { describe, expect, it } from 'vitest';
import { CallbackError, parseNotification, parseTaskCallback, parseUserCallback, parseWebFormCallback } from '../src/webhooks.js';
import { aliceOn, failure, failureOf, fake, finapiOn } from './support.js';

const id = '0d5f7f0e-6a0b-4f0e-9b53-6a4c1c6d4f10';
const callback = { webFormId: id, status: 'COMPLETED' };
const request = (body: BodyInit) => new Request('https://shop.example/finapi', { method: 'POST', body });
const formCall = `GET /api/webForms/${id}`;
const form = (status: string) => ({ id, status, url: 'https://form.example', payload: { bankConnectionId: 7 } });

describe('a callback', () => {
  it.each([
    ['a request', () => request(JSON.stringify(callback))],
    ['its text', () => JSON.stringify(callback)],
    ['its bytes', () => Buffer.from(JSON.stringify(callback))],
    ['what a framework made of it', () => callback],
  ])('is read from %s', async (_, make) => {
    expect(await parseWebFormCallback(make())).toMatchObject(callback);
  });

  it.each([
    ['no JSON', '<html>', 'NOT_JSON'],
    ['a list', [callback], 'NOT_JSON'],
    ['nothing', undefined, 'NOT_JSON'],
    ['a request without a body', new Request('https://shop.example/finapi'), 'NOT_JSON'],
    ['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 'NOT_JSON'],
    ['an object that leads back to itself', Object.assign({}, { self: globalThis }), 'NOT_JSON'],
    ['what nests without end', `${'['.repeat(30_000)}`, 'NOT_JSON'],
    ['no id', { status: 'COMPLETED' }, 'WRONG_SHAPE'],
    ['a path in place of an id', { ...callback, webFormId: '../../api/tasks' }, 'WRONG_SHAPE'],
    ['a number in place of a status', { ...callback, status: 1 }, 'WRONG_SHAPE'],
    ['an endless status', { ...callback, status: 'X'.repeat(65) }, 'WRONG_SHAPE'],
  ])('that is none is refused: %s', async (_, input, code) => {
    const error = await failureOf(parseWebFormCallback(input), CallbackError);
    expect(error).toMatchObject({ code, status: 400 });
    expect(error.message).not.toContain('api/tasks');
  });

  it.each([
    ['text', (body: string) => body],
    ['bytes', (body: string) => Buffer.from(body)],
    ['a request', (body: string) => request(body)],
    ['an object', (body: string) => JSON.parse(body) as object],
  ])('that is too large is refused: %s', async (_, make) => {
    const body = JSON.stringify({ ...callback, more: 'ü'.repeat(100) });
    const error = await failureOf(parseWebFormCallback(make(body), { maxBytes: 200 }), CallbackError);
    expect(error).toMatchObject({ code: 'TOO_LARGE', status: 413 });
    expect(await parseWebFormCallback(make(body), { maxBytes: 400 })).toMatchObject(callback);
  });

  it('without an end is not read to it', async () => {
    let cancelled = false;
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(1024).fill(32)),
      cancel: () => {
        cancelled = true;
      },
    });
    const endless = new Request('https://shop.example/finapi', { method: 'POST', body, duplex: 'half' } as RequestInit);
    expect((await failureOf(parseWebFormCallback(endless), CallbackError)).code).toBe('TOO_LARGE');
    expect(cancelled).toBe(true);
  });

  it('that was read before is unreadable', async () => {
    const used = request(JSON.stringify(callback));
    await used.text();
    expect((await failureOf(parseWebFormCallback(used), CallbackError)).code).toBe('UNREADABLE');
  });

  it('cannot change a prototype, nor have its members from one', async () => {
    const { payload } = await parseNotification('{"notificationRuleId":1,"__proto__":{"admin":true},"inner":{"__proto__":{"admin":true}}}');
    expect(Object.hasOwn(payload, '__proto__')).toBe(false);
    expect(Object.assign({}, payload, payload.inner)).not.toHaveProperty('admin');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
    const inherited = Object.create(callback) as object;
    expect((await failureOf(parseWebFormCallback(inherited), CallbackError)).code).toBe('WRONG_SHAPE');
    expect((await parseUserCallback('{"userId":"alice","event":"DELETED","__proto__":{"userId":"bob"}}')).userId).toBe('alice');
  });
});

describe('a form that was finalised', () => {
  it('is confirmed by the form itself', async () => {
    const server = fake({ [formCall]: form('COMPLETED') });
    const claim = await parseWebFormCallback(callback);
    expect(await claim.confirm(aliceOn(server).webForm)).toEqual({ confirmed: true, entity: form('COMPLETED') });
  });

  it('is not where the form says something else', async () => {
    const server = fake({ [formCall]: form('IN_PROGRESS') });
    const claim = await parseWebFormCallback(callback);
    expect(await claim.confirm(aliceOn(server).webForm)).toEqual({ confirmed: false, reason: 'DIFFERS', entity: form('IN_PROGRESS') });
  });

  it('is not where the user has no such form', async () => {
    const server = fake({ [formCall]: failure(404) });
    const claim = await parseWebFormCallback(callback);
    expect(await claim.confirm(aliceOn(server).webForm)).toEqual({ confirmed: false, reason: 'UNKNOWN' });
  });

  it('is neither where finAPI cannot be asked', async () => {
    const server = fake({ [formCall]: failure(403) });
    const claim = await parseWebFormCallback(callback);
    expect((await failureOf(claim.confirm(aliceOn(server).webForm), FinapiError)).code).toBe('FORBIDDEN');
  });
});

describe('a task', () => {
  const taskCall = `GET /api/tasks/${id}`;
  const info = { id, url: 'https://form.example', status: 'NOT_YET_OPENED' };
  const task = { id, status: 'WEB_FORM_REQUIRED', payload: { bankConnectionId: 7, webForm: info } };

  it('gives the address of its form only after it is confirmed', async () => {
    const server = fake({ [taskCall]: task });
    const claim = await parseTaskCallback({ taskId: id, status: 'WEB_FORM_REQUIRED', webForm: { ...info, url: 'https://forged.example' } });
    expect(JSON.stringify(claim)).not.toContain('forged');
    expect(claim.webFormId).toBe(id);
    const confirmation = await claim.confirm(aliceOn(server).webForm);
    expect(confirmation.entity?.payload.webForm?.url).toBe('https://form.example');
    expect(confirmation.confirmed).toBe(true);
  });

  it('is not confirmed with the form of another', async () => {
    const server = fake({ [taskCall]: task });
    const other = { ...info, id: id.replace('0', '1') };
    const claim = await parseTaskCallback({ taskId: id, status: 'WEB_FORM_REQUIRED', webForm: other });
    expect(await claim.confirm(aliceOn(server).webForm)).toMatchObject({ confirmed: false, reason: 'DIFFERS' });
  });

  it('needs no form', async () => {
    const server = fake({ [taskCall]: { ...task, status: 'COMPLETED' } });
    const claim = await parseTaskCallback({ taskId: id, status: 'COMPLETED', webForm: null });
    expect(claim.webFormId).toBeUndefined();
    expect((await claim.confirm(aliceOn(server).webForm)).confirmed).toBe(true);
  });

  it.each([{ webForm: 'x' }, { webForm: {} }, { webForm: [] }])('with something else for a form is refused: %o', async (more) => {
    const parsed = parseTaskCallback({ taskId: id, status: 'WEB_FORM_REQUIRED', ...more });
    expect((await failureOf(parsed, CallbackError)).code).toBe('WRONG_SHAPE');
  });
});

describe('a notification', () => {
  const rule = { id: 5, triggerEvent: 'NEW_TRANSACTIONS', params: {}, callbackHandle: 'alice-1f3a', includeDetails: false };

  it('keeps all that it says, and is confirmed by its rule', async () => {
    const server = fake({ 'GET /api/v2/notificationRules/5': rule, 'GET /api/v1/notificationRules/5': rule });
    const claim = await parseNotification({ notificationRuleId: 5, callbackHandle: 'alice-1f3a', newTransactions: [{ accountId: 1 }] });
    expect(claim.payload.newTransactions).toEqual([{ accountId: 1 }]);
    expect(await claim.confirm(aliceOn(server).access)).toEqual({ confirmed: true, entity: rule });
    expect((await claim.confirm(aliceOn(server).accessV1)).confirmed).toBe(true);
  });

  it('is not confirmed with the handle of another rule', async () => {
    const server = fake({ 'GET /api/v2/notificationRules/5': rule });
    const claim = await parseNotification({ notificationRuleId: 5, callbackHandle: 'bob-77c0' });
    expect(await claim.confirm(aliceOn(server).access)).toMatchObject({ confirmed: false, reason: 'DIFFERS' });
  });

  it('that names no rule is looked up by its handle', async () => {
    const server = fake({ 'GET /api/v2/notificationRules': { notificationRules: [{ ...rule, id: 4, callbackHandle: 'other' }, rule] } });
    const { access } = aliceOn(server);
    expect(await (await parseNotification({ callbackHandle: 'alice-1f3a' })).confirm(access)).toEqual({ confirmed: true, entity: rule });
    expect(await (await parseNotification({ callbackHandle: 'forged' })).confirm(access)).toEqual({ confirmed: false, reason: 'UNKNOWN' });
  });

  it.each([{}, { notificationRuleId: '5' }, { notificationRuleId: -1 }, { callbackHandle: 7 }])(
    'that cannot be one is refused: %o',
    async (input) => {
      expect((await failureOf(parseNotification(input), CallbackError)).code).toBe('WRONG_SHAPE');
    },
  );
});

describe('a user synchronisation', () => {
  const statusCall = 'GET /api/v2/users/verificationStatus';

  it('is confirmed where finAPI no longer knows the user', async () => {
    const server = fake({ [statusCall]: [failure(404), { userId: 'alice', isUserVerified: true }, failure(404)] });
    const { access } = finapiOn(server);
    const claim = await parseUserCallback({ userId: 'alice', event: 'DELETED' });
    expect(await claim.confirm(access)).toBe(true);
    expect(await claim.confirm(access)).toBe(false);
    expect(server.calls(statusCall)[0]?.query.get('userId')).toBe('alice');
    expect(await (await parseUserCallback({ userId: 'alice', event: 'RENAMED' })).confirm(access)).toBe(false);
  });

  it('is neither where finAPI cannot be asked', async () => {
    const { access } = finapiOn(fake({ [statusCall]: failure(500) }));
    const claim = await parseUserCallback({ userId: 'alice', event: 'DELETED' });
    expect((await failureOf(claim.confirm(access), FinapiError)).code).toBe('SERVER_ERROR');
  });
});
