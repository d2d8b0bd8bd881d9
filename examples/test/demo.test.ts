import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { createSandbox } from '@finapi-ts/testing';
import { startServer } from '@finapi-ts/testing/server';
import { describe, expect, it } from 'vitest';

const program = fileURLToPath(new URL('../src/demo/demo.ts', import.meta.url));

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the demo as a user would, without any credentials but the given ones. */
function demo(args: readonly string[] = [], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 30_000 });
    const ended = { stdout: '', stderr: '' };
    child.stdout.on('data', (chunk) => {
      ended.stdout += chunk;
    });
    child.stderr.on('data', (chunk) => {
      ended.stderr += chunk;
    });
    child.once('error', reject).once('close', (code) => resolve({ code, ...ended }));
  });
}

const credentials = { FINAPI_CLIENT_ID: 'some-client', FINAPI_CLIENT_SECRET: 'canary-secret-41c9' };

describe('npm run demo', { timeout: 40_000 }, () => {
  it('goes through the life of a token, each step with its request id', async () => {
    const { code, stdout, stderr } = await demo();
    expect(stderr).toBe('');
    expect(code).toBe(0);
    const id = '[0-9a-f]{8}-[0-9a-f-]{27}';
    const lines = stdout.trimEnd().split('\n');
    const expected = [
      /^a sandbox of finAPI at http:\/\/127\.0\.0\.1:\d+$/,
      `a client token: it lives 3600 s`,
      `a user is created: .+`,
      `the user logs in: it lives 3600 s`,
      `a web form connects a bank: Example Bank, 2 accounts`,
      `accounts are read: [1-9]\\d* accounts`,
      `all pages of transactions are read: 6 transactions on 3 pages`,
      `the token expires; the next call renews it: [1-9]\\d* accounts, 1 token request, no password sent`,
      `the token is revoked behind our back; fifty calls survive it: 50 answers, 1 token request`,
      `the user logs out: 0 tokens of the user left`,
    ];
    expect(lines).toHaveLength(expected.length);
    for (const [index, line] of lines.entries()) {
      const pattern = expected[index] ?? '';
      expect(line).toMatch(pattern instanceof RegExp ? pattern : new RegExp(`^✓ ${pattern}  request ${id}$`));
    }
  });

  it('does the harmless part on another sandbox, with credentials from the environment, and shows no secret', async () => {
    const sandbox = createSandbox({ clients: [{ clientId: 'some-client', clientSecret: 'canary-secret-41c9' }] });
    await using server = await startServer(sandbox);
    const { code, stdout, stderr } = await demo(['--live-sandbox'], { ...credentials, FINAPI_BASE_URL: server.url });
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(stdout.match(/^✓ /gm)).toHaveLength(3);
    expect(stdout).not.toContain('canary-secret');
    expect(sandbox.log.map(({ operationId }) => operationId)).toEqual(['getToken', 'getClientConfiguration', 'getAndSearchAllBanks']);
  });

  it('says which credentials are missing', async () => {
    const { code, stderr } = await demo(['--live-sandbox']);
    expect(code).toBe(1);
    expect(stderr).toContain('FINAPI_CLIENT_ID and FINAPI_CLIENT_SECRET are not set');
  });

  it('says in words that credentials were refused', async () => {
    const sandbox = createSandbox({ clients: [{ clientId: 'some-client', clientSecret: 'another secret' }] });
    await using server = await startServer(sandbox);
    const { code, stderr } = await demo(['--live-sandbox'], { ...credentials, FINAPI_BASE_URL: server.url });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error client_credentials: client id or secret are wrong \(status 401\) \(request [0-9a-f-]+\)\n$/);
  });

  it('explains itself', async () => {
    const { code, stdout } = await demo(['--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Usage: npm run demo');
  });
});
