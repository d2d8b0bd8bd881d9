// What all commands share: arguments, colours for a terminal, progress, messages instead of stack traces, exit codes.
import { type ParseArgsConfig, parseArgs, styleText } from 'node:util';
import { formatProblem, InputError } from './errors.ts';

type Style = Parameters<typeof styleText>[0];

/** Text in a style where standard output is a terminal, plain elsewhere. */
export const style = (format: Style, text: string): string => styleText(format, text, { stream: process.stdout });

/** A line that is overwritten by the next one; nothing where standard error is not a terminal. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[2K${text}`);
}

/** Seconds since `start`, a reading of `performance.now()`. */
export const seconds = (start: number): string => `${((performance.now() - start) / 1000).toFixed(2)} s`;

/** Parses arguments; `--help` prints `help` and ends the command well. An unknown option is the user's to mend. */
export function readArguments<T extends ParseArgsConfig>(
  config: T,
  help: string,
): ReturnType<typeof parseArgs<T & { allowPositionals: true }>> {
  try {
    const parsed = parseArgs({ ...config, allowPositionals: true, options: { ...config.options, help: { type: 'boolean', short: 'h' } } });
    if ((parsed.values as { help?: boolean }).help === true) {
      process.stdout.write(help);
      process.exit(0);
    }
    return parsed as ReturnType<typeof parseArgs<T & { allowPositionals: true }>>;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') !== true) throw cause;
    throw new InputError({ message: (cause as Error).message, hint: 'see --help' });
  }
}

/** Runs a command. What the user can mend is said in words and ends with exit code 1; anything else is our bug and shows its stack. */
export async function run(command: () => Promise<number> | number): Promise<void> {
  // A reader that has seen enough, such as `head`, closes the pipe; the work goes on.
  process.stdout.on('error', (cause: NodeJS.ErrnoException) => {
    if (cause.code !== 'EPIPE') throw cause;
  });
  try {
    process.exitCode = await command();
  } catch (cause) {
    progress('');
    process.exitCode = 1;
    if (!(cause instanceof InputError)) {
      process.stderr.write(`${cause instanceof Error ? cause.stack : String(cause)}\nThis is a bug of the pipeline.\n`);
      return;
    }
    const shown = cause.problems.slice(0, 50);
    for (const problem of shown)
      process.stderr.write(`${styleText('red', 'error', { stream: process.stderr })} ${formatProblem(problem)}\n`);
    if (cause.problems.length > shown.length) process.stderr.write(`… and ${cause.problems.length - shown.length} more\n`);
  }
}
