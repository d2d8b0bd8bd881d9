// What each store adds to an application, minified and gzipped.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { bench } from '../places.ts';

export const storeEntries = ['memory', 'file', 'redis', 'postgres', 'encrypted'] as const;

/** In kB. For Node, whose own modules are not counted. */
export async function storeSize(name: (typeof storeEntries)[number]): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: `export * from '@finapi-ts/auth-helpers/stores/${name}';`, resolveDir: bench, loader: 'js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    write: false,
    logLevel: 'silent',
  });
  return gzipSync(outputFiles[0]?.contents ?? new Uint8Array(), { level: 9 }).length / 1000;
}
