// A pull request for what a step has changed: a branch with one commit on top of main, opened once, then kept up to date.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../errors.ts';
import { cut, execute, must } from './process.ts';

export interface Proposal {
  readonly branch: string;
  /** What belongs to the commit, by paths of git. */
  readonly paths: readonly string[];
  /** Subject of the commit and title of the pull request. */
  readonly title: string;
  readonly body: string;
  /** Labels that it must or must not have; others stay as they are. */
  readonly labels?: Readonly<Record<string, boolean>>;
}

/** GitHub's for the text of a pull request, which counts characters. In bytes, nothing that fits is too long. */
const bodyLimit = 65_536;
const author = { name: 'github-actions[bot]', email: '41898282+github-actions[bot]@users.noreply.github.com' };

/** Git as the author of the commits and tags of workflows. */
export const identity: NodeJS.ProcessEnv = {
  GIT_AUTHOR_NAME: author.name,
  GIT_AUTHOR_EMAIL: author.email,
  GIT_COMMITTER_NAME: author.name,
  GIT_COMMITTER_EMAIL: author.email,
};

interface PullRequest {
  readonly number: number;
  readonly isCrossRepository: boolean;
  readonly labels: readonly { readonly name: string }[];
}

export async function propose(root: string, proposal: Proposal): Promise<void> {
  const { branch } = proposal;
  await must(root, 'gh', ['auth', 'setup-git']);
  const before = await theirs(root, branch);
  await must(root, 'git', ['switch', '--quiet', '--force-create', branch]);
  await must(root, 'git', ['add', '--all', '--', ...proposal.paths]);
  await must(root, 'git', ['commit', '--quiet', '--message', proposal.title], identity);
  const same = before !== '' && (await execute(root, 'git', ['diff', '--quiet', before, 'HEAD'])).code === 0;
  if (!same) await must(root, 'git', ['push', `--force-with-lease=refs/heads/${branch}:${before}`, 'origin', `HEAD:refs/heads/${branch}`]);
  await openOrUpdate(root, proposal);
  // What a workflow pushes starts no other; one that is asked for does run.
  if (!same) await must(root, 'gh', ['workflow', 'run', 'ci.yml', '--ref', branch]);
}

/** The commit of the branch that is there already, `''` without one. Work that people have put on it is never overwritten. */
async function theirs(root: string, branch: string): Promise<string> {
  const { stdout } = await execute(root, 'git', ['rev-parse', '--verify', '--quiet', `refs/remotes/origin/${branch}`]);
  const before = stdout.trim();
  if (before === '') return '';
  const authors = (await must(root, 'git', ['log', '--format=%ae', before, '--not', 'HEAD'])).split('\n');
  const people = [...new Set(authors)].filter((email) => email !== '' && email !== author.email);
  if (people.length > 0)
    throw new InputError({
      message: `the branch ${branch} holds commits of ${people.join(', ')}, which an update would overwrite`,
      hint: 'merge its pull request, or delete the branch; then run the workflow again',
    });
  return before;
}

async function openOrUpdate(root: string, { branch, title, body, labels = {} }: Proposal): Promise<void> {
  const fields = 'number,isCrossRepository,labels';
  const list = await must(root, 'gh', ['pr', 'list', '--head', branch, '--base', 'main', '--state', 'open', '--json', fields]);
  // A fork may have a branch of the same name.
  const open = (JSON.parse(list) as PullRequest[]).find(({ isCrossRepository }) => !isCrossRepository);
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'finapi-propose-'));
  try {
    const file = join(folder, 'body.md');
    writeFileSync(
      file,
      cut(body, bodyLimit, '_Cut here: this is more than GitHub takes. The whole text is on the page of the run that wrote it._\n'),
    );
    const number = open === undefined ? await create(root, branch, title, file) : open.number;
    const api = `repos/{owner}/{repo}`;
    // `gh pr edit` asks for more than a workflow's token may read.
    if (open !== undefined)
      await must(root, 'gh', [
        'api',
        '--silent',
        '--method',
        'PATCH',
        `${api}/pulls/${number}`,
        '-f',
        `title=${title}`,
        '-F',
        `body=@${file}`,
      ]);
    const present = new Set(open?.labels.map(({ name }) => name));
    for (const [name, wanted] of Object.entries(labels)) {
      const place = `${api}/issues/${number}/labels`;
      if (wanted && !present.has(name)) await must(root, 'gh', ['api', '--silent', '--method', 'POST', place, '-f', `labels[]=${name}`]);
      if (!wanted && present.has(name)) await must(root, 'gh', ['api', '--silent', '--method', 'DELETE', `${place}/${name}`]);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The number of a new pull request; `gh` prints its address. */
async function create(root: string, branch: string, title: string, file: string): Promise<number> {
  const address = await must(root, 'gh', ['pr', 'create', '--base', 'main', '--head', branch, '--title', title, '--body-file', file]);
  const number = /\/pull\/(\d+)$/.exec(address)?.[1];
  if (number === undefined)
    throw new InputError({ message: `gh pr create gave no address: ${address}`, hint: 'look for the pull request on GitHub' });
  return Number(number);
}
