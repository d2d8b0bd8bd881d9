import { describe, expect, it } from 'vitest';
import { repository } from '../src/apis.ts';
import type { Node } from '../src/document/grammar.ts';
import { formatProblem } from '../src/errors.ts';
import { mockDocument, operationHeader } from '../src/mock.ts';
import { operationsOf, spec } from './support-apis.ts';
import { read, shed, write, writeShed } from './support-copy.ts';
import { at, nodeAt, problemOf, problemsOf } from './support-documents.ts';
import { temporaryFolder } from './support-folder.ts';

const access = { id: 'access-v1', name: 'AccessV1', title: 'finAPI Access V1' };
const composed = spec('openapi.yaml').value;
const mock = spec('overlays/mock.yaml').value;
const document = mockDocument(repository, access);

/** The pairs of paths that differ in the name of a parameter alone. */
const pairs = Object.keys(composed.paths as Node)
  .filter((path) => path.endsWith('/{ids}'))
  .map((path) => ({ list: path, one: path.replace('{ids}', '{id}'), concrete: path.replace('{ids}', '1,2,3') }));

/** A copy without what the mock adds to every answer. */
function withoutHeaders(value: Node): Node {
  const copy = structuredClone(value);
  for (const { node } of operationsOf(copy).values()) {
    for (const response of Object.values(node.responses as Record<string, Node>)) {
      const { [operationHeader]: _, ...headers } = (response.headers ?? {}) as Node;
      if (Object.keys(headers).length === 0) delete response.headers;
      else response.headers = headers;
    }
  }
  return copy;
}

describe('the document for the mock of Access V1', () => {
  it('names the operation in every answer of every operation', () => {
    const operations = operationsOf(document);
    expect(operations.size).toBe(102);
    for (const [id, { node }] of operations) {
      const responses = Object.entries(node.responses as Record<string, Node>);
      expect(responses.length).toBeGreaterThan(0);
      for (const [status, response] of responses) {
        expect([id, status, response.$ref]).toEqual([id, status, undefined]);
        expect(at(response, 'headers', operationHeader)).toEqual({ schema: { type: 'string', enum: [id] } });
      }
    }
  });

  it('has the same operations as the composed one', () => {
    expect([...operationsOf(document).keys()].sort()).toEqual([...operationsOf(composed).keys()].sort());
  });

  it('has the seven pairs of identical paths apart: a list of ids is a path of its own', () => {
    expect(pairs).toHaveLength(7);
    const paths = Object.keys(document.paths as Node);
    expect(paths.filter((path) => path.includes('{ids}'))).toEqual([]);
    for (const { one, concrete } of pairs) expect(paths).toEqual(expect.arrayContaining([one, concrete]));
    const templates = paths.map((path) => path.replace(/\{[^}]*\}/g, '{}'));
    expect(new Set(templates).size).toBe(templates.length);
  });

  it('has their operations at the new place as they were, but for the parameter', () => {
    const bare = withoutHeaders(document);
    for (const { list, concrete } of pairs) {
      const before = structuredClone(nodeAt(composed, 'paths', list)) as Record<string, { parameters: Node[] }>;
      for (const method of Object.values(before)) method.parameters = method.parameters.filter(({ name }) => name !== 'ids');
      expect([concrete, nodeAt(bare, 'paths', concrete)]).toEqual([concrete, before]);
    }
  });

  it('leaves everything else as it was, but for what the overlay says', () => {
    const before = structuredClone(composed);
    const after = withoutHeaders(document);
    for (const { list, concrete } of pairs) {
      delete nodeAt(before, 'paths')[list];
      delete nodeAt(after, 'paths')[concrete];
    }
    const named = (mock.actions as Node[]).map(({ target }) => String(target)).filter((target) => !target.startsWith('$.paths'));
    for (const target of named) {
      const [, group = '', name = ''] = /^\$\.components\.(headers|schemas)\.(\w+)$/.exec(target) ?? [];
      const [old, now] = [nodeAt(before, 'components', group, name), nodeAt(after, 'components', group, name)];
      // Examples and defaults are all that is added.
      expect(now).toMatchObject(withoutWords(old));
      expect(withoutWords(now)).toEqual(withoutWords(old));
      delete nodeAt(before, 'components', group)[name];
      delete nodeAt(after, 'components', group)[name];
    }
    expect(after).toEqual(before);
  });

  it('leaves the composed document alone', () => {
    expect(spec('openapi.yaml').value).toEqual(composed);
    expect(mockDocument(repository, access)).toEqual(document);
    expect(mockDocument(repository, access)).not.toBe(document);
  });
});

/** A node without examples and defaults, at every depth. */
function withoutWords(value: Node): Node {
  return JSON.parse(JSON.stringify(value, (key, it) => (key === 'example' || key === 'default' ? undefined : it)));
}

describe('the document for the mock of another API', () => {
  const overlay = (...actions: object[]) => ({ overlay: '1.1.0', info: { title: 'Mock', version: '1.0.0' }, actions });
  const mockFile = 'spec/shed/overlays/mock.yaml';

  async function folder(mockActions?: object[]): Promise<string> {
    const root = temporaryFolder();
    await writeShed(root);
    if (mockActions !== undefined) write(root, { [mockFile]: overlay(...mockActions) });
    return root;
  }

  it('is the composed one with the header, where there is no overlay for the mock', async () => {
    const root = await folder();
    const bare = withoutHeaders(mockDocument(root, shed));
    expect(Object.keys(bare.paths as Node)).toEqual(['/tools', '/loans']);
    expect(at(mockDocument(root, shed), 'paths', '/loans', 'post', 'responses', '422', 'headers')).toEqual({
      [operationHeader]: { schema: { type: 'string', enum: ['lendTool'] } },
    });
  });

  it('keeps the headers that an answer has', async () => {
    const headers = { Location: { schema: { type: 'string' } } };
    const root = await folder([{ target: "$.paths['/loans'].post.responses['201']", update: { headers } }]);
    expect(at(mockDocument(root, shed), 'paths', '/loans', 'post', 'responses', '201', 'headers')).toEqual({
      ...headers,
      [operationHeader]: { schema: { type: 'string', enum: ['lendTool'] } },
    });
  });

  it('names the operation in answers that operations share', async () => {
    const root = await folder([
      { target: '$.components', update: { responses: { Fault: { description: 'Odd.' } } } },
      { target: "$.paths['/loans'].post.responses['422']", remove: true },
      { target: "$.paths['/loans'].post.responses", update: { '422': { $ref: '#/components/responses/Fault' } } },
    ]);
    const response = nodeAt(mockDocument(root, shed), 'paths', '/loans', 'post', 'responses', '422');
    expect(response.$ref).toBeUndefined();
    expect(at(response, 'headers', operationHeader)).toEqual({ schema: { type: 'string', enum: ['lendTool'] } });
  });

  it('is refused where an action matches nothing, with file and line', async () => {
    const root = await folder([
      { target: "$.paths['/tools'].get", update: { 'x-mock': true } },
      { target: "$.paths['/gone']", remove: true },
    ]);
    const problem = problemOf(() => mockDocument(root, shed));
    expect(problem).toMatchObject({ file: mockFile, message: "$.paths['/gone'] matches nothing" });
    expect(read(root, mockFile).split('\n')[(problem.line ?? 0) - 1]).toContain('/gone');
  });

  it('is refused with every fault of the overlay', async () => {
    const root = await folder([
      { target: '$.gone', remove: true },
      { target: '$.lost', update: {} },
    ]);
    expect(problemsOf(() => mockDocument(root, shed)).map(({ message }) => message)).toEqual([
      '$.gone matches nothing',
      '$.lost matches nothing',
    ]);
  });

  it.each<[string, (root: string) => void, string]>([
    [
      'the composed document is another one than the client was generated from',
      (root) => write(root, { 'spec/shed/openapi.yaml': `${read(root, 'spec/shed/openapi.yaml')}\n` }),
      'spec/shed/openapi.yaml: the client was generated from another document\n    run: npm run generate',
    ],
    [
      'the composed document is missing',
      (root) => write(root, { 'spec/shed/openapi.yaml': null }),
      'spec/shed/openapi.yaml: there is no such file\n    run: npm run generate',
    ],
    [
      'there is no client',
      (root) => write(root, { 'packages/client/src/generated/shed/provenance.ts': null }),
      'packages/client/src/generated/shed/provenance.ts: there is no such file\n    run: npm run generate',
    ],
  ])('is refused where %s, with the command that mends it', async (_, change, message) => {
    const root = await folder();
    change(root);
    expect(formatProblem(problemOf(() => mockDocument(root, shed)))).toBe(message);
  });
});
