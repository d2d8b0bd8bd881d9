// Tests over real servers, which are started once for all of them.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    globalSetup: 'src/servers/setup.ts',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Files that start processes of their own, with short time-outs, are not to take each other's time.
    fileParallelism: false,
    // Most that run at once wait for an end.
    maxConcurrency: 12,
  },
});
