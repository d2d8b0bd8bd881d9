// The generators that are measured beside the house but are not in the lock: installed when first wanted, generating into the
// temporary folder.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bench, document, openapiTypescript } from './places.ts';
import { npm, runNode } from './process.ts';
import type { Context } from './report.ts';

/** A generator's command: arguments for Node, and where it runs, so that it finds no settings but its own. */
interface Command {
  readonly args: readonly string[];
  readonly cwd: string;
}

/** Where the fixtures' imports of generated code lead. */
export type Modules = Readonly<Record<'openapi-types' | 'hey-api-client' | 'hey-api-client/client' | 'orval-client', string>>;

const home = join(bench, 'peers');
const installed = (path: string): string => join(home, 'node_modules', path);

/** Makes sure of the pinned versions. npm writes its hidden lock last: without it, an installation was broken off. */
function install(progress: Context['progress']): void {
  const version = (path: string): unknown => JSON.parse(readFileSync(path, 'utf8')).version;
  const { dependencies } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  const there =
    existsSync(installed('.package-lock.json')) &&
    Object.entries(dependencies).every(([name, pinned]) => {
      const manifest = installed(`${name}/package.json`);
      return existsSync(manifest) && version(manifest) === pinned;
    });
  if (there) return;
  progress('installing the peers from the registry, once');
  npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], home);
}

/** The peers' commands, each writing into a folder of its own below `target`. */
export function commands({ progress }: Context, target: string): Record<'heyApi' | 'orval', Command> {
  install(progress);
  mkdirSync(target, { recursive: true });
  // hey-api asks the nearest tsconfig how imports are written; orval takes the base address from a file alone.
  writeFileSync(join(target, 'tsconfig.json'), '{ "compilerOptions": { "module": "NodeNext" } }');
  writeFileSync(join(target, 'package.json'), '{ "type": "module" }');
  const orval = {
    input: { target: document },
    output: { target: join(target, 'orval/index.ts'), client: 'fetch', mode: 'single', baseUrl: 'https://sandbox.finapi.io' },
  };
  writeFileSync(join(target, 'orval.config.js'), `export default ${JSON.stringify({ orval })};`);
  const heyApi = [
    '--input',
    document,
    '--output',
    join(target, 'hey-api'),
    '--client',
    '@hey-api/client-fetch',
    '--silent',
    '--no-log-file',
  ];
  return {
    // What its command starts in a second process, whose memory would not be seen.
    heyApi: { args: [installed('@hey-api/openapi-ts/dist/run.mjs'), ...heyApi], cwd: target },
    orval: { args: [installed('orval/dist/bin/orval.mjs'), '--config', 'orval.config.js', '--quiet'], cwd: target },
  };
}

let generated: Modules | undefined;

/** What the peers generate from the composed document, as TypeScript; made when first wanted. */
export function peerModules(context: Context): Modules {
  if (generated !== undefined) return generated;
  const target = join(context.folder, 'peers');
  const { heyApi, orval } = commands(context, target);
  context.progress("the peers' code");
  const types = join(target, 'openapi-types.d.ts');
  // Properties with a default may be left out, as in the client's types: so all fixtures hold the same calls.
  runNode([openapiTypescript, document, '--output', types, '--default-non-nullable=false']);
  for (const { args, cwd } of [heyApi, orval]) runNode(args, cwd);
  generated = {
    'openapi-types': types,
    'hey-api-client': join(target, 'hey-api/index.ts'),
    'hey-api-client/client': join(target, 'hey-api/client.gen.ts'),
    'orval-client': join(target, 'orval/index.ts'),
  };
  return generated;
}

/** The same as JavaScript, file by file, as a compiler leaves it for Node. */
export async function peerScripts(context: Context): Promise<Record<'heyApi' | 'heyApiClient' | 'orval', string>> {
  peerModules(context);
  const from = join(context.folder, 'peers');
  const outdir = join(from, 'dist');
  await build({
    entryPoints: ['hey-api/**/*.ts', 'orval/*.ts'].map((pattern) => join(from, pattern)),
    outbase: from,
    outdir,
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
  });
  return {
    heyApi: join(outdir, 'hey-api/index.js'),
    heyApiClient: join(outdir, 'hey-api/client.gen.js'),
    orval: join(outdir, 'orval/index.js'),
  };
}
