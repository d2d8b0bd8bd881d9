// release.yml on this machine: from changesets to versions, from versions to a registry and tags.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repository } from '../src/apis.ts';
import { type Context, createPlace, type JobRun } from './support-workflow.ts';

const manifest = (text: string): Record<string, unknown> & { version: string } => JSON.parse(text);
const versionOf = (name: string): string => manifest(readFileSync(join(repository, 'packages', name, 'package.json'), 'utf8')).version;
/** What a patch makes of a version. */
const next = (version: string): string => version.replace(/\d+$/, (patch) => String(Number(patch) + 1));

const names = ['auth-helpers', 'client', 'finapi', 'testing'];
const client = next(versionOf('client'));
const testing = next(versionOf('testing'));
/** In order of their folders. */
const tags = [
  `@finapi-ts/auth-helpers@${versionOf('auth-helpers')}`,
  `@finapi-ts/client@${client}`,
  `finapi-ts@${next(versionOf('finapi'))}`,
  `@finapi-ts/testing@${testing}`,
];
const sorted = [...tags].sort();

describe.skipIf(process.platform === 'win32')('a release', { timeout: 120_000 }, () => {
  let place: Awaited<ReturnType<typeof createPlace>>;
  beforeAll(async () => {
    const note = "---\n'@finapi-ts/client': patch\n---\n\nFaster.\n\n### Breaking changes\n\n- `slow` is gone; call `fast`.\n";
    place = await createPlace({ '.changeset/quick.md': note });
  }, 60_000);
  afterAll(() => place[Symbol.asyncDispose]());

  const context: Context = { github: { token: 'secret' }, secrets: { NPM_TOKEN: 'token' } };
  async function run(job: string): Promise<JobRun> {
    await place.checkout();
    return place.runJob('release.yml', job, context);
  }
  const codes = ({ steps }: JobRun): (number | null)[] => steps.map(({ code }) => code);
  const outputOf = ({ steps }: JobRun): string => steps.map(({ output }) => output).join('\n');

  it('begins with versions where a changeset waits', async () => {
    const ran = await run('plan');
    expect(codes(ran), outputOf(ran)).toEqual([0]);
    expect(ran.outputs).toEqual({ versions: 'true', publish: 'false' });
  });

  it('proposes versions, changelogs and a lock that fits them', async () => {
    const ran = await run('versions');
    expect(codes(ran), outputOf(ran)).toEqual([0, 0]);
    expect(place.github().pulls).toMatchObject([{ number: 1, head: 'release', title: `Release ${tags.join(', ')}` }]);
    expect(place.github().pulls[0]?.body).toContain(
      `# @finapi-ts/client\n\n## ${client}\n\nFaster.\n\n### Breaks\n\n- \`slow\` is gone; call \`fast\`.\n`,
    );

    const before = readFileSync(join(repository, 'packages/client/CHANGELOG.md'), 'utf8').replace('# Changelog\n', '');
    expect(place.read('packages/client/CHANGELOG.md')).toBe(
      `# Changelog\n\n## ${client}\n\nFaster.\n\n### Breaks\n\n- \`slow\` is gone; call \`fast\`.\n${before}`,
    );
    expect(place.read('packages/testing/CHANGELOG.md')).toContain(`## ${testing}\n\nWorks with @finapi-ts/client ${client}.\n`);
    expect(place.read('packages/client/src/core/version.ts')).toContain(`'${client}'`);
    expect(manifest(place.read('tests/contract/package.json'))['dependencies']).toMatchObject({ '@finapi-ts/client': client });
    const lock = JSON.parse(place.read('package-lock.json')) as { packages: Record<string, { version: string; dependencies?: object }> };
    expect(lock.packages['packages/client']?.version).toBe(client);
    expect(lock.packages['packages/testing']?.dependencies).toMatchObject({ '@finapi-ts/client': client });
    expect(await place.git('status', '--porcelain')).toBe('');
    expect(await place.git('ls-tree', '--name-only', 'origin/release', '.changeset/')).toBe('.changeset/README.md\n.changeset/config.json');
  });

  it('goes on to publishing once that is merged', async () => {
    await place.checkout();
    await place.git('merge', '--quiet', '--ff-only', 'origin/release');
    await place.git('push', '--quiet', 'origin', 'main');
    const ran = await run('plan');
    expect(codes(ran), outputOf(ran)).toEqual([0]);
    expect(ran.outputs).toEqual({ versions: 'false', publish: 'true' });
  });

  it('publishes neither drafts nor finAPI’s own words, by whatever way', async () => {
    await place.checkout();
    const [words, source] = ['spec/access-v1/overlays/docs/labels.yaml', 'spec/access-v1/source.yaml'] as const;
    place.write({
      [words]: place.read(words).replace(/description: (?=\w)/, 'description: "DRAFT: " # '),
      [source]: `${place.read(source)}x-not-for-publishing: true\n`,
    });
    const ran = await place.runJob('release.yml', 'publish', context);
    expect(codes(ran)).toEqual([1]);
    expect(outputOf(ran)).toMatch(/overlays\/docs\/labels\.yaml:\d+: these words are a draft/);
    expect(outputOf(ran)).toMatch(/spec\/access-v1\/source\.yaml:\d+: this holds finAPI’s own words/);
    for (const name of names)
      expect(manifest(place.read(`packages/${name}/package.json`))['scripts']).toMatchObject({
        prepublishOnly: 'npm --prefix ../.. run --silent publishable',
      });
    expect(place.published).toEqual([]);
  });

  it('builds, publishes each package with the place that it comes from, and pushes the tags', async () => {
    const ran = await run('publish');
    expect(codes(ran), outputOf(ran)).toEqual([0, 0, 0]);
    expect(place.published.map(({ name, versions }) => `${name}@${Object.keys(versions)[0]}`).sort()).toEqual(sorted);
    for (const { versions } of place.published)
      expect(Object.values(versions)[0]).toMatchObject({
        repository: { type: 'git', url: 'git+https://github.com/somebody/finapi-ts.git' },
      });
    const pushed = await place.git('ls-remote', '--tags', '--refs', 'origin');
    expect([...pushed.matchAll(/refs\/tags\/(.+)$/gm)].map(([, tag]) => tag).sort()).toEqual(sorted);
    // The manifests are as they were.
    expect(await place.git('status', '--porcelain')).toBe('');
  });

  it('has nothing left to do after that', async () => {
    const ran = await run('plan');
    expect(ran.outputs).toEqual({ versions: 'false', publish: 'false' });
    expect(ran.summary).toContain('Everything is published.');
  });
});
