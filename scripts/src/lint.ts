// Lints a composed document: Redocly's rules, the house's own, and a count of what still has no words.
import { BaseResolver, createConfig, getLineColLocation, lintDocument, Source as RedoclySource } from '@redocly/openapi-core';
import { isNode, type Node, walk } from './document/grammar.ts';
import { placeholderOf } from './document/import.ts';
import { lineOf, type Path, type Source } from './document/yaml.ts';
import { isDraft, isDraftToken } from './draft.ts';
import type { Problem } from './errors.ts';

export { draftMark } from './draft.ts';

/** Rules that do not fit the documents, each with the reason. */
const rulesOff = {
  // finAPI's documents state no license; the composed ones cannot invent one.
  'info-license': 'off',
  // Says of the identical templates once more what no-identical-paths says.
  'no-ambiguous-paths': 'off',
  // A single reference in allOf is finAPI's way to put words beside a reference; OpenAPI 3.0 has no other.
  'no-illogical-composition-keywords': 'off',
  // Read strictly, a nullable reference can never be null, as finAPI's are. A test of ours checks all examples as it is meant.
  'no-invalid-media-type-examples': 'off',
} as const;

/** Off as well where words may be missing: `countWords` finds those places, and more. */
const wordRulesOff = { 'operation-summary': 'off', 'tag-description': 'off' } as const;

/** Off as well where the publisher's own words were kept: nobody here can mend their examples. */
const exampleRulesOff = { 'no-invalid-schema-examples': 'off', 'no-invalid-parameter-examples': 'off' } as const;

export type Token = 'client' | 'user' | 'admin';
const tokens: ReadonlySet<unknown> = new Set<Token>(['client', 'user', 'admin']);

export interface Words {
  /** Places that need words: tags, operations, parameters, responses, schemas and properties. */
  readonly places: number;
  readonly undescribed: readonly Path[];
}

export interface LintResult {
  readonly problems: readonly Problem[];
  readonly words: Words;
  /** Operations whose token somebody has yet to decide. */
  readonly undecided: readonly Path[];
}

/**
 * @param document the composed document, with the text that was or will be written
 * @param ignored pointers that may break a rule, by rule; one that breaks it no longer is a problem itself
 * @param wordless words may be missing
 */
export async function lint(
  document: Source<Node>,
  ignored: Source | undefined,
  { wordless = false }: { readonly wordless?: boolean } = {},
): Promise<LintResult> {
  const undecided = operationsOf(document.value).filter(({ node }) => isDraftToken(node['x-finapi-token']));
  return {
    problems: [...(await lintWithRedocly(document, ignored, wordless)), ...lintTokens(document)],
    words: countWords(document.value),
    undecided: undecided.map(({ path }) => path),
  };
}

async function lintWithRedocly(document: Source<Node>, ignored: Source | undefined, wordless: boolean): Promise<Problem[]> {
  const allowed = new Set<string>();
  for (const [rule, pointers] of Object.entries(isNode(ignored?.value) ? ignored.value : {})) {
    for (const pointer of Array.isArray(pointers) ? pointers : []) allowed.add(`${rule} ${pointer}`);
  }
  const source = new RedoclySource(document.file, document.text);
  const isPrivate = document.value['x-not-for-publishing'] === true;
  const rules = { ...rulesOff, ...(wordless ? wordRulesOff : {}), ...(isPrivate ? exampleRulesOff : {}) };
  const found = await lintDocument({
    document: { source, parsed: document.value },
    config: await createConfig({ extends: ['recommended'], rules }),
    externalRefResolver: new BaseResolver(),
  });
  const problems: Problem[] = [];
  for (const { ruleId, message, location } of found) {
    const [place] = location;
    if (allowed.delete(`${ruleId} ${place?.pointer}`)) continue;
    // At its key, as all our messages are.
    const line = place === undefined ? undefined : getLineColLocation({ ...place, reportOnKey: true }).start.line;
    problems.push({ file: document.file, ...(line === undefined ? {} : { line }), message: `${message.replaceAll('`', '')} (${ruleId})` });
  }
  for (const entry of allowed) {
    problems.push({
      file: ignored?.file ?? document.file,
      message: `nothing breaks this rule any more: ${entry}`,
      hint: 'remove the entry',
    });
  }
  return problems;
}

/** Every operation says which token it takes: the client's types and the token layer rest on it. */
function lintTokens(document: Source<Node>): Problem[] {
  const problems: Problem[] = [];
  for (const { node, path } of operationsOf(document.value)) {
    const value = node['x-finapi-token'];
    if (isDraftToken(value)) continue;
    if (Array.isArray(value) && value.every((token) => tokens.has(token)) && new Set(value).size === value.length) continue;
    problems.push({
      file: document.file,
      line: lineOf(document, path),
      message: `${String(node.operationId)}: ${value === undefined ? 'x-finapi-token is missing' : 'x-finapi-token is not a list of client, user, admin'}`,
      hint: 'say in overlays/facts.yaml which token the operation takes: [] for none',
    });
  }
  return problems;
}

const operationsOf = (document: Node) => walk(document).filter(({ kind }) => kind === 'operation');

const described = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '' && !isDraft(value);

export function countWords(document: Node): Words {
  let places = 0;
  const undescribed: Path[] = [];
  for (const { node, kind, path, under } of walk(document)) {
    if (node.$ref !== undefined) continue;
    const name = path.at(-1);
    const isSchema = kind === 'schema' && (under === 'properties' || under === 'schemas');
    if (!isSchema && kind !== 'tag' && kind !== 'operation' && kind !== 'parameter' && kind !== 'response' && kind !== 'header') continue;
    places++;
    const words = kind === 'operation' ? described(node.summary) && described(node.description) : described(node.description);
    const placeholder = kind === 'response' && node.description === placeholderOf(String(name));
    if (!words || placeholder) undescribed.push(path);
  }
  return { places, undescribed };
}
