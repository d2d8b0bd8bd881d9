// The body of a callback, from whatever has it: bounded, and nothing but JSON.

/** What a callback can be given as: the request, its body as text or bytes, or what a framework made of it. */
export type CallbackInput = unknown;

export interface ParseOptions {
  /** Bytes that a body may have. 65536 unless set. */
  readonly maxBytes?: number;
}

/** Stable codes: decide by them, never by messages. */
export type CallbackErrorCode =
  /** More than `maxBytes`. */
  | 'TOO_LARGE'
  /** The body was read before, or its connection broke. */
  | 'UNREADABLE'
  /** It is no JSON object. */
  | 'NOT_JSON'
  /** A member is missing or is none that finAPI sends. */
  | 'WRONG_SHAPE';

/** A callback that is none of finAPI's. It never shows what was sent. */
export class CallbackError extends Error {
  override name = 'CallbackError';
  readonly code: CallbackErrorCode;
  /** What to answer: 413 where it is too large, else 400. */
  readonly status: 400 | 413;

  constructor(code: CallbackErrorCode, message: string) {
    super(message);
    this.code = code;
    this.status = code === 'TOO_LARGE' ? 413 : 400;
  }
}

/** A JSON object. Read it with `own`: who sends it may name its members as they like. */
export type CallbackBody = Readonly<Record<string, unknown>>;

/** Its own member of that name. */
export const own = (body: CallbackBody, name: string): unknown => (Object.hasOwn(body, name) ? body[name] : undefined);

export async function readBody(input: CallbackInput, { maxBytes = 65_536 }: ParseOptions): Promise<CallbackBody> {
  const value = parse(await textOf(input, maxBytes));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw notJson();
  return value as CallbackBody;
}

/** A text member of at most so many characters. */
export function text(body: CallbackBody, name: string, most: number): string {
  const value = own(body, name);
  if (typeof value !== 'string' || value === '' || value.length > most)
    throw wrong(`${name} is missing, or no text of at most ${most} characters`);
  return value;
}

/** Web Form's ids have 36 characters. */
export function id(body: CallbackBody, name: string): string {
  const value = own(body, name);
  if (typeof value !== 'string' || !/^[\w-]{36}$/.test(value)) throw wrong(`${name} is missing, or no id of 36 characters`);
  return value;
}

export const wrong = (message: string): CallbackError => new CallbackError('WRONG_SHAPE', message);

const notJson = (): CallbackError => new CallbackError('NOT_JSON', 'the body is no JSON object; give the request, or its body');
const tooLarge = (maxBytes: number): CallbackError => new CallbackError('TOO_LARGE', `the body has more than ${maxBytes} bytes`);

function parse(json: string): unknown {
  try {
    // A member of this name would become the prototype of whatever it is copied to.
    return JSON.parse(json, (name, value) => (name === '__proto__' ? undefined : value));
  } catch {
    throw notJson();
  }
}

interface RequestLike {
  readonly body: ReadableStream<Uint8Array> | null;
  readonly bodyUsed: boolean;
  text(): Promise<string>;
}

const isRequest = (input: object): input is RequestLike =>
  'body' in input && 'bodyUsed' in input && typeof (input as { text?: unknown }).text === 'function';

async function textOf(input: CallbackInput, maxBytes: number): Promise<string> {
  if (typeof input === 'string') return bounded(input, maxBytes);
  if (input instanceof Uint8Array) {
    if (input.byteLength > maxBytes) throw tooLarge(maxBytes);
    return decode(input);
  }
  if (typeof input !== 'object' || input === null) throw notJson();
  if (isRequest(input)) return decode(await bytesOf(input, maxBytes));
  let json: string | undefined;
  try {
    json = JSON.stringify(input);
  } catch {
    throw notJson();
  }
  return bounded(json ?? '', maxBytes);
}

function bounded(json: string, maxBytes: number): string {
  if (json.length > maxBytes || new TextEncoder().encode(json).byteLength > maxBytes) throw tooLarge(maxBytes);
  return json;
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw notJson();
  }
}

async function bytesOf({ body, bodyUsed }: RequestLike, maxBytes: number): Promise<Uint8Array> {
  const unreadable = (): CallbackError => new CallbackError('UNREADABLE', 'the body was read before, or did not come whole');
  if (bodyUsed) throw unreadable();
  if (body === null) throw notJson();
  const chunks: Uint8Array[] = [];
  let size = 0;
  let reader: ReadableStreamDefaultReader<Uint8Array>;
  try {
    reader = body.getReader();
  } catch {
    throw unreadable();
  }
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw unreadable();
    });
    if (done) break;
    size += value.byteLength;
    if (size > maxBytes) {
      // What is left is not waited for.
      reader.cancel().catch(() => {});
      throw tooLarge(maxBytes);
    }
    chunks.push(value);
  }
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.byteLength;
  }
  return bytes;
}
