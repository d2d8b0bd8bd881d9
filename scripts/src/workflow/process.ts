// What the steps of a workflow share: programs that they run, and what they tell GitHub.
import { type SpawnOptions, spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { InputError } from '../errors.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
}

/** Runs a program without a shell; what it says is shown as well as returned. */
export function execute(root: string, program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Ended> {
  const options: SpawnOptions = { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } };
  const child = spawn(program, args, options);
  return new Promise((resolve, reject) => {
    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      process.stderr.write(text);
    });
    child
      .once('error', (cause: NodeJS.ErrnoException) => {
        reject(cause.code === 'ENOENT' ? new InputError({ message: `${program} is not installed`, hint: 'this step needs it' }) : cause);
      })
      .once('close', (code) => resolve({ code, stdout }));
  });
}

/** The output of a program that must succeed. */
export async function must(root: string, program: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const { code, stdout } = await execute(root, program, args, env);
  if (code === 0) return stdout.trim();
  throw new InputError({ message: `${program} ${args.slice(0, 2).join(' ')} ended with exit code ${code}`, hint: 'what it said is above' });
}

/** A setting that the workflow passes in the environment; never empty. */
export function setting(name: string): string {
  const value = process.env[name] ?? '';
  if (value === '')
    throw new InputError({ message: `${name} is not set`, hint: `the workflow sets it; by hand: ${name}=… npm run workflow -- STEP` });
  return value;
}

/** Outputs of the step, for later ones; by hand they are only shown. A value is one line: what comes from a document cannot add outputs. */
export function tellOutputs(outputs: Readonly<Record<string, string | boolean>>): void {
  const lines = Object.entries(outputs).map(([name, value]) => `${name}=${String(value).replaceAll(/\p{Cc}+/gu, ' ')}\n`);
  process.stdout.write(lines.join(''));
  if (process.env.GITHUB_OUTPUT !== undefined) appendFileSync(process.env.GITHUB_OUTPUT, lines.join(''));
}

/** Text on the page of the run. */
export function tellSummary(markdown: string): void {
  if (process.env.GITHUB_STEP_SUMMARY === undefined) process.stdout.write(`${markdown}\n`);
  else appendFileSync(process.env.GITHUB_STEP_SUMMARY, `${markdown}\n`);
}

/** Markdown cut to a number of bytes, between two entries of a list, with a note; as it is where it fits. */
export function cut(markdown: string, limit: number, note: string): string {
  if (Buffer.byteLength(markdown) <= limit) return markdown;
  const room = limit - Buffer.byteLength(note) - 2;
  const whole = Buffer.from(markdown).subarray(0, room).toString('utf8');
  // Code is indented below its entry, so that a line that begins with a sign of Markdown is never inside of it.
  const end = Math.max(whole.lastIndexOf('\n- '), whole.lastIndexOf('\n## '));
  return `${whole.slice(0, Math.max(end, 0)).trimEnd()}\n\n${note}`;
}
