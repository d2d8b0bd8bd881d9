// A document several times as large: copies of its paths, operations, tags and schemas under names of their own.
import { readFileSync } from 'node:fs';
import { isNode, type Node } from '../../scripts/src/document/grammar.ts';
import { parse, print } from '../../scripts/src/document/yaml.ts';

/** The text of the document `times` as large, its own part unchanged and first. */
export function enlarge(file: string, times: number): string {
  const document = parse(file, readFileSync(file, 'utf8')).value;
  if (!isNode(document) || !isNode(document.paths) || !isNode(document.components) || !isNode(document.components.schemas))
    throw new Error(`${file} has no paths or schemas`);
  const paths = { ...document.paths };
  const schemas = { ...document.components.schemas };
  const tags = Array.isArray(document.tags) ? [...document.tags] : [];
  for (let copy = 2; copy <= times; copy++) {
    for (const [path, item] of Object.entries(document.paths)) paths[`/copy${copy}${path}`] = renamed(item, copy);
    for (const [name, schema] of Object.entries(document.components.schemas)) schemas[`${name}Copy${copy}`] = renamed(schema, copy);
    for (const tag of Array.isArray(document.tags) ? document.tags : [])
      tags.push(isNode(tag) ? { ...tag, name: `${String(tag.name)} Copy${copy}` } : tag);
  }
  return print({ ...document, tags, paths, components: { ...document.components, schemas } } satisfies Node);
}

function renamed(value: unknown, copy: number): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, copy));
  if (!isNode(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => {
      if (key === '$ref' && typeof child === 'string' && child.startsWith('#/components/schemas/')) return [key, `${child}Copy${copy}`];
      if (key === 'operationId') return [key, `${String(child)}Copy${copy}`];
      if (key === 'tags' && Array.isArray(child)) return [key, child.map((tag) => `${String(tag)} Copy${copy}`)];
      return [key, renamed(child, copy)];
    }),
  );
}
