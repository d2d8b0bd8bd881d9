// Updates all bank connections in the background, and reads what is new since the last run.
import { AuthError, type Finapi, FinapiError } from 'finapi-ts';
import type { access, Transaction } from 'finapi-ts/access';
import { FlowError, type Timers, transactionsSince, updateInBackground } from 'finapi-ts/flows';
import type { webForm } from 'finapi-ts/web-form';
import { forEachBounded } from './bounded.ts';
import type { SeenFile } from './seen-file.ts';

type Apis = { readonly access: typeof access; readonly webForm: typeof webForm };
type User = ReturnType<Finapi<Apis>['user']>;

/** A form that a user has to fill in. Who knows its URL can do that: keep it out of logs, and give it to the user alone. */
export interface RequiredForm {
  readonly userId: string;
  readonly bankConnectionId: number;
  readonly url: string;
}

export interface JobOptions {
  readonly finapi: Finapi<Apis>;
  readonly userIds: readonly string[];
  /** Bank connections that are updated at a time. */
  readonly concurrency: number;
  /** Ends the job. What was read is kept; the next run goes on from there. */
  readonly signal: AbortSignal;
  readonly openSeen: (userId: string) => Promise<SeenFile>;
  /** Puts a form where its user will find it. The job does not wait for it. */
  readonly handOver: (form: RequiredForm) => Promise<void>;
  /** Told of each new transaction. What it throws keeps the transaction new. */
  readonly onTransaction: (userId: string, transaction: Transaction) => Promise<void>;
  /** A line for the log. */
  readonly log: (line: string) => void;
  /** The time, in milliseconds since 1970, and timers: for tests. */
  readonly clock: Timers & { now(): number };
}

/** How long a form lives at finAPI. */
const formMs = 20 * 60_000;

/** Days that the first run of a user looks back. */
const firstDays = 30;

/** Resolves with the number of failures, of which each is in the log: one bank that fails holds up no other. */
export async function runJob({ finapi, userIds, concurrency, signal, clock, log, ...options }: JobOptions): Promise<number> {
  let failures = 0;
  const attempt = async (what: string, step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (cause) {
      signal.throwIfAborted();
      if (!(cause instanceof FinapiError || cause instanceof AuthError || cause instanceof FlowError)) throw cause;
      failures += 1;
      log(`${what}: ${cause.message}`);
    }
  };

  const updates: { readonly user: User; readonly bankConnectionId: number }[] = [];
  await forEachBounded(userIds, concurrency, signal, (userId) =>
    attempt(userId, async () => {
      const user = finapi.user(userId);
      const { connections } = await user.access.bankConnections.getAllBankConnections({}, { signal });
      for (const { id } of connections) updates.push({ user, bankConnectionId: id });
    }),
  );

  await forEachBounded(updates, concurrency, signal, ({ user, bankConnectionId }) => {
    const what = `${user.userId}, bank connection ${bankConnectionId}`;
    return attempt(what, async () => {
      log(`${what}: update`);
      // A form ends with the token by which it was asked for.
      await user.tokens.get({ minValidityMs: formMs, signal });
      const outcome = await updateInBackground(user.webForm, { bankConnectionId, importNewAccountsMode: 'SKIP', signal, clock });
      if (outcome.status === 'WEB_FORM_REQUIRED') await options.handOver({ userId: user.userId, bankConnectionId, url: outcome.form.url });
      if (outcome.status === 'COMPLETED_WITH_ERROR') failures += 1;
      const reason = outcome.status === 'COMPLETED_WITH_ERROR' ? ` ${outcome.error.code ?? ''}` : '';
      log(`${what}: ${outcome.status}${reason}`);
    });
  });

  await forEachBounded(userIds, concurrency, signal, (userId) =>
    attempt(userId, async () => {
      const today = new Date(clock.now()).toISOString().slice(0, 10);
      const seen = await options.openSeen(userId);
      const since = seen.lastRun ?? new Date(clock.now() - firstDays * 86_400_000);
      // Banks book some transactions days late: those of the look-back come again, and `seen` leaves out what is known.
      for await (const transaction of transactionsSince(finapi.user(userId).access, { since, seen, signal }))
        await options.onTransaction(userId, transaction);
      await seen.ended(today);
    }),
  );
  return failures;
}
