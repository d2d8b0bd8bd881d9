// A page in Chromium: served from one origin with the API, as behind a proxy, and read once its calls are done.
import { createReadStream, existsSync } from 'node:fs';
import { createServer, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { delimiter, extname, join } from 'node:path';
import type { Mock } from '@finapi-ts/contract-tests/server';
import { chromium } from 'playwright-core';

const types: Readonly<Record<string, string>> = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8' };

/** Chromium's program: that of CHROMIUM, or the first on the PATH; none where there is none. */
export function findChromium(): string | undefined {
  const given = process.env['CHROMIUM'];
  const paths = given === undefined ? (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'chromium')) : [given];
  return paths.find((path) => existsSync(path));
}

/** One origin for all: `/api` is passed on to `api`, nothing below `/silent` is ever answered, the rest are files of `folder`. */
export async function servePage(folder: string, api: string): Promise<Mock> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://page');
    if (pathname.startsWith('/silent/')) return;
    if (!pathname.startsWith('/api/')) {
      const file = join(folder, pathname === '/' ? 'index.html' : pathname);
      response.writeHead(existsSync(file) ? 200 : 404, { 'content-type': types[extname(file)] ?? 'text/plain' });
      if (existsSync(file)) createReadStream(file).pipe(response);
      else response.end();
      return;
    }
    const { host: _host, ...headers } = request.headers;
    const passedOn = send(`${api}${request.url}`, { method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    passedOn.on('error', (error) => response.writeHead(502).end(error.message));
    request.pipe(passedOn);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export interface Seen {
  /** Version of the browser. */
  readonly version: string;
  /** The page's text, once it has one. */
  readonly text: string;
  /** What the browser complained of, and addresses of other hosts that it asked. */
  readonly errors: readonly string[];
}

export async function readPage(executablePath: string, url: string): Promise<Seen> {
  const args = ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
  const browser = await chromium.launch({ executablePath, args });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => void errors.push(error.message));
    page.on('request', (request) => {
      if (!/^data:/.test(request.url()) && !request.url().startsWith(url)) errors.push(`asked for ${request.url()}`);
    });
    await page.goto(url);
    await page.waitForFunction(() => document.body.textContent?.trim() !== '');
    return { version: browser.version(), text: (await page.textContent('body'))?.trim() ?? '', errors };
  } finally {
    await browser.close();
  }
}
