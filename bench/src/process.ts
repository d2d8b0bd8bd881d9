// Fresh processes, measured from outside: wall time, peak memory, output.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** A program that ended otherwise than well, with what it said. */
export class Failed extends Error {}

export interface Finished {
  readonly seconds: number;
  readonly output: string;
}

/** Runs a program to its end; one that fails stops the bench with what it said. */
export function run(program: string, args: readonly string[], cwd?: string): Finished {
  const { seconds, output } = spawn(program, args, cwd);
  return { seconds, output: output[1] ?? '' };
}

export const runNode = (args: readonly string[], cwd?: string): Finished => run(process.execPath, args, cwd);

/** npm as it runs this; on Windows a plain `npm` is no program. */
export function npm(args: readonly string[], cwd: string): Finished {
  const path = process.env['npm_execpath'];
  return path === undefined ? run('npm', args, cwd) : runNode([path, ...args], cwd);
}

/** Peak memory of a Node process in MB. A run of its own: asking for it costs time. */
export function peakMemory(args: readonly string[], cwd?: string): number {
  const preload = new URL('runners/memory.ts', import.meta.url).href;
  return Number(spawn(process.execPath, ['--import', preload, ...args], cwd).output[3]) / 1024;
}

export const runner = (name: string): string => fileURLToPath(new URL(`runners/${name}.ts`, import.meta.url));

function spawn(program: string, args: readonly string[], cwd?: string): { seconds: number; output: readonly (string | null)[] } {
  const start = performance.now();
  const done = spawnSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024 });
  const seconds = (performance.now() - start) / 1000;
  if (done.error !== undefined) throw done.error;
  if (done.status !== 0)
    throw new Failed(`${[program, ...args].join(' ')} ended with ${done.status ?? done.signal}:\n${done.stderr}${done.stdout}`);
  return { seconds, output: done.output };
}
