// The small API as an update finds it.
import type { Node } from '../src/document/grammar.ts';
import { importDocument } from '../src/document/import.ts';
import { print } from '../src/document/yaml.ts';
import { commit } from '../src/files.ts';
import { generate } from '../src/generate.ts';
import { copyManifest, shed, shedSource, write, writeShed } from './support-copy.ts';
import { file, nodeAt } from './support-documents.ts';

/** The small API as its publisher has it: the same structure, with prose. */
export function published(change: (document: Node) => void = () => {}): Node {
  const document = shedSource();
  nodeAt(document, 'info').description = 'PROSE of the whole.';
  Object.assign(nodeAt(document, 'paths', '/tools', 'get'), { summary: 'PROSE', description: 'PROSE on tools.' });
  Object.assign(nodeAt(document, 'components', 'schemas', 'Tool'), { description: 'PROSE', example: { id: 'PROSE' } });
  change(document);
  return document;
}

/** Writes the small API as imported and generated. */
export async function writeImported(root: string): Promise<void> {
  await writeShed(root);
  copyManifest(root);
  write(root, {
    'spec/shed/source.yaml': print(importDocument(file('published.yaml', published())).document),
    'packages/client/package.json': '{ "name": "@finapi-ts/client", "version": "0.3.0" }\n',
  });
  commit((await generate(root, shed, { force: true })).files);
}
