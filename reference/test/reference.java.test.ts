import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from '@finapi-ts/scripts/apis';
import { describe, expect, it } from 'vitest';
import { validate } from '../src/findings.ts';
import { makePages } from '../src/pages.ts';
import { command, document, documentFile, temporaryFolder } from './support.ts';

const linesOf = (path: string): string[] => readFileSync(join(repository, 'reference', path), 'utf8').split('\n');

describe.concurrent('the reference', () => {
  it('is, without descriptions, the page that finAPI published without its own, line for line', async () => {
    const { pages, findings } = await makePages(document, { words: false });
    expect([...pages.keys()]).toEqual(['AuthorizationApi.md']);
    expect(pages.get('AuthorizationApi.md')?.split('\n')).toEqual(linesOf('test/fixtures/AuthorizationApi.md'));
    expect(findings).toEqual([]);
  });

  it('that is checked in is what the command would write', async () => {
    const { code, stdout, stderr } = await command('reference', ['--check']);
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^second opinion {2}OpenAPI Generator .* in spec\/access-v1\/openapi\.yaml\ndone, nothing changed, in /m);
    expect(code).toBe(0);
  });

  it('needs operations of its tag', async () => {
    await expect(makePages({ ...document, paths: {} })).rejects.toThrow('the document has no operation with the tag Authorization');
  });
});

describe('the form of the published page', () => {
  it('holds our words where it has room for them', () => {
    const text = linesOf('go/docs/AuthorizationApi.md').join('\n');
    expect(text).toContain('\nGet tokens\n\nExchanges credentials for an access token.');
    expect(text).toMatch(/^ {4}clientId := "clientId_example" \/\/ string \| Id of the client/m);
    expect(text).toMatch(/^ \*\*clientId\*\* \| \*\*string\*\* \| Id of the client.* \| $/m);
  });

  it('has no words in the fixture', () => {
    const rows = linesOf('test/fixtures/AuthorizationApi.md').filter((line) => /_example"|\*\*string\*\*/.test(line));
    expect(rows).toHaveLength(20);
    for (const row of rows) expect(row).toMatch(/( \/\/ string \| ( \(optional\))?| \| \*\*string\*\* \| {2}\| )$/);
  });
});

describe.concurrent('the second opinion', () => {
  it('lists errors', async () => {
    expect(await validate(documentFile({ bogus: 1 }), 'openapi.json')).toEqual(["attribute paths.'/books'(get).bogus is unexpected"]);
  });

  it('lists recommendations, whole where they are folded', async () => {
    const path = documentFile({ requestBody: { content: { 'application/json': { schema: { type: 'string' } } } } });
    expect(await validate(path, 'openapi.json')).toEqual([
      'While technically allowed, GET/HEAD with request body may indicate programming error, and is considered an anti-pattern.',
    ]);
  });

  it('on a document that cannot be read is an error without a stack', async () => {
    const path = join(temporaryFolder(), 'openapi.yaml');
    writeFileSync(path, 'openapi: [');
    await expect(validate(path, 'openapi.yaml')).rejects.toThrow(/^openapi\.yaml: OpenAPI Generator cannot read the document\n {4}.+$/);
  });
});
