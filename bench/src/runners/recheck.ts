// Opens a project in TypeScript's language service, edits a line again and again, and prints the milliseconds that its semantic
// diagnostics then take the processor, where the compiler alone runs: recheck.ts <tsconfig>
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import ts from 'typescript';
import { median } from '../statistics.ts';

/** Few: someone who begins to write meets a compiler that the engine has not optimised yet. */
const edits = 10;
/** What is edited: a value in a call. A file without it, like the empty one, gets a comment. */
const edited = "'Rent'";

const {
  compilerOptions,
  files: [file],
} = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as { compilerOptions: object; files: [string] };
const { options, errors } = ts.convertCompilerOptionsFromJson(compilerOptions, dirname(file));
const original = readFileSync(file, 'utf8');
let text = original;
let version = 0;

const service = ts.createLanguageService({
  getCompilationSettings: () => options,
  getScriptFileNames: () => [file],
  getScriptVersion: (path) => (path === file ? String(version) : '0'),
  getScriptSnapshot: (path) => {
    const content = path === file ? text : ts.sys.readFile(path);
    return content === undefined ? undefined : ts.ScriptSnapshot.fromString(content);
  },
  getCurrentDirectory: () => dirname(file),
  getDefaultLibFileName: ts.getDefaultLibFilePath,
  fileExists: ts.sys.fileExists,
  readFile: ts.sys.readFile,
  readDirectory: ts.sys.readDirectory,
  directoryExists: ts.sys.directoryExists,
  getDirectories: ts.sys.getDirectories,
  ...(ts.sys.realpath === undefined ? {} : { realpath: ts.sys.realpath }),
});

function check(): void {
  const [found] = [...errors, ...service.getSemanticDiagnostics(file)];
  if (found !== undefined) throw new Error(`${file} does not compile: ${ts.flattenDiagnosticMessageText(found.messageText, '\n')}`);
}

check();
const times: number[] = [];
for (version = 1; version <= edits; version++) {
  text = original.includes(edited) ? original.replace(edited, `'Rent ${version}'`) : `${original}// ${version}\n`;
  const start = process.threadCpuUsage();
  check();
  const { user, system } = process.threadCpuUsage(start);
  times.push((user + system) / 1000);
}
process.stdout.write(String(median(times)));
