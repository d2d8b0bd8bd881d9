// A request and an answer as plain data: what `fetch` in memory and the HTTP server have in common.

export interface Message {
  readonly method: string;
  /** Path and query, as they stand in the URL. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Empty where there is none. */
  readonly body: string;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What came of a request: an answer, or a connection that broke. */
export type Outcome = Reply | 'reset';

export const json = (status: number, body: unknown, headers: Readonly<Record<string, string>>): Reply => ({
  status,
  headers: { ...headers, 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
