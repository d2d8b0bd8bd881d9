// A small repository with a history: a client, its test, and the command over them.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { repository } from '../src/apis.ts';
import { temporaryFolder } from './support-folder.ts';

export interface History {
  readonly root: string;
  /** Writes files of the working tree. */
  readonly write: (files: Readonly<Record<string, string>>) => void;
  /** Commits all of the working tree, under a tag where one is given. */
  readonly commit: (tag?: string) => void;
}

const manifest = JSON.stringify({
  name: '@finapi-ts/client',
  type: 'module',
  exports: {
    '.': { types: './dist/index.d.ts' },
    './shed': { types: './dist/generated/shed/index.d.ts' },
    './package.json': './package.json',
  },
});
export const tools = (method: string): string => `export declare const tools: { ${method}(args: { id: number }): { name: string } };\n`;
const test = `import { FinapiError } from '../src/index.js';
import { tools } from '../src/generated/shed/index.js';
import { only } from './support.js';

const tool = tools.getTool({ id: only([1]) });
export const name: string = tool.name + new FinapiError().message;
`;

/** Code of the first version: three files that compile. */
const first = {
  '.gitignore': 'node_modules\ndist\n',
  'packages/client/package.json': manifest,
  'packages/client/CHANGELOG.md': '# Changelog\n\n## 0.1.0\n\nThe first version.\n',
  'packages/client/dist/index.d.ts': 'export declare class FinapiError extends Error {}\n',
  'packages/client/dist/generated/shed/index.d.ts': tools('getTool'),
  'packages/client/test/tools.test.ts': test,
  'packages/client/test/support.ts': 'export const only = <T>([item]: readonly T[]): T => item as T;\n',
  'tests/consumers/fixtures/consumer.ts':
    "import { tools } from '@finapi-ts/client/shed';\n\nexport const id = tools.getTool({ id: 1 });\n",
  'tests/consumers/fixtures/main.js': "import '@finapi-ts/client';\n",
};

export function createHistory(): History {
  // Without symbolic links, as a command knows its own place.
  const root = realpathSync(temporaryFolder());
  const git = (...args: string[]): void => {
    const settings = ['user.name=test', 'user.email=test@example.com', 'commit.gpgsign=false', 'tag.gpgsign=false', 'core.hooksPath=none'];
    execFileSync('git', ['-C', root, ...settings.flatMap((setting) => ['-c', setting]), ...args], { stdio: 'pipe' });
  };
  const write: History['write'] = (files) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
  };
  const commit: History['commit'] = (tag) => {
    git('add', '--all');
    git('commit', '--quiet', '--allow-empty', '--message', 'a version');
    if (tag !== undefined) git('tag', tag);
  };
  git('init', '--quiet');
  write(first);
  symlinkSync(join(repository, 'node_modules'), join(root, 'node_modules'), 'junction');
  commit();
  return { root, write, commit };
}

export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command as a process over such a repository; `begun` may do something while it runs. */
export function runCompat(root: string, args: readonly string[], begun: (stop: () => void) => void = () => {}): Promise<Ended> {
  cpSync(join(repository, 'scripts/src'), join(root, 'scripts/src'), { recursive: true });
  symlinkSync(join(repository, 'scripts/node_modules'), join(root, 'scripts/node_modules'), 'junction');
  const temporary = join(root, 'temporary');
  mkdirSync(temporary);
  const child = spawn(process.execPath, [join(root, 'scripts/src/commands/compat.ts'), ...args], {
    cwd: root,
    env: { ...process.env, NO_COLOR: '1', TMPDIR: temporary, TEMP: temporary, TMP: temporary },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) child[stream].on('data', (chunk) => (said[stream] += chunk));
  begun(() => child.kill('SIGINT'));
  return new Promise((resolve, reject) => {
    child.on('error', reject).on('close', (code, signal) => resolve({ code, signal, ...said }));
  });
}
