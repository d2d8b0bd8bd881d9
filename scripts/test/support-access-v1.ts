// The real files of Access V1, and the tables that its published surface is checked against.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { isNode, type Node } from '../src/document/grammar.ts';
import { parse, type Source } from '../src/document/yaml.ts';
import { type Row, readTable, type Tables } from './surface.ts';

const textOf = (path: string): string => readFileSync(fileURLToPath(new URL(path, import.meta.url)), 'utf8');

/** A file of `spec/access-v1/`. */
export function spec(name: string): Source<Node> {
  const { file, text, value } = parse(`spec/access-v1/${name}`, textOf(`../../spec/access-v1/${name}`));
  if (!isNode(value)) throw new Error(`${file} holds no object`);
  return { file, text, value };
}

/** A table of `fixtures/access-v1-surface/`. */
export const table = (name: keyof Tables): Row[] => readTable(textOf(`fixtures/access-v1-surface/${name}.tsv`));

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
