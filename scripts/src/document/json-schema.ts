// OpenAPI 3.0 schemas as JSON Schema (2020-12), the way finAPI means them: for validators of our tests.
import { isNode, type Node } from './grammar.ts';

/** The `$id` under which component schemas are found. */
export const componentsId = 'components';

const words = new Set(['description', 'title', 'example', 'examples', 'default', 'deprecated', 'nullable', 'format']);
const nested = new Set(['items', 'additionalProperties', 'not']);
const lists = new Set(['allOf', 'oneOf', 'anyOf']);

/**
 * - `nullable` allows null whatever stands beside it; read strictly, a nullable reference could never be null.
 * - Patterns speak of the whole text; finAPI writes them without anchors.
 * - int32 and int64 are ranges, the latter up to what a JavaScript number holds.
 */
export function toJsonSchema(schema: Node): Node {
  const made: Node = {};
  for (const [key, value] of Object.entries(schema)) {
    if (words.has(key) || key.startsWith('x-')) continue;
    if (key === '$ref') made.$ref = String(value).replace('#/components/schemas/', `${componentsId}#/$defs/`);
    else if (key === 'properties' && isNode(value)) made.properties = mapNodes(value);
    else if (key === 'pattern') made.pattern = `^(?:${value})$`;
    else if (key === 'exclusiveMinimum' && value === true) made.exclusiveMinimum = schema.minimum;
    else if (key === 'exclusiveMaximum' && value === true) made.exclusiveMaximum = schema.maximum;
    else if (nested.has(key) && isNode(value)) made[key] = toJsonSchema(value);
    else if (lists.has(key) && Array.isArray(value)) made[key] = value.map((it) => (isNode(it) ? toJsonSchema(it) : it));
    else made[key] = value;
  }
  if (schema.format === 'date') made.format = 'date';
  if (schema.format === 'ipv4') made.format = 'ipv4';
  if (schema.format === 'int32') Object.assign(made, { minimum: made.minimum ?? -(2 ** 31), maximum: made.maximum ?? 2 ** 31 - 1 });
  if (schema.format === 'int64') Object.assign(made, { maximum: made.maximum ?? Number.MAX_SAFE_INTEGER });
  return schema.nullable === true ? { anyOf: [{ type: 'null' }, made] } : made;
}

/** All component schemas of a document, to be added to a validator once. */
export function componentSchemas(document: Node): Node {
  const components = isNode(document.components) ? document.components : {};
  return { $id: componentsId, $defs: mapNodes(isNode(components.schemas) ? components.schemas : {}) };
}

const mapNodes = (nodes: Node): Node =>
  Object.fromEntries(Object.entries(nodes).map(([name, it]) => [name, isNode(it) ? toJsonSchema(it) : it]));
