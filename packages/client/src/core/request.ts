// From flat arguments to a path, a query and a body, as the operation table says.
import { FinapiError } from './errors.js';
import type { Operation, OperationTable } from './operation.js';

/** An operation, taken apart once. */
export interface Compiled extends Operation {
  readonly id: string;
  /** The path template: text and parameter names in turn. */
  readonly parts: readonly string[];
}

/** Looks an operation up, taking it apart on its first use. */
export function compiler(table: OperationTable): (id: string) => Compiled {
  const known = new Map<string, Compiled>();
  return (id) => {
    let compiled = known.get(id);
    if (compiled === undefined) {
      const operation = table[id] as Operation;
      compiled = { ...operation, id, parts: operation.path.split(/[{}]/) };
      known.set(id, compiled);
    }
    return compiled;
  };
}

export interface Content {
  /** Path and query. */
  readonly target: string;
  readonly body: string | undefined;
}

type Arguments = Readonly<Record<string, unknown>>;

export function content(operation: Compiled, args: Arguments = {}): Content {
  if (typeof args !== 'object' || args === null) throw invalid('arguments are given as one object');
  try {
    return write(operation, args);
  } catch (cause) {
    if (cause instanceof URIError) throw invalid('the arguments hold half of a surrogate pair, which no URL can carry');
    throw cause;
  }
}

function write(operation: Compiled, args: Arguments): Content {
  const { parts, body, query } = operation;
  let target = parts[0] as string;
  for (let i = 1; i < parts.length; i += 2) target += pathValue(parts[i] as string, args) + parts[i + 1];
  const inPath = (name: string): boolean => parts.length > 1 && parts.indexOf(name) % 2 === 1;
  if (body === undefined) return { target: withQuery(target, args, (name) => !inPath(name)), body: undefined };
  const inBody = (name: string): boolean => !inPath(name) && query?.includes(name) !== true;
  if (query !== undefined) target = withQuery(target, args, (name) => query.includes(name));
  if (body !== 'application/json') return { target, body: pairs(args, inBody) };
  const fields =
    parts.length === 1 && query === undefined ? args : Object.fromEntries(Object.entries(args).filter(([name]) => inBody(name)));
  try {
    refuseNoNumbers(fields);
    return { target, body: JSON.stringify(fields) };
  } catch (cause) {
    if (cause instanceof FinapiError) throw cause;
    throw invalid('the arguments cannot be written as JSON: they hold a cycle or a BigInt');
  }
}

const invalid = (message: string): FinapiError => new FinapiError('INVALID_ARGUMENT', message);

/** JSON has no NaN and no Infinity; written as null, a wrong amount would become none. */
function refuseNoNumbers(value: unknown): void {
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalid('the arguments hold a number that is not finite');
  if (typeof value === 'object' && value !== null) for (const it of Object.values(value)) refuseNoNumbers(it);
}

function withQuery(target: string, args: Arguments, holds: (name: string) => boolean): string {
  const text = pairs(args, holds);
  return text === '' ? target : `${target}?${text}`;
}

/** `name=value` pairs, lists as repeated names. `undefined` and `null` have no form here and do not travel. */
function pairs(args: Arguments, holds: (name: string) => boolean): string {
  let text = '';
  const add = (name: string, value: unknown): void => {
    if (value === undefined || value === null) return;
    text += `${text === '' ? '' : '&'}${encodeURIComponent(name)}=${encodeURIComponent(plain(name, value))}`;
  };
  for (const name of Object.keys(args)) {
    if (!holds(name)) continue;
    const value = args[name];
    if (!Array.isArray(value)) add(name, value);
    // Nothing would be sent for it, and no filter means everything.
    else if (value.length === 0) throw invalid(`the argument ${name} is an empty list; leave it out to mean all`);
    else for (const item of value) add(name, item);
  }
  return text;
}

function pathValue(name: string, args: Arguments): string {
  const value = Object.hasOwn(args, name) ? args[name] : undefined;
  const texts = (Array.isArray(value) ? value : [value]).map((item) => (item === undefined || item === null ? '' : plain(name, item)));
  // A missing segment or a dot segment would make the URL that of another operation.
  if (texts.length === 0 || texts.includes('')) throw invalid(`the argument ${name} is missing`);
  const text = texts.map(encodeURIComponent).join(',');
  if (text === '.' || text === '..') throw invalid(`the argument ${name} is no id`);
  return text;
}

function plain(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value);
  throw invalid(`the argument ${name} must be text, a finite number or a boolean`);
}
