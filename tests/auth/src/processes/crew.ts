// Processes of their own that share users' tokens, and what they need: a store and a sandbox behind HTTP.
import { type ChildProcess, fork } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createSandbox, createTestClock, type LogEntry, type Sandbox, type TestClock } from '@finapi-ts/testing';
import { startServer } from '@finapi-ts/testing/server';
import { programOf } from '../program.ts';
import { serveStore } from './store-server.ts';

/** What a member is told at its start. */
export interface Setting {
  readonly name: string;
  readonly baseUrl: string;
  readonly storeUrl: string;
  readonly client: { readonly clientId: string; readonly clientSecret: string };
  readonly password: string;
  readonly timeouts: { readonly timeoutMs: number; readonly storeTimeoutMs: number; readonly renewalTimeoutMs: number };
}

/** What a member is told to do. */
export interface Order {
  readonly id: number;
  readonly call: 'get' | 'reject' | 'skip';
  readonly userId?: string;
  readonly token?: string;
  readonly ms?: number;
}

export interface Member {
  readonly name: string;
  get(userId: string): Promise<string>;
  /** finAPI has refused the token. */
  reject(userId: string, token: string): Promise<string>;
  /** Its clocks are set forward. */
  skip(ms: number): Promise<string>;
  kill(): Promise<void>;
}

export interface Crew extends AsyncDisposable {
  readonly sandbox: Sandbox;
  /** The clock of sandbox and store: latencies and leases end by it. */
  readonly clock: TestClock;
  /** Those that live. */
  readonly members: readonly Member[];
  /** As `kill -9`; waits for its end. */
  kill(name: string): Promise<void>;
  /** The token requests that arrived. */
  requests(): readonly LogEntry[];
  /** Waits until so many token requests have arrived in all. */
  arrival(count: number): Promise<void>;
  /** Time passes everywhere. */
  pass(ms: number): Promise<void>;
}

/** Everything has to happen within this, on a machine however busy; nothing waits for it. */
const deadlineMs = 60_000;

export async function startCrew(size: number): Promise<Crew> {
  const clock = createTestClock({ now: Date.now() });
  const client = { clientId: 'household', clientSecret: 'a secret of the household' };
  const password = 'a password';
  const sandbox = createSandbox({
    clock,
    clients: [{ ...client, rotateRefreshTokens: true }],
    users: ['alice', 'bob'].map((id) => ({ id, password })),
  });
  const requests = (): LogEntry[] => sandbox.log.filter(({ operationId }) => operationId === 'getToken');
  const arrived = new EventEmitter();
  const handle: Sandbox['handle'] = (request, signal) => {
    const outcome = sandbox.handle(request, signal);
    arrived.emit('request');
    return outcome;
  };
  const [server, store] = await Promise.all([startServer({ handle }), serveStore(clock)]);
  const setting = {
    baseUrl: server.url,
    storeUrl: store.url,
    client,
    password,
    timeouts: { timeoutMs: 20_000, storeTimeoutMs: 20_000, renewalTimeoutMs: 100_000 },
  };
  const program = await programOf(new URL('./member.ts', import.meta.url));
  let members = Array.from({ length: size }, (_, at) => startMember(program, { ...setting, name: `member ${at}` }));
  await Promise.all(members.map(({ ready }) => ready));
  return {
    sandbox,
    clock,
    get members() {
      return members;
    },
    async kill(name) {
      const [victim] = members.filter((member) => member.name === name);
      if (victim === undefined) throw new Error(`there is no ${name}`);
      members = members.filter((member) => member !== victim);
      await victim.kill();
    },
    requests,
    async arrival(count) {
      const signal = AbortSignal.timeout(deadlineMs);
      while (requests().length < count) await once(arrived, 'request', { signal });
    },
    async pass(ms) {
      await Promise.all(members.map((member) => member.skip(ms)));
      await clock.advance(ms);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(members.map((member) => member.kill()));
      await Promise.all([server.close(), store[Symbol.asyncDispose]()]);
    },
  };
}

function startMember(program: string, setting: Setting): Member & { readonly ready: Promise<string> } {
  const child = fork(program, [JSON.stringify(setting)], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const waiting = new Map<number, { resolve(value: string): void; reject(cause: Error): void }>();
  child.on('message', ({ id, value, error }: { id: number; value?: string; error?: string }) => {
    if (error === undefined) waiting.get(id)?.resolve(value ?? '');
    else waiting.get(id)?.reject(new Error(error));
  });
  const ended = endOf(child).then(() => {
    for (const { reject } of waiting.values()) reject(new Error(`${setting.name} has ended`));
  });
  let orders = 0;
  const answer = (id: number, what: string): Promise<string> => {
    let timer: NodeJS.Timeout | undefined;
    const answered = new Promise<string>((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      timer = setTimeout(() => reject(new Error(`${setting.name} did not ${what} within ${deadlineMs} ms`)), deadlineMs);
    });
    return answered.finally(() => clearTimeout(timer));
  };
  const order = (call: Order['call'], more: Partial<Order> = {}): Promise<string> => {
    const id = ++orders;
    const answered = answer(id, call);
    if (child.connected) child.send({ ...more, id, call });
    else waiting.get(id)?.reject(new Error(`${setting.name} has ended`));
    return answered;
  };
  return {
    name: setting.name,
    ready: answer(0, 'start'),
    get: (userId) => order('get', { userId }),
    reject: (userId, token) => order('reject', { userId, token }),
    skip: (ms) => order('skip', { ms }),
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const endOf = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));
