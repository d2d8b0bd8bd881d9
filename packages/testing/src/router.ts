// From method and path to an operation and its path parameters.
import type { Api, Operation } from './api.js';

export interface Route {
  readonly operationId: string;
  readonly operation: Operation;
  /** Decoded values of the path parameters. */
  readonly path: Readonly<Record<string, string>>;
}

interface Pattern {
  readonly id: string;
  readonly operation: Operation;
  readonly parts: readonly string[];
  /** Takes several ids where its twin takes one. */
  readonly list: boolean;
}

/** Finds the operation of a request; `undefined` for an unknown path, `'method'` for a path that has other methods. */
export function router(api: Api): (method: string, pathname: string) => Route | 'method' | undefined {
  const patterns: Pattern[] = Object.entries(api.operations).map(([id, operation]) => ({
    id,
    operation,
    parts: operation.path.split('/'),
    list: api.answers[id]?.list !== undefined,
  }));
  // A fixed path goes before one with parameters.
  patterns.sort((a, b) => parametersIn(a) - parametersIn(b));
  return (method, pathname) => {
    const parts = pathname.split('/');
    const fitting = patterns.filter((it) => fits(it, parts));
    if (fitting.length === 0) return undefined;
    const several = pathname.includes(',') || pathname.toLowerCase().includes('%2c');
    const candidates = fitting.filter(({ operation }) => operation.method === method);
    const found = candidates.find(({ list }) => list === several) ?? candidates[0];
    if (found === undefined) return 'method';
    const path: Record<string, string> = {};
    for (const [index, part] of found.parts.entries()) {
      if (part.startsWith('{')) path[part.slice(1, -1)] = decode(parts[index] as string);
    }
    return { operationId: found.id, operation: found.operation, path };
  };
}

const parametersIn = ({ parts }: Pattern): number => parts.filter((part) => part.startsWith('{')).length;

const fits = ({ parts }: Pattern, given: readonly string[]): boolean =>
  parts.length === given.length && parts.every((part, index) => (part.startsWith('{') ? given[index] !== '' : part === given[index]));

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
