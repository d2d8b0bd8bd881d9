// A server in the hands of a guardian: what Redis and PostgreSQL have in common.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Charge, Order, Report } from './guardian.ts';
import { freePort } from './ports.ts';

/** A server of this test alone. It ends, with its folder, when it is disposed of or when this process ends, however it does. */
export interface Server extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Its process; another after each start. */
  readonly pid: number;
  /** The process that ends it. */
  readonly guardianPid: number;
  readonly folder: string;
  /** As a crash: ends it at once and starts it again on the same port and folder. Resolves when it answers. */
  restart(): Promise<void>;
  /** Ends it at once; it stays down until `start`. */
  kill(): Promise<void>;
  start(): Promise<void>;
  /** Stops all its processes: connections stay, nothing answers. */
  pause(): Promise<void>;
  resume(): Promise<void>;
}

export interface Recipe extends Charge {
  readonly program: string;
  /** What has to be there before its first start. */
  prepare?(place: Place): Promise<void>;
  args(place: Place & { readonly port: number }): Promise<readonly string[]> | readonly string[];
  /** Whether this very process answers, and not another on its port. Rejecting is a no. */
  answers(server: Place & { readonly port: number; readonly pid: number }): Promise<boolean>;
  /** What its log says where its port has been taken. */
  readonly portTaken: RegExp;
  /** What its log says where remains of a killed one still have to go. */
  readonly notYet?: RegExp;
  url(port: number): string;
}

export interface Place {
  readonly folder: string;
  /** Runs a program to its end. */
  run(program: string, args: readonly string[]): Promise<void>;
}

/** A start has to end within this, on a machine however busy. */
const deadlineMs = 20_000;
const pollMs = 10;

type Ended = Extract<Report, { ended: number }>;
type Done = Extract<Report, { id: number }>;
type Without<T, K extends string> = T extends unknown ? Omit<T, K> : never;

/** A process that ends with this one, and a folder of its own. */
export interface Guardian extends AsyncDisposable, Place {
  readonly pid: number;
  /** The server that has ended by itself last. */
  readonly ended: Ended | undefined;
  order(order: Without<Order, 'id'>): Promise<Done>;
}

export async function startGuardian({ name, user, endsBy }: Charge): Promise<Guardian> {
  const charge: Charge = { name, ...(user && { user }), endsBy };
  const program = fileURLToPath(new URL('./guardian.ts', import.meta.url));
  // Its own group: a Ctrl-C reaches whoever started it, and through the end of that, this.
  const process_ = spawn(process.execPath, [program, JSON.stringify(charge)], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
  const { stdin, stdout } = process_;
  const exited = once(process_, 'exit');
  exited.catch(() => {});
  stdin.on('error', () => {});
  // Node's types know less of a pipe than what it is.
  const pipes = [stdin, stdout] as unknown as readonly { ref(): void; unref(): void }[];
  const waiting = new Map<number, { resolve(done: Done): void; reject(error: Error): void }>();
  let ended: Ended | undefined;
  let orders = 0;
  let holds = 0;
  let isOver = false;
  /** Only what is waited for keeps this process alive. */
  const hold = async <T>(promise: Promise<T>): Promise<T> => {
    holds += 1;
    process_.ref();
    for (const pipe of pipes) pipe.ref();
    try {
      return await promise;
    } finally {
      holds -= 1;
      if (holds === 0) {
        process_.unref();
        for (const pipe of pipes) pipe.unref();
      }
    }
  };

  const over = (): Error => new Error(`${name}: it has ended${ended ? ` by itself (${ended.how})\n${ended.log}` : ''}`);

  const folder = await hold(
    new Promise<string>((resolve, reject) => {
      const gone = (): void => {
        isOver = true;
        const error = over();
        reject(error);
        for (const { reject } of waiting.values()) reject(error);
        waiting.clear();
      };
      process_.on('error', gone);
      createInterface({ input: stdout })
        .on('line', (line) => {
          const report = JSON.parse(line) as Report;
          if ('folder' in report) resolve(report.folder);
          else if ('ended' in report) ended = report;
          else {
            waiting.get(report.id)?.resolve(report);
            waiting.delete(report.id);
          }
        })
        .on('close', gone);
    }),
  );

  const order = (what: Without<Order, 'id'>): Promise<Done> => {
    orders += 1;
    const id = orders;
    return hold(
      new Promise((resolve, reject) => {
        if (isOver || stdin.writableEnded) {
          reject(over());
          return;
        }
        waiting.set(id, { resolve, reject });
        stdin.write(`${JSON.stringify({ id, ...what })}\n`);
      }),
    );
  };

  return {
    pid: process_.pid ?? 0,
    folder,
    get ended() {
      return ended;
    },
    order,
    async run(program, args) {
      const { code, log } = await order({ do: 'run', program, args });
      if (code !== 0) throw new Error(`${program} ended with ${code}\n${log}`);
    },
    async [Symbol.asyncDispose]() {
      stdin.end();
      if (process_.exitCode === null && process_.signalCode === null) await hold(exited);
    },
  };
}

export async function startGuarded(recipe: Recipe): Promise<Server> {
  const guardian = await startGuardian(recipe);
  try {
    await recipe.prepare?.(guardian);
    return await startIn(guardian, recipe);
  } catch (error) {
    await guardian[Symbol.asyncDispose]();
    throw error;
  }
}

async function startIn(guardian: Guardian, recipe: Recipe): Promise<Server> {
  const { folder } = guardian;
  let port = 0;
  let pid = 0;

  /** Starts and waits for an answer; `again` keeps the port. */
  const up = async (again: boolean): Promise<void> => {
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      if (!again) port = await freePort();
      const started = await guardian.order({ do: 'start', program: recipe.program, args: await recipe.args({ ...guardian, port }) });
      if (started.pid === undefined) throw new Error(started.log);
      pid = started.pid;
      const ended = (): Ended | undefined => (guardian.ended?.ended === pid ? guardian.ended : undefined);
      while (ended() === undefined) {
        if (await recipe.answers({ ...guardian, port, pid }).catch(() => false)) {
          await guardian.order({ do: 'ready' });
          return;
        }
        if (performance.now() > deadline)
          throw new Error(`${recipe.name} gave no answer within ${deadlineMs} ms\n${await logTail(folder)}`);
        await pause(pollMs);
      }
      const { how = '', log = '' } = ended() ?? {};
      const mayRetry = recipe.portTaken.test(log) || (again && recipe.notYet?.test(log));
      if (!mayRetry || performance.now() > deadline) throw new Error(`${recipe.name} ended at its start (${how})\n${log}`);
      await pause(pollMs);
    }
  };

  await up(false);
  return {
    url: recipe.url(port),
    port,
    get pid() {
      return pid;
    },
    guardianPid: guardian.pid,
    folder,
    async restart() {
      await guardian.order({ do: 'kill' });
      await up(true);
    },
    async kill() {
      await guardian.order({ do: 'kill' });
    },
    start: () => up(true),
    async pause() {
      await guardian.order({ do: 'pause' });
    },
    async resume() {
      await guardian.order({ do: 'resume' });
    },
    [Symbol.asyncDispose]: () => guardian[Symbol.asyncDispose](),
  };
}

const logTail = async (folder: string): Promise<string> => (await readFile(`${folder}/log`, 'utf8').catch(() => '')).slice(-2_000);
