// Programs that commands start: they end as a whole, with what they have started themselves.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { InputError } from './errors.ts';

export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

const isWindows = process.platform === 'win32';

/** Runs a program, which is one of `children` for as long as it runs; resolves with its output, whatever its exit code. */
export function runProgram(children: Set<ChildProcess>, program: string, args: readonly string[], cwd: string): Promise<Ended> {
  const env = { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1' };
  // A group of its own, which ends as a whole: npm would leave what it has started.
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'], env, detached: !isWindows });
  children.add(child);
  return new Promise((resolve, reject) => {
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    child
      .once('error', (cause) => {
        children.delete(child);
        reject(new InputError({ message: `${program} cannot be started: ${cause.message}`, hint: 'nothing was changed' }));
      })
      .once('close', (code) => {
        children.delete(child);
        resolve({ code, output });
      });
  });
}

/** Ends programs with all that they have started. */
export function endAll(children: Iterable<ChildProcess>): void {
  for (const child of children) end(child);
}

function end(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    if (isWindows) spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f']);
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
