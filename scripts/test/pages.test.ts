// The reference pages: what stands in their tables, and where their links lead.
import { describe, expect, it } from 'vitest';
import { emitAll } from '../src/emit/all.ts';
import { buildModel } from '../src/model.ts';
import { file } from './support-documents.ts';
import { documentOf, json, operation, ref } from './support-model.ts';

const api = { id: 'shed', name: 'Shed', title: 'Tool shed' };
const kind = { type: 'string', description: 'What it is for:\n\n- `SAW`: to saw', enum: ['SAW', 'HAMMER'] };
const tool = {
  type: 'object',
  description: 'A tool.',
  properties: { kind: ref('Kind'), colour: { type: 'string', description: 'How it looks:' } },
};
const put = operation('putTool', {
  requestBody: { required: true, ...json(ref('Tool')) },
  responses: { '200': { description: 'The tool.', ...json(ref('Tool')) } },
});
const document = documentOf({ '/tools': { put } }, { schemas: { Kind: kind, Tool: tool } });
const { pages } = emitAll(api, buildModel({ ...file('openapi.yaml', document), value: document }), {
  version: '1',
  document: '',
  overlays: '',
  generators: {},
});

describe('a reference page', () => {
  it('says of a plain reference what its type says first', () => {
    expect(pages['Tools.md']).toMatch(/^\*\*kind\*\* \| .* \| What it is for\. \| body/m);
    expect(pages['types/Tool.md']).toMatch(/^\*\*kind\*\* \| .* \| What it is for\. \| optional/m);
  });

  it('leaves the words of all other properties as they are', () => {
    expect(pages['types/Tool.md']).toMatch(/^\*\*colour\*\* \| .* \| How it looks: \| optional/m);
  });

  it('links the type of what is sent to the page of the type, which names it', () => {
    expect(pages['types/Tool.md']).toContain('What is sent is of the type `ToolInput`');
    const links = Object.values(pages).flatMap((text) =>
      [...text.matchAll(/\]\((?:types\/|\.\.\/)?([A-Z]\w*\.md)/g)].map(([, name]) => name),
    );
    const names = Object.keys(pages).map((name) => name.split('/').at(-1));
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((name) => !names.includes(name))).toEqual([]);
  });
});
