// The sandbox: finAPI in memory, as `fetch` and as a handler for servers.
import { type Api, accessV1, type OperationId } from './api.js';
import { checkArguments, fieldsOf } from './arguments.js';
import type { Call, State } from './call.js';
import { type ClientOptions, type Clients, createClients } from './clients.js';
import { type Clock, realClock, type TestClock, wait } from './clock.js';
import { example } from './examples.js';
import { Failure, failureBody, invalidToken } from './failure.js';
import { createFaults, type Fault, type Faults, outcomeOf } from './faults.js';
import { type Fetch, fetchOver } from './fetch.js';
import { type LogEntry, type OpenEntry, openEntry } from './log.js';
import { json, type Message, type Outcome, type Reply } from './message.js';
import { type Route, router } from './router.js';
import { stateful } from './stateful.js';
import { createTokens, type Token, type Tokens } from './tokens.js';
import { createUsers, type UserOptions, type Users } from './users.js';

export interface SandboxOptions {
  /** Time by which tokens expire and faults wait. Default: the machine's. */
  readonly clock?: Clock | TestClock;
  readonly clients?: readonly ClientOptions[];
  readonly users?: readonly UserOptions[];
  /** Origin under which `fetch` finds it, without a slash at the end. Default `https://sandbox.finapi.test`. */
  readonly baseUrl?: string;
}

/** A request as an answer of your own sees it. */
export interface SandboxRequest {
  readonly method: string;
  readonly path: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Fields of the body; empty where there is none. */
  readonly body: Readonly<Record<string, unknown>>;
  readonly clientId: string | undefined;
  readonly userId: string | undefined;
}

export interface SandboxAnswer {
  /** Default: that of the operation's success. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON; absent for an empty body. */
  readonly body?: unknown;
}

export interface Sandbox {
  readonly baseUrl: string;
  /** Reaches the sandbox without a network. Any other origin is refused. */
  readonly fetch: Fetch;
  /** Answers a request of any transport; for servers of your own. */
  handle(request: Message, signal?: AbortSignal): Promise<Outcome>;
  readonly clients: Clients;
  readonly users: Users;
  readonly tokens: Tokens;
  readonly faults: Faults;
  /** What it received, oldest first. */
  readonly log: readonly LogEntry[];
  /** How many items an operation lists in all. Default 3. */
  setItems(operationId: OperationId, count: number): void;
  /** Answers an operation in your own way, once token and arguments are checked; `undefined` goes back to the sandbox's. */
  setAnswer(
    operationId: OperationId,
    answer: SandboxAnswer | ((request: SandboxRequest) => SandboxAnswer | Promise<SandboxAnswer>) | undefined,
  ): void;
}

export function createSandbox(options: SandboxOptions = {}): Sandbox {
  return sandboxOf(accessV1, options);
}

/** A sandbox of any API, also of one that is not published yet. */
export function sandboxOf(
  api: Api,
  { clock = realClock, clients = [], users = [], baseUrl = 'https://sandbox.finapi.test' }: SandboxOptions,
): Sandbox {
  const now = (): number => ('serverNow' in clock ? clock.serverNow() : clock.now());
  const tokens = createTokens(now);
  const state: State = {
    now,
    tokens,
    clients: createClients((clientId) => tokens.voidWhere((it) => it.clientId === clientId && it.userId === undefined)),
    users: createUsers(now, (userId) => tokens.voidWhere((it) => it.userId?.toLowerCase() === userId.toLowerCase())),
    passwordChanges: new Map(),
  };
  for (const client of clients) state.clients.add(client);
  for (const user of users) state.users.add(user);

  const isOperation = (id: string): boolean => Object.hasOwn(api.operations, id);
  const known = (id: string): string => {
    if (!isOperation(id)) throw new Error(`there is no operation ${id}`);
    return id;
  };
  const faults = createFaults(isOperation);
  const find = router(api);
  const routeOf = (method: string, pathname: string, overridden: boolean): ReturnType<typeof find> => {
    const found = find(method, pathname);
    return overridden && typeof found === 'object' && found.operation.override !== true ? 'method' : found;
  };
  const log: LogEntry[] = [];
  const counts = new Map<string, number>();
  const answers = new Map<string, Exclude<Parameters<Sandbox['setAnswer']>[1], undefined>>();

  async function handle(request: Message, signal?: AbortSignal): Promise<Outcome> {
    signal?.throwIfAborted();
    const url = new URL(`http://sandbox${request.target}`);
    const method = methodOf(request);
    const found = routeOf(method, url.pathname, method !== request.method);
    const route = found === 'method' ? undefined : found;
    const given = request.headers['x-request-id'];
    const requestId = given === undefined || given === '' || given.length > 255 ? crypto.randomUUID() : given;
    const entry = openEntry({ at: now(), method, path: route?.operation.path ?? url.pathname, requestId }, request);
    log.push(entry);
    entry.operationId = route?.operationId;
    if (route?.operationId === 'getToken') {
      const form = new URLSearchParams(request.body);
      entry.grant = form.get('grant_type') ?? undefined;
      entry.clientId = form.get('client_id') ?? undefined;
      entry.userId = form.get('username') ?? undefined;
    }

    const fault = faults.take(entry.operationId, entry.grant);
    const outcome = await (fault === undefined ? reply(request, url, found, entry) : faulty(fault, request, url, found, entry, signal));
    entry.status = outcome === 'reset' ? outcome : outcome.status;
    return outcome;
  }

  async function faulty(
    fault: Fault,
    request: Message,
    url: URL,
    found: ReturnType<typeof find>,
    entry: OpenEntry,
    signal: AbortSignal | undefined,
  ): Promise<Outcome> {
    const handled = fault.afterHandling === true ? await reply(request, url, found, entry) : undefined;
    if (fault.latencyMs !== undefined) await wait(clock, fault.latencyMs, signal);
    const broken = outcomeOf(fault, entry.requestId, (failure) => failed(failure, entry));
    return broken ?? handled ?? reply(request, url, found, entry);
  }

  async function reply(request: Message, url: URL, found: ReturnType<typeof find>, entry: OpenEntry): Promise<Reply> {
    const headers = { 'x-request-id': entry.requestId };
    try {
      const answer = await succeed(request, url, found, entry);
      const success = { ...headers, ...answer.headers };
      return answer.body === undefined ? { status: answer.status, headers: success, body: '' } : json(answer.status, answer.body, success);
    } catch (cause) {
      if (!(cause instanceof Failure)) throw cause;
      return json(cause.status, failed(cause, entry), headers);
    }
  }

  function failed(failure: Failure, { method, requestId, userId, request }: OpenEntry): object {
    const user = userId === undefined ? undefined : state.users.find(userId);
    return failureBody(failure, {
      date: api.timestamp(now()),
      requestId,
      // Without the query, which can hold a token.
      endpoint: `${method} ${request.target.split('?')[0]}`,
      authContext: `1/${user?.number ?? 0}`,
    });
  }

  async function succeed(
    request: Message,
    url: URL,
    found: ReturnType<typeof find>,
    entry: OpenEntry,
  ): Promise<{ status: number; headers?: Readonly<Record<string, string>>; body?: unknown }> {
    if ((request.headers['x-request-id'] ?? '').length > 255)
      throw new Failure(400, 'BAD_REQUEST', 'X-Request-Id has more than 255 characters.');
    if (found === undefined) throw new Failure(404, 'UNKNOWN_ENTITY', 'There is nothing at this path.');
    if (found === 'method') throw new Failure(405, 'METHOD_NOT_ALLOWED', 'This path has no such method.');
    const token = authenticate(request, found);
    if (token !== undefined) Object.assign(entry, { identity: token.identity, clientId: token.clientId, userId: token.userId });
    if (token !== undefined && !found.operation.token.includes(token.identity))
      throw new Failure(
        403,
        'UNAUTHORIZED_ACCESS',
        `This takes the token of the ${found.operation.token.join(' or the ')}, not of the ${token.identity}.`,
      );
    const call: Call = {
      api,
      operationId: found.operationId,
      operation: found.operation,
      path: found.path,
      query: url.searchParams,
      body: fieldsOf(request, found),
      client: token === undefined ? undefined : state.clients.find(token.clientId),
      user: token?.userId === undefined ? undefined : state.users.find(token.userId),
    };
    checkArguments(call);
    const { status = 200 } = api.answers[call.operationId] ?? {};
    const own = answers.get(call.operationId);
    if (own === undefined) {
      const handler = stateful[call.operationId];
      return { status, body: handler === undefined ? example(call, counts.get(call.operationId) ?? 3) : handler(state, call) };
    }
    const seen: SandboxRequest = {
      method: found.operation.method,
      path: call.path,
      query: call.query,
      headers: request.headers,
      body: call.body,
      clientId: entry.clientId,
      userId: entry.userId,
    };
    return { status, ...(typeof own === 'function' ? await own(seen) : own) };
  }

  /** The token of a call that takes one. */
  function authenticate({ headers }: Message, { operation }: Route): Token | undefined {
    if (operation.token.length === 0) return undefined;
    const text = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (text === undefined) throw new Failure(401, undefined, 'The call carries no access token.');
    const token = tokens.find(text);
    if (token === undefined || token.kind !== 'access' || !tokens.isValid(text)) throw invalidToken(text);
    return token;
  }

  return {
    baseUrl,
    handle,
    fetch: fetchOver(baseUrl, handle),
    clients: state.clients,
    users: state.users,
    tokens,
    faults,
    log,
    setItems(operationId, count) {
      if (!(Number.isInteger(count) && count >= 0))
        throw new RangeError(`${operationId} lists a whole number of items from 0 on, not ${count}`);
      counts.set(known(operationId), count);
    },
    setAnswer(operationId, answer) {
      if (answer === undefined) answers.delete(known(operationId));
      else answers.set(known(operationId), answer);
    },
  };
}

/** POST can stand for a method that the caller's environment does not let through. */
function methodOf({ method, headers }: Message): string {
  const meant = headers['x-http-method-override']?.toUpperCase();
  return method === 'POST' && (meant === 'PATCH' || meant === 'DELETE') ? meant : method;
}
