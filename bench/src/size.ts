// What the client adds to a bundle, beside openapi-fetch and bare fetch: esbuild, minified, gzip -9.
import { gzipSync } from 'node:zlib';
import { operations } from '@finapi-ts/client/access-v1/operations';
import { build } from 'esbuild';
import { bench } from './places.ts';
import type { Context, Row } from './report.ts';

const client =
  "import { createAccessV1 } from '@finapi-ts/client/access-v1';\nconst finapi = createAccessV1({ baseUrl: 'https://sandbox.finapi.io' });\n";
const paths =
  "import createClient from 'openapi-fetch';\nconst paths = createClient({ baseUrl: 'https://sandbox.finapi.io', headers: { authorization: 'Bearer ' + globalThis.token } });\n";
const bare = `const call = async (method, path, type, body) => {
  const response = await fetch('https://sandbox.finapi.io' + path, { method, body, headers: { authorization: 'Bearer ' + globalThis.token, ...(type ? { 'content-type': type } : {}) } });
  if (!response.ok) throw new Error(String(response.status));
  return response.json();
};
`;

/** A function for every operation of the table, as an application that uses them all holds them. */
const every = (written: (operation: { readonly method: string; readonly path: string; readonly body?: string }) => string): string =>
  Object.entries(operations)
    .map(([id, operation]) => `export const ${id} = (args) => ${written(operation)};\n`)
    .join('');
const template = (path: string): string => `\`${path.replaceAll(/\{(\w+)\}/g, (_, name) => `\${args.${name}}`)}\``;
const written = (body: string | undefined): string =>
  body === undefined ? 'undefined' : body === 'application/json' ? 'JSON.stringify(args)' : 'new URLSearchParams(args)';

const entries = {
  one: `${client}export const account = finapi.as({ identity: 'user', token: globalThis.token }).accounts.getAccount({ id: 1 });`,
  all: "export { createAccessV1 } from '@finapi-ts/client/access-v1';",
  raw: `${client}import { raw } from '@finapi-ts/client/access-v1/raw';\nexport const account = raw(finapi.as({ identity: 'user', token: globalThis.token })).GET('/api/v1/accounts/{id}', { params: { path: { id: 1 } } });`,
  whole: "export * from '@finapi-ts/client';\nexport * from '@finapi-ts/client/access-v1';",
  table: "export { operations } from '@finapi-ts/client/access-v1/operations';",
  'one-openapi-fetch': `${paths}export const account = paths.GET('/api/v1/accounts/{id}', { params: { path: { id: 1 } } });`,
  'all-openapi-fetch': paths + every(({ method, path }) => `paths.${method}('${path}', args)`),
  'one-bare': `${bare}export const account = call('GET', '/api/v1/accounts/1');`,
  'all-bare':
    bare +
    every(({ method, path, body }) => `call('${method}', ${template(path)}${body === undefined ? '' : `, '${body}', ${written(body)}`})`),
};

export async function size({ progress }: Context): Promise<Row[]> {
  progress('bundling');
  const names = Object.keys(entries) as (keyof typeof entries)[];
  const measured = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await bundled(entries[name])] as const)),
  ) as Record<keyof typeof entries, number>;
  const row = (id: keyof typeof entries, what: string): Row => ({ id, what, measured: measured[id] / 1000, unit: 'kB' });
  return [
    { ...row('one', 'one call, client'), target: 5 },
    row('one-openapi-fetch', 'one call, openapi-fetch'),
    row('one-bare', 'one call, bare fetch'),
    { ...row('all', 'all operations, client'), target: 5 },
    row('all-openapi-fetch', 'all operations, openapi-fetch'),
    row('all-bare', 'all operations, bare fetch'),
    row('raw', 'one call through the path-based door'),
    row('whole', 'everything exported, but for the path-based door'),
    row('table', 'the operation table alone'),
  ];
}

/** Bytes of an entry and all that it imports, as a browser would get them. */
async function bundled(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: bench, loader: 'js' },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length;
}
