// Runs a program: SIGINT and SIGTERM become an abort, a failure one line on stderr.

/** The signal's reason is the name of what the process was sent. A second one ends the process as usual. */
export async function run(program: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM'] as const;
  const stop = (name: NodeJS.Signals): void => {
    unlisten();
    controller.abort(new Error(`stopped by ${name}`));
  };
  const unlisten = (): void => {
    for (const name of names) process.off(name, stop);
  };
  for (const name of names) process.on(name, stop);
  try {
    await program(controller.signal);
  } catch (cause) {
    // Messages of finapi-ts hold no secret.
    process.stderr.write(`error: ${cause instanceof Error ? cause.message : String(cause)}\n`);
    process.exitCode = 1;
  } finally {
    unlisten();
  }
}
