import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { locate, readApis, readOverlays, repository } from '../src/apis.ts';
import { arrange } from '../src/document/arrange.ts';
import { compose } from '../src/document/compose.ts';
import type { Node } from '../src/document/grammar.ts';
import { importDocument } from '../src/document/import.ts';
import { print } from '../src/document/yaml.ts';
import { lint } from '../src/lint.ts';
import { applyOverlay, type Overlay } from '../src/overlay/apply.ts';
import { operationsOf, spec, table } from './support-apis.ts';
import { at, file } from './support-documents.ts';
import { shuffleKeys } from './support-shuffle.ts';
import { surfaceOf } from './surface.ts';

/** The names that a caller sees: operations, parameters, answers, schemas and properties, without what is said of them. */
const surfaceNames = (document: Node) => {
  const { operations, parameters, responses, schemas } = surfaceOf(document);
  return [
    ...operations.map(({ operationId, method, path }) => `${operationId} ${method} ${path}`),
    ...parameters.map(({ operationId, in: place, name }) => `${operationId} ${place} ${name}`),
    ...responses.map(({ operationId, status }) => `${operationId} ${status}`),
    ...schemas.map(({ schema, property }) => `${schema} ${property}`),
  ];
};

/** How many operations an API has; which of their paths OpenAPI takes for one; how many places have words. */
const counts: Readonly<Record<string, { readonly operations: number; readonly identicalPaths: number; readonly places: number }>> = {
  'access-v1': { operations: 102, identicalPaths: 7, places: 2000 },
  'access-v2': { operations: 93, identicalPaths: 0, places: 1800 },
  'web-form': { operations: 21, identicalPaths: 0, places: 440 },
};

describe.each(readApis(repository))('$title', (api) => {
  const { id } = api;
  const expected = counts[id];
  if (expected === undefined) throw new Error(`say how many operations ${id} has`);
  const source = spec('source.yaml', id);
  const checkedIn = spec('openapi.yaml', id);
  const overlays = readOverlays(repository, api);
  const composed = compose(source, overlays, checkedIn.value);
  const text = print(composed);

  describe('the overlays', () => {
    const names = overlays.map(({ source: { file } }) => file);
    const isCommon = (name: string): boolean => name.endsWith('/common.yaml');

    it('are fixes, facts, words and examples; what is shared or for all operations comes first', () => {
      const rank = (name: string): number => {
        if (!name.includes('/docs/')) return name.endsWith('/fixes.yaml') ? 0 : 1;
        return (name.includes('/examples/') ? 6 : 2) + (isCommon(name) ? 0 : 2) + (name.startsWith('spec/shared/') ? 0 : 1);
      };
      expect(names).toEqual(names.toSorted((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1)));
      expect(names.filter((name) => rank(name) === 1)).toHaveLength(1);
      expect(names.filter(isCommon).length).toBeGreaterThan(1);
      expect(overlays.map(({ layer }) => layer)).toEqual(names.map((name) => ['fixes', 'facts'][rank(name)] ?? 'docs'));
      expect(overlays.map(({ shared }) => shared === true)).toEqual(names.map((name) => name.startsWith('spec/shared/')));
    });

    it('have an order only between these: the tags do not wait for each other', () => {
      const isTag = ({ layer, source: { file } }: Overlay): boolean => layer === 'docs' && !isCommon(file);
      const groupOf = (it: Overlay): string => `${isTag(it)} ${it.shared} ${it.source.file.includes('/examples/')}`;
      const reversed = new Map<Overlay, Overlay>();
      for (const group of new Set(overlays.map(groupOf))) {
        const members = overlays.filter((overlay) => groupOf(overlay) === group);
        members.forEach((overlay, index) => {
          reversed.set(overlay, members.at(-1 - index) as Overlay);
        });
      }
      const mixed = overlays.map((overlay) => (isTag(overlay) ? (reversed.get(overlay) as Overlay) : overlay));
      expect(mixed).not.toEqual(overlays);
      expect(print(compose(source, mixed, composed))).toBe(text);
    });
  });

  describe('the composed document', () => {
    it('comes out the same byte for byte when the keys of structure and overlays are shuffled', () => {
      for (const seed of [1, 2, 3]) {
        const shuffled = overlays.map((overlay) => ({
          ...overlay,
          source: { ...overlay.source, value: shuffleKeys(overlay.source.value, seed) },
        }));
        expect(print(compose({ ...source, value: shuffleKeys(source.value, seed) }, shuffled, composed))).toBe(text);
      }
    });

    it('comes out the same when it is composed over itself, and when it is arranged again', () => {
      expect(print(compose(source, overlays, composed))).toBe(text);
      expect(print(arrange(composed, composed))).toBe(text);
      expect(print(arrange(composed))).toBe(text);
    });

    it('is the checked-in one, byte for byte', () => {
      expect(text).toBe(checkedIn.text);
    });

    it('states all that the published document states, the fixes applied: facts add, they change nothing', () => {
      const fixed = structuredClone(source.value);
      for (const overlay of overlays) if (overlay.layer === 'fixes') expect(applyOverlay(fixed, overlay)).toEqual([]);
      const { document: structure } = importDocument(file('composed', composed), fixed);
      const { servers, ...rest } = structure;
      const { servers: published, ...stated } = fixed;
      expect(rest).toMatchObject(stated);
      expect((servers as Node[]).slice(0, (published as Node[]).length)).toEqual(published);
      expect(surfaceNames(structure)).toEqual(surfaceNames(fixed));
    });

    it('says of every operation which token it takes, as the published table does', () => {
      const tokens: Record<string, string[]> = {
        none: [],
        client: ['client'],
        user: ['user'],
        admin: ['admin'],
        'client or user': ['client', 'user'],
      };
      const stated = Object.fromEntries([...operationsOf(composed)].map(([name, { node }]) => [name, node['x-finapi-token']]));
      const published = table('operations', id).map(({ operationId = '', token = '' }) => [operationId, tokens[token]]);
      expect(published).toHaveLength(expected.operations);
      expect(stated).toEqual(Object.fromEntries(published));
    });

    it('asks for no token where none is taken, and for one everywhere else', () => {
      const standing = composed.security as Node[] | undefined;
      for (const [name, { node }] of operationsOf(composed)) {
        const free = (node['x-finapi-token'] as unknown[]).length === 0;
        const asked = (node.security as Node[] | undefined) ?? standing ?? [];
        expect([name, asked.length]).toEqual([name, free ? 0 : 1]);
      }
    });

    it('limits the request id to 255 characters wherever it is a parameter', () => {
      const lengths = [...operationsOf(composed).values()].flatMap(({ node }) =>
        ((node.parameters ?? []) as Node[])
          .filter(({ name }) => name === 'X-Request-Id')
          .map((parameter) => at(parameter, 'schema', 'maxLength')),
      );
      expect(lengths).toHaveLength(table('parameters', id).filter(({ name }) => name === 'X-Request-Id').length);
      expect(lengths.filter((length) => length !== 255)).toEqual([]);
    });
  });

  describe('the lint', () => {
    const ignored = existsSync(locate(repository, api).ignore) ? spec('lint-ignore.yaml', id) : undefined;

    it('lets exactly the identical paths of the published document pass', () => {
      const entries = (ignored?.value['no-identical-paths'] ?? []) as string[];
      expect(new Set(entries).size).toBe(expected.identicalPaths);
      const paths = Object.keys(composed.paths as Node);
      for (const entry of entries) expect(paths).toContain(entry.replace('#/paths/', '').replaceAll('~1', '/'));
    });

    it('finds nothing else wrong, and no place without words', async () => {
      const { problems, words } = await lint({ file: checkedIn.file, text, value: structuredClone(composed) }, ignored);
      expect(problems).toEqual([]);
      expect(words.undescribed).toEqual([]);
      expect(words.places).toBeGreaterThan(expected.places);
    });

    it('finds the identical paths where nothing is let pass', async () => {
      const { problems } = await lint({ file: checkedIn.file, text, value: structuredClone(composed) }, undefined);
      expect(problems.filter(({ message }) => message.includes('(no-identical-paths)'))).toHaveLength(expected.identicalPaths);
    });
  });

  const fixes = overlays.find(({ layer }) => layer === 'fixes')?.source;
  describe.runIf(fixes !== undefined)('the fixes', () => {
    if (fixes === undefined) return;
    const actions = at(fixes.value, 'actions') as Node[];
    const named = actions.map((action): [string, Node] => [String(action.target), action]);

    it('each say why', () => {
      expect(actions.length).toBeGreaterThan(0);
      for (const action of actions) expect([action.target, String(action['x-reason']).length > 30]).toEqual([action.target, true]);
    });

    it.each(named)('%s mends a fault that the published document has', (_, action) => {
      const document = structuredClone(source.value);
      expect(applyOverlay(document, { layer: 'fixes', source: file(fixes.file, { ...(fixes.value as Node), actions: [action] }) })).toEqual(
        [],
      );
      expect(document).not.toEqual(source.value);
    });

    it.each(named)('%s says that it is to be removed once its fault is gone', (_, action) => {
      const before = structuredClone(composed);
      const document = structuredClone(composed);
      expect(applyOverlay(document, { layer: 'fixes', source: file(fixes.file, { ...(fixes.value as Node), actions: [action] }) })).toEqual(
        [
          {
            file: fixes.file,
            line: expect.any(Number),
            // A target that names several nodes is reported at the first of them.
            message: expect.stringMatching(/^the fault is gone at \$\./),
            hint: expect.stringContaining('remove this fix'),
          },
        ],
      );
      expect(document).toEqual(before);
    });
  });
});
