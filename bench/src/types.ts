// What the client's types cost a consumer's compiler above an empty file, beside openapi-fetch over openapi-typescript's types.
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { enlarge } from './enlarge.ts';
import { bench, client, dependency, document, openapiTypescript } from './places.ts';
import { runNode, runner } from './process.ts';
import type { Context, Row } from './report.ts';
import { median } from './statistics.ts';

const compilers = { '5.9': dependency('typescript', 'bin/tsc'), '7': dependency('typescript-7', 'bin/tsc') };
/** Instantiations are the same every time; times are not. */
const rounds = 3;

const fixtures = ['empty', 'client', 'openapi-fetch'] as const;
type Fixture = (typeof fixtures)[number];

interface Cost {
  readonly instantiations: number;
  readonly checkSeconds: number;
}

export function types({ folder, progress }: Context): Row[] {
  progress("openapi-typescript's types");
  const peer = join(folder, 'openapi-types.d.ts');
  // Properties with a default may be left out, as in the client's types: so both fixtures hold the same calls.
  runNode([openapiTypescript, document, '--output', peer, '--default-non-nullable=false']);

  const compile = (compiler: keyof typeof compilers, fixture: Fixture, skipLibCheck: boolean, clientTypes?: string): Cost => {
    progress(`TypeScript ${compiler}, ${fixture}, skipLibCheck ${skipLibCheck ? 'on' : 'off'}`);
    const project = join(folder, 'tsconfig.json');
    const paths = { 'openapi-types': [peer], ...(clientTypes === undefined ? {} : { '@finapi-ts/client/access-v1': [clientTypes] }) };
    const compilerOptions = {
      target: 'ES2022',
      module: 'NodeNext',
      moduleResolution: 'NodeNext',
      strict: true,
      noEmit: true,
      types: [],
      skipLibCheck,
      paths,
    };
    writeFileSync(project, JSON.stringify({ compilerOptions, files: [join(bench, 'fixtures', `${fixture}.ts`)] }));
    return diagnostics(runNode([compilers[compiler], '-p', project, '--extendedDiagnostics']).output);
  };

  const rows: Row[] = [];
  for (const compiler of ['5.9', '7'] as const) {
    const seconds: Record<Fixture, number[]> = { empty: [], client: [], 'openapi-fetch': [] };
    const found = { empty: 0, client: 0, 'openapi-fetch': 0 };
    for (let round = 0; round < rounds; round++) {
      for (const fixture of fixtures) {
        const { instantiations, checkSeconds } = compile(compiler, fixture, true);
        found[fixture] = instantiations;
        seconds[fixture].push(checkSeconds);
      }
    }
    const above = (fixture: Fixture): number => (median(seconds[fixture]) - median(seconds.empty)) * 1000;
    const [empty, ours, theirs] = fixtures.map((fixture) => compile(compiler, fixture, false).instantiations) as [number, number, number];
    const what = `TypeScript ${compiler}: `;
    rows.push(
      { id: `${compiler}`, what: `${what}instantiations, client`, measured: found.client - found.empty, unit: '', target: 1000 },
      {
        id: `${compiler}-openapi-fetch`,
        what: `${what}instantiations, openapi-fetch`,
        measured: found['openapi-fetch'] - found.empty,
        unit: '',
      },
      { id: `${compiler}-check`, what: `${what}checking, client`, measured: above('client'), unit: 'ms' },
      { id: `${compiler}-check-openapi-fetch`, what: `${what}checking, openapi-fetch`, measured: above('openapi-fetch'), unit: 'ms' },
      { id: `${compiler}-libs`, what: `${what}instantiations, skipLibCheck off, client`, measured: ours - empty, unit: '', target: 1000 },
      {
        id: `${compiler}-libs-openapi-fetch`,
        what: `${what}instantiations, skipLibCheck off, openapi-fetch`,
        measured: theirs - empty,
        unit: '',
      },
    );
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
    { id: 'declarations-openapi-typescript', what: "openapi-typescript's types", measured: statSync(peer).size / 1000, unit: 'kB' },
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
