// Tests over real servers, which are started once for all of them.
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { globalSetup: 'src/servers/setup.ts', maxConcurrency: 400, testTimeout: 60_000, hookTimeout: 60_000 },
});
