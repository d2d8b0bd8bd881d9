// The document as OpenAPI Generator gets it: with what its templates cannot work out, without what it writes wrongly.
import { isNode, type Node, walk } from '@finapi-ts/scripts/grammar';

export interface PrepareOptions {
  /** Only operations of this tag. */
  readonly tag: string;
  /** Whether descriptions stay; summaries do always. */
  readonly words: boolean;
}

/** For the reference. */
export function prepare(document: Node, { tag, words }: PrepareOptions): Node {
  const prepared = structuredClone(document);
  if (isNode(prepared.paths)) {
    const ofTag = (item: unknown): boolean =>
      isNode(item) &&
      Object.values(item).some((operation) => isNode(operation) && Array.isArray(operation.tags) && operation.tags.includes(tag));
    prepared.paths = Object.fromEntries(Object.entries(prepared.paths).filter(([, item]) => ofTag(item)));
  }
  for (const { node, kind } of walk(prepared)) {
    // The generator tells a template of a security scheme once, however many flows it has.
    if (kind === 'securityScheme' && isNode(node.flows)) node['x-flows'] = Object.keys(node.flows);
    // The form has placeholders of its own, such as "token_example".
    delete node.example;
    delete node.examples;
    if (typeof node.description !== 'string') continue;
    if (!words) {
      // A response has to have one.
      if (kind === 'response') node.description = '';
      else delete node.description;
    } else if (kind === 'parameter' || kind === 'schema') node.description = cell(node.description);
  }
  return prepared;
}

/** Words in a form that fits a row of a table and a comment at the end of a line. */
const cell = (text: string): string => text.trim().replace(/\s+/g, ' ').replaceAll('|', '\\|');

/**
 * For an export: the generator puts patterns and examples into string literals as they are, and a quote in one ends the
 * literal. Patterns are written otherwise, examples with a quote left out.
 */
export function portable(document: Node): Node {
  const prepared = structuredClone(document);
  for (const { node, kind } of walk(prepared)) {
    if (kind === 'schema' && typeof node.pattern === 'string') node.pattern = escapeQuotes(node.pattern);
    if (/["'\\]/.test(texts(node.example))) delete node.example;
  }
  return prepared;
}

/** All texts of an example, one after the other. */
const texts = (value: unknown): string =>
  typeof value === 'string' ? value : typeof value === 'object' && value !== null ? Object.values(value).map(texts).join('\n') : '';

/** A quote, or one with a backslash before it, becomes its code; other escapes are stepped over as a whole. */
const escapeQuotes = (pattern: string): string =>
  pattern.replace(/\\?(["'])|\\./gs, (whole, quote?: string) => (quote === undefined ? whole : `\\x${quote.charCodeAt(0).toString(16)}`));
