// Tests that run OpenAPI Generator need Java. Where it is missing they are left out, loudly; in CI that is a failure.
import { readdirSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { findJava } from './src/generator.ts';

const withJava = 'test/*.java.test.ts';

function missing(): string[] {
  try {
    findJava();
    return [];
  } catch (cause) {
    const names = readdirSync(new URL('test', import.meta.url)).filter((name) => name.endsWith('.java.test.ts'));
    const why = (cause as Error).message.replace(/\s+/g, ' ');
    process.stderr.write(`\n${'!'.repeat(20)} THE TESTS OF THE REFERENCE DID NOT RUN (${names.join(', ')}): ${why}\n\n`);
    if (!['', '0', 'false', undefined].includes(process.env['CI'])) process.exit(1);
    return [withJava];
  }
}

export default defineConfig({
  test: {
    include: ['test/*.test.ts'],
    exclude: missing(),
    // A deadline, not an expectation: a run of Java takes seconds, on a busy machine many.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
