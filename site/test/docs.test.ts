import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { listFiles } from '@finapi-ts/scripts/files';
import { describe, expect, inject, it, onTestFinished } from 'vitest';
import { serve } from '../src/serve.ts';
import { temporaryFolder } from './support-repository.ts';

/** Processes end much earlier, but not on a machine that does ten things at once. */
const patient = 60_000;
const command = join(import.meta.dirname, '../src/commands/docs.ts');

function start(args: readonly string[]): { child: ChildProcess; said: () => string; ended: Promise<number | null> } {
  const child = spawn(process.execPath, [command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => (said += chunk));
  return { child, said: () => said, ended: new Promise((resolve) => child.once('close', resolve)) };
}

describe('npm run docs', () => {
  it('explains itself', { timeout: patient }, async () => {
    const { said, ended } = start(['--help']);
    expect(await ended).toBe(0);
    expect(said()).toContain('Usage: npm run docs');
  });

  it('refuses arguments that it does not understand, in one line, with exit code 1', { timeout: patient }, async () => {
    const refused = {
      '--port http': '--port takes a number',
      '--port 70000': '--port takes a number',
      '--build --serve': '--build does not serve',
      everything: 'unexpected argument everything',
      '--fast': "Unknown option '--fast'",
    };
    await Promise.all(
      Object.entries(refused).map(async ([args, message]) => {
        const { said, ended } = start(args.split(' '));
        expect(await ended, args).toBe(1);
        expect(said()).toContain(message);
        expect(said()).not.toContain('    at ');
      }),
    );
  });

  it('builds, says so in one line without progress, and ends where nobody sits in front of it', { timeout: patient }, async () => {
    const out = join(temporaryFolder(), 'out');
    const { said, ended } = start(['--out', out]);
    expect(await ended).toBe(0);
    expect(said()).toMatch(/^done \d+ pages, \d+\.\d MB in .*out {2}\d+\.\d\d s\n$/);
    expect(listFiles(out)).toEqual(listFiles(inject('site')));
  });

  it('leaves a folder alone that holds something else', { timeout: patient }, async () => {
    const out = temporaryFolder();
    writeFileSync(join(out, 'letter.txt'), 'dear');
    const { said, ended } = start(['--out', out]);
    expect(await ended).toBe(1);
    expect(said()).toContain('the folder holds something other than the site');
    expect(listFiles(out)).toEqual(['letter.txt']);
  });

  it('serves until Ctrl-C, over what a former run has left', { timeout: patient }, async () => {
    const out = join(temporaryFolder(), 'out');
    mkdirSync(join(out, 'assets'), { recursive: true });
    writeFileSync(join(out, 'assets/search-index.js'), '');
    writeFileSync(join(out, 'old.html'), '');
    const { child, said, ended } = start(['--serve', '--port', '0', '--out', out]);
    const url = await new Promise<string>((resolve, reject) => {
      child.stdout?.on('data', () => {
        const [found] = /http:\/\/127\.0\.0\.1:\d+\//.exec(said()) ?? [];
        if (found !== undefined) resolve(found);
      });
      child.once('close', () => reject(new Error(said())));
    });
    expect((await fetch(url)).status).toBe(200);
    expect((await fetch(`${url}old.html`)).status).toBe(404);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
  });
});

describe('the server', () => {
  it('serves files of its folder with their types, and nothing else', async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, 'site/sub'), { recursive: true });
    for (const file of ['site/index.html', 'site/sub/index.html', 'site/a b.css', 'secret.html']) writeFileSync(join(folder, file), file);
    const server = await serve(join(folder, 'site'), 0);
    onTestFinished(() => server.close());
    // Not fetch, which would tidy the path up first.
    const get = (path: string, method = 'GET') =>
      new Promise<[number | undefined, string | undefined, string]>((resolve, reject) => {
        const url = new URL(server.url);
        request({ host: url.hostname, port: url.port, path, method }, (response) => {
          let body = '';
          response
            .on('data', (chunk: Buffer) => (body += chunk))
            .on('end', () => resolve([response.statusCode, response.headers['content-type'], body]));
        })
          .on('error', reject)
          .end();
      });
    expect(await get('/')).toEqual([200, 'text/html; charset=utf-8', 'site/index.html']);
    expect(await get('/sub/?q=1')).toEqual([200, 'text/html; charset=utf-8', 'site/sub/index.html']);
    expect(await get('/a%20b.css')).toEqual([200, 'text/css; charset=utf-8', 'site/a b.css']);
    expect(await get('/', 'HEAD')).toEqual([200, 'text/html; charset=utf-8', '']);
    expect((await get('/', 'POST'))[0]).toBe(405);
    for (const path of ['/missing.html', '/sub', '/../secret.html', '/..%2fsecret.html', '/%2e%2e/secret.html', '/%', '/%00'])
      expect((await get(path))[0], path).toBe(404);
  });

  it('says when its port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    await expect(serve(temporaryFolder(), port)).rejects.toThrow(`port ${port} is in use`);
  });
});
