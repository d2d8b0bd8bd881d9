// One distinctive string a secret, and a search for them in everything that can leave.
import { format, inspect } from 'node:util';

/** Each is a secret somewhere in the tests. Letters and digits alone: encoding for URLs leaves them as they are. */
export const canaries = {
  clientSecret: 'canaryClientSecret7f3a91',
  password: 'canaryPassword5c0d28',
  accessToken: 'canaryAccessToken9b4e67',
  clientToken: 'canaryClientToken2d8f13',
  refreshToken: 'canaryRefreshToken6a1c54',
  revokedToken: 'canaryRevokedToken3e7b80',
} as const;

/** A secret as it may stand in a text: as it is, in hex, and in base64 (of URLs too) whatever stands before it. */
function formsOf(secret: string): string[] {
  const inBase64 = [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.from(`${' '.repeat(shift)}${secret}`);
    // The first and the last characters depend on what stands around.
    return [encoded.toString('base64'), encoded.toString('base64url')].map((text) => text.slice(4, secret.length));
  });
  return [secret, Buffer.from(secret).toString('hex'), ...inBase64];
}

const needles = Object.entries(canaries).flatMap(([name, secret]) => formsOf(secret).map((form) => ({ name, form: form.toLowerCase() })));

/** Names of the secrets that a text holds, in whatever case and form. */
export function secretsIn(text: string): readonly string[] {
  const lower = text.toLowerCase();
  return [...new Set(needles.filter(({ form }) => lower.includes(form)).map(({ name }) => name))];
}

/** Everything that prints, copies or walks a value. */
export function textsOf(value: unknown, depth = 0): string[] {
  const texts = [
    inspect(value, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    inspect(value),
    format('%s %o %O %j', value, value, value, value),
    attempt(() => String(value)),
    attempt(() => `${JSON.stringify(value)}`),
    attempt(() => inspect(structuredClone(value), { depth: Number.POSITIVE_INFINITY, showHidden: true })),
  ];
  if (depth < 4 && typeof value === 'object' && value !== null)
    for (let at: object | null = value; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
      for (const key of Reflect.ownKeys(at)) {
        if (key === 'constructor') continue;
        const member = attempt(() => Reflect.get(at, key, value));
        texts.push(String(key), ...(typeof member === 'object' ? textsOf(member, depth + 1) : [attempt(() => String(member))]));
      }
  return texts;
}

/** What cannot be done to a value says so in an error, which is looked at as well. */
function attempt<T>(run: () => T): T | string {
  try {
    return run();
  } catch (cause) {
    return inspect(cause, { depth: Number.POSITIVE_INFINITY, showHidden: true });
  }
}
