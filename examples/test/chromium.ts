// Finds Chromium for the test that clicks, and says loudly where there is none.
import { existsSync } from 'node:fs';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Chromium's path; empty where there is none. */
    chromium: string;
  }
}

export default function setup(project: TestProject): void {
  const chromium = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  const found = existsSync(chromium);
  if (!found)
    process.stderr.write(
      `\n!!! NO BROWSER: there is no ${chromium}, so the web form IS NOT CLICKED THROUGH. Install Chromium, or set CHROMIUM.\n\n`,
    );
  project.provide('chromium', found ? chromium : '');
}
