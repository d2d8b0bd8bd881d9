// Breaks the renewal policy in every way that Stryker knows, and runs its unit tests against each: `npm run mutate`.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const home = import.meta.dirname;

if (!existsSync(join(home, 'node_modules/.package-lock.json'))) {
  console.error('installing Stryker from the registry, once');
  const { npm_execpath: npm } = process.env;
  if (npm === undefined) throw new Error('start this with: npm run mutate');
  run([npm, 'ci', '--ignore-scripts', '--no-audit', '--no-fund'], home);
}
run([join(home, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', 'mutation/stryker.config.json'], join(home, '..'));

function run(args: readonly string[], cwd: string): void {
  const { status } = spawnSync(process.execPath, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
