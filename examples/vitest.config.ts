// Chromium is looked for once.
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { globalSetup: 'test/chromium.ts' } });
