import type { Node } from '@finapi-ts/scripts/grammar';
import { describe, expect, it } from 'vitest';
import { portable, prepare } from '../src/document.ts';
import { document } from './support.ts';

const tag = 'Authorization';
const withSchema = (schema: Node): Node => ({ openapi: '3.0.3', paths: {}, components: { schemas: { It: schema } } });
const patternOf = (prepared: Node): unknown => (prepared as { components: { schemas: { It: Node } } }).components.schemas.It.pattern;

describe('the document of the reference', () => {
  it('holds the operations of the tag alone', () => {
    expect(Object.keys(prepare(document, { tag, words: true }).paths as Node)).toEqual(['/oauth/token', '/oauth/revoke']);
  });

  it('says of a security scheme which flows it has', () => {
    expect(prepare(document, { tag, words: true })).toMatchObject({
      components: { securitySchemes: { finapi_auth: { 'x-flows': ['clientCredentials', 'password'] } } },
    });
  });

  it('keeps no description where words are left out, but summaries', () => {
    const bare = prepare(document, { tag, words: false });
    expect(JSON.stringify(bare)).not.toMatch(/"description":"[^"]/);
    expect(bare).toMatchObject({ paths: { '/oauth/revoke': { post: { summary: 'Revoke a token' } } } });
  });

  it('leaves examples to the form', () => {
    const prepared = prepare(withSchema({ type: 'string', example: 'a', properties: { example: { type: 'string', examples: ['b'] } } }), {
      tag,
      words: true,
    });
    expect(prepared).toEqual(withSchema({ type: 'string', properties: { example: { type: 'string' } } }));
  });

  it('folds what a row of a table shows into one line', () => {
    const prepared = prepare(withSchema({ type: 'string', description: 'One of:\n\n- `a`\n- `b` | `c`\n' }), { tag, words: true });
    expect(prepared).toMatchObject({ components: { schemas: { It: { description: 'One of: - `a` - `b` \\| `c`' } } } });
  });

  it('leaves the composed document as it was', () => {
    const before = structuredClone(document);
    prepare(document, { tag, words: false });
    portable(document);
    expect(document).toEqual(before);
  });
});

describe('the document of an export', () => {
  it.each([
    ['a quote', '[a"b\']*', String.raw`[a\x22b\x27]*`],
    ['a quote with a backslash', String.raw`\"`, String.raw`\x22`],
    ['a quote after a backslash of its own', String.raw`\\"`, String.raw`\\\x22`],
    ['other escapes', String.raw`^\d\.\\$`, String.raw`^\d\.\\$`],
  ])('writes %s in a pattern so that it ends no string', (_, pattern, expected) => {
    const written = patternOf(portable(withSchema({ type: 'string', pattern })));
    expect(written).toBe(expected);
    for (const text of ['"', "'", '\\"', 'a"b', '1.\\'])
      expect(new RegExp(String(written)).test(text)).toBe(new RegExp(pattern).test(text));
  });

  it.each([
    ['a quote', "Alice's household"],
    ['a backslash', 'a\\b'],
    ['a quote within', { owner: ["Alice's"] }],
  ])('leaves out an example with %s, which would end the literal that it becomes', (_, example) => {
    expect(JSON.stringify(portable(withSchema({ type: 'string', example })))).not.toContain('"example"');
  });

  it('keeps other examples', () => {
    expect(JSON.stringify(portable(withSchema({ type: 'string', example: 'Household' })))).toContain('"example":"Household"');
  });
});
