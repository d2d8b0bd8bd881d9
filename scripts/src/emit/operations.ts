// The operation table: what the client needs to know at run time, one row an operation.
import type { Model, Operation } from '../model.ts';

export function emitOperations(model: Model): string {
  const rows = model.operations.map((operation) => `  ${operation.id}: ${row(operation)},\n`);
  return `import type { OperationTable } from '../../core/operation.js';\n\n/** Every operation by its id. */\nexport const operations = {\n${rows.join('')}} as const satisfies OperationTable;\n`;
}

function row(operation: Operation): string {
  const success = operation.answers.find(({ status }) => status < 300);
  const fields: [string, unknown][] = [
    ['group', operation.group],
    ['method', operation.method],
    ['path', operation.path],
    ['token', operation.token],
    ['errors', operation.answers.map(({ status }) => status).filter((status) => status >= 300)],
  ];
  if (operation.tokenMinLifeS !== undefined) fields.push(['tokenMinLifeS', operation.tokenMinLifeS]);
  if (operation.body !== undefined) fields.push(['body', operation.body.mediaType]);
  // With a body beside them, query parameters must be told apart from its fields.
  if (operation.body !== undefined && operation.queryParameters.length > 0)
    fields.push(['query', operation.queryParameters.map(({ name }) => name)]);
  if (operation.items !== undefined) fields.push(['items', operation.items.property]);
  // Only what changes nothing may be repeated without asking.
  if (operation.method === 'GET') fields.push(['safe', true]);
  if (operation.methodOverride) fields.push(['override', true]);
  if (success?.schema === undefined) fields.push(['empty', true]);
  return `{ ${fields.map(([name, value]) => `${name}: ${literal(value)}`).join(', ')} }`;
}

/** A value as TypeScript. */
export const literal = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map(literal).join(', ')}]`
    : typeof value === 'string'
      ? `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
      : String(value);
