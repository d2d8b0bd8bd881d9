// Runs an example as a user would: as a process, with no environment but the given one.
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What both outputs have said so far; resolves once it holds the text, rejects where the process ends without it. */
  says(text: string): Promise<string>;
}

export function start(name: string, env: Readonly<Record<string, string>> = {}, args: readonly string[] = []): Running {
  const program = fileURLToPath(new URL(`../src/${name}/main.ts`, import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 30_000 });
  const said = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk) => {
      said[name] += chunk;
      for (const look of waiting) look();
    });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve({ code, ...said }));
  });
  return {
    child,
    ended,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const all = said.stdout + said.stderr;
          if (all.includes(text)) resolve(all);
        };
        waiting.add(look);
        look();
        ended.then(({ stdout, stderr }) => reject(new Error(`${name} ended without "${text}": ${stdout}${stderr}`)), reject);
      }),
  };
}

export const runToEnd = (...given: Parameters<typeof start>): Promise<Ended> => start(...given).ended;
