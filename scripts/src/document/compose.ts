// Composes an API's document: the structure of finAPI's, plus our layers.
import { InputError } from '../errors.ts';
import { applyOverlay, type Overlay } from '../overlay/apply.ts';
import { arrange } from './arrange.ts';
import { isNode, type Node } from './grammar.ts';
import type { Source } from './yaml.ts';

/**
 * @param known the composed document of before, whose order of names is kept, so that shuffled input gives the same bytes
 */
export function compose(source: Source, overlays: readonly Overlay[], known?: unknown): Node {
  if (!isNode(source.value) || typeof source.value.openapi !== 'string' || !isNode(source.value.paths)) {
    throw new InputError({ file: source.file, line: 1, message: 'not an OpenAPI document: `openapi` or `paths` is missing' });
  }
  const document = structuredClone(source.value);
  const problems = overlays.flatMap((overlay) => applyOverlay(document, overlay));
  if (problems.length > 0) throw new InputError(problems);
  return arrange(document, known);
}
