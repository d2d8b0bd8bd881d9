// Which words of an update have a place in the node that they are for.
import type { Path } from '../document/yaml.ts';

type Json = Record<string, unknown>;

export interface Placed {
  /** What has a place; undefined where nothing has. */
  readonly left: Json | undefined;
  /** What has none; undefined where everything has one. */
  readonly gone: Json | undefined;
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);
const exampleKeys = new Set(['example', 'examples']);

/** Whether a path leads to properties by name, not to a property that has the name `properties` itself. */
export const leadsToProperties = (path: Path): boolean => (path.length - 1 - path.findLastIndex((step) => step !== 'properties')) % 2 === 1;

/** Divides words by whether the node, or one below it, is there to carry them. Beside a `$ref` there is no place for any. */
export function placed(node: unknown, update: unknown, path: Path): Placed {
  const left: Json = {};
  const gone: Json = {};
  for (const [key, value] of isJson(update) ? Object.entries(update) : []) {
    const present = isJson(node) && Object.hasOwn(node, key) ? node[key] : undefined;
    const isExample = exampleKeys.has(key) && !leadsToProperties(path);
    if (isExample || !isJson(value)) (isJson(node) && typeof node.$ref !== 'string' ? left : gone)[key] = value;
    else if (isJson(present)) {
      const inner = placed(present, value, [...path, key]);
      if (inner.left !== undefined) left[key] = inner.left;
      if (inner.gone !== undefined) gone[key] = inner.gone;
    } else gone[key] = value;
  }
  const some = (part: Json): Json | undefined => (Object.keys(part).length === 0 ? undefined : part);
  return { left: some(left), gone: some(gone) };
}
