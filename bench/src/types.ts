// What the client's types cost a consumer's compiler above an empty file, beside openapi-fetch over openapi-typescript's types,
// hey-api and orval. Those two are sources in a consumer's project, so that its compiler checks them every time.
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { enlarge } from './enlarge.ts';
import { type Fixture, fixtures, project } from './fixtures.ts';
import { peerModules } from './peers.ts';
import { client, dependency, document } from './places.ts';
import { runNode, runner } from './process.ts';
import type { Context, Row } from './report.ts';
import { median } from './statistics.ts';

const compilers = { '5.9': dependency('typescript', 'bin/tsc'), '7': dependency('typescript-7', 'bin/tsc') };
/** Instantiations are the same every time; times are not. */
const rounds = 3;

interface Cost {
  readonly instantiations: number;
  readonly checkSeconds: number;
}

export function types(context: Context): Row[] {
  const { folder, progress } = context;
  const modules = peerModules(context);

  const compile = (compiler: keyof typeof compilers, fixture: Fixture, skipLibCheck: boolean, clientTypes?: string): Cost => {
    const file = join(folder, 'tsconfig.json');
    const own = clientTypes === undefined ? {} : { '@finapi-ts/client/access-v1': clientTypes };
    writeFileSync(file, JSON.stringify(project(fixture, { ...modules, ...own }, { skipLibCheck })));
    return diagnostics(runNode([compilers[compiler], '-p', file, '--extendedDiagnostics']).output);
  };

  const rows: Row[] = [];
  for (const compiler of ['5.9', '7'] as const) {
    const seconds = Object.fromEntries(fixtures.map((fixture) => [fixture, [] as number[]])) as Record<Fixture, number[]>;
    const found = {} as Record<Fixture, number>;
    for (let round = 1; round <= rounds; round++) {
      progress(`TypeScript ${compiler}, round ${round} of ${rounds}`);
      for (const fixture of fixtures) {
        const { instantiations, checkSeconds } = compile(compiler, fixture, true);
        found[fixture] = instantiations;
        seconds[fixture].push(checkSeconds);
      }
    }
    progress(`TypeScript ${compiler}, skipLibCheck off`);
    const libs = Object.fromEntries(fixtures.map((fixture) => [fixture, compile(compiler, fixture, false).instantiations]));
    const above = (of: Readonly<Record<string, number>>, fixture: Fixture): number =>
      (of[fixture] ?? Number.NaN) - (of['empty'] ?? Number.NaN);
    const checks = Object.fromEntries(fixtures.map((fixture) => [fixture, median(seconds[fixture]) * 1000]));
    const measures = [
      { suffix: '', what: 'instantiations', of: found, unit: '', target: 1000 },
      { suffix: '-check', what: 'checking', of: checks, unit: 'ms' },
      { suffix: '-libs', what: 'instantiations, skipLibCheck off', of: libs, unit: '', target: 1000 },
    ] as const;
    for (const { suffix, what, of, unit, ...limit } of measures) {
      const row = (fixture: Fixture): Omit<Row, 'id'> => ({
        what: `TypeScript ${compiler}: ${what}, ${fixture}`,
        measured: above(of, fixture),
        unit,
      });
      rows.push({ id: `${compiler}${suffix}`, ...row('client'), ...limit });
      for (const peer of ['openapi-fetch', 'hey-api', 'orval'] as const) rows.push({ id: `${compiler}${suffix}-${peer}`, ...row(peer) });
    }
  }

  progress('declarations of a document 16 times as large');
  const empty = compile('5.9', 'empty', true).instantiations;
  const one = compile('5.9', 'client', true).instantiations - empty;
  const sixteen = compile('5.9', 'client', true, declarationsOf(16, folder)).instantiations - empty;
  rows.push(
    {
      id: 'growth-16',
      what: 'TypeScript 5.9: instantiations, client of a document 16 times as large',
      measured: sixteen,
      unit: '',
      target: one,
    },
    {
      id: 'declarations',
      what: 'declarations of one API',
      measured: declarationBytes(join(client, 'dist/generated/access-v1/index.d.ts')) / 1000,
      unit: 'kB',
      target: 600,
    },
    {
      id: 'declarations-openapi-typescript',
      what: "openapi-typescript's types",
      measured: statSync(modules['openapi-types']).size / 1000,
      unit: 'kB',
    },
  );
  return rows;
}

function diagnostics(output: string): Cost {
  const figure = (name: string): number => {
    const found = new RegExp(`^${name}:\\s+([\\d.]+)`, 'm').exec(output)?.[1];
    if (found === undefined) throw new Error(`the compiler did not print ${name}:\n${output}`);
    return Number(found);
  };
  return { instantiations: figure('Instantiations'), checkSeconds: figure('Check time') };
}

/** Builds the client's declarations for an enlarged document and gives their entry. */
function declarationsOf(times: number, folder: string): string {
  const large = join(folder, `types-times-${times}.yaml`);
  const root = join(folder, `client-times-${times}`);
  const generated = join(root, 'src/generated/access-v1');
  mkdirSync(generated, { recursive: true });
  cpSync(join(client, 'src/core'), join(root, 'src/core'), { recursive: true });
  writeFileSync(large, enlarge(document, times));
  runNode([runner('emit'), large, generated]);
  const compilerOptions = {
    target: 'ES2022',
    module: 'NodeNext',
    moduleResolution: 'NodeNext',
    lib: ['ES2022', 'DOM', 'DOM.Iterable'],
    types: [],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    declaration: true,
    emitDeclarationOnly: true,
    stripInternal: true,
    rootDir: join(root, 'src'),
    outDir: join(root, 'dist'),
  };
  // The path-based door is an import of its own: who does not take it, does not compile it.
  writeFileSync(join(root, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['src/generated/access-v1/index.ts'] }));
  writeFileSync(join(root, 'package.json'), '{ "type": "module" }');
  runNode([compilers['7'], '-p', join(root, 'tsconfig.json')]);
  return join(root, 'dist/generated/access-v1/index.d.ts');
}

/** Bytes of a declaration file and of all that it reaches within its package. */
function declarationBytes(entry: string): number {
  const reached = new Set<string>();
  const reach = (file: string): void => {
    if (reached.has(file) || !existsSync(file)) return;
    reached.add(file);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.js['"]/g))
      reach(join(dirname(file), `${path}.d.ts`));
  };
  reach(entry);
  return [...reached].reduce((sum, file) => sum + statSync(file).size, 0);
}
