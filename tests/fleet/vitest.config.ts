// Tests over real servers, which are started once for each of the two kinds.
import { defineConfig } from 'vitest/config';

const servers = { globalSetup: 'src/servers/setup.ts', testTimeout: 60_000, hookTimeout: 60_000 };
const ofStores = ['test/{conformance,databases,encrypted,file}.test.ts'];

export default defineConfig({
  test: {
    projects: [
      // Most of the time these wait for an end.
      { test: { ...servers, name: 'stores', include: ofStores, maxConcurrency: 400, sequence: { groupOrder: 0 } } },
      // These start processes of their own, with short time-outs, and are not to take each other's time.
      {
        test: {
          ...servers,
          name: 'processes',
          include: ['test/*.test.ts'],
          exclude: ofStores,
          maxConcurrency: 10,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
