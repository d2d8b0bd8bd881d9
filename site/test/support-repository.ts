// A small repository in a temporary folder, with one API and the files that a test gives.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'finapi-site-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const basis = {
  'README.md': '# Shed\n',
  'spec/apis.json': '[{ "id": "shed", "name": "Shed", "title": "The Shed" }]\n',
  'packages/client/docs/shed/README.md': '# The Shed 1.0\n\n## [Tools](Tools.md)\n',
  'packages/client/docs/shed/Tools.md': '# Tools\n\n## getTool\n\n**GET** /tools/{id}\n\nGet a tool\n',
};

export function repositoryWith(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [path, content] of Object.entries({ ...basis, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}
