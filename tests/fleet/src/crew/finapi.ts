// finAPI for a crew: a sandbox behind HTTP that keeps account of the token requests of each user, and can hold one of them.
import { createSandbox, type Sandbox } from '@finapi-ts/testing';
import { startServer } from '@finapi-ts/testing/server';

export interface TokenRequest {
  readonly userId: string;
  readonly grant: string;
  /** The process that sent it. */
  readonly from: string;
  readonly refreshToken: string | undefined;
  readonly password: string | undefined;
  /** Whether its refresh token had been redeemed when it arrived. */
  readonly late: boolean;
  /** How many other requests of the user were under way when it arrived. */
  readonly beside: number;
  /** Undefined until it is handled, and for ever where it never was. */
  status: number | 'reset' | undefined;
}

/** A token request that is held, before it is handled or between that and its answer. */
export interface Hold {
  /** Resolves when one has come. */
  readonly reached: Promise<TokenRequest>;
  /** Lets it go on. */
  release(): void;
}

export interface Finapi extends AsyncDisposable {
  readonly url: string;
  readonly sandbox: Sandbox;
  readonly client: { readonly clientId: string; readonly clientSecret: string };
  /** Of everybody who is added by it. */
  readonly password: string;
  addUser(userId: string): void;
  /** The token requests of a user, in the order of their arrival; of all users where none is given. */
  requests(userId?: string): readonly TokenRequest[];
  /** Holds the next token request of a user. */
  hold(userId: string, when: 'before' | 'after'): Hold;
}

export interface FinapiOptions {
  readonly userTokenLifeS?: number;
}

export async function startFinapi({ userTokenLifeS = 3600 }: FinapiOptions = {}): Promise<Finapi> {
  const client = { clientId: 'household', clientSecret: 'a secret of the household' };
  const password = 'a password';
  const sandbox = createSandbox({ clients: [{ ...client, rotateRefreshTokens: true, userTokenLifeS }] });
  const all: TokenRequest[] = [];
  const open = new Map<string, number>();
  const redeemed = new Set<string>();
  const holds = new Map<
    string,
    { readonly when: 'before' | 'after'; readonly come: (request: TokenRequest) => void; readonly released: Promise<void> }
  >();

  const gate = async (request: TokenRequest, when: 'before' | 'after', signal: AbortSignal | undefined): Promise<void> => {
    const hold = holds.get(request.userId);
    if (hold?.when !== when) return;
    holds.delete(request.userId);
    hold.come(request);
    await Promise.race([hold.released, aborted(signal)]);
    signal?.throwIfAborted();
  };

  const handle: Sandbox['handle'] = async (message, signal) => {
    const form = new URLSearchParams(message.body);
    const refreshToken = form.get('refresh_token') ?? undefined;
    const userId = form.get('username') ?? (refreshToken && sandbox.tokens.find(refreshToken)?.userId) ?? undefined;
    if (userId === undefined) return sandbox.handle(message, signal);
    const beside = open.get(userId) ?? 0;
    const request: TokenRequest = {
      userId,
      grant: form.get('grant_type') ?? '',
      from: message.headers['x-member'] ?? '',
      refreshToken,
      password: form.get('password') ?? undefined,
      late: refreshToken !== undefined && redeemed.has(refreshToken),
      beside,
      status: undefined,
    };
    all.push(request);
    open.set(userId, beside + 1);
    try {
      await gate(request, 'before', signal);
      const outcome = await sandbox.handle(message, signal);
      request.status = outcome === 'reset' ? outcome : outcome.status;
      if (refreshToken !== undefined && request.status === 200) redeemed.add(refreshToken);
      await gate(request, 'after', signal);
      return outcome;
    } finally {
      open.set(userId, (open.get(userId) ?? 1) - 1);
    }
  };

  const server = await startServer({ handle });
  return {
    url: server.url,
    sandbox,
    client,
    password,
    addUser: (id) => void sandbox.users.add({ id, password }),
    requests: (userId) => (userId === undefined ? all : all.filter((it) => it.userId === userId)),
    hold(userId, when) {
      const [reached, come] = event<TokenRequest>();
      const [released, release] = event<void>();
      holds.set(userId, { when, come, released });
      return { reached, release };
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
}

const aborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));

/** A promise, and what resolves it. */
function event<T>(): [Promise<T>, (value: T) => void] {
  let happen: (value: T) => void = () => {};
  const promise = new Promise<T>((resolve) => {
    happen = resolve;
  });
  return [promise, happen];
}
