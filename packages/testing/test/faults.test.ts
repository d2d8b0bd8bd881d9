import { describe, expect, it } from 'vitest';
import { createSandbox } from '../src/index.js';
import { read, stage } from './support.js';

const grant = { grant_type: 'client_credentials' };

describe('a fault', () => {
  it('answers in place of the sandbox as often as it says', async () => {
    const { sandbox, token } = stage();
    const fault = sandbox.faults.add({ operationId: 'getToken', status: 503, times: 2 });
    const answer = await token(grant);
    expect(answer.status).toBe(503);
    expect(answer.body).toMatchObject({ errors: [{ code: 'UNEXPECTED_ERROR' }], endpoint: 'POST /oauth/token' });
    expect(answer.headers.get('x-request-id')).toBe(sandbox.log[0]?.requestId);
    expect(fault.left).toBe(1);
    expect((await token(grant)).status).toBe(503);
    expect(fault.left).toBe(0);
    expect((await token(grant)).status).toBe(200);
  });

  it('hits only the operation and the grant that it names', async () => {
    const { sandbox, token, login, call } = stage();
    sandbox.faults.add({ operationId: 'getBank', status: 500 });
    sandbox.faults.add({ grant: 'refresh_token', status: 502 });
    const { access_token, refresh_token } = await login();
    expect((await token({ grant_type: 'refresh_token', refresh_token })).status).toBe(502);
    expect((await call('GET', '/api/v1/accounts', access_token)).status).toBe(200);
    expect((await call('GET', '/api/v1/banks/1', access_token)).status).toBe(500);
  });

  it('hits any call where it names none, until it is removed', async () => {
    const { sandbox, call } = stage();
    const fault = sandbox.faults.add({ status: 500, times: Number.POSITIVE_INFINITY });
    for (let i = 0; i < 5; i++) expect((await call('GET', '/api/v1/nothing')).status).toBe(500);
    fault.remove();
    expect((await call('GET', '/api/v1/nothing')).status).toBe(404);
    sandbox.faults.add({ status: 500 });
    sandbox.faults.clear();
    expect((await call('GET', '/api/v1/nothing')).status).toBe(404);
  });

  it('breaks the connection', async () => {
    const { sandbox, token } = stage();
    sandbox.faults.add({ reset: true });
    await expect(token(grant)).rejects.toThrow(TypeError);
    expect(sandbox.log[0]).toMatchObject({ operationId: 'getToken', status: 'reset' });
    expect(sandbox.tokens.list()).toEqual([]);
  });

  it('loses the answer of a call that was handled', async () => {
    const { sandbox, token } = stage();
    sandbox.faults.add({ reset: true, afterHandling: true });
    await expect(token(grant)).rejects.toThrow(TypeError);
    const [issued] = sandbox.tokens.list();
    expect((await token(grant)).body.access_token).toBe(issued?.token);
  });

  it('says when to come back', async () => {
    const { sandbox, token } = stage();
    sandbox.faults.add({ retryAfterS: 7 });
    const { status, headers } = await token(grant);
    expect([status, headers.get('retry-after')]).toEqual([429, '7']);
  });

  it.each([
    ['HTML of its own', { status: 502, html: true }, 'text/html; charset=utf-8', /^<!doctype html>/],
    ['HTML of the test', { status: 200, html: '<p>proxy' }, 'text/html; charset=utf-8', /^<p>proxy$/],
    ['text', { status: 500, body: 'out of order' }, 'text/plain; charset=utf-8', /^out of order$/],
    ['JSON', { status: 200, body: { access_token: 7 } }, 'application/json', /^\{"access_token":7\}$/],
  ])('answers with %s', async (_, fault, type, text) => {
    const { sandbox } = stage();
    sandbox.faults.add(fault);
    const response = await sandbox.fetch(`${sandbox.baseUrl}/oauth/token`, { method: 'POST' });
    expect(response.status).toBe(fault.status);
    expect(response.headers.get('content-type')).toBe(type);
    expect(await response.text()).toMatch(text);
  });

  it('makes a call wait on the clock of the sandbox, before it is handled', async () => {
    const { sandbox, token, clock } = stage();
    sandbox.faults.add({ latencyMs: 5000 });
    let answered = false;
    const answer = token(grant).finally(() => {
      answered = true;
    });
    await clock.advance(4999);
    expect([answered, sandbox.tokens.list().length]).toEqual([false, 0]);
    await clock.advance(1);
    expect(answered).toBe(true);
    expect((await answer).body.expires_in).toBe(3600);
  });

  it('makes an answer wait once the call is handled', async () => {
    const { sandbox, token, clock } = stage();
    sandbox.faults.add({ latencyMs: 5000, afterHandling: true });
    const answer = token(grant);
    await clock.advance(10);
    expect(sandbox.tokens.list()).toHaveLength(1);
    expect(sandbox.log[0]?.status).toBeUndefined();
    await clock.advance(4990);
    expect((await answer).status).toBe(200);
  });

  it('lets a caller give up while it waits', async () => {
    const { sandbox, clock } = stage();
    sandbox.faults.add({ latencyMs: 5000 });
    const controller = new AbortController();
    const answer = sandbox.fetch(`${sandbox.baseUrl}/api/v1/banks`, { signal: controller.signal }).then(read);
    controller.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
    expect(clock.timers).toBe(0);
    expect(sandbox.log[0]?.status).toBeUndefined();
  });

  it('can keep a caller waiting for ever', async () => {
    const sandbox = createSandbox();
    sandbox.faults.add({ latencyMs: Number.POSITIVE_INFINITY });
    const controller = new AbortController();
    let over = false;
    const answer = sandbox.fetch(`${sandbox.baseUrl}/api/v1/banks`, { signal: controller.signal }).finally(() => {
      over = true;
    });
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(over).toBe(false);
    controller.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
  });

  it.each([
    [{ latencyMs: -1 }, 'latencyMs is a number from 0 on, not -1'],
    [{ operationId: 'getBanks' as 'getBank', reset: true }, 'there is no operation getBanks'],
    [{ status: 99 }, 'status is a whole number from 200 to 599, not 99'],
    [{ status: 500, times: 0 }, 'times is a number from 1 on, not 0'],
    [{ times: 3 }, 'a fault says what goes wrong'],
  ])('is refused as %j', (fault, message) => {
    expect(() => stage().sandbox.faults.add(fault)).toThrow(message);
  });
});
