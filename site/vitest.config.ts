// The site is built once for all tests that look at it.
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { globalSetup: 'test/support-site.ts' } });
