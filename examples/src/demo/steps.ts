// What the demo does, step by step, each told with the id of its last request.
import type { Sandbox, TestClock } from '@finapi-ts/testing';
import { type AuthEvent, createFinapi, type Environment } from 'finapi-ts';
import { access } from 'finapi-ts/access';
import { openWebForm } from 'finapi-ts/flows';
import { webForm } from 'finapi-ts/web-form';

/** Told of each step when it is done. */
export type Tell = (step: { readonly title: string; readonly detail: string; readonly requestId: string | undefined }) => void;

interface Credentials {
  readonly environment: Environment;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clock?: TestClock;
}

function application({ environment, clientId, clientSecret, clock }: Credentials, tell: Tell) {
  let requestId: string | undefined;
  let requests = 0;
  const onEvent = (event: AuthEvent): void => {
    if (event.type === 'requested') requests++;
    requestId = event.requestId ?? requestId;
  };
  const finapi = createFinapi({
    environment,
    clientId,
    clientSecret,
    apis: { access, webForm },
    onEvent,
    middleware: [
      async (request, next) => {
        requestId = request.headers['x-request-id'];
        return next(request);
      },
    ],
    ...(clock === undefined ? {} : { clock }),
  });
  return {
    finapi,
    /** Requests for tokens so far. */
    tokenRequests: () => requests,
    /** Does a step and tells of it. */
    async step(title: string, act: () => Promise<string>): Promise<void> {
      const detail = await act();
      tell({ title, detail, requestId });
      requestId = undefined;
    },
  };
}

/** The whole life of a user's tokens, and a bank connection by web form, against the sandbox of `@finapi-ts/testing`. */
export async function runOnSandbox(baseUrl: string, sandbox: Sandbox, clock: TestClock, tell: Tell): Promise<void> {
  const [client] = sandbox.clients.list();
  if (client === undefined) throw new Error('the sandbox has no client');
  const { clientId, clientSecret } = client;
  const { finapi, step, tokenRequests } = application(
    { environment: { access: baseUrl, webForm: baseUrl }, clientId, clientSecret, clock },
    tell,
  );
  const signIn = (id: string, password: string) => finapi.user(id, { credentials: () => ({ password }) });
  let user: ReturnType<typeof signIn> | undefined;
  const alice = () => {
    if (user === undefined) throw new Error('the user comes first');
    return user;
  };
  const countAccounts = async (): Promise<string> => {
    const { accounts } = await alice().access.accounts.getAndSearchAllAccounts();
    return `${accounts.length} ${accounts.length === 1 ? 'account' : 'accounts'}`;
  };

  await step('a client token', async () => {
    await finapi.auth.client.get();
    return describe(finapi.auth.client.status().expiresAt, clock);
  });
  await step('a user is created', async () => {
    const { id, password } = await finapi.access.users.createUser({ email: 'alice@example.com' });
    user = signIn(id, password);
    return id;
  });
  await step('the user logs in', async () => {
    await alice().tokens.get();
    return describe(alice().tokens.status().expiresAt, clock);
  });
  await step('a web form connects a bank', async () => {
    const outcome = await openWebForm(
      alice().webForm,
      (it, options) => it.accountInformationServices.createForBankConnectionImport({ bankConnectionName: 'Household' }, options),
      {
        clock,
        open: (_url, { id }) => {
          // What the user does in a browser; then the time passes until the flow looks again.
          void sandbox.webForms.complete(id).then(() => clock.advance(5000));
        },
      },
    );
    if (outcome.status !== 'COMPLETED') throw new Error(`the web form ended as ${outcome.status}`);
    const bankConnection = await alice().access.bankConnections.getBankConnection({ id: outcome.payload.bankConnectionId ?? 0 });
    return `${bankConnection.bank.name}, ${bankConnection.accountIds.length} accounts`;
  });
  await step('accounts are read', countAccounts);
  await step('all pages of transactions are read', async () => {
    let count = 0;
    let volume = 0;
    const { transactions } = alice().access;
    for await (const page of transactions.getAndSearchAllTransactions({ view: 'bankView', perPage: 2 }).pages()) {
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
    sandbox.tokens.void(await alice().tokens.get());
    const answers = await Promise.all(Array.from({ length: 50 }, countAccounts));
    return `${answers.length} answers, ${tokenRequests() - before} token request`;
  });
  await step('the user logs out', async () => {
    await alice().logout();
    const left = sandbox.tokens.list().filter(({ userId, token }) => userId !== undefined && sandbox.tokens.isValid(token));
    return `${left.length} tokens of the user left`;
  });
}

/** What can be done against finAPI's own sandbox without changing or voiding anything that others may use. */
export async function runLive(options: Credentials, tell: Tell): Promise<void> {
  const { finapi, step } = application(options, tell);
  const { auth, access: data } = finapi;
  await step('a client token', async () => {
    await auth.client.get();
    const { expiresAt } = auth.client.status();
    return describe(expiresAt, { now: () => Date.now() });
  });
  await step('the configuration of the client', async () => {
    const { isUserAutoVerificationEnabled } = await data.clientConfiguration.getClientConfiguration();
    return `users are ${isUserAutoVerificationEnabled ? '' : 'not '}verified by themselves`;
  });
  await step('banks are searched', async () => {
    const { paging } = await data.banks.getAndSearchAllBanks({ search: 'finapi', perPage: 1 });
    return `${paging.totalCount} banks`;
  });
}

function describe(expiresAt: number | undefined, { now }: { now(): number }): string {
  if (expiresAt === undefined) return 'no token';
  return expiresAt === Number.POSITIVE_INFINITY ? 'it never expires' : `it lives ${Math.round((expiresAt - now()) / 1000)} s`;
}
