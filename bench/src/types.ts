// What the client's types cost a consumer's compiler, beside openapi-fetch over openapi-typescript's types.
import { cpSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { enlarge } from './enlarge.ts';
import { bench, client, dependency, document, openapiTypescript } from './places.ts';
import { runNode, runner } from './process.ts';
import type { Context, Row } from './report.ts';
import { median } from './statistics.ts';

const compilers = { '5.9': dependency('typescript', 'bin/tsc'), '7': dependency('typescript-7', 'bin/tsc') };
const rounds = 3;

type Fixture = 'empty' | 'client' | 'openapi-fetch';

interface Cost {
  readonly instantiations: number;
  readonly checkSeconds: number;
}

export function types({ folder, progress }: Context): Row[] {
  progress("openapi-typescript's types");
  const peer = join(folder, 'openapi-types.d.ts');
  // Properties with a default may be left out, as in the client's types: so both fixtures hold the same calls.
  runNode([openapiTypescript, document, '--output', peer, '--default-non-nullable=false']);

  /** Compiles a fixture; the median of a few runs. */
  const cost = (compiler: keyof typeof compilers, fixture: Fixture, skipLibCheck: boolean, clientTypes?: string): Cost => {
    progress(`TypeScript ${compiler}, ${fixture}, skipLibCheck ${skipLibCheck ? 'on' : 'off'}`);
    const project = join(folder, 'tsconfig.json');
    const paths = { 'openapi-types': [peer], ...(clientTypes === undefined ? {} : { '@finapi-ts/client/access-v1': [clientTypes] }) };
    const compilerOptions = { target: 'ES2022', module: 'NodeNext', moduleResolution: 'NodeNext', strict: true, noEmit: true, types: [], skipLibCheck, paths };
    writeFileSync(project, JSON.stringify({ compilerOptions, files: [join(bench, 'fixtures', `${fixture}.ts`)] }));
    const costs = Array.from({ length: rounds }, () => diagnostics(runNode([compilers[compiler], '-p', project, '--extendedDiagnostics']).output));
    return { instantiations: median(costs.map((it) => it.instantiations)), checkSeconds: median(costs.map((it) => it.checkSeconds)) };
  };

  const rows: Row[] = [];
  let one = 0;
  for (const compiler of ['5.9', '7'] as const) {
    for (const skipLibCheck of [true, false]) {
      const empty = cost(compiler, 'empty', skipLibCheck);
      const ours = cost(compiler, 'client', skipLibCheck);
      const theirs = cost(compiler, 'openapi-fetch', skipLibCheck);
      const id = `${compiler}${skipLibCheck ? '' : '-libs'}`;
      const what = `TypeScript ${compiler}, skipLibCheck ${skipLibCheck ? 'on' : 'off'}`;
      const instantiations = ours.instantiations - empty.instantiations;
      if (compiler === '7' && skipLibCheck) one = instantiations;
      rows.push(
        { id, what: `${what}: instantiations, client`, measured: instantiations, unit: '', target: 1000 },
        { id: `${id}-openapi-fetch`, what: `${what}: instantiations, openapi-fetch`, measured: theirs.instantiations - empty.instantiations, unit: '' },
        { id: `${id}-check`, what: `${what}: checking above an empty file, client`, measured: (ours.checkSeconds - empty.checkSeconds) * 1000, unit: 'ms' },
        { id: `${id}-check-openapi-fetch`, what: `${what}: checking above an empty file, openapi-fetch`, measured: (theirs.checkSeconds - empty.checkSeconds) * 1000, unit: 'ms' },
      );
    }
  }

  progress('declarations of a document 16 times as large');
  const large = declarationsOf(16, folder);
  const sixteen = cost('7', 'client', true, large).instantiations - cost('7', 'empty', true, large).instantiations;
  rows.push(
    { id: 'growth-16', what: 'TypeScript 7: instantiations, document 16 times as large', measured: sixteen, unit: '', target: one },
    { id: 'declarations', what: 'declarations of one API', measured: declarationBytes(join(client, 'dist/generated/access-v1/index.d.ts')) / 1000, unit: 'kB', target: 600 },
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
    target: 'ES2022', module: 'NodeNext', moduleResolution: 'NodeNext', lib: ['ES2022', 'DOM', 'DOM.Iterable'], types: [], strict: true, exactOptionalPropertyTypes: true,
    skipLibCheck: true, declaration: true, emitDeclarationOnly: true, stripInternal: true, rootDir: join(root, 'src'), outDir: join(root, 'dist'),
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
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*['"](\.[^'"]+)\.js['"]/g)) reach(join(dirname(file), `${path}.d.ts`));
  };
  reach(entry);
  return [...reached].reduce((sum, file) => sum + statSync(file).size, 0);
}
