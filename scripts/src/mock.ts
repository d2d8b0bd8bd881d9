// The document that the mock serves: the composed one, with the mock overlay, every answer naming its operation.
import { join } from 'node:path';
import { type Api, locate, readDocument, readMockOverlay } from './apis.ts';
import { isNode, type Node, walk } from './document/grammar.ts';
import { InputError } from './errors.ts';
import { nameOf, readText } from './files.ts';
import { textHash } from './hash.ts';
import { applyOverlay } from './overlay/apply.ts';

/** The response header in which the mock says which operation answered. */
export const operationHeader = 'X-Mock-Operation';

/** Refuses a composed document that the client was not generated from: what the mock proves would not hold for it. */
export function mockDocument(root: string, api: Api): Node {
  const paths = locate(root, api);
  const composed = readDocument(root, paths.document, 'run: npm run generate');
  const provenance = readText(root, join(paths.generated, 'provenance.ts'), 'run: npm run generate');
  if (!provenance.includes(`document: '${textHash(composed.text)}'`)) {
    throw new InputError({
      file: nameOf(root, paths.document),
      message: 'the client was generated from another document',
      hint: 'run: npm run generate',
    });
  }
  const document = structuredClone(composed.value) as Node;
  const overlay = readMockOverlay(root, api);
  const problems = overlay === undefined ? [] : applyOverlay(document, overlay);
  if (problems.length > 0) throw new InputError(problems);
  for (const { node, kind } of [...walk(document)]) {
    if (kind !== 'operation' || !isNode(node.responses)) continue;
    for (const response of Object.values(node.responses)) {
      if (!isNode(response)) continue;
      // An enumeration of one value is what the mock always picks.
      response.headers = {
        ...(isNode(response.headers) ? response.headers : {}),
        [operationHeader]: { schema: { type: 'string', enum: [node.operationId] } },
      };
    }
  }
  return document;
}
