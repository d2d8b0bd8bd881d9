// spec-update.yml on this machine: from a document to a branch and its pull request.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repository } from '../src/apis.ts';
import { isNode, type Node } from '../src/document/grammar.ts';
import { parse, print } from '../src/document/yaml.ts';
import { type Context, createPlace, type JobRun } from './support-workflow.ts';

const source = readFileSync(join(repository, 'spec/access-v1/source.yaml'), 'utf8');
const { info } = parse('source.yaml', source).value as { info: { title: string; version: string } };
const title = `${info.title} ${info.version}`;
const branch = 'spec-update/access-v1';

/** finAPI's document as it is here, changed. */
function document(change: (schemas: Record<string, Node>) => void): string {
  const value = parse('source.yaml', source).value as { components: { schemas: Record<string, Node> } };
  change(value.components.schemas);
  return print(value);
}

function addColour(schemas: Record<string, Node>): void {
  propertiesOf(schemas['Label'])['colour'] = { type: 'string' };
}

function dropCustom(schemas: Record<string, Node>): void {
  const category = schemas['Category'] as Node;
  delete propertiesOf(category)['isCustom'];
  category['required'] = (category['required'] as string[]).filter((name) => name !== 'isCustom');
}

function propertiesOf(schema: Node | undefined): Node {
  if (!isNode(schema?.properties)) throw new Error('the document has another form');
  return schema.properties;
}

describe.skipIf(process.platform === 'win32')('the update', { timeout: 120_000 }, () => {
  let place: Awaited<ReturnType<typeof createPlace>>;
  beforeAll(async () => {
    place = await createPlace();
  }, 60_000);
  afterAll(() => place[Symbol.asyncDispose]());

  const context = (inputs: Context, vars: Context = {}): Context => ({
    matrix: { api: 'access-v1' },
    inputs,
    vars,
    github: { token: 'secret' },
  });
  async function run(inputs: Context, vars?: Context): Promise<JobRun> {
    await place.checkout();
    return place.runJob('spec-update.yml', 'update', context(inputs, vars));
  }
  const codes = ({ steps }: JobRun): (number | null)[] => steps.map(({ code }) => code);
  const outputOf = ({ steps }: JobRun): string => steps.map(({ output }) => output).join('\n');
  function given(name: string, change: (schemas: Record<string, Node>) => void): string {
    place.write({ [`reports/${name}`]: document(change) });
    return `reports/${name}`;
  }

  it('has nothing to do where the variable names no document', async () => {
    const ran = await run({}, { SPEC_DOCUMENTS: '{}' });
    expect(codes(ran), outputOf(ran)).toEqual([0]);
    expect(ran.summary).toContain('No document is set for access-v1');
  });

  it.each([
    [
      'an option that would publish finAPI’s words',
      { document: 'a.yaml', options: '--keep-prose' },
      '--keep-prose is no option of this workflow',
    ],
    ['a variable that is no JSON', {}, 'the variable SPEC_DOCUMENTS is not JSON'],
  ])('refuses %s', async (_, inputs, message) => {
    const ran = await run(inputs, { SPEC_DOCUMENTS: 'access-v1' });
    expect(codes(ran)).toEqual([1]);
    expect(outputOf(ran)).toContain(message);
    expect(place.github().calls).toEqual([]);
  });

  it('proposes nothing where the document is the one that is committed', async () => {
    const file = given('same.yaml', () => {});
    const ran = await run({}, { SPEC_DOCUMENTS: JSON.stringify({ 'access-v1': file }) });
    expect(codes(ran), outputOf(ran)).toEqual([0]);
    expect(ran.summary).toContain('No changes');
    expect(place.github().calls).toEqual([]);
  });

  it('proposes what breaks as a pull request with a label, and has it tested', async () => {
    const file = given('breaking.yaml', (schemas) => {
      addColour(schemas);
      dropCustom(schemas);
    });
    const ran = await run({ document: file, options: '--no-tests' });
    expect(codes(ran), outputOf(ran)).toEqual([0, 0]);

    const { pulls, calls } = place.github();
    expect(pulls).toEqual([
      {
        number: 1,
        head: branch,
        title: `${title} (major)`,
        body: expect.any(String),
        labels: ['breaking'],
      },
    ]);
    expect(pulls[0]?.body).toContain('## Breaking changes');
    expect(ran.summary).toContain('## Breaking changes');
    expect(calls).toContainEqual(['workflow', 'run', 'ci.yml', '--ref', branch]);

    const files = (await place.git('diff', '--name-only', 'main', `origin/${branch}`)).split('\n');
    for (const name of ['spec/access-v1/source.yaml', 'spec/access-v1/openapi.yaml', 'packages/client/src/generated/access-v1/schemas.ts'])
      expect(files).toContain(name);
    expect(files.filter((name) => name.startsWith('.changeset/'))).toHaveLength(1);
    expect(files.filter((name) => !/^(spec|packages|\.changeset)\//.test(name))).toEqual([]);
    expect(await place.git('log', '--format=%an: %s', 'main..HEAD')).toBe(`github-actions[bot]: ${title} (major)`);
    expect(await place.git('show', `origin/${branch}:spec/access-v1/source.yaml`)).toContain('colour:');
  });

  it('updates branch, text and label of the same pull request with the next document', async () => {
    const before = await place.git('rev-parse', `origin/${branch}`);
    const ran = await run({ document: given('harmless.yaml', addColour), options: '--no-tests' });
    expect(codes(ran), outputOf(ran)).toEqual([0, 0]);
    const { pulls } = place.github();
    expect(pulls).toEqual([{ number: 1, head: branch, title: expect.stringMatching(/ \(minor\)$/), body: expect.any(String), labels: [] }]);
    expect(pulls[0]?.body).not.toContain('## Breaking changes');
    expect(await place.git('rev-parse', `origin/${branch}`)).not.toBe(before);
    expect(await place.git('rev-list', '--count', `main..origin/${branch}`)).toBe('1');
  });

  it('never overwrites what people have put on the branch', async () => {
    await place.git('fetch', '--quiet', 'origin');
    await place.git('switch', '--quiet', '--force-create', 'words', `origin/${branch}`);
    await place.git('commit', '--quiet', '--allow-empty', '--message', 'Words');
    await place.git('push', '--quiet', 'origin', `words:${branch}`);
    const before = await place.git('rev-parse', 'words');
    await place.checkout();
    place.write({ 'spec/apis.json': `${place.read('spec/apis.json')}\n` });
    const inputs = { ...context({}), steps: { update: { outputs: { changed: 'true', title: 'Another (patch)', breaking: 'false' } } } };
    const ran = await place.runJob('spec-update.yml', 'update', inputs, ({ id }) => id !== 'update');
    expect(codes(ran)).toEqual([1]);
    expect(outputOf(ran)).toContain('holds commits of somebody@example.com, which an update would overwrite');
    await place.git('fetch', '--quiet', 'origin');
    expect(await place.git('rev-parse', `origin/${branch}`)).toBe(before);
  });
});
