// Reference pages in Markdown: one a tag, one a type, and their indexes.
import type { Api } from '../apis.ts';
import { isNode, type Node } from '../document/grammar.ts';
import type { Token } from '../lint.ts';
import { componentName, type Model, type Operation } from '../model.ts';
import { emitExample, pageName } from './example.ts';
import type { SchemaTypes } from './schemas.ts';

/** Pages by their path below the API's folder of pages. */
export function emitPages(api: Api, model: Model, schemas: SchemaTypes): Record<string, string> {
  const pages: Record<string, string> = {};
  const groups = tagsOf(model);
  for (const { tag, description, operations } of groups) {
    const [first] = operations;
    if (first !== undefined) pages[`${pageName(first)}.md`] = tagPage(api, model, schemas, tag, description, operations);
  }
  for (const [name, schema] of model.schemas) pages[`types/${name}.md`] = typePage(model, schemas, name, schema);
  pages['types/README.md'] = typeIndex(api, model);
  pages['README.md'] = index(api, model, groups);
  return pages;
}

function tagsOf(model: Model): { tag: string; description: string; operations: readonly Operation[] }[] {
  const known = new Map(model.tags.map(({ name, description }) => [name, description]));
  const tags = [...new Set([...known.keys(), ...model.operations.map(({ tag }) => tag)])];
  return tags
    .map((tag) => ({ tag, description: known.get(tag) ?? '', operations: model.operations.filter((operation) => operation.tag === tag) }))
    .filter(({ operations }) => operations.length > 0);
}

const tokenText = (token: readonly Token[]): string =>
  token.length === 0 ? 'None.' : `The ${token.map((it) => (it === 'admin' ? 'admin client' : it)).join("'s or the ")}'s.`;

function methodTable(operations: readonly Operation[], link: (operation: Operation) => string): string {
  const rows = operations.map(
    (operation) =>
      `[**${operation.id}**](${link(operation)}) | **${operation.method}** ${operation.path} | ${cell(operation.summary)}${operation.deprecated ? ' (deprecated)' : ''}\n`,
  );
  return `Method | HTTP request | Description\n------ | ------------ | -----------\n${rows.join('')}`;
}

function tagPage(api: Api, model: Model, schemas: SchemaTypes, tag: string, description: string, operations: readonly Operation[]): string {
  const hosts = model.servers.map(({ name, url }) => `*${url}* (${name.toLowerCase()})`).join(' or ');
  const sections = operations.map((operation) => section(api, model, schemas, operation));
  return `# ${tag}

${api.title} ${model.version}. All paths are relative to ${hosts}.

${description}

${methodTable(operations, ({ id }) => `#${id.toLowerCase()}`)}
${sections.join('\n')}`;
}

/** The options that stand for header parameters. */
const options: Readonly<Record<string, string>> = {
  'x-request-id': 'option `requestId`; made up where it is missing',
  'x-http-method-override': 'option `methodOverride` of the client',
  'psu-ip-address': 'option `psu.ipAddress`',
  'psu-device-os': 'option `psu.deviceOs`',
  'psu-user-agent': 'option `psu.userAgent`',
  'accept-language': 'option `language`',
};

function section(api: Api, model: Model, schemas: SchemaTypes, operation: Operation): string {
  const { id, summary, description, deprecated, method, path, token, headers, body, answers, items } = operation;
  const success = answers.find(({ status }) => status < 300);
  const value = success?.schema === undefined ? 'void' : schemas.typeOf(success.schema, 'answer');
  const rows = argumentRows(model, schemas, operation);
  const failures = answers.filter(({ status }) => status >= 300);
  return `## ${id}

> ${id}(${rows.length === 0 ? '' : 'args'}): ${linked(value, schemas, 'types/')}${items === undefined ? '' : `, by pages of ${linked(schemas.typeOf(items.schema, 'answer'), schemas, 'types/')}`}

**${method}** ${path}

${deprecated ? '**Deprecated.** ' : ''}${summary}

${description}

### Example

\`\`\`ts
${emitExample(api, model, operation)}\`\`\`

### Arguments

${rows.length === 0 ? 'None.\n' : `Name | Type | Required | Description | Notes\n---- | ---- | -------- | ----------- | -----\n${rows.join('')}`}
### Answer

${success?.schema === undefined ? 'Nothing' : linked(value, schemas, 'types/')}, with status ${success?.status}. ${success?.description ?? ''}

### Token

${tokenText(token)}

### HTTP headers

- **Content-Type**: ${body?.mediaType ?? 'none'}
- **Accept**: application/json
${headers.map((name) => `- **${name}**: ${options[name.toLowerCase()] ?? 'sent by the client'}\n`).join('')}
### Errors

Status | Body | Meaning
------ | ---- | -------
${failures.map(({ status, schema, description: meaning }) => `${status} | ${schema === undefined ? '' : linked(schemas.typeOf(schema, 'answer'), schemas, 'types/')} | ${cell(meaning)}\n`).join('')}
[Back to top](#${operation.tag.toLowerCase().replaceAll(' ', '-')}) · [All operations](README.md) · [All types](types/README.md)
`;
}

function argumentRows(model: Model, schemas: SchemaTypes, operation: Operation): string[] {
  const row = (name: string, type: string, required: boolean, description: string, notes: readonly string[]): string =>
    `**${name}** | ${linked(type, schemas, 'types/')} | ${required ? 'yes' : ''} | ${cell(description)} | ${cell(notes.join('; '))}\n`;
  const rows = (['path', 'query'] as const).flatMap((place) =>
    (place === 'path' ? operation.pathParameters : operation.queryParameters).map(({ name, schema, required, description, deprecated }) =>
      row(name, schemas.typeOf(schema, 'request'), required, description, [
        place,
        ...notesOf(schema),
        ...(deprecated ? ['deprecated'] : []),
      ]),
    ),
  );
  const { body } = operation;
  if (body === undefined) return rows;
  const schema = body.component === undefined ? body.schema : (model.schemas.get(body.component) ?? {});
  const required = Array.isArray(schema.required) ? schema.required : [];
  for (const [name, property] of Object.entries(isNode(schema.properties) ? schema.properties : {})) {
    if (!isNode(property)) continue;
    rows.push(
      row(name, schemas.typeOf(property, 'request'), required.includes(name), wordsOf(model, property), [
        'body',
        ...notesOf(property),
        ...(property.deprecated === true ? ['deprecated'] : []),
      ]),
    );
  }
  return rows;
}

function typePage(model: Model, schemas: SchemaTypes, name: string, schema: Node): string {
  const used = model.operations.filter((operation) => mentions(operation, name));
  const properties = Object.entries(isNode(schema.properties) ? schema.properties : {}).filter((entry): entry is [string, Node] =>
    isNode(entry[1]),
  );
  const required = Array.isArray(schema.required) ? schema.required : [];
  const rows = properties.map(([property, it]) => {
    const notes = [...(required.includes(property) ? [] : ['optional']), ...notesOf(it), ...(it.deprecated === true ? ['deprecated'] : [])];
    return `**${property}** | ${linked(schemas.typeOf(it, 'answer').replace(/\bOpen<([^>]*)>/g, '$1'), schemas, '')} | ${cell(wordsOf(model, it))} | ${cell(notes.join('; '))}\n`;
  });
  const body = Array.isArray(schema.enum)
    ? `Value |\n----- |\n${schema.enum.map((value) => `\`${value}\` |\n`).join('')}`
    : `Property | Type | Description | Notes\n-------- | ---- | ----------- | -----\n${rows.join('')}`;
  const hasInput = schemas.inputs.has(`${name}Input`);
  const users = used.map((operation) => `[${operation.id}](../${pageName(operation)}.md#${operation.id.toLowerCase()})`).join(', ');
  return `# ${name}

${text(schema.description)}

${hasInput ? `What is sent is of the type \`${name}Input\`: its enumerations hold no other values than these.\n\n` : ''}${body}
${users === '' ? '' : `Sent or received by ${users}.\n\n`}[All types](README.md) · [All operations](../README.md)
`;
}

/** The words of a property; beside a plain reference there is no room for any, so the first ones of its type stand there. */
function wordsOf(model: Model, { description, $ref }: Node): string {
  if (typeof $ref !== 'string') return text(description);
  const [first = ''] = text(model.schemas.get(componentName($ref))?.description).split('\n\n');
  // What it leads to is on the page of the type.
  return first.replace(/:$/, '.');
}

/** Whether an operation sends or receives a type itself, not only inside of another one. */
function mentions({ body, answers }: Operation, name: string): boolean {
  const refersTo = (schema: Node | undefined): boolean => typeof schema?.$ref === 'string' && componentName(schema.$ref) === name;
  return body?.component === name || answers.some(({ schema }) => refersTo(schema));
}

function typeIndex(api: Api, model: Model): string {
  const rows = [...model.schemas].map(
    ([name, schema]) => `[**${name}**](${name}.md) | ${cell(text(schema.description).split('\n\n')[0] ?? '')}\n`,
  );
  return `# Types\n\nOf ${api.title} ${model.version}, by the names that finAPI gives them.\n\nType | Description\n---- | -----------\n${rows.join('')}\n[All operations](../README.md)\n`;
}

function index(api: Api, model: Model, groups: readonly { tag: string; operations: readonly Operation[] }[]): string {
  const sections = groups.map(({ tag, operations }) => {
    const [first] = operations;
    return `## [${tag}](${first === undefined ? '' : pageName(first)}.md)\n\n${methodTable(operations, (operation) => `${pageName(operation)}.md#${operation.id.toLowerCase()}`)}`;
  });
  return `# ${api.title} ${model.version}

${model.operations.length} operations, by tag. [All types](types/README.md).

${sections.join('\n')}`;
}

/** Limits and the like, in a few words each. */
function notesOf(schema: Node): string[] {
  const notes: string[] = [];
  const range = (least: unknown, most: unknown, unit: string): void => {
    if (least !== undefined && most !== undefined)
      notes.push(least === most ? `${least} ${unit}`.trim() : `${least} to ${most} ${unit}`.trim());
    else if (least !== undefined) notes.push(`at least ${least} ${unit}`.trim());
    else if (most !== undefined) notes.push(`at most ${most} ${unit}`.trim());
  };
  if (schema.format === 'date') notes.push('`YYYY-MM-DD`');
  range(schema.minLength, schema.maxLength, 'characters');
  if (schema.exclusiveMinimum === true) notes.push(`above ${schema.minimum}`);
  range(schema.exclusiveMinimum === true ? undefined : schema.minimum, schema.maximum, '');
  range(schema.minItems, schema.maxItems, 'items');
  if (typeof schema.pattern === 'string') notes.push(`pattern \`${schema.pattern}\``);
  const preset = schema.default ?? (isNode(schema.items) ? schema.items.default : undefined);
  if (preset !== undefined) notes.push(`default \`${JSON.stringify(preset)}\``);
  if (schema.example !== undefined) notes.push(`such as \`${JSON.stringify(schema.example)}\``);
  return notes;
}

/** A type with the component types in it as links. */
function linked(type: string, schemas: SchemaTypes, folder: string): string {
  const parts = type.replace(/\s+/g, ' ').split(/([A-Za-z_$][\w$]*)/);
  return parts
    .map((part) =>
      schemas.names.has(part)
        ? `[${part}](${folder}${schemas.inputs.get(part) ?? part}.md)`
        : part.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('[', '\\['),
    )
    .join('');
}

/** Words in a cell of a table: one line, no bars. */
function cell(words: string): string {
  return words
    .trim()
    .replaceAll('|', '\\|')
    .replace(/\n\n+/g, '<br><br>')
    .replace(/\n(?=- )/g, '<br>')
    .replace(/\n/g, ' ');
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
