// Runs a server as its child, and ends it, with its folder, as soon as stdin closes: nothing outlives whoever started it.
//
// Its argument is a `Charge` in JSON. On stdin it takes an `Order` a line, on stdout it gives a `Report` a line.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, closeSync, mkdtempSync, openSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** What it watches over. */
export interface Charge {
  readonly name: string;
  /** Who runs the programs and owns the folder; without one, whoever runs this. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** The signal that asks the server to end. */
  readonly endsBy: NodeJS.Signals;
}

export type Order = { readonly id: number } & (
  | { readonly do: 'run' | 'start'; readonly program: string; readonly args: readonly string[] }
  /** `ready`: from now on, a server that ends by itself ends all. */
  | { readonly do: 'ready' | 'kill' | 'pause' | 'resume' }
);

export type Report =
  | { readonly folder: string }
  /** An order is done; `pid` after `start`, `code` after `run`. */
  | { readonly id: number; readonly pid?: number; readonly code?: number | null; readonly log?: string }
  /** The server with this process id has ended by itself. */
  | { readonly ended: number; readonly how: string; readonly log: string };

/** Time to end in good order. */
const graceMs = 5_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
// Whoever listened may be gone.
process.stdout.on('error', () => {});

const charge = JSON.parse(process.argv[2] ?? '') as Charge;
const { user } = charge;
const folder = mkdtempSync(join(realpathSync(tmpdir()), `finapi-ts-${charge.name}-`));
if (user !== undefined) chownSync(folder, user.uid, user.gid);
const logFile = join(folder, 'log');

let child: ChildProcess | undefined;
let isReady = false;
let ending = false;
/** Those whose end was asked for. */
const killed = new Set<ChildProcess>();

const report = (what: Report): void => {
  process.stdout.write(`${JSON.stringify(what)}\n`);
};

const logTail = (): string => {
  try {
    return readFileSync(logFile, 'utf8').slice(-2_000);
  } catch {
    return '';
  }
};

function launch(program: string, args: readonly string[]): ChildProcess {
  const log = openSync(logFile, 'a');
  const launched = spawn(program, args, { cwd: folder, stdio: ['ignore', log, log], ...user });
  closeSync(log);
  child = launched;
  launched.on('error', () => {});
  launched.on('exit', () => {
    if (child === launched) child = undefined;
  });
  return launched;
}

/** The processes whose parent this is. */
function childrenOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) => numbersIn(readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8')));
  } catch {
    try {
      const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n').map(numbersIn);
      return lines.flatMap(([process, parent]) => (parent === pid && process !== undefined ? [process] : []));
    } catch {
      return [];
    }
  }
}

const numbersIn = (text: string): number[] => (text.match(/\d+/g) ?? []).map(Number);

/** To the server and, as those of PostgreSQL leave its group, to each of its children. */
function signalAll(target: ChildProcess, signal: NodeJS.Signals): void {
  if (target.pid === undefined) return;
  for (const pid of [target.pid, ...childrenOf(target.pid)]) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
}

/** As a crash of the machine: all at once, whatever they do. */
async function kill(target: ChildProcess): Promise<void> {
  killed.add(target);
  const gone = target.exitCode === null && target.signalCode === null ? once(target, 'exit') : undefined;
  if (target.pid === undefined) return;
  target.kill('SIGSTOP');
  const all = [...childrenOf(target.pid), target.pid];
  for (const pid of all) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
  }
  await gone;
}

/** The one segment of shared memory that a PostgreSQL leaves behind where it was killed. */
function freeSharedMemory(): void {
  try {
    const [, segment] = numbersIn(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[6] ?? '');
    if (segment !== undefined) execFileSync('ipcrm', ['-m', `${segment}`], { stdio: 'ignore' });
  } catch {
    // No PostgreSQL, or one that ended in good order.
  }
}

async function end(): Promise<never> {
  ending = true;
  // A program that starts while this ends is ended in the next round.
  for (let target = child; target?.pid !== undefined; target = child) {
    const current = target;
    const gone = once(current, 'exit');
    const timer = setTimeout(() => void kill(current), graceMs);
    signalAll(current, 'SIGCONT');
    current.kill(charge.endsBy);
    await gone;
    clearTimeout(timer);
  }
  freeSharedMemory();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
  process.exit();
}

async function obey(order: Order): Promise<Omit<Report & { id: number }, 'id'>> {
  switch (order.do) {
    case 'run': {
      const running = launch(order.program, order.args);
      const code = await new Promise<number | null>((resolve) => {
        running.on('exit', resolve);
        running.on('error', () => resolve(null));
      });
      return { code, log: code === 0 ? '' : logTail() };
    }
    case 'start': {
      const server = launch(order.program, order.args);
      server.on('exit', (code, signal) => {
        if (killed.has(server) || ending || server.pid === undefined) return;
        report({ ended: server.pid, how: signal ?? `code ${code}`, log: logTail() });
        if (isReady) void end();
      });
      return server.pid === undefined ? { log: `${order.program} cannot be run` } : { pid: server.pid };
    }
    case 'ready':
      isReady = true;
      return {};
    case 'kill':
      isReady = false;
      if (child !== undefined) await kill(child);
      return {};
    case 'pause':
      if (child !== undefined) signalAll(child, 'SIGSTOP');
      return {};
    case 'resume':
      if (child !== undefined) signalAll(child, 'SIGCONT');
      return {};
  }
}

process.stdin.on('error', () => void end());
createInterface({ input: process.stdin })
  .on('line', async (line) => {
    if (ending) return;
    const order = JSON.parse(line) as Order;
    report({ id: order.id, ...(await obey(order)) });
  })
  .on('close', () => {
    if (!ending) void end();
  });
report({ folder });
