// The steps of release.yml: changesets become versions in a pull request; versions become packages and tags.
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../errors.ts';
import { commit, differences, isFile, readText } from '../files.ts';
import { withoutBumps } from './changelog.ts';
import { execute, must, tellOutputs, tellSummary } from './process.ts';
import { identity, propose } from './propose.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly private?: boolean;
  readonly repository?: unknown;
  readonly [field: string]: unknown;
}

/** A package that people install. */
interface Package extends Manifest {
  /** From the root, like `packages/client`. */
  readonly folder: string;
}

/** → outputs `versions`, whether changesets wait for versions, and `publish`, whether versions wait for the registry or a tag. */
export async function planStep(root: string): Promise<void> {
  const waiting = readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
  if (waiting.length > 0) {
    tellSummary(
      `${waiting.length} ${waiting.length === 1 ? 'changeset waits' : 'changesets wait'} for a release; the pull request follows.`,
    );
    tellOutputs({ versions: true, publish: false });
    return;
  }
  const missing = [...new Set([...(await unpublished(root)), ...(await untagged(root))])];
  tellSummary(missing.length === 0 ? 'Everything is published.' : `To publish: ${missing.join(', ')}.`);
  tellOutputs({ versions: false, publish: missing.length > 0 });
}

/** Changesets → versions, changelogs and the lock, as files only. */
export async function versionStep(root: string): Promise<void> {
  await changeset(root, ['version']);
  const written = new Map<string, string>();
  for (const { folder } of packagesOf(root)) {
    const changelog = join(root, folder, 'CHANGELOG.md');
    written.set(changelog, withoutBumps(readText(root, changelog)));
  }
  written.set(join(root, 'package-lock.json'), lockOf(root));
  const { version } = manifestIn(root, 'packages/client');
  const constant = join(root, versionFile);
  written.set(constant, readText(root, constant).replace(/(export const version = ')[^']*'/, `$1${version}'`));
  commit(differences(written));
}

/** The client says its version at run time. */
const versionFile = 'packages/client/src/core/version.ts';

/** What the step before has written → a pull request. */
export async function proposeReleaseStep(root: string): Promise<void> {
  const tags = await untagged(root);
  const packages = packagesOf(root).filter((it) => tags.includes(tagOf(it)));
  const sections = packages.map(({ name, folder }) => `# ${name}\n\n${newestSection(readText(root, join(root, folder, 'CHANGELOG.md')))}`);
  await propose(root, {
    branch: 'release',
    paths: ['.changeset', 'packages', 'package-lock.json', ':(glob)**/package.json'],
    title: `Release ${tags.join(', ')}`.slice(0, 200),
    body: `Merging this publishes the versions below.\n\n${sections.join('\n\n')}\n`,
  });
}

/** Whatever is built → the registry; then the tags of what went there. */
export async function publishStep(root: string): Promise<void> {
  await must(root, 'gh', ['auth', 'setup-git']);
  const before = new Set((await must(root, 'git', ['tag', '--list'])).split('\n'));
  const { code } = await withRepository(root, () => execute(root, process.execPath, [changesets(root), 'publish'], identity));
  // Versions that an earlier run published and could not tag.
  if (code === 0) await changeset(root, ['git-tag']);
  const tags = (await must(root, 'git', ['tag', '--list'])).split('\n').filter((tag) => tag !== '' && !before.has(tag));
  // Also where a package failed: what is on the registry has its tag.
  if (tags.length > 0) await must(root, 'git', ['push', 'origin', ...tags.map((tag) => `refs/tags/${tag}`)]);
  tellSummary(tags.length === 0 ? 'Nothing was published.' : `Published: ${tags.join(', ')}.`);
  if (code !== 0)
    throw new InputError({
      message: 'not every package was published',
      hint: 'the registry’s answer is above; run the job again, it goes on where it ended',
    });
}

/** The registry takes a provenance only of a package that names the repository; ours names the one that it is published from. */
async function withRepository<T>(root: string, work: () => Promise<T>): Promise<T> {
  const name = process.env.GITHUB_REPOSITORY;
  if (name === undefined) return work();
  const url = `git+${process.env.GITHUB_SERVER_URL ?? 'https://github.com'}/${name}.git`;
  const kept = new Map<string, string>();
  const named = new Map<string, string>();
  for (const { folder } of packagesOf(root)) {
    const path = join(root, folder, 'package.json');
    const text = readText(root, path);
    kept.set(path, text);
    const manifest = JSON.parse(text) as Manifest;
    if (manifest.repository === undefined)
      named.set(path, `${JSON.stringify({ ...manifest, repository: { type: 'git', url, directory: folder } }, undefined, 2)}\n`);
  }
  commit(named);
  try {
    return await work();
  } finally {
    commit(differences(kept));
  }
}

async function unpublished(root: string): Promise<string[]> {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'finapi-release-'));
  try {
    const file = join(folder, 'plan.json');
    await changeset(root, ['publish-plan', '--output', file]);
    const { plan } = JSON.parse(readFileSync(file, 'utf8')) as { plan: { kind: string; name: string; version: string }[][] };
    return plan
      .flat()
      .filter(({ kind }) => kind === 'publish')
      .map(tagOf);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function untagged(root: string): Promise<string[]> {
  const tags = (await must(root, 'git', ['tag', '--list'])).split('\n');
  return packagesOf(root)
    .map(tagOf)
    .filter((tag) => !tags.includes(tag));
}

/** Starting it by its file instead of npx saves most of its time. */
const changesets = (root: string): string => join(root, 'node_modules/@changesets/cli/bin.js');
const changeset = (root: string, args: readonly string[]): Promise<string> =>
  must(root, process.execPath, [changesets(root), ...args], identity);

/** The form of changesets; `npm run compat` finds releases by it. */
const tagOf = ({ name, version }: { readonly name: string; readonly version: string }): string => `${name}@${version}`;

const manifestIn = (root: string, folder: string): Manifest => JSON.parse(readText(root, join(root, folder, 'package.json'))) as Manifest;

function packagesOf(root: string): Package[] {
  const folders = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`);
  return folders
    .filter((folder) => isFile(join(root, folder, 'package.json')))
    .map((folder) => ({ ...manifestIn(root, folder), folder }))
    .filter((manifest) => manifest.private !== true);
}

/** The lock with the versions of our own packages. `npm install` would look for newer ones of everything else that is not pinned. */
function lockOf(root: string): string {
  const lock = JSON.parse(readText(root, join(root, 'package-lock.json'))) as { packages: Record<string, Record<string, unknown>> };
  for (const [folder, entry] of Object.entries(lock.packages)) {
    if (folder === '' || folder.includes('node_modules/')) continue;
    const manifest = manifestIn(root, folder);
    for (const field of ['version', 'dependencies', 'devDependencies', 'peerDependencies'])
      if (manifest[field] !== undefined && entry[field] !== undefined) entry[field] = manifest[field];
  }
  return `${JSON.stringify(lock, undefined, 2)}\n`;
}

/** The words of the newest version of a changelog. */
const newestSection = (changelog: string): string => `## ${changelog.split(/^## /m)[1]?.trim() ?? ''}`;
