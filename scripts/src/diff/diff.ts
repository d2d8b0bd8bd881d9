// The semantic difference of two OpenAPI 3.0 documents, as changes for those who use a client made from them.
import { isNode, type Node, walk } from '../document/grammar.ts';
import { type Bump, type Change, type Finding, merge, show } from './change.ts';
import { compareOperations, hasTokens, sameSchemes, securitySchemes } from './operations.ts';
import { type Context, compareSchemas, type SchemaComparison } from './schemas.ts';
import { canonical, type Schemas, same, schemasOf, step } from './view.ts';

/**
 * Compares two documents. Breaking changes come first.
 *
 * Words (descriptions, summaries, examples) count where both documents are composed ones: there they are ours, and
 * their change is a release of its own. In published documents they are left aside.
 */
export function diff(documentBefore: Node, documentAfter: Node): Change[] {
  // Nodes are told apart by identity, which objects that stand at several places would undo.
  const [before, after] = [copy(documentBefore), copy(documentAfter)];
  const schemasBefore = schemasOf(before);
  const schemasAfter = schemasOf(after);
  const comparison = compareSchemas(schemasBefore, schemasAfter);
  compareOperations(schemasBefore, schemasAfter, comparison);
  compareTypes(schemasBefore, schemasAfter, comparison);
  const findings = comparison.findings();
  const own = (rule: string, bump: Bump, at: string, b: unknown, a: unknown, say: string): void => {
    findings.push({
      rule,
      bump,
      owner: { kind: 'document', name: '' },
      operations: [],
      location: { before: at, after: at },
      ...(b === undefined ? {} : { before: b }),
      ...(a === undefined ? {} : { after: a }),
      say,
    } satisfies Finding);
  };
  compareInfo(before, after, own);
  compareServers(before, after, own);
  compareSecuritySchemes(before, after, own);
  if (hasTokens(schemasBefore) && hasTokens(schemasAfter)) compareWords(before, after, own);
  return merge(findings);
}

function copy<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copy) as T;
  if (!isNode(value)) return value;
  const made: Node = {};
  for (const key of Object.keys(value)) made[key] = copy(value[key]);
  return made as T;
}

type Own = (rule: string, bump: Bump, at: string, before: unknown, after: unknown, say: string) => void;

const namedSchemas = (root: Node): Map<string, Node> => {
  const components = isNode(root.components) ? root.components : {};
  return new Map(Object.entries(isNode(components.schemas) ? components.schemas : {}).map(([name, it]) => [name, isNode(it) ? it : {}]));
};

/** Component schemas as types that are imported by name: which went, came or were renamed, and those that no operation uses. */
function compareTypes(before: Schemas, after: Schemas, comparison: SchemaComparison): void {
  const [typesBefore, typesAfter] = [namedSchemas(before.root), namedSchemas(after.root)];
  const context = (name: string): Context => ({ direction: 'answer', owner: { kind: 'document', name }, base: '', path: '', source: '' });
  const at = (name: string): string => `/components/schemas${step(name)}`;
  // Schemas that no operation reaches are still types; they are read more than written, so they count as answers.
  for (const name of [...typesBefore.keys()].sort()) {
    if (!typesAfter.has(name) || comparison.visited(name, name)) continue;
    const place = { node: { $ref: `#${at(name)}` }, pointer: at(name) };
    comparison.compare([place], [place], { direction: 'answer', owner: { kind: 'schema', name }, base: '', path: '', source: '' });
  }
  const gone = new Set([...typesBefore.keys()].filter((name) => !typesAfter.has(name)).sort());
  const come = new Set([...typesAfter.keys()].filter((name) => !typesBefore.has(name)).sort());
  const rename = (b: string, a: string): void => {
    gone.delete(b);
    come.delete(a);
    comparison.note(context(b), {
      rule: 'schema-renamed',
      bump: 'major',
      location: { before: at(b), after: at(a) },
      before: b,
      after: a,
      say: `the type ${show(b)} is called ${show(a)} now; import it by its new name`,
    });
  };
  // What took its place where it was used, most often first; else what has the same content.
  for (const b of [...gone]) {
    const places = [...(comparison.replaced.get(b) ?? [])].filter(([a]) => come.has(a)).sort(([m, x], [n, y]) => y - x || (m < n ? -1 : 1));
    const [likely] = places;
    if (likely !== undefined) rename(b, likely[0]);
  }
  for (const b of [...gone]) {
    const alike = [...come].filter((a) => canonical(typesAfter.get(a)) === canonical(typesBefore.get(b)));
    const [only] = alike;
    if (only !== undefined && alike.length === 1) rename(b, only);
  }
  for (const name of gone) {
    const say = `the type ${show(name)} is gone and can no longer be imported`;
    comparison.note(context(name), { rule: 'schema-removed', bump: 'major', location: { before: at(name) }, before: name, say });
  }
  for (const name of come)
    comparison.note(context(name), {
      rule: 'schema-added',
      bump: 'minor',
      location: { after: at(name) },
      after: name,
      say: `new type ${show(name)}`,
    });
}

function compareInfo(before: Node, after: Node, own: Own): void {
  const [b, a] = [before.info, after.info].map((info) => (isNode(info) ? info : {})) as [Node, Node];
  if (!same(b.title ?? null, a.title ?? null))
    own('title-changed', 'patch', '/info/title', b.title, a.title, `the API's title is ${show(a.title)}; it was ${show(b.title)}`);
  if (!same(b.version ?? null, a.version ?? null))
    own(
      'version-changed',
      'patch',
      '/info/version',
      b.version,
      a.version,
      `the API's version is ${show(a.version)}; it was ${show(b.version)}`,
    );
}

interface Server {
  readonly name: string | undefined;
  readonly url: string;
  readonly variables: unknown;
}

/** Hosts; a path alone names none. */
function serversOf(root: Node): Server[] {
  const servers = (Array.isArray(root.servers) ? root.servers : []).filter(isNode);
  return servers
    .map(({ url, description, variables }) => ({
      name: typeof description === 'string' ? description.trim().toLowerCase() : undefined,
      url: String(url).replace(/\/+$/, ''),
      variables,
    }))
    .filter(({ url }) => url !== '' && !url.startsWith('/'));
}

function compareServers(before: Node, after: Node, own: Own): void {
  const restBefore = serversOf(before);
  const restAfter = serversOf(after);
  const pair = (alike: (b: Server, a: Server) => boolean): void => {
    for (const b of [...restBefore]) {
      const a = restAfter.find((it) => alike(b, it));
      if (a === undefined) continue;
      restBefore.splice(restBefore.indexOf(b), 1);
      restAfter.splice(restAfter.indexOf(a), 1);
      if (b.url !== a.url)
        own(
          'server-changed',
          'minor',
          '/servers',
          b.url,
          a.url,
          `the server ${show(b.name)} is at ${show(a.url)}, no longer at ${show(b.url)}`,
        );
      else if (!same(b.variables ?? null, a.variables ?? null))
        own('server-changed', 'minor', '/servers', b.variables, a.variables, `the variables of the server ${show(b.url)} changed`);
    }
  };
  pair((b, a) => b.url === a.url);
  pair((b, a) => b.name !== undefined && b.name === a.name);
  for (const { url } of restBefore) own('server-removed', 'major', '/servers', url, undefined, `the server ${show(url)} is gone`);
  for (const { url } of restAfter) own('server-added', 'minor', '/servers', undefined, url, `new server ${show(url)}`);
}

/** Schemes that operations ask for show at the operations; here it is what the schemes themselves are. */
function compareSecuritySchemes(before: Node, after: Node, own: Own): void {
  const [schemesBefore, schemesAfter] = [securitySchemes(before), securitySchemes(after)];
  const renamed = sameSchemes(before, after);
  for (const [name, b] of schemesBefore) {
    const at = `/components/securitySchemes${step(name)}`;
    const newName = renamed.get(name);
    const a = schemesAfter.get(newName ?? name);
    if (newName !== undefined)
      own('security-scheme-renamed', 'patch', at, name, newName, `the security scheme ${show(name)} is called ${show(newName)} now`);
    if (a === undefined) {
      own(
        'security-scheme-removed',
        'minor',
        at,
        name,
        undefined,
        `the security scheme ${show(name)} is gone; operations that asked for it are listed`,
      );
      continue;
    }
    const kind = ({ type, in: where, name: key, scheme }: Node): string =>
      [type, where, key, typeof scheme === 'string' ? scheme.toLowerCase() : scheme].filter((it) => it !== undefined).join(' ');
    if (kind(b) !== kind(a)) {
      own(
        'security-scheme-changed',
        'major',
        at,
        kind(b),
        kind(a),
        `the security scheme ${show(name)} is ${show(kind(a))}, no longer ${show(kind(b))}`,
      );
      continue;
    }
    const [flowsBefore, flowsAfter] = [b.flows, a.flows].map((flows) => (isNode(flows) ? flows : {})) as [Node, Node];
    for (const flow of new Set([...Object.keys(flowsBefore), ...Object.keys(flowsAfter)].filter((key) => !key.startsWith('x-')))) {
      const [fb, fa] = [flowsBefore[flow], flowsAfter[flow]];
      const say = `the flow ${show(flow)} of the security scheme ${show(name)}`;
      if (!isNode(fa)) own('security-flow-removed', 'major', `${at}/flows`, flow, undefined, `${say} is gone`);
      else if (!isNode(fb)) own('security-flow-added', 'minor', `${at}/flows`, undefined, flow, `${say} is new`);
      else if (canonical(withoutWords(fb)) !== canonical(withoutWords(fa)))
        own(
          'security-flow-changed',
          'minor',
          `${at}/flows/${flow}`,
          withoutWords(fb),
          withoutWords(fa),
          `${say} has other addresses or scopes`,
        );
    }
    if (!same(b.openIdConnectUrl ?? null, a.openIdConnectUrl ?? null))
      own(
        'security-scheme-changed',
        'minor',
        at,
        b.openIdConnectUrl,
        a.openIdConnectUrl,
        `the security scheme ${show(name)} has another address`,
      );
  }
  for (const name of schemesAfter.keys())
    if (!schemesBefore.has(name) && ![...renamed.values()].includes(name))
      own(
        'security-scheme-added',
        'minor',
        `/components/securitySchemes${step(name)}`,
        undefined,
        name,
        `new security scheme ${show(name)}`,
      );
}

/** Scopes map a name to a text, which is words. */
const withoutWords = (flow: Node): Node => ({ ...flow, scopes: Object.keys(isNode(flow.scopes) ? flow.scopes : {}).sort() });

function compareWords(before: Node, after: Node, own: Own): void {
  const words = (root: Node): Map<string, string> => {
    const found = new Map<string, string>();
    for (const { node, kind, path } of walk(root)) {
      const { description, summary, example, examples, externalDocs } = node;
      // A server's description is its name.
      if (kind === 'server') continue;
      found.set(path.join('/'), JSON.stringify([description, summary, example, examples, externalDocs]));
    }
    return found;
  };
  const [wordsBefore, wordsAfter] = [words(before), words(after)];
  const changed = [...wordsBefore].filter(([path, text]) => wordsAfter.has(path) && wordsAfter.get(path) !== text);
  if (changed.length > 0)
    own(
      'words-changed',
      'patch',
      '',
      undefined,
      changed.length,
      `documentation improved in ${changed.length} ${changed.length === 1 ? 'place' : 'places'}`,
    );
}
