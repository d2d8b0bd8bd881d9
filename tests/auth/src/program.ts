// Programs that run as processes of their own: as they are written where the runtime reads that, as bundles under older Nodes.
import { fileURLToPath } from 'node:url';

const { node, bun, deno } = process.versions;
const major = Number.parseInt(node, 10);
/** Node 24 is the first that knows both types and `using`. */
const readsSources = bun !== undefined || deno !== undefined || major >= 24;

const bundles = new Map<string, Promise<string>>();

/** The file to run for a source, such as `new URL('./children/live.ts', import.meta.url)`. */
export async function programOf(source: URL): Promise<string> {
  const file = fileURLToPath(source);
  if (readsSources) return file;
  const bundling = bundles.get(file) ?? bundle(file);
  bundles.set(file, bundling);
  return bundling;
}

async function bundle(file: string): Promise<string> {
  const { build } = await import('esbuild');
  const name = file.replace(/^.*[\\/]|\.ts$/g, '');
  // Inside the workspace, so that packages are found from there.
  const outfile = fileURLToPath(new URL(`../node_modules/.programs/node-${major}/${name}.mjs`, import.meta.url));
  await build({ entryPoints: [file], outfile, bundle: true, packages: 'external', format: 'esm', target: `node${major}` });
  return outfile;
}
