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
  const { parts, body, query } = operation;
  if (typeof args !== 'object' || args === null) throw new FinapiError('INVALID_ARGUMENT', 'arguments are given as one object');
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
    return { target, body: JSON.stringify(fields) };
  } catch {
    throw new FinapiError('INVALID_ARGUMENT', 'the arguments cannot be written as JSON: they hold a cycle or a BigInt');
  }
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
    if (Array.isArray(value)) for (const item of value) add(name, item);
    else add(name, value);
  }
  return text;
}

function pathValue(name: string, args: Arguments): string {
  const value = Object.hasOwn(args, name) ? args[name] : undefined;
  const text = Array.isArray(value)
    ? value.map((item) => encodeURIComponent(plain(name, item))).join(',')
    : value === undefined || value === null
      ? ''
      : encodeURIComponent(plain(name, value));
  // A missing segment or a dot segment would make the URL that of another operation.
  if (text === '' || text === '.' || text === '..')
    throw new FinapiError('INVALID_ARGUMENT', `the argument ${name} is ${text === '' ? 'missing' : 'no id'}`);
  return text;
}

function plain(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean' || typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value);
  throw new FinapiError('INVALID_ARGUMENT', `the argument ${name} must be text, a finite number or a boolean`);
}
