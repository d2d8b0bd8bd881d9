import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { repository } from '../src/apis.ts';
import { listFiles } from '../src/files.ts';

/** Pages whose TypeScript a reader will copy. */
const pages = [
  'README.md',
  'packages/client/README.md',
  ...listFiles(join(repository, 'packages/client/docs')).map((name) => `packages/client/docs/${name}`),
];

/** What a snippet may use without declaring it: what the page has introduced before. */
const prelude = `
declare const createAccessV1: typeof import('@finapi-ts/client/access-v1').createAccessV1;
declare const servers: typeof import('@finapi-ts/client/access-v1').servers;
declare const finapi: import('@finapi-ts/client/access-v1').AccessV1;
declare const alice: import('@finapi-ts/client/access-v1').UserOperations;
`;

interface Snippet {
  readonly page: string;
  readonly line: number;
  readonly code: string;
}

const snippets: Snippet[] = pages.flatMap((page) => {
  const text = readFileSync(join(repository, page), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((found) => ({
    page,
    line: text.slice(0, found.index).split('\n').length + 1,
    code: `${found[1]}\nexport {};\n`,
  }));
});

const source = join(repository, 'packages/client/src');
const options: ts.CompilerOptions = {
  noEmit: true,
  strict: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.asynciterable.d.ts'],
  types: ['node'],
  skipLibCheck: true,
  // The client's source stands for the built package, so that pages can be checked without building.
  paths: {
    '@finapi-ts/client': [join(source, 'index.ts')],
    '@finapi-ts/client/access-v1': [join(source, 'generated/access-v1/index.ts')],
    '@finapi-ts/client/access-v1/raw': [join(source, 'generated/access-v1/raw.ts')],
  },
};

/** Errors of these files, with the line of the page where the code stands. */
function errorsOf(all: readonly Snippet[]): string[] {
  const folder = join(repository, 'packages/client/src');
  const files = new Map<string, string>([[join(folder, 'prelude.d.ts'), prelude]]);
  for (const [index, { code }] of all.entries()) files.set(join(folder, `snippet-${index}.mts`), code);
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
  host.readFile = (name) => files.get(name) ?? readFile.call(host, name);
  host.getSourceFile = (name, languageVersion, ...rest) => {
    const code = files.get(name);
    return code === undefined ? getSourceFile.call(host, name, languageVersion, ...rest) : ts.createSourceFile(name, code, languageVersion);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const index = Number(/snippet-(\d+)/.exec(file?.fileName ?? '')?.[1] ?? -1);
    const snippet = all[index];
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line;
    return `${snippet === undefined ? file && dirname(file.fileName) : `${snippet.page}:${snippet.line + line}`}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
}

describe('the snippets of our pages', () => {
  it('are there, one for each of the 102 operations among them', () => {
    const examples = snippets.filter(({ page }) => page.startsWith('packages/client/docs/access-v1/'));
    expect(examples).toHaveLength(102);
    expect(snippets.length - examples.length).toBeGreaterThan(10);
  });

  it('compile', { timeout: 60_000 }, () => {
    expect(errorsOf(snippets)).toEqual([]);
  });

  it('would not pass with a method that does not exist', { timeout: 60_000 }, () => {
    const [broken] = errorsOf([{ page: 'README.md', line: 10, code: 'await finapi.banks.getBanks();\nexport {};\n' }]);
    expect(broken).toMatch(/^README\.md:10: Property 'getBanks' does not exist/);
  });
});
