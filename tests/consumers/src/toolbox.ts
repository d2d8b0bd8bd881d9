// The runtimes and compilers of the toolbox, which has a lock of its own.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { succeed } from './run.ts';
import { workspace } from './tarball.ts';

const toolbox = join(workspace, 'toolbox');
const { dependencies } = JSON.parse(readFileSync(join(toolbox, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
const named = (start: string): string[] => Object.keys(dependencies).filter((name) => name.startsWith(start));

export const versionOf = (name: string): string => (dependencies[name] ?? '').replace(/^.*@/, '');
export const tool = (path: string): string => join(toolbox, 'node_modules', path);

/** From the oldest to the newest. */
export const compilers = named('typescript-');

/** Name, version, program, and what it takes before the name of a script. */
export const runtimes = [
  ...named('node-').map((name) => ['Node', versionOf(name), tool(`${name}/bin/node`), []] as const),
  ['Bun', versionOf('@oven/bun-linux-x64'), tool('@oven/bun-linux-x64/bin/bun'), []],
  ['Deno', versionOf('@deno/linux-x64-glibc'), tool('@deno/linux-x64-glibc/deno'), ['run', '--allow-all', '--no-remote']],
] as const;

const workerd = '@cloudflare/workerd-linux-64';
export const workerdVersion = versionOf(workerd);
export const workerdProgram = tool(`${workerd}/bin/workerd`);

/** Only the first time. */
export async function installToolbox(): Promise<void> {
  if (existsSync(tool('.package-lock.json'))) return;
  await succeed('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: toolbox });
}
