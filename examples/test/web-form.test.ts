import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox } from '@finapi-ts/testing';
import { startServer } from '@finapi-ts/testing/server';
import { createFinapi } from 'finapi-ts';
import { access } from 'finapi-ts/access';
import { webForm } from 'finapi-ts/web-form';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { createApp } from '../src/web-form/app.ts';
import { home } from '../src/web-form/pages.ts';
import { type Running, start } from './program.ts';

const executablePath = inject('chromium');
const patient = 60_000;
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'];

/** The app on a sandbox behind a server, so that a browser finds its forms. */
async function appOnSandbox({ callbacks = true }: { readonly callbacks?: boolean } = {}) {
  const sandbox = createSandbox({ clients: [{ clientId: 'shop', clientSecret: 'canary-secret' }] });
  const finapiServer = await startServer(sandbox);
  const passwords = new Map<string, string>();
  const finapi = createFinapi({
    environment: { access: finapiServer.url, webForm: finapiServer.url },
    clientId: 'shop',
    clientSecret: 'canary-secret',
    apis: { access, webForm },
    users: { credentials: ({ userId }) => ({ password: passwords.get(userId) ?? '' }) },
    retry: false,
  });
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const callbackUrl = `${url}/finapi/callback`;
  const errors: unknown[] = [];
  server.on(
    'request',
    createApp({
      finapi,
      keepPassword: async (userId, password) => void passwords.set(userId, password),
      publicUrl: url,
      onError: (cause) => errors.push(cause),
      ...(callbacks ? { callbackUrl } : {}),
    }),
  );
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await finapiServer.close();
  });
  return { sandbox, url, callbackUrl, errors };
}

/** A visitor without a browser: keeps the cookie, follows nothing. */
async function visitor(url: string) {
  const cookie = (await fetch(url)).headers.get('set-cookie')?.split(';')[0] ?? '';
  return async (method: string, path: string) => {
    const response = await fetch(url + path, { method, headers: { cookie }, redirect: 'manual' });
    return { status: response.status, location: response.headers.get('location') ?? '', html: await response.text() };
  };
}

const post = (url: string, body: unknown): Promise<Response> => fetch(url, { method: 'POST', body: JSON.stringify(body) });

describe('the web app', () => {
  it('takes a callback, and believes only what finAPI says of the form', async () => {
    const { sandbox, url, callbackUrl } = await appOnSandbox({ callbacks: false });
    const ask = await visitor(url);
    expect((await ask('POST', '/connect')).status).toBe(303);
    const [form] = sandbox.webForms.list();
    const webFormId = form?.id ?? '';
    // Forged: the form is still open.
    expect((await post(callbackUrl, { webFormId, status: 'COMPLETED' })).status).toBe(204);
    expect((await ask('GET', '/')).html).not.toContain('Your accounts');
    await sandbox.webForms.complete(webFormId);
    expect((await post(callbackUrl, { webFormId, status: 'COMPLETED' })).status).toBe(204);
    expect((await ask('GET', '/')).html).toContain('Your accounts');
  });

  it('refuses what is no callback, or one of a form that it does not know', async () => {
    const { callbackUrl, errors } = await appOnSandbox();
    expect((await post(callbackUrl, { status: 'COMPLETED' })).status).toBe(400);
    expect((await post(callbackUrl, { webFormId: crypto.randomUUID(), status: 'COMPLETED' })).status).toBe(404);
    expect(errors).toEqual([]);
  });

  it('is called back though its user never returns', async () => {
    const { sandbox, url } = await appOnSandbox();
    const ask = await visitor(url);
    await ask('POST', '/connect');
    await sandbox.webForms.abort(sandbox.webForms.list()[0]?.id ?? '');
    expect(sandbox.callbacks.map(({ status }) => status)).toEqual([204]);
    expect((await ask('GET', '/')).html).toContain('You have left the form.');
  });

  it('gives each visitor a user of their own, and one alone for two clicks', async () => {
    const { sandbox, url } = await appOnSandbox();
    const [first, second] = [await visitor(url), await visitor(url)];
    await Promise.all([first('POST', '/connect'), first('POST', '/connect'), second('POST', '/connect')]);
    expect(sandbox.users.list()).toHaveLength(2);
    expect(sandbox.webForms.list()).toHaveLength(3);
    await sandbox.webForms.complete(sandbox.webForms.list({ userId: sandbox.users.list()[0]?.id ?? '' })[0]?.id ?? '');
    const shown = [(await first('GET', '/')).html, (await second('GET', '/')).html].filter((html) => html.includes('Your accounts'));
    expect(shown).toHaveLength(1);
  });

  it('creates nothing for who has no cookie, as with a page of somebody else that posts here', async () => {
    const { sandbox, url } = await appOnSandbox();
    const response = await fetch(`${url}/connect`, { method: 'POST', redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([303, '/']);
    expect(sandbox.log).toEqual([]);
  });

  it('names the request where finAPI failed, and lets the visitor try again', async () => {
    const { sandbox, url, errors } = await appOnSandbox();
    sandbox.faults.add({ operationId: 'createUser', status: 503 });
    const ask = await visitor(url);
    const refused = await ask('POST', '/connect');
    expect(refused.status).toBe(502);
    expect(refused.html).toContain(sandbox.log.find(({ operationId }) => operationId === 'createUser')?.requestId);
    expect(errors).toHaveLength(1);
    expect((await ask('POST', '/connect')).status).toBe(303);
  });

  it('writes texts of others as texts', () => {
    expect(home('COMPLETED', undefined, [{ accountName: '<script>', balance: 1 }])).toContain('<td>&#60;script&#62;</td>');
  });

  it('runs by itself and ends with SIGTERM', { timeout: patient }, async () => {
    const { program, url } = await startProgram();
    expect(await (await fetch(url)).text()).toContain('Connect your bank');
    program.child.kill('SIGTERM');
    expect(await program.ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nended\n$/) });
  });
});

async function startProgram(): Promise<{ readonly program: Running; readonly url: string }> {
  const program = start('web-form');
  const url = /(?<=open )\S+/.exec(await program.says('open http'))?.[0] ?? '';
  return { program, url };
}

// Where there is no Chromium, chromium.ts has said so; only a CI run must have one.
if (executablePath === '')
  it('has a browser, or does not run in CI', () => {
    expect(process.env['CI'] ?? '', 'CI needs Chromium: install it, or set CHROMIUM').toBe('');
  });
else describe('the web app in a browser', { timeout: patient }, inBrowser);

function inBrowser(): void {
  let browser: Browser;
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath, args });
  }, patient);
  afterAll(() => browser.close());

  /** A visitor's page, and what the browser complained of meanwhile. */
  async function open(url: string) {
    const context = await browser.newContext();
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
    page.on('pageerror', (error) => void errors.push(error.message));
    await page.goto(url);
    return { page, errors };
  }

  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const rows = (page: Page) => page.locator('tbody tr').count();

  it('leads to the form of the sandbox and back to the accounts; another bank adds its own, and everything is deleted', async () => {
    const { sandbox, url } = await appOnSandbox();
    const { page, errors } = await open(url);
    await press(page, 'Connect your bank');
    await page.getByRole('heading', { name: 'Connect your bank' }).waitFor();
    expect(new URL(page.url()).pathname).toMatch(/^\/webForm\//);
    await press(page, 'Connect');
    await page.getByText('Your bank is connected.').waitFor();
    expect(page.url()).toBe(`${url}/`);
    expect(await rows(page)).toBe(2);
    expect(await page.locator('tbody tr').first().textContent()).toMatch(/DE\d{20}/);
    expect(sandbox.callbacks.map(({ status }) => status)).toEqual([204]);

    await press(page, 'Connect another bank');
    await press(page, 'Connect');
    await page.getByText('Your bank is connected.').waitFor();
    expect(await rows(page)).toBe(4);

    await press(page, 'Delete everything');
    await page.getByText('Everything is deleted.').waitFor();
    expect([sandbox.users.list(), sandbox.webForms.list(), sandbox.bankConnections.list()]).toEqual([[], [], []]);
    await page.getByRole('link', { name: 'Start again' }).click();
    await page.getByRole('button', { name: 'Connect your bank' }).waitFor();
    expect(errors).toEqual([]);
  });

  it('says so where the visitor leaves the form, and where the bank refuses; the next try works', async () => {
    const { url } = await appOnSandbox();
    const { page, errors } = await open(url);
    for (const [button, said] of [
      ['Leave', 'You have left the form.'],
      ['Fail', 'Your bank could not be connected. (BANK_SERVER_REJECTION)'],
    ] as const) {
      await press(page, 'Connect your bank');
      await press(page, button);
      await page.getByText(said, { exact: true }).waitFor();
      expect(await rows(page)).toBe(0);
    }
    await press(page, 'Connect your bank');
    await press(page, 'Connect');
    await page.getByText('Your bank is connected.').waitFor();
    expect(await rows(page)).toBe(2);
    expect(errors).toEqual([]);
  });

  it('needs no callback: what the form says counts when the visitor comes back', async () => {
    const { sandbox, url } = await appOnSandbox({ callbacks: false });
    const { page } = await open(url);
    await press(page, 'Connect your bank');
    await press(page, 'Connect');
    await page.getByText('Your bank is connected.').waitFor();
    expect(await rows(page)).toBe(2);
    expect(sandbox.callbacks).toEqual([]);
  });

  it('is the program that the README starts', async () => {
    const { program, url } = await startProgram();
    onTestFinished(() => void program.child.kill());
    const { page, errors } = await open(url);
    await press(page, 'Connect your bank');
    await press(page, 'Connect');
    await page.getByText('Your bank is connected.').waitFor();
    expect(await rows(page)).toBe(2);
    expect(errors).toEqual([]);
  });
}
