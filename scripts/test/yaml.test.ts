import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineOf, type Path, parse, pathAt, print } from '../src/document/yaml.ts';
import { formatProblem } from '../src/errors.ts';
import { problemOf } from './support-documents.ts';

const lines = (...text: string[]): string => text.join('\n');
const parsed = (text: string, maxAliases?: number): unknown => parse('pets.yaml', text, maxAliases).value;
const faultOf = (text: string, maxAliases?: number) => problemOf(() => parse('pets.yaml', text, maxAliases));

describe('parse', () => {
  it('reads YAML', () => {
    expect(parsed(lines('pets:', '  - name: Rex', '    age: 3', '    tame: true', '    owner: null'))).toEqual({
      pets: [{ name: 'Rex', age: 3, tame: true, owner: null }],
    });
  });

  it('reads JSON', () => {
    expect(parsed('{ "pets": [ { "name": "Rex", "age": 3.5, "tags": [] } ],\n"more": {} }')).toEqual({
      pets: [{ name: 'Rex', age: 3.5, tags: [] }],
      more: {},
    });
  });

  it('keeps the name of the file and its text for later messages', () => {
    const source = parse('spec/pets.yaml', 'a: 1\n');
    expect(source).toEqual({ file: 'spec/pets.yaml', text: 'a: 1\n', value: { a: 1 } });
  });

  it('reads a file with a byte order mark like one without', () => {
    expect(parse('pets.yaml', '\ufeffname: Rex\n')).toEqual(parse('pets.yaml', 'name: Rex\n'));
    expect(parsed('\ufeff{"name": "Rex"}')).toEqual({ name: 'Rex' });
  });

  it('reads Windows line ends like others', () => {
    const text = lines('name: Rex', 'words: |', '  one', '  two', 'list:', '  - a', '  - b', '');
    expect(parsed(text.replaceAll('\n', '\r\n'))).toEqual(parsed(text));
  });

  it.each([
    ['a day', '2024-02-29'],
    ['a time', '2024-02-29T10:00:00Z'],
    ['a time of day', '12:30:45'],
    ['the country code of Norway', 'NO'],
    ['yes', 'yes'],
    ['off', 'off'],
    ['a number with underscores', '1_000'],
  ])('leaves %s text', (_, text) => {
    expect(parsed(`it: ${text}`)).toEqual({ it: text });
  });

  it('takes a quoted number as text and a plain one as a number', () => {
    expect(parsed(lines('quoted: "1.0"', 'plain: 1.5'))).toEqual({ quoted: '1.0', plain: 1.5 });
  });

  it('takes `<<` as a name like any other', () => {
    expect(parsed('a: { <<: { b: 1 } }')).toEqual({ a: { '<<': { b: 1 } } });
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n\t\n'],
    ['a byte order mark', '\ufeff'],
  ])('says of a file with %s that it is empty', (_, text) => {
    expect(faultOf(text)).toEqual({ file: 'pets.yaml', line: 1, message: 'the file is empty' });
  });

  it('refuses a file with comments alone', () => {
    expect(faultOf('# to do\n').message).toContain('empty');
  });

  it.each([
    ['a list that is not closed', lines('a: 1', 'b: [1, 2', 'c: 3')],
    ['a text that is not closed', lines('a: 1', 'b: "x')],
    ['a second document', lines('a: 1', '---', 'b: 2')],
    ['a list as a key', lines('a: 1', '? [b, c]', ': 2')],
  ])('refuses %s', (_, text) => {
    expect(faultOf(text)).toMatchObject({ file: 'pets.yaml', message: expect.stringContaining('not valid YAML or JSON') });
  });

  it.each([
    ['bad indentation', lines('a: 1', 'b:', '  c: 1', ' d: 2'), 4],
    ['a tab in the indentation', lines('a:', '\tb: 1'), 2],
    ['a colon missing in JSON', lines('{', '  "a": 1,', '  "b" 2', '}'), 3],
    ['a duplicate key', lines('a: 1', 'b: 2', 'a: 3'), 3],
    ['a duplicate key in JSON', lines('{', '"a": 1,', '"b": { "c": 1,', '  "c": 2 } }'), 4],
    ['a tag that could build objects', lines('a: 1', 'b: !!js/function "x"'), 2],
  ])('refuses %s and names its line, with any line ends and with a byte order mark', (_, text, line) => {
    expect(faultOf(text)).toMatchObject({ file: 'pets.yaml', line, message: expect.stringContaining('not valid YAML or JSON') });
    expect(faultOf(text.replaceAll('\n', '\r\n')).line).toBe(line);
    expect(faultOf(`\ufeff${text}`).line).toBe(line);
  });

  it('gives a message that terminals link', () => {
    expect(formatProblem(faultOf(lines('a: 1', 'a: 2')))).toMatch(/^pets\.yaml:2: not valid YAML or JSON: /);
  });

  it('refuses aliases, the way to a memory bomb', () => {
    const fault = faultOf(lines('a: &it [1, 2]', 'b: *it'));
    expect(fault.line).toBe(2);
    expect(fault.message).toContain('alias');
  });

  it('reads as many aliases as it is told to, and no more', () => {
    const text = lines('a: &it { x: 1 }', 'b: *it', 'c: *it');
    expect(parsed(text, 2)).toEqual({ a: { x: 1 }, b: { x: 1 }, c: { x: 1 } });
    expect(faultOf(text, 1)).toMatchObject({ line: 3, message: expect.stringContaining('alias') });
  });

  it.each([
    ['YAML', lines('a:', '  b:', '    __proto__: { evil: true }')],
    ['YAML, quoted', lines('a:', "  - '__proto__': 1")],
    ['JSON', '{ "a": { "__proto__": { "evil": true } } }'],
  ])('refuses the name __proto__ in %s', (_, text) => {
    expect(faultOf(text)).toMatchObject({ file: 'pets.yaml', message: expect.stringContaining('__proto__') });
    expect(({} as Record<string, unknown>).evil).toBeUndefined();
  });

  it('refuses the name __proto__ written with escapes', () => {
    expect(faultOf('{ "a": { "\\u005f_proto__": { "evil": true } } }').message).toContain('__proto__');
  });

  it('survives an alias that contains itself', () => {
    expect(() => parsed(lines('a: &it [*it]', 'b: __proto__'), 9)).not.toThrow(RangeError);
  });

  it('takes __proto__ as a value like any other text', () => {
    expect(parsed('a: __proto__')).toEqual({ a: '__proto__' });
  });

  it('keeps other names that every object has', () => {
    const value = parsed(lines('constructor: 1', 'toString: 2', 'hasOwnProperty: 3')) as Record<string, unknown>;
    expect(Object.entries(value)).toEqual([
      ['constructor', 1],
      ['toString', 2],
      ['hasOwnProperty', 3],
    ]);
  });

  it('reads documents as deep as any API is', () => {
    const depth = 60;
    let value = parsed(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    let found = 0;
    for (; Array.isArray(value); value = value[0]) found++;
    expect(found).toBe(depth);
  });

  it.each([200, 100_000])('refuses %i levels instead of exhausting the stack', (depth) => {
    expect(faultOf(`${'['.repeat(depth)}${']'.repeat(depth)}`)).toMatchObject({ line: 1, message: expect.stringContaining('nesting') });
    expect(faultOf(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`)).toMatchObject({
      line: 1,
      message: expect.stringContaining('nesting'),
    });
  });
});

describe('print', () => {
  it.each([
    'NO',
    'yes',
    'on',
    'true',
    'null',
    '~',
    '',
    ' ',
    '1',
    '1.0',
    '1e3',
    '0x10',
    '.5',
    '.inf',
    '+1',
    '2024-02-29',
    '12:30',
    '=',
    '<<',
    ' before',
    'after ',
    'a: b',
    'a #b',
    '# a',
    '- a',
    '-',
    '?',
    '!a',
    '&a',
    '*a',
    '%a',
    '@a',
    '`a`',
    '{a}',
    '[a]',
    '|',
    '>',
    '---',
    '...',
    "it's",
    '"quoted"',
    'back\\slash',
    'tab\there',
    'bell\u0007',
    'nul\u0000',
    '\ufeffmark',
    'line\u2028end',
    'next\u0085line',
    'one\ntwo',
    'one\ntwo\n',
    'one\n\n\ntwo\n\n',
    '\n',
    '\none',
    ' indented\nmore',
    'one\n  two\n one',
    'a\r\nb',
    'a\rb',
    '---\na',
    'trailing \nspace',
    'word '.repeat(60),
    `${'word '.repeat(60)}\n  indented\n\n- item`,
    'x'.repeat(300),
    '😀'.repeat(90),
    'Grüße',
    '\ud800',
  ])('writes the text %j so that it is read as the same text', (text) => {
    expect(parsed(print({ value: text, list: [text], deep: { deep: [{ value: text }] } }))).toEqual({
      value: text,
      list: [text],
      deep: { deep: [{ value: text }] },
    });
    expect(parsed(print({ [text]: 1 }))).toEqual({ [text]: 1 });
  });

  it.each([0, 1, -1, 1.5, -0, 1e21, 1e-7, 2 ** 53, true, false, null, [], {}, [[]], [{}], { a: {} }, { a: [] }])(
    'writes %j so that it is read as the same',
    (value) => {
      expect(parsed(print(value))).toEqual(value);
      expect(parsed(print({ value: [value] }))).toEqual({ value: [value] });
    },
  );

  it('writes any JSON so that it is read as the same, in the same order', () => {
    const json = fc.jsonValue({ maxDepth: 6 }).filter((value) => !JSON.stringify(value).includes('__proto__'));
    fc.assert(
      fc.property(json, (value) => {
        const back = parsed(print(value));
        expect(back).toEqual(value);
        expect(JSON.stringify(back)).toBe(JSON.stringify(value));
      }),
      { numRuns: 300 },
    );
  });

  it('writes any text so that it is read as the same', () => {
    const text = fc.string({
      unit: fc.oneof(
        fc.constantFrom(' ', '\n', '\t', ':', '#', '-', '"', "'", '\\', 'a', '1', '.'),
        fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      ),
      maxLength: 200,
    });
    fc.assert(
      fc.property(text, (value) => {
        expect(parsed(print({ a: [{ b: value }] }))).toEqual({ a: [{ b: value }] });
      }),
      { numRuns: 500 },
    );
  });

  it('writes what it has read the same way again', () => {
    fc.assert(
      fc.property(
        fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__')),
        (value) => {
          const text = print(value);
          expect(print(parsed(text))).toBe(text);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('writes a value that is held twice out in full, without aliases', () => {
    const shared = { x: 1 };
    expect(parsed(print({ a: shared, b: [shared] }))).toEqual({ a: { x: 1 }, b: [{ x: 1 }] });
  });

  it('breaks long text at 120 characters', () => {
    const text = print({ a: { description: 'word '.repeat(100).trim() } });
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it('indents by two spaces and ends with one line end', () => {
    expect(print({ a: { b: ['c'] } })).toBe('a:\n  b:\n    - c\n');
  });
});

describe('lineOf', () => {
  const zoo = lines(
    'name: zoo', // 1
    '# a comment', // 2
    'animals:', // 3
    '  - Rex', // 4
    '  - name: Tom', // 5
    '    age: 4', // 6
    '  -', // 7
    '    name: Kim', // 8
    "'quoted key': { in: 1,", // 9
    '  "out": [1,', // 10
    '    { far: 2 }] }', // 11
    '"/pets/{id}":', // 12
    '  get:', // 13
    '    responses:', // 14
    "      '200':", // 15
    '        description: |', // 16
    '          one', // 17
    '          description: two', // 18
    '      404:', // 19
    '        description: none', // 20
    '? explicit', // 21
    ': value', // 22
    'empty:', // 23
    'last: end', // 24
    '',
  );
  const zooPaths: [Path, number][] = [
    [[], 1],
    [['name'], 1],
    [['animals'], 3],
    [['animals', 0], 4],
    [['animals', 1], 5],
    [['animals', 1, 'name'], 5],
    [['animals', 1, 'age'], 6],
    [['animals', 2, 'name'], 8],
    [['quoted key'], 9],
    [['quoted key', 'in'], 9],
    [['quoted key', 'out'], 10],
    [['quoted key', 'out', 0], 10],
    [['quoted key', 'out', 1], 11],
    [['quoted key', 'out', 1, 'far'], 11],
    [['/pets/{id}'], 12],
    [['/pets/{id}', 'get'], 13],
    [['/pets/{id}', 'get', 'responses', '200'], 15],
    [['/pets/{id}', 'get', 'responses', '200', 'description'], 16],
    [['/pets/{id}', 'get', 'responses', '404'], 19],
    [['/pets/{id}', 'get', 'responses', 404, 'description'], 20],
    [['explicit'], 21],
    [['empty'], 23],
    [['last'], 24],
  ];

  it.each(zooPaths)('finds %j', (path, line) => {
    expect(lineOf(parse('zoo.yaml', zoo), path)).toBe(line);
  });

  it.each(zooPaths)('finds %j behind Windows line ends', (path, line) => {
    expect(lineOf(parse('zoo.yaml', zoo.replaceAll('\n', '\r\n')), path)).toBe(line);
  });

  it.each([
    [['animals', 1, 'colour'], 5],
    [['animals', 9], 3],
    [['animals', 9, 'name'], 3],
    [['/pets/{id}', 'post', 'responses'], 12],
    [['/pets/{id}', 'get', 'responses', '500', 'description'], 14],
    [['name', 'first'], 1],
    [['empty', 'x'], 23],
    [['nowhere', 'at', 'all'], 1],
  ] satisfies [Path, number][])('gives the nearest ancestor of %j, which is missing', (path, line) => {
    expect(lineOf(parse('zoo.yaml', zoo), path)).toBe(line);
  });

  it('gives the list where a name is looked for in a list', () => {
    expect(lineOf(parse('zoo.yaml', zoo), ['animals', 'name'])).toBe(3);
  });

  it('finds an item that is a text of several lines', () => {
    expect(lineOf({ text: lines('notes:', '  - |', '    one', '    two', '  - three') }, ['notes', 0])).toBe(2);
  });

  it('finds the items behind a text of several lines', () => {
    const text = lines('notes:', '  - |', '    one', '    - two', '  - >-', '    three', '', '    four', '  - {}', '  - []', '  - k: []');
    expect([2, 3, 4].map((index) => lineOf({ text }, ['notes', index]))).toEqual([9, 10, 11]);
  });

  it('finds nodes in JSON', () => {
    const text = lines(
      '{',
      '  "pets": {',
      '    "list": [',
      '      1,',
      '      { "name": "Rex",',
      '        "na/me": 2 }',
      '    ]',
      '  },',
      '  "more": []',
      '}',
    );
    const found = (
      [
        ['pets'],
        ['pets', 'list'],
        ['pets', 'list', 0],
        ['pets', 'list', 1, 'name'],
        ['pets', 'list', 1, 'na/me'],
        ['more'],
      ] satisfies Path[]
    ).map((path) => lineOf({ text }, path));
    expect(found).toEqual([2, 3, 4, 5, 6, 9]);
  });

  it('finds a key that is written with escapes', () => {
    expect(lineOf({ text: lines('a: 1', '"caf\\u00e9": 2', "'it''s': 3") }, ['café'])).toBe(2);
    expect(lineOf({ text: lines('a: 1', '"caf\\u00e9": 2', "'it''s': 3") }, ["it's"])).toBe(3);
  });

  it('counts comments and the mark of a document', () => {
    expect(lineOf({ text: lines('# head', '', '---', '# more', 'a: 1', 'b: 2') }, ['b'])).toBe(6);
  });

  it('finds every key of any value that print has written', () => {
    const names = fc.dictionary(
      fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__'),
      fc.dictionary(
        fc.string({ minLength: 1, maxLength: 8 }).filter((name) => name !== '__proto__'),
        fc.integer(),
        { minKeys: 1 },
      ),
      { minKeys: 1 },
    );
    fc.assert(
      fc.property(names, (value) => {
        // Every inner key of such a document has a line of its own, in order: outer keys and inner keys alternate in groups.
        let line = 0;
        const source = { text: print(value) };
        for (const [outer, inner] of Object.entries(value)) {
          expect(lineOf(source, [outer])).toBe(++line);
          for (const key of Object.keys(inner)) expect(lineOf(source, [outer, key])).toBe(++line);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('pathAt', () => {
  const text = lines(
    'a: 1',
    'list:',
    '  - name: one',
    '    in: query',
    '  - |',
    '    long',
    '    text',
    '  -',
    '    - x',
    'b:',
    '  c: { d: 1 }',
    '',
  );

  it.each([
    [1, ['a']],
    [2, ['list']],
    [3, ['list', 0]],
    [4, ['list', 0, 'in']],
    [10, ['b']],
    [11, ['b', 'c']],
  ] as const)('gives the outermost node that begins on line %s', (line, path) => {
    expect(pathAt({ text }, line)).toEqual(path);
  });

  it('gives the node before on a line where none begins', () => {
    expect(pathAt({ text }, 7)).toEqual(['list', 1]);
    expect(pathAt({ text }, 99)).toEqual(['b', 'c', 'd']);
  });

  it('gives nothing in an empty text and in front of everything', () => {
    expect(pathAt({ text: '' }, 1)).toEqual([]);
    expect(pathAt({ text: lines('# head', 'a: 1') }, 1)).toEqual([]);
  });

  it('leads back to its line wherever a node begins', () => {
    const values = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,5}$/),
      fc.oneof(
        fc.integer(),
        fc.array(fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.integer(), { minKeys: 1 }), { minLength: 1, maxLength: 3 }),
      ),
      { minKeys: 1, maxKeys: 6 },
    );
    fc.assert(
      fc.property(values, (value) => {
        const printed = print(value);
        for (let line = 1; line < printed.split('\n').length; line++) {
          expect(lineOf({ text: printed }, pathAt({ text: printed }, line))).toBe(line);
        }
      }),
      { numRuns: 30 },
    );
  });
});
