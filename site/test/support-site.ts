// Builds the site of this repository into a temporary folder, for the tests that look at what is built.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repository } from '@finapi-ts/scripts/apis';
import type { TestProject } from 'vitest/node';
import { type Built, build } from '../src/build.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the built site. */
    site: string;
    built: Built;
    /** Chromium's path; empty where there is none. */
    chromium: string;
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  const folder = mkdtempSync(join(tmpdir(), 'finapi-site-'));
  const site = join(folder, 'site');
  const chromium = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  const found = existsSync(chromium);
  if (!found)
    process.stderr.write(
      `\n!!! NO BROWSER: there is no ${chromium}, so the tests in a browser DO NOT RUN. Install Chromium, or set CHROMIUM.\n\n`,
    );
  project.provide('chromium', found ? chromium : '');
  project.provide('built', await build(repository, site));
  project.provide('site', site);
  return () => rmSync(folder, { recursive: true, force: true });
}
