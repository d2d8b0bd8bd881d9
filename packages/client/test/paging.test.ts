// Pages and items of paged operations.
import { describe, expect, it } from 'vitest';
import { operations } from '../src/generated/access-v1/operations.js';
import { FinapiError } from '../src/index.js';
import {
  type Answer,
  at,
  clientOf,
  errorMessage,
  failureOf,
  json,
  only,
  type Recorder,
  recorder,
  rejectionOf,
  type Sent,
  userOf,
  userToken,
} from './support.js';

const page = (number: number, ids: readonly number[], pageCount: number): Response =>
  json(200, {
    transactions: ids.map((id) => ({ id })),
    paging: { page: number, perPage: ids.length, pageCount, totalCount: 99 },
    income: 0,
    spending: 0,
    balance: 0,
  });
/** Three pages of two. */
const threePages = (): readonly Answer[] => [page(1, [1, 2], 3), page(2, [3, 4], 3), page(3, [5, 6], 3)];
const pageOf = ({ query }: Sent): string | undefined => query.find(([name]) => name === 'page')?.[1];
const pagesOf = (calls: Recorder): readonly (string | undefined)[] => calls.sent.map(pageOf);
const all = (calls: Recorder, args: { page?: number } = {}) =>
  userOf(calls, { retry: false }).transactions.getAndSearchAllTransactions({ view: 'userView', ...args });

async function collect<T>(items: AsyncIterable<T>, into: T[] = []): Promise<T[]> {
  for await (const item of items) into.push(item);
  return into;
}
const idsOf = async (items: AsyncIterable<{ readonly id: number }>): Promise<number[]> => (await collect(items)).map(({ id }) => id);

describe('iterating over a paged call', () => {
  it('gives the items of all pages, in their order', async () => {
    const calls = recorder(...threePages());
    expect(await idsOf(all(calls))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(pagesOf(calls)).toEqual([undefined, '2', '3']);
  });

  it('gives the same with items()', async () => {
    expect(await idsOf(all(recorder(...threePages())).items())).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('gives pages with pages()', async () => {
    const pages = await collect(all(recorder(...threePages())).pages());
    expect(pages.map(({ paging, transactions }) => [paging.page, transactions.length])).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
    ]);
  });

  it('starts at the page that is asked for', async () => {
    const calls = recorder(page(2, [3, 4], 3), page(3, [5, 6], 3));
    expect(await idsOf(all(calls, { page: 2 }))).toEqual([3, 4, 5, 6]);
    expect(pagesOf(calls)).toEqual(['2', '3']);
  });

  it('does not fetch the first page twice, awaited before or not', async () => {
    const calls = recorder(...threePages());
    const call = all(calls);
    expect((await call).transactions).toHaveLength(2);
    expect(await idsOf(call)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(calls.sent).toHaveLength(3);
  });

  it('fetches a page when its items are wanted, not before', async () => {
    const calls = recorder(...threePages());
    const items = all(calls)[Symbol.asyncIterator]();
    const requests: number[] = [];
    for (let i = 0; i < 6; i++) {
      await items.next();
      requests.push(calls.sent.length);
    }
    expect(requests).toEqual([1, 1, 2, 2, 3, 3]);
  });

  it('stops asking when the loop is left', async () => {
    const calls = recorder(...threePages());
    for await (const { id } of all(calls)) if (id === 3) break;
    expect(calls.sent).toHaveLength(2);
  });

  it('stops asking when the loop is left at the end of a page', async () => {
    const calls = recorder(...threePages());
    for await (const { id } of all(calls)) if (id === 2) break;
    expect(calls.sent).toHaveLength(1);
  });

  it('stops asking when the loop throws', async () => {
    const calls = recorder(...threePages());
    const looped = (async () => {
      for await (const one of all(calls).pages()) throw new Error(`page ${one.paging.page}`);
    })();
    expect(String(await rejectionOf(looped))).toContain('page 1');
    expect(calls.sent).toHaveLength(1);
  });

  it('can be done twice, asking for the later pages anew', async () => {
    const calls = recorder(...threePages(), page(2, [30, 40], 3), page(3, [50], 3));
    const call = all(calls);
    expect(await idsOf(call)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await idsOf(call)).toEqual([1, 2, 30, 40, 50]);
    expect(pagesOf(calls)).toEqual([undefined, '2', '3', '2', '3']);
  });

  it('can be done twice at once, each with a place of its own', async () => {
    const byPage = (request: Sent): Response => page(Number(pageOf(request) ?? 1), [Number(pageOf(request) ?? 1) * 10], 3);
    const call = all(recorder(byPage));
    expect(await Promise.all([idsOf(call), idsOf(call)])).toEqual([
      [10, 20, 30],
      [10, 20, 30],
    ]);
  });
});

describe('awaiting a paged call', () => {
  it('gives the first page alone, with one request', async () => {
    const calls = recorder(...threePages());
    const first = await all(calls);
    expect(first.paging.pageCount).toBe(3);
    expect(calls.sent).toHaveLength(1);
    expect(pagesOf(calls)).toEqual([undefined]);
  });

  it('gives the page that is asked for', async () => {
    const calls = recorder(page(7, [1], 9));
    expect((await all(calls, { page: 7 })).paging.page).toBe(7);
    expect(pagesOf(calls)).toEqual(['7']);
  });
});

describe('the end of the pages', () => {
  it.each<[string, readonly Answer[], readonly number[]]>([
    ['is the page count', [page(1, [1], 1), page(2, [2], 1)], [1]],
    ['is an empty page, whatever the count says', [page(1, [1], 9), page(2, [], 9), page(3, [3], 9)], [1]],
    ['is a first page without items', [page(1, [], 0)], []],
    ['is a page without paging', [json(200, { transactions: [{ id: 1 }] }), page(2, [2], 9)], [1]],
    ['is a page without a count', [json(200, { transactions: [{ id: 1 }], paging: {} }), page(2, [2], 9)], [1]],
    ['is a page without its list', [json(200, { paging: { pageCount: 9 } }), page(2, [2], 9)], []],
    ['is a page whose list is null', [json(200, { transactions: null, paging: { pageCount: 9 } }), page(2, [2], 9)], []],
    ['moves out as pages are added midway', [page(1, [1], 2), page(2, [2], 3), page(3, [3], 3)], [1, 2, 3]],
    ['moves in as pages vanish midway', [page(1, [1], 4), page(2, [2], 2), page(3, [3], 2)], [1, 2]],
    ['is behind a page that is beyond it already', [page(1, [1], 0)], [1]],
  ])('%s', async (_, answers, ids) => {
    const calls = recorder(...answers);
    expect(await idsOf(all(calls))).toEqual(ids);
    expect(calls.sent.length).toBeLessThanOrEqual(Math.max(ids.length + 1, 1));
  });

  it('comes for pages as for items', async () => {
    expect(await collect(all(recorder(page(1, [1], 9), page(2, [], 9))).pages())).toHaveLength(2);
    expect(await collect(all(recorder(page(1, [1], 1))).pages())).toHaveLength(1);
  });

  it('asks for nothing beyond the count', async () => {
    const calls = recorder(page(1, [1], 2), page(2, [2], 2));
    await idsOf(all(calls));
    expect(calls.sent).toHaveLength(2);
  });
});

describe('what goes with every page', () => {
  it('are the size, the filters and the order of the call', async () => {
    const calls = recorder(...threePages());
    await idsOf(
      userOf(calls).transactions.getAndSearchAllTransactions({
        view: 'bankView',
        perPage: 2,
        accountIds: [8, 9],
        search: 'a b',
        order: ['id,desc'],
      }),
    );
    const expected = [
      ['view', 'bankView'],
      ['perPage', '2'],
      ['accountIds', '8'],
      ['accountIds', '9'],
      ['search', 'a b'],
      ['order', 'id,desc'],
    ];
    expect(calls.sent.map(({ query }) => query.filter(([name]) => name !== 'page'))).toEqual([expected, expected, expected]);
  });

  it('are the options of the call', async () => {
    const calls = recorder(...threePages());
    const options = { requestId: 'mine', language: 'en', headers: { 'x-a': '1' } } as const;
    await idsOf(userOf(calls).transactions.getAndSearchAllTransactions({ view: 'userView' }, options));
    for (const { headers } of calls.sent) expect(headers).toMatchObject({ 'x-request-id': 'mine', 'accept-language': 'en', 'x-a': '1' });
    expect(calls.sent).toHaveLength(3);
  });

  it('is the signal, which ends the iteration with its reason', async () => {
    const controller = new AbortController();
    const calls = recorder(page(1, [1], 3), page(2, [2], 3));
    const seen: { id: number }[] = [];
    const call = userOf(calls).transactions.getAndSearchAllTransactions({ view: 'userView' }, { signal: controller.signal });
    const looped = (async () => {
      for await (const item of call) {
        seen.push(item);
        if (item.id === 2) controller.abort('enough');
      }
    })();
    expect(await rejectionOf(looped)).toBe('enough');
    expect(seen.map(({ id }) => id)).toEqual([1, 2]);
    expect(calls.sent).toHaveLength(2);
  });

  it('is an id of its own for each page where none is given', async () => {
    const calls = recorder(...threePages());
    await idsOf(all(calls));
    expect(new Set(calls.sent.map(({ headers }) => headers['x-request-id'])).size).toBe(3);
  });

  it('is the token, renewed midway where it is refused', async () => {
    let current = 'old';
    const byPage = (request: Sent): Response => {
      const number = Number(pageOf(request) ?? 1);
      return number > 1 && request.headers['authorization'] === 'Bearer old' ? json(401, {}) : page(number, [number], 3);
    };
    const user = {
      identity: 'user' as const,
      get: async () => current,
      reject: () => {
        current = 'new';
      },
    };
    const calls = recorder(byPage);
    expect(await idsOf(userOf(calls, {}, user).transactions.getAndSearchAllTransactions({ view: 'userView' }))).toEqual([1, 2, 3]);
    expect(calls.sent.map(({ headers }) => headers['authorization'])).toEqual(['Bearer old', 'Bearer old', 'Bearer new', 'Bearer new']);
  });

  it('leaves the arguments of the caller as they are', async () => {
    const args = Object.freeze({ view: 'userView' as const, page: 1 });
    await idsOf(userOf(recorder(...threePages())).transactions.getAndSearchAllTransactions(args));
    expect(args).toEqual({ view: 'userView', page: 1 });
  });
});

describe('an error', () => {
  it('of page 3 comes after the items of pages 1 and 2', async () => {
    const calls = recorder(...threePages().slice(0, 2), json(500, errorMessage()));
    const seen: { id: number }[] = [];
    const error = await failureOf(collect(all(calls), seen), FinapiError);
    expect(seen.map(({ id }) => id)).toEqual([1, 2, 3, 4]);
    expect({ status: error.status, operationId: error.operationId, requests: calls.sent.length }).toEqual({
      status: 500,
      operationId: 'getAndSearchAllTransactions',
      requests: 3,
    });
  });

  it('of page 1 comes at once, from the call as from the iteration', async () => {
    const call = all(recorder(json(403, errorMessage())));
    const [awaited, iterated] = [await rejectionOf(call), await rejectionOf(collect(call))];
    expect(awaited).toBe(iterated);
    expect(awaited).toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('paged operations', () => {
  const table: Readonly<
    Record<string, { readonly group: string; readonly token: readonly string[]; readonly path: string; readonly items?: string }>
  > = operations;
  const methodOf = (id: string, calls: Recorder) => {
    const { group = '', token = [] as readonly string[] } = table[id] ?? {};
    const finapi = clientOf(calls);
    const view = token.includes('admin') ? finapi.admin : token.includes('user') ? finapi.as(userToken) : finapi;
    const method = (view as unknown as Record<string, Record<string, (args: object) => object>>)[group]?.[id];
    if (method === undefined) throw new Error(`no method ${id}`);
    return method;
  };
  const paged = Object.entries(table).flatMap(([id, { items }]) => (items === undefined ? [] : [[id, items] as const]));

  it.each(paged)('%s gives what lies in %s', async (id, items) => {
    const calls = recorder(json(200, { [items]: [1, 2], paging: { pageCount: 2 } }), json(200, { [items]: [3], paging: { pageCount: 2 } }));
    const call = methodOf(id, calls)({}) as AsyncIterable<number>;
    expect(await collect(call)).toEqual([1, 2, 3]);
    expect(calls.sent.map(({ path }) => path)).toEqual(Array(2).fill(table[id]?.path));
    expect(pageOf(at(calls.sent, 1))).toBe('2');
  });

  it('are 14, and all others have neither pages nor items', async () => {
    const others = Object.keys(table).filter((id) => table[id]?.items === undefined);
    expect([paged.length, others.length]).toEqual([14, 88]);
    for (const id of others) {
      const call = methodOf(id, recorder())({ id: 1, ids: [1], userId: 'u' });
      expect(call, id).not.toHaveProperty('pages');
      expect(call, id).not.toHaveProperty('items');
      expect(Symbol.asyncIterator in call, id).toBe(false);
      await (call as Promise<unknown>);
    }
  });

  it('are none of accounts, bank connections and notification rules, which come whole', async () => {
    const calls = recorder(json(200, { accounts: [] }));
    const call = userOf(calls).accounts.getAndSearchAllAccounts();
    expect('pages' in call).toBe(false);
    await call;
    expect(only(calls.sent).path).toBe('/api/v1/accounts');
  });
});
