// The operation table: what the client knows of an operation at run time.
import type { Identity } from './auth.js';

export interface Operation {
  /** The tag as a property of the client, like `bankConnections`. */
  readonly group: string;
  readonly method: string;
  /** Path template, like `/api/v1/accounts/{id}`. */
  readonly path: string;
  /** The tokens it takes, as alternatives; empty where it takes none. */
  readonly token: readonly Identity[];
  /** Seconds that the token must still live: finAPI goes on using it after the answer. */
  readonly tokenMinLifeS?: number;
  /** Media type of the body; absent where there is none. */
  readonly body?: 'application/json' | 'application/x-www-form-urlencoded';
  /** Arguments that go into the query although there is a body. Without a body all but those of the path do. */
  readonly query?: readonly string[];
  /** Paged: the property of the answer that holds a page's items. */
  readonly items?: string;
  /** May be repeated without asking, since it changes nothing. */
  readonly safe?: boolean;
  /** finAPI takes POST with `X-HTTP-Method-Override` in place of the method. */
  readonly override?: boolean;
  /** Statuses, beside success, that the document names. */
  readonly errors: readonly number[];
  /** Success has no body. */
  readonly empty?: boolean;
}

/** Operations by their ids. */
export type OperationTable = Readonly<Record<string, Operation>>;
