// A call of an operation as a reader would write it: the code of the reference pages.
import type { Api } from '../apis.ts';
import { isNode, type Node } from '../document/grammar.ts';
import type { Token } from '../lint.ts';
import { camelCase, componentName, type Model, type Operation, type Parameter, pascalCase } from '../model.ts';

/** What each identity's operations stand on, and how it is made. */
const views: Record<Token, { readonly name: string; readonly option: string; readonly made: string }> = {
  client: { name: 'finapi', option: "auth: { client: { identity: 'client', token: 'client access token' } }", made: '' },
  user: { name: 'alice', option: '', made: "const alice = finapi.as({ identity: 'user', token: 'user access token' });\n" },
  admin: { name: 'finapi.admin', option: "auth: { admin: { identity: 'admin', token: 'admin access token' } }", made: '' },
};

export function emitExample(api: Api, model: Model, operation: Operation): string {
  const [identity = 'client'] = operation.token;
  const view = views[identity];
  const option = operation.token.length === 0 || view.option === '' ? '' : `, ${view.option}`;
  const head = `import { create${api.name}, servers } from '@finapi-ts/client/${api.id}';

const finapi = create${api.name}({ baseUrl: servers.${serverName(model)}${option} });
${view.made}
`;
  const args = argumentsOf(model, operation);
  const call = `${view.name}.${operation.group}.${operation.id}(${args === undefined ? '' : literal(args)})`;
  if (operation.items !== undefined) return `${head}for await (const item of ${call}) {\n  console.log(item);\n}\n`;
  const success = operation.answers.find(({ status }) => status < 300);
  return success?.schema === undefined ? `${head}await ${call};\n` : `${head}const result = await ${call};\nconsole.log(result);\n`;
}

const serverName = ({ servers: [first] }: Model): string => camelCase(first?.name ?? '');

/** The body's own example with the parameters that are required; else all that is required; else one argument that shows what the call can do. */
function argumentsOf(model: Model, operation: Operation): Node | undefined {
  const parameters = [...operation.pathParameters, ...operation.queryParameters];
  const { properties, required } = bodyOf(model, operation);
  const args: Node = {};
  for (const parameter of parameters) if (parameter.required) args[parameter.name] = parameterValue(model, parameter);
  if (isNode(operation.body?.example)) return { ...args, ...operation.body.example };
  for (const [name, schema] of Object.entries(properties)) if (required.has(name)) args[name] = valueOfSchema(model, schema);
  if (Object.keys(args).length > 0) return args;
  const shown = [
    ...parameters
      .filter(({ deprecated, example }) => !deprecated && example !== undefined)
      .map((parameter) => [parameter.name, parameterValue(model, parameter)] as const),
    ...Object.entries(properties)
      .filter(([, schema]) => schema.deprecated !== true && schema.example !== undefined)
      .map(([name, schema]) => [name, valueOfSchema(model, schema)] as const),
  ].slice(0, 1);
  if (shown.length > 0) return Object.fromEntries(shown);
  return operation.body === undefined ? undefined : {};
}

function bodyOf(model: Model, { body }: Operation): { properties: Record<string, Node>; required: ReadonlySet<string> } {
  const schema = body === undefined ? {} : resolve(model, body.schema);
  const properties = isNode(schema.properties) ? (schema.properties as Record<string, Node>) : {};
  return { properties, required: new Set(Array.isArray(schema.required) ? schema.required.map(String) : []) };
}

const parameterValue = (model: Model, { example, schema }: Parameter): unknown => example ?? valueOfSchema(model, schema);

function resolve(model: Model, schema: Node): Node {
  return typeof schema.$ref === 'string' ? resolve(model, model.schemas.get(componentName(schema.$ref)) ?? {}) : schema;
}

/** A value of a schema: its example, its first enumerated value, its default, or one of its type. Optional properties are left out. */
function valueOfSchema(model: Model, schema: Node): unknown {
  if (schema.example !== undefined) return schema.example;
  const node = resolve(model, schema);
  if (node.example !== undefined) return node.example;
  if (node.default !== undefined) return node.default;
  if (Array.isArray(node.enum)) return node.enum[0];
  if (Array.isArray(node.allOf)) {
    const values = node.allOf.filter(isNode).map((part) => valueOfSchema(model, part));
    return values.length === 1 ? values[0] : Object.assign({}, ...values);
  }
  if (node.type === 'array') return [isNode(node.items) ? valueOfSchema(model, node.items) : ''];
  if (node.type === 'integer' || node.type === 'number') return 1;
  if (node.type === 'boolean') return true;
  if (node.type === 'string') return node.format === 'date' ? '2026-03-30' : 'text';
  const required = Array.isArray(node.required) ? node.required.map(String) : [];
  const properties = isNode(node.properties) ? node.properties : {};
  return Object.fromEntries(required.flatMap((name) => (isNode(properties[name]) ? [[name, valueOfSchema(model, properties[name])]] : [])));
}

/** A value as TypeScript, in one line where it is short. */
function literal(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  if (typeof value === 'string') return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\n', '\\n')}'`;
  if (Array.isArray(value)) {
    const items = value.map((item) => literal(item, inner));
    const line = `[${items.join(', ')}]`;
    return line.length + indent.length <= 100 && !line.includes('\n')
      ? line
      : `[\n${items.map((item) => `${inner}${item},\n`).join('')}${indent}]`;
  }
  if (!isNode(value)) return String(value);
  const entries = Object.entries(value).map(
    ([name, it]) => `${/^[A-Za-z_$][\w$]*$/.test(name) ? name : literal(name)}: ${literal(it, inner)}`,
  );
  if (entries.length === 0) return '{}';
  const line = `{ ${entries.join(', ')} }`;
  return line.length + indent.length <= 100 && !line.includes('\n')
    ? line
    : `{\n${entries.map((entry) => `${inner}${entry},\n`).join('')}${indent}}`;
}

/** Name of the page of a tag, like `BankConnections`. */
export const pageName = (operation: Pick<Operation, 'group'>): string => pascalCase(operation.group);
