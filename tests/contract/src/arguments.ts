// Arguments for an operation: the least it takes, all it can take, and ones that break exactly one rule of the document.
import { isNode, type Node } from '@finapi-ts/scripts/grammar';
import type { Model, Operation } from '@finapi-ts/scripts/model';

type Arguments = Record<string, unknown>;

/** The mock knows a list in a path as these ids alone. */
const listedIds = [1, 2, 3];

export interface Arranged {
  readonly least: Arguments;
  readonly all: Arguments;
}

export function argumentsOf(model: Model, operation: Operation): Arranged {
  const least: Arguments = {};
  const all: Arguments = {};
  for (const { name, schema, required, example } of [...operation.pathParameters, ...operation.queryParameters]) {
    const inPath = operation.pathParameters.some((it) => it.name === name);
    const value = inPath && schema.type === 'array' ? listedIds : (example ?? exampleOf(model, schema));
    all[name] = value;
    if (required) least[name] = value;
  }
  const body = bodySchema(model, operation);
  for (const [name, property] of Object.entries(propertiesOf(body))) {
    const value = exampleOf(model, property);
    all[name] = value;
    if (requiredOf(body).has(name)) least[name] = value;
  }
  return { least, all };
}

export interface Breach {
  /** What is broken, in words. */
  readonly rule: string;
  readonly args: Arguments;
  /** Where the mock must see it: `path`, `query` or `body`, and the name of the argument. */
  readonly place: 'path' | 'query' | 'body';
  readonly name: string;
}

/** One breach for every argument that the document constrains in a way that can be broken. */
export function breachesOf(model: Model, operation: Operation): Breach[] {
  const { least } = argumentsOf(model, operation);
  const breaches: Breach[] = [];
  const add = (place: Place, name: string, schema: Node, required: boolean): void => {
    // A path without its parameter is another path; the client refuses to send it.
    if (required && place !== 'path') {
      const { [name]: _, ...without } = least;
      breaches.push({ rule: `${name} is missing`, args: without, place: seen(place), name });
    }
    const broken = brokenValue(model, schema, place);
    if (broken !== undefined)
      breaches.push({ rule: `${name} ${broken.rule}`, args: { ...least, [name]: broken.value }, place: seen(place), name });
  };
  for (const { name, schema, required } of operation.pathParameters) if (schema.type !== 'array') add('path', name, schema, required);
  for (const { name, schema, required } of operation.queryParameters) add('query', name, schema, required);
  const body = bodySchema(model, operation);
  const form = operation.body?.mediaType === 'application/x-www-form-urlencoded';
  for (const [name, property] of Object.entries(propertiesOf(body)))
    add(form ? 'form' : 'body', name, property, requiredOf(body).has(name));
  return breaches;
}

/** Where an argument travels; in a form, a query and a path everything is text. */
type Place = 'path' | 'query' | 'form' | 'body';

const seen = (place: Place): Breach['place'] => (place === 'form' ? 'body' : place);

/** A value that breaks one rule of a schema; undefined where every value of its kind is fine. */
function brokenValue(model: Model, schema: Node, place: Place): { rule: string; value: unknown } | undefined {
  const node = resolve(model, schema);
  if (Array.isArray(node.allOf) && isNode(node.allOf[0])) return brokenValue(model, node.allOf[0], place);
  if (Array.isArray(node.enum)) return { rule: 'is no value of the enumeration', value: 'NO_SUCH_VALUE' };
  if (node.type === 'integer' || node.type === 'number') return { rule: `is no ${node.type}`, value: 'text' };
  if (node.type === 'boolean') return { rule: 'is no boolean', value: 'perhaps' };
  if (typeof node.maxLength === 'number') return { rule: 'is too long', value: 'a'.repeat(node.maxLength + 1) };
  if (typeof node.minLength === 'number' && node.minLength > 0) return { rule: 'is too short', value: '' };
  if (node.type === 'array' && place === 'body') return { rule: 'is no list', value: 'text' };
  if (node.type === 'array' && isNode(node.items)) {
    const item = brokenValue(model, node.items, place);
    return item === undefined ? undefined : { rule: `holds one that ${item.rule}`, value: [item.value] };
  }
  if (place === 'body' && node.type === 'string') return { rule: 'is no text', value: 7 };
  if (place === 'body' && (node.type === 'object' || node.properties !== undefined)) return { rule: 'is no object', value: 'text' };
  return undefined;
}

function bodySchema(model: Model, { body }: Operation): Node {
  return body === undefined ? {} : resolve(model, body.schema);
}

const propertiesOf = (schema: Node): Record<string, Node> => (isNode(schema.properties) ? (schema.properties as Record<string, Node>) : {});
const requiredOf = (schema: Node): ReadonlySet<string> => new Set(Array.isArray(schema.required) ? schema.required.map(String) : []);

function resolve(model: Model, schema: Node): Node {
  const { $ref } = schema;
  return typeof $ref === 'string' ? resolve(model, model.schemas.get($ref.split('/').at(-1) ?? '') ?? {}) : schema;
}

/** The example of a schema, or a value made of the examples within it. */
function exampleOf(model: Model, schema: Node): unknown {
  if (schema.example !== undefined) return schema.example;
  const node = resolve(model, schema);
  if (node.example !== undefined) return node.example;
  if (Array.isArray(node.allOf) && isNode(node.allOf[0])) return exampleOf(model, node.allOf[0]);
  if (Array.isArray(node.enum)) return node.enum[0];
  if (node.type === 'array' && isNode(node.items))
    return Array.from({ length: Number(node.minItems ?? 1) }, () => exampleOf(model, node.items as Node));
  if (node.properties !== undefined)
    return Object.fromEntries(Object.entries(propertiesOf(node)).map(([name, it]) => [name, exampleOf(model, it)]));
  return { integer: 1, number: 1, boolean: true, string: 'text' }[String(node.type)] ?? {};
}
