import { join } from 'node:path';
import { bundle, createConfig } from '@redocly/openapi-core';
import { describe, expect, it } from 'vitest';
import { readMockOverlay, readOverlays, repository } from '../src/apis.ts';
import { arrange } from '../src/document/arrange.ts';
import { compose } from '../src/document/compose.ts';
import type { Node } from '../src/document/grammar.ts';
import { print } from '../src/document/yaml.ts';
import { applyOverlay, type Overlay } from '../src/overlay/apply.ts';
import { spec } from './support-apis.ts';
import { write } from './support-copy.ts';
import { file } from './support-documents.ts';
import { temporaryFolder } from './support-folder.ts';

// Redocly applies overlays as the standard says. Where nothing is wrong, ours must come to the same.

/** What Redocly makes of a document and overlays. */
async function byRedocly(document: Node, overlays: readonly object[]): Promise<Node> {
  const root = temporaryFolder();
  write(root, { 'document.yaml': document });
  const paths = overlays.map((overlay, index) => {
    write(root, { [`overlay-${index}.yaml`]: overlay });
    return join(root, `overlay-${index}.yaml`);
  });
  const { bundle: result, problems } = await bundle({ ref: join(root, 'document.yaml'), config: await createConfig({}), overlays: paths });
  expect(problems.map(({ message }) => message)).toEqual([]);
  return result.parsed as Node;
}

describe('overlays', () => {
  const source = spec('source.yaml');
  const overlays = readOverlays(repository, { id: 'access-v1' });
  const contents = (list: readonly Overlay[]) => list.map(({ source: { value } }) => value as object);

  it('of Access V1, all together, come to what Redocly makes of them', async () => {
    const theirs = await byRedocly(source.value, contents(overlays));
    const ours = compose(source, overlays);
    expect(theirs).toEqual(ours);
    // The same in the order that a reader sees.
    expect(print(arrange(theirs, ours))).toBe(print(ours));
  });

  it('of Access V1 come to what Redocly makes of them after each layer', async () => {
    for (const layers of [['fixes'], ['fixes', 'facts']]) {
      const some = overlays.filter(({ layer }) => layers.includes(layer));
      expect(some).toHaveLength(layers.length);
      expect(await byRedocly(source.value, contents(some))).toEqual(compose(source, some));
    }
  });

  it('for the mock of Access V1, with copies and removals, come to what Redocly makes of them', async () => {
    const mock = readMockOverlay(repository, { id: 'access-v1' }) as Overlay;
    const ours = structuredClone(spec('openapi.yaml').value);
    expect(applyOverlay(ours, mock)).toEqual([]);
    expect(await byRedocly(spec('openapi.yaml').value, contents([mock]))).toEqual(ours);
  });

  const document = (): Node => ({
    openapi: '3.0.3',
    info: { title: 'Shed', version: '1' },
    // Redocly adds it where it is missing.
    components: {},
    tags: [{ name: 'Tools' }, { name: 'Loans' }],
    paths: {
      '/a': {
        get: {
          tags: ['Tools'],
          parameters: [
            { name: 'x', in: 'query' },
            { name: 'x', in: 'header' },
          ],
          responses: {},
        },
      },
    },
  });

  it.each<[string, object[]]>([
    ['a merge, deep and over what is there', [{ target: '$.info', update: { title: 'Barn', contact: { name: 'me' } } }]],
    ['an item for a list', [{ target: '$.tags', update: { name: 'More' } }]],
    ['lists within an update', [{ target: "$.paths['/a'].get", update: { tags: ['More'], responses: { '200': { description: 'x' } } } }]],
    ['all items of a list', [{ target: '$.tags[*]', update: { description: 'x' } }]],
    ['one item of a list', [{ target: '$.tags[1]', update: { description: 'x' } }]],
    ['a condition', [{ target: "$.paths['/a'].get.parameters[?@.name=='x' && @.in=='header']", update: { required: true } }]],
    ['a wildcard', [{ target: '$.paths.*.*', update: { deprecated: true } }]],
    ['a removal from a list', [{ target: '$.tags[0]', remove: true }]],
    ['a removal of several items', [{ target: '$.tags[*]', remove: true }]],
    ['a removal of a name', [{ target: "$.paths['/a'].get.parameters", remove: true }]],
    [
      'a copy',
      [
        { target: '$.paths', update: { '/b': {} } },
        { target: "$.paths['/b']", copy: "$.paths['/a']" },
      ],
    ],
    [
      'one action after another',
      [
        { target: '$.info', update: { x: { y: 1 } } },
        { target: '$.info.x', update: { z: 2 } },
        { target: '$.info.x.y', remove: true },
      ],
    ],
  ])('with %s come to what Redocly makes of them', async (_, actions) => {
    const overlay = { overlay: '1.1.0', info: { title: 'x', version: '1' }, actions };
    const ours = document();
    expect(applyOverlay(ours, { layer: 'mock', source: file('mock.yaml', overlay) })).toEqual([]);
    expect(ours).not.toEqual(document());
    expect(await byRedocly(document(), [overlay])).toEqual(ours);
  });
});
