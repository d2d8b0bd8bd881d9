// `.answer()`: a value in every case, told apart by status.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { operations } from '../src/generated/access-v1/operations.js';
import { type CallOptions, FinapiError } from '../src/index.js';
import { type Answer, bare, clientOf, entry, errorMessage, json, recorder, settled, silence, text, userOf, userToken } from './support.js';

const accountAnswer = (answer: Answer, options: CallOptions = {}) =>
  userOf(recorder(answer), { retry: false })
    .accounts.getAccount({ id: 1 }, { requestId: 'sent-id', ...options })
    .answer();

describe('the answer of a success', () => {
  it('has the value, its status and the id that was echoed', async () => {
    expect(await accountAnswer(json(200, { id: 1 }, { 'x-request-id': 'echoed-id' }))).toEqual({
      ok: true,
      status: 200,
      value: { id: 1 },
      requestId: 'echoed-id',
    });
  });

  it('has the id that was sent where none is echoed', async () => {
    expect(await accountAnswer(json(200, { id: 1 }))).toMatchObject({ ok: true, requestId: 'sent-id' });
  });

  it('has status 201 where something was made', async () => {
    const answer = await clientOf(recorder(json(201, { id: 'alice' })))
      .users.createUser({ id: 'alice' })
      .answer();
    expect(answer).toMatchObject({ ok: true, status: 201, value: { id: 'alice' } });
  });

  it('has no value where the operation gives nothing back', async () => {
    const answer = await userOf(recorder(bare(200)))
      .accounts.deleteAccount({ id: 1 })
      .answer();
    expect(answer).toMatchObject({ ok: true, status: 200, value: undefined });
  });

  it('is the first page of a paged operation', async () => {
    const page = { banks: [{ id: 1 }], paging: { page: 1, perPage: 1, pageCount: 9, totalCount: 9 } };
    const calls = recorder(json(200, page));
    expect(await clientOf(calls).banks.getAndSearchAllBanks().answer()).toMatchObject({ ok: true, status: 200, value: page });
    expect(calls.sent).toHaveLength(1);
  });

  it('comes from the same request as the awaited value', async () => {
    const calls = recorder(json(200, { id: 1 }));
    const call = userOf(calls).accounts.getAccount({ id: 1 });
    const [value, answer, again] = [await call, await call.answer(), await call.answer()];
    expect(answer).toMatchObject({ value });
    expect(again).toEqual(answer);
    expect(calls.sent).toHaveLength(1);
  });
});

describe('the answer of a failure', () => {
  const table: Readonly<
    Record<string, { readonly group: string; readonly token: readonly string[]; readonly errors: readonly number[]; readonly path: string }>
  > = operations;
  const declared = Object.entries(table).flatMap(([id, row]) => row.errors.map((status) => ({ id, row, status })));

  type Method = (
    args: object,
  ) => PromiseLike<unknown> & { answer(): Promise<{ ok: boolean; status: unknown; error: unknown; body: unknown }> };
  const call = ({ id, row: { group, token } }: (typeof declared)[number], answer: Response) => {
    const finapi = clientOf(recorder(answer), { retry: false });
    const view = token.includes('admin') ? finapi.admin : token.includes('user') ? finapi.as(userToken) : finapi;
    const method = (view as unknown as Record<string, Record<string, Method>>)[group]?.[id];
    if (method === undefined) throw new Error(`no method ${id}`);
    return method({ id: 1, ids: [1], userId: 'u', token: 't' }).answer();
  };

  it('has its status wherever the document declares it, for each of all operations', async () => {
    expect(declared.length).toBeGreaterThan(500);
    for (const it of declared) {
      const body = it.status === 401 ? { error: 'invalid_token', error_description: 'x' } : errorMessage(entry('SOME_CODE'));
      const answer = await call(it, json(it.status, body));
      expect(answer, `${it.id} ${it.status}`).toMatchObject({
        ok: false,
        status: it.status,
        body,
        error: { status: it.status, operationId: it.id },
      });
    }
  });

  it('is unexpected wherever the document does not declare it, for each of all operations', async () => {
    for (const [id, row] of Object.entries(table)) {
      const statuses = [302, 400, 401, 403, 404, 418, 422, 423, 429, 451, 500, 501, 502, 503, 504, 510].filter(
        (status) => !row.errors.includes(status),
      );
      expect(statuses).toContain(418);
      for (const status of statuses) {
        const answer = await call({ id, row, status }, json(status, errorMessage()));
        expect(answer, `${id} ${status}`).toMatchObject({ ok: false, status: 'unexpected', error: { status, operationId: id } });
        expect(answer).not.toHaveProperty('body');
      }
    }
  });

  it('has the error that a throwing call throws', async () => {
    const calls = recorder(json(404, errorMessage(entry('UNKNOWN_ENTITY'))));
    const one = userOf(calls).accounts.getAccount({ id: 1 });
    const thrown = await one.then(
      () => undefined,
      (error: unknown) => error,
    );
    const answer = await one.answer();
    expect(answer.ok ? undefined : answer.error).toBe(thrown);
    expect(calls.sent).toHaveLength(1);
  });

  it('has the id that was echoed, else the one that was sent', async () => {
    expect(await accountAnswer(json(404, errorMessage(), { 'x-request-id': 'echoed-id' }))).toMatchObject({
      status: 404,
      requestId: 'echoed-id',
    });
    expect(await accountAnswer(json(404, errorMessage()))).toMatchObject({ status: 404, requestId: 'sent-id' });
  });

  it.each<[string, Response]>([
    ['HTML', text(500, '<html>')],
    ['nothing', bare(500)],
    ['JSON that is cut off', text(500, '{"errors":', 'application/json')],
  ])('has its status and no body where a proxy answered with %s', async (_, response) => {
    const answer = await accountAnswer(response);
    expect(answer).toMatchObject({ ok: false, status: 500, body: undefined });
    expect(answer).toHaveProperty('body');
  });

  it('narrows by its status', async () => {
    const answer = await accountAnswer(json(401, { error: 'invalid_token', error_description: 'stale' }));
    let said: string | undefined;
    switch (answer.status) {
      case 200:
        said = `account ${answer.value.id}`;
        break;
      case 401:
        said = `${answer.body?.error}: ${answer.body?.error_description}`;
        break;
      case 404:
        said = answer.body?.errors[0]?.code;
        break;
      case 'unexpected':
        said = answer.error.message;
        break;
      default:
        said = answer.body?.endpoint;
    }
    expect(said).toBe('invalid_token: stale');
  });

  it('narrows by ok', async () => {
    for (const response of [json(200, { id: 5 }), json(403, errorMessage())]) {
      const answer = await accountAnswer(response);
      expect(answer.ok ? answer.value.id : answer.error.name).toBe(response.status === 200 ? 5 : 'FinapiError');
    }
  });
});

describe('the answer is unexpected', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it.each<[string, Response]>([
    ['empty', bare(200)],
    ['HTML', text(200, '<html>')],
    ['cut off', text(200, '{"id":', 'application/json')],
  ])('where a success is %s', async (_, response) => {
    expect(await accountAnswer(response)).toMatchObject({
      ok: false,
      status: 'unexpected',
      error: { code: 'UNREADABLE_ANSWER', status: 200 },
      requestId: 'sent-id',
    });
  });

  it('where the connection breaks', async () => {
    expect(await accountAnswer(new TypeError('broken'))).toMatchObject({
      ok: false,
      status: 'unexpected',
      error: { code: 'NETWORK' },
      requestId: 'sent-id',
    });
  });

  it('where the time is out', async () => {
    const answer = accountAnswer(silence, { timeoutMs: 100 });
    await vi.advanceTimersByTimeAsync(100);
    expect(await answer).toMatchObject({ ok: false, status: 'unexpected', error: { code: 'TIMEOUT' }, requestId: 'sent-id' });
  });

  it('where the caller aborts, with the reason of the caller', async () => {
    const controller = new AbortController();
    const reason = new RangeError('enough');
    const answer = accountAnswer(silence, { signal: controller.signal });
    await settled();
    controller.abort(reason);
    const { ok, status, ...rest } = await answer;
    expect({ ok, status }).toEqual({ ok: false, status: 'unexpected' });
    expect('error' in rest && rest.error).toBe(reason);
  });

  it('where the caller aborts, with an error in place of a reason that is none', async () => {
    const answer = await accountAnswer(silence, { signal: AbortSignal.abort('text') });
    expect(answer).toMatchObject({ ok: false, status: 'unexpected', error: { code: 'ABORTED' } });
    expect(answer.ok ? undefined : answer.error).toBeInstanceOf(FinapiError);
  });

  it('where the call cannot be made, or has no token', async () => {
    expect(await userOf(recorder()).accounts.getAccount({ id: Number.NaN }).answer()).toMatchObject({
      ok: false,
      status: 'unexpected',
      error: { code: 'INVALID_ARGUMENT' },
    });
    expect(await clientOf(recorder(), { auth: {} }).banks.getBank({ id: 1 }).answer()).toMatchObject({
      ok: false,
      status: 'unexpected',
      error: { code: 'MISSING_TOKEN' },
    });
  });

  it('where the source of tokens fails, with its error', async () => {
    const error = new Error('no token today');
    const answer = await userOf(recorder(), {}, { identity: 'user', get: () => Promise.reject(error) })
      .accounts.getAccount({ id: 1 })
      .answer();
    expect(answer.ok ? undefined : answer.error).toBe(error);
  });

  it('never rejects', async () => {
    for (const answer of [json(500, {}), bare(200), new TypeError('x'), Response.error()])
      await expect(accountAnswer(answer)).resolves.toBeDefined();
  });
});
