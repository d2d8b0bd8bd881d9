// Puts a document into the one order in which the house writes it, so that formatting and shuffled keys change nothing.
import { isNode, type Kind, type Node, type Rule, rulesOf } from './grammar.ts';

/**
 * Keywords stand in the grammar's order. Names (paths, properties, schemas, parameters, …), whose order a reader sees,
 * keep the order of `known`, the document as it was before; new ones follow in the order given.
 */
export function arrange(node: Node, known: unknown = undefined, kind: Kind = 'document'): Node {
  const before = isNode(known) ? known : {};
  const rules = rulesOf(kind);
  const arranged: Node = {};
  for (const [key, rule] of Object.entries(rules)) {
    if (node[key] !== undefined) arranged[key] = arrangeValue(node[key], before[key], rule);
  }
  for (const key of Object.keys(node)
    .filter((key) => rules[key] === undefined)
    .sort())
    arranged[key] = sortKeys(node[key]);
  return arranged;
}

function arrangeValue(value: unknown, known: unknown, rule: Rule): unknown {
  if (rule === 'set') return Array.isArray(value) ? inKnownOrder(value, Array.isArray(known) ? known : [], String) : value;
  if (typeof rule === 'string') return sortKeys(value);
  if ('one' in rule) return isNode(value) ? arrange(value, known, rule.one) : value;
  if ('map' in rule) {
    if (!isNode(value)) return value;
    const before = isNode(known) ? known : {};
    const names = inKnownOrder(Object.keys(value), Object.keys(before), String);
    return Object.fromEntries(
      names.map((name) => [name, isNode(value[name]) ? arrange(value[name], before[name], rule.map) : value[name]]),
    );
  }
  if (!Array.isArray(value)) return value;
  const before = Array.isArray(known) ? known : [];
  const id = rule.id;
  if (id === undefined) return value.map((item, index) => (isNode(item) ? arrange(item, before[index], rule.list) : item));
  const idOf = (item: unknown) => (isNode(item) ? id(item) : String(item));
  return inKnownOrder(value, before, idOf).map((item) =>
    isNode(item)
      ? arrange(
          item,
          before.find((it) => idOf(it) === idOf(item)),
          rule.list,
        )
      : item,
  );
}

function inKnownOrder<T>(items: readonly T[], known: readonly T[], id: (item: T) => string): T[] {
  const rank = new Map(known.map((item, index) => [id(item), index]));
  return [...items].sort((a, b) => (rank.get(id(a)) ?? rank.size) - (rank.get(id(b)) ?? rank.size));
}

/** Values without a grammar (security requirements, examples, extensions): keys in alphabetical order. */
export function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (!isNode(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortKeys(value[key])]),
  );
}
