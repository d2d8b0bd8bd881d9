// What every workflow promises: pinned actions, few rights, an end in time, and nothing from outside in a script.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readApis, repository } from '../src/apis.ts';
import changelog, { withoutBumps } from '../src/workflow/changelog.ts';
import { cut } from '../src/workflow/process.ts';
import { readWorkflow, workflows } from './support-workflow.ts';

it('there are three workflows', () => {
  expect(workflows).toEqual(['ci.yml', 'release.yml', 'spec-update.yml']);
});

describe.each(workflows)('%s', (name) => {
  const { text, value } = readWorkflow(name);
  const jobs = Object.entries(value.jobs);
  const steps = jobs.flatMap(([, job]) => job.steps ?? []);

  it('pins every action by its commit, and says which version that is', () => {
    const used = [...text.matchAll(/^\s*(?:- )?uses: (.+)$/gm)].map(([, use = '']) => use).filter((use) => !use.startsWith('./'));
    expect(used.length).toBeGreaterThan(0);
    for (const use of used) expect(use).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  });

  it('has no rights but those that a job asks for, each for a reason', () => {
    expect(value.permissions).toEqual(name === 'ci.yml' ? { contents: 'read' } : {});
    for (const [id, job] of jobs) if (name !== 'ci.yml') expect(job.permissions, id).toBeDefined();
    const writes = jobs.flatMap(([id, job]) =>
      Object.entries(job.permissions ?? {})
        .filter(([, right]) => right !== 'read')
        .map(([right]) => `${id}: ${right}`),
    );
    const allowed: Record<string, string[]> = {
      'ci.yml': [],
      'release.yml': ['versions: contents', 'versions: pull-requests', 'versions: actions', 'publish: contents', 'publish: id-token'],
      'spec-update.yml': ['update: contents', 'update: pull-requests', 'update: actions'],
    };
    expect(writes).toEqual(allowed[name]);
  });

  it('ends in time', () => {
    for (const [id, job] of jobs) if (job.uses === undefined) expect(job['timeout-minutes'], id).toBeLessThanOrEqual(45);
  });

  it('says which of its runs exclude each other', () => {
    for (const [id, job] of jobs) expect(value.concurrency ?? job.concurrency, id).toMatchObject({ group: expect.any(String) });
  });

  it('puts nothing into a script; what varies comes in the environment', () => {
    for (const { run } of steps) expect(run ?? '').not.toContain('${{');
  });

  it('leaves no token in the checkout, and gives one only to the step that pushes', () => {
    for (const step of steps.filter(({ uses }) => uses?.startsWith('actions/checkout@')))
      expect(step.with).toMatchObject({ 'persist-credentials': false });
    const trusted = steps.filter(({ env }) => JSON.stringify(env ?? {}).match(/github\.token|secrets\./)).map(({ run }) => run);
    for (const run of trusted) expect(run).toMatch(/^npm run --silent workflow -- (propose-update|propose-release|publish)$/);
  });

  it('runs only scripts that there are', () => {
    const { scripts } = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
    for (const { run } of steps) {
      const script = /^npm run (?:--silent )?(\S+)/.exec(run ?? '')?.[1];
      if (script !== undefined) expect(scripts).toHaveProperty(script);
    }
  });
});

it('the update offers every API', () => {
  const { text, value } = readWorkflow('spec-update.yml');
  const ids = readApis(repository).map(({ id }) => id);
  expect(value.on['workflow_dispatch']?.inputs?.['api']?.options).toEqual(ids);
  expect(text).toContain(`'${JSON.stringify(ids)}'`);
});

describe('the text of a pull request', () => {
  it('stays as it is where it fits', () => {
    expect(cut('- one\n- two\n', 100, 'cut')).toBe('- one\n- two\n');
  });

  it('is cut between two entries, never within one', () => {
    const entry = `- ${'ä'.repeat(20)}\n\n  \`\`\`\n  code\n  \`\`\`\n`;
    const text = cut(entry.repeat(10), 200, '_cut_');
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(200);
    expect(text).toBe(`${entry.repeat(3).trimEnd()}\n\n_cut_`);
  });
});

describe('a changelog', () => {
  it('has the words of a changeset, and what breaks below the heading that the comparison with the version before looks for', () => {
    const line = changelog.getReleaseLine({ summary: 'Access V1: 2.0\n\n### Breaking changes\n\n- gone\n' });
    expect(line.trim()).toBe('Access V1: 2.0\n\n### Breaks\n\n- gone');
  });

  it('has no headings that only say how the version changed', () => {
    expect(withoutBumps('## 0.2.0\n\n### Minor Changes\n\nOne.\n\n### Breaks\n\n- two\n')).toBe(
      '## 0.2.0\n\nOne.\n\n### Breaks\n\n- two\n',
    );
  });
});
