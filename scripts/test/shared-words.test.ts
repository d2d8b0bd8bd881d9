// Words in spec/shared are there because several APIs use them: each one has its place in at least two.
import { describe, expect, it } from 'vitest';
import { locate, readApis, readDocument, readOverlays, repository } from '../src/apis.ts';
import type { Node } from '../src/document/grammar.ts';
import { parse, print } from '../src/document/yaml.ts';
import { applyOverlay, type Overlay } from '../src/overlay/apply.ts';
import { placed } from '../src/overlay/placed.ts';
import { parseTarget, select } from '../src/overlay/target.ts';

const apis = readApis(repository);
const documents = new Map(apis.map((api) => [api.id, readDocument(repository, locate(repository, api).document, '').value as Node]));

/** Every single word of an overlay with its target, such as `$.components.schemas.Label description`. */
function* wordsOf({ source }: Overlay): Generator<{ at: string; target: string; update: Node }> {
  for (const { target, update } of (source.value as { actions: { target: string; update: Node }[] }).actions)
    for (const path of leaves(update)) {
      const only = path.reduceRight<unknown>((inner, key) => ({ [key]: inner }), valueAt(update, path));
      yield { at: `${source.file} ${target} ${path.join('.')}`, target, update: only as Node };
    }
}

function* leaves(node: Node, path: string[] = []): Generator<string[]> {
  for (const [key, value] of Object.entries(node)) {
    const isWord = typeof value !== 'object' || value === null || Array.isArray(value) || key === 'example' || key === 'examples';
    if (isWord) yield [...path, key];
    else yield* leaves(value as Node, [...path, key]);
  }
}

const valueAt = (node: unknown, path: readonly string[]): unknown => path.reduce((inner, key) => (inner as Node)[key], node);

const hasPlace = (document: Node, target: string, update: Node): boolean =>
  select(document, parseTarget(target)).some(({ value, path }) => placed(value, update, path).left !== undefined);

describe.each([...new Set(apis.map(({ shared }) => shared))].filter((it) => it !== undefined))('the words in spec/shared/%s', (shared) => {
  const users = apis.filter((api) => api.shared === shared);
  const words = readOverlays(repository, users[0] as (typeof users)[0])
    .filter((overlay) => overlay.shared)
    .flatMap((overlay) => [...wordsOf(overlay)]);

  it('each have a place in at least two APIs', () => {
    const lonely = words.filter(
      ({ target, update }) => users.filter(({ id }) => hasPlace(documents.get(id) as Node, target, update)).length < 2,
    );
    expect(lonely.map(({ at }) => at)).toEqual([]);
    expect(words.length).toBeGreaterThan(1000);
  });
});

describe('a shared overlay', () => {
  const overlay = (actions: object[]): Overlay => ({
    layer: 'docs',
    shared: true,
    source: parse('shared.yaml', print({ overlay: '1.0.0', info: { title: 'Shared', version: '1' }, actions })),
  });
  const shed = (): Node => ({ tools: { saw: { name: { type: 'string' } }, other: { $ref: '#/x' } } });

  it('sets what has a place and leaves out what has none', () => {
    const document = shed();
    const actions = [
      { target: '$.tools.saw', update: { description: 'A saw.', name: { description: 'Its name.' }, weight: { description: 'In kg.' } } },
      { target: '$.tools.drill', update: { description: 'A drill.' } },
    ];
    expect(applyOverlay(document, overlay(actions))).toEqual([]);
    expect(document).toEqual({
      tools: { saw: { description: 'A saw.', name: { type: 'string', description: 'Its name.' } }, other: { $ref: '#/x' } },
    });
  });

  it('says nothing beside a reference', () => {
    const document = shed();
    expect(applyOverlay(document, overlay([{ target: '$.tools.other', update: { description: 'Another.' } }]))).toEqual([]);
    expect(document).toEqual(shed());
  });

  it('still may set nothing but words', () => {
    const [problem] = applyOverlay(shed(), overlay([{ target: '$.tools.saw', update: { type: 'object' } }]));
    expect(problem?.message).toMatch(/docs set words, not `type`|is not in the document/);
  });
});
