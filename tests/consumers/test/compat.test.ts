// The code of the last commit against the packages of this working tree.
import { execFileSync } from 'node:child_process';
import { repository } from '@finapi-ts/scripts/apis';
import { compileBefore, declaresBreaks } from '@finapi-ts/scripts/compat';
import { describe, expect, it } from 'vitest';

function hasHistory(): boolean {
  try {
    execFileSync('git', ['-C', repository, 'rev-parse', '--verify', '--quiet', 'HEAD'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write(`\n${'!'.repeat(20)} THERE IS NO GIT HISTORY HERE, so nothing was compiled as it was committed before\n\n`);
    return false;
  }
}

describe.skipIf(!hasHistory())('the code as it is committed', () => {
  it('compiles against the packages as they are now, or the changelog says what breaks', async () => {
    const { compiled, breaks } = await compileBefore({ ref: 'HEAD', root: repository });
    expect(compiled).toBeGreaterThan(0);
    const words = 'keep what was, or say what breaks in packages/client/CHANGELOG.md; see npm run compat -- --help';
    expect(declaresBreaks(repository) ? [] : breaks.map(({ file, line, message }) => `${file}:${line}: ${message}`), words).toEqual([]);
  });
});
