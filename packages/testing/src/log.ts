// What the sandbox received, in order, for tests to look at.
import type { ApiId, Identity } from './api.js';
import type { Message } from './message.js';

export interface LogEntry {
  /** When it arrived, in milliseconds since 1970 by the sandbox's clock. */
  readonly at: number;
  /** Whose path it is; undefined where no API has it. */
  readonly api: ApiId | undefined;
  /** Undefined where path and method belong to no operation. */
  readonly operationId: string | undefined;
  readonly method: string;
  /** Template of the path, like `/api/v1/accounts/{id}`; as it came where it belongs to no operation. */
  readonly path: string;
  /** What it was answered with; `'reset'` where the connection broke; undefined until then, and for a caller that gave up. */
  readonly status: number | 'reset' | undefined;
  readonly requestId: string;
  /** Of a token call: what it asked with. */
  readonly grant: string | undefined;
  /** Whose valid token it carried; undefined for a token call. */
  readonly identity: Identity | undefined;
  /** Whose token it carried; of a token call, the `client_id` it gave. */
  readonly clientId: string | undefined;
  /** Likewise; of a token call, its `username`. */
  readonly userId: string | undefined;
  /** `true` where it asked for a decoupled step again before 5 seconds were over; absent otherwise. */
  readonly tooFast?: boolean;
  /**
   * The request as it came, **secrets and tokens included**. It cannot be enumerated: printing or comparing an entry leaves it
   * out.
   */
  readonly request: Message;
}

/** An entry while its call is under way. */
export type OpenEntry = { -readonly [Name in keyof LogEntry]: LogEntry[Name] };

export function openEntry(entry: Pick<LogEntry, 'at' | 'api' | 'method' | 'path' | 'requestId'>, request: Message): OpenEntry {
  const nothing = {
    operationId: undefined,
    status: undefined,
    grant: undefined,
    identity: undefined,
    clientId: undefined,
    userId: undefined,
  };
  return Object.defineProperty({ ...nothing, ...entry } as OpenEntry, 'request', { value: request, enumerable: false });
}
