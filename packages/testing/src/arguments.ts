// What a call carries: the fields of its body, and whether all is there that must be.
import type { Call } from './call.js';
import { Failure, missing } from './failure.js';
import type { Message } from './message.js';
import type { Route } from './router.js';

/** The body, as a form or as JSON, whichever the operation takes. */
export function fieldsOf({ headers, body }: Message, { operation }: Route): Record<string, unknown> {
  if (operation.body === undefined || body === '') return {};
  const type = (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== operation.body) throw new Failure(415, 'UNSUPPORTED_MEDIA_TYPE', `The body must be ${operation.body}.`);
  if (operation.body !== 'application/json') return Object.fromEntries(new URLSearchParams(body));
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Answered below, like JSON of another kind.
  }
  throw new Failure(400, 'BAD_REQUEST', 'The body is no JSON object.');
}

/** Throws a 400 that names the first argument which is missing. */
export function checkArguments({ api, operationId, operation, query, body }: Call): void {
  const { query: needed = [], fields = [] } = api.answers[operationId] ?? {};
  for (const name of needed) if (!query.has(name)) throw missing(name, 'query');
  const place = operation.body === 'application/json' ? 'body' : 'form';
  for (const name of fields) if (body[name] === undefined || body[name] === null || body[name] === '') throw missing(name, place);
}
