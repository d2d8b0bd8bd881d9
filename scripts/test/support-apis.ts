// The real files of the APIs, and the tables that their published surfaces are checked against.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isNode, type Node } from '../src/document/grammar.ts';
import { parse, type Source } from '../src/document/yaml.ts';
import { type Row, readTable, type Tables } from './surface.ts';

const textOf = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');

/** A file of `spec/access-v1/`, or of another API's folder. */
export function spec(name: string, id = 'access-v1'): Source<Node> {
  const { file, text, value } = parse(`spec/${id}/${name}`, textOf(`../../spec/${id}/${name}`));
  if (!isNode(value)) throw new Error(`${file} holds no object`);
  return { file, text, value };
}

/** A table of `fixtures/access-v1-surface/`, or of another API's. */
export const table = (name: keyof Tables, id = 'access-v1'): Row[] => readTable(textOf(`fixtures/${id}-surface/${name}.tsv`));

export interface Operation {
  readonly path: string;
  readonly method: string;
  readonly node: Node;
}

/** The operations of a document in its order, by their ids: read apart from the pipeline's own walk. */
export function operationsOf(document: Node): Map<string, Operation> {
  const operations = new Map<string, Operation>();
  for (const [path, item] of Object.entries(document.paths as Record<string, Record<string, Node>>)) {
    for (const [method, node] of Object.entries(item)) {
      if (['get', 'post', 'put', 'patch', 'delete'].includes(method)) operations.set(String(node.operationId), { path, method, node });
    }
  }
  return operations;
}
