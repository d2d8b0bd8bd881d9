// What an entry of a package offers: its exports, and the declarations that they lead to.
import { createHash } from 'node:crypto';
import { relative, sep } from 'node:path';
import ts from 'typescript';

/** Types that are too many to read are listed by a hash of their text. */
const hashed = /^generated\/[^/]+\/(schemas|paths|methods|operations)\.d\.ts$/;

export interface Surface {
  /** Declarations as text, in order of their names. */
  readonly lines: readonly string[];
  /** Exports that exist at run time. */
  readonly values: readonly string[];
}

/** Reads `entry`, a `.d.ts` below `root`. */
export function readSurface(root: string, entry: string): Surface {
  const program = ts.createProgram([entry], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    types: [],
    // Names are what is read; those of the language lead out of the package.
    noLib: true,
  });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(entry);
  const module = file && checker.getSymbolAtLocation(file);
  if (module === undefined) throw new Error(`${relative(root, entry)} is no module`);
  const printer = ts.createPrinter({ removeComments: true });
  const resolve = (symbol: ts.Symbol): ts.Symbol => (symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol);
  const placeOf = (node: ts.Node): string => relative(root, node.getSourceFile().fileName).split(sep).join('/');
  const declarationsOf = (symbol: ts.Symbol): ts.Node[] =>
    (symbol.declarations ?? []).filter((node) => !placeOf(node).startsWith('..') && !ts.isTypeParameterDeclaration(node));
  const print = (node: ts.Node): string => {
    const statement = ts.isVariableDeclaration(node) ? node.parent.parent : node;
    return printer.printNode(ts.EmitHint.Unspecified, statement, node.getSourceFile());
  };

  const exported = checker.getExportsOfModule(module);
  const names = new Map(exported.map((symbol) => [resolve(symbol), symbol.name]));
  const lines: [string, string][] = [];
  // What comes from other packages is in their own surfaces; here it is listed by name.
  const isOwn = (symbol: ts.Symbol): boolean => declarationsOf(symbol).length > 0;
  for (const symbol of exported)
    if (isOwn(symbol) && !isOwn(resolve(symbol)))
      lines.push([symbol.name, `export ${isTypeOnly(symbol) ? 'type ' : ''}{ ${symbol.name} };`]);
  for (const node of file?.statements ?? [])
    if (ts.isExportDeclaration(node) && node.exportClause === undefined && !isRelative(node.moduleSpecifier))
      lines.push(['*', print(node)]);
  for (const [symbol, name] of names) {
    for (const node of declarationsOf(symbol)) {
      const text = print(node);
      const full = !hashed.test(placeOf(node));
      lines.push([name, full ? text : `${name} #${createHash('sha256').update(text).digest('hex').slice(0, 12)}`]);
      if (full) ts.forEachChild(node, reach);
    }
  }
  /** Types that a declaration names, exported or not, are a part of what it says. */
  function reach(node: ts.Node): void {
    if (ts.isIdentifier(node)) {
      const found = checker.getSymbolAtLocation(node);
      const symbol = found && resolve(found);
      const top = symbol && declarationsOf(symbol).filter((one) => ts.isSourceFile(one.parent) && !hashed.test(placeOf(one)));
      if (symbol !== undefined && top !== undefined && top.length > 0 && !names.has(symbol)) {
        names.set(symbol, symbol.name);
      }
    }
    ts.forEachChild(node, reach);
  }
  lines.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  // `export type *` of another package brings types alone, whatever they are there.
  const values = exported
    .filter((symbol) => resolve(symbol).flags & ts.SymbolFlags.Value && isOwn(symbol) && !isTypeOnly(symbol))
    .map(({ name }) => name);
  return { lines: lines.flatMap(([, text]) => text.split('\n')), values: values.sort() };
}

const isRelative = (specifier: ts.Expression | undefined): boolean =>
  specifier !== undefined && ts.isStringLiteral(specifier) && specifier.text.startsWith('.');

function isTypeOnly(symbol: ts.Symbol): boolean {
  return (symbol.declarations ?? []).some((node) => ts.isExportSpecifier(node) && (node.isTypeOnly || node.parent.parent.isTypeOnly));
}
