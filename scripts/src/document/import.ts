// The importer: from a published document to its structure. Names, types and constraints stay; prose, titles and examples go.
import { STATUS_CODES } from 'node:http';
import { InputError } from '../errors.ts';
import { arrange } from './arrange.ts';
import { isNode, type Kind, type Node, type Rule, rulesOf, walk } from './grammar.ts';
import { lineOf, type Source } from './yaml.ts';

/** Raised when the importer would write something else for the same document; part of the provenance. */
export const importerVersion = 1;

/** The description of a response that has no words yet: HTTP's reason phrase, where there is one. */
export const placeholderOf = (status: string): string => STATUS_CODES[status] ?? 'Any other status';

/** finAPI marks deprecated fields in their text only. */
const deprecatedField = /\bTHIS FIELD IS DEPRECATED\b/;

export interface Imported {
  readonly document: Node;
  /** Keywords that the grammar does not know and that were left out, with the number of places. */
  readonly leftOut: ReadonlyMap<string, number>;
}

export interface ImportOptions {
  /** Keep finAPI's own words. What comes of it is for private use and says so: `x-not-for-publishing`. */
  readonly keepProse?: boolean;
}

/**
 * @param published the document as finAPI publishes it
 * @param known the `source.yaml` of before, whose order of names is kept
 */
export function importDocument(published: Source, known?: unknown, { keepProse = false }: ImportOptions = {}): Imported {
  const root = published.value;
  if (!isNode(root)) throw new InputError({ file: published.file, line: 1, message: 'not an OpenAPI document: its root is not an object' });
  if (typeof root.openapi !== 'string' || !/^3\.[01]\./.test(root.openapi)) {
    throw new InputError({
      file: published.file,
      line: lineOf(published, ['openapi']),
      message: `expected OpenAPI 3.0 or 3.1, found ${root.swagger === undefined ? `openapi: ${root.openapi}` : `swagger: ${root.swagger}`}`,
    });
  }
  const leftOut = new Map<string, number>();
  const document = strip(root, 'document', { leftOut, keepProse });
  if (keepProse) document['x-not-for-publishing'] = true;
  dropUnreferenced(document);
  return { document: arrange(document, known), leftOut };
}

interface Walk {
  readonly leftOut: Map<string, number>;
  readonly keepProse: boolean;
}

function strip(node: Node, kind: Kind, walked: Walk): Node {
  const { leftOut, keepProse } = walked;
  const rules = rulesOf(kind);
  const kept: Node = {};
  for (const [key, value] of Object.entries(node)) {
    const rule = rules[key];
    if (rule === undefined) leftOut.set(`${kind}.${key}`, (leftOut.get(`${kind}.${key}`) ?? 0) + 1);
    else if (rule !== 'words' || keepProse) kept[key] = stripValue(value, key, rule, walked);
  }
  return kept;
}

function stripValue(value: unknown, key: string, rule: Rule, walked: Walk): unknown {
  if (typeof rule === 'string') return value;
  if ('one' in rule) return isNode(value) ? strip(value, rule.one, walked) : value;
  if ('map' in rule) {
    if (!isNode(value)) return value;
    return Object.fromEntries(
      Object.entries(value).map(([name, child]) => {
        // OAuth scopes map a name to a text, which OpenAPI obliges to be there.
        if (rule.map === 'scope') return [name, walked.keepProse ? child : ''];
        if (!isNode(child)) return [name, child];
        const stripped = strip(child, rule.map, walked);
        // OpenAPI obliges a response to have a description: HTTP's own reason phrase.
        if (rule.map === 'response' && stripped.$ref === undefined && !walked.keepProse) stripped.description = placeholderOf(name);
        return [name, key === 'properties' ? liftDeprecated(child, stripped) : stripped];
      }),
    );
  }
  return Array.isArray(value) ? value.map((item) => (isNode(item) ? strip(item, rule.list, walked) : item)) : value;
}

function liftDeprecated(published: Node, stripped: Node): Node {
  if (typeof published.description !== 'string' || !deprecatedField.test(published.description)) return stripped;
  return stripped.$ref === undefined ? { ...stripped, deprecated: true } : { allOf: [stripped], deprecated: true };
}

/** Shared parts that nobody refers to say nothing about the API. Schemas stay: they are part of its vocabulary. */
function dropUnreferenced(document: Node): void {
  const components = document.components;
  if (!isNode(components)) return;
  const referenced = new Set<unknown>();
  for (const { node } of walk(document)) referenced.add(node.$ref);
  for (const group of ['headers', 'parameters', 'requestBodies', 'responses']) {
    const named = components[group];
    if (!isNode(named)) continue;
    const unused = Object.keys(named).filter((name) => !referenced.has(`#/components/${group}/${name}`));
    for (const name of unused) delete named[name];
    if (Object.keys(named).length === 0) delete components[group];
    // What they referred to may be without a reference now.
    if (unused.length > 0) {
      dropUnreferenced(document);
      return;
    }
  }
}
