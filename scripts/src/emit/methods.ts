// The documented methods: arguments, answers and signatures of every operation, resolved here so that no compiler has to.
import { InputError } from '../errors.ts';
import type { Token } from '../lint.ts';
import { type Model, type Operation, type Parameter, pascalCase } from '../model.ts';
import { docComment, usedNames } from './comment.ts';
import type { SchemaTypes } from './schemas.ts';

/** Whose operations these are: of the client itself (with those that take no token), of a user, of an admin client. */
export const identities: readonly { readonly identity: Token; readonly holds: (operation: Operation) => boolean }[] = [
  { identity: 'client', holds: ({ token }) => token.length === 0 || token.includes('client') },
  { identity: 'user', holds: ({ token }) => token.includes('user') },
  { identity: 'admin', holds: ({ token }) => token.includes('admin') },
];

const coreTypes = ['Call', 'CallOptions', 'Failed', 'NoArgs', 'Ok', 'Open', 'Paged', 'Unexpected'];
/** Names that generated code uses beside them. */
const otherTypes = ['PathOperation', 'NonNullable', 'Partial', 'Pick', 'Record'];

export function emitMethods(model: Model, schemas: SchemaTypes): string {
  const declarations: string[] = [];
  const names = new Map<string, string>([...schemas.names].map((name) => [name, 'a schema']));
  for (const name of [...coreTypes, ...otherTypes]) {
    if (names.has(name))
      throw new InputError({
        message: `the schema ${name} has the name of a type that the client uses`,
        hint: 'rename the schema in the fixes overlay',
      });
    names.set(name, 'a type of the client');
  }
  const declare = (name: string, owner: string, text: string): void => {
    const taken = names.get(name);
    if (taken !== undefined)
      throw new InputError({
        message: `the type ${name} of ${owner} has the name of ${taken}`,
        hint: 'rename the operation or the schema in the fixes overlay',
      });
    names.set(name, owner);
    declarations.push(text);
  };

  for (const operation of model.operations) {
    if (hasArguments(operation)) declare(`${pascalCase(operation.id)}Args`, operation.id, argumentsOf(operation, schemas));
    declare(`${pascalCase(operation.id)}Answer`, operation.id, answerOf(operation, schemas));
  }
  const declared = new Map<string, string>();
  for (const { tag, group, description, methods } of groupsOf(model)) {
    const name = methods.name;
    // Identities that have the whole tag share its type.
    if (declared.get(name) === tag) continue;
    declared.set(name, tag);
    const lines = methods.operations.map((operation) => signature(operation, schemas));
    declare(name, `the tag ${group}`, `${docComment([description])}export interface ${name} {\n${lines.join('\n')}}\n`);
  }
  for (const { identity } of identities) {
    const members = groupsOf(model)
      .filter((it) => it.identity === identity)
      .map(({ group, tag, methods }) => `${docComment([`${tag}.`], '  ')}  readonly ${group}: ${methods.name};\n`);
    const name = `${pascalCase(identity)}Operations`;
    declare(name, `the ${identity}`, `${docComment([identityText[identity]])}export interface ${name} {\n${members.join('')}}\n`);
  }

  const text = declarations.join('\n');
  const imports = [
    `import type { ${usedNames(text, coreTypes).join(', ')} } from '../../core/types.js';\n`,
    `import type { ${usedNames(text, schemas.names).sort().join(', ')} } from './schemas.js';\n`,
  ];
  return `${imports.join('')}\n${text}`;
}

const identityText: Record<Token, string> = {
  client: 'Operations of the client itself, and those that take no token.',
  user: 'Operations of one user.',
  admin: 'Operations of an admin client.',
};

export interface Group {
  readonly identity: Token;
  readonly tag: string;
  readonly group: string;
  readonly description: string;
  readonly methods: { readonly name: string; readonly operations: readonly Operation[] };
}

/** Operations by identity and tag, in the document's order of tags. A tag whose operations all belong to it has one type for all identities. */
export function groupsOf(model: Model): Group[] {
  const known = new Map(model.tags.map((tag) => [tag.name, tag]));
  const tags = [...new Set([...model.tags.map(({ name }) => name), ...model.operations.map(({ tag }) => tag)])];
  return identities.flatMap(({ identity, holds }) =>
    tags.flatMap((tag) => {
      const all = model.operations.filter((operation) => operation.tag === tag);
      const operations = all.filter(holds);
      const [first] = operations;
      if (first === undefined) return [];
      const whole = operations.length === all.length;
      const name = `${whole ? '' : pascalCase(identity)}${pascalCase(first.group)}Methods`;
      return [{ identity, tag, group: first.group, description: known.get(tag)?.description ?? '', methods: { name, operations } }];
    }),
  );
}

export const hasArguments = ({ pathParameters, queryParameters, body }: Operation): boolean =>
  pathParameters.length > 0 || queryParameters.length > 0 || body !== undefined;

function argumentsOf(operation: Operation, schemas: SchemaTypes): string {
  const { body } = operation;
  const component = body?.component === undefined ? undefined : schemas.typeOf(body.schema, 'request');
  const base = component === undefined ? '' : ` extends ${body?.required === false ? `Partial<${component}>` : component}`;
  const fields = [
    ...operation.pathParameters.map((parameter) => field(parameter, schemas)),
    ...operation.queryParameters.map((parameter) => field(parameter, schemas)),
  ];
  const name = `${pascalCase(operation.id)}Args`;
  const head = docComment([`Arguments of \`${operation.id}\`.`]);
  if (body !== undefined && component === undefined) {
    const inline = schemas.typeOf(body.schema, 'request');
    return `${head}export type ${name} = ${body.required ? inline : `Partial<${inline}>`}${fields.length === 0 ? '' : ` & {\n${fields.join('')}}`};\n`;
  }
  if (fields.length === 0) return `${head}export type ${name} = ${body?.required === false ? `Partial<${component}>` : component};\n`;
  return `${head}export interface ${name}${base} {\n${fields.join('')}}\n`;
}

function field({ name, required, deprecated, description, schema }: Parameter, schemas: SchemaTypes): string {
  const comment = docComment(
    [description, schema.default !== undefined && `@default ${JSON.stringify(schema.default)}`, deprecated && '@deprecated'],
    '  ',
  );
  return `${comment}  ${/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name)}${required ? '' : '?'}: ${schemas.typeOf(schema, 'request')};\n`;
}

function answerOf(operation: Operation, schemas: SchemaTypes): string {
  const members = operation.answers.map(({ status, schema }) => {
    const type = schema === undefined ? 'undefined' : schemas.typeOf(schema, 'answer');
    return status < 300 ? `Ok<${status}, ${type}>` : `Failed<${status}, ${type}>`;
  });
  return `${docComment([`Answers of \`${operation.id}\` by status.`])}export type ${pascalCase(operation.id)}Answer =\n${[...members, 'Unexpected'].map((member) => `  | ${member}`).join('\n')};\n`;
}

const tokenText = (token: readonly Token[]): string => (token.length === 0 ? 'no token' : `${token.join(' or ')} token`);

function signature(operation: Operation, schemas: SchemaTypes): string {
  const { id, summary, description, deprecated, token, method, path, items } = operation;
  const success = operation.answers.find(({ status }) => status < 300);
  const value = success?.schema === undefined ? 'void' : schemas.typeOf(success.schema, 'answer');
  const answer = `${pascalCase(id)}Answer`;
  const result =
    items === undefined ? `Call<${value}, ${answer}>` : `Paged<${value}, ${schemas.typeOf(items.schema, 'answer')}, ${answer}>`;
  const comment = docComment(
    [summary !== '' && `${summary}.`, description, `\`${method} ${path}\`, ${tokenText(token)}.`, deprecated && '@deprecated'],
    '  ',
  );
  return `${comment}  ${id}(args${requiresArguments(operation) ? '' : '?'}: ${hasArguments(operation) ? `${pascalCase(id)}Args` : 'NoArgs'}, options?: CallOptions): ${result};\n`;
}

/** Whether a call without any argument makes no sense. */
export function requiresArguments({ pathParameters, queryParameters, body }: Operation): boolean {
  return [...pathParameters, ...queryParameters].some(({ required }) => required) || body?.required === true;
}
