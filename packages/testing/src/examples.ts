// Answers of operations without state: the generated examples, with the ids that were asked for, in lists of any length.
import type { Call } from './call.js';
import { page } from './paging.js';

/** `count` is how many items there are in all, where the operation lists some. */
export function example(call: Pick<Call, 'api' | 'operationId' | 'operation' | 'path' | 'query'>, count: number): object | undefined {
  const answer = call.api.answers[call.operationId];
  if (answer?.body === undefined) return undefined;
  const body = structuredClone(answer.body) as Record<string, unknown>;
  const list = listIn(call, body);
  if (list !== undefined) {
    const items = itemsOf(call, list.items, count);
    return list.paged ? { ...body, ...page(list.property, items, call.query, (item) => item) } : { ...body, [list.property]: items };
  }
  if (typeof body.id === 'string' && call.path.id !== undefined) return { ...body, id: call.path.id };
  const id = toId(call.path.id);
  return id !== undefined && typeof body.id === 'number' ? { ...body, id } : body;
}

interface List {
  readonly property: string;
  readonly items: readonly unknown[];
  readonly paged: boolean;
}

/** Where an answer lists what was asked for. Without paging, only a lone list of things with ids counts as such. */
function listIn({ operation }: Pick<Call, 'operation'>, body: Readonly<Record<string, unknown>>): List | undefined {
  if (operation.items !== undefined) return { property: operation.items, items: arrayOf(body[operation.items]), paged: true };
  if (operation.method !== 'GET') return undefined;
  const [lone, ...others] = Object.entries(body);
  if (lone === undefined || others.length > 0 || !Array.isArray(lone[1]) || !hasId(lone[1][0])) return undefined;
  return { property: lone[0], items: lone[1], paged: false };
}

/** As many as wanted, or those with the ids that were asked for; the examples in turn, each with an id of its own. */
function itemsOf(
  { api, operationId, path, query }: Pick<Call, 'api' | 'operationId' | 'path' | 'query'>,
  examples: readonly unknown[],
  count: number,
): unknown[] {
  if (examples.length === 0) return [];
  const { list } = api.answers[operationId] ?? {};
  const wanted = list === undefined ? query.getAll('ids') : [path[list] ?? ''];
  const ids = wanted.flatMap((text) => text.split(',')).map(toId);
  const first = hasId(examples[0]) ? examples[0].id : 1;
  const item = (index: number, id: number): unknown => {
    const one = examples[index % examples.length];
    if (hasTextId(one)) return { ...structuredClone(one), id: one.id.slice(0, -String(index).length) + index };
    return hasId(one) ? { ...structuredClone(one), id } : structuredClone(one);
  };
  if (ids.length > 0 && hasId(examples[0])) return ids.flatMap((id, index) => (id === undefined ? [] : [item(index, id)]));
  return Array.from({ length: count }, (_, index) => item(index, first + index));
}

const arrayOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

const hasId = (value: unknown): value is { id: number } =>
  typeof value === 'object' && value !== null && typeof (value as { id?: unknown }).id === 'number';

const hasTextId = (value: unknown): value is { id: string } =>
  typeof value === 'object' && value !== null && typeof (value as { id?: unknown }).id === 'string';

/** Ids are whole numbers; beyond 2^53 JavaScript knows them no longer. */
function toId(text: string | undefined): number | undefined {
  const value = Number(text?.trim() || Number.NaN);
  return Number.isSafeInteger(value) ? value : undefined;
}
