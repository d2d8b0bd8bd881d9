// The steps of spec-update.yml: another document of an API becomes a pull request.
import { join } from 'node:path';
import { readApis } from '../apis.ts';
import { InputError } from '../errors.ts';
import { readText } from '../files.ts';
import { cut, execute, must, setting, tellOutputs, tellSummary } from './process.ts';
import { propose } from './propose.ts';

/** What may be asked for. `--keep-prose` is not among them: a pull request would publish finAPI's words. */
const known = ['--draft-docs', '--remote-refs', '--no-tests', '--dry-run'];
/** GitHub's for the page of a run. */
const summaryLimit = 1_000_000;

/** API, and DOCUMENT or its place in DOCUMENTS, and OPTIONS → outputs `changed`, `breaking` and `title`. */
export async function updateStep(root: string): Promise<void> {
  const id = apiOf(root);
  const document = process.env.DOCUMENT || documentOf(id);
  if (document === undefined) {
    tellSummary(`No document is set for ${id}: the repository variable SPEC_DOCUMENTS has none, so there is nothing to compare with.`);
    tellOutputs({ changed: false });
    return;
  }
  const options = (process.env.OPTIONS ?? '').split(/\s+/).filter((option) => option !== '');
  const unknown = options.find((option) => !known.includes(option));
  if (unknown !== undefined)
    throw new InputError({
      message: `${unknown} is no option of this workflow`,
      hint: `it takes ${known.join(', ')}, with spaces between them`,
    });

  const { code, stdout } = await execute(root, 'npm', ['run', '--silent', 'spec:update', '--', ...options, '--', id, document]);
  if (code !== 0 && code !== 2)
    throw new InputError({ message: `the update of ${id} has failed, and nothing was changed`, hint: 'the reason is above' });
  const titles = /^.+? {2}.+ → (.+)$/m.exec(stdout)?.[1];
  if (titles === undefined) {
    tellSummary(`No changes: the document of ${id} is the one that is committed.`);
    tellOutputs({ changed: false });
    return;
  }
  tellSummary(cut(report(root, id), summaryLimit, '_Cut here._'));
  const changed = (await must(root, 'git', ['status', '--porcelain', '--', ...paths])) !== '';
  const bump = stdout.trimEnd().split('\n').at(-1);
  tellOutputs({ changed, breaking: code === 2, title: `${titles} (${bump})`.slice(0, 200) });
}

const paths = ['spec', 'packages', '.changeset'];

/** API, TITLE and BREAKING, as the step before told them → a pull request. */
export async function proposeUpdateStep(root: string): Promise<void> {
  const id = apiOf(root);
  const breaking = setting('BREAKING') === 'true';
  await propose(root, { branch: `spec-update/${id}`, paths, title: setting('TITLE'), body: report(root, id), labels: { breaking } });
}

const report = (root: string, id: string): string => readText(root, join(root, 'reports', id, 'report.md'));

function apiOf(root: string): string {
  const id = setting('API');
  const ids = readApis(root).map((api) => api.id);
  if (!ids.includes(id)) throw new InputError({ message: `there is no API ${id}`, hint: `spec/apis.json knows: ${ids.join(', ')}` });
  return id;
}

/** The document that the repository variable names, a JSON object from APIs to addresses. */
function documentOf(id: string): string | undefined {
  const text = process.env.DOCUMENTS || '{}';
  const hint = 'an example: {"access-v1": "https://example.com/openapi.json"}';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new InputError({ message: 'the variable SPEC_DOCUMENTS is not JSON', hint });
  }
  const document = (value as Record<string, unknown> | null)?.[id];
  if (document !== undefined && typeof document !== 'string') throw new InputError({ message: `SPEC_DOCUMENTS: ${id} is not text`, hint });
  return document || undefined;
}
