import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';

const folder = dirname(import.meta.dirname);

/** Paths of all operations in a bundle of this entry. */
async function pathsIn(code: string): Promise<string[]> {
  const bundle = await rolldown({
    input: 'entry',
    platform: 'node',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? join(folder, 'test/entry.js') : undefined),
        load: (id) => (id === join(folder, 'test/entry.js') ? code : undefined),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false });
  await bundle.close();
  const text = output.map((it) => (it.type === 'chunk' ? it.code : '')).join('\n');
  return [...text.matchAll(/["'`](\/api\/(?!v\d\/oauth)[^"'`]*)["'`]/g)].map(([, path]) => path as string);
}

const make = (name: string, module: string): string => `
  import { createFinapi } from 'finapi-ts';
  import { ${name} } from 'finapi-ts/${module}';
  console.log(createFinapi({ environment: 'sandbox', clientId: 'a', clientSecret: 'b', apis: { ${name} } }));
`;

describe('a bundle', () => {
  it.each([
    ['access', 'access', /^\/api\/v2\//],
    ['accessV1', 'access-v1', /^\/api\/v1\//],
    ['webForm', 'web-form', /^\/api\/(tasks|webForms|profiles|translations)/],
  ])('with %s alone holds nothing of the other APIs', async (name, module, own) => {
    const paths = await pathsIn(make(name, module));
    expect(paths.length).toBeGreaterThan(15);
    expect(paths.filter((path) => !own.test(path))).toEqual([]);
  });

  it('with flows and webhooks holds no API at all', async () => {
    expect(
      await pathsIn("import * as flows from 'finapi-ts/flows'; import * as hooks from 'finapi-ts/webhooks'; console.log(flows, hooks);"),
    ).toEqual([]);
  });

  it('is made of what the manifest names', () => {
    const manifest = createRequire(import.meta.url)('../package.json') as { exports: Record<string, { default?: string }> };
    const built = readdirSync(join(folder, 'dist')).filter((name) => name.endsWith('.js'));
    const named = Object.values(manifest.exports).flatMap((it) => (it.default === undefined ? [] : [it.default.replace('./dist/', '')]));
    expect(built.sort()).toEqual(named.sort());
  });
});
