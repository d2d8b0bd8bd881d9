// Runs programs in processes of their own.
import { execFile } from 'node:child_process';

export interface Ended {
  /** 0 for success; -1 where the program could not be started or was ended. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Place {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** Never throws for the program's own failure. Without this process's test variables, which would change what some programs do. */
export function run(program: string, args: readonly string[], { cwd, env = {} }: Place): Promise<Ended> {
  const { VITEST: _vitest, NODE_OPTIONS: _options, NODE_ENV: _env, ...inherited } = process.env;
  const options = { cwd, env: { ...inherited, NO_COLOR: '1', ...env }, timeout: 240_000, maxBuffer: 2 ** 26 };
  return new Promise((resolve) => {
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
      resolve({ code, stdout, stderr: code === -1 ? `${stderr}${error?.message ?? ''}` : stderr });
    });
  });
}

/** Throws where the program fails, with everything that it said. */
export async function succeed(program: string, args: readonly string[], place: Place): Promise<string> {
  const { code, stdout, stderr } = await run(program, args, place);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}\n${stdout}\n${stderr}`);
  return stdout;
}
