import { describe, expect, it } from 'vitest';
import { type Api, accessV1 } from '../src/api.js';
import { sandboxOf } from '../src/sandbox.js';

/** Access V2 has other paths, and takes what it revokes from a form. */
const other: Api = {
  operations: {
    getToken: { ...accessV1.operations.getToken, method: 'POST', path: '/api/v2/oauth/token', token: [] },
    revokeToken: { method: 'POST', path: '/api/v2/oauth/revoke', token: ['client'], body: 'application/x-www-form-urlencoded' },
  },
  answers: {
    getToken: { status: 200, fields: ['client_id', 'client_secret', 'grant_type'] },
    revokeToken: { status: 200, fields: ['token'] },
  },
  revocation: 'form',
  timestamp: (ms) => new Date(ms).toISOString(),
};

describe('an API of other paths', () => {
  it('gives tokens, and revokes by form', async () => {
    const sandbox = sandboxOf(other, { clients: [{ clientId: 'household', clientSecret: 'secret' }] });
    const post = (path: string, form: Readonly<Record<string, string>>, token = '') =>
      sandbox.fetch(`${sandbox.baseUrl}/api/v2/oauth/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}` },
        body: new URLSearchParams(form),
      });
    const grant = { grant_type: 'client_credentials', client_id: 'household', client_secret: 'secret' };
    const { access_token: token } = await (await post('token', grant)).json();
    expect((await post('revoke', { token, token_type_hint: 'other' }, token)).status).toBe(400);
    expect((await post('revoke', {}, token)).status).toBe(400);
    expect((await post('revoke', { token, token_type_hint: 'access_token' }, token)).status).toBe(200);
    expect(sandbox.tokens.isValid(token)).toBe(false);
  });

  it('writes its errors with points in time of its own', async () => {
    const sandbox = sandboxOf(other, {});
    const { date } = await (await sandbox.fetch(`${sandbox.baseUrl}/oauth/token`, { method: 'POST' })).json();
    expect(date).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
  });
});
