import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diff } from '../../src/diff/diff.ts';
import { verdictOf } from '../../src/diff/report.ts';
import { isNode, type Node } from '../../src/document/grammar.ts';
import { toJsonSchema } from '../../src/document/json-schema.ts';
import { answering, taking } from './support.ts';

// The same cases every time, so that a change is judged by itself; others with FC_SEED=n.
fc.configureGlobal({ seed: Number(process.env.FC_SEED ?? 20_261_124) });

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const names = ['a', 'b', 'c'];
const strings = ['A', 'B', 'AB', ''];

/** Values small enough to be met by many schemas. */
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.constantFrom<unknown>(...strings, 0, 1, 2, 1.5, true, false, null),
    fc.dictionary(fc.constantFrom(...names), tie('value'), { maxKeys: 3, noNullPrototype: true }),
    fc.array(tie('value'), { maxLength: 2 }),
  ),
}));

const keywords: Record<string, fc.Arbitrary<unknown>> = {
  type: fc.constantFrom('string', 'integer', 'number', 'boolean', 'object', 'array'),
  nullable: fc.boolean(),
  enum: fc.subarray<unknown>([...strings, 0, 1], { minLength: 1 }),
  maxLength: fc.nat(2),
  minLength: fc.nat(2),
  pattern: fc.constantFrom('A', 'A?B?', '.*'),
  minimum: fc.nat(2),
  maximum: fc.nat(2),
  maxItems: fc.nat(2),
  minItems: fc.nat(2),
  uniqueItems: fc.boolean(),
  required: fc.subarray(names),
};

const limits = new Set([
  'enum',
  'maxLength',
  'minLength',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMaximum',
  'maxItems',
  'minItems',
  'uniqueItems',
  'additionalProperties',
]);

const { schema } = fc.letrec<{ schema: Node }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 2, depthSize: 'small' },
    fc.record(
      {
        type: fc.constant('string'),
        maxLength: keywords.maxLength as fc.Arbitrary<unknown>,
        enum: fc.subarray<unknown>(strings, { minLength: 1 }),
      },
      { requiredKeys: ['type'] },
    ),
    fc.record({ type: fc.constantFrom('integer', 'number'), minimum: fc.nat(2), maximum: fc.nat(2) }, { requiredKeys: ['type'] }),
    fc.constantFrom<Node>({ type: 'boolean' }, { type: 'string', nullable: true }),
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record(
      {
        type: fc.constant('object'),
        properties: fc.dictionary(fc.constantFrom(...names), tie('schema'), { maxKeys: 3, noNullPrototype: true }),
        required: fc.subarray(names),
      },
      { requiredKeys: ['type', 'properties'] },
    ),
    fc.tuple(tie('schema'), tie('schema')).map((allOf) => ({ allOf })),
    fc.tuple(tie('schema'), tie('schema')).map((anyOf) => ({ anyOf })),
  ),
}));

function nodesOf(it: unknown, isSchema = true): Node[] {
  if (Array.isArray(it)) return it.flatMap((item) => nodesOf(item));
  if (!isNode(it)) return [];
  return [...(isSchema ? [it] : []), ...Object.entries(it).flatMap(([key, item]) => nodesOf(item, key !== 'properties'))];
}

/** A schema, and the same after a keyword of it or of what is in it was set or taken away. */
const pair = fc
  .tuple(
    schema,
    fc.nat(1000),
    fc
      .constantFrom(...Object.keys(keywords))
      .chain((key) => fc.tuple(fc.constant(key), fc.option(keywords[key] as fc.Arbitrary<unknown>, { nil: undefined }))),
  )
  .map(([before, where, [key, setting]]) => {
    const after = structuredClone(before);
    const nodes = nodesOf(after);
    const node = nodes[where % nodes.length] ?? after;
    // A schema without a type is taken for what its other keywords speak of; a validator takes it for anything.
    if (setting !== undefined) node[key] = setting;
    else if (key !== 'type') delete node[key];
    return { before, after };
  });

const accepts = (it: Node): ((value: unknown) => boolean) => {
  const compiled = ajv.compile(toJsonSchema(it));
  return (candidate) => compiled(candidate) === true;
};

/** Enumerations of answers are open and their limits only advice: what is left is what a consumer relies on. */
function shapeOf(it: unknown): unknown {
  if (Array.isArray(it)) return it.map(shapeOf);
  if (!isNode(it)) return it;
  return Object.fromEntries(
    Object.entries(it)
      .filter(([key]) => !limits.has(key))
      .map(([key, item]) => [key, key === 'required' ? item : shapeOf(item)]),
  );
}

describe('a validator agrees', { timeout: 60_000 }, () => {
  it('that what could be sent before can be sent after a change that is no break', () => {
    fc.assert(
      fc.property(pair, fc.array(value, { minLength: 20, maxLength: 40 }), ({ before, after }, values) => {
        if (verdictOf(diff(taking(before), taking(after))) === 'major') return;
        const [acceptedBefore, acceptedAfter] = [accepts(before), accepts(after)];
        for (const it of values) if (acceptedBefore(it)) expect({ it, accepted: acceptedAfter(it) }).toEqual({ it, accepted: true });
      }),
      { numRuns: 300 },
    );
  });

  it('that what can be answered after a change that is no break could be answered before', () => {
    fc.assert(
      fc.property(pair, fc.array(value, { minLength: 20, maxLength: 40 }), ({ before, after }, values) => {
        if (verdictOf(diff(answering(before), answering(after))) === 'major') return;
        const [acceptedBefore, acceptedAfter] = [accepts(shapeOf(before) as Node), accepts(shapeOf(after) as Node)];
        for (const it of values) if (acceptedAfter(it)) expect({ it, accepted: acceptedBefore(it) }).toEqual({ it, accepted: true });
      }),
      { numRuns: 300 },
    );
  });
});
