// Options of a client: what is taken, what is refused, and that the refusal names the way out.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createAccessV1, servers } from '../src/generated/access-v1/index.js';
import { allowInsecureHttp, type ClientOptions, FinapiError } from '../src/index.js';
import { clientOf, failureOf, json, only, recorder } from './support.js';

/** What creating a client throws. */
function refusal(options: ClientOptions): FinapiError {
  try {
    createAccessV1(options);
  } catch (error) {
    if (error instanceof FinapiError) return error;
    throw error;
  }
  throw new Error('the options were taken');
}

describe('the base URL', () => {
  it.each([
    servers.sandbox,
    servers.live,
    'https://sandbox.finapi.io/',
    'https://proxy.example:8443/finapi/v1',
    'HTTPS://SANDBOX.FINAPI.IO',
  ])('may be %s', (baseUrl) => {
    expect(() => createAccessV1({ baseUrl })).not.toThrow();
  });

  it.each([
    'http://localhost',
    'http://localhost:3000/finapi',
    'http://127.0.0.1:4010',
    'http://127.1',
    'http://127.8.9.10',
    'http://[::1]:4010',
    'http://finapi.localhost:3000',
    'http://LOCALHOST',
  ])('may be %s, since that is this machine', (baseUrl) => {
    expect(() => createAccessV1({ baseUrl })).not.toThrow();
  });

  it.each([
    'http://sandbox.finapi.io',
    'http://localhost.evil.example',
    'http://notlocalhost',
    'http://127.0.0.1.evil.example',
    'http://127.evil.example',
    'http://10.0.0.1',
    'http://192.168.1.1',
    'http://0.0.0.0',
    'http://[::2]',
    'http://localhost@evil.example',
  ])('may not be %s, and the refusal names the option that allows it', (baseUrl) => {
    const error = refusal({ baseUrl });
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toMatch(/https.*\[allowInsecureHttp\]/);
  });

  it('may be plain http elsewhere with the option', async () => {
    const calls = recorder(json(200, {}));
    await clientOf(calls, { baseUrl: 'http://finapi.intranet:8080', [allowInsecureHttp]: true }).banks.getBank({ id: 1 });
    expect(only(calls.sent).url.href).toBe('http://finapi.intranet:8080/api/v1/banks/1');
  });

  it('may not be plain http where the option is false or not the symbol itself', () => {
    expect(refusal({ baseUrl: 'http://finapi.intranet', [allowInsecureHttp]: false }).code).toBe('INVALID_ARGUMENT');
    expect(refusal({ baseUrl: 'http://finapi.intranet', ...{ allowInsecureHttp: true } }).code).toBe('INVALID_ARGUMENT');
    expect(refusal({ baseUrl: 'http://finapi.intranet', [allowInsecureHttp]: 'true' as unknown as boolean }).code).toBe('INVALID_ARGUMENT');
  });

  it.each([
    'ftp://sandbox.finapi.io',
    'ws://localhost',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,x',
    'localhost:3000',
  ])('may not be %s even with the option for plain http', (baseUrl) => {
    expect(refusal({ baseUrl, [allowInsecureHttp]: true }).message).toContain('https');
  });

  it.each([
    'https://user@sandbox.finapi.io',
    'https://user:hidden@sandbox.finapi.io',
    'https://:hidden@sandbox.finapi.io',
    'https://sandbox.finapi.io?x=hidden',
    'https://sandbox.finapi.io/?',
    'https://sandbox.finapi.io/#hidden',
    'https://sandbox.finapi.io#',
  ])('may not hold more than scheme, host and path, as %s does', (baseUrl) => {
    const error = refusal({ baseUrl });
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toMatch(/user, password, query nor fragment/);
    expect(error.message).not.toContain('hidden');
  });

  it.each([
    ['an empty text', ''],
    ['a host alone', 'sandbox.finapi.io'],
    ['a path', '/api'],
    ['no host', 'https://'],
    ['undefined', undefined],
    ['null', null],
    ['a number', 5],
    ['an object', {}],
  ])('may not be %s, and the refusal shows how one looks', (_, baseUrl) => {
    const error = refusal({ baseUrl: baseUrl as string });
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain('https://sandbox.finapi.io');
  });
});

describe('the time-out', () => {
  it.each([1, 0.5, 65_000, 2_147_483_647])('may be %d ms', (timeoutMs) => {
    expect(() => clientOf(recorder(), { timeoutMs })).not.toThrow();
  });

  it.each([0, -1, 2_147_483_648, Number.POSITIVE_INFINITY, Number.NaN])(
    'may not be %d ms for a client, and the refusal names the bounds',
    (timeoutMs) => {
      const error = refusal({ baseUrl: servers.sandbox, timeoutMs });
      expect(error.code).toBe('INVALID_ARGUMENT');
      expect(error.message).toMatch(/timeoutMs.*1.*2147483647/);
    },
  );

  it.each([0, -1, 2_147_483_648, Number.POSITIVE_INFINITY, Number.NaN])(
    'may not be %d ms for a call, and nothing is sent',
    async (timeoutMs) => {
      const calls = recorder();
      const error = await failureOf(clientOf(calls).banks.getBank({ id: 1 }, { timeoutMs }), FinapiError);
      expect({ code: error.code, operationId: error.operationId }).toEqual({ code: 'INVALID_ARGUMENT', operationId: 'getBank' });
      expect(calls.sent).toEqual([]);
    },
  );
});

describe('texts that become headers', () => {
  const hostile = 'hidden\r\nAuthorization: Bearer x';
  it.each<[string, Partial<ClientOptions>]>([
    ['userAgent', { userAgent: hostile }],
    ['language', { language: hostile as 'de' }],
    ['psu.ipAddress', { psu: { ipAddress: hostile } }],
    ['psu.deviceOs', { psu: { deviceOs: hostile } }],
    ['psu.userAgent', { psu: { userAgent: hostile } }],
    ['psu.userAgent', { psu: { userAgent: 'emoji 🙂' } }],
    ['psu.userAgent', { psu: { userAgent: 5 as unknown as string } }],
  ])('are refused by the name of the option where no header can hold them: %s', (name, options) => {
    const error = refusal({ baseUrl: servers.sandbox, ...options });
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain(name);
    expect(error.message).not.toContain('hidden');
  });

  it.each([
    ['language', { language: hostile as 'de' }],
    ['psu.ipAddress', { psu: { ipAddress: hostile } }],
    ['x-note', { headers: { 'x-note': hostile } }],
    ['x-note', { headers: { 'x-note': undefined as unknown as string } }],
  ])('are refused in the options of a call too: %s', async (name, options) => {
    const calls = recorder();
    const error = await failureOf(clientOf(calls).banks.getBank({ id: 1 }, options), FinapiError);
    expect(error.code).toBe('INVALID_ARGUMENT');
    expect(error.message).toContain(name);
    expect(error.message).not.toContain('hidden');
    expect(calls.sent).toEqual([]);
  });

  it('may hold a tab and letters of Latin 1', async () => {
    const calls = recorder();
    await clientOf(calls, { psu: { deviceOs: 'Köln\t1' } }).banks.getBank({ id: 1 });
    expect(only(calls.sent).headers['psu-device-os']).toBe('Köln\t1');
  });
});

describe('the user agent', () => {
  it('is the name and the version of the package', async () => {
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
    const calls = recorder();
    await clientOf(calls).banks.getBank({ id: 1 });
    expect(only(calls.sent).headers['user-agent']).toBe(`finapi-ts/${version}`);
  });
});

describe('fetch', () => {
  it('is looked up when a call is made, so that one put in place later is used', async () => {
    const finapi = createAccessV1({ baseUrl: servers.sandbox, auth: { client: { identity: 'client', token: 't' } } });
    const before = globalThis.fetch;
    const calls = recorder(json(200, { id: 3 }));
    globalThis.fetch = ((url: string, init: RequestInit) => calls.fetch(url, init)) as typeof fetch;
    try {
      expect(await finapi.banks.getBank({ id: 3 })).toEqual({ id: 3 });
    } finally {
      globalThis.fetch = before;
    }
    expect(calls.sent).toHaveLength(1);
  });

  it('gets the URL as text and its options as plain data', async () => {
    let got: readonly unknown[] = [];
    const finapi = createAccessV1({
      baseUrl: servers.sandbox,
      auth: { client: { identity: 'client', token: 't' } },
      fetch: async (...args) => {
        got = args;
        return json(200, {});
      },
    });
    await finapi.banks.getBank({ id: 3 }, { requestId: 'r' });
    expect(got[0]).toBe('https://sandbox.finapi.io/api/v1/banks/3');
    expect(got[1]).toMatchObject({ method: 'GET', redirect: 'manual', headers: { authorization: 'Bearer t', 'x-request-id': 'r' } });
    expect(got[1]).not.toHaveProperty('body');
  });
});

describe('options', () => {
  it('are read once, so that a later change of the object has no effect', async () => {
    const calls = recorder();
    const options: { -readonly [K in keyof ClientOptions]: ClientOptions[K] } = {
      baseUrl: servers.sandbox,
      fetch: calls.fetch,
      auth: { client: { identity: 'client', token: 't' } },
    };
    const finapi = createAccessV1(options);
    options.baseUrl = servers.live;
    options.language = 'en';
    await finapi.banks.getBank({ id: 1 });
    expect(only(calls.sent).url.origin).toBe(servers.sandbox);
    expect(only(calls.sent).headers).not.toHaveProperty('accept-language');
  });
});
