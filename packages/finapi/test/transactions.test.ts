import { FinapiError } from '@finapi-ts/client';
import { describe, expect, it } from 'vitest';
import { transactionsSince } from '../src/flows.js';
import { aliceOn, failureOf, fake, rejectionOf } from './support.js';

const call = 'GET /api/v2/transactions';
const page = (number: number, of: number, ...ids: number[]) => ({
  transactions: ids.map((id) => ({ id, amount: id })),
  paging: { page: number, perPage: 500, pageCount: of, totalCount: 4 },
});
const pages = { [call]: [page(1, 2, 1, 2), page(2, 2, 3, 4)] };

async function idsOf(items: AsyncIterable<{ readonly id: number }>, most = Number.POSITIVE_INFINITY): Promise<number[]> {
  const ids: number[] = [];
  for await (const { id } of items) {
    ids.push(id);
    if (ids.length === most) break;
  }
  return ids;
}

describe('transactions since a day', () => {
  it('come page after page, with a fortnight before it, in the order of their ids', async () => {
    const server = fake(pages);
    const seen: number[] = [];
    const items = transactionsSince(aliceOn(server).access, {
      since: '2026-03-10',
      accountIds: [5, 6],
      onProgress: (paging) => seen.push(paging.page),
    });
    expect(await idsOf(items)).toEqual([1, 2, 3, 4]);
    expect(seen).toEqual([1, 2]);
    const [first, second] = server.calls(call).map(({ query }) => Object.fromEntries(query));
    expect(first).toMatchObject({ view: 'bankView', minBankBookingDate: '2026-02-24', perPage: '500', order: 'id,asc' });
    expect(second).toMatchObject({ page: '2', minBankBookingDate: '2026-02-24' });
    expect(server.calls(call)[0]?.query.toString()).toMatch(/accountIds=5(%2C|&accountIds=)6/);
  });

  it.each([
    [new Date('2024-03-01T23:30:00Z'), 1, '2024-02-29'],
    ['2026-01-01', 0, '2026-01-01'],
    ['2026-01-01', 1, '2025-12-31'],
  ])('look back whole days: %s, %d', async (since, lookBackDays, expected) => {
    const server = fake(pages);
    await idsOf(transactionsSince(aliceOn(server).access, { since, lookBackDays, view: 'userView' }));
    expect(server.calls(call)[0]?.query.get('minBankBookingDate')).toBe(expected);
    expect(server.calls(call)[0]?.query.get('view')).toBe('userView');
  });

  it('leave out what was seen, and mark one as seen when the next is asked for', async () => {
    const server = fake(pages);
    const { access } = aliceOn(server);
    const seen = new Set([2]);
    expect(await idsOf(transactionsSince(access, { since: '2026-03-10', seen }), 2)).toEqual([1, 3]);
    expect([...seen]).toEqual([2, 1]);
    const again = fake(pages);
    expect(await idsOf(transactionsSince(aliceOn(again).access, { since: '2026-03-10', seen }))).toEqual([3, 4]);
    expect([...seen]).toEqual([2, 1, 3, 4]);
  });

  it('wait for a table of ids of your own', async () => {
    const server = fake(pages);
    const added: number[] = [];
    const seen = { has: async (id: number) => id % 2 === 0, add: async (id: number) => added.push(id) };
    expect(await idsOf(transactionsSince(aliceOn(server).access, { since: '2026-03-10', seen }))).toEqual([1, 3]);
    expect(added).toEqual([1, 3]);
  });

  it('come from Access V1 as well', async () => {
    const server = fake({ 'GET /api/v1/transactions': page(1, 1, 1) });
    expect(await idsOf(transactionsSince(aliceOn(server).accessV1, { since: '2026-03-10' }))).toEqual([1]);
  });

  it('end with the reason of the caller', async () => {
    const server = fake(pages);
    const controller = new AbortController();
    const items = transactionsSince(aliceOn(server).access, { since: '2026-03-10', signal: controller.signal });
    await items.next();
    controller.abort('enough');
    expect(await rejectionOf(items.next())).toBe('enough');
  });

  it.each([
    [{ since: '2026-3-1' }, /since must be a day/],
    [{ since: '2026-02-30' }, /since must be a day/],
    [{ since: new Date(Number.NaN) }, /since must be a day/],
    [{ since: '2026-03-10', lookBackDays: -1 }, /lookBackDays must be a whole number/],
    [{ since: '2026-03-10', lookBackDays: 0.5 }, /lookBackDays must be a whole number/],
  ])('are refused where the window makes no sense: %o', async (options, message) => {
    const server = fake();
    expect((await failureOf(transactionsSince(aliceOn(server).access, options).next(), FinapiError)).message).toMatch(message);
    expect(server.sent).toEqual([]);
  });
});
