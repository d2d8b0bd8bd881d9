// What the files of a package ask for from outside of it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** Names of packages, and of modules like `node:http`, that code or types import; each once, in order. */
export function importsOf(folder: string, files: readonly string[]): string[] {
  const names = files.flatMap((file) => {
    const { importedFiles, typeReferenceDirectives } = ts.preProcessFile(readFileSync(join(folder, file), 'utf8'), true, true);
    return [...importedFiles, ...typeReferenceDirectives].map(({ fileName }) => fileName);
  });
  return [...new Set(names.filter((name) => !name.startsWith('.')).map(packageOf))].sort();
}

const packageOf = (name: string): string => name.split('/', name.startsWith('@') ? 2 : 1).join('/');

/** Declarations that use what `using` needs without bringing its types along, for compilers that do not know them by themselves. */
export function lacksDisposable(folder: string, files: readonly string[]): string[] {
  return files.filter((file) => {
    const text = readFileSync(join(folder, file), 'utf8');
    const brought = ts.preProcessFile(text).libReferenceDirectives.some(({ fileName }) => fileName.toLowerCase() === 'esnext.disposable');
    return /\basyncDispose\b|\bAsyncDisposable\b|\bSymbol\.dispose\b/.test(text) && !brought;
  });
}
