import { pathToFileURL } from 'node:url';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, inject, it, onTestFinished } from 'vitest';
import { type Served, serve } from '../src/serve.ts';

const executablePath = inject('chromium');
const patient = 60_000;
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const operation = 'access-v1/Accounts.html#getaccount';
const type = 'access-v1/types/Account.html';
const redoc = 'access-v1/openapi.html';
const phones = [
  { width: 390, height: 844 },
  { width: 360, height: 740 },
] as const;

// Where there is no Chromium, support-site.ts has said so; only a CI run must have one.
if (executablePath === '')
  it('has a browser, or does not run in CI', () => {
    expect(process.env['CI'] ?? '', 'CI needs Chromium: install it, or set CHROMIUM').toBe('');
  });
else describe('in a browser', { timeout: patient }, inBrowser);

function inBrowser(): void {
  let browser: Browser;
  let server: Served;
  beforeAll(async () => {
    [browser, server] = await Promise.all([chromium.launch({ executablePath, args }), serve(inject('site'), 0)]);
  }, patient);
  afterAll(async () => {
    await browser.close();
    await server.close();
  });

  /** A page of the site, and what the browser said and asked for meanwhile. */
  async function open(path: string, options: BrowserContextOptions = {}, base = server.url) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const errors: string[] = [];
    const foreign: string[] = [];
    page.on('console', (message) => void (message.type() === 'error' && errors.push(message.text())));
    page.on('pageerror', (error) => void errors.push(error.message));
    context.on(
      'request',
      (request) => void (!request.url().startsWith(base) && !/^(?:data|blob):/.test(request.url()) && foreign.push(request.url())),
    );
    await page.goto(`${base}${path}`, { waitUntil: 'load' });
    return { page, errors, foreign };
  }

  const sideways = (page: Page) => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
  const drawn = (page: Page) => page.getByRole('heading', { name: 'finAPI Access' }).first().waitFor();

  it('pages show without an error and ask no other host', async () => {
    const { page, errors, foreign } = await open('index.html');
    for (const path of ['client.html', operation, type]) {
      await page.goto(server.url + path);
      await page.locator('#query').fill('account');
      await page.locator('#results [role=option]').first().waitFor();
    }
    expect(errors).toEqual([]);
    expect(foreign).toEqual([]);
  });

  it('Redocly draws the document without an error, and its search works, with no other host', async () => {
    const { page, errors, foreign } = await open(redoc);
    await drawn(page);
    // The page is alive once its search has its index.
    await page.getByText('Search Ctrl+K').waitFor();
    await page.getByText('Accounts', { exact: true }).first().click();
    await page.getByText('Get an account', { exact: true }).first().click();
    await page.waitForURL(/#\/accounts\/getaccount$/);
    expect(errors).toEqual([]);
    expect(foreign).toEqual([]);
    await page.locator('a.back').click();
    await page.waitForURL(`${server.url}access-v1/index.html`);
  });

  it('a search finds the right place first, and Enter opens it', async () => {
    const { page } = await open(type);
    const wanted = {
      getAccount: 'access-v1/Accounts.html#getaccount',
      getaccount: 'access-v1/Accounts.html#getaccount',
      '/api/v1/accounts': 'access-v1/Accounts.html#getandsearchallaccounts',
      'delete /api/v1/accounts': 'access-v1/Accounts.html#deleteallaccounts',
      '/oauth/revoke': 'access-v1/Authorization.html#revoketoken',
      iban: 'access-v1/types/Account.html#account.iban',
      Account: 'access-v1/types/Account.html',
      accounts: 'access-v1/Accounts.html',
      'revoke a token': 'access-v1/Authorization.html#revoketoken',
      'which token': 'client.html#which-token',
      contributing: 'contributing.html',
    };
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('query');
    const first = page.locator('#results [role=option] a').first();
    for (const [text, path] of Object.entries(wanted)) {
      await page.locator('#query').fill(text);
      await expect.poll(() => first.getAttribute('href', { timeout: 20_000 }), { message: text, timeout: 20_000 }).toBe(`../../${path}`);
    }
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}contributing.html`);
    // Faster than the index.
    await page.locator('#query').fill('getLabel');
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}access-v1/Labels.html#getlabel`);
  });

  it('results are walked through by keyboard, and told to who does not see them', async () => {
    const { page } = await open('index.html');
    const query = page.getByRole('combobox');
    await query.fill('iban');
    const options = page.getByRole('option');
    await options.nth(2).waitFor();
    expect(await query.getAttribute('aria-expanded')).toBe('true');
    const selected = () =>
      page.evaluate(() => [...document.querySelectorAll('#results [role=option]')].findIndex((it) => it.ariaSelected === 'true'));
    const steps = [];
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', 'ArrowUp', 'ArrowUp']) {
      await page.keyboard.press(key);
      steps.push(await selected());
    }
    expect(steps).toEqual([1, 2, 1, 0, (await options.count()) - 1]);
    expect(await query.getAttribute('aria-activedescendant')).toBe(`result-${(await options.count()) - 1}`);
    expect(await page.getByRole('status').textContent()).toMatch(/results$/);
    await page.keyboard.press('Escape');
    expect(await query.getAttribute('aria-expanded')).toBe('false');
    await query.fill('no such thing anywhere');
    await page.getByText('Nothing found').first().waitFor();
    expect(await options.count()).toBe(0);
  });

  it('everything works from files, without a server', async () => {
    const { page, errors } = await open(type, {}, `${pathToFileURL(inject('site'))}/`);
    await page.locator('#query').fill('createUser');
    await page.getByRole('option').first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForURL(/Users\.html#createuser$/);
    await page.getByRole('link', { name: 'finapi-ts', exact: true }).click();
    await page.waitForURL(/\/index\.html$/);
    expect(errors).toEqual([]);
  });

  it('links lead from page to page, and an anchor is not hidden by the header', async () => {
    const { page } = await open('index.html');
    await page.locator('#sidebar').getByRole('link', { name: 'Accounts', exact: true }).click();
    await page.locator('main').getByRole('link', { name: 'getAccount', exact: true }).click();
    await page.waitForURL(`${server.url}${operation}`);
    const [heading, header] = await page.evaluate(() => [
      document.getElementById('getaccount')?.getBoundingClientRect().top ?? 0,
      document.querySelector('header')?.getBoundingClientRect().bottom ?? 0,
    ]);
    expect(heading).toBeGreaterThanOrEqual(header ?? 0);
    await page.locator('main').getByRole('link', { name: 'Account', exact: true }).first().click();
    await page.waitForURL(`${server.url}${type}`);
    expect(await page.locator('#sidebar details').getAttribute('open')).toBe('');
    await expect.poll(() => page.locator('#sidebar [aria-current]').textContent()).toBe('Account');
  });

  it('the first key leads past the navigation, with a visible focus', async () => {
    const { page } = await open(type);
    await page.keyboard.press('Tab');
    const skip = page.getByRole('link', { name: 'Skip to content' });
    expect(
      await skip.evaluate((it) => [it === document.activeElement, it.getBoundingClientRect().top >= 0, getComputedStyle(it).outlineStyle]),
    ).toEqual([true, true, 'solid']);
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('content');
  });

  it('on a phone no page scrolls sideways', async () => {
    const { page, errors } = await open('index.html', { viewport: phones[0], hasTouch: true });
    const guides = ['client.html', 'architecture.html', 'contributing.html', 'decisions/0005-dependencies.html'];
    const reference = ['access-v1/index.html', 'access-v1/BankConnections.html', operation, 'access-v1/types/index.html', type];
    for (const path of ['index.html', ...guides, ...reference, redoc]) {
      await page.goto(`${server.url}${path}`);
      if (path === redoc) await drawn(page);
      for (const size of phones) {
        await page.setViewportSize(size);
        expect(await sideways(page), `${path} at ${size.width}`).toBe(false);
      }
    }
    expect(errors).toEqual([]);
  });

  it('on a phone the pages are behind a button', async () => {
    const { page } = await open('index.html', { viewport: phones[0], hasTouch: true });
    const sidebar = page.locator('#sidebar');
    const menu = page.getByRole('button', { name: 'Menu' });
    expect(await sidebar.isVisible()).toBe(false);
    for (const size of phones) {
      await page.setViewportSize(size);
      await menu.tap();
      expect(await sidebar.isVisible()).toBe(true);
      expect(await menu.getAttribute('aria-expanded')).toBe('true');
      expect(await sideways(page)).toBe(false);
      await page.keyboard.press('Escape');
      expect(await sidebar.isVisible()).toBe(false);
    }
    await menu.tap();
    await sidebar.getByRole('link', { name: 'Architecture' }).tap();
    await page.waitForURL(`${server.url}architecture.html`);
  });

  it('in both schemes all words stand out from what is behind them', async () => {
    for (const path of ['client.html', type]) {
      const { page } = await open(path);
      await page.locator('#query').fill('iban');
      await page.getByRole('option').first().waitFor();
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const { background, faint } = await page.evaluate(contrasts);
        expect(background < 0.2).toBe(colorScheme === 'dark');
        expect(faint).toEqual([]);
      }
    }
  });

  it('without scripts, pages and navigation are there', async () => {
    const { page } = await open(type, { javaScriptEnabled: false, viewport: { width: 390, height: 844 } });
    expect(await page.locator('h1').textContent()).toBe('Account');
    expect(await page.locator('#sidebar').isVisible()).toBe(true);
    expect(await page.locator('#search').isVisible()).toBe(false);
  });
}

/** Runs in the page: luminance of the background, and texts with a contrast below 4.5, as WCAG 2.2 measures it. */
function contrasts(): { background: number; faint: string[] } {
  const channels = (color: string): number[] => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = (color: string): number =>
    channels(color)
      .slice(0, 3)
      .map((value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4))
      .reduce((sum, value, index) => sum + value * ([0.2126, 0.7152, 0.0722][index] ?? 0), 0);
  const behind = (element: Element | null): string => {
    if (element === null) return getComputedStyle(document.body).backgroundColor;
    const { backgroundColor } = getComputedStyle(element);
    return channels(backgroundColor)[3] === 0 ? behind(element.parentElement) : backgroundColor;
  };
  const faint = new Set<string>();
  for (const element of document.querySelectorAll('body *')) {
    const words = [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== '');
    if (!words || element.closest('.anchor') !== null) continue;
    const [a, b] = [luminance(getComputedStyle(element).color), luminance(behind(element))].sort((x, y) => y - x) as [number, number];
    const contrast = (a + 0.05) / (b + 0.05);
    if (contrast < 4.5) faint.add(`${element.tagName}.${element.className} ${contrast.toFixed(1)}`);
  }
  return { background: luminance(getComputedStyle(document.body).backgroundColor), faint: [...faint] };
}
