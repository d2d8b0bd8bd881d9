// What is different about the Web Form API: its errors, and tokens that must outlive the call.
import { describe, expect, it, vi } from 'vitest';
import { createWebFormApi } from '../src/generated/web-form/index.js';
import { FinapiError, parseTimestamp } from '../src/index.js';
import { json, recorder, rejectionOf } from './support.js';

const baseUrl = 'https://webform-sandbox.finapi.io';
const timestamp = '2026-03-30T12:05:00.000+0000';
const form = { id: 'f-1', url: `${baseUrl}/wf/f-1` };

/** A source whose token has so many milliseconds left; `get` gives another where that is not enough. */
function source(leftMs: number) {
  return {
    identity: 'user' as const,
    peek: vi.fn((): string | undefined => 'held'),
    get: vi.fn(
      async ({ minValidityMs = 0 }: { readonly minValidityMs?: number } = {}): Promise<string> =>
        leftMs > minValidityMs ? 'held' : 'longer',
    ),
    reject: vi.fn((_token: string) => {}),
  };
}

const open = (calls: ReturnType<typeof recorder>, tokens: ReturnType<typeof source>) =>
  createWebFormApi({ baseUrl, fetch: calls.fetch, retry: false }).as(tokens).accountInformationServices.createForBankConnectionImport({});

describe('a form', () => {
  it('is created with a token that lives for 20 minutes more', async () => {
    const calls = recorder(json(201, form));
    const tokens = source(19 * 60_000);
    await open(calls, tokens);
    expect(tokens.get).toHaveBeenCalledExactlyOnceWith({ minValidityMs: 1_200_000 });
    expect(calls.sent[0]?.headers['authorization']).toBe('Bearer longer');
  });

  it('is created with the token at hand where that lives long enough', async () => {
    const calls = recorder(json(201, form));
    await open(calls, source(21 * 60_000));
    expect(calls.sent[0]?.headers['authorization']).toBe('Bearer held');
  });

  it('is asked for again with a token that lives as long after a 401', async () => {
    const calls = recorder(json(401, { code: 'UNAUTHORIZED', description: 'No.', timestamp, endpoint: 'POST /' }), json(201, form));
    const tokens = source(21 * 60_000);
    tokens.get.mockResolvedValueOnce('held').mockResolvedValueOnce('other');
    await open(calls, tokens);
    expect(tokens.reject).toHaveBeenCalledExactlyOnceWith('held');
    expect(tokens.get.mock.calls).toEqual([[{ minValidityMs: 1_200_000 }], [{ minValidityMs: 1_200_000 }]]);
  });

  it('is not created where no token lives that long: the reason is the source’s own', async () => {
    const calls = recorder(json(201, form));
    const tokens = source(0);
    const reason = new Error('too short');
    tokens.get.mockRejectedValue(reason);
    expect(await rejectionOf(open(calls, tokens))).toBe(reason);
    expect(calls.sent).toEqual([]);
  });

  it('is read with the token at hand, however short it lives', async () => {
    const calls = recorder(json(200, form));
    const tokens = source(1);
    await createWebFormApi({ baseUrl, fetch: calls.fetch }).as(tokens).webForms.getWebForm({ id: 'f-1' });
    await createWebFormApi({ baseUrl, fetch: calls.fetch }).as(tokens).webForms.getWebForm({ id: 'f-1' });
    expect(tokens.get).not.toHaveBeenCalled();
  });

  it('is created with a plain token as it is', async () => {
    const calls = recorder(json(201, form));
    const finapi = createWebFormApi({ baseUrl, fetch: calls.fetch });
    await finapi.as({ identity: 'user', token: 'plain' }).accountInformationServices.createForBankConnectionImport({});
    expect(calls.sent[0]?.headers['authorization']).toBe('Bearer plain');
  });
});

describe('an error', () => {
  const failing = async (status: number, body: object): Promise<FinapiError> => {
    const finapi = createWebFormApi({ baseUrl, fetch: recorder(json(status, body)).fetch, retry: false });
    const error = await rejectionOf(finapi.as({ identity: 'user', token: 't' }).webForms.getWebForm({ id: 'f-1' }));
    expect(error).toBeInstanceOf(FinapiError);
    return error as FinapiError;
  };

  it('that is flat is read as one entry', async () => {
    const error = await failing(404, { code: 'NOT_FOUND', description: 'No such form.', timestamp, endpoint: 'GET /api/webForms/f-1' });
    expect(error).toMatchObject({ code: 'NOT_FOUND', status: 404, errors: [{ code: 'NOT_FOUND', message: 'No such form.' }] });
    expect(error.message).toContain('404 NOT_FOUND NOT_FOUND');
  });

  it('of validation names the fields', async () => {
    const errors = [
      { field: 'callbacks.finalised', message: 'must be a URL' },
      { field: 'bank.id', message: 'must be positive' },
    ];
    const error = await failing(400, { errors, timestamp, endpoint: 'POST /api/webForms/bankConnectionImport' });
    expect(error).toMatchObject({ code: 'BAD_REQUEST', status: 400, errors });
    expect(error.message).toContain('in callbacks.finalised');
  });

  it('shows no field that is no name: what is not finAPI’s own can hold anything', async () => {
    for (const field of ['DE89 3704 0044 0532 0130 00', { iban: 'DE89' }, 'a'.repeat(101)]) {
      const error = await failing(400, { errors: [{ field, message: 'no' }], timestamp, endpoint: 'POST /' });
      expect(error.message).toMatch(/^GET \/api\/webForms\/\{id\}: 400 BAD_REQUEST \(request /);
    }
  });

  it('carries the time in a form that parseTimestamp reads', () => {
    expect(parseTimestamp(timestamp).toISOString()).toBe('2026-03-30T12:05:00.000Z');
  });
});
