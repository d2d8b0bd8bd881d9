// Calls of the client as they went over the wire, and the check whether one went as the document wants it.
import type { Operation } from '@finapi-ts/scripts/model';
import type { Sent, Validator } from './validator.ts';

export interface Violation {
  readonly location: readonly string[];
  readonly severity: string;
  readonly code: string;
  readonly message: string;
}

export interface Answer {
  readonly ok: boolean;
  readonly status: unknown;
  readonly error?: unknown;
  readonly body?: unknown;
  readonly value?: unknown;
}

/** A method of the client, called by its name. */
interface LooseCall extends Promise<unknown> {
  answer(): Promise<Answer>;
}
type Groups = Record<string, Record<string, (args: object, options?: object) => LooseCall>>;
export type LooseClient = Groups & { as(user: object): Groups; admin: Groups };

/** What became of a call. */
export interface Exchange {
  readonly answer: Answer;
  readonly sent: Sent | undefined;
  /** The operation that the mock says has answered. */
  readonly matched: string | null;
  /** What the mock found wrong with the request. */
  readonly violations: readonly Violation[];
}

/** Calls an operation by its name. `options` go to the call, `more` to the client. */
export async function exchange(
  create: (options: object) => LooseClient,
  baseUrl: string,
  operation: Operation,
  args: object,
  options: object = {},
  more: object = {},
): Promise<Exchange> {
  let sent: Sent | undefined;
  let matched: string | null = null;
  let violations: readonly Violation[] = [];
  const client = create({
    baseUrl,
    retry: false,
    auth: { client: { identity: 'client', token: 'client-token' }, admin: { identity: 'admin', token: 'admin-token' } },
    fetch: async (url: string, init: RequestInit) => {
      sent = { url, method: init.method ?? '', headers: init.headers as Record<string, string>, body: init.body as string | undefined };
      const response = await fetch(url, init);
      matched = response.headers.get('x-mock-operation');
      violations = JSON.parse(response.headers.get('sl-violations') ?? '[]');
      return response;
    },
    ...more,
  });
  const [identity = 'client'] = operation.token;
  const groups: Groups =
    identity === 'user' ? client.as({ identity: 'user', token: 'user-token' }) : identity === 'admin' ? client.admin : client;
  const method = groups[operation.group]?.[operation.id];
  if (method === undefined) throw new Error(`the client has no method ${operation.group}.${operation.id}`);
  const answer = await method(args, options).answer();
  return {
    answer,
    sent,
    matched,
    // What it says of its own answers is no fault of the client, and not always true.
    violations: violations.filter(({ location, severity }) => location[0] === 'request' && severity === 'Error'),
  };
}

/** What is wrong with a call that should succeed: by our validator, by the mock, and by the answer. */
export function faultsOf(validator: Validator, operation: Operation, { answer, sent, matched, violations }: Exchange): string[] {
  return [
    ...(sent === undefined ? ['request: none was sent'] : validator.request(operation, sent)),
    ...violations.map(({ location, message }) => `mock: ${location.join('.')}: ${message}`),
    ...(matched === operation.id
      ? []
      : [`mock: ${operation.method} ${operation.path} is ${operation.id}, the call reached ${matched ?? 'no operation'}`]),
    ...(answer.ok ? validator.answer(operation, Number(answer.status), answer.value) : [`answer: ${answer.error}`]),
  ];
}
