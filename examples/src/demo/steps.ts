// What the demo does, step by step, each told with the id of its last request.
import { type AuthEvent, accessV1, createAuth, type UserTokenSource } from '@finapi-ts/auth-helpers';
import { type AccessV1, createAccessV1 } from '@finapi-ts/client/access-v1';
import type { Sandbox, TestClock } from '@finapi-ts/testing';

/** Told of each step when it is done. */
export type Tell = (step: { readonly title: string; readonly detail: string; readonly requestId: string | undefined }) => void;

interface Application {
  readonly finapi: AccessV1;
  readonly auth: ReturnType<typeof createAuth>;
  /** Does a step and tells of it. */
  step(title: string, act: () => Promise<string>): Promise<void>;
  /** Requests for tokens so far. */
  tokenRequests(): number;
}

function application(options: { baseUrl: string; clientId: string; clientSecret: string; clock?: TestClock }, tell: Tell): Application {
  let requestId: string | undefined;
  let requests = 0;
  const onEvent = (event: AuthEvent): void => {
    if (event.type === 'requested') requests++;
    requestId = event.requestId ?? requestId;
  };
  const auth = createAuth({ ...options, preset: accessV1, onEvent });
  const finapi = createAccessV1({
    baseUrl: options.baseUrl,
    auth,
    middleware: [
      async (request, next) => {
        requestId = request.headers['x-request-id'];
        return next(request);
      },
    ],
  });
  return {
    finapi,
    auth,
    tokenRequests: () => requests,
    async step(title, act) {
      const detail = await act();
      tell({ title, detail, requestId });
      requestId = undefined;
    },
  };
}

/** The whole life of a user's tokens, against the sandbox of `@finapi-ts/testing`. */
export async function runOnSandbox(baseUrl: string, sandbox: Sandbox, clock: TestClock, tell: Tell): Promise<void> {
  const [client] = sandbox.clients.list();
  if (client === undefined) throw new Error('the sandbox has no client');
  const { finapi, auth, step, tokenRequests } = application({ baseUrl, ...client, clock }, tell);
  let alice: UserTokenSource | undefined;
  const source = (): UserTokenSource => {
    if (alice === undefined) throw new Error('the user comes first');
    return alice;
  };
  const countAccounts = async (): Promise<string> => {
    const { accounts } = await finapi.as(source()).accounts.getAndSearchAllAccounts();
    return `${accounts.length} accounts`;
  };

  await step('a client token', async () => {
    await auth.client.get();
    return describe(auth.client.status().expiresAt, clock);
  });
  await step('a user is created', async () => {
    const { id, password } = await finapi.users.createUser({ email: 'alice@example.com' });
    alice = auth.user(id, { credentials: () => ({ password }) });
    return id;
  });
  await step('the user logs in', async () => {
    await source().get();
    return describe(source().status().expiresAt, clock);
  });
  await step('accounts are read', countAccounts);
  await step('all pages of transactions are read', async () => {
    let count = 0;
    let volume = 0;
    for await (const page of finapi.as(source()).transactions.getAndSearchAllTransactions({ view: 'bankView', perPage: 2 }).pages()) {
      count++;
      volume += page.transactions.length;
    }
    return `${volume} transactions on ${count} pages`;
  });
  await step('the token expires; the next call renews it', async () => {
    const before = tokenRequests();
    await clock.advance(2 * 3_600_000);
    return `${await countAccounts()}, ${tokenRequests() - before} token request, no password sent`;
  });
  await step('the token is revoked behind our back; fifty calls survive it', async () => {
    const before = tokenRequests();
    sandbox.tokens.void(await source().get());
    const answers = await Promise.all(Array.from({ length: 50 }, countAccounts));
    return `${answers.length} answers, ${tokenRequests() - before} token request`;
  });
  await step('the user logs out', async () => {
    await source().logout();
    const left = sandbox.tokens.list().filter(({ userId, token }) => userId !== undefined && sandbox.tokens.isValid(token));
    return `${left.length} tokens of the user left`;
  });
}

/** What can be done against finAPI's own sandbox without changing or voiding anything that others may use. */
export async function runLive(options: { baseUrl: string; clientId: string; clientSecret: string }, tell: Tell): Promise<void> {
  const { finapi, auth, step } = application(options, tell);
  await step('a client token', async () => {
    await auth.client.get();
    const { expiresAt } = auth.client.status();
    return describe(expiresAt, { now: () => Date.now() });
  });
  await step('the configuration of the client', async () => {
    const { isUserAutoVerificationEnabled } = await finapi.clientConfiguration.getClientConfiguration();
    return `users are ${isUserAutoVerificationEnabled ? '' : 'not '}verified by themselves`;
  });
  await step('banks are searched', async () => {
    const { paging } = await finapi.banks.getAndSearchAllBanks({ search: 'finapi', perPage: 1 });
    return `${paging.totalCount} banks`;
  });
}

function describe(expiresAt: number | undefined, { now }: { now(): number }): string {
  if (expiresAt === undefined) return 'no token';
  return expiresAt === Number.POSITIVE_INFINITY ? 'it never expires' : `it lives ${Math.round((expiresAt - now()) / 1000)} s`;
}
