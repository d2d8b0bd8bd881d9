// The types that generated methods are made of, and the options of a call.
import type { FinapiError } from './errors.js';
import type { RetryOptions } from './retry.js';

/** An enumeration in an answer: the known values, and whatever finAPI adds later. */
export type Open<T extends string> = T | (string & Record<never, never>);

/** For operations without arguments; an empty object, or nothing. */
export type NoArgs = Record<string, never>;

/** Languages that finAPI answers in; German unless set. */
export type Language = 'de' | 'en' | 'cs' | 'sk';

/**
 * Tells the bank that the user is present (PSU: payment service user). Without it a call counts as unattended, which
 * banks limit.
 */
export interface PsuMetadata {
  /** IPv4 address of the user's device. */
  readonly ipAddress?: string;
  /** Operating system of the user's device. */
  readonly deviceOs?: string;
  /** The user's browser, usually the `User-Agent` that your own server received. */
  readonly userAgent?: string;
}

/** Options of one call; they win over those of the client. */
export interface CallOptions {
  /** Ends the call, which then rejects with the signal's own reason. */
  readonly signal?: AbortSignal;
  /** Milliseconds that one attempt may take, its body included. */
  readonly timeoutMs?: number;
  /** Your own id for the call, 1 to 255 printable ASCII characters. One is made where it is missing. */
  readonly requestId?: string;
  readonly language?: Language;
  readonly psu?: PsuMetadata;
  /** When to repeat a call that failed; `false` for never. */
  readonly retry?: RetryOptions | false;
  /** Further headers, which win over all others, `Authorization` included. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A successful answer. */
export interface Ok<Status extends number, Value> {
  readonly ok: true;
  readonly status: Status;
  readonly value: Value;
  /** finAPI's echo of the request id. */
  readonly requestId: string;
}

/** An answer that finAPI's document names as a failure, or as a step to take. */
export interface Failed<Status extends number, Body> {
  readonly ok: false;
  readonly status: Status;
  /** What a throwing call would have thrown. */
  readonly error: FinapiError;
  /** The body of the answer; `undefined` where a proxy answered in finAPI's place with something else. Tokens in it are masked. */
  readonly body: Body | undefined;
  readonly requestId: string;
}

/** No answer that the document knows: another status, an unreadable body, a broken connection, a time-out, an abort. */
export interface Unexpected {
  readonly ok: false;
  readonly status: 'unexpected';
  /** What a throwing call would have thrown. */
  readonly error: Error;
  readonly requestId: string;
}

/** A call under way. Awaiting it gives the value or throws; `answer()` gives a value in every case. */
export interface Call<Value, Answer> extends Promise<Value> {
  /** The answer by status, instead of a throw. */
  answer(): Promise<Answer>;
}

/** A call of a paged operation. Awaiting it gives one page; iterating gives items from there on, page after page. */
export interface Paged<Page, Item, Answer> extends Call<Page, Answer>, AsyncIterable<Item> {
  /** Pages, from the one called for to the last. */
  pages(): AsyncIterableIterator<Page>;
  /** Items of all pages; what iterating over the call itself gives. */
  items(): AsyncIterableIterator<Item>;
}

/** An operation as the path-based door knows it: what goes in and what comes out. */
export interface PathOperation<Init, Data, Failure, Required extends boolean> {
  readonly init: Init;
  readonly data: Data;
  readonly failure: Failure;
  readonly required: Required;
}
