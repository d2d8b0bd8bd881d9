// The package as its consumers get it. With FULL=1 also under every runtime and compiler of the toolbox, which holds programs
// for Linux x64: elsewhere that part is left out, loudly; in CI that is a failure.
import { defineConfig } from 'vitest/config';

const given = (name: string): boolean => !['', '0', 'false', undefined].includes(process.env[name]);
const full = 'test/*.full.test.ts';

function leftOut(): string[] {
  if (!given('FULL')) return [full];
  if (process.platform === 'linux' && process.arch === 'x64') return [];
  process.stderr.write(
    `\n${'!'.repeat(20)} THE TESTS OF RUNTIMES AND COMPILERS DID NOT RUN (${full}): the toolbox is for Linux x64, this is ${process.platform} ${process.arch}\n\n`,
  );
  if (given('CI')) process.exit(1);
  return [full];
}

export default defineConfig({
  test: {
    include: ['test/*.test.ts'],
    exclude: leftOut(),
    globalSetup: 'test/setup.ts',
    // Deadlines, not expectations: compilers and packers take seconds, on a busy machine many.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
