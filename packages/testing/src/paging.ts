// Pages of a list, as `page` and `perPage` ask for them.
import { Failure } from './failure.js';

/** One page under the name that the operation gives its items. */
export function page<Item>(property: string, all: readonly Item[], query: URLSearchParams, write: (item: Item) => unknown): object {
  const number = whole(query, 'page', 1, 'ILLEGAL_FIELD_VALUE', Number.MAX_SAFE_INTEGER);
  const perPage = whole(query, 'perPage', 20, 'ILLEGAL_PAGE_SIZE', 500);
  const start = (number - 1) * perPage;
  return {
    [property]: all.slice(start, start + perPage).map(write),
    paging: { page: number, perPage, pageCount: Math.ceil(all.length / perPage), totalCount: all.length },
  };
}

function whole(query: URLSearchParams, name: string, otherwise: number, code: string, most: number): number {
  const text = query.get(name);
  if (text === null) return otherwise;
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > most)
    throw new Failure(400, code, `${name} is a whole number from 1${most === Number.MAX_SAFE_INTEGER ? ' on' : ` to ${most}`}.`);
  return value;
}
