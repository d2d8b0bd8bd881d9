// Reads published documents: YAML or JSON, from a file or over http(s), Swagger 2.0 and OpenAPI 3.1 said in OpenAPI 3.0.
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { upgradeFromTwoToThree } from '@scalar/openapi-upgrader/2.0-to-3.0';
import { InputError } from '../errors.ts';
import { nameOf, readText } from '../files.ts';
import { isNode, type Kind, type Node, walk } from './grammar.ts';
import { lower } from './lower.ts';
import { lineOf, type Path, parse, type Source } from './yaml.ts';

const mebibyte = 2 ** 20;

interface Limits {
  /** Bytes of one document. */
  readonly bytes: number;
  /** Values of one document, each alias counted as what it stands for. */
  readonly values: number;
  /** Levels below the root, aliases included. */
  readonly depth: number;
  /** Milliseconds for one document over http(s), redirects included. */
  readonly time: number;
  readonly redirects: number;
  /** Documents that references may bring in. */
  readonly documents: number;
}

const usual: Limits = { bytes: 32 * mebibyte, values: 2_000_000, depth: 200, time: 30_000, redirects: 5, documents: 50 };
/** A published document may use a few YAML aliases; what they may grow to is limited by `values`. */
const maxAliases = 1000;

export interface ReadOptions {
  /** Whether `$ref` may reach other documents over http(s). */
  readonly remoteRefs?: boolean;
  readonly limits?: Partial<Limits>;
}

/** A document in the form of OpenAPI 3.0. Its `text` is what was read, so lines are those of the published file. */
export interface PublishedDocument extends Source<Node> {
  /** What it was written in. */
  readonly written: '2.0' | '3.0' | '3.1';
  /** What could not be said in OpenAPI 3.0. */
  readonly notes: readonly string[];
}

/** Whether an input is an address, of whatever kind, and no file. */
export const isAddress = (input: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(input);
export const isUrl = (input: string): boolean => /^https?:\/\//i.test(input);

/**
 * @param root the folder that messages name files from
 * @param input a path, or an http(s) URL
 */
export async function readDocument(root: string, input: string, options: ReadOptions = {}): Promise<PublishedDocument> {
  const limits = { ...usual, ...options.limits };
  if (isUrl(input)) return finish(await download(input, limits), input, options);
  if (isAddress(input)) throw new InputError({ message: `${input}: documents are read from files, http and https alone` });
  const path = resolve(input);
  const file = nameOf(root, path);
  const found = statSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !found.isFile() && !found.isDirectory())
    throw new InputError({ file, message: 'this is no plain file', hint: 'save the document into a file first' });
  if (found?.isFile() === true && found.size > limits.bytes) throw tooLarge(file, limits);
  return finish({ file, text: readText(root, path) }, undefined, options);
}

/** Like `readDocument`, of a text that is at hand; what it refers to over http(s) is refused. */
export function parseDocument(file: string, text: string, options: Pick<ReadOptions, 'limits'> = {}): PublishedDocument {
  const source = parsePlain(file, text, { ...usual, ...options.limits });
  refuseReferences(source, 'http');
  return convert(source);
}

async function finish(
  { file, text }: { file: string; text: string },
  base: string | undefined,
  options: ReadOptions,
): Promise<PublishedDocument> {
  if (options.remoteRefs !== true) return parseDocument(file, text, options);
  const limits = { ...usual, ...options.limits };
  const source = parsePlain(file, text, limits);
  refuseReferences(source, base === undefined ? 'file' : 'none');
  const document = convert(source);
  await bringIn(document, base, limits);
  refuseReferences(document, 'http');
  return document;
}

/** Parses and copies, so that no two places share an object; the copy is limited, which ends alias bombs and cycles. */
function parsePlain(file: string, text: string, limits: Limits): Source<Node> {
  if (Buffer.byteLength(text) > limits.bytes) throw tooLarge(file, limits);
  const source = parse(file, text, maxAliases);
  let values = 0;
  const copy = (value: unknown, depth: number): unknown => {
    if (++values > limits.values || depth > limits.depth)
      throw new InputError({
        file,
        message:
          depth > limits.depth
            ? `nested deeper than ${limits.depth} levels`
            : `more than ${limits.values} values, aliases counted as what they stand for`,
        hint: 'aliases that contain aliases can grow without end; write the document out without them',
      });
    if (Array.isArray(value)) return value.map((item) => copy(item, depth + 1));
    if (!isNode(value)) return value;
    const made: Node = {};
    for (const key of Object.keys(value)) made[key] = copy(value[key], depth + 1);
    return made;
  };
  const value = copy(source.value, 0);
  if (!isNode(value)) throw new InputError({ file, line: 1, message: 'not an OpenAPI document: its root is not an object' });
  return { file, text: source.text, value };
}

/** A version as a message shows it, whatever stands in its place. */
const said = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

function convert(source: Source<Node>): PublishedDocument {
  const { file, value } = source;
  const swagger = value.swagger === undefined ? undefined : String(value.swagger);
  const openapi = typeof value.openapi === 'string' ? value.openapi : undefined;
  const written = swagger === '2.0' || swagger === '2' ? '2.0' : (/^3\.[01](?=\.|$)/.exec(openapi ?? '')?.[0] as '3.0' | '3.1' | undefined);
  if (written === undefined) {
    const found =
      swagger !== undefined
        ? `swagger: ${said(value.swagger)}`
        : value.openapi !== undefined
          ? `openapi: ${said(value.openapi)}`
          : 'neither';
    throw new InputError({
      file,
      line: lineOf(source, [swagger === undefined ? 'openapi' : 'swagger']),
      message: `expected Swagger 2.0, OpenAPI 3.0 or 3.1, found ${found}`,
    });
  }
  if (value.paths === undefined && written === '3.1') value.paths = {};
  if (!isNode(value.paths))
    throw new InputError({ file, line: lineOf(source, ['paths']), message: 'not an OpenAPI document: `paths` is missing or no object' });
  if (written === '3.0') return { ...source, written, notes: [] };
  if (written === '3.1') return { ...source, written, notes: lower(value) };
  try {
    const upgraded: unknown = upgradeFromTwoToThree({ ...value, swagger: '2.0' });
    if (!isNode(upgraded)) throw new Error('nothing came out');
    return { ...source, value: upgraded, written, notes: [] };
  } catch (cause) {
    throw new InputError({
      file,
      message: `this Swagger 2.0 cannot be upgraded to OpenAPI 3.0: ${(cause as Error).message}`,
      hint: 'check it with a validator first',
    });
  }
}

/** Places whose objects are data, not structure. */
const data = new Set(['example', 'examples', 'default', 'enum', 'const']);

/**
 * Refuses references that lead nowhere or out of the document.
 *
 * @param out which of those that lead out are refused: all, those to files, or none
 */
function refuseReferences(source: Source<Node>, out: 'http' | 'file' | 'none'): void {
  const problems: { path: Path; message: string; hint?: string }[] = [];
  const known = new Map<string, boolean>();
  const path: (string | number)[] = [];
  const visit = (value: unknown, named: boolean): void => {
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) {
        path.push(index);
        visit(item, false);
        path.pop();
      }
    }
    if (!isNode(value)) return;
    if (!named && typeof value.$ref === 'string') {
      const problem = problemOf(value.$ref);
      if (problem !== undefined) problems.push({ path: [...path, '$ref'], ...problem });
    }
    for (const key of Object.keys(value)) {
      if (!named && (data.has(key) || key.startsWith('x-'))) continue;
      path.push(key);
      visit(value[key], !named && (key === 'properties' || key === 'patternProperties'));
      path.pop();
    }
  };
  const problemOf = (ref: string): { message: string; hint?: string } | undefined => {
    if (ref.startsWith('#')) {
      const good = known.get(ref) ?? leadsToNode(source.value, ref);
      known.set(ref, good);
      return good ? undefined : { message: `refers to ${ref}, which is not there or refers back to itself` };
    }
    const remote = isUrl(ref) || ref.startsWith('//');
    if (out === 'none' || (out === 'file' && remote)) return undefined;
    if (remote) return { message: `refers to ${ref}`, hint: 'references to other servers are followed with --remote-refs alone' };
    return { message: `refers to the file ${ref}`, hint: 'a document has to be one file; bundle it first' };
  };
  visit(source.value, false);
  if (problems.length === 0) return;
  throw new InputError(
    problems.slice(0, 20).map(({ path, ...problem }) => ({ file: source.file, line: lineOf(source, path), ...problem })),
  );
}

/** Whether a reference ends at an object or value, not in a circle of references. */
function leadsToNode(root: Node, ref: string): boolean {
  const seen = new Set<string>();
  for (let at = ref; !seen.has(at); ) {
    seen.add(at);
    const target = follow(root, at);
    if (target === undefined) return false;
    if (!isNode(target) || typeof target.$ref !== 'string' || !target.$ref.startsWith('#')) return true;
    at = target.$ref;
  }
  return false;
}

/** What a reference within a document points at; undefined where nothing is. */
export function follow(root: unknown, ref: string): unknown {
  if (ref === '#' || ref === '') return root;
  if (!ref.startsWith('#/')) return undefined;
  let at = root;
  for (const step of ref.slice(2).split('/')) {
    const key = decode(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, key)) return undefined;
    at = (at as Node)[key];
  }
  return at;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Where what a reference brings in is put. */
const groups: Partial<Record<Kind, string>> = {
  schema: 'schemas',
  parameter: 'parameters',
  response: 'responses',
  header: 'headers',
  requestBody: 'requestBodies',
};

/** Makes what is referred to over http(s) a component of the document. */
async function bringIn(document: PublishedDocument, base: string | undefined, limits: Limits): Promise<void> {
  const root = document.value;
  const loaded = new Map<string, Node>();
  const known = new Map<string, string>();
  const fail = (message: string): never => {
    throw new InputError({ file: document.file, message });
  };
  /** References of a part that comes from `from`, made absolute. */
  const absolute = (value: unknown, from: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => absolute(item, from));
    if (!isNode(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        key === '$ref' && typeof item === 'string' ? new URL(item, from).href : absolute(item, from),
      ]),
    );
  };
  const place = async (node: Node, kind: Kind): Promise<boolean> => {
    const ref = node.$ref;
    if (typeof ref !== 'string' || ref.startsWith('#')) return false;
    if (base === undefined && !isUrl(ref)) fail(`refers to ${ref}, which needs a document that was read over http(s)`);
    const url = new URL(ref, base);
    const [address = '', fragment = ''] = url.href.split('#');
    let at = known.get(url.href);
    if (at === undefined) {
      const group = groups[kind] ?? fail(`a ${kind} cannot be brought in from ${address}`);
      let source = loaded.get(address);
      if (source === undefined) {
        if (loaded.size >= limits.documents) fail(`refers to more than ${limits.documents} other documents`);
        const { file, text } = await download(address, limits);
        source = parsePlain(file, text, limits).value;
        loaded.set(address, source);
      }
      const target = follow(source, `#${fragment}`);
      if (!isNode(target)) return fail(`refers to ${url.href}, which is not there`);
      const components = isNode(root.components) ? root.components : {};
      root.components = components;
      const named = isNode(components[group]) ? components[group] : {};
      components[group] = named;
      const wish = (fragment.split('/').at(-1) || address.split('/').at(-1) || 'Remote').replace(/\.\w+$/, '').replaceAll(/\W/g, '_');
      let name = wish;
      for (let n = 2; Object.hasOwn(named, name); n++) name = `${wish}${n}`;
      named[name] = absolute(target, address);
      at = `#/components/${group}/${name}`;
      known.set(url.href, at);
    }
    node.$ref = at;
    return true;
  };
  for (let more = true; more; ) {
    more = false;
    for (const { node, kind } of walk(root)) if (await place(node, kind)) more = true;
  }
}

/** Downloads a text; the address that messages show has neither query nor credentials. */
async function download(address: string, limits: Limits): Promise<{ file: string; text: string }> {
  let url = URL.parse(address);
  if (url === null) throw new InputError({ message: `${address} is no URL` });
  const file = `${url.origin}${url.pathname}`;
  const fail = (message: string, hint?: string): never => {
    throw new InputError({ file, message, ...(hint === undefined ? {} : { hint }) });
  };
  const signal = AbortSignal.timeout(limits.time);
  try {
    for (let redirects = 0; ; redirects++) {
      if (url.username !== '' || url.password !== '') fail('addresses with credentials are refused', 'download the document yourself');
      const response: Response = await fetch(url, {
        signal,
        redirect: 'manual',
        headers: { accept: 'application/json, application/yaml, */*' },
      });
      const location = response.headers.get('location');
      if (response.status >= 300 && response.status < 400 && location !== null) {
        await response.body?.cancel();
        if (redirects >= limits.redirects) fail(`more than ${limits.redirects} redirects`);
        const next: URL = URL.parse(location, url.href) ?? fail('redirects to what is no URL');
        if (next.protocol !== 'https:' && next.protocol !== url.protocol)
          fail(`redirects from ${url.protocol}// to ${next.protocol}//, which is refused`);
        url = next;
        continue;
      }
      if (response.status !== 200) {
        await response.body?.cancel();
        fail(`the server answered ${response.status}`, 'open the address in a browser to see why');
      }
      return { file, text: await bodyOf(response, file, limits) };
    }
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    if (signal.aborted) return fail(`no document within ${limits.time / 1000} seconds`, 'download it yourself and name the file');
    if (cause instanceof TypeError && cause.cause === undefined && /encoded data|utf-8/i.test(cause.message))
      return fail('the document is not UTF-8 text');
    const reason = (cause as Error).cause instanceof Error ? ((cause as Error).cause as Error).message : (cause as Error).message;
    return fail(`cannot be reached: ${reason}`);
  }
}

async function bodyOf(response: Response, file: string, limits: Limits): Promise<string> {
  if (Number(response.headers.get('content-length') ?? 0) > limits.bytes) {
    await response.body?.cancel();
    throw tooLarge(file, limits);
  }
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let bytes = 0;
  let text = '';
  // Leaving the loop cancels the stream.
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > limits.bytes) throw tooLarge(file, limits);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

const tooLarge = (file: string, limits: Limits): InputError =>
  new InputError({
    file,
    message: `larger than ${limits.bytes >= mebibyte ? `${limits.bytes / mebibyte} MiB` : `${limits.bytes} bytes`}, which is refused`,
  });
