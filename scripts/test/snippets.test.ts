import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { repository } from '../src/apis.ts';
import { listFiles } from '../src/files.ts';

/** Pages whose TypeScript a reader will copy, and what their snippets may use without declaring it: what the page has introduced before. */
const books = [
  {
    pages: [
      'README.md',
      'packages/client/README.md',
      'docs/migrating-from-v1.md',
      ...listFiles(join(repository, 'packages/client/docs')).map((name) => `packages/client/docs/${name}`),
    ],
    prelude: `
declare const createAccessV1: typeof import('@finapi-ts/client/access-v1').createAccessV1;
declare const servers: typeof import('@finapi-ts/client/access-v1').servers;
declare const finapi: import('@finapi-ts/client/access-v1').AccessV1;
declare const alice: import('@finapi-ts/client/access-v1').UserOperations;
`,
  },
  {
    pages: ['packages/auth-helpers/README.md'],
    prelude: `
declare const accessV1: typeof import('@finapi-ts/auth-helpers').accessV1;
declare const createAuth: typeof import('@finapi-ts/auth-helpers').createAuth;
declare const createAccessV1: typeof import('@finapi-ts/client/access-v1').createAccessV1;
declare const finapi: import('@finapi-ts/client/access-v1').AccessV1;
declare const auth: import('@finapi-ts/auth-helpers').Auth;
declare const alice: import('@finapi-ts/auth-helpers').UserTokenSource;
declare const baseUrl: string;
declare const vault: { passwordOf(user: string): Promise<string> };
`,
  },
  {
    pages: ['docs/operating-a-fleet.md'],
    prelude: `
declare const redisStore: typeof import('@finapi-ts/auth-helpers/stores/redis').redisStore;
declare const accessV2: typeof import('@finapi-ts/auth-helpers').accessV2;
declare const createAuth: typeof import('@finapi-ts/auth-helpers').createAuth;
declare const baseUrl: string;
declare const clientId: string;
declare const clientSecret: string;
declare const credentials: import('@finapi-ts/auth-helpers').Credentials;
declare const redis: import('ioredis').Redis;
declare const vault: { secret(name: string): Promise<string> };
`,
  },
  { pages: ['packages/testing/README.md'], prelude: '' },
  {
    pages: ['packages/finapi/README.md'],
    prelude: `
declare const createFinapi: typeof import('finapi-ts').createFinapi;
declare const access: typeof import('finapi-ts/access').access;
declare const webForm: typeof import('finapi-ts/web-form').webForm;
declare const finapi: import('finapi-ts').Finapi<{ access: typeof access; webForm: typeof webForm }>;
declare const alice: import('finapi-ts').FinapiUser<{ access: typeof access; webForm: typeof webForm }>;
declare const vault: { secret(): Promise<string>; passwordOf(user: string): Promise<string> };
declare function sendToUser(url: string): void;
declare function askUser(message: string | null | undefined): Promise<string>;
declare function ownerOf(webFormId: string): Promise<string>;
declare function queue(work: () => Promise<void>): Promise<void>;
`,
  },
];

interface Snippet {
  readonly page: string;
  readonly line: number;
  readonly code: string;
}

const snippetsOf = (page: string): Snippet[] => {
  const text = readFileSync(join(repository, page), 'utf8');
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map((found) => ({
    page,
    line: text.slice(0, found.index).split('\n').length + 1,
    code: `${found[1]}\nexport {};\n`,
  }));
};
const shelf = books.map(({ pages, prelude }) => ({ snippets: pages.flatMap(snippetsOf), prelude }));

const client = join(repository, 'packages/client/src');
const testing = join(repository, 'packages/testing/src');
const authHelpers = join(repository, 'packages/auth-helpers/src');
const finapi = join(repository, 'packages/finapi/src');
const options: ts.CompilerOptions = {
  noEmit: true,
  strict: true,
  target: ts.ScriptTarget.ES2023,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.dom.asynciterable.d.ts', 'lib.esnext.disposable.d.ts'],
  types: ['node'],
  skipLibCheck: true,
  // The packages' sources stand for what is built of them, so that pages can be checked without building.
  paths: {
    '@finapi-ts/client': [join(client, 'index.ts')],
    '@finapi-ts/client/access-v1': [join(client, 'generated/access-v1/index.ts')],
    '@finapi-ts/client/access-v1/raw': [join(client, 'generated/access-v1/raw.ts')],
    '@finapi-ts/client/access-v1/operations': [join(client, 'generated/access-v1/operations.ts')],
    '@finapi-ts/client/access-v2': [join(client, 'generated/access-v2/index.ts')],
    '@finapi-ts/client/web-form': [join(client, 'generated/web-form/index.ts')],
    '@finapi-ts/testing': [join(testing, 'index.ts')],
    '@finapi-ts/testing/server': [join(testing, 'server.ts')],
    '@finapi-ts/auth-helpers': [join(authHelpers, 'index.ts')],
    '@finapi-ts/auth-helpers/opentelemetry': [join(authHelpers, 'opentelemetry.ts')],
    '@finapi-ts/auth-helpers/stores/*': [join(authHelpers, 'stores/*.ts')],
    'finapi-ts': [join(finapi, 'index.ts')],
    'finapi-ts/access': [join(finapi, 'access.ts')],
    'finapi-ts/access-v1': [join(finapi, 'access-v1.ts')],
    'finapi-ts/web-form': [join(finapi, 'web-form.ts')],
    'finapi-ts/flows': [join(finapi, 'flows.ts')],
    'finapi-ts/webhooks': [join(finapi, 'webhooks.ts')],
  },
};

/** Files that are no snippets, parsed once for all books. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** Errors of these files, with the line of the page where the code stands. */
function errorsOf(all: readonly Snippet[], prelude: string): string[] {
  const folder = client;
  const files = new Map<string, string>([[join(folder, 'prelude.d.ts'), prelude]]);
  for (const [index, { code }] of all.entries()) files.set(join(folder, `snippet-${index}.mts`), code);
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists.call(host, name);
  host.readFile = (name) => files.get(name) ?? readFile.call(host, name);
  host.getSourceFile = (name, languageVersion, ...rest) => {
    const code = files.get(name);
    if (code !== undefined) return ts.createSourceFile(name, code, languageVersion);
    if (!parsed.has(name)) parsed.set(name, getSourceFile.call(host, name, languageVersion, ...rest));
    return parsed.get(name);
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
  it.each([
    ['access-v1', 102],
    ['access-v2', 93],
    ['web-form', 21],
  ])('of %s are there, one for each of the %i operations', (id, count) => {
    const snippets = shelf.flatMap((book) => book.snippets);
    expect(snippets.filter(({ page }) => page.startsWith(`packages/client/docs/${id}/`))).toHaveLength(count);
  });

  it('are there beside those of the operations', () => {
    const others = shelf.flatMap((book) => book.snippets).filter(({ page }) => !page.startsWith('packages/client/docs/'));
    expect(others.length).toBeGreaterThan(10);
  });

  it('compile', { timeout: 60_000 }, () => {
    for (const { snippets, prelude } of shelf) expect(errorsOf(snippets, prelude)).toEqual([]);
  });

  it('would not pass with a method that does not exist', { timeout: 60_000 }, () => {
    const [broken] = errorsOf(
      [{ page: 'README.md', line: 10, code: 'await finapi.banks.getBanks();\nexport {};\n' }],
      shelf[0]?.prelude ?? '',
    );
    expect(broken).toMatch(/^README\.md:10: Property 'getBanks' does not exist/);
  });
});
