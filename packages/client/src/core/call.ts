// What a method returns: a promise of the value that can also give an answer, pages and items.
import { FinapiError } from './errors.js';
import type { Compiled } from './request.js';
import type { Trace } from './transport.js';
import type { Call, Failed, Ok, Paged, Unexpected } from './types.js';

type AnyAnswer = Ok<number, unknown> | Failed<number, unknown> | Unexpected;

/** Makes the promise of a value into a call. */
export function callOf(operation: Compiled, value: Promise<unknown>, trace: Trace): Call<unknown, AnyAnswer> {
  const call = value as Call<unknown, AnyAnswer>;
  call.answer = () =>
    value.then(
      (it): AnyAnswer => ({
        ok: true,
        status: trace.received?.status ?? 200,
        value: it,
        requestId: trace.received?.headers.get('x-request-id') ?? trace.requestId,
      }),
      (error: unknown) => failure(operation, error, trace),
    );
  return call;
}

function failure(operation: Compiled, error: unknown, trace: Trace): AnyAnswer {
  if (!(error instanceof FinapiError)) {
    return {
      ok: false,
      status: 'unexpected',
      error: error instanceof Error ? error : new FinapiError('ABORTED', 'the call was aborted'),
      requestId: trace.requestId,
    };
  }
  const requestId = error.requestId ?? trace.requestId;
  const { status } = error;
  return status !== undefined && operation.errors.includes(status)
    ? { ok: false, status, error, body: error.body, requestId }
    : { ok: false, status: 'unexpected', error, requestId };
}

interface PageLike {
  readonly paging?: { readonly pageCount?: number };
  readonly [items: string]: unknown;
}

/**
 * @param first number of the page that `call` is for
 * @param get calls for another page
 */
export function pagedOf(
  property: string,
  call: Call<unknown, AnyAnswer>,
  first: number,
  get: (page: number) => Promise<unknown>,
): Paged<unknown, unknown, AnyAnswer> {
  async function* pages(): AsyncGenerator<unknown, void, undefined> {
    let page = (await call) as PageLike;
    for (let number = first; ; number++) {
      yield page;
      // The count can change while we read; a page without items is the last one whatever it says.
      if (number >= (page.paging?.pageCount ?? 0) || itemsOf(page).length === 0) return;
      page = (await get(number + 1)) as PageLike;
    }
  }
  async function* items(): AsyncGenerator<unknown, void, undefined> {
    for await (const page of pages()) yield* itemsOf(page as PageLike);
  }
  const itemsOf = (page: PageLike): readonly unknown[] => (Array.isArray(page[property]) ? (page[property] as unknown[]) : []);
  return Object.assign(call, { pages, items, [Symbol.asyncIterator]: items });
}
