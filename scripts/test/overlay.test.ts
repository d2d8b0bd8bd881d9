import { describe, expect, it } from 'vitest';
import { compose } from '../src/document/compose.ts';
import type { Node } from '../src/document/grammar.ts';
import { parse } from '../src/document/yaml.ts';
import type { Problem } from '../src/errors.ts';
import { applyOverlay, type Layer } from '../src/overlay/apply.ts';
import { at, file, fileOf, library, nodeAt, problemsOf } from './support-documents.ts';

const layers: readonly Layer[] = ['fixes', 'facts', 'docs', 'mock'];

const shop = () => ({
  info: { title: 'Pet shop', description: 'old words' },
  tags: [{ name: 'Dogs' }, { name: 'Cats', description: 'old words' }],
  paths: {
    '/pets': {
      get: { operationId: 'listPets', responses: { '200': { description: 'OK' } } },
      post: { operationId: 'addPet', tags: ['Dogs'] },
    },
  },
  components: {
    schemas: {
      Pet: {
        type: 'object',
        required: ['name'],
        properties: {
          name: { type: 'string', maxLength: 40 },
          description: { type: 'string' },
          kind: { $ref: '#/components/schemas/Kind' },
        },
      },
      Kind: { type: 'string', enum: ['dog', 'cat', 'dog'] },
    },
  },
});

type Action = Node;

/** What a fix has to say beside what it does. */
const fault = { 'x-reason': 'The publisher forgot it.', 'x-fault': { lacks: ['x-mended'] } };

const overlayOf = (layer: Layer, actions: unknown) => ({
  layer,
  source: file(`overlays/${layer}.yaml`, { overlay: '1.0.0', info: { title: 'Test', version: '1' }, actions }),
});

function run(layer: Layer, ...actions: Action[]): { document: Node; problems: Problem[] } {
  const document: Node = shop();
  const told = actions.map((action) => (layer === 'fixes' ? { ...fault, ...action } : action));
  return { document, problems: applyOverlay(document, overlayOf(layer, told)) };
}

const words = { target: "$.paths['/pets'].post", update: { summary: 'Add a pet', description: 'It moves in.' } };
const newWords = { target: '$.info', update: { description: 'new words' } };
const nestedWords = {
  target: '$.components.schemas.Pet',
  update: { description: 'A pet', properties: { name: { description: 'Its name', example: 'Rex' } } },
};
const fact = { target: '$.components.schemas.Pet.properties.name', update: { minLength: 1 } };
const nestedFact = { target: '$.components.schemas.Pet', update: { properties: { name: { minLength: 1 } } } };
const restated = { target: '$.components.schemas.Pet.properties.name', update: { maxLength: 40 } };
const overridden = { target: '$.components.schemas.Pet', update: { properties: { name: { maxLength: 80 } } } };
const appended = { target: '$.components.schemas.Pet', update: { required: ['kind'] } };
const newNode = { target: '$.components.schemas', update: { Owner: { type: 'object' } } };
const removed = { target: '$.components.schemas.Pet.properties.name', remove: true };
const pushed = { target: '$.tags', update: { name: 'Birds' } };
const copiedFacts = { target: '$.components.schemas.Kind', copy: '$.components.schemas.Pet.properties.name' };

describe('what the layers may do', () => {
  it.each<[Layer, string, Action]>([
    ['fixes', 'set words', words],
    ['fixes', 'set words anew', newWords],
    ['fixes', 'add a fact', fact],
    ['fixes', 'override a fact', overridden],
    ['fixes', 'append to a list inside', appended],
    ['fixes', 'append to a list', pushed],
    ['fixes', 'add a node', newNode],
    ['fixes', 'remove a node', removed],
    ['fixes', 'copy a node', copiedFacts],
    ['facts', 'add a fact', fact],
    ['facts', 'add a fact deep inside', nestedFact],
    ['facts', 'append to a list', pushed],
    ['docs', 'set words', words],
    ['docs', 'set words anew', newWords],
    ['docs', 'set words deep inside', nestedWords],
    ['mock', 'set words', words],
    ['mock', 'set words anew', newWords],
    ['mock', 'add a fact', fact],
    ['mock', 'override a fact', overridden],
    ['mock', 'append to a list inside', appended],
    ['mock', 'append to a list', pushed],
    ['mock', 'add a node', newNode],
    ['mock', 'remove a node', removed],
    ['mock', 'copy a node', copiedFacts],
  ])('%s may %s', (layer, _, action) => {
    const { document, problems } = run(layer, action);
    expect(problems).toEqual([]);
    expect(document).not.toEqual(shop());
  });

  it.each<[Layer, string, Action, string]>([
    ['facts', 'restate a fact', restated, 'the document states $.components.schemas.Pet.properties.name.maxLength itself: 40'],
    ['facts', 'override a fact', overridden, 'the document states $.components.schemas.Pet.properties.name.maxLength itself: 40'],
    ['facts', 'override words', newWords, 'the document states $.info.description itself: "old words"'],
    [
      'facts',
      'append to a list that the document states',
      appended,
      'the document states $.components.schemas.Pet.required itself: ["name"]',
    ],
    ['facts', 'add a node', newNode, '$.components.schemas.Owner is not in the document'],
    ['docs', 'set a fact', fact, '$.components.schemas.Pet.properties.name.minLength is not in the document'],
    ['docs', 'override a fact', overridden, 'docs set words, not `maxLength` ($.components.schemas.Pet.properties.name.maxLength)'],
    ['docs', 'append to a list inside', appended, 'docs set words, not `required` ($.components.schemas.Pet.required)'],
    ['docs', 'add a node', newNode, '$.components.schemas.Owner is not in the document'],
    [
      'docs',
      'describe a node that is not there',
      { target: '$.components.schemas.Pet.properties', update: { age: { description: 'Years' } } },
      '$.components.schemas.Pet.properties.age is not in the document',
    ],
    ['docs', 'set an extension', { target: '$.info', update: { 'x-logo': 'dog.png' } }, '$.info.x-logo is not in the document'],
    ['docs', 'set a title', { target: '$.info', update: { title: 'Shop' } }, 'docs set words, not `title` ($.info.title)'],
    [
      'docs',
      'turn a property called description into words',
      { target: '$.components.schemas.Pet.properties', update: { description: 'Its looks' } },
      'docs set words, not `description` ($.components.schemas.Pet.properties.description)',
    ],
    ['docs', 'copy facts', copiedFacts, 'docs set words, not `type`'],
  ])('%s may not %s', (layer, _, action, message) => {
    const { document, problems } = run(layer, action);
    expect(problems).toEqual([{ file: `overlays/${layer}.yaml`, line: expect.any(Number), message: expect.stringContaining(message) }]);
    expect(document).toEqual(shop());
  });

  it.each<[Layer]>([['facts'], ['docs']])('%s may not remove a node', (layer) => {
    const { document, problems } = run(layer, removed);
    expect(problems).toHaveLength(1);
    expect(document).toEqual(shop());
  });

  it('docs may not append to a list', () => {
    const { document, problems } = run('docs', pushed);
    expect(problems).toHaveLength(1);
    expect(document).toEqual(shop());
  });

  it('docs may not add a property that is called like a word', () => {
    const { document, problems } = run('docs', {
      target: '$.components.schemas.Pet.properties',
      update: { summary: { description: 'A property that is gone' } },
    });
    expect(problems).toHaveLength(1);
    expect(document).toEqual(shop());
  });

  it('docs may describe a property that is called description', () => {
    const { document, problems } = run('docs', {
      target: '$.components.schemas.Pet.properties',
      update: { description: { description: 'How it looks' } },
    });
    expect(problems).toEqual([]);
    expect(at(document, 'components', 'schemas', 'Pet', 'properties', 'description')).toEqual({
      type: 'string',
      description: 'How it looks',
    });
  });

  it('facts may say something about a name that every object has', () => {
    const { problems } = run('facts', { target: '$.info', update: { constructor: 'wood' } });
    expect(problems).toEqual([]);
  });
});

describe('update', () => {
  it('merges objects at every depth and leaves the rest alone', () => {
    const { document } = run('docs', nestedWords);
    const expected = shop();
    Object.assign(expected.components.schemas.Pet, { description: 'A pet' });
    Object.assign(expected.components.schemas.Pet.properties.name, { description: 'Its name', example: 'Rex' });
    expect(document).toEqual(expected);
  });

  it('puts plain values in the place of others', () => {
    expect(at(run('mock', { target: '$.info', update: { title: { long: 'Shop' }, description: null } }).document, 'info')).toEqual({
      title: { long: 'Shop' },
      description: null,
    });
  });

  it('appends an entry to a list that is the target', () => {
    expect(at(run('mock', pushed).document, 'tags')).toEqual([
      { name: 'Dogs' },
      { name: 'Cats', description: 'old words' },
      { name: 'Birds' },
    ]);
  });

  it('appends the entries of a list inside', () => {
    expect(
      at(
        run('mock', { target: '$.components.schemas.Pet', update: { required: ['kind', 'description'] } }).document,
        'components',
        'schemas',
        'Pet',
        'required',
      ),
    ).toEqual(['name', 'kind', 'description']);
  });

  it('changes every node that the target names', () => {
    const { document } = run('docs', { target: '$.tags[*]', update: { description: 'ours' } });
    expect(at(document, 'tags')).toEqual([
      { name: 'Dogs', description: 'ours' },
      { name: 'Cats', description: 'ours' },
    ]);
  });

  it('sees what earlier actions of the same overlay have done', () => {
    const { document, problems } = run('mock', newNode, { target: '$.components.schemas.Owner', update: { description: 'Who pays' } });
    expect(problems).toEqual([]);
    expect(at(document, 'components', 'schemas', 'Owner')).toEqual({ type: 'object', description: 'Who pays' });
  });

  it('cannot change a plain value', () => {
    const { document, problems } = run('mock', { target: '$.info.title', update: { description: 'x' } });
    expect(problems).toMatchObject([{ message: '$.info.title is a plain value and cannot be updated' }]);
    expect(document).toEqual(shop());
  });
});

describe('remove', () => {
  it('takes a key out of an object', () => {
    expect(at(run('mock', removed).document, 'components', 'schemas', 'Pet', 'properties')).toEqual({
      description: { type: 'string' },
      kind: { $ref: '#/components/schemas/Kind' },
    });
  });

  it('takes an item out of a list', () => {
    expect(at(run('mock', { target: "$.tags[?@.name=='Dogs']", remove: true }).document, 'tags')).toEqual([
      { name: 'Cats', description: 'old words' },
    ]);
  });

  it('takes all nodes that the target names', () => {
    expect(at(run('mock', { target: '$.tags[*]', remove: true }).document, 'tags')).toEqual([]);
    expect(at(run('mock', { target: '$.components.schemas.*', remove: true }).document, 'components', 'schemas')).toEqual({});
    expect(
      at(run('mock', { target: '$.components.schemas.Kind.enum[*]', remove: true }).document, 'components', 'schemas', 'Kind', 'enum'),
    ).toEqual([]);
  });

  it('takes the item that the target names, not one that is equal to it', () => {
    expect(
      at(run('mock', { target: '$.components.schemas.Kind.enum[2]', remove: true }).document, 'components', 'schemas', 'Kind', 'enum'),
    ).toEqual(['dog', 'cat']);
  });

  it('of the whole document is a problem', () => {
    expect(run('mock', { target: '$', remove: true }).problems).toHaveLength(1);
  });
});

describe('copy', () => {
  it('merges another node of the document into the target', () => {
    expect(
      at(
        run('mock', { target: '$.components.schemas.Pet.properties.description', copy: '$.components.schemas.Kind' }).document,
        'components',
        'schemas',
        'Pet',
        'properties',
        'description',
      ),
    ).toEqual({
      type: 'string',
      enum: ['dog', 'cat', 'dog'],
    });
  });

  it('does not tie the copy to its origin', () => {
    const { document } = run(
      'mock',
      { target: '$.components.schemas.Pet.properties.description', copy: '$.components.schemas.Kind' },
      { target: '$.components.schemas.Kind', update: { enum: ['bird'] } },
    );
    expect(at(document, 'components', 'schemas', 'Pet', 'properties', 'description', 'enum')).toEqual(['dog', 'cat', 'dog']);
    expect(at(document, 'components', 'schemas', 'Kind', 'enum')).toEqual(['dog', 'cat', 'dog', 'bird']);
  });

  it.each([
    ['$.components.schemas.Nobody', 0],
    ['$.components.schemas.*', 2],
  ])('takes exactly one node, so not %s', (copy, count) => {
    expect(run('mock', { target: '$.info', copy }).problems).toMatchObject([
      { file: 'overlays/mock.yaml', line: 6, message: `${copy} matches ${count} nodes, \`copy\` takes exactly one` },
    ]);
  });

  it('reports an origin that is not understood', () => {
    expect(run('mock', { target: '$.info', copy: '$..Kind' }).problems).toMatchObject([
      { message: expect.stringContaining('not understood') },
    ]);
  });
});

describe('a fix', () => {
  const target = '$.components.schemas.Pet.properties.name';
  const mend = (action: Action) => {
    const document: Node = shop();
    return { document, problems: applyOverlay(document, overlayOf('fixes', [{ target, ...action }])) };
  };

  it.each<[string, Node]>([
    ['a key with the value expected', { has: { maxLength: 40 } }],
    ['several keys with the values expected', { has: { maxLength: 40, type: 'string' } }],
    ['the absence of a key', { lacks: ['minLength'] }],
    ['both', { has: { type: 'string' }, lacks: ['minLength', 'pattern'] }],
  ])('applies where its fault is there: %s', (_, it) => {
    const { document, problems } = mend({ 'x-reason': 'Because.', 'x-fault': it, update: { maxLength: 80 } });
    expect(problems).toEqual([]);
    expect(at(document, 'components', 'schemas', 'Pet', 'properties', 'name', 'maxLength')).toBe(80);
  });

  it.each<[string, Node]>([
    ['another value', { has: { maxLength: 50 } }],
    ['a value of another type', { has: { maxLength: '40' } }],
    ['one of two values is another', { has: { type: 'string', maxLength: 50 } }],
    ['a key that is not there', { has: { pattern: 'x' } }],
    ['a key that is there by now', { lacks: ['maxLength'] }],
    ['one of the keys is there by now', { lacks: ['pattern', 'type'] }],
    ['one half is gone', { has: { type: 'string' }, lacks: ['maxLength'] }],
  ])('says that it is to be removed where its fault is gone: %s', (_, it) => {
    const { document, problems } = mend({ 'x-reason': 'Because.', 'x-fault': it, update: { maxLength: 80 } });
    expect(problems).toEqual([
      {
        file: 'overlays/fixes.yaml',
        line: expect.any(Number),
        message: `the fault is gone at ${target}`,
        hint: expect.stringContaining('remove this fix'),
      },
    ]);
    expect(document).toEqual(shop());
  });

  it('compares lists and objects of its fault by content', () => {
    const document: Node = shop();
    const action = {
      target: '$.components.schemas.Pet',
      'x-reason': 'Because.',
      'x-fault': { has: { required: ['name'] } },
      update: { required: ['kind'] },
    };
    expect(applyOverlay(document, overlayOf('fixes', [action]))).toEqual([]);
    expect(applyOverlay(document, overlayOf('fixes', [action]))).toMatchObject([
      { message: 'the fault is gone at $.components.schemas.Pet' },
    ]);
  });

  it('expects its fault at every node that it targets, and changes none if one is without', () => {
    const document: Node = shop();
    const problems = applyOverlay(
      document,
      overlayOf('fixes', [
        { target: '$.tags[*]', 'x-reason': 'Because.', 'x-fault': { lacks: ['description'] }, update: { description: 'x' } },
      ]),
    );
    expect(problems).toMatchObject([{ message: 'the fault is gone at $.tags[1]' }]);
    expect(document).toEqual(shop());
  });

  it.each<[string, Node, string]>([
    ['a reason', { 'x-fault': { lacks: ['pattern'] } }, 'x-reason'],
    ['a fault', { 'x-reason': 'Because.' }, 'x-fault'],
    ['a fault that says something', { 'x-reason': 'Because.', 'x-fault': {} }, 'x-fault'],
    ['a fault in the form expected', { 'x-reason': 'Because.', 'x-fault': { has: ['pattern'] } }, 'x-fault'],
  ])('needs %s', (_, rest, missing) => {
    const { document, problems } = mend({ ...rest, update: { maxLength: 80 } });
    expect(problems).toMatchObject([{ file: 'overlays/fixes.yaml', line: 6, message: expect.stringContaining(missing) }]);
    expect(document).toEqual(shop());
  });

  it('expects a plain value by what it is, and takes it away', () => {
    const taken = (is: string) => {
      const document = structuredClone({ openapi: '3.0.3', info: { title: 'Pets', version: '1' }, paths: {} });
      const action = { target: '$.info.version', 'x-reason': 'Because.', 'x-fault': { is }, remove: true };
      const source = file('fixes.yaml', { overlay: '1.0.0', info: { title: 'Fixes', version: '1' }, actions: [action] });
      return { problems: applyOverlay(document, { layer: 'fixes', source }), info: document.info };
    };
    expect(taken('1')).toEqual({ problems: [], info: { title: 'Pets' } });
    expect(taken('2')).toMatchObject({ problems: [{ message: 'the fault is gone at $.info.version' }], info: { version: '1' } });
  });

  it.each<[Node]>([[{ lacks: [] }], [{ has: {} }]])('needs a fault that can be gone, unlike %j', (it) => {
    expect(mend({ 'x-reason': 'Because.', 'x-fault': it, update: { maxLength: 80 } }).problems).toHaveLength(1);
  });

  it('reports a misspelt key of its fault', () => {
    expect(
      mend({ 'x-reason': 'Because.', 'x-fault': { has: { type: 'string' }, lack: ['maxLength'] }, update: { maxLength: 80 } }).problems,
    ).toHaveLength(1);
  });
});

describe('an action that is wrong', () => {
  it.each(layers)('is reported by file and line in %s if its target matches nothing, with the way out', (layer) => {
    const text = [
      'overlay: 1.0.0',
      'info: { title: Test, version: "1" }',
      'actions:',
      '  - target: $.info',
      '    x-reason: r',
      '    x-fault: { has: { title: Pet shop } }',
      '    update: { x: 1 }',
      '',
      '  # two',
      '  - update: { description: x }',
      '    target: $.infos',
      '',
    ];
    const source = fileOf(
      'spec/overlay.yaml',
      (layer === 'docs' ? text.map((line) => line.replace('x: 1', 'description: x')) : text).join('\n'),
    );
    expect(applyOverlay(shop(), { layer, source })).toEqual([
      {
        file: 'spec/overlay.yaml',
        line: 11,
        message: '$.infos matches nothing',
        hint: expect.stringContaining('remove this action or correct its target'),
      },
    ]);
  });

  it('does not keep the others from being looked at: all problems are told at once', () => {
    const { problems } = run(
      'docs',
      { target: '$.nobody', update: { description: 'x' } },
      words,
      { target: '$..x', update: {} },
      { target: '$.info', update: { title: 'x' } },
    );
    expect(problems.map(({ message }) => message)).toEqual([
      '$.nobody matches nothing',
      expect.stringContaining('$..x is not understood'),
      expect.stringContaining('docs set words'),
    ]);
    expect(problems.map(({ line }) => line)).toEqual([...problems.map(({ line }) => line)].sort((a, b) => (a ?? 0) - (b ?? 0)));
  });

  it.each<[string, unknown]>([
    ['no target', { update: {} }],
    ['a target that is no text', { target: 5, update: {} }],
    ['nothing at all', null],
    ['a text instead of keys', '$.info'],
  ])('is reported if it has %s', (_, action) => {
    expect(applyOverlay(shop(), overlayOf('mock', [action]))).toMatchObject([
      { file: 'overlays/mock.yaml', line: 6, message: 'an action needs a `target`' },
    ]);
  });

  it('is reported at its target if that is not understood', () => {
    expect(run('mock', { update: { x: 1 }, target: '$.info[' }).problems).toMatchObject([
      { line: 8, message: expect.stringContaining('is not understood from "["') },
    ]);
  });

  it.each(['updates', 'Update', 'x-note', 'reason'])('is reported at the key %s, which no action has', (key) => {
    const { problems } = run('mock', { target: '$.info', update: { x: 1 }, [key]: 'y' });
    expect(problems).toMatchObject([{ file: 'overlays/mock.yaml', line: 9, message: `an action has no key \`${key}\`` }]);
  });

  it.each<[string, Node]>([
    ['update and remove', { update: { description: 'x' }, remove: true }],
    ['update and copy', { update: { description: 'x' }, copy: '$.tags[1]' }],
    ['remove and copy', { remove: true, copy: '$.tags[1]' }],
    ['all three', { update: { description: 'x' }, remove: true, copy: '$.tags[1]' }],
  ])('is reported if it does %s at once', (_, deeds) => {
    expect(run('mock', { target: '$.tags[0]', ...deeds }).problems).toMatchObject([
      { file: 'overlays/mock.yaml', line: 6, message: 'an action does one of `update`, `remove`, `copy`' },
    ]);
  });

  it('is reported if it does nothing', () => {
    expect(run('mock', { target: '$.info' }).problems).toContainEqual({
      file: 'overlays/mock.yaml',
      line: 6,
      message: 'an action does one of `update`, `remove`, `copy`',
    });
  });

  it('is reported once if it does nothing', () => {
    expect(run('mock', { target: '$.info' }).problems).toHaveLength(1);
  });

  it.each<[string, Node]>([
    ['remove: false', { remove: false }],
    ['remove: "yes"', { remove: 'yes' }],
    ['copy: 5', { copy: 5 }],
    ['update: null', { update: null }],
    ['update: a text', { update: 'x' }],
  ])('is reported if it says %s', (_, deed) => {
    const { document, problems } = run('mock', { target: '$.info', ...deed });
    expect(problems).toHaveLength(1);
    expect(document).toEqual(shop());
  });
});

describe('a file that is no overlay', () => {
  it.each<[string, string]>([
    ['a list', '- a\n'],
    ['a text', 'hello\n'],
    ['null', 'null\n'],
    ['an OpenAPI document', 'openapi: 3.0.3\ninfo: {}\n'],
    ['an overlay without actions', 'overlay: 1.0.0\ninfo: {}\n'],
    ['an overlay whose actions are no list', 'overlay: 1.0.0\nactions: {}\n'],
    ['an overlay of version 2', 'overlay: 2.0.0\nactions: []\n'],
    ['an overlay whose version is a number', 'overlay: 1.0\nactions: []\n'],
  ])('is reported: %s', (_, text) => {
    const document = shop();
    expect(applyOverlay(document, { layer: 'docs', source: parse('docs/pets.yaml', text) })).toMatchObject([
      { file: 'docs/pets.yaml', line: 1, message: expect.stringContaining('not an overlay') },
    ]);
    expect(document).toEqual(shop());
  });

  it.each(['1.0.0', '1.0.1', '1.1.0'])('version %s is one', (version) => {
    expect(applyOverlay(shop(), { layer: 'docs', source: parse('docs/pets.yaml', `overlay: ${version}\nactions: []\n`) })).toEqual([]);
  });
});

describe('the values of an overlay', () => {
  const action = (update: unknown, target = '$.info') => {
    const overlay = overlayOf('mock', [{ target, update }]);
    const document: Node = shop();
    expect(applyOverlay(document, overlay)).toEqual([]);
    return { document, value: overlay.source.value, before: structuredClone(overlay.source.value), after: structuredClone(document) };
  };

  it('do not change when the document does', () => {
    const { document, value, before } = action({ example: { pets: [{ name: 'Rex' }] }, list: [{ deep: [1] }] });
    nodeAt(document, 'info', 'example', 'pets', 0).name = 'changed';
    (at(document, 'info', 'list', 0, 'deep') as unknown[]).push(2);
    expect(value).toEqual(before);
  });

  it('do not change the document when they do', () => {
    const { document, value, after } = action({ example: { pets: [{ name: 'Rex' }] }, list: [{ deep: [1] }] });
    nodeAt(value, 'actions', 0, 'update', 'example', 'pets', 0).name = 'changed';
    (at(value, 'actions', 0, 'update', 'list', 0, 'deep') as unknown[]).push(2);
    expect(document).toEqual(after);
  });

  it('are not shared through lists that were appended to', () => {
    const inside = action({ tags: [{ name: 'Fish', more: { x: 1 } }] }, '$');
    nodeAt(inside.document, 'tags', 2, 'more').x = 2;
    expect(inside.value).toEqual(inside.before);
    const itself = action({ name: 'Fish', more: { x: 1 } }, '$.tags');
    nodeAt(itself.document, 'tags', 2, 'more').x = 2;
    expect(itself.value).toEqual(itself.before);
  });

  it('are not shared between the nodes that one action changes', () => {
    const { document } = action({ example: { name: 'Rex' } }, '$.tags[*]');
    nodeAt(document, 'tags', 0, 'example').name = 'changed';
    expect(at(document, 'tags', 1, 'example')).toEqual({ name: 'Rex' });
  });
});

describe('compose', () => {
  const source = file('spec/source.yaml', library());

  it('applies the overlays in their order and leaves its input as it was', () => {
    const overlays = [
      overlayOf('facts', [{ target: '$.info', update: { 'x-open': 'daily' } }]),
      overlayOf('docs', [{ target: '$.info', update: { description: 'First' } }]),
      overlayOf('docs', [{ target: '$.info', update: { description: 'Second' } }]),
    ];
    const before = structuredClone({ source, overlays });
    expect(at(compose(source, overlays), 'info')).toMatchObject({ 'x-open': 'daily', description: 'Second' });
    expect({ source, overlays }).toEqual(before);
  });

  it('tells the problems of all overlays at once', () => {
    const overlays = [overlayOf('facts', [{ target: '$.a', update: {} }]), overlayOf('docs', [{ target: '$.b', update: {} }])];
    expect(problemsOf(() => compose(source, overlays)).map(({ file, message }) => `${file} ${message}`)).toEqual([
      'overlays/facts.yaml $.a matches nothing',
      'overlays/docs.yaml $.b matches nothing',
    ]);
  });

  it.each<[string, unknown]>([
    ['a list', []],
    ['a document without paths', { openapi: '3.0.3' }],
    ['a document without a version', { paths: {} }],
    ['a document whose paths are a list', { openapi: '3.0.3', paths: [] }],
  ])('refuses %s', (_, value) => {
    expect(problemsOf(() => compose(file('spec/source.yaml', value), []))).toMatchObject([
      { file: 'spec/source.yaml', line: 1, message: expect.stringContaining('not an OpenAPI document') },
    ]);
  });
});

describe('an example', () => {
  /** The example of a property that is named `properties`, after an action of the docs layer. */
  const exampleOf = (present: unknown, example: unknown) => {
    const schema = { type: 'object', properties: { properties: { type: 'array', example: present } } };
    const document: Node = { openapi: '3.0.3', info: {}, paths: {}, components: { schemas: { Bank: schema } } };
    const action = { target: '$.components.schemas.Bank', update: { properties: { properties: { example } } } };
    const source = file('docs.yaml', { overlay: '1.0.0', info: { title: 'Words', version: '1' }, actions: [action] });
    const problems = applyOverlay(document, { layer: 'docs', source });
    return { problems, example: at(document, 'components', 'schemas', 'Bank', 'properties', 'properties', 'example') };
  };

  it.each([
    ['a list', ['THEIRS']],
    ['nothing', undefined],
  ])('of a property that is named properties takes the place of %s', (_, present) => {
    expect(exampleOf(present, ['OURS'])).toEqual({ problems: [], example: ['OURS'] });
  });
});
