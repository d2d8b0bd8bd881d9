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

function resolve(document: Node, reference: string): Node {
  const steps = reference.replace(/^#\//, '').split('/');
  const found = steps.reduce<unknown>(
    (at, step) => (isNode(at) ? at[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined),
    document,
  );
  return isNode(found) ? found : {};
}

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
  for (const { node, kind } of walk(document)) {
    if (kind !== 'operation' || !isNode(node.responses)) continue;
    for (const [status, given] of Object.entries(node.responses)) {
      if (!isNode(given)) continue;
      // An answer that operations share becomes one of each.
      const response = typeof given.$ref === 'string' ? structuredClone(resolve(document, given.$ref)) : given;
      node.responses[status] = response;
      // An enumeration of one value is what the mock always picks.
      response.headers = {
        ...(isNode(response.headers) ? response.headers : {}),
        [operationHeader]: { schema: { type: 'string', enum: [node.operationId] } },
      };
    }
  }
  return document;
}
