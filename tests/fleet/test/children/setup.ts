// The setup of a run in this program's environment: says what tests would get of it.
import type { TestProject } from 'vitest/node';
import setup from '../../src/servers/setup.ts';

const provided: Record<string, unknown> = {};
const provide = (name: string, value: unknown): void => {
  provided[name] = value;
};
try {
  const teardown = await setup({ provide } as unknown as TestProject);
  await teardown();
} catch (error) {
  provided['error'] = (error as Error).message;
}
process.stdout.write(`${JSON.stringify(provided)}\n`);
