// What the client adds to a bundle, beside its peers and bare fetch (esbuild, minified, gzip -9), and what its package weighs.
import { gzipSync } from 'node:zlib';
import { operations } from '@finapi-ts/client/access-v1/operations';
import { build } from 'esbuild';
import { type Fixture, fixtureFile } from './fixtures.ts';
import { type Modules, peerModules } from './peers.ts';
import { bench, client as clientFolder } from './places.ts';
import { npm } from './process.ts';
import type { Context, Row } from './report.ts';

const client =
  "import { createAccessV1 } from '@finapi-ts/client/access-v1';\nconst finapi = createAccessV1({ baseUrl: 'https://sandbox.finapi.io' });\n";
const paths =
  "import createClient from 'openapi-fetch';\nconst paths = createClient({ baseUrl: 'https://sandbox.finapi.io', headers: { authorization: 'Bearer ' + globalThis.token } });\n";
const heyApi =
  "import { client } from 'hey-api-client/client';\nclient.setConfig({ baseUrl: 'https://sandbox.finapi.io', auth: () => globalThis.token });\n";
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

const tour = (fixture: Fixture): string => `export * from ${JSON.stringify(fixtureFile(fixture))};`;

const entries = {
  one: `${client}export const account = finapi.as({ identity: 'user', token: globalThis.token }).accounts.getAccount({ id: 1 });`,
  all: "export { createAccessV1 } from '@finapi-ts/client/access-v1';",
  'all-access-v2': "export { createAccessV2 } from '@finapi-ts/client/access-v2';",
  'all-web-form': "export { createWebFormApi } from '@finapi-ts/client/web-form';",
  raw: `${client}import { raw } from '@finapi-ts/client/access-v1/raw';\nexport const account = raw(finapi.as({ identity: 'user', token: globalThis.token })).GET('/api/v1/accounts/{id}', { params: { path: { id: 1 } } });`,
  whole: "export * from '@finapi-ts/client';\nexport * from '@finapi-ts/client/access-v1';",
  tour: tour('client'),
  'tour-openapi-fetch': tour('openapi-fetch'),
  'tour-hey-api': tour('hey-api'),
  'tour-orval': tour('orval'),
  table: "export { operations } from '@finapi-ts/client/access-v1/operations';",
  'one-openapi-fetch': `${paths}export const account = paths.GET('/api/v1/accounts/{id}', { params: { path: { id: 1 } } });`,
  'all-openapi-fetch': paths + every(({ method, path }) => `paths.${method}('${path}', args)`),
  'one-hey-api': `${heyApi}import { getAccount } from 'hey-api-client';\nexport const account = getAccount({ path: { id: 1 } });`,
  'all-hey-api': `${heyApi}export { ${Object.keys(operations).join(', ')} } from 'hey-api-client';`,
  'one-orval':
    "import { getAccount } from 'orval-client';\nexport const account = getAccount(1, { headers: { authorization: 'Bearer ' + globalThis.token } });",
  'all-orval': `export { ${Object.keys(operations).join(', ')} } from 'orval-client';`,
  'one-bare': `${bare}export const account = call('GET', '/api/v1/accounts/1');`,
  'all-bare':
    bare +
    every(({ method, path, body }) => `call('${method}', ${template(path)}${body === undefined ? '' : `, '${body}', ${written(body)}`})`),
};

/**
 * Little above today's 177 kB and 905 kB, for three APIs: the package grows by an API or a dependency taken in by mistake, not by a feature, and
 * growth of a tenth is to be noticed by whoever causes it.
 */
const budget = { packed: 195, unpacked: 990 };

export async function size(context: Context): Promise<Row[]> {
  const modules = peerModules(context);
  context.progress('bundling');
  const names = Object.keys(entries) as (keyof typeof entries)[];
  const measured = Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await bundled(entries[name], modules)] as const)),
  ) as Record<keyof typeof entries, number>;
  const row = (id: keyof typeof entries, what: string): Row => ({ id, what, measured: measured[id] / 1000, unit: 'kB' });
  context.progress('packing');
  const { packed, unpacked } = packageBytes();
  return [
    { ...row('one', 'one call, client'), target: 5 },
    row('one-openapi-fetch', 'one call, openapi-fetch'),
    row('one-hey-api', 'one call, hey-api'),
    row('one-orval', 'one call, orval'),
    row('one-bare', 'one call, bare fetch'),
    row('tour', 'the 21 calls of the fixtures, client'),
    row('tour-openapi-fetch', 'the 21 calls of the fixtures, openapi-fetch'),
    row('tour-hey-api', 'the 21 calls of the fixtures, hey-api'),
    row('tour-orval', 'the 21 calls of the fixtures, orval'),
    { ...row('all', 'all operations, client'), target: 5 },
    { ...row('all-access-v2', 'all operations of Access V2, client'), target: 5 },
    { ...row('all-web-form', 'all operations of Web Form, client'), target: 5 },
    row('all-openapi-fetch', 'all operations, openapi-fetch'),
    row('all-hey-api', 'all operations, hey-api'),
    row('all-orval', 'all operations, orval'),
    row('all-bare', 'all operations, bare fetch'),
    row('raw', 'one call through the path-based door'),
    row('whole', 'everything exported, but for the path-based door'),
    row('table', 'the operation table alone'),
    { id: 'packed', what: 'the package as it is downloaded', measured: packed / 1000, unit: 'kB', target: budget.packed },
    { id: 'unpacked', what: 'the package as it is installed', measured: unpacked / 1000, unit: 'kB', target: budget.unpacked },
  ];
}

/** Bytes of an entry and all that it imports, as a browser would get them. */
async function bundled(contents: string, alias: Modules): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: bench, loader: 'js' },
    alias,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length;
}

function packageBytes(): { packed: number; unpacked: number } {
  const [made] = JSON.parse(npm(['pack', '--dry-run', '--json', '--ignore-scripts'], clientFolder).output);
  return { packed: made.size, unpacked: made.unpackedSize };
}
