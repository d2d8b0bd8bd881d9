// The store that encrypts: nothing readable reaches the inner one, nothing changed comes back, and keys rotate while it runs.
import { type EncryptionKeys, encryptedStore } from '@finapi-ts/auth-helpers/stores/encrypted';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import { describe, expect, it } from 'vitest';

const random = (length = 32): Uint8Array => crypto.getRandomValues(new Uint8Array(length));
const one = random();
const two = random();

describe('A store that encrypts', () => {
  it('lets nothing readable reach the inner store, and never the same text twice', async () => {
    const inner = memoryStore();
    const store = encryptedStore(inner, { current: 'one', keys: { one } });
    await store.set('key', '{"refreshToken":"secret"}');
    const first = (await inner.get('key')).value ?? '';
    await store.set('key', '{"refreshToken":"secret"}');
    const second = (await inner.get('key')).value ?? '';
    expect(first).toMatch(/^v1\.one\.[\w-]+$/);
    expect(first).not.toBe(second);
    expect(atob(first.slice(7).replaceAll('-', '+').replaceAll('_', '/'))).not.toContain('secret');
    expect((await store.get('key')).value).toBe('{"refreshToken":"secret"}');
  });

  it('is what AES-256-GCM says, so that another program can read it: nonce, cipher text, tag; the key of the entry is part of it', async () => {
    const inner = memoryStore();
    await encryptedStore(inner, { current: 'one', keys: { one } }).set('key', 'värdet');
    const [, , text = ''] = ((await inner.get('key')).value ?? '').split('.');
    const { createDecipheriv } = await import('node:crypto');
    const sealed = Buffer.from(text, 'base64url');
    const decipher = createDecipheriv('aes-256-gcm', one, sealed.subarray(0, 12));
    decipher.setAAD(Buffer.from('key'));
    decipher.setAuthTag(sealed.subarray(-16));
    expect(Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString()).toBe('värdet');
  });

  it('goes on reading what an older key has encrypted, and writes with the current one', async () => {
    const inner = memoryStore();
    let keys: EncryptionKeys = { current: 'one', keys: { one } };
    const store = encryptedStore(inner, async () => keys);
    const version = await store.set('key', 'value');
    keys = { current: 'two', keys: { one, two } };
    expect((await store.get('key')).value).toBe('value');
    await store.set('key', 'value', { ifVersion: version });
    expect((await inner.get('key')).value).toMatch(/^v1\.two\./);
    keys = { current: 'two', keys: { two } };
    expect((await store.get('key')).value).toBe('value');
  });

  it('takes keys that WebCrypto holds, which nobody can read out', async () => {
    const key = await crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
    const store = encryptedStore(memoryStore(), { current: 'vault', keys: { vault: key } });
    await store.set('key', 'value');
    expect((await store.get('key')).value).toBe('value');
  });

  it('says which key is missing, and does not take the entry for none', async () => {
    const inner = memoryStore();
    await encryptedStore(inner, { current: 'one', keys: { one } }).set('key', 'value');
    const store = encryptedStore(inner, { current: 'two', keys: { two } });
    await expect(store.get('key')).rejects.toMatchObject({
      code: 'STORE',
      message: 'an entry is encrypted with key one, which is not among the keys',
    });
    expect(await store.delete('key')).toBe(true);
  });

  it.each([
    ['with another key of the same name', async (value: string) => value, { one: two }],
    ['changed in one letter', async (value: string) => value.slice(0, -2) + (value.at(-2) === 'A' ? 'B' : 'A') + value.slice(-1), { one }],
    ['cut off', async (value: string) => value.slice(0, 30), { one }],
    ['of one letter', async () => 'v1.one.A', { one }],
  ])('does not give back what was written %s', async (_, change, keys) => {
    const inner = memoryStore();
    await encryptedStore(inner, { current: 'one', keys: { one } }).set('key', 'value');
    await inner.set('key', await change((await inner.get('key')).value ?? ''));
    await expect(encryptedStore(inner, { current: 'one', keys }).get('key')).rejects.toMatchObject({
      code: 'STORE',
      message: expect.stringMatching(/cannot be decrypted with key one/),
    });
  });

  it('does not take the entry of one user for that of another', async () => {
    const inner = memoryStore();
    const store = encryptedStore(inner, { current: 'one', keys: { one } });
    await store.set('alice', 'tokens of alice');
    await inner.set('mallory', (await inner.get('alice')).value ?? '');
    await expect(store.get('mallory')).rejects.toThrow(/cannot be decrypted/);
  });

  it('refuses what is stored in clear text', async () => {
    const inner = memoryStore();
    await inner.set('key', '{"accessToken":"planted"}');
    await expect(encryptedStore(inner, { current: 'one', keys: { one } }).get('key')).rejects.toThrow(
      'an entry is not encrypted; delete it',
    );
  });

  it('shows neither keys nor values in its errors', async () => {
    const inner = memoryStore();
    await inner.set('key', '{"accessToken":"canary"}');
    const cause = await encryptedStore(inner, { current: 'one', keys: { one } })
      .get('key')
      .catch((cause: unknown) => cause as Error);
    expect(JSON.stringify([cause, Object.getOwnPropertyNames(cause), (cause as Error).stack])).not.toContain('canary');
  });

  it.each<[string, EncryptionKeys]>([
    ['the key one must have 32 bytes', { current: 'one', keys: { one: random(16) } }],
    ['the current key is not among the keys', { current: 'two', keys: { one } }],
    ['the current key is not among the keys', { current: 'constructor', keys: { one } }],
    ['the id of a key must be 1 to 64 letters', { current: 'a.b', keys: { 'a.b': one } }],
  ])('says at once when %s', async (message, keys) => {
    expect(() => encryptedStore(memoryStore(), keys)).toThrow(message);
    await expect(encryptedStore(memoryStore(), () => keys).set('key', 'value')).rejects.toThrow(message);
  });

  it('has leases and tells of changes where the inner store does, also one whose methods are inherited', async () => {
    const inner = memoryStore();
    class Inherited {
      get = inner.get;
      set = inner.set;
      delete = inner.delete;
      lease(key: string, options: { readonly ttlMs: number }) {
        if (!(this instanceof Inherited)) throw new Error('without this');
        return inner.lease?.(key, options) ?? Promise.resolve(undefined);
      }
    }
    const store = encryptedStore(new Inherited(), { current: 'one', keys: { one } });
    expect(await store.lease?.('key', { ttlMs: 1000 })).toMatchObject({ owner: expect.any(String) });
    expect(store.watch).toBeUndefined();
    const { lease: _, watch: __, ...plain } = inner;
    expect(Object.keys(encryptedStore(plain, { current: 'one', keys: { one } })).sort()).toEqual(['delete', 'get', 'set']);
  });
});
