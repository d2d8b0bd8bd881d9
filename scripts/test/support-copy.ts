// Copies of the repository in which commands run as processes, and a small API for them to work on.
import { type ChildProcess, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { repository } from '../src/apis.ts';
import type { Node } from '../src/document/grammar.ts';
import { print } from '../src/document/yaml.ts';
import { commit } from '../src/files.ts';
import { generate } from '../src/generate.ts';
import { contentOf } from './support-folder.ts';

/** A folder that all tests of a file share, gone when the last one is over. Called where the tests are described. */
export function sharedFolder(): string {
  // The real path, since modules find each other by theirs.
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'finapi-ts-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }), 60_000);
  return folder;
}

/** An entry of `spec/apis.json`. */
export const shed = { id: 'shed', name: 'Shed', title: 'Tool shed' } as const;

/** Files by their path; lists and objects are written as YAML, `null` takes a file away. */
export type Files = Readonly<Record<string, string | object | null>>;

export function write(root: string, files: Files): void {
  commit(
    new Map(
      Object.entries(files).map(([path, content]) => [
        join(root, path),
        typeof content === 'string' || content === null ? content : print(content),
      ]),
    ),
  );
}

export const read = (root: string, path: string): string => readFileSync(join(root, path), 'utf8');

/** The pipeline's own code in a folder, with links to what it depends on; the copy works on itself. */
export function copyScripts(root: string): void {
  cpSync(join(repository, 'scripts/src'), join(root, 'scripts/src'), { recursive: true });
  copyManifest(root);
  const { dependencies } = JSON.parse(read(root, 'scripts/package.json')) as { dependencies: Record<string, string> };
  for (const name of Object.keys(dependencies)) {
    const from = [join(repository, 'scripts/node_modules', name), join(repository, 'node_modules', name)].find((path) => existsSync(path));
    if (from === undefined) throw new Error(`${name} is not installed`);
    const to = join(root, 'node_modules', name);
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(from, to, 'junction');
  }
}

/** The versions of what the pipeline depends on: all of its code that generating reads as a file. */
export function copyManifest(root: string): void {
  cpSync(join(repository, 'scripts/package.json'), join(root, 'scripts/package.json'));
}

/** The committed files of the APIs, as the repository has them. */
export function copyApis(root: string): void {
  for (const folder of ['spec', 'packages/client/src/generated', 'packages/client/docs', 'packages/testing/src/generated']) {
    const from = join(repository, folder);
    if (existsSync(from)) cpSync(from, join(root, folder), { recursive: true });
  }
}

/** The text files of a folder by their path. */
export function filesOf(root: string): Files {
  const names = Object.entries(contentOf(root)).filter(([, content]) => content !== null);
  return Object.fromEntries(names.map(([name]) => [name, read(root, name)]));
}

let files: Promise<Files> | undefined;

/** The small API with its client, as it would be committed: files by their path. It is generated once. */
function shedCommitted(): Promise<Files> {
  files ??= (async () => {
    const root = mkdtempSync(join(tmpdir(), 'finapi-ts-'));
    try {
      const sources = Object.entries(shedFiles()).map(([name, content]) => [`spec/shed/${name}`, print(content)]);
      write(root, { 'spec/apis.json': JSON.stringify([shed]), ...Object.fromEntries(sources) });
      copyManifest(root);
      commit((await generate(root, shed)).files);
      return filesOf(root);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  })();
  return files;
}

/** Writes the small API as it would be committed, without the pipeline's own code. */
export async function writeShed(root: string): Promise<void> {
  write(root, await shedCommitted());
}

export interface Result {
  /** `null` where a signal ended the process. */
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Options {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Code that runs in the process before the command. */
  readonly preload?: string;
  /** Given the process once it is started. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** The environment of a user's shell: what a test runner or CI sets is taken away. */
function shell(cache: string): NodeJS.ProcessEnv {
  const hidden = ['FORCE_COLOR', 'NO_COLOR', 'INIT_CWD', 'NODE_OPTIONS', 'CI', 'TEAMCITY_VERSION'];
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !hidden.includes(name)));
  return { ...env, NODE_COMPILE_CACHE: cache };
}

/** Runs a command of a copy. `cache` keeps compiled code between runs, which halves their time. */
export function runCommand(
  cache: string,
  root: string,
  command: string,
  args: readonly string[] = [],
  options: Options = {},
): Promise<Result> {
  const imports = options.preload === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(options.preload)}`];
  const child = spawn(process.execPath, [...imports, commandOf(root, command), ...args], {
    cwd: options.cwd ?? root,
    env: { ...shell(cache), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

const commandOf = (root: string, command: string): string => join(root, `scripts/src/commands/${command}.ts`);

/** What a run in a batch came to. */
export interface Outcome {
  readonly root: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Names of the files that the run changed. */
  readonly changed: readonly string[];
}

export interface Plan {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Folder below the copy to stand in. */
  readonly cwd?: string;
  /** Puts the copy of the small API into the state that the run finds. */
  readonly prepare?: (root: string) => void | Promise<void>;
}

/**
 * Runs of a command, each in a copy of its own, all in one process, which loads compilers once. Plan them where tests are
 * described; the function that a plan gives has the outcome when the tests run.
 */
export function batchOf(cache: string, command: string): (plan: Plan) => () => Outcome {
  const folder = sharedFolder();
  const plans: Plan[] = [];
  const outcomes: Outcome[] = [];
  beforeAll(async () => {
    const runs = await Promise.all(
      plans.map(async ({ args = [], env = {}, cwd = '', prepare = () => {} }, index) => {
        const root = join(folder, String(index));
        copyScripts(root);
        await writeShed(root);
        await prepare(root);
        const main = commandOf(root, command);
        return { root, env, cwd: join(root, cwd), argv: [main, ...args], url: pathToFileURL(main).href, before: stateOf(root) };
      }),
    );
    const results = await runAll(
      cache,
      runs.map(({ before: _, ...run }) => run),
    );
    for (const [index, { root, before }] of runs.entries()) {
      const changed = changesBetween(before, stateOf(root));
      outcomes.push({ root, changed, ...(results[index] as (typeof results)[number]) });
    }
  }, 300_000);
  return (plan) => {
    const index = plans.push(plan) - 1;
    return () => {
      const outcome = outcomes[index];
      if (outcome === undefined) throw new Error('the batch has not been run');
      return outcome;
    };
  };
}

async function runAll(cache: string, runs: readonly object[]): Promise<{ code: number; stdout: string; stderr: string }[]> {
  const main = join(mkdtempSync(join(cache, 'driver-')), 'driver.mjs');
  writeFileSync(
    main,
    `const results = [];
    const write = process.stdout.write.bind(process.stdout);
    for (const { env, cwd, argv, url } of ${JSON.stringify(runs)}) {
      const result = { code: 0, stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr']) process[name].write = (text) => { result[name] += text; return true; };
      process.exitCode = 0;
      process.argv.splice(1, Infinity, ...argv);
      process.chdir(cwd);
      Object.assign(process.env, env);
      await import(url);
      for (const name of Object.keys(env)) delete process.env[name];
      results.push({ ...result, code: process.exitCode });
    }
    process.exitCode = 0;
    write(JSON.stringify(results));`,
  );
  const child = spawn(process.execPath, [main], { env: shell(cache), stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  for await (const piece of child.stdout.setEncoding('utf8')) text += piece;
  return JSON.parse(text);
}

/** The names of what differs between two states of a folder, as `contentOf` gives them. */
export function changesBetween(before: Record<string, string | null>, after: Record<string, string | null>): string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]).sort();
}

/** Everything in a copy beside the pipeline's own code and the links to what it depends on, with its bytes. */
export function stateOf(root: string): Record<string, string | null> {
  const state: Record<string, string | null> = {};
  for (const entry of readdirSync(root, { withFileTypes: true })) {
    if (entry.name === 'scripts' || entry.name === 'node_modules') continue;
    const path = join(root, entry.name);
    if (entry.isFile()) state[entry.name] = readFileSync(path, 'latin1');
    else for (const [name, content] of Object.entries({ '': null, ...contentOf(path) })) state[`${entry.name}/${name}`] = content;
  }
  return state;
}

/** When each file was last written. */
export function timesOf(root: string): Record<string, number> {
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(files.map((entry) => join(entry.parentPath, entry.name)).map((path) => [path, statSync(path).mtimeMs]));
}

const ok = (schema: string) => ({
  description: 'OK',
  content: { 'application/json': { schema: { $ref: `#/components/schemas/${schema}` } } },
});

/** The structure of the small API: what an importer would have written. */
export function shedSource(): Node {
  return structuredClone({
    openapi: '3.0.3',
    info: { title: 'Tool shed', version: '1.4.0' },
    servers: [{ url: 'https://shed.test' }],
    tags: [{ name: 'Tools' }, { name: 'Loans' }],
    security: [],
    paths: {
      '/tools': {
        get: {
          tags: ['Tools'],
          operationId: 'listTools',
          parameters: [
            { name: 'page', in: 'query', required: false, schema: { type: 'integer', minimum: 1, default: 1 } },
            { name: 'kind', in: 'query', required: false, schema: { $ref: '#/components/schemas/Kind' } },
          ],
          responses: { '200': ok('ToolList'), '400': { description: 'Bad Request' } },
        },
      },
      '/loans': {
        post: {
          tags: ['Loans'],
          operationId: 'lendTool',
          requestBody: { required: true, content: { 'application/json': { schema: { $ref: '#/components/schemas/Loan' } } } },
          responses: { '201': { ...ok('Loan'), description: 'Created' }, '422': { description: 'Unprocessable Entity' } },
        },
      },
    },
    components: {
      schemas: {
        Kind: { type: 'string', enum: ['SAW', 'HAMMER'] },
        Paging: { type: 'object', properties: { page: { type: 'integer' }, pageCount: { type: 'integer' } } },
        Tool: {
          type: 'object',
          required: ['id', 'kind'],
          properties: { id: { type: 'integer', format: 'int64' }, kind: { $ref: '#/components/schemas/Kind' } },
        },
        ToolList: {
          type: 'object',
          required: ['tools', 'paging'],
          properties: {
            tools: { type: 'array', items: { $ref: '#/components/schemas/Tool' } },
            paging: { $ref: '#/components/schemas/Paging' },
          },
        },
        Loan: {
          type: 'object',
          required: ['toolId'],
          properties: { toolId: { type: 'integer', format: 'int64' }, days: { minimum: 1 } },
        },
      },
    },
  });
}

const overlay = (title: string, actions: object[]) => ({ overlay: '1.0.0', info: { title, version: '1.0.0' }, actions });

/** The files of the small API below `spec/shed/`, without what is composed of them. */
export function shedFiles(): Record<string, object> {
  return {
    'source.yaml': shedSource(),
    'overlays/fixes.yaml': overlay('Faults', [
      {
        target: '$.components.schemas.Loan.properties.days',
        'x-reason': 'The type of the number of days was forgotten.',
        'x-fault': { has: { minimum: 1 }, lacks: ['type'] },
        update: { type: 'integer' },
      },
    ]),
    'overlays/facts.yaml': overlay('Facts', [
      { target: "$.paths['/tools'].get", update: { 'x-finapi-token': [] } },
      { target: "$.paths['/loans'].post", update: { 'x-finapi-token': ['client', 'user'] } },
    ]),
    'overlays/docs/common.yaml': overlay('Words for all', [
      { target: '$.servers[0]', update: { description: 'Live' } },
      { target: '$.paths.*.*.responses.*', update: { description: 'What comes back.' } },
      { target: '$.components.schemas.*', update: { description: 'A thing of the shed.' } },
      {
        target: '$.components.schemas.Paging',
        update: { properties: { page: { description: 'From 1.' }, pageCount: { description: 'How many there are.' } } },
      },
    ]),
    'overlays/docs/tools.yaml': overlay('Words for tools', [
      { target: "$.tags[?@.name=='Tools']", update: { description: 'What hangs on the wall.' } },
      { target: "$.paths['/tools'].get", update: { summary: 'List tools', description: 'All of them, page by page.' } },
      { target: "$.paths['/tools'].get.parameters.*", update: { description: 'Narrows the list.' } },
      { target: '$.components.schemas.ToolList.properties.tools', update: { description: 'Those of this page.' } },
      {
        target: '$.components.schemas.Tool',
        update: { description: 'One thing on the wall.', properties: { id: { description: 'Number on the handle.' } } },
      },
    ]),
    'overlays/docs/loans.yaml': overlay('Words for loans', [
      { target: "$.tags[?@.name=='Loans']", update: { description: 'What is out.' } },
      { target: "$.paths['/loans'].post", update: { summary: 'Lend a tool', description: 'It leaves the wall.' } },
      { target: '$.components.schemas.Loan.properties.*', update: { description: 'Said when lending.' } },
    ]),
  };
}
