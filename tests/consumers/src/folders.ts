// Temporary folders.
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export function createFolder(): string {
  // Without symbolic links, so that compilers and messages name files as we do.
  return mkdtempSync(join(realpathSync(tmpdir()), 'finapi-consumer-test-'));
}

export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
