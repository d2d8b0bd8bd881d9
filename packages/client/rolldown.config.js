// Bundles each entry of the package, what they share in chunks: a consumer's start finds and loads few files.
import { readdirSync } from 'node:fs';

const apis = readdirSync('src/generated');
const entries = ['index', ...apis.flatMap((api) => ['index', 'operations', 'raw'].map((name) => `generated/${api}/${name}`))];

export default {
  input: Object.fromEntries(entries.map((name) => [name, `src/${name}.ts`])),
  external: ['openapi-fetch'],
  platform: 'neutral',
  resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
  output: {
    dir: 'dist',
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    // What every client needs in one file; what only some import stays in their entries.
    codeSplitting: { groups: [{ name: 'core', test: /src\/core\/(?!raw|observe|amounts|timestamps)/ }] },
  },
};
