// What the emitters write from: the operations of a document, resolved, with everything that cannot be generated refused.
import { isNode, type Node } from './document/grammar.ts';
import { lineOf, type Path, type Source } from './document/yaml.ts';
import { isDraft } from './draft.ts';
import { InputError, type Problem } from './errors.ts';
import type { Token } from './lint.ts';

export interface Parameter {
  readonly name: string;
  readonly required: boolean;
  readonly deprecated: boolean;
  readonly description: string;
  readonly schema: Node;
  readonly example: unknown;
}

export interface Body {
  readonly mediaType: 'application/json' | 'application/x-www-form-urlencoded';
  readonly required: boolean;
  readonly schema: Node;
  /** Name of the component schema, where it is one. */
  readonly component: string | undefined;
  readonly fields: readonly string[];
  /** A whole body that makes sense, where single properties do not tell. */
  readonly example: unknown;
}

export interface Answer {
  readonly status: number;
  readonly description: string;
  /** Undefined where the answer has no body. */
  readonly schema: Node | undefined;
  /** Its own example, where it has one beside those of its schema. */
  readonly example: unknown;
}

export interface Operation {
  readonly id: string;
  readonly tag: string;
  /** The tag as a property name, like `bankConnections`. */
  readonly group: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  readonly deprecated: boolean;
  /** The tokens it takes, as alternatives; empty where it takes none. */
  readonly token: readonly Token[];
  /** Seconds that the token must still live, where finAPI asks for more than that it is valid. */
  readonly tokenMinLifeS: number | undefined;
  readonly pathParameters: readonly Parameter[];
  readonly queryParameters: readonly Parameter[];
  /** Header parameters by the document's names; the client sends them by itself or as options. */
  readonly headers: readonly string[];
  /** Whether finAPI takes POST with `X-HTTP-Method-Override` in place of the method. */
  readonly methodOverride: boolean;
  readonly body: Body | undefined;
  readonly answers: readonly Answer[];
  /** The property of the answer that holds a page's items, where the operation is paged. */
  readonly items: { readonly property: string; readonly schema: Node } | undefined;
}

export interface Model {
  readonly title: string;
  readonly version: string;
  readonly servers: readonly { readonly name: string; readonly url: string }[];
  readonly tags: readonly { readonly name: string; readonly group: string; readonly description: string }[];
  readonly operations: readonly Operation[];
  readonly schemas: ReadonlyMap<string, Node>;
}

const methods = ['get', 'post', 'put', 'patch', 'delete'];
/** Header parameters that the client sends by itself or as an option. */
const knownHeaders = new Set([
  'x-request-id',
  'x-http-method-override',
  'psu-ip-address',
  'psu-device-os',
  'psu-user-agent',
  'accept-language',
]);

/** `Bank Connections` → `bankConnections` */
export function camelCase(words: string): string {
  const parted = words.replace(/([a-z0-9])([A-Z])/g, '$1 $2');
  const [first = '', ...rest] = parted.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return first.toLowerCase() + rest.map((word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase()).join('');
}

/** `getAccount` → `GetAccount` */
export const pascalCase = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

export function buildModel(document: Source<Node>): Model {
  const problems: Problem[] = [];
  const report = (path: Path, message: string, hint?: string): void => {
    problems.push({ file: document.file, line: lineOf(document, path), message, ...(hint === undefined ? {} : { hint }) });
  };
  const root = document.value;
  /** The one example of a media type, or the first of several. */
  const exampleOf = (media: unknown): unknown => {
    if (!isNode(media)) return undefined;
    const [first] = isNode(media.examples) ? Object.values(media.examples) : [];
    return media.example ?? (first === undefined ? undefined : resolve(first).value);
  };
  const resolve = (node: unknown): Node => {
    if (!isNode(node)) return {};
    if (typeof node.$ref !== 'string') return node;
    const found = node.$ref
      .replace(/^#\//, '')
      .split('/')
      .reduce<unknown>((at, step) => (isNode(at) ? at[step.replaceAll('~1', '/').replaceAll('~0', '~')] : undefined), root);
    return resolve(found);
  };

  const components = isNode(root.components) ? root.components : {};
  const schemas = new Map(
    Object.entries(isNode(components.schemas) ? components.schemas : {}).filter((entry): entry is [string, Node] => isNode(entry[1])),
  );
  for (const name of schemas.keys())
    if (!/^[A-Za-z_$][\w$]*$/.test(name))
      report(['components', 'schemas', name], `the schema ${name} needs a name that a type can have`, 'rename it in the fixes overlay');
  const operations: Operation[] = [];
  const ids = new Map<string, string>();

  for (const [path, item] of Object.entries(isNode(root.paths) ? root.paths : {})) {
    if (!isNode(item)) continue;
    for (const method of methods) {
      const node = item[method];
      if (!isNode(node)) continue;
      const at = (...rest: (string | number)[]): Path => ['paths', path, method, ...rest];
      const id = node.operationId;
      if (typeof id !== 'string' || !/^[A-Za-z_$][\w$]*$/.test(id)) {
        report(at(), `${method.toUpperCase()} ${path} needs an operationId that can be the name of a method`);
        continue;
      }
      const twin = ids.get(id);
      if (twin !== undefined) report(at('operationId'), `the operationId ${id} is taken by ${twin}`);
      ids.set(id, `${method.toUpperCase()} ${path}`);

      const pathParameters: Parameter[] = [];
      const queryParameters: Parameter[] = [];
      let methodOverride = false;
      const headers: string[] = [];
      const own = parametersOf(node, at());
      const isOwn = (parameter: Node): boolean => own.some((it) => it.node.name === parameter.name && it.node.in === parameter.in);
      const shared = parametersOf(item, ['paths', path]).filter((it) => !isOwn(it.node));
      for (const { node: parameter, place } of [...shared, ...own]) {
        const name = String(parameter.name);
        const built: Parameter = {
          name,
          required: parameter.required === true,
          deprecated: parameter.deprecated === true,
          description: text(parameter.description),
          schema: isNode(parameter.schema) ? parameter.schema : {},
          example: parameter.example,
        };
        if (parameter.in === 'path') {
          if ((parameter.style ?? 'simple') !== 'simple')
            report(place, `${id}: path parameter ${name} has style ${parameter.style}, the client writes simple`);
          if (!path.includes(`{${name}}`)) report(place, `${id}: the path has no {${name}} for the parameter ${name}`);
          pathParameters.push(built);
        } else if (parameter.in === 'query') {
          if ((parameter.style ?? 'form') !== 'form' || parameter.explode === false)
            report(place, `${id}: query parameter ${name} is not of style form, explode true`);
          queryParameters.push(built);
        } else if (parameter.in === 'header') {
          headers.push(name);
          if (name.toLowerCase() === 'x-http-method-override') methodOverride = true;
          if (!knownHeaders.has(name.toLowerCase())) report(place, `${id}: the client has no option for the header ${name}`);
        } else report(place, `${id}: parameter ${name} in ${parameter.in} is not supported`);
      }
      const inTemplate = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
      for (const name of inTemplate)
        if (!pathParameters.some((it) => it.name === name)) report(at(), `${id}: {${name}} in the path has no parameter`);

      const body = bodyOf(resolve(node.requestBody), node.requestBody !== undefined, (message) =>
        report(at('requestBody'), `${id}: ${message}`),
      );
      const names = [...pathParameters, ...queryParameters].map(({ name }) => name).concat(body?.fields ?? []);
      for (const [index, name] of names.entries()) {
        if (names.indexOf(name) !== index)
          report(
            at(),
            `${id}: the argument ${name} occurs twice among path, query and body`,
            'arguments share one object: give the operation a name of its own for one of them in the fixes overlay',
          );
      }

      const answers = Object.entries(isNode(node.responses) ? node.responses : {})
        .filter(([status]) => /^\d{3}$/.test(status))
        .map(([status, response]): Answer => {
          const { content, description } = resolve(response);
          const media = isNode(content) ? Object.entries(content) : [];
          const [first] = media;
          if (media.length > 1 || (first !== undefined && !/json/.test(first[0])))
            report(at('responses', status), `${id}: the answer ${status} is not of one JSON media type`);
          return {
            status: Number(status),
            description: text(description),
            schema: isNode(first?.[1]) && isNode(first[1].schema) ? first[1].schema : undefined,
            example: exampleOf(first?.[1]),
          };
        });
      const successes = answers.filter(({ status }) => status < 300);
      if (successes.length !== 1) report(at('responses'), `${id}: expected one successful answer, found ${successes.length}`);

      const [tag = 'Other'] = Array.isArray(node.tags) ? node.tags.map(String) : [];
      operations.push({
        id,
        tag,
        group: camelCase(tag),
        method: method.toUpperCase(),
        path,
        summary: text(node.summary),
        description: text(node.description),
        deprecated: node.deprecated === true,
        // One that is still a draft counts as none; lint refuses to publish it.
        token: (Array.isArray(node['x-finapi-token']) ? node['x-finapi-token'] : []).filter((token): token is Token => !isDraft(token)),
        tokenMinLifeS: typeof node['x-finapi-token-min-life'] === 'number' ? node['x-finapi-token-min-life'] : undefined,
        pathParameters,
        queryParameters,
        headers,
        methodOverride,
        body,
        answers,
        items: method === 'get' && queryParameters.some(({ name }) => name === 'page') ? itemsOf(resolve(successes[0]?.schema)) : undefined,
      });
    }
  }

  function parametersOf(node: Node, at: Path): { node: Node; place: Path }[] {
    const list: unknown[] = Array.isArray(node.parameters) ? node.parameters : [];
    return list.map((entry, index) => ({ node: resolve(entry), place: [...at, 'parameters', index] }));
  }

  /** Names of the properties of an object, those of its parts included. */
  function fieldsOf(schema: Node): string[] {
    const parts: unknown[] = Array.isArray(schema.allOf) ? schema.allOf : [];
    const properties = Object.keys(isNode(schema.properties) ? schema.properties : {});
    return [...new Set([...parts.flatMap((part) => fieldsOf(resolve(part))), ...properties])];
  }

  function bodyOf(node: Node, present: boolean, complain: (message: string) => void): Body | undefined {
    if (!present) return undefined;
    const [first, ...others] = Object.entries(isNode(node.content) ? node.content : {});
    const mediaType = first?.[0];
    const schema = isNode(first?.[1]) ? first[1].schema : undefined;
    if (others.length > 0 || (mediaType !== 'application/json' && mediaType !== 'application/x-www-form-urlencoded') || !isNode(schema)) {
      complain('the body must be of one media type, JSON or a form');
      return undefined;
    }
    const resolved = resolve(schema);
    if (!isNode(resolved.properties)) complain('the body must be an object with properties');
    return {
      mediaType,
      required: node.required === true,
      schema,
      component: typeof schema.$ref === 'string' ? componentName(schema.$ref) : undefined,
      fields: fieldsOf(resolved),
      example: isNode(first?.[1]) ? first[1].example : undefined,
    };
  }

  /** A page holds `paging` and one list; that list is what a caller iterates over. */
  function itemsOf(answer: Node): Operation['items'] {
    const properties = isNode(answer.properties) ? answer.properties : {};
    if (properties.paging === undefined) return undefined;
    const lists = Object.entries(properties).filter(([, schema]) => resolve(schema).type === 'array');
    const [first] = lists;
    const items = first === undefined ? undefined : resolve(first[1]).items;
    return lists.length === 1 && first !== undefined && isNode(items) ? { property: first[0], schema: items } : undefined;
  }

  const info = isNode(root.info) ? root.info : {};
  const tags = (Array.isArray(root.tags) ? root.tags : [])
    .filter(isNode)
    .map((tag) => ({ name: String(tag.name), group: camelCase(String(tag.name)), description: text(tag.description) }));
  for (const [index, { name, group }] of tags.entries()) {
    const twin = tags.findIndex((tag) => tag.group === group);
    if (twin !== index) report(['tags', index], `the tags ${tags[twin]?.name} and ${name} are both ${group} in code`);
  }
  for (const tag of new Set([...tags.map(({ name }) => name), ...operations.map((operation) => operation.tag)])) {
    const group = camelCase(tag);
    if (!/^[a-z]\w*$/.test(group) || ['as', 'admin', 'provenance'].includes(group))
      report(['tags'], `the tag ${tag} would be ${group} in code, which it cannot be`);
  }
  const serverNames = new Set<string>();
  const servers = (Array.isArray(root.servers) ? root.servers : []).filter(isNode).map((server, index) => {
    const name = text(server.description);
    if (!/^[A-Za-z][\w ]*$/.test(name))
      report(
        ['servers', index],
        `${String(server.url)}: a server needs a short name as its description`,
        `give it one in overlays/docs: target: $.servers[${index}], update: { description: Sandbox }`,
      );
    else if (serverNames.has(camelCase(name))) report(['servers', index], `${String(server.url)}: another server is called ${name}`);
    serverNames.add(camelCase(name));
    return { name, url: String(server.url) };
  });
  if (problems.length > 0) throw new InputError(problems);
  return { title: text(info.title), version: text(info.version), servers, tags, operations, schemas };
}

export const componentName = (ref: string): string => ref.split('/').at(-1) ?? '';

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
