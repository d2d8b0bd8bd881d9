// Faults on demand: what shall go wrong, with which calls, how many times.
import type { OperationId } from './api.js';
import { Failure } from './failure.js';
import { json, type Outcome } from './message.js';

export interface Fault {
  /** Only calls of this operation; left out, any call. */
  readonly operationId?: OperationId;
  /** Only token calls with this grant. */
  readonly grant?: 'client_credentials' | 'password' | 'refresh_token';
  /** How many calls it hits. Default 1; `Infinity` until it is removed. */
  readonly times?: number;
  /** Waits this long on the sandbox's clock; `Infinity` for ever. Alone, the call is answered as usual after that. */
  readonly latencyMs?: number;
  /** The connection breaks: `fetch` rejects with a `TypeError`, the server closes the socket. */
  readonly reset?: boolean;
  /** Answers with this status (429 where only `retryAfterS` is given, else 503), and an `ErrorMessage` unless `body` or `html` says otherwise. */
  readonly status?: number;
  /** Sets `Retry-After`, in seconds. */
  readonly retryAfterS?: number;
  /** Answers with HTML, as a proxy does: a page of its own where `true`. */
  readonly html?: boolean | string;
  /** Text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
  /** The call is handled first, and only its answer is late or lost. */
  readonly afterHandling?: boolean;
}

export interface FaultHandle {
  /** How many calls it will still hit. */
  readonly left: number;
  remove(): void;
}

export interface Faults {
  /** The one added first hits first. */
  add(fault: Fault): FaultHandle;
  /** Takes away all. */
  clear(): void;
}

export interface FaultQueue extends Faults {
  /** The fault that hits a call, if there is one; it counts as used. */
  take(operationId: string | undefined, grant: string | undefined): Fault | undefined;
}

export function createFaults(isOperation: (id: string) => boolean): FaultQueue {
  let waiting: { readonly fault: Fault; left: number }[] = [];
  return {
    add(fault) {
      const { operationId, times = 1, status } = fault;
      if (operationId !== undefined && !isOperation(operationId)) throw new Error(`there is no operation ${operationId}`);
      if (!(times >= 1)) throw new RangeError(`times is a number from 1 on, not ${times}`);
      if (status !== undefined && !(Number.isInteger(status) && status >= 200 && status <= 599))
        throw new RangeError(`status is a whole number from 200 to 599, not ${status}`);
      if (fault.latencyMs !== undefined && !(fault.latencyMs >= 0))
        throw new RangeError(`latencyMs is a number from 0 on, not ${fault.latencyMs}`);
      if (fault.reset !== true && fault.latencyMs === undefined && !answersItself(fault))
        throw new Error('a fault says what goes wrong: latencyMs, reset, status, retryAfterS, html or body');
      const entry = { fault, left: times };
      waiting.push(entry);
      return {
        get left() {
          return waiting.includes(entry) ? entry.left : 0;
        },
        remove: () => {
          waiting = waiting.filter((it) => it !== entry);
        },
      };
    },
    clear() {
      waiting = [];
    },
    take(operationId, grant) {
      const entry = waiting.find(
        ({ fault }) =>
          (fault.operationId === undefined || fault.operationId === operationId) && (fault.grant === undefined || fault.grant === grant),
      );
      if (entry === undefined) return undefined;
      entry.left -= 1;
      if (entry.left < 1) waiting = waiting.filter((it) => it !== entry);
      return entry.fault;
    },
  };
}

/** Whether it says what to answer, beside how late. */
const answersItself = ({ status, html, body, retryAfterS }: Fault): boolean =>
  status !== undefined || html !== undefined || body !== undefined || retryAfterS !== undefined;

/** What a fault answers in place of the sandbox, if anything, with these headers. `write` gives the body of a failure. */
export function outcomeOf(fault: Fault, given: Readonly<Record<string, string>>, write: (failure: Failure) => object): Outcome | undefined {
  if (fault.reset === true) return 'reset';
  if (!answersItself(fault)) return undefined;
  const { status = fault.retryAfterS === undefined ? 503 : 429, html, body, retryAfterS } = fault;
  const headers = { ...given, ...(retryAfterS === undefined ? {} : { 'retry-after': String(retryAfterS) }) };
  if (html !== undefined && html !== false) {
    const text = html === true ? `<!doctype html><title>${status}</title><p>The gateway could not answer.</p>` : html;
    return { status, headers: { ...headers, 'content-type': 'text/html; charset=utf-8' }, body: text };
  }
  if (typeof body === 'string') return { status, headers: { ...headers, 'content-type': 'text/plain; charset=utf-8' }, body };
  return json(status, body ?? write(new Failure(status, 'UNEXPECTED_ERROR', 'A fault that was asked for.')), headers);
}
