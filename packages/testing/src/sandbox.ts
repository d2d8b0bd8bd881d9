// The sandbox: finAPI in memory, as `fetch` and as a handler for servers.
import { type Api, type ApiId, accessV1, apis as allApis, type OperationId } from './api.js';
import { checkArguments, fieldsOf } from './arguments.js';
import { type BankConnectionOptions, type BankConnections, createBank } from './bank.js';
import { checkLocks } from './banking.js';
import type { Call, State } from './call.js';
import { type CallbackEntry, createCallbacks, type PostFetch } from './callbacks.js';
import { type ClientOptions, type Clients, checkVersion, createClients } from './clients.js';
import { type Clock, realClock, type TestClock, wait } from './clock.js';
import { example } from './examples.js';
import { Failure, invalidToken } from './failure.js';
import { createFaults, type Fault, type Faults, outcomeOf } from './faults.js';
import { type Fetch, fetchOver } from './fetch.js';
import { createForms, type WebForms } from './forms.js';
import { type LogEntry, type OpenEntry, openEntry } from './log.js';
import { json, type Message, type Outcome, type Reply } from './message.js';
import { formPage } from './page.js';
import { type Route, router } from './router.js';
import { createSteps } from './steps.js';
import { createTasks } from './tasks.js';
import { createTokens, type Token, type Tokens } from './tokens.js';
import { createUsers, type UserOptions, type Users } from './users.js';

export interface SandboxOptions {
  /** Time by which tokens expire and faults wait. Default: the machine's. */
  readonly clock?: Clock | TestClock;
  readonly clients?: readonly ClientOptions[];
  readonly users?: readonly UserOptions[];
  /** Origin under which `fetch` finds it, without a slash at the end. Default `https://sandbox.finapi.test`. */
  readonly baseUrl?: string;
  /** Bank connections that users have from the start, imported and ready. */
  readonly bankConnections?: readonly BankConnectionOptions[];
  /** How long updates and background updates take, in milliseconds of the clock. Default 3000. */
  readonly updateMs?: number;
  /** Posts callbacks. Default: the global `fetch`. Callbacks go to addresses of this machine alone, whatever this does. */
  readonly fetch?: PostFetch;
}

/** A callback of your own making. */
export interface Notification {
  /** An address of this machine. Default: the `userNotificationCallbackUrl` of every client that has one. */
  readonly url?: string;
  /** Sent as JSON, as it is: finAPI's page on push notifications has what each event sends. */
  readonly body: unknown;
}

/** A request as an answer of your own sees it. */
export interface SandboxRequest {
  readonly api: ApiId;
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
  /** What users have at their banks. */
  readonly bankConnections: BankConnections;
  /** What users do with web forms. */
  readonly webForms: WebForms;
  /** The callbacks that were sent, oldest first. */
  readonly callbacks: readonly CallbackEntry[];
  /** Posts what a notification rule of yours would. Resolves when it was answered or has failed, as `callbacks` shows; never rejects. */
  notify(notification: Notification): Promise<void>;
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
  return sandboxOf(allApis, options);
}

/** A sandbox of any APIs whose paths do not collide. */
export function sandboxOf(
  apis: readonly Api[],
  {
    clock = realClock,
    clients = [],
    users = [],
    bankConnections = [],
    baseUrl = 'https://sandbox.finapi.test',
    updateMs = 3000,
    fetch: post = (url, init) => fetch(url, init),
  }: SandboxOptions,
): Sandbox {
  if (!(updateMs >= 0 && Number.isFinite(updateMs))) throw new RangeError(`updateMs is a number from 0 on, not ${updateMs}`);
  const now = (): number => ('serverNow' in clock ? clock.serverNow() : clock.now());
  const tokens = createTokens(now);
  const bank = createBank(now, updateMs);
  const callbacks = createCallbacks(now, post);
  const forms = createForms({ clock, now, tokens, callbacks });
  const tasks = createTasks({ clock, now, bank, forms, callbacks, updateMs });
  const state: State = {
    now,
    tokens,
    bank,
    forms,
    tasks,
    steps: createSteps(now),
    clients: createClients((clientId) => tokens.voidWhere((it) => it.clientId === clientId && it.userId === undefined)),
    users: createUsers(
      now,
      (userId) => tokens.voidWhere((it) => it.userId?.toLowerCase() === userId.toLowerCase()),
      (userId) => {
        for (const part of [tasks, forms, bank]) part.forget(userId);
        for (const url of urlsOf('userSynchronizationCallbackUrl')) void callbacks.post(url, { userId, event: 'DELETED' });
      },
    ),
    passwordChanges: new Map(),
  };
  for (const client of clients) state.clients.add(client);
  for (const user of users) state.users.add(user);
  for (const connection of bankConnections) addConnection(connection);

  function urlsOf(name: 'userNotificationCallbackUrl' | 'userSynchronizationCallbackUrl'): string[] {
    return state.clients.list().flatMap((client) => client[name] ?? []);
  }

  /** Lets all go on that goes by the clock. */
  const settle = (): void => {
    for (const part of [tasks, bank, forms]) part.settle();
  };

  function addConnection(options: BankConnectionOptions): ReturnType<BankConnections['add']> {
    // Throws where there is no such user.
    return bank.add({ ...options, userId: state.users.get(options.userId).id });
  }

  const isOperation = (id: string): boolean => apis.some(({ operations }) => Object.hasOwn(operations, id));
  const known = (id: string): string => {
    if (!isOperation(id)) throw new Error(`there is no operation ${id}`);
    return id;
  };
  const faults = createFaults(isOperation);
  const routers = new Map(apis.map((api) => [api, router(api)]));
  const ownerOf = (pathname: string): Api | undefined =>
    apis.find(({ prefixes }) => prefixes.some((prefix) => pathname.startsWith(prefix)));
  const routeOf = (api: Api, method: string, pathname: string, overridden: boolean): Found => {
    const found = routers.get(api)?.(method, pathname);
    return overridden && typeof found === 'object' && found.operation.override !== true ? 'method' : found;
  };
  const log: LogEntry[] = [];
  const counts = new Map<string, number>();
  const answers = new Map<string, Exclude<Parameters<Sandbox['setAnswer']>[1], undefined>>();

  async function handle(request: Message, signal?: AbortSignal): Promise<Outcome> {
    signal?.throwIfAborted();
    const url = new URL(`http://sandbox${request.target}`);
    const method = methodOf(request);
    const owner = ownerOf(url.pathname);
    // An unknown path is answered as the first API does.
    const api = owner ?? apis[0] ?? accessV1;
    const found = routeOf(api, method, url.pathname, method !== request.method);
    const route = found === 'method' ? undefined : found;
    const given = request.headers['x-request-id'];
    const isFit = given !== undefined && given !== '' && given.length <= 255;
    const requestId = isFit ? given : crypto.randomUUID();
    const entry = openEntry({ at: now(), api: owner?.id, method, path: route?.operation.path ?? url.pathname, requestId }, request);
    log.push(entry);
    entry.operationId = route?.operationId;
    if (route?.operationId === 'getToken') {
      const form = new URLSearchParams(request.body);
      entry.grant = form.get('grant_type') ?? undefined;
      entry.clientId = form.get('client_id') ?? undefined;
      entry.userId = form.get('username') ?? undefined;
    }

    const headers: Arrived['headers'] = isFit || api.requestIds === 'always' ? { 'x-request-id': requestId } : {};
    const arrived: Arrived = { request, url, api, found, entry, headers };
    const fault = faults.take(entry.operationId, entry.grant);
    const outcome = await (fault === undefined ? reply(arrived) : faulty(fault, arrived, signal));
    entry.status = outcome === 'reset' ? outcome : outcome.status;
    return outcome;
  }

  async function faulty(fault: Fault, arrived: Arrived, signal: AbortSignal | undefined): Promise<Outcome> {
    const handled = fault.afterHandling === true ? await reply(arrived) : undefined;
    if (fault.latencyMs !== undefined) await wait(clock, fault.latencyMs, signal);
    const broken = outcomeOf(fault, arrived.headers, (failure) => failed(failure, arrived));
    return broken ?? handled ?? reply(arrived);
  }

  async function reply(arrived: Arrived): Promise<Reply> {
    const { request, url, headers } = arrived;
    settle();
    const shown = await formPage(forms, request, url);
    if (shown !== undefined) return shown;
    try {
      const answer = await succeed(arrived);
      const success = { ...headers, ...answer.headers };
      return answer.body === undefined ? { status: answer.status, headers: success, body: '' } : json(answer.status, answer.body, success);
    } catch (cause) {
      if (!(cause instanceof Failure)) throw cause;
      return json(cause.status, failed(cause, arrived), headers);
    }
  }

  function failed(failure: Failure, { api, entry: { method, requestId, userId, request } }: Arrived): object {
    const user = userId === undefined ? undefined : state.users.find(userId);
    return api.failures(failure, {
      date: api.timestamp(now()),
      requestId,
      // Without the query, which can hold a token.
      endpoint: `${method} ${request.target.split('?')[0]}`,
      authContext: `1/${user?.number ?? 0}`,
    });
  }

  async function succeed({ request, url, api, found, entry }: Arrived): Promise<Answer> {
    if ((request.headers['x-request-id'] ?? '').length > 255)
      throw new Failure(400, 'BAD_REQUEST', 'X-Request-Id has more than 255 characters.', { field: 'X-Request-Id' });
    if (found === undefined) throw new Failure(404, 'UNKNOWN_ENTITY', 'There is nothing at this path.');
    if (found === 'method') throw new Failure(405, 'METHOD_NOT_ALLOWED', 'This path has no such method.');
    const { operationId, operation, path } = found;
    const token = authenticate(request, found);
    const client = token === undefined ? undefined : state.clients.find(token.clientId);
    if (token !== undefined) Object.assign(entry, { identity: token.identity, clientId: token.clientId, userId: token.userId });
    if (token !== undefined && !operation.token.includes(token.identity))
      throw new Failure(
        403,
        'UNAUTHORIZED_ACCESS',
        `This takes the token of the ${operation.token.join(' or the ')}, not of the ${token.identity}.`,
      );
    if (client !== undefined) checkVersion(client, operationId === 'revokeToken' ? api.versions.tokens : api.versions.calls);
    const count = counts.get(operationId);
    const asked = { api, operationId, operation, path, query: url.searchParams };
    const { host } = request.headers;
    const call: Call = {
      ...asked,
      body: fieldsOf(request, found),
      client,
      user: token?.userId === undefined ? undefined : state.users.find(token.userId),
      token,
      origin: host === undefined ? baseUrl : `http://${host}`,
      entry,
      counted: count !== undefined,
      example: () => example(asked, count ?? 3),
    };
    checkArguments(call);
    checkLocks(state, call);
    const { status = 200 } = api.answers[operationId] ?? {};
    const own = answers.get(operationId);
    if (own === undefined) {
      const handler = api.handlers[operationId];
      return { status, body: handler === undefined ? call.example() : handler(state, call) };
    }
    const seen: SandboxRequest = {
      api: api.id,
      method: operation.method,
      path,
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

  /** A function that first lets all go on by the clock. */
  const current =
    <Given extends unknown[], Result>(run: (...given: Given) => Result) =>
    (...given: Given): Result => {
      settle();
      return run(...given);
    };

  return {
    baseUrl,
    handle,
    fetch: fetchOver(baseUrl, handle),
    clients: state.clients,
    users: state.users,
    tokens,
    faults,
    bankConnections: {
      list: current(bank.list),
      get: current(bank.get),
      add: addConnection,
      configure: current(bank.configure),
      configureImports: bank.configureImports,
      finishUpdate: current(bank.finishUpdate),
    },
    webForms: {
      list: current(forms.list),
      get: current(forms.get),
      open: current(forms.open),
      complete: current(forms.complete),
      fail: current(forms.fail),
      abort: current(forms.abort),
    },
    callbacks: callbacks.log,
    async notify({ url, body }) {
      const urls = url === undefined ? urlsOf('userNotificationCallbackUrl') : [url];
      await Promise.all(urls.map((it) => callbacks.post(it, body)));
    },
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

type Found = ReturnType<ReturnType<typeof router>>;

/** A request that has arrived, with all that is known of it before it is handled. */
interface Arrived {
  readonly request: Message;
  readonly url: URL;
  readonly api: Api;
  readonly found: Found;
  readonly entry: OpenEntry;
  /** What every answer carries. */
  readonly headers: Readonly<Record<string, string>>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** POST can stand for a method that the caller's environment does not let through. */
function methodOf({ method, headers }: Message): string {
  const meant = headers['x-http-method-override']?.toUpperCase();
  return method === 'POST' && (meant === 'PATCH' || meant === 'DELETE') ? meant : method;
}
