// What the client was generated from, and that importing it does nothing.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAccessV1, servers } from '../src/generated/access-v1/index.js';
import { createAccessV2 } from '../src/generated/access-v2/index.js';
import { createWebFormApi } from '../src/generated/web-form/index.js';
import { baseUrl, clientOf, recorder } from './support.js';

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.resetModules();
});

const apis = [
  ['access-v1', '1.151.1', createAccessV1({ baseUrl }).provenance],
  ['access-v2', '2024.38.2', createAccessV2({ baseUrl }).provenance],
  ['web-form', '2.779.0', createWebFormApi({ baseUrl }).provenance],
] as const;

describe.each(apis)('provenance of %s', (api, version, provenance) => {
  const document = readFileSync(new URL(`../../../spec/${api}/openapi.yaml`, import.meta.url));

  it('names the document by its hash', () => {
    expect(provenance.document).toBe(createHash('sha256').update(document).digest('hex'));
  });

  it('names the API and the version of the document', () => {
    expect(provenance).toMatchObject({ api, version });
    expect(document.toString()).toMatch(new RegExp(`^ +version: ['"]?${version.replaceAll('.', '\\.')}`, 'm'));
  });

  it('names what it was made with, and a hash of the overlays', () => {
    expect(provenance.generators['openapi-typescript']).toBe('7.13.0');
    expect(provenance.overlays).toMatch(/^[0-9a-f]{64}$/);
    expect(provenance.overlays).not.toBe(provenance.document);
  });
});

describe('provenance', () => {
  const { provenance } = createAccessV1({ baseUrl });

  it('is the same object for clients of any options', () => {
    const others = [createAccessV1({ baseUrl: servers.live }), clientOf(recorder(), { language: 'en', retry: false })];
    for (const other of others) expect(other.provenance).toBe(provenance);
  });
});

describe('importing the client', () => {
  const entries = [
    '../src/index.js',
    ...apis.flatMap(([api]) => ['index', 'operations', 'raw'].map((name) => `../src/generated/${api}/${name}.js`)),
  ];
  const importAll = async (): Promise<void> => {
    vi.resetModules();
    for (const entry of entries) await import(/* @vite-ignore */ entry);
  };

  it('reads no environment, nor does creating a client', async () => {
    const read: string[] = [];
    const environment = new Proxy({} as Record<string, string>, {
      get: (_, name) => {
        read.push(String(name));
        return undefined;
      },
      has: (_, name) => {
        read.push(String(name));
        return false;
      },
    });
    await importAll();
    const before = process.env;
    try {
      // The runner itself reads its environment while it loads modules, so creating is watched here and importing by the text below.
      process.env = environment;
      clientOf(recorder()).as({ identity: 'user', token: 't' });
    } finally {
      process.env = before;
    }
    expect(read).toEqual([]);
  });

  it('is of modules that name neither the environment nor a module of a runtime', () => {
    const folder = new URL('../src/', import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(15);
    for (const file of files) {
      const code = readFileSync(new URL(file, folder), 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      expect(code, file).not.toMatch(/\bprocess\b\s*[.[]|\bDeno\b|\bBun\b|import\.meta|from ['"]node:|require\(/);
    }
  });

  it('starts no timer, nor does creating a client', async () => {
    vi.useFakeTimers();
    await importAll();
    clientOf(recorder()).as({ identity: 'user', token: 't' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('calls no fetch, nor does creating a client', async () => {
    const fetch = vi.fn();
    vi.stubGlobal('fetch', fetch);
    await importAll();
    createAccessV1({ baseUrl, auth: { client: { identity: 'client', get: () => Promise.reject(new Error('asked')) } } }).as({
      identity: 'user',
      token: 't',
    });
    expect(fetch).not.toHaveBeenCalled();
  });

  it('adds nothing to the globals', async () => {
    const before = Object.getOwnPropertyNames(globalThis).sort();
    await importAll();
    expect(Object.getOwnPropertyNames(globalThis).sort()).toEqual(before);
  });
});
