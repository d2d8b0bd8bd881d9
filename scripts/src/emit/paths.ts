// Types of the path-based door, by identity, method and path; only who imports it pays for them.
import { type Model, type Operation, type Parameter, pascalCase } from '../model.ts';
import { usedNames } from './comment.ts';
import { hasArguments, identities, requiresArguments } from './methods.ts';
import type { SchemaTypes } from './schemas.ts';

export function emitPaths(model: Model, schemas: SchemaTypes): string {
  const declarations = identities.flatMap(({ identity, holds }) => {
    const operations = model.operations.filter(holds);
    // An identity without operations has no door.
    if (operations.length === 0) return [];
    const methods = [...new Set(operations.map(({ method }) => method))].sort();
    const byMethod = methods.map((method) => {
      const rows = operations
        .filter((operation) => operation.method === method)
        .map((operation) => `    ${JSON.stringify(operation.path)}: ${row(operation, schemas)};\n`);
      return `  ${method}: {\n${rows.join('')}  };\n`;
    });
    return `/** Paths with ${identity === 'client' ? 'a client token or none' : `${identity === 'admin' ? 'an' : 'a'} ${identity} token`}. */\nexport interface ${pascalCase(identity)}Paths {\n${byMethod.join('')}}\n`;
  });
  const text = declarations.join('\n');
  const args = usedNames(
    text,
    model.operations.filter(hasArguments).map(({ id }) => `${pascalCase(id)}Args`),
  );
  const imports = [
    `import type { ${usedNames(text, ['Open', 'PathOperation']).join(', ')} } from '../../core/types.js';\n`,
    args.length === 0 ? '' : `import type { ${args.join(', ')} } from './methods.js';\n`,
    `import type { ${usedNames(text, schemas.names).sort().join(', ')} } from './schemas.js';\n`,
  ];
  return `${imports.join('')}\n${text}`;
}

function row(operation: Operation, schemas: SchemaTypes): string {
  const { pathParameters, queryParameters, body, answers } = operation;
  const args = `${pascalCase(operation.id)}Args`;
  const pick = (parameters: readonly Parameter[]): string =>
    `Pick<${args}, ${parameters.map(({ name }) => JSON.stringify(name)).join(' | ')}>`;
  const parameters: string[] = [];
  if (pathParameters.length > 0) parameters.push(`path: ${pick(pathParameters)}`);
  if (queryParameters.length > 0)
    parameters.push(`query${queryParameters.some(({ required }) => required) ? '' : '?'}: ${pick(queryParameters)}`);
  const required = [...pathParameters, ...queryParameters].some((parameter) => parameter.required);
  const init: string[] = [];
  if (parameters.length > 0) init.push(`params${required ? '' : '?'}: { ${parameters.join('; ')} }`);
  if (body !== undefined) init.push(`body${body.required ? '' : '?'}: ${schemas.typeOf(body.schema, 'request')}`);
  const type = (failed: boolean): string => {
    const types = new Set(
      answers
        .filter(({ status }) => status >= 300 === failed)
        .map(({ schema }) => (schema === undefined ? 'undefined' : schemas.typeOf(schema, 'answer'))),
    );
    return types.size === 0 ? 'undefined' : [...types].join(' | ');
  };
  return `PathOperation<${init.length === 0 ? 'object' : `{ ${init.join('; ')} }`}, ${type(false)}, ${type(true)}, ${requiresArguments(operation)}>`;
}
