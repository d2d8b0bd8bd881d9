// The small API as an update finds it, and programs that stand in for compiler and npm.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '../src/apis.ts';
import type { Node } from '../src/document/grammar.ts';
import { importDocument } from '../src/document/import.ts';
import { print } from '../src/document/yaml.ts';
import { commit } from '../src/files.ts';
import { generate } from '../src/generate.ts';
import { copyManifest, type Files, filesOf, shed, shedSource, write, writeShed } from './support-copy.ts';
import { file, nodeAt } from './support-documents.ts';

/** The small API as its publisher has it: the same structure, with prose. */
export function published(change: (document: Node) => void = () => {}): Node {
  const document = shedSource();
  nodeAt(document, 'info').description = 'PROSE of the whole.';
  Object.assign(nodeAt(document, 'paths', '/tools', 'get'), { summary: 'PROSE', description: 'PROSE on tools.' });
  Object.assign(nodeAt(document, 'components', 'schemas', 'Tool'), { description: 'PROSE', example: { id: 'PROSE' } });
  change(document);
  return document;
}

let imported: Promise<Files> | undefined;

/** The small API as imported and generated: files by their path. It is generated once. */
function importedFiles(): Promise<Files> {
  imported ??= (async () => {
    const root = mkdtempSync(join(tmpdir(), 'finapi-ts-'));
    try {
      await writeShed(root);
      copyManifest(root);
      write(root, {
        'spec/shed/source.yaml': print(importDocument(file('published.yaml', published())).document),
        'packages/client/package.json': '{ "name": "@finapi-ts/client", "version": "0.3.0" }\n',
      });
      commit((await generate(root, shed, { force: true })).files);
      return filesOf(root);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  })();
  return imported;
}

/** Writes the small API as imported and generated. */
export async function writeImported(root: string): Promise<void> {
  write(root, await importedFiles());
}

/** Stands in for compiler and npm: succeeds at once, unless the environment says of its step that it fails or never ends. */
const program = `
const { spawn } = require('node:child_process');
const { STUB_FAIL, STUB_HANG } = process.env;
const [first] = process.argv.slice(2);
const step = process.argv.includes('--pretty') ? 'old code' : first === '-p' ? 'compiler' : first === 'test' ? 'tests' : 'build';
if (step === STUB_FAIL) {
  console.log(step === 'old code' ? 'packages/client/test/old.test.ts(3,7): error TS2339: there is no lendTool' : process.cwd() + '/shed.ts(7,1): error TS2322: this is no shed');
  process.exitCode = 1;
} else if (step === STUB_HANG) {
  // A connection keeps both alive, and tells the other end when they are gone.
  const connect = "require('node:net').connect(Number(process.env.STUB_PORT))";
  spawn(process.execPath, ['-e', connect], { stdio: 'ignore' });
  eval(connect);
}
`;

/** Where the compiler and npm are found that stand in; below the copy, so that a run in a copy of it finds them as well. */
export const stubbed = { npm_execpath: 'node_modules/npm.cjs' } as const;

/** Puts them into a copy of the pipeline's code, which keeps the compiler that it imports. */
export function stubPrograms(root: string): void {
  mkdirSync(join(root, 'scripts/node_modules'), { recursive: true });
  symlinkSync(join(repository, 'scripts/node_modules/typescript'), join(root, 'scripts/node_modules/typescript'), 'junction');
  rmSync(join(root, 'node_modules/typescript'), { recursive: true });
  write(root, { 'node_modules/typescript/bin/tsc': program, 'node_modules/npm.cjs': program });
}

/** Commits the copy with a consumer's file, as code of the version before. */
export function commitBefore(root: string): void {
  write(root, {
    'packages/client/package.json': JSON.stringify({
      name: '@finapi-ts/client',
      version: '0.3.0',
      exports: { '.': { types: './dist/index.d.ts' }, './shed': './shed.js' },
    }),
    'packages/client/dist/index.d.ts': 'export {};\n',
    'packages/client/test/old.test.ts': "import * as client from '../src/index.js';\n\nclient.lendTool;\n",
    'packages/client/test/inner.test.ts': "import '../src/core/inner.js';\n",
    '.gitignore': 'node_modules\ndist\nreports\n',
  });
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', root, '-c', 'user.name=test', '-c', 'user.email=test@example.com', '-c', 'commit.gpgsign=false', ...args], {
      stdio: 'pipe',
    });
  git('init', '--quiet');
  git('add', 'packages', '.gitignore');
  git('commit', '--quiet', '--message', 'a version');
}
