// Compiles generated modules beside the client's own code, in memory, as the client's build would.
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { repository } from '../src/apis.ts';
import type { Node } from '../src/document/grammar.ts';
import { emitEntry, emitRaw } from '../src/emit/entry.ts';
import { emitMethods } from '../src/emit/methods.ts';
import { emitOperations } from '../src/emit/operations.ts';
import { emitPaths } from '../src/emit/paths.ts';
import { emitProvenance } from '../src/emit/provenance.ts';
import { emitSchemas } from '../src/emit/schemas.ts';
import { modelOf } from './support-model.ts';

const shed = { id: 'shed', name: 'Shed', title: 'Tool shed' } as const;

/** The modules of a document, by their names. */
export function emitAll(document: Node): Record<string, string> {
  const model = modelOf(document);
  const schemas = emitSchemas(model);
  return {
    // As src/generate.ts puts it.
    'schemas.ts': `${schemas.text.includes('Open<') ? "import type { Open } from '../../core/types.js';\n\n" : ''}${schemas.text}\n`,
    'operations.ts': emitOperations(model),
    'methods.ts': emitMethods(model, schemas),
    'paths.ts': emitPaths(model, schemas),
    'index.ts': emitEntry(shed, model),
    'raw.ts': emitRaw(shed, model),
    'provenance.ts': emitProvenance(shed.id, model, {
      version: model.version,
      document: 'd',
      overlays: 'o',
      generators: { a: '1', 'b-c': '2' },
    }),
  };
}

const client = join(repository, 'packages/client');
const folder = join(client, 'src/generated/shed');

const options: ts.CompilerOptions = (() => {
  const { config, error } = ts.readConfigFile(join(client, 'tsconfig.json'), ts.sys.readFile);
  if (error !== undefined) throw new Error(ts.flattenDiagnosticMessageText(error.messageText, '\n'));
  return { ...ts.parseJsonConfigFileContent({ ...config, files: [] }, ts.sys, client).options, noEmit: true };
})();

const host = ts.createCompilerHost(options, true);
const parsed = new Map<string, ts.SourceFile | undefined>();
let before: ts.Program | undefined;

/** Errors of modules and further files beside them, as `file:line: message`; empty where all is well. */
export function errorsOf(modules: Readonly<Record<string, string>>): string[] {
  const files = new Map(Object.entries(modules).map(([name, content]) => [join(folder, name), content]));
  const inMemory: ts.CompilerHost = {
    ...host,
    fileExists: (path) => files.has(path) || host.fileExists(path),
    readFile: (path) => files.get(path) ?? host.readFile(path),
    directoryExists: (path) => path === folder || ts.sys.directoryExists(path),
    getSourceFile(path, version) {
      const content = files.get(path);
      if (content !== undefined) return ts.createSourceFile(path, content, version, true);
      if (!parsed.has(path)) parsed.set(path, host.getSourceFile(path, version));
      return parsed.get(path);
    },
  };
  const program = ts.createProgram({
    rootNames: [...files.keys()],
    options,
    host: inMemory,
    ...(before === undefined ? {} : { oldProgram: before }),
  });
  before = program;
  return [...files.keys()].flatMap((path) => {
    const source = program.getSourceFile(path);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)].map(({ start = 0, messageText }) => {
      const { line } = ts.getLineAndCharacterOfPosition(source as ts.SourceFile, start);
      return `${path.slice(dirname(path).length + 1)}:${line + 1}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
  });
}

/** Errors of a document's modules and of code that uses them. Lines that must not compile carry `@ts-expect-error`. */
export const errorsWith = (document: Node, consumer = ''): string[] =>
  errorsOf({ ...emitAll(document), 'consumer.ts': `${consumer}\nexport {};\n` });
