// What concerns a whole process: its end, its unhandled rejections, and an `Object.prototype` that somebody wrote to.
import { execFile } from 'node:child_process';
import { clientCredentials, createAuth, password } from '@finapi-ts/auth-helpers';
import { describe, expect, it } from 'vitest';
import { json, tokenBody } from '../src/hostile/answers.ts';
import { type Got, hostile } from '../src/hostile/server.ts';
import { programOf } from '../src/program.ts';
import { json as answer, client, failureOf, scripted, tokens } from '../src/scripted.ts';

interface Ended {
  readonly code: number | string | null | undefined;
  readonly killed: boolean;
  readonly stdout: string;
  readonly stderr: string;
}

const programs = {
  unhandled: new URL('../src/children/unhandled.ts', import.meta.url),
  live: new URL('../src/children/live.ts', import.meta.url),
  polluted: new URL('../src/children/polluted.ts', import.meta.url),
};

/** What Bun itself says of an answer that is no gzip. */
const bunsOwn = /^Decompression error: \w+\n/gm;

/** Runs a program; one that does not end by itself is killed at the deadline. */
async function child(name: keyof typeof programs, ...args: readonly string[]): Promise<Ended> {
  const file = await programOf(programs[name]);
  return new Promise((resolve) => {
    execFile(process.execPath, ['--no-warnings', file, ...args], { timeout: 60_000, env: {} }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : error.code, killed: error?.killed === true, stdout, stderr: stderr.replace(bunsOwn, '') });
    });
  });
}

const good = json(200, tokenBody({ refresh_token: 'refresh-1' }));
const patience = { timeout: 70_000 };

it('18 no rejection is left unhandled, whatever fails, and whoever has left', patience, async () => {
  const { code, stdout, stderr } = await child('unhandled');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const { unhandled, tried, failed, timedOut } = JSON.parse(stdout);
  expect(unhandled).toEqual([]);
  expect([tried > 400, failed > 350, timedOut]).toEqual([true, true, 'TIMEOUT']);
});

it('19 a process with live sources, renewals under way and requests that are never answered ends by itself', patience, async () => {
  await using server = await hostile(good);
  expect(await child('live', server.url)).toEqual({ code: 0, killed: false, stdout: 'live', stderr: '' });
  expect(server.got.length).toBeGreaterThanOrEqual(3);
});

describe('a prototype', () => {
  /** The bytes of a request, but for its id and its port. */
  const bytes = ({ method, target, rawHeaders, body }: Got): string =>
    [method, target, ...rawHeaders, body].join('\n').replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|127\.0\.0\.1:\d+/g, '…');

  it('14 that somebody wrote to changes no byte of any request', patience, async () => {
    const [clean, polluted] = await Promise.all(
      ['clean', 'polluted'].map(async (how) => {
        await using server = await hostile(good);
        const ended = await child('polluted', server.url, how);
        return { ended, requests: server.got.map(bytes) };
      }),
    );
    expect(clean?.ended).toEqual({ code: 0, killed: false, stdout: 'done', stderr: '' });
    expect(polluted).toEqual(clean);
    expect(clean?.requests.length).toBeGreaterThanOrEqual(15);
  });

  const evil = '{"access_token":"evil","refresh_token":"evil","token_type":"bearer","expires_in":0,"error":"invalid_client"}';

  it('14 that an answer sends along gives it no member', async () => {
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      const { fetch } = scripted(answer(200, `{"${name}":${evil}}`));
      expect(await failureOf(clientCredentials({ ...client, fetch }))).toMatchObject({ code: 'PROTOCOL' });
    }
    expect(({} as Record<string, unknown>)['access_token']).toBeUndefined();
  });

  it('14 that an answer sends along with a token changes nothing of it', async () => {
    const body = `{"__proto__":${evil},"constructor":{"prototype":${evil}},"access_token":"good","token_type":"bearer"}`;
    const { fetch } = scripted(answer(200, body));
    const { accessToken, refreshToken, expiresInS } = await password({ ...client, fetch, userId: 'alice', password: 'p' });
    expect({ accessToken, refreshToken, expiresInS }).toEqual({ accessToken: 'good', refreshToken: undefined, expiresInS: 300 });
    expect(Object.hasOwn(Object.prototype, 'access_token')).toBe(false);
  });

  it('14 that a refusal sends along is not read for its meaning', async () => {
    const { fetch } = scripted(answer(400, `{"__proto__":${evil}}`));
    expect((await failureOf(password({ ...client, fetch, userId: 'alice', password: 'p' }))).code).toBe('INVALID_CREDENTIALS');
  });

  it.each(['__proto__', 'constructor', 'hasOwnProperty', 'toString'])('14 may be named by a user called %s', async (userId) => {
    const { fetch, sent } = scripted(({ form }) => tokens({ access_token: `of-${form['username']}` }));
    const auth = createAuth({ ...client, fetch, users: { credentials: () => ({ password: 'p' }) } });
    expect(await auth.user(userId).get()).toBe(`of-${userId}`);
    expect(sent).toHaveLength(1);
  });
});
