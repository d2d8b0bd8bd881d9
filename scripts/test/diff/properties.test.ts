import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diff } from '../../src/diff/diff.ts';
import { changelog, reportHtml, verdictOf } from '../../src/diff/report.ts';
import { isNode, type Node } from '../../src/document/grammar.ts';
import { parseDocument } from '../../src/document/read.ts';
import { print } from '../../src/document/yaml.ts';
import { shuffleKeys, shuffleList } from '../support-shuffle.ts';
import { ref } from './support.ts';

// The same cases every time, so that a change is judged by itself; others with FC_SEED=n.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_124) });

const types = ['Ship', 'Crew', 'Port', 'Load'];
const fields = ['id', 'name', 'flag', 'crew', 'port', 'items', 'description', 'default'];

/** A set of some of these, in order. */
const some = (values: readonly string[]): fc.Arbitrary<string[]> => fc.subarray([...values]);

const scalar: fc.Arbitrary<Node> = fc.oneof(
  fc.record(
    { type: fc.constant('string'), maxLength: fc.integer({ min: 1, max: 9 }), pattern: fc.constantFrom('a+', 'b') },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constant('string'), enum: some(['A', 'B', 'C']).filter((values) => values.length > 0) }),
  fc.record(
    { type: fc.constantFrom('integer', 'number'), minimum: fc.integer({ min: 0, max: 5 }), default: fc.integer() },
    { requiredKeys: ['type'] },
  ),
  fc.record({ type: fc.constant('string'), format: fc.constantFrom('date', 'uuid'), nullable: fc.boolean() }),
  fc.record({ type: fc.constant('boolean'), deprecated: fc.boolean() }),
);

const { schema } = fc.letrec<{ schema: Node; object: Node }>((tie) => ({
  object: fc
    .tuple(fc.dictionary(fc.constantFrom(...fields), tie('schema'), { maxKeys: 4 }), some(fields))
    .map(([properties, required]) => ({
      type: 'object',
      required: required.filter((name) => Object.hasOwn(properties, name)),
      properties: { ...properties },
    })),
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    scalar,
    fc.constantFrom(...types).map(ref),
    tie('object'),
    tie('schema').map((items) => ({ type: 'array', items })),
    fc.constantFrom(...types).map((name) => ({ allOf: [ref(name)], nullable: true })),
    fc.tuple(fc.constantFrom(...types), tie('object')).map(([name, own]) => ({ allOf: [ref(name), own] })),
    tie('schema').map((additionalProperties) => ({ type: 'object', additionalProperties })),
    fc.tuple(scalar, tie('object')).map((options) => ({ oneOf: options })),
  ),
}));

const parameter = fc.record({
  name: fc.constantFrom('page', 'perPage', 'ids', 'search'),
  in: fc.constantFrom('query', 'header'),
  required: fc.boolean(),
  schema: scalar,
});

const operationNode = fc.record(
  {
    tags: fc.constantFrom(['Ships'], ['Ports', 'Ships']),
    parameters: fc.uniqueArray(parameter, { maxLength: 3, selector: (it) => `${it.in}:${it.name}` }),
    requestBody: schema.map((it) => ({ required: true, content: { 'application/json': { schema: it } } })),
    responses: schema.map((it) => ({
      '200': { description: 'OK', content: { 'application/json': { schema: it } } },
      '404': { description: 'None' },
    })),
    deprecated: fc.boolean(),
  },
  { requiredKeys: ['responses', 'tags'] },
);

const document: fc.Arbitrary<Node> = fc
  .record({
    schemas: fc.tuple(...types.map(() => schema.map((it) => (it.$ref === undefined ? it : { type: 'array', items: it })))),
    operations: fc.array(operationNode, { minLength: 1, maxLength: 4 }),
  })
  .map(({ schemas, operations }) => ({
    openapi: '3.0.3',
    info: { title: 'Harbour', version: '1.0.0' },
    servers: [{ url: 'https://harbour.test' }],
    paths: Object.fromEntries(
      operations.map((node, index) => [`/${index}`, { [index % 2 === 0 ? 'post' : 'put']: { ...node, operationId: `op${index}` } }]),
    ),
    components: { schemas: Object.fromEntries(types.map((name, index) => [name, schemas[index]])) },
  }));

/** Every node below, with what leads to it. */
function nodesOf(value: unknown, path: readonly string[] = []): { node: Node; path: readonly string[] }[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => nodesOf(item, [...path, String(index)]));
  if (!isNode(value)) return [];
  return [{ node: value, path }, ...Object.entries(value).flatMap(([key, item]) => nodesOf(item, [...path, key]))];
}

const operationsIn = (root: Node): Node[] =>
  nodesOf(root)
    .filter(({ node }) => node.operationId !== undefined)
    .map(({ node }) => node);
const isProperties = (path: readonly string[]): boolean => path.at(-1) === 'properties' && path.at(-2) !== 'properties';
/** Maps of properties, outside of alternatives: there, an addition can be another alternative. */
const propertiesIn = (root: Node): Node[] =>
  nodesOf(root)
    .filter(({ path }) => isProperties(path) && !path.includes('oneOf'))
    .map(({ node }) => node);
const enumerationsIn = (root: Node): Node[] =>
  nodesOf(root)
    .filter(({ node, path }) => Array.isArray(node.enum) && path.at(-1) !== 'properties' && !path.includes('oneOf'))
    .map(({ node }) => node);

/** Ways to add to a document; `pick` chooses where. Each tells whether it found a place. */
const additions: readonly ((root: Node, pick: <T>(items: readonly T[]) => T | undefined) => boolean)[] = [
  (root, pick) => {
    const properties = pick(propertiesIn(root));
    if (properties !== undefined) properties.added = { type: 'string' };
    return properties !== undefined;
  },
  (root, pick) => {
    const node = pick(enumerationsIn(root));
    if (node !== undefined) node.enum = [...(node.enum as unknown[]), 'ADDED'];
    return node !== undefined;
  },
  (root) => {
    (root.paths as Node)['/added'] = { get: { operationId: 'added', responses: { '200': { description: 'OK' } } } };
    return true;
  },
  (root, pick) => {
    const node = pick(operationsIn(root));
    if (node !== undefined)
      node.parameters = [...((node.parameters as unknown[]) ?? []), { name: 'added', in: 'query', schema: { type: 'integer' } }];
    return node !== undefined;
  },
  (root, pick) => {
    const node = pick(operationsIn(root));
    if (node !== undefined) (node.responses as Node)['423'] = { description: 'Busy' };
    return node !== undefined;
  },
  (root, pick) => {
    const node = pick(operationsIn(root));
    if (node !== undefined) ((node.responses as Node)['200'] as Node).headers = { 'X-Added': { schema: { type: 'string' } } };
    return node !== undefined;
  },
  (root) => {
    ((root.components as Node).schemas as Node).Added = { type: 'object', properties: { id: { type: 'string' } } };
    return true;
  },
  (root) => {
    root.servers = [...(root.servers as unknown[]), { url: 'https://added.test' }];
    return true;
  },
];

const addedTo = fc
  .tuple(document, fc.array(fc.tuple(fc.nat(additions.length - 1), fc.nat(1000)), { minLength: 1, maxLength: 4 }))
  .map(([before, picks]) => {
    const after = structuredClone(before);
    const done = new Set<number>();
    let changed = false;
    for (const [which, where] of picks) {
      if (done.has(which)) continue;
      done.add(which);
      if (additions[which]?.(after, (items) => items[where % Math.max(1, items.length)]) === true) changed = true;
    }
    return { before, after, changed };
  });

describe('of any documents, a comparison', { timeout: 60_000 }, () => {
  it('finds nothing between a document and itself with shuffled keys and lists', () => {
    fc.assert(
      fc.property(document, fc.nat(), (before, seed) => {
        const after = shuffleKeys(structuredClone(before), seed);
        for (const { node, path } of nodesOf(after)) {
          if (path.at(-1) === 'properties') continue;
          for (const key of ['enum', 'required', 'parameters', 'allOf'])
            if (Array.isArray(node[key])) node[key] = shuffleList(node[key], seed);
        }
        expect(diff(before, after)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });

  it('finds nothing between a document and itself in other forms', () => {
    fc.assert(
      fc.property(document, (before) => {
        const yaml = print(before);
        const forms = [JSON.stringify(before), JSON.stringify(before, null, 7), yaml, yaml.replaceAll('\n', '\r\n'), `\ufeff${yaml}`];
        const read = forms.map((text) => parseDocument('harbour.yaml', text).value);
        for (const after of read) expect(diff(before, after)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('claims no break where a document only adds, and sees the addition', () => {
    fc.assert(
      fc.property(addedTo, ({ before, after, changed }) => {
        const changes = diff(before, after);
        expect(changes.filter(({ bump }) => bump === 'major')).toEqual([]);
        if (changed) expect(changes.length).toBeGreaterThan(0);
      }),
      { numRuns: 200 },
    );
  });

  it('misses no break where what was added goes again', () => {
    const breaking = [0, 2, 3, 5, 6, 7];
    fc.assert(
      fc.property(document, fc.constantFrom(...breaking), fc.nat(1000), (after, which, where) => {
        const before = structuredClone(after);
        fc.pre(additions[which]?.(before, (items) => items[where % Math.max(1, items.length)]) === true);
        expect(verdictOf(diff(before, after))).toBe('major');
      }),
      { numRuns: 200 },
    );
  });

  it('finds something one way exactly where it finds something the other way', () => {
    fc.assert(
      fc.property(document, document, (a, b) => {
        expect(diff(b, a).length > 0).toBe(diff(a, b).length > 0);
      }),
      { numRuns: 200 },
    );
  });

  it('gives the same changes whatever the order of the documents’ keys', () => {
    fc.assert(
      fc.property(document, document, fc.nat(), (a, b, seed) => {
        const plain = diff(a, b).map(({ text }) => text);
        expect(new Set(diff(shuffleKeys(a, seed), shuffleKeys(b, seed)).map(({ text }) => text))).toEqual(new Set(plain));
      }),
      { numRuns: 100 },
    );
  });

  it('states no change twice', () => {
    fc.assert(
      fc.property(document, document, (a, b) => {
        const texts = diff(a, b).map(({ text }) => text);
        expect(texts.filter((text, index) => texts.indexOf(text) !== index)).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('ends with changes, and with words for them, however broken a document is', () => {
    const junk = fc.oneof(
      fc.jsonValue({ maxDepth: 2 }),
      fc.constantFrom<unknown>(null, [], {}, { $ref: '#/components/schemas/Ship' }, { $ref: '#/nowhere' }, { $ref: 7 }),
    );
    fc.assert(
      fc.property(document, fc.array(fc.tuple(fc.nat(10_000), fc.nat(50), junk), { minLength: 1, maxLength: 6 }), (before, faults) => {
        const after = structuredClone(before);
        for (const [where, which, value] of faults) {
          const nodes = nodesOf(after);
          const node = nodes[where % nodes.length]?.node ?? after;
          const keys = Object.keys(node);
          const key = keys[which % Math.max(1, keys.length)];
          if (key === undefined) node.added = structuredClone(value);
          else if (which % 7 === 0) delete node[key];
          else node[key] = structuredClone(value);
        }
        for (const changes of [diff(before, after), diff(after, before), diff(after, after)]) {
          expect(changelog(changes)).toBeTypeOf('string');
          expect(reportHtml({ before: 'a', after: 'b' }, changes)).toContain('</html>');
        }
        expect(diff(after, after)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});
