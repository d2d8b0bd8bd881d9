// spec:update that is stopped, or runs out of space: the tree stays as it was, and nothing is left behind.
import { mkdirSync, readdirSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { isNode } from '../src/document/grammar.ts';
import { print } from '../src/document/yaml.ts';
import { changesBetween, copyScripts, type Options, type Result, runCommand, sharedFolder, stateOf, write } from './support-copy.ts';
import { nodeAt } from './support-documents.ts';
import { temporaryFolder } from './support-folder.ts';
import { commitBefore, published, stubbed, stubPrograms, writeImported } from './support-update.ts';

const patient = 60_000;
const cache = sharedFolder();

interface Ended extends Result {
  readonly changed: readonly string[];
  /** What is left in the temporary folder. */
  readonly left: readonly string[];
}

/** Runs an update that would go through, in a copy and with a temporary folder of its own. */
async function run(options: Options, preload: (root: string) => string = () => ''): Promise<Ended> {
  const folder = temporaryFolder();
  const [root, temporary] = [join(folder, 'tree'), join(folder, 'temporary')];
  for (const path of [root, temporary]) mkdirSync(path);
  copyScripts(root);
  await writeImported(root);
  stubPrograms(root);
  const document = published((it) => {
    nodeAt(it, 'components', 'schemas', 'Tool', 'properties').colour = { type: 'string' };
  });
  write(root, { 'new.yaml': print(document) });
  commitBefore(root);
  const before = stateOf(root);
  const env = { ...stubbed, TMPDIR: temporary, TMP: temporary, TEMP: temporary, ...options.env };
  const ended = await runCommand(cache, root, 'update', ['shed', 'new.yaml'], { ...options, env, preload: preload(root) });
  return { ...ended, changed: changesBetween(before, stateOf(root)), left: readdirSync(temporary) };
}

/** Waits for connections. */
async function listen(onConnection: (socket: Socket) => void): Promise<{ server: Server; port: number }> {
  const server = createServer(onConnection);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return { server, port: isNode(address) ? Number(address.port) : 0 };
}

/** Stops an update at a step, once what it started there has started something itself; resolves when both are gone. */
async function stopAt(step: string, signal: NodeJS.Signals): Promise<Ended> {
  let stop = (): void => {};
  const sockets: Promise<unknown>[] = [];
  const { port } = await listen((socket) => {
    sockets.push(
      new Promise((resolve) =>
        socket
          .on('error', () => {})
          .on('close', resolve)
          .resume(),
      ),
    );
    if (sockets.length === 2) stop();
  });
  const ended = await run({
    env: { STUB_HANG: step, STUB_PORT: String(port) },
    onStart: (child) => {
      stop = () => void child.kill(signal);
    },
  });
  expect(sockets).toHaveLength(2);
  await Promise.all(sockets);
  return ended;
}

/** Code that puts something in front of a function of `node:fs`. */
const inFront = (name: string, code: string): string => `
  import fs from 'node:fs';
  import { syncBuiltinESMExports } from 'node:module';
  const original = fs.${name};
  const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  let calls = 0;
  fs.${name} = (...args) => { ${code}; return original(...args); };
  syncBuiltinESMExports();`;

// Windows has no signals that a process could be sent.
describe.skipIf(process.platform === 'win32')('an update that is stopped', { timeout: patient }, () => {
  it.each([
    ['compiler', 'SIGINT'],
    ['build', 'SIGINT'],
    ['tests', 'SIGINT'],
    ['tests', 'SIGTERM'],
    ['old code', 'SIGINT'],
    ['old code', 'SIGHUP'],
  ] as const)('at the step "%s" by %s ends by it, with all that it started, and leaves nothing', async (step, signal) => {
    expect(await stopAt(step, signal)).toMatchObject({ code: null, signal, stdout: '', changed: [], left: [] });
  });

  it('while the repository is copied leaves nothing', async () => {
    const ended = await run({}, () => inFront('cpSync', "if (calls++ === 1) process.kill(process.pid, 'SIGINT')"));
    expect(ended).toMatchObject({ code: null, signal: 'SIGINT', stdout: '', changed: [], left: [] });
  });

  it('while files are written has written them all', async () => {
    const preload = (root: string): string =>
      inFront('renameSync', `if (String(args[1]).startsWith('${root}') && calls++ === 1) process.kill(process.pid, 'SIGINT')`);
    const { changed, left } = await run({}, preload);
    expect(changed).toEqual(expect.arrayContaining(['reports/shed/report.md', 'spec/shed/openapi.yaml', 'spec/shed/source.yaml']));
    expect(changed.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(left).toEqual([]);
  });
});

describe('an update on a disk that is full', { timeout: patient }, () => {
  it.each([
    ['when the repository is copied', 'cpSync', () => 'if (calls++ === 1) throw full()', 'no copy of the repository could be made'],
    ['at the first file of the tree', 'writeFileSync', startsWith(0), 'nothing was written'],
    ['in the midst of the tree', 'writeFileSync', startsWith(5), 'nothing was written'],
    ['when files get their names', 'renameSync', startsWith(5, 1), 'nothing was written'],
  ] as const)('fails %s, says so and changes nothing', async (_, name, code, message) => {
    const { stderr, ...ended } = await run({}, (root) => inFront(name, code(root)));
    expect(ended).toMatchObject({ code: 1, stdout: '', changed: [], left: [] });
    expect(stderr).toContain(`error ${message}: ENOSPC: no space left on device, write\n    check free space and rights of the `);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

/** Fails at the file of the tree with this number; its path is the argument with that index. */
function startsWith(number: number, index = 0): (root: string) => string {
  return (root) => `if (String(args[${index}]).startsWith(${JSON.stringify(root)}) && calls++ === ${number}) throw full()`;
}
