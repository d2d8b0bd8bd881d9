// Workflows of GitHub on this machine: their steps in a copy of the repository, with a remote, a `gh` and a registry of the test's own.
import { spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, relative } from 'node:path';
import { repository } from '../src/apis.ts';
import { parse } from '../src/document/yaml.ts';

export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly if?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
}

export interface Job {
  readonly uses?: string;
  readonly if?: string;
  readonly needs?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly outputs?: Readonly<Record<string, string>>;
  readonly 'timeout-minutes'?: number;
  readonly concurrency?: object;
  readonly steps?: readonly Step[];
}

export interface Workflow {
  readonly on: Readonly<Record<string, { readonly inputs?: Readonly<Record<string, { readonly options?: readonly string[] }>> } | null>>;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly concurrency?: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

export const workflows: readonly string[] = readdirSync(join(repository, '.github/workflows')).sort();

export function readWorkflow(name: string): { readonly text: string; readonly value: Workflow } {
  const { text, value } = parse(name, readFileSync(join(repository, '.github/workflows', name), 'utf8'));
  return { text, value: value as Workflow };
}

/** What expressions may name, like `inputs.document`. */
export type Context = Readonly<Record<string, unknown>>;

export interface StepRun {
  readonly name: string;
  readonly code: number | null;
  readonly output: string;
}

export interface JobRun {
  readonly steps: readonly StepRun[];
  readonly outputs: Readonly<Record<string, string>>;
  /** The page of the run. */
  readonly summary: string;
}

/** What the `gh` of the test was asked, and the pull requests that came of it. */
export interface GitHub {
  readonly calls: readonly (readonly string[])[];
  readonly pulls: readonly {
    readonly number: number;
    readonly head: string;
    readonly title: string;
    readonly body: string;
    readonly labels: readonly string[];
  }[];
}

/** An uploaded version, as npm sends it. */
export interface Published {
  readonly name: string;
  readonly versions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Place {
  /** The working tree, as `actions/checkout` leaves it. */
  readonly root: string;
  readonly published: readonly Published[];
  github(): GitHub;
  git(...args: readonly string[]): Promise<string>;
  /** Takes the newest main of the remote again, as the next run of a workflow does. */
  checkout(): Promise<void>;
  write(files: Readonly<Record<string, string>>): void;
  read(path: string): string;
  /** Commits everything on main, and pushes it. */
  commit(message: string): Promise<void>;
  runJob(workflow: string, job: string, context: Context, only?: (step: Step) => boolean): Promise<JobRun>;
}

/** A copy of the repository with its own remote. The files are committed, with `changes` on top of them. */
export async function createPlace(changes: Readonly<Record<string, string>> = {}): Promise<Place & AsyncDisposable> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'finapi-workflow-')));
  const root = join(folder, 'tree');
  const tools = join(folder, 'tools');
  const github = join(folder, 'github.json');
  const published: Published[] = [];
  const registry = await startRegistry(published);
  mkdirSync(tools);
  writeFileSync(join(tools, 'gh'), fakeGh);
  chmodSync(join(tools, 'gh'), 0o755);
  writeFileSync(github, JSON.stringify({ calls: [], pulls: [] }));
  writeFileSync(join(folder, 'npmrc'), `registry=${registry.url}\n${registry.url.replace('http:', '')}:_authToken=\${NODE_AUTH_TOKEN}\n`);

  const env: NodeJS.ProcessEnv = {
    PATH: [tools, dirname(process.execPath), process.env.PATH].join(delimiter),
    HOME: folder,
    TMPDIR: folder,
    // Where Node keeps it by itself: npm starts in half the time.
    NODE_COMPILE_CACHE: join(tmpdir(), 'node-compile-cache'),
    CI: 'true',
    GIT_CONFIG_GLOBAL: join(folder, 'gitconfig'),
    GIT_CONFIG_NOSYSTEM: '1',
    GITHUB_ACTIONS: 'true',
    GITHUB_REPOSITORY: 'somebody/finapi-ts',
    NPM_CONFIG_USERCONFIG: join(folder, 'npmrc'),
    NPM_CONFIG_CACHE: join(folder, 'npm'),
    NPM_CONFIG_UPDATE_NOTIFIER: 'false',
    // What the tests before this one have built need not be built again.
    TURBO_CACHE_DIR: join(repository, '.turbo/cache'),
    FAKE_GH: github,
  };
  const git = async (...args: readonly string[]): Promise<string> => {
    const { code, output } = await start('git', args, root, env);
    if (code !== 0) throw new Error(`git ${args.join(' ')}: ${output}`);
    return output.trim();
  };
  const write: Place['write'] = (files) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
  };
  const commit: Place['commit'] = async (message) => {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', message);
    await git('push', '--quiet', 'origin', 'main');
  };

  writeFileSync(
    join(folder, 'gitconfig'),
    '[user]\nname = Somebody\nemail = somebody@example.com\n[init]\ndefaultBranch = main\n[gc]\nauto = 0\n',
  );
  await copyRepository(root);
  write(changes);
  await start('git', ['init', '--quiet', '--bare', join(folder, 'remote.git')], folder, env);
  await git('init', '--quiet');
  // Links are no folders, so that the pattern of .gitignore lets them through.
  writeFileSync(join(root, '.git/info/exclude'), 'node_modules\n');
  await git('remote', 'add', 'origin', join(folder, 'remote.git'));
  await commit('A version');

  return {
    root,
    published,
    git,
    write,
    commit,
    read: (path) => readFileSync(join(root, path), 'utf8'),
    github: () => JSON.parse(readFileSync(github, 'utf8')) as GitHub,
    checkout: async () => {
      await git('fetch', '--quiet', '--prune', '--tags', 'origin');
      await git('checkout', '--quiet', '--force', '-B', 'main', 'origin/main');
      await git('clean', '--quiet', '--force', '-d');
    },
    runJob: (workflow, job, context, only = () => true) =>
      runJob({ root, folder, env }, readWorkflow(workflow).value.jobs[job] as Job, context, only),
    [Symbol.asyncDispose]: async () => {
      await registry.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Installing is left out: what is installed is linked. Provenance needs GitHub to vouch for the run. */
const isInstall = ({ run }: Step): boolean => run !== undefined && /^npm ci( --ignore-scripts)?$/.test(run);

async function runJob(
  { root, folder, env }: { readonly root: string; readonly folder: string; readonly env: NodeJS.ProcessEnv },
  job: Job,
  context: Context,
  only: (step: Step) => boolean,
): Promise<JobRun> {
  const told = mkdtempSync(join(folder, 'run-'));
  const summary = join(told, 'summary.md');
  writeFileSync(summary, '');
  const steps: Record<string, { outputs: Record<string, string> }> = {};
  const known = { steps, ...context };
  const runs: StepRun[] = [];
  for (const [index, step] of (job.steps ?? []).entries()) {
    if (step.run === undefined || isInstall(step) || !only(step)) continue;
    if (step.if !== undefined && !holds(step.if, known)) continue;
    const output = join(told, `output-${index}`);
    writeFileSync(output, '');
    const own = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, text]) => [name, fill(text, known)]));
    const settings = { ...env, ...own, NPM_CONFIG_PROVENANCE: 'false', GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary };
    const ended = await start('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', step.run], root, settings);
    runs.push({ name: step.name ?? step.run, ...ended });
    if (step.id !== undefined) steps[step.id] = { outputs: outputsIn(readFileSync(output, 'utf8')) };
    if (ended.code !== 0) break;
  }
  const outputs = Object.entries(job.outputs ?? {}).map(([name, text]) => [name, fill(text, known)]);
  return { steps: runs, outputs: Object.fromEntries(outputs), summary: readFileSync(summary, 'utf8') };
}

const outputsIn = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]));

/** Expressions are paths and nothing more, so that a test can stand in for GitHub. */
const fill = (text: string, context: Context): string => text.replace(/\$\{\{ (.+?) \}\}/g, (_, path: string) => contextAt(path, context));

function contextAt(path: string, context: Context): string {
  if (!/^\w+(\.[\w-]+)+$/.test(path)) throw new Error(`the test reads no expression such as ${path}`);
  const [first = '', ...rest] = path.split('.');
  if (!Object.hasOwn(context, first)) throw new Error(`the test says nothing of ${path}`);
  const value = rest.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], context[first]);
  return value === undefined || value === null ? '' : String(value);
}

function holds(condition: string, context: Context): boolean {
  const [, path = '', value] = /^(\S+) == '([^']*)'$/.exec(condition) ?? [];
  return contextAt(path, context) === value;
}

function start(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.once('error', reject).once('close', (code) => resolve({ code, output }));
  });
}

/** Steps read no tests, pages and examples; and what waits for a release here is not the test's. */
const isNeeded = (name: string): boolean =>
  /(^|\/)package\.json$/.test(name) ||
  !/^(bench|docs|examples|reference|site|tests|scripts\/test|packages\/[^/]+\/test|\.changeset\/(?!README|config))\b/.test(name);

/** What steps need of the files that would be committed; what is installed is linked, our own packages to those of the copy. */
async function copyRepository(root: string): Promise<void> {
  const { code, output } = await start('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], repository, process.env);
  if (code !== 0) throw new Error(`the repository cannot be listed: ${output}`);
  const files = output.split('\0').filter((name) => name !== '' && isNeeded(name) && existsSync(join(repository, name)));
  for (const name of files) cpSync(join(repository, name), join(root, name));
  const link = (from: string, to: string): void => {
    if (!existsSync(from)) return;
    mkdirSync(dirname(to), { recursive: true });
    symlinkSync(from, to, 'junction');
  };
  const installed = join(repository, 'node_modules');
  const own = join(installed, '@finapi-ts');
  for (const name of readdirSync(installed))
    if (name !== '@finapi-ts' && name !== '.cache') link(join(installed, name), join(root, 'node_modules', name));
  for (const name of readdirSync(own))
    link(join(root, relative(repository, realpathSync(join(own, name)))), join(root, 'node_modules/@finapi-ts', name));
  for (const name of files.filter((file) => file.endsWith('/package.json')))
    link(join(repository, dirname(name), 'node_modules'), join(root, dirname(name), 'node_modules'));
}

/** A registry of npm as far as `npm view` and `npm publish` go. */
async function startRegistry(published: Published[]): Promise<{ readonly url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const name = decodeURIComponent((request.url ?? '').slice(1).split('?')[0] ?? '');
    const answer = (status: number, body: object): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    request.on('end', () => {
      if (request.method === 'PUT') {
        published.push(JSON.parse(text) as Published);
        answer(201, { ok: true });
        return;
      }
      const versions = Object.assign({}, ...published.filter((it) => it.name === name).map((it) => it.versions)) as Record<string, object>;
      const latest = Object.keys(versions).at(-1);
      if (latest === undefined) answer(404, { error: 'Not found' });
      else answer(200, { name, 'dist-tags': { latest }, versions });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Keeps pull requests in a file, and writes down what it was asked; anything unknown fails. */
const fakeGh = `#!/usr/bin/env node
const fs = require('node:fs');
const state = JSON.parse(fs.readFileSync(process.env.FAKE_GH, 'utf8'));
const args = process.argv.slice(2);
state.calls.push(args);
const option = (name) => args[args.indexOf(name) + 1];
const [first, second] = args;
const api = first === 'api' ? args.find((arg) => arg.startsWith('repos/')) : '';
const pull = state.pulls.find(({ number }) => number === Number(/\\/(?:pulls|issues)\\/(\\d+)/.exec(api)?.[1]));
const fields = Object.fromEntries(args.filter((_, at) => ['-f', '-F'].includes(args[at - 1])).map((text) => text.split(/=(.*)/s)));
if (first === 'auth' && second === 'setup-git') {}
else if (!process.env.GH_TOKEN) { console.error('gh has no token'); process.exit(4); }
else if (first === 'pr' && second === 'list') {
  const open = state.pulls.filter(({ head }) => head === option('--head'));
  console.log(JSON.stringify(open.map(({ number, labels }) => ({ number, isCrossRepository: false, labels: labels.map((name) => ({ name })) }))));
} else if (first === 'pr' && second === 'create') {
  const number = state.pulls.length + 1;
  state.pulls.push({ number, head: option('--head'), title: option('--title'), body: fs.readFileSync(option('--body-file'), 'utf8'), labels: [] });
  console.log('https://github.com/somebody/finapi-ts/pull/' + number);
} else if (first === 'workflow' && second === 'run') {}
else if (pull && option('--method') === 'PATCH') Object.assign(pull, { title: fields.title, body: fs.readFileSync(fields.body.slice(1), 'utf8') });
else if (pull && option('--method') === 'POST') pull.labels.push(fields['labels[]']);
else if (pull && option('--method') === 'DELETE') pull.labels = pull.labels.filter((name) => !api.endsWith('/' + name));
else { console.error('gh does not know ' + args.join(' ')); process.exit(1); }
fs.writeFileSync(process.env.FAKE_GH, JSON.stringify(state));
`;
