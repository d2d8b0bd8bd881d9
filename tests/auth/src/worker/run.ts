// Runs test files inside a Worker, by vitest's own runner.
import type { RunnerTask, RunnerTestFile } from 'vitest';
import { startTests } from 'vitest/internal/browser';

/** What came of a test, or of a file that could not be read. */
export interface Outcome {
  readonly file: string;
  readonly name: string;
  readonly state: string;
  /** Why it was skipped, or how it failed. */
  readonly note: string;
}

// What the runner and `expect` ask of a configuration.
const config = {
  root: '/',
  testTimeout: 60_000,
  hookTimeout: 60_000,
  maxConcurrency: 5,
  taskTitleValueFormatTruncate: 40,
  sequence: { hooks: 'stack' },
  expect: {},
  snapshotOptions: {},
};

/** Runs files by their names, one after the other. */
export async function runTests(files: Readonly<Record<string, () => Promise<unknown>>>): Promise<Outcome[]> {
  Object.assign(globalThis, { __vitest_worker__: { config, ctx: {}, environment: { name: 'workerd' }, providedContext: {} } });
  const runner = { config, importFile: (name: string) => files[name]?.() };
  const ran = await startTests(Object.keys(files), runner as unknown as Parameters<typeof startTests>[1]);
  return ran.flatMap((file) => outcomesOf(file, file.filepath, []));
}

function outcomesOf(task: RunnerTask | RunnerTestFile, file: string, above: readonly string[]): Outcome[] {
  // vitest's types keep the note of a skipped test to themselves.
  const result: (RunnerTask['result'] & { readonly note?: string }) | undefined = task.result;
  const note = (result?.note ?? result?.errors?.map(({ stack, message }) => stack ?? message).join('\n')) || '';
  const names = 'filepath' in task ? [] : [...above, task.name];
  const outcome = { file, name: names.join(' '), state: result?.state ?? task.mode, note };
  if (task.type === 'test') return [outcome];
  const inside = task.tasks.flatMap((child) => outcomesOf(child, file, names));
  // A suite says for itself only what kept its tests from being found or prepared.
  return result?.errors === undefined ? inside : [outcome, ...inside];
}
