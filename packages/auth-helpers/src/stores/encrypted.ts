// A token store around another that encrypts what is stored: AES-256-GCM, with keys that can be rotated while it runs.
import type { TokenStore } from '../store.js';
import { fault } from './fault.js';

/** The keys of an encrypting store. */
export interface EncryptionKeys {
  /** Id of the key that encrypts what is written from now on. */
  readonly current: string;
  /** By id: 32 random bytes each, or a `CryptoKey` for AES-GCM. Older ones go on decrypting what was written with them. */
  readonly keys: Readonly<Record<string, Uint8Array | CryptoKey>>;
}

/** Where the keys are. A function is asked at each read and write, so that it can rotate them. */
export type EncryptionKeySource = EncryptionKeys | (() => EncryptionKeys | Promise<EncryptionKeys>);

// v1.<key id>.<12 bytes that are used once, then cipher text and tag, in base64url>
const format = /^v1\.([\w-]+)\.([\w-]+)$/;
const nonceLength = 12;
const keyId = /^[\w-]{1,64}$/;

/**
 * Creates a token store that encrypts values before the inner one sees them. Keys of entries stay readable: they name issuer, client
 * and user. What is stored under one key cannot be passed off as that of another.
 *
 * A value that cannot be decrypted is an error, not an empty entry: a key that is missing by mistake must not cost all sessions.
 */
export function encryptedStore(inner: TokenStore, source: EncryptionKeySource): TokenStore {
  if (typeof inner?.get !== 'function') throw new TypeError('the first argument is no token store');
  if (typeof source !== 'function') check(source);
  const imported = new WeakMap<Uint8Array, Promise<CryptoKey>>();

  const keysNow = async (): Promise<EncryptionKeys> => (typeof source === 'function' ? check(await source()) : source);
  const keyOf = async (key: Uint8Array | CryptoKey): Promise<CryptoKey> => {
    if (!(key instanceof Uint8Array)) return key;
    const known = imported.get(key) ?? crypto.subtle.importKey('raw', Uint8Array.from(key), 'AES-GCM', false, ['encrypt', 'decrypt']);
    imported.set(key, known);
    return known;
  };

  const encrypt = async (name: string, value: string): Promise<string> => {
    const { current, keys } = await keysNow();
    const key = keys[current] as Uint8Array | CryptoKey;
    const iv = crypto.getRandomValues(new Uint8Array(nonceLength));
    const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv, additionalData: bytesOf(name) }, await keyOf(key), bytesOf(value));
    return `v1.${current}.${toBase64Url(iv)}${toBase64Url(new Uint8Array(sealed))}`;
  };
  const decrypt = async (name: string, value: string): Promise<string> => {
    const [, id = '', text = ''] = format.exec(value) ?? [];
    const { keys } = await keysNow();
    const key = Object.hasOwn(keys, id) ? keys[id] : undefined;
    if (key === undefined)
      throw fault(id === '' ? 'an entry is not encrypted; delete it' : `an entry is encrypted with key ${id}, which is not among the keys`);
    try {
      const sealed = fromBase64Url(text);
      const algorithm = { name: 'AES-GCM', iv: sealed.subarray(0, nonceLength), additionalData: bytesOf(name) };
      return new TextDecoder().decode(await crypto.subtle.decrypt(algorithm, await keyOf(key), sealed.subarray(nonceLength)));
    } catch {
      throw fault(`an entry cannot be decrypted with key ${id}: it was changed, or the key is another one of that name`);
    }
  };

  const store: TokenStore = {
    async get(key, options) {
      const stored = await inner.get(key, options);
      return stored.value === undefined ? stored : { ...stored, value: await decrypt(key, stored.value) };
    },
    set: async (key, value, options) => inner.set(key, await encrypt(key, value), options),
    delete: (key, options) => inner.delete(key, options),
  };
  if (inner.lease !== undefined) store.lease = inner.lease.bind(inner);
  if (inner.watch !== undefined) store.watch = inner.watch.bind(inner);
  return store;
}

function check(given: EncryptionKeys): EncryptionKeys {
  const { current, keys } = given;
  for (const [id, key] of Object.entries(keys)) {
    if (!keyId.test(id)) throw new TypeError('the id of a key must be 1 to 64 letters, digits, dashes and underscores');
    if (key instanceof Uint8Array && key.length !== 32) throw new TypeError(`the key ${id} must have 32 bytes`);
  }
  if (!Object.hasOwn(keys, current)) throw new TypeError('the current key is not among the keys');
  return given;
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Base64url (RFC 4648, section 5) by way of `btoa`, which every runtime has. */
function toBase64Url(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

const fromBase64Url = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
