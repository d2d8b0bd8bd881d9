import fc from 'fast-check';
import { dump } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { isNode, type Node } from '../src/document/grammar.ts';
import { print } from '../src/document/yaml.ts';
import { InputError } from '../src/errors.ts';
import { update } from '../src/update/update.ts';
import { changesBetween, shed, stateOf, write } from './support-copy.ts';
import { temporaryFolder } from './support-folder.ts';
import { published, writeImported } from './support-update.ts';

// The same cases every time, so that a change is judged by itself; others with FUZZ_SEED=n.
const seed = Number(process.env.FUZZ_SEED ?? 20_261_124);

type Place = { readonly parent: Node | unknown[]; readonly key: string };

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.keys(value).flatMap((key) => [{ parent: value as Node, key }, ...placesOf((value as Node)[key])]);
}

const get = ({ parent, key }: Place): unknown => (parent as Node)[key];
const set = ({ parent, key }: Place, value: unknown): void => {
  (parent as Node)[key] = value;
};

/** One change of a document, at the place that a number picks. */
const mutations: Record<string, (place: Place, other: Place, junk: unknown) => void> = {
  delete: ({ parent, key }) => void (Array.isArray(parent) ? parent.splice(Number(key), 1) : delete parent[key]),
  duplicate: (place) => {
    const copy = structuredClone(get(place));
    if (Array.isArray(place.parent)) place.parent.push(copy);
    else place.parent[`${place.key}2`] = copy;
  },
  rename: (place, other) => {
    if (Array.isArray(place.parent)) return;
    const value = get(place);
    delete place.parent[place.key];
    place.parent[`${other.key}x`] = value;
  },
  replace: (place, _, junk) => set(place, junk),
  nest: (place) => set(place, { [place.key]: get(place) }),
  list: (place) => set(place, [get(place)]),
  move: (place, other) => set(place, structuredClone(get(other))),
  retype: (place) => {
    const value = get(place);
    set(place, typeof value === 'string' ? 7 : typeof value === 'number' ? String(value) : isNode(value) ? Object.values(value) : !value);
  },
};

const junk = fc.oneof(
  fc.constantFrom(
    null,
    true,
    -1,
    Number.POSITIVE_INFINITY,
    '',
    [],
    {},
    [null],
    { $ref: '#/nowhere' },
    { $ref: '#/components/schemas/Tool' },
    { $ref: 7 },
  ),
  fc.constantFrom('constructor', '__proto__', '<script>', "it's", 'a\nb', '{x}', '$.x', 'GET /', '😀'),
  fc.jsonValue({ maxDepth: 2 }),
);
const step = fc.record({
  kind: fc.constantFrom(...Object.keys(mutations)),
  at: fc.nat(10_000),
  other: fc.nat(10_000),
  junk,
});

function mutate(steps: readonly { kind: string; at: number; other: number; junk: unknown }[]): Node {
  const document = published();
  for (const { kind, at, other, junk: value } of steps) {
    const places = placesOf(document);
    const [place, second] = [at, other].map((index) => places[index % places.length]);
    if (place !== undefined && second !== undefined) mutations[kind]?.(place, second, structuredClone(value));
  }
  return document;
}

const text = print(published());
const texts = fc.oneof(
  fc.nat(text.length).map((end) => text.slice(0, end)),
  fc
    .array(fc.tuple(fc.nat(text.length), fc.string({ unit: 'binary', maxLength: 4 })), { minLength: 1, maxLength: 4 })
    .map((pieces) => pieces.reduce((made, [at, piece]) => made.slice(0, at) + piece + made.slice(at + piece.length), text)),
  fc.nat(text.split('\n').length - 1).map((line) =>
    text
      .split('\n')
      .toSpliced(line, 0, text.split('\n')[line] ?? '')
      .join('\n'),
  ),
  fc.constantFrom(50, 150, 3000).map((depth) => `${text}x-deep: ${'['.repeat(depth)}${']'.repeat(depth)}\n`),
  fc.constantFrom(50, 90).map((depth) => {
    let schema: Node = { type: 'string' };
    for (let at = 0; at < depth; at++) schema = { type: 'array', items: schema };
    return JSON.stringify(published(({ components }) => Object.assign((components as { schemas: Node }).schemas, { Deep: schema })));
  }),
);
const documents = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.array(step, { minLength: 1, maxLength: 4 }).map((steps) => dump(mutate(steps), { noRefs: true, skipInvalid: true })),
  },
  { weight: 1, arbitrary: texts },
);

describe('an update to a document that is damaged', () => {
  it(`goes through or says what is wrong, and leaves the tree as it was (FUZZ_SEED=${seed})`, { timeout: 120_000 }, async () => {
    const root = temporaryFolder();
    await writeImported(root);
    write(root, { 'damaged.yaml': '# what was there before\n' });
    const before = stateOf(root);
    const ends = { through: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(documents, fc.boolean(), async (document, draftDocs) => {
        write(root, { 'damaged.yaml': document });
        try {
          const check = async () => ({ breaks: [], notes: [] });
          await update({ root, api: shed, input: `${root}/damaged.yaml`, draftDocs, check });
          ends.through++;
        } catch (cause) {
          if (!(cause instanceof InputError)) throw new Error(`no message, but a fault of ours, for\n${document}`, { cause });
          expect(cause.problems.length).toBeGreaterThan(0);
          // What ends with the name of a rule is Redocly's, which prints objects in its own way.
          const ours = cause.problems.map(({ message }) => message).filter((message) => !/ \([a-z-]+\)$/.test(message));
          expect(ours.join('\n')).not.toMatch(/^ {4}at |\bis undefined\b|of undefined\b|\[object Object\]/m);
          ends.refused++;
        }
        expect(changesBetween(before, stateOf(root))).toEqual(['damaged.yaml']);
      }),
      // No case may take long, whatever it is given.
      { seed, numRuns: 150, timeout: 10_000 },
    );
    // Neither end is an accident.
    expect(Math.min(ends.through, ends.refused)).toBeGreaterThan(5);
  });
});
