import { describe, expect, it } from 'vitest';
import type { Node } from '../src/document/grammar.ts';
import { docComment, usedNames } from '../src/emit/comment.ts';
import { emitOperations } from '../src/emit/operations.ts';
import { emitSchemas } from '../src/emit/schemas.ts';
import { spec } from './support-apis.ts';
import { emitAll, errorsOf, errorsWith } from './support-compile.ts';
import { problemOf } from './support-documents.ts';
import { documentOf, inPath, json, modelOf, operation, query, ref } from './support-model.ts';

const text = { type: 'string' };
const kind = { type: 'string', enum: ['SAW', 'HAMMER'] };
const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const answer = (schema: object) => ({ responses: { '200': { description: 'OK', ...json(schema) }, '404': { description: 'No.' } } });
const body = (schema: object, required = true) => ({ requestBody: { required, ...json(schema) } });

/** A document whose schemas are given; `sent` ones are bodies of `PUT /sent/Name`, `received` ones answers of `GET /received/Name`. */
function schemasOf(schemas: object, { sent = [] as string[], received = [] as string[] } = {}): Node {
  const paths = [
    ...sent.map((name) => [`/sent/${name}`, { put: operation(`put${name}`, body(ref(name))) }]),
    ...received.map((name) => [`/received/${name}`, { get: operation(`get${name}`, answer(ref(name))) }]),
  ];
  return documentOf(Object.fromEntries(paths), { schemas });
}

const schemasText = (document: Node): string => emitSchemas(modelOf(document)).text;
/** The declaration of one type, without its comment. */
function declaration(document: Node, name: string): string {
  const found = new RegExp(`^export (?:type|interface) ${name} [^]*?(?=\\n\\n(?:/\\*\\*|export)|$(?![^]))`, 'm').exec(
    schemasText(document),
  );
  if (found === null) throw new Error(`${name} is not declared`);
  return found[0];
}

/** What code of a consumer begins with. */
const imports = `
import { createShed, servers } from './index.js';
import type * as types from './index.js';
import { raw } from './raw.js';
declare const shed: types.Shed;
void [createShed, servers, raw];
`;

describe('docComment', () => {
  it('is one line for a few words, and nothing for none', () => {
    expect(docComment(['A tool.'])).toBe('/** A tool. */\n');
    expect(docComment(['A tool.'], '  ')).toBe('  /** A tool. */\n');
    for (const nothing of [[], [''], ['  \n'], [undefined, false] as const]) expect(docComment(nothing)).toBe('');
  });

  it('parts paragraphs with an empty line and leaves no space at the end of a line', () => {
    expect(docComment([' One.\nTwo. ', false, 'Three.'], '  ')).toBe('  /**\n   * One.\n   * Two.\n   *\n   * Three.\n   */\n');
  });

  it.each(['A */ B', '*/', '**/', 'a*/*/b', '*\\/ */'])('cannot be ended by the words %j', (words) => {
    const comment = docComment([words]);
    expect(comment.indexOf('*/')).toBe(comment.length - 3);
    expect(errorsOf({ 'x.ts': `${comment}export const x = 1;\n` })).toEqual([]);
  });
});

describe('usedNames', () => {
  it('are those that stand in the code as a word, but not those of its comments', () => {
    const code = '/** About Tool. */\nexport interface Loan { kind: Kind; other: ToolBox }\n/**\n * Page\n */';
    expect(usedNames(code, ['Tool', 'Kind', 'Loan', 'Page', 'ToolBox', 'Box'])).toEqual(['Kind', 'Loan', 'ToolBox']);
  });
});

describe('enumerations', () => {
  const both = { sent: ['Tool'], received: ['Tool'] };

  const isClosedAndOpen = (document: Node): string[] =>
    errorsWith(
      document,
      `${imports}
      shed.tools.putTool({ kind: 'SAW' });
      // @ts-expect-error closed
      shed.tools.putTool({ kind: 'DRILL' });
      raw(shed).PUT('/sent/Tool', { body: { kind: 'SAW' } });
      // @ts-expect-error closed
      raw(shed).PUT('/sent/Tool', { body: { kind: 'DRILL' } });
      const tool = await shed.tools.getTool();
      const later: typeof tool.kind = 'WHATEVER COMES';
      const known: types.Tool = { kind: 'WHATEVER COMES' };
      // @ts-expect-error not anything
      const wrong: typeof tool.kind = 7;
      void [later, known, wrong];`,
    );

  it('are closed in requests and open in answers, where they are a type of their own', () => {
    const document = schemasOf({ Tool: object({ kind: ref('Kind') }, { required: ['kind'] }), Kind: kind }, both);
    expect(isClosedAndOpen(document)).toEqual([]);
  });

  it('are closed in requests and open in answers, inline', () => {
    const document = schemasOf({ Tool: object({ kind }, { required: ['kind'] }) }, both);
    expect(isClosedAndOpen(document)).toEqual([]);
    expect(schemasText(document)).toContain('kind: Open<"SAW" | "HAMMER">;');
  });

  it('make a second type for requests, which other types for requests refer to', () => {
    const schemas = {
      Box: object({ tools: { type: 'array', items: ref('Tool') }, note: ref('Note') }),
      Tool: object({ kind: ref('Kind') }),
      Note: object({ text }),
      Kind: kind,
      Seen: object({ kind: ref('Kind') }),
      Wanted: object({ kind }),
    };
    const document = schemasOf(schemas, { sent: ['Box', 'Wanted'], received: ['Box', 'Seen'] });
    const names = [...emitSchemas(modelOf(document)).names];
    expect(names).toEqual(['Box', 'BoxInput', 'Tool', 'ToolInput', 'Note', 'Kind', 'Seen', 'Wanted']);
    expect(declaration(document, 'BoxInput')).toBe('export interface BoxInput {\n  tools?: ToolInput[];\n  note?: Note;\n}');
    expect(declaration(document, 'Box')).toBe('export interface Box {\n  tools?: Tool[];\n  note?: Note;\n}');
    expect(declaration(document, 'Kind')).toBe('export type Kind = "SAW" | "HAMMER";');
    expect(declaration(document, 'Seen')).toContain('kind?: Open<Kind>;');
    expect(declaration(document, 'Wanted')).toContain('kind?: "SAW" | "HAMMER";');
    expect(errorsWith(document)).toEqual([]);
  });

  it('make that second type where they are deep inside, across a circle of types, and in a map', () => {
    const schemas = {
      Shelf: object({ next: ref('Tool'), above: ref('Shelf') }),
      Tool: object({ on: ref('Shelf'), parts: { type: 'object', additionalProperties: object({ kind: ref('Kind') }) } }),
      Kind: kind,
    };
    const document = schemasOf(schemas, { sent: ['Shelf'], received: ['Shelf'] });
    expect([...emitSchemas(modelOf(document)).names]).toEqual(['Shelf', 'ShelfInput', 'Tool', 'ToolInput', 'Kind']);
    expect(declaration(document, 'ToolInput')).toContain('on?: ShelfInput;');
    expect(declaration(document, 'ToolInput')).toContain('kind?: Kind;');
    expect(declaration(document, 'Tool')).toContain('on?: Shelf;');
    expect(declaration(document, 'Tool')).toContain('kind?: Open<Kind>;');
    expect(errorsWith(document)).toEqual([]);
  });

  it('are closed as parameters', () => {
    const list = { type: 'array', items: ref('Kind') };
    const parameters = [query('kind', ref('Kind')), query('kinds', list), query('state', kind, { required: true })];
    const document = documentOf(
      { '/tools': { get: operation('listTools', { parameters, ...answer({ type: 'array', items: ref('Kind') }) }) } },
      { schemas: { Kind: kind } },
    );
    expect(
      errorsWith(
        document,
        `${imports}
        const kinds: (types.Kind | 'ANY' | (string & {}))[] = await shed.tools.listTools({ kind: 'SAW', kinds: ['HAMMER'], state: 'SAW' });
        // @ts-expect-error closed
        shed.tools.listTools({ kind: 'DRILL', state: 'SAW' });
        // @ts-expect-error closed
        shed.tools.listTools({ kinds: ['DRILL'], state: 'SAW' });
        // @ts-expect-error required
        shed.tools.listTools({ kind: 'SAW' });
        // @ts-expect-error required
        shed.tools.listTools();
        // @ts-expect-error an answer is open, so it is no list of known kinds
        const known: types.Kind[] = await shed.tools.listTools({ state: 'SAW' });
        void [kinds, known];`,
      ),
    ).toEqual([]);
  });

  it('may be null behind a reference', () => {
    const schemas = {
      Tool: object({ typed: { type: 'string', nullable: true, allOf: [ref('Kind')] }, untyped: { nullable: true, allOf: [ref('Kind')] } }),
      Kind: kind,
    };
    const document = schemasOf(schemas, both);
    expect(declaration(document, 'Tool')).toBe('export interface Tool {\n  typed?: Open<Kind> | null;\n  untyped?: Open<Kind> | null;\n}');
    expect(declaration(document, 'ToolInput')).toBe('export interface ToolInput {\n  typed?: Kind | null;\n  untyped?: Kind | null;\n}');
    expect(errorsWith(document)).toEqual([]);
  });

  const inline = schemasOf(
    {
      Tool: object({
        nullable: { ...kind, nullable: true },
        list: { type: 'array', items: { ...kind, nullable: true } },
        one: { type: 'string', enum: ['SAW'] },
        size: { type: 'integer', enum: [1, 2] },
      }),
    },
    both,
  );

  it('may be null inline, in a list, of one value, or numbers', () => {
    expect(declaration(inline, 'ToolInput')).toBe(
      'export interface ToolInput {\n  nullable?: "SAW" | "HAMMER" | null;\n  list?: ("SAW" | "HAMMER" | null)[];\n  one?: "SAW";\n  size?: 1 | 2;\n}',
    );
    expect(errorsWith(inline)).toEqual([]);
  });

  it('are open in answers in all of these forms, but for numbers', () => {
    expect(declaration(inline, 'Tool')).toBe(
      'export interface Tool {\n  nullable?: Open<"SAW" | "HAMMER"> | null;\n  list?: (Open<"SAW" | "HAMMER"> | null)[];\n  one?: Open<"SAW">;\n  size?: 1 | 2;\n}',
    );
  });

  it('are open in the answers of Access V1 as well, wherever they are inline', () => {
    const document = spec('openapi.yaml').value;
    const { schemas } = modelOf(document);
    const text = schemasText(document);
    const closed = [...schemas.keys()].filter((name) => {
      const [, own = ''] = new RegExp(`^export interface ${name} (\\{[^]*?\\n\\})`, 'm').exec(text) ?? [];
      return text.includes(`export interface ${name}Input `) && /^ +\w+\??: "/m.test(own);
    });
    expect(closed).toEqual([]);
    expect(declaration(document, 'BankConnection')).toContain('updateStatus: Open<"IN_PROGRESS" | "READY">;');
  });

  it.each([
    ['numbers', { type: 'integer', enum: [1, 2] }],
    ['null', { type: 'string', nullable: true, enum: ['SAW', null] }],
  ])('may be a type of their own that holds %s', (_, Kind) => {
    expect(errorsWith(schemasOf({ Tool: object({ kind: ref('Kind') }), Kind }, { received: ['Tool'] }))).toEqual([]);
  });
});

describe('component types', () => {
  it('are interfaces for objects, names for everything else, in the order of the document', () => {
    const schemas = {
      Zebra: object({ a: text }),
      Names: { type: 'array', items: text },
      Alias: ref('Zebra'),
      Kind: kind,
      Amount: { type: 'number', format: 'double' },
      Anything: {},
      Both: { allOf: [ref('Zebra'), object({ b: { type: 'boolean' } }, { required: ['b'] })] },
      Either: { oneOf: [ref('Zebra'), ref('Amount')] },
    };
    const document = schemasOf(schemas, { received: Object.keys(schemas) });
    expect(schemasText(document)).toBe(
      [
        'export interface Zebra {\n  a?: string;\n}',
        'export type Names = string[];',
        'export type Alias = Zebra;',
        'export type Kind = "SAW" | "HAMMER";',
        'export type Amount = number;',
        'export type Anything = unknown;',
        'export type Both = Zebra & {\n  b: boolean;\n};',
        'export type Either = Zebra | Amount;',
      ].join('\n\n'),
    );
    expect(errorsWith(document)).toEqual([]);
  });

  it('have properties with and without a value: required, nullable, deep inside', () => {
    const schemas = {
      Tool: object(
        {
          id: { type: 'integer', format: 'int64' },
          price: { type: 'number' },
          lent: { type: 'boolean', nullable: true },
          at: object({ wall: text, hook: object({ no: { type: 'integer' } }) }, { required: ['wall'] }),
          tags: { type: 'array', items: { type: 'array', items: text } },
          since: { type: 'string', format: 'date', pattern: '.*' },
          data: { type: 'object' },
        },
        { required: ['id', 'lent'] },
      ),
    };
    const document = schemasOf(schemas, { received: ['Tool'] });
    expect(declaration(document, 'Tool')).toBe(
      `export interface Tool {
  id: number;
  price?: number;
  lent: boolean | null;
  at?: {
    wall: string;
    hook?: {
      no?: number;
    };
  };
  tags?: string[][];
  since?: string;
  data?: Record<string, never>;
}`,
    );
  });

  it('have one type where allOf only carries words beside a reference, and null where it may be', () => {
    const schemas = {
      Tool: object({ a: { description: 'A.', allOf: [ref('Shelf')] }, b: { type: 'object', nullable: true, allOf: [ref('Shelf')] } }),
      Shelf: object({ no: text }),
    };
    const document = schemasOf(schemas, { received: ['Tool'] });
    expect(declaration(document, 'Tool')).toBe('export interface Tool {\n  /** A. */\n  a?: Shelf;\n  b?: Shelf | null;\n}');
  });

  it('have maps for what has any name', () => {
    const schemas = {
      Tool: object({
        texts: { type: 'object', additionalProperties: text },
        shelves: { type: 'object', additionalProperties: ref('Shelf') },
        lists: { type: 'object', additionalProperties: { type: 'array', items: ref('Shelf') } },
        any: { type: 'object', additionalProperties: true },
      }),
      Shelf: object({ no: text }),
    };
    const document = schemasOf(schemas, { received: ['Tool'] });
    expect(
      errorsWith(
        document,
        `${imports}
        const tool: types.Tool = { texts: { a: 'b' }, shelves: { a: { no: '1' } }, lists: { a: [{ no: '1' }] }, any: { a: 1 } };
        // @ts-expect-error a map of shelves
        tool.shelves = { a: 1 };
        void tool;`,
      ),
    ).toEqual([]);
    expect(schemasText(document)).not.toContain('components[');
  });

  it.each([
    ['an object with further names', object({ note: ref('Shelf') }, { additionalProperties: ref('Shelf') })],
    ['a list', { type: 'array', items: ref('Shelf') }],
    ['a map of maps', { type: 'object', additionalProperties: { type: 'object', additionalProperties: text } }],
  ])('may be %s themselves', (_, Tool) => {
    const document = schemasOf({ Tool, Shelf: object({ no: text }) }, { received: ['Tool'] });
    expect(errorsWith(document)).toEqual([]);
    expect(schemasText(document)).not.toContain('components[');
  });

  it.each([
    ['a map of types', { type: 'object', additionalProperties: ref('Shelf') }],
    ['a map of lists', { type: 'object', additionalProperties: { type: 'array', items: ref('Shelf') } }],
  ])('may be %s themselves', (_, Tool) => {
    const document = schemasOf({ Tool, Shelf: object({ no: text }) }, { received: ['Tool'] });
    expect(errorsWith(document)).toEqual([]);
    expect(schemasText(document)).not.toContain('components[');
  });

  it('quote the names that need it, and only those', () => {
    const schemas = {
      Tool: object({ 'in-use': text, '2nd': text, 'a b': text, default: text, $id: text, "it's": text, description: text, enum: kind }),
    };
    const document = schemasOf(schemas, { sent: ['Tool'] });
    expect(
      errorsWith(
        document,
        `${imports}
        shed.tools.putTool({ 'in-use': '', '2nd': '', 'a b': '', default: '', $id: '', "it's": '', description: '', enum: 'SAW' });`,
      ),
    ).toEqual([]);
    expect(schemasText(document)).toContain('\n  default?: string;');
    expect(schemasText(document)).toContain('\n  description?: string;');
  });

  it('leave a property with a default optional, and name the default', () => {
    const schemas = {
      Loan: object({ days: { type: 'integer', default: 14, description: 'How long.' }, note: { ...text, default: 'a "b"' } }),
    };
    const document = schemasOf(schemas, { sent: ['Loan'] });
    expect(declaration(document, 'Loan')).toBe(
      `export interface Loan {
  /**
   * How long.
   *
   * @default 14
   */
  days?: number;
  /** @default "a \\"b\\"" */
  note?: string;
}`,
    );
    expect(errorsWith(document, `${imports}\nshed.tools.putLoan({});`)).toEqual([]);
  });

  it('hold our words, in full, and what is deprecated', () => {
    const schemas = {
      Tool: object(
        {
          a: { ...text, description: 'First.\n\nSecond, `code`.' },
          b: { ...text, deprecated: true },
          c: { allOf: [ref('Shelf')], description: 'Old.', deprecated: true },
          d: { type: 'object', properties: { e: { ...text, description: 'Deep.\nDown.' } } },
        },
        { description: 'A tool.', deprecated: true },
      ),
      Shelf: object({ no: text }),
    };
    const document = schemasOf(schemas, { received: ['Tool'] });
    expect(schemasText(document).split('\n\nexport interface Shelf')[0]).toBe(
      `/**
 * A tool.
 *
 * @deprecated
 */
export interface Tool {
  /**
   * First.
   *
   * Second, \`code\`.
   */
  a?: string;
  /** @deprecated */
  b?: string;
  /**
   * Old.
   *
   * @deprecated
   */
  c?: Shelf;
  d?: {
    /**
     * Deep.
     * Down.
     */
    e?: string;
  };
}`,
    );
  });

  it('cannot be broken by words', () => {
    const evil = 'Ends here: */ export const broken = 1; /* and **/ too, \\u002a\\u002f';
    const schemas = { Tool: object({ a: { ...text, description: evil, default: '*/' } }, { description: evil }) };
    const tags = [{ name: 'Tools', description: evil }];
    const parameters = [query('q', text, { description: evil })];
    const document = documentOf(
      { '/tools': { get: operation('listTools', { summary: evil, description: evil, parameters, ...answer(ref('Tool')) }) } },
      { schemas },
      { tags, info: { title: evil, version: '1' } },
    );
    expect(errorsWith(document, `${imports}\n// @ts-expect-error not there\nimport { broken } from './schemas.js';\nvoid broken;`)).toEqual(
      [],
    );
    for (const [name, code] of Object.entries(emitAll(document))) expect([name, /^export const broken/m.test(code)]).toEqual([name, false]);
  });

  it('hold nothing of the wording of openapi-typescript', () => {
    const schemas = {
      Tool: object(
        { kind: { ...kind, description: 'Its kind.', title: 'Title', example: 'SAW' }, at: { ...text, format: 'date' }, on: ref('Shelf') },
        { title: 'A title', example: {} },
      ),
      Shelf: object({ no: { type: 'integer', format: 'int32' } }),
      Kind: { ...kind, description: 'Kinds.', title: 'Kind' },
    };
    const document = schemasOf(schemas, { sent: ['Tool'], received: ['Tool', 'Kind'] });
    for (const [name, code] of Object.entries(emitAll(document)))
      for (const word of ['@description', '@enum', '@example', '@summary', '@constant', 'Format:', 'components[', 'Title', 'A title'])
        expect([name, word, code.includes(word)]).toEqual([name, word, false]);
  });
});

describe('arguments', () => {
  const document = documentOf(
    {
      '/tools/{id}': {
        get: operation('getTool', { parameters: [inPath('id'), query('with-history', { type: 'boolean' })], ...answer(ref('Tool')) }),
        put: operation('putTool', {
          parameters: [
            inPath('id', { description: 'Number on the handle.' }),
            query('dry', { type: 'boolean', default: false }, { deprecated: true }),
          ],
          ...body(ref('Tool')),
          ...answer(ref('Tool')),
        }),
        patch: operation('patchTool', { parameters: [inPath('id')], ...body(ref('Tool'), false), ...answer(ref('Tool')) }),
        delete: operation('deleteTool', { parameters: [inPath('id')] }),
      },
      '/tools': {
        get: operation('listTools', {
          parameters: [query('page', { type: 'integer' }), query('ids', { type: 'array', items: { type: 'integer' } })],
          ...answer(ref('Page')),
        }),
        post: operation('addTool', body(object({ kind: ref('Kind'), no: { type: 'integer' } }, { required: ['kind'] }))),
        put: operation('sortTools', { parameters: [query('by', text, { required: true })], ...body(object({ up: { type: 'boolean' } })) }),
        delete: operation('clear'),
      },
      '/form': {
        post: operation('login', {
          requestBody: {
            required: true,
            content: { 'application/x-www-form-urlencoded': { schema: object({ a: text }, { required: ['a'] }) } },
          },
        }),
        put: operation('touch', body(ref('Tool'), false)),
      },
    },
    {
      schemas: {
        Kind: kind,
        Tool: object({ kind: ref('Kind'), note: text }, { required: ['kind'] }),
        Page: object(
          { tools: { type: 'array', items: ref('Tool') }, paging: object({ page: { type: 'integer' } }) },
          { required: ['tools'] },
        ),
      },
    },
  );

  it('are one object of path, query and body, each field checked', () => {
    expect(
      errorsWith(
        document,
        `${imports}
        shed.tools.getTool({ id: 1, 'with-history': true });
        // @ts-expect-error the id is required
        shed.tools.getTool({ 'with-history': true });
        // @ts-expect-error a number
        shed.tools.getTool({ id: '1' });
        // @ts-expect-error no such argument
        shed.tools.getTool({ id: 1, withHistory: true });
        // @ts-expect-error all are required
        shed.tools.getTool();
        shed.tools.putTool({ id: 1, kind: 'SAW' });
        shed.tools.putTool({ id: 1, kind: 'SAW', note: 'x', dry: true }, { requestId: 'r', timeoutMs: 1 });
        // @ts-expect-error what the body requires is required
        shed.tools.putTool({ id: 1, note: 'x' });
        shed.tools.patchTool({ id: 1, note: 'x' });
        shed.tools.patchTool({ id: 1 });
        // @ts-expect-error the id is required where the body is not
        shed.tools.patchTool({ note: 'x' });
        shed.tools.touch();
        shed.tools.touch({ note: 'x' });
        shed.tools.addTool({ kind: 'SAW' });
        // @ts-expect-error what the body requires is required
        shed.tools.addTool({ no: 1 });
        // @ts-expect-error closed
        shed.tools.addTool({ kind: 'DRILL' });
        shed.tools.sortTools({ by: 'kind', up: true });
        // @ts-expect-error the query requires it
        shed.tools.sortTools({ up: true });
        shed.tools.login({ a: 'b' });
        // @ts-expect-error the form requires it
        shed.tools.login({});
        shed.tools.clear();
        shed.tools.clear({});
        shed.tools.clear({}, { requestId: 'r' });
        // @ts-expect-error it takes no arguments
        shed.tools.clear({ id: 1 });`,
      ),
    ).toEqual([]);
  });

  it('are the same through the path-based door, apart by place', () => {
    expect(
      errorsWith(
        document,
        `${imports}
        const door = raw(shed);
        const { data, error } = await door.GET('/tools/{id}', { params: { path: { id: 1 }, query: { 'with-history': true } } });
        const found: types.Tool | undefined = data;
        door.PUT('/tools/{id}', { params: { path: { id: 1 } }, body: { kind: 'SAW' } });
        door.PATCH('/tools/{id}', { params: { path: { id: 1 } } });
        door.GET('/tools');
        door.PUT('/tools', { params: { query: { by: 'kind' } }, body: {} });
        door.POST('/tools', { body: { kind: 'SAW' } });
        door.PUT('/form');
        door.DELETE('/tools');
        // @ts-expect-error the id is required
        door.GET('/tools/{id}');
        // @ts-expect-error the body is required
        door.PUT('/tools/{id}', { params: { path: { id: 1 } } });
        // @ts-expect-error no such path
        door.GET('/nothing');
        // @ts-expect-error no such method of this path
        door.POST('/tools/{id}', { params: { path: { id: 1 } } });
        // @ts-expect-error an argument of the path is none of the query
        door.GET('/tools/{id}', { params: { query: { id: 1 } } });
        void [found, error];`,
      ),
    ).toEqual([]);
  });

  it('hold our words, what is deprecated and defaults', () => {
    expect(emitAll(document)['methods.ts']).toContain(
      `/** Arguments of \`putTool\`. */
export interface PutToolArgs extends ToolInput {
  /** Number on the handle. */
  id: number;
  /**
   * @default false
   *
   * @deprecated
   */
  dry?: boolean;
}
`,
    );
  });

  it('ask for nothing of an inline body that may be left out', () => {
    const inline = documentOf({
      '/tools/{id}': {
        put: operation('putTool', { parameters: [inPath('id')], ...body(object({ a: text }, { required: ['a'] }), false) }),
      },
    });
    expect(errorsWith(inline, `${imports}\nshed.tools.putTool({ id: 1 });`)).toEqual([]);
  });

  it('come to a table in which the client finds everything', () => {
    const rows = emitOperations(modelOf(document));
    const row = (id: string) => new RegExp(`^ {2}${id}: (\\{.*\\}),$`, 'm').exec(rows)?.[1];
    expect(row('getTool')).toBe("{ group: 'tools', method: 'GET', path: '/tools/{id}', token: [], errors: [404], safe: true }");
    expect(row('putTool')).toBe(
      "{ group: 'tools', method: 'PUT', path: '/tools/{id}', token: [], errors: [404], body: 'application/json', query: ['dry'] }",
    );
    expect(row('listTools')).toBe(
      "{ group: 'tools', method: 'GET', path: '/tools', token: [], errors: [404], items: 'tools', safe: true }",
    );
    expect(row('login')).toBe(
      "{ group: 'tools', method: 'POST', path: '/form', token: [], errors: [], body: 'application/x-www-form-urlencoded', empty: true }",
    );
    expect(row('clear')).toBe("{ group: 'tools', method: 'DELETE', path: '/tools', token: [], errors: [], empty: true }");
    expect([...rows.matchAll(/^ {2}(\w+):/gm)].map(([, id]) => id)).toEqual([
      'getTool',
      'putTool',
      'patchTool',
      'deleteTool',
      'listTools',
      'addTool',
      'sortTools',
      'clear',
      'login',
      'touch',
    ]);
  });

  it('give pages and items where an operation is paged', () => {
    expect(
      errorsWith(
        document,
        `${imports}
        for await (const tool of shed.tools.listTools({ ids: [1] })) { const kind: string = tool.kind; void kind; }
        for await (const page of shed.tools.listTools().pages()) { const tools: types.Tool[] = page.tools; void tools; }
        // @ts-expect-error not paged
        shed.tools.getTool({ id: 1 }).pages();`,
      ),
    ).toEqual([]);
  });

  it('say how long the token must still live, where the document does', () => {
    const tool = operation('rentTool', { ...body(object({ a: text })), 'x-finapi-token': ['user'], 'x-finapi-token-min-life': 1200 });
    expect(emitAll(documentOf({ '/rents': { post: tool } }))['operations.ts']).toContain(
      "token: ['user'], errors: [], tokenMinLifeS: 1200",
    );
  });

  it('keep strings with quotes and backslashes in the table', () => {
    const odd = documentOf({ "/it's\\a": { post: operation('odd', { ...body(object({ a: text })), parameters: [query("b'c\\")] }) } });
    const modules = emitAll(odd);
    expect(modules['operations.ts']).toContain(String.raw`path: '/it\'s\\a'`);
    expect(modules['operations.ts']).toContain(String.raw`query: ['b\'c\\']`);
    expect(errorsWith(odd, `${imports}\nshed.tools.odd({ a: 'a', "b'c\\\\": 'b' });`)).toEqual([]);
  });
});

describe('answers', () => {
  it('are told apart by status', () => {
    const responses = {
      '201': { description: 'Made.', ...json(ref('Tool')) },
      '302': { description: 'Elsewhere.' },
      '422': { description: 'Odd.', ...json(ref('Fault')) },
    };
    const document = documentOf(
      { '/tools': { post: operation('addTool', { responses }) } },
      { schemas: { Tool: object({ id: { type: 'integer' } }), Fault: object({ why: text }) } },
    );
    expect(
      errorsWith(
        document,
        `${imports}
        const value: types.Tool = await shed.tools.addTool();
        const answer = await shed.tools.addTool().answer();
        if (answer.ok) { const status: 201 = answer.status; const tool: types.Tool = answer.value; void [status, tool]; }
        else if (answer.status === 422) { const why: string | undefined = answer.body?.why; void why; }
        else if (answer.status === 302) { const nothing: undefined = answer.body; void nothing; }
        else { const unexpected: 'unexpected' = answer.status; void unexpected; }
        // @ts-expect-error no such status
        if (answer.status === 404) void 0;
        void value;`,
      ),
    ).toEqual([]);
  });

  it('are nothing where there is no body', () => {
    const document = documentOf({ '/tools': { delete: operation('clear') } });
    expect(errorsWith(document, `${imports}\nconst nothing: void = await shed.tools.clear();\nvoid nothing;`)).toEqual([]);
  });
});

describe('methods', () => {
  const tokens = documentOf(
    {
      '/free': { get: operation('free') },
      '/client': { get: operation('ofClient', { 'x-finapi-token': ['client'] }) },
      '/user': { get: operation('ofUser', { 'x-finapi-token': ['user'] }) },
      '/both': { get: operation('ofBoth', { 'x-finapi-token': ['client', 'user'] }) },
      '/admin': { get: operation('ofAdmin', { 'x-finapi-token': ['admin'], tags: ['Keys'] }) },
    },
    {},
    {
      tags: [
        { name: 'Keys', description: 'Keys.' },
        { name: 'Tools', description: 'Tools.' },
      ],
    },
  );

  it('belong to whose token they take', () => {
    expect(
      errorsWith(
        tokens,
        `${imports}
        const alice = shed.as({ identity: 'user', token: 't' });
        shed.tools.free(); shed.tools.ofClient(); shed.tools.ofBoth();
        alice.tools.ofUser(); alice.tools.ofBoth();
        shed.admin.keys.ofAdmin();
        raw(shed).GET('/free'); raw(alice).GET('/user'); raw(shed.admin).GET('/admin');
        // @ts-expect-error a user's
        shed.tools.ofUser();
        // @ts-expect-error an admin's
        shed.keys;
        // @ts-expect-error the client's
        alice.tools.ofClient();
        // @ts-expect-error the client's token is no user
        shed.as({ identity: 'client', token: 't' });
        // @ts-expect-error a user's
        raw(shed).GET('/user');
        // @ts-expect-error no user's
        shed.admin.tools;`,
      ),
    ).toEqual([]);
  });

  it('say what they do, where and with which token', () => {
    const more = { description: 'All\nof them.', summary: 'List tools', deprecated: true, 'x-finapi-token': ['client', 'user'] };
    const { 'methods.ts': code } = emitAll(documentOf({ '/tools': { get: operation('listTools', more) } }));
    expect(code).toContain(
      `  /**
   * List tools.
   *
   * All
   * of them.
   *
   * \`GET /tools\`, client or user token.
   *
   * @deprecated
   */
  listTools(args?: NoArgs, options?: CallOptions): Call<void, ListToolsAnswer>;
`,
    );
    expect(code).toContain('/** What hangs on the wall. */\nexport interface ToolsMethods {');
  });

  it('come in the order of the document, groups in the order of its tags', () => {
    const tags = ['Zebra', 'Ant'].map((name) => ({ name, description: name }));
    const document = documentOf(
      {
        '/b': { get: operation('b', { tags: ['Ant'] }), post: operation('z', { tags: ['Zebra'] }) },
        '/a': { get: operation('a', { tags: ['Zebra'] }), post: operation('n', { tags: ['New'] }) },
      },
      {},
      { tags },
    );
    const code = emitAll(document)['methods.ts'] ?? '';
    expect([...code.matchAll(/^export interface (\w+Methods)/gm)].map(([, name]) => name)).toEqual([
      'ZebraMethods',
      'AntMethods',
      'NewMethods',
    ]);
    expect([...code.matchAll(/^ {2}(\w+)\(/gm)].map(([, name]) => name)).toEqual(['z', 'a', 'b', 'n']);
    expect([...code.matchAll(/^ {2}readonly (\w+):/gm)].map(([, name]) => name)).toEqual(['zebra', 'ant', 'new']);
  });

  it('share one type for all identities only where these have the whole tag', () => {
    const code = emitAll(tokens)['methods.ts'] ?? '';
    expect([...code.matchAll(/^export interface (\w+Methods)/gm)].map(([, name]) => name)).toEqual([
      'ClientToolsMethods',
      'UserToolsMethods',
      'KeysMethods',
    ]);
  });
});

describe('the entry', () => {
  it('has the hosts by name, and what the client was generated from', () => {
    const servers = [
      { url: 'https://shed.test', description: 'Live' },
      { url: 'https://try.shed.test', description: 'Sand Box' },
    ];
    const document = documentOf({ '/free': { get: operation('free') } }, {}, { servers });
    expect(
      errorsWith(
        document,
        `${imports}
        const live: 'https://shed.test' = servers.live;
        const box: 'https://try.shed.test' = servers.sandBox;
        const { version, api, generators } = createShed({ baseUrl: live }).provenance;
        const texts: ['1.4.0', 'shed', '1', '2'] = [version, api, generators.a, generators['b-c']];
        // @ts-expect-error nothing of a user's
        shed.as;
        // @ts-expect-error nothing of an admin's
        shed.admin;
        void [box, texts];`,
      ),
    ).toEqual([]);
  });

  it.each([
    ['only an operation without a token', { '/a': { get: operation('a') } }],
    ['operations without types', { '/a': { get: operation('a', { 'x-finapi-token': ['user'] }), post: operation('b') } }],
  ])('compiles for a document with %s', (_, paths) => {
    expect(errorsWith(documentOf(paths))).toEqual([]);
  });

  it.each([['user'], ['admin']])('compiles for a document with operations of the %s alone', (token) => {
    expect(errorsWith(documentOf({ '/a': { get: operation('a', { 'x-finapi-token': [token] }) } }))).toEqual([]);
  });

  it.each([
    ['the URL of a server', { servers: [{ url: "https://shed.test/it's", description: 'Live' }] }],
    ['the version', { info: { title: 'Tool shed', version: "1.0 'beta'" } }],
  ])('compiles with a quote in %s', (_, more) => {
    expect(errorsWith(documentOf({ '/a': { get: operation('a') } }, {}, more))).toEqual([]);
  });

  it.each([
    ['an argument', { '/a': { get: operation('a', { parameters: [query('Tool')] }) } }],
    ['a step of a path', { '/Tool': { get: operation('a') } }],
    ['a value', { '/a': { get: operation('a', { parameters: [query('q', { type: 'string', enum: ['Tool'] })] }) } }],
  ])('compiles where %s is called like a type that the module does not use', (_, paths) => {
    expect(errorsWith(documentOf(paths, { schemas: { Tool: object({ a: text }) } }))).toEqual([]);
  });
});

describe('a name that would be there twice is refused', () => {
  const refusal = (document: Node): string => {
    const { message, hint } = problemOf(() => emitAll(document));
    expect(hint).toContain('fixes overlay');
    return message;
  };
  const withSchema = (name: string, more: object = {}) =>
    documentOf(
      { '/tools': { get: operation('listTools', { parameters: [query('q')], ...more }) } },
      { schemas: { [name]: object({ a: text }) } },
    );

  it.each([
    ['ListToolsArgs', 'the type ListToolsArgs of listTools has the name of a schema'],
    ['ListToolsAnswer', 'the type ListToolsAnswer of listTools has the name of a schema'],
    ['ClientOperations', 'the type ClientOperations of the client has the name of a schema'],
  ])('as a schema: %s', (name, message) => expect(refusal(withSchema(name))).toBe(message));

  it('as two operations that differ in the case of their first letter', () => {
    expect(refusal(documentOf({ '/a': { get: operation('list') }, '/b': { get: operation('List') } }))).toBe(
      'the type ListAnswer of List has the name of list',
    );
  });

  it.each([
    ['ToolsMethods', withSchema('ToolsMethods')],
    [
      'ClientToolsMethods',
      documentOf(
        {
          '/a': { get: operation('a', { tags: ['Client tools'] }) },
          '/b': { get: operation('b'), put: operation('c', { 'x-finapi-token': ['user'] }) },
        },
        {},
        { tags: [{ name: 'Client tools' }, { name: 'Tools' }] },
      ),
    ],
  ])('as a group of methods: %s', (name, document) => expect(refusal(document)).toContain(`the type ${name} of `));

  it.each(['Open', 'Call', 'CallOptions', 'Ok', 'Failed', 'Paged', 'NoArgs', 'Unexpected', 'PathOperation'])(
    "as a schema and a type of the client's own: %s",
    (name) => {
      const schemas = { [name]: object({ kind }) };
      expect(refusal(documentOf({ '/tools': { get: operation('listTools', answer(ref(name))) } }, { schemas }))).toContain(name);
    },
  );

  it('as a schema and the second type of another: ToolInput', () => {
    const schemas = { Tool: object({ kind }), ToolInput: object({ other: text }) };
    expect(refusal(schemasOf(schemas, { sent: ['Tool'], received: ['Tool', 'ToolInput'] }))).toContain('ToolInput');
  });

  it('as a schema and the client itself: Shed', () => {
    expect(refusal(withSchema('Shed', answer(ref('Shed'))))).toContain('Shed');
  });

  it.each(['Tool.Box', 'tool-box', '2nd'])('and so is a schema whose name cannot be that of a type: %s', (name) => {
    expect(refusal(schemasOf({ [name]: object({ a: text }) }))).toContain(name);
  });
});
