import { describe, expect, it } from 'vitest';
import { readOverlays, repository } from '../src/apis.ts';
import { arrange } from '../src/document/arrange.ts';
import { compose } from '../src/document/compose.ts';
import type { Node } from '../src/document/grammar.ts';
import { importDocument } from '../src/document/import.ts';
import { print } from '../src/document/yaml.ts';
import { lint } from '../src/lint.ts';
import { applyOverlay, type Overlay } from '../src/overlay/apply.ts';
import { operationsOf, spec, table } from './support-access-v1.ts';
import { at, file } from './support-documents.ts';
import { shuffleKeys } from './support-shuffle.ts';
import { surfaceOf } from './surface.ts';

const source = spec('source.yaml');
const checkedIn = spec('openapi.yaml');
const overlays = readOverlays(repository, { id: 'access-v1' });
const composed = compose(source, overlays, checkedIn.value);
const text = print(composed);

describe('the overlays of Access V1', () => {
  const names = overlays.map(({ source }) => source.file.replace('spec/access-v1/overlays/', ''));
  const words = names.filter((name) => /^docs\/[a-z-]+\.yaml$/.test(name));
  const examples = names.filter((name) => name.startsWith('docs/examples/'));

  it('are fixes, facts, words and examples, what is for all operations first', () => {
    expect(names).toEqual(['fixes.yaml', 'facts.yaml', ...words, ...examples]);
    for (const [folder, part] of [
      ['docs', words],
      ['docs/examples', examples],
    ] as const) {
      expect(part).toEqual([`${folder}/common.yaml`, ...part.filter((name) => name !== `${folder}/common.yaml`).sort()]);
      expect(part).toHaveLength(19);
    }
    expect(overlays.map(({ layer }) => layer)).toEqual(['fixes', 'facts', ...names.slice(2).map(() => 'docs')]);
  });

  it('have an order only between these: the tags do not wait for each other', () => {
    const reversed = [words, examples].flatMap(([common = '', ...tags]) => [common, ...tags.reverse()]);
    const byName = new Map(overlays.map((overlay, index) => [names[index], overlay]));
    const docs = reversed.map((name) => byName.get(name)).filter((it): it is Overlay => it !== undefined);
    expect(print(compose(source, [...overlays.slice(0, 2), ...docs], composed))).toBe(text);
  });
});

describe('the composed document of Access V1', () => {
  it('comes out the same byte for byte when the keys of structure and overlays are shuffled', () => {
    for (const seed of [1, 2, 3]) {
      const shuffled = overlays.map(({ layer, source }) => ({ layer, source: { ...source, value: shuffleKeys(source.value, seed) } }));
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
    expect(applyOverlay(fixed, overlays.find(({ layer }) => layer === 'fixes') as Overlay)).toEqual([]);
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
    const stated = Object.fromEntries([...operationsOf(composed)].map(([id, { node }]) => [id, node['x-finapi-token']]));
    const published = table('operations').map(({ operationId = '', token = '' }) => [operationId, tokens[token]]);
    expect(published).toHaveLength(102);
    expect(stated).toEqual(Object.fromEntries(published));
  });

  it('asks for no token where none is taken, and for one everywhere else', () => {
    for (const [id, { node }] of operationsOf(composed)) {
      const free = (node['x-finapi-token'] as unknown[]).length === 0;
      expect([id, node.security]).toEqual([id, free ? [] : [{ finapi_auth: ['all'] }]]);
    }
  });

  it('limits the request id to 255 characters wherever it is a parameter', () => {
    const lengths = [...operationsOf(composed).values()].flatMap(({ node }) =>
      (node.parameters as Node[]).filter(({ name }) => name === 'X-Request-Id').map((parameter) => at(parameter, 'schema', 'maxLength')),
    );
    expect(lengths).toHaveLength(table('parameters').filter(({ name }) => name === 'X-Request-Id').length);
    expect(new Set(lengths)).toEqual(new Set([255]));
  });
});

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

describe('the lint of Access V1', () => {
  const ignored = spec('lint-ignore.yaml');

  it('lets exactly the seven identical paths pass', () => {
    expect(Object.keys(ignored.value)).toEqual(['no-identical-paths']);
    const entries = ignored.value['no-identical-paths'] as string[];
    expect(entries).toHaveLength(7);
    expect(new Set(entries).size).toBe(7);
    const paths = Object.keys(composed.paths as Node);
    for (const entry of entries) expect(paths).toContain(entry.replace('#/paths/', '').replaceAll('~1', '/'));
  });

  it('finds nothing else wrong, and no place without words', async () => {
    const { problems, words } = await lint({ file: checkedIn.file, text, value: structuredClone(composed) }, ignored);
    expect(problems).toEqual([]);
    expect(words.undescribed).toEqual([]);
    expect(words.places).toBeGreaterThan(2000);
  });

  it('finds the seven pairs where nothing is let pass', async () => {
    const { problems } = await lint({ file: checkedIn.file, text, value: structuredClone(composed) }, undefined);
    expect(problems.filter(({ message }) => message.includes('(no-identical-paths)'))).toHaveLength(7);
  });
});

describe('the fixes of Access V1', () => {
  const { source: fixes } = overlays.find(({ layer }) => layer === 'fixes') as Overlay;
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

  it.each(named)('%s says that it is to be removed once its fault is gone', (target, action) => {
    const before = structuredClone(composed);
    const document = structuredClone(composed);
    expect(applyOverlay(document, { layer: 'fixes', source: file(fixes.file, { ...(fixes.value as Node), actions: [action] }) })).toEqual([
      {
        file: fixes.file,
        line: expect.any(Number),
        message: `the fault is gone at ${target.replaceAll("'", '"')}`,
        hint: expect.stringContaining('remove this fix'),
      },
    ]);
    expect(document).toEqual(before);
  });
});
