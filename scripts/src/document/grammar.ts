// The grammar of an OpenAPI document, once, as data: which keywords a node has, in which order they are written,
// which of them are words and which lead to further nodes. Importer, arranger and lint are walks over it.

/** A node as parsed. */
export type Node = Record<string, unknown>;

/** What a keyword holds. */
export type Rule =
  /** A fact: carried over as it is. */
  | 'fact'
  /** Words for people: dropped by the importer, written anew in the docs overlays. */
  | 'words'
  /** A list of names whose order carries no meaning. */
  | 'set'
  /** One node (or a boolean, where JSON Schema allows it). */
  | { readonly one: Kind }
  /** Nodes by name. */
  | { readonly map: Kind }
  /** Nodes in a list; `id` tells which is which when their order changes. */
  | { readonly list: Kind; readonly id?: (node: Node) => string };

export type Kind =
  | 'document'
  | 'info'
  | 'server'
  | 'tag'
  | 'components'
  | 'securityScheme'
  | 'flow'
  | 'scope'
  | 'pathItem'
  | 'operation'
  | 'parameter'
  | 'header'
  | 'requestBody'
  | 'response'
  | 'mediaType'
  | 'schema';

const name = (node: Node): string => `${node.in ?? ''}:${node.name ?? node.$ref ?? ''}`;
const schemaList: Rule = { list: 'schema' };
const method: Rule = { one: 'operation' };
const content: Rule = { map: 'mediaType' };
const headers: Rule = { map: 'header' };
const examples = { example: 'words', examples: 'words' } as const;

/** Keywords of every kind of node, in the order in which they are written. Others are extensions (`x-…`) or unknown. */
export const grammar: Readonly<Record<Kind, Readonly<Record<string, Rule>>>> = {
  document: {
    openapi: 'fact',
    info: { one: 'info' },
    externalDocs: 'words',
    servers: { list: 'server', id: (node: Node) => String(node.url) },
    tags: { list: 'tag', id: name },
    security: 'fact',
    paths: { map: 'pathItem' },
    components: { one: 'components' },
  },
  info: {
    title: 'fact',
    version: 'fact',
    summary: 'words',
    description: 'words',
    termsOfService: 'words',
    contact: 'words',
    license: 'words',
  },
  server: { url: 'fact', description: 'words', variables: 'fact' },
  tag: { name: 'fact', description: 'words', externalDocs: 'words' },
  components: {
    securitySchemes: { map: 'securityScheme' },
    headers,
    parameters: { map: 'parameter' },
    requestBodies: { map: 'requestBody' },
    responses: { map: 'response' },
    examples: 'words',
    schemas: { map: 'schema' },
  },
  securityScheme: {
    type: 'fact',
    description: 'words',
    name: 'fact',
    in: 'fact',
    scheme: 'fact',
    bearerFormat: 'fact',
    openIdConnectUrl: 'fact',
    flows: { map: 'flow' },
  },
  flow: { authorizationUrl: 'fact', tokenUrl: 'fact', refreshUrl: 'fact', scopes: { map: 'scope' } },
  scope: {},
  pathItem: {
    $ref: 'fact',
    summary: 'words',
    description: 'words',
    servers: 'fact',
    parameters: { list: 'parameter', id: name },
    get: method,
    post: method,
    put: method,
    patch: method,
    delete: method,
    head: method,
    options: method,
    trace: method,
  },
  operation: {
    tags: 'fact',
    summary: 'words',
    description: 'words',
    externalDocs: 'words',
    operationId: 'fact',
    deprecated: 'fact',
    'x-finapi-token': 'fact',
    'x-finapi-token-min-life': 'fact',
    security: 'fact',
    servers: 'fact',
    parameters: { list: 'parameter', id: name },
    requestBody: { one: 'requestBody' },
    responses: { map: 'response' },
  },
  parameter: {
    $ref: 'fact',
    name: 'fact',
    in: 'fact',
    description: 'words',
    required: 'fact',
    deprecated: 'fact',
    allowEmptyValue: 'fact',
    style: 'fact',
    explode: 'fact',
    allowReserved: 'fact',
    schema: { one: 'schema' },
    content,
    ...examples,
  },
  header: {
    $ref: 'fact',
    description: 'words',
    required: 'fact',
    deprecated: 'fact',
    style: 'fact',
    explode: 'fact',
    schema: { one: 'schema' },
    content,
    ...examples,
  },
  requestBody: { $ref: 'fact', description: 'words', required: 'fact', content },
  response: { $ref: 'fact', description: 'words', headers, content },
  mediaType: { schema: { one: 'schema' }, encoding: 'fact', ...examples },
  schema: {
    $ref: 'fact',
    title: 'words',
    description: 'words',
    type: 'fact',
    format: 'fact',
    nullable: 'fact',
    deprecated: 'fact',
    readOnly: 'fact',
    writeOnly: 'fact',
    enum: 'set',
    const: 'fact',
    default: 'fact',
    ...examples,
    pattern: 'fact',
    minLength: 'fact',
    maxLength: 'fact',
    minimum: 'fact',
    exclusiveMinimum: 'fact',
    maximum: 'fact',
    exclusiveMaximum: 'fact',
    multipleOf: 'fact',
    minItems: 'fact',
    maxItems: 'fact',
    uniqueItems: 'fact',
    minProperties: 'fact',
    maxProperties: 'fact',
    discriminator: 'fact',
    allOf: schemaList,
    oneOf: schemaList,
    anyOf: schemaList,
    not: { one: 'schema' },
    prefixItems: schemaList,
    items: { one: 'schema' },
    required: 'set',
    properties: { map: 'schema' },
    additionalProperties: { one: 'schema' },
    patternProperties: { map: 'schema' },
  },
};

/** Without what every object has, so that a keyword called `constructor` is an unknown one. */
const bare = Object.fromEntries(
  Object.entries(grammar).map(([kind, rules]) => [kind, Object.assign(Object.create(null), rules)]),
) as typeof grammar;

/** The rules of a kind, by keyword. */
export function rulesOf(kind: Kind): Readonly<Record<string, Rule>> {
  return bare[kind];
}

export function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A place in a document: the node, its kind, its name in its parent, and the path to it. */
export interface Visit {
  readonly node: Node;
  readonly kind: Kind;
  readonly path: readonly (string | number)[];
  /** The keyword that holds it. */
  readonly under: string;
}

/** Every node of the document, parents first, in the document's order. */
export function walk(node: Node): Visit[] {
  const found: Visit[] = [];
  collect(node, 'document', [], '', found);
  return found;
}

function collect(node: Node, kind: Kind, path: readonly (string | number)[], under: string, found: Visit[]): void {
  found.push({ node, kind, path, under });
  for (const [key, rule] of Object.entries(rulesOf(kind))) {
    const value = node[key];
    if (value === undefined || typeof rule === 'string') continue;
    if ('one' in rule) {
      if (isNode(value)) collect(value, rule.one, [...path, key], key, found);
    } else if ('map' in rule) {
      if (isNode(value))
        for (const [child, it] of Object.entries(value)) if (isNode(it)) collect(it, rule.map, [...path, key, child], key, found);
    } else if (Array.isArray(value)) {
      for (const [index, it] of value.entries()) if (isNode(it)) collect(it, rule.list, [...path, key, index], key, found);
    }
  }
}
