import { describe, expect, it } from 'vitest';
import { type Match, parseTarget, select } from '../src/overlay/target.ts';
import { at } from './support-documents.ts';

const zoo = {
  name: 'zoo',
  pets: [
    { name: 'Rex', kind: 'dog', tricks: ['sit', 'roll'] },
    { name: 'Tom', kind: 'cat' },
    { name: 'Kim', kind: 'cat', house: 'north' },
    'a plain one',
    null,
  ],
  houses: { north: { kind: 'stone', name: 'N' }, south: { kind: 'wood' }, east: null },
  paths: { '/pets/{id}': { get: { x: 1 } }, "/pets/{id}/it's": {}, 'back\\slash': {}, 'a.b[0]': {}, "quote']": {}, '': {}, '0': {} },
  'x-note': { $ref: '#/houses', _private: 1, a1: 2 },
};

const find = (target: string, root: unknown = zoo): Match[] => select(root, parseTarget(target));
const placesOf = (target: string, root?: unknown) => find(target, root).map(({ path }) => path);

describe('a target', () => {
  it.each<[string, (string | number)[][]]>([
    ['$', [[]]],
    ['$.name', [['name']]],
    ["$['name']", [['name']]],
    ['$.x-note', [['x-note']]],
    ['$.x-note.$ref', [['x-note', '$ref']]],
    ['$.x-note._private', [['x-note', '_private']]],
    ['$.x-note.a1', [['x-note', 'a1']]],
    ['$.houses.north.kind', [['houses', 'north', 'kind']]],
    ["$['houses']['north'].kind", [['houses', 'north', 'kind']]],
    ["$.paths['/pets/{id}'].get.x", [['paths', '/pets/{id}', 'get', 'x']]],
    ["$.paths['a.b[0]']", [['paths', 'a.b[0]']]],
    ["$.paths['']", [['paths', '']]],
    ["$.paths['0']", [['paths', '0']]],
    ['$.pets[0]', [['pets', 0]]],
    ['$.pets[2].name', [['pets', 2, 'name']]],
    ['$.pets[0].tricks[1]', [['pets', 0, 'tricks', 1]]],
  ])('%s names a place plainly', (target, places) => {
    expect(placesOf(target)).toEqual(places);
  });

  it.each<[string, (string | number)[]]>([
    ["$.paths['/pets/{id}/it\\'s']", ['paths', "/pets/{id}/it's"]],
    ["$.paths['back\\\\slash']", ['paths', 'back\\slash']],
    ["$.paths['quote\\']']", ['paths', "quote']"]],
  ])('%s names a place with characters escaped', (target, place) => {
    expect(placesOf(target)).toEqual([place]);
  });

  it.each<[string, (string | number)[][]]>([
    [
      '$.pets[*]',
      [
        ['pets', 0],
        ['pets', 1],
        ['pets', 2],
        ['pets', 3],
        ['pets', 4],
      ],
    ],
    [
      '$.pets.*',
      [
        ['pets', 0],
        ['pets', 1],
        ['pets', 2],
        ['pets', 3],
        ['pets', 4],
      ],
    ],
    [
      '$.houses.*',
      [
        ['houses', 'north'],
        ['houses', 'south'],
        ['houses', 'east'],
      ],
    ],
    [
      '$.houses[*]',
      [
        ['houses', 'north'],
        ['houses', 'south'],
        ['houses', 'east'],
      ],
    ],
    ['$.pets[*].house', [['pets', 2, 'house']]],
    [
      '$.houses.*.kind',
      [
        ['houses', 'north', 'kind'],
        ['houses', 'south', 'kind'],
      ],
    ],
    [
      '$.*.north.*',
      [
        ['houses', 'north', 'kind'],
        ['houses', 'north', 'name'],
      ],
    ],
    [
      '$.pets[*].tricks[*]',
      [
        ['pets', 0, 'tricks', 0],
        ['pets', 0, 'tricks', 1],
      ],
    ],
  ])('%s names every child, of lists and of objects, in the order of the document', (target, places) => {
    expect(placesOf(target)).toEqual(places);
  });

  it.each<[string, (string | number)[][]]>([
    ["$.pets[?@.name=='Rex']", [['pets', 0]]],
    [
      "$.pets[?@.kind=='cat']",
      [
        ['pets', 1],
        ['pets', 2],
      ],
    ],
    ["$.pets[?@.kind=='cat' && @.name=='Kim']", [['pets', 2]]],
    ["$.pets[?@.kind=='cat' && @.name=='Kim' && @.house=='north']", [['pets', 2]]],
    ["$.pets[?@.kind=='cat' && @.name=='Rex']", []],
    ["$.pets[?@.kind=='cat'].house", [['pets', 2, 'house']]],
    ["$.houses[?@.kind=='wood']", [['houses', 'south']]],
    ["$.houses[?@.name=='']", []],
    ["$[?@.x-none=='1']", []],
  ])('%s names the children that meet every condition', (target, places) => {
    expect(placesOf(target)).toEqual(places);
  });

  it('compares conditions with text only', () => {
    expect(placesOf("$[?@.n=='1']", [{ n: 1 }, { n: '1' }, { n: true }, { n: null }])).toEqual([[1]]);
  });

  it.each([
    '$.nobody',
    '$.pets[9]',
    "$.pets['0']",
    '$.houses[0]',
    '$.paths[0]',
    '$.name.length',
    '$.pets.length',
    '$.name[0]',
    '$.houses.east.kind',
    '$.constructor',
    '$.houses.toString',
    '$.nobody.x.y',
  ])('%s names nothing', (target) => {
    expect(find(target)).toEqual([]);
  });

  it.each(['$', '$.name', '$.text[0]', '$.*'])('%s names nothing in an empty document, save the document itself', (target) => {
    expect(placesOf(target, {})).toEqual(target === '$' ? [[]] : []);
    expect(placesOf(target, null)).toEqual(target === '$' ? [[]] : []);
  });

  it('tells of each place what is there and who holds it, so that it can be changed', () => {
    for (const target of ['$.pets[1]', '$.houses.*', "$.pets[?@.kind=='cat'].name", "$.paths['/pets/{id}'].get"]) {
      const found = find(target);
      expect(found).not.toEqual([]);
      for (const { parent, key, value, path } of found) {
        expect(value).toBe(at(zoo, ...path));
        expect(parent).toBe(at(zoo, ...path.slice(0, -1)));
        expect(key).toBe(path.at(-1));
      }
    }
  });

  it('says that nobody holds the document itself', () => {
    expect(find('$')).toEqual([{ parent: undefined, key: '', value: zoo, path: [] }]);
  });
});

describe('a target that is not understood', () => {
  it.each(['', 'pets', '.pets', ' $.pets', '/pets/0', '#/pets'])('"%s" has to begin with $', (target) => {
    expect(() => parseTarget(target)).toThrow('does not begin with $');
    expect(() => parseTarget(target)).toThrow(target);
  });

  it.each([
    ['$pets', 'pets'],
    ['$..name', '..name'],
    ['$.pets.', '.'],
    ['$.pets..name', '..name'],
    ['$.pets[', '['],
    ['$.pets[]', '[]'],
    ['$.pets[-1].name', '[-1].name'],
    ['$.pets[0:2]', '[0:2]'],
    ['$.pets[0,1]', '[0,1]'],
    ['$["pets"][0]', '["pets"][0]'],
    ["$['pets", "['pets"],
    ["$['it's']", "['it's']"],
    ['$.pets[0] .name', ' .name'],
    ['$.0', '.0'],
    ['$.größe', 'öße'],
    ['$.pets[?@.name]', '[?@.name]'],
    ["$.pets[?@.name!='Rex'].kind", "[?@.name!='Rex'].kind"],
    ["$.pets[?@.name == 'Rex']", "[?@.name == 'Rex']"],
    ['$.pets[?@.name=="Rex"]', '[?@.name=="Rex"]'],
    ["$.pets[?@.name=='Rex' || @.name=='Tom']", "[?@.name=='Rex' || @.name=='Tom']"],
    ["$.pets[?@.name=='it\\'s']", "[?@.name=='it\\'s']"],
    ['$.pets[?@.age==3]', '[?@.age==3]'],
    ['$.pets[?length(@.name)==3]', '[?length(@.name)==3]'],
  ])('%s is refused from %s on', (target, rest) => {
    expect(() => parseTarget(target)).toThrow(`the target ${target} is not understood from "${rest}" on`);
  });

  it('is told what is known', () => {
    expect(() => parseTarget('$..name')).toThrow("[?@.key=='value']");
  });

  it.each(["$.pets[?@.kind=='cat' && ]", "$.pets[?@.kind=='cat'@.name=='Kim']"])('%s is refused', (target) => {
    expect(() => parseTarget(target)).toThrow('not understood');
  });

  it('names nothing where two conditions contradict each other', () => {
    expect(placesOf("$.pets[?@.kind=='dog' && @.kind=='cat']")).toEqual([]);
  });
});
