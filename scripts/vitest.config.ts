// Many of these tests wait for processes that they have started: every core may have its file.
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { maxWorkers: '100%' } });
