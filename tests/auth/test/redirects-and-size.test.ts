// Answers that lead elsewhere, and answers without an end: over real HTTP.
import {
  type AuthError,
  accessV1,
  accessV2,
  clientCredentials,
  type Preset,
  password,
  refreshToken,
  revokeToken,
} from '@finapi-ts/auth-helpers';
import { describe, expect, it } from 'vitest';
import { json, tokenBody } from '../src/hostile/answers.ts';
import { falseGzip, flood, gzipBomb, reset, resetMidAnswer, sized } from '../src/hostile/bodies.ts';
import { redirect, redirectStatuses } from '../src/hostile/redirects.ts';
import { hostile } from '../src/hostile/server.ts';
import { client, failureOf } from '../src/scripted.ts';

type Options = typeof client & { readonly baseUrl: string; readonly preset: Preset };

/** Every request that carries a secret. */
const requests: Readonly<Record<string, (options: Options) => Promise<unknown>>> = {
  'client credentials': (options) => clientCredentials(options),
  password: (options) => password({ ...options, userId: 'alice', password: 'p' }),
  'refresh token': (options) => refreshToken({ ...options, refreshToken: 'r' }),
  'revocation of V1': (options) => revokeToken({ ...options, clientToken: 'c', token: 't' }),
  'revocation of V2': (options) => revokeToken({ ...options, preset: accessV2, clientToken: 'c', token: 't' }),
};

const at = (baseUrl: string): Options => ({ ...client, baseUrl: baseUrl as typeof client.baseUrl, preset: accessV1 });

describe('a redirect', () => {
  for (const status of redirectStatuses)
    it.each(Object.entries(requests))(`11 with ${status} is an error of %s, and nothing goes to the other origin`, async (_, ask) => {
      await using elsewhere = await hostile(json(200, tokenBody()));
      await using server = await hostile(redirect(status, elsewhere.url));
      const error = await failureOf(ask(at(server.url)));
      expect({ code: error.code, status: error.status, retryable: error.retryable }).toEqual({
        code: 'PROTOCOL',
        status,
        retryable: false,
      });
      expect(error.message).not.toContain('http');
      expect([server.got.length, elsewhere.got.length]).toEqual([1, 0]);
    });

  it.each(redirectStatuses)('11 with %d to itself is one request', async (status) => {
    await using server = await hostile(redirect(status));
    for (const ask of Object.values(requests)) expect((await failureOf(ask(at(server.url)))).code).toBe('PROTOCOL');
    expect(server.got).toHaveLength(Object.keys(requests).length);
  });

  it('11 that a fetch of others has followed is an error all the same', async () => {
    await using elsewhere = await hostile(json(200, tokenBody()));
    await using server = await hostile(redirect(302, elsewhere.url));
    const following = (url: string, init: RequestInit): Promise<Response> => fetch(url, { ...init, redirect: 'follow' });
    for (const ask of Object.values(requests)) {
      const error = await failureOf(ask({ ...at(server.url), ...{ fetch: following } }));
      expect(error.code).toBe('PROTOCOL');
    }
  });

  it('11 of the opaque kind, as browsers give it, is an error', async () => {
    const opaque = Object.defineProperty(new Response(null), 'status', { value: 0 });
    const error = await failureOf(clientCredentials({ ...client, fetch: async () => opaque }));
    expect(error).toMatchObject({ code: 'PROTOCOL', status: 0 });
  });
});

/** `fetch`, and how many bytes of a body had been taken from it, decoded, when its last chunk was asked for. */
function counting(): { readonly fetch: NonNullable<Parameters<typeof clientCredentials>[0]['fetch']>; readonly bytes: () => number } {
  let bytes = 0;
  let before = 0;
  return {
    bytes: () => before,
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      const reader = response.body?.getReader();
      const counted = new ReadableStream(
        {
          pull: async (controller) => {
            const chunk = await reader?.read();
            if (chunk?.value === undefined) return controller.close();
            before = bytes;
            bytes += chunk.value.length;
            controller.enqueue(chunk.value);
          },
          cancel: (reason) => reader?.cancel(reason),
        },
        { highWaterMark: 0 },
      );
      return new Response(counted, response);
    },
  };
}

describe('the size of an answer', () => {
  const cap = 65_536;

  it.each([200, 400, 500])(
    '12 an answer of 256 MiB with status %d is not read beyond 64 KiB, and its connection is closed',
    async (status) => {
      const { behaviour, written } = flood(status);
      await using server = await hostile(behaviour);
      const { fetch, bytes } = counting();
      const error = await failureOf(clientCredentials({ ...at(server.url), fetch }));
      expect(error).toMatchObject({ code: 'PROTOCOL', status, message: expect.stringContaining('65536') });
      // One chunk more is what it takes to see that it is too long; how long chunks are is the runtime's affair.
      expect(bytes()).toBeLessThanOrEqual(cap);
      // The rest are buffers on the way.
      expect(await written).toBeLessThan(32 * 1024 * 1024);
    },
  );

  it('12 an answer is not read beyond 64 KiB, also where it comes compressed', async () => {
    await using server = await hostile(gzipBomb);
    const { fetch, bytes } = counting();
    const error = await failureOf(clientCredentials({ ...at(server.url), fetch }));
    expect(error).toMatchObject({ code: 'PROTOCOL', message: expect.stringContaining('65536') });
    expect(bytes()).toBeLessThanOrEqual(cap);
  });

  it.each([false, true])('12 exactly 64 KiB are taken, a byte more is not (compressed: %s)', async (compressed) => {
    await using fits = await hostile(sized(cap, compressed));
    await using tooLong = await hostile(sized(cap + 1, compressed));
    expect((await clientCredentials(at(fits.url))).accessToken).toBe('access-1');
    expect((await failureOf(clientCredentials(at(tooLong.url)))).code).toBe('PROTOCOL');
  });

  it('12 a revocation is not read beyond it either', async () => {
    const { behaviour, written } = flood();
    await using server = await hostile(behaviour);
    expect((await failureOf(revokeToken({ ...at(server.url), clientToken: 'c', token: 't' }))).code).toBe('PROTOCOL');
    expect(await written).toBeLessThan(32 * 1024 * 1024);
  });
});

describe('an answer that breaks off', () => {
  it.each(Object.entries({ reset, resetMidAnswer, falseGzip }))('is a fault of the network: %s', async (_, behaviour) => {
    await using server = await hostile(behaviour);
    const error: AuthError = await failureOf(clientCredentials(at(server.url)));
    expect(error).toMatchObject({
      code: 'NETWORK',
      retryable: true,
      status: undefined,
      message: expect.stringMatching(/[A-Z_]{5,}|TypeError/),
    });
  });

  it('is one where nobody listens', async () => {
    const server = await hostile(reset);
    await server[Symbol.asyncDispose]();
    expect(await failureOf(clientCredentials(at(server.url)))).toMatchObject({
      code: 'NETWORK',
      // Deno's errors have no code.
      message: expect.stringMatching(/: (ECONNREFUSED|TypeError) \(/),
    });
  });
});
