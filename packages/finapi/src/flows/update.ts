// Waits for an import or update of a bank connection, and tells what became of each account.
import { type CallOptions, parseTimestamp } from '@finapi-ts/client';
import { poll, tell, type WaitOptions, within } from './wait.js';

/** How an update ended, as V1 and V2 say it. */
interface UpdateResultLike {
  readonly result: string;
  readonly timestamp: string;
  readonly errorMessage?: string | null;
  readonly errorType?: string | null;
}

interface ConnectionLike {
  readonly updateStatus: string;
  readonly interfaces: readonly {
    /** V2. */
    readonly bankingInterface?: string;
    /** V1. */
    readonly interface?: string;
    readonly lastManualUpdate?: UpdateResultLike | null;
    readonly lastAutoUpdate?: UpdateResultLike | null;
    readonly userActionRequired: boolean;
  }[];
}

interface AccountLike {
  readonly id: number;
  readonly interfaces: readonly { readonly bankingInterface?: string; readonly interface?: string; readonly status: string }[];
}

/** What the flow calls: `user.access`, or `user.accessV1`. */
export interface UpdatedAccess<Connection extends ConnectionLike> {
  readonly bankConnections: { getBankConnection(args: { id: number }, options?: CallOptions): PromiseLike<Connection> };
  readonly accounts: {
    getAndSearchAllAccounts(
      args: { bankConnectionIds: number[] },
      options?: CallOptions,
    ): PromiseLike<{ readonly accounts: readonly AccountLike[] }>;
  };
}

/** Why an interface or an account is not up to date. */
export interface UpdateFailure {
  /** The interface's result, such as `BANK_SERVER_REJECTION`; where that was `OK`, the account's status, such as `DOWNLOAD_FAILED`. */
  readonly code: string;
  readonly message?: string;
  /** `BUSINESS` texts may be shown to end users, `TECHNICAL` ones are for you. */
  readonly type?: string;
}

export interface UpdateOutcome<Connection> {
  /** Whether all interfaces worked and all accounts that the bank still lists are up to date. */
  readonly ok: boolean;
  readonly bankConnection: Connection;
  /** How the last contact with the bank ended, by interface. */
  readonly interfaces: readonly {
    readonly bankingInterface: string;
    readonly ok: boolean;
    /** Whether the next update needs the user. */
    readonly userActionRequired: boolean;
    readonly error?: UpdateFailure;
  }[];
  /** An entry for each account and interface that reaches it. */
  readonly accounts: readonly {
    readonly accountId: number;
    readonly bankingInterface: string;
    readonly status: string;
    readonly ok: boolean;
    readonly error?: UpdateFailure;
  }[];
}

export interface UpdateOptions<Connection> extends WaitOptions<Connection> {
  readonly bankConnectionId: number;
  /** Tells of this interface alone, such as `XS2A`: an update goes through one, and others may have failed before. */
  readonly bankingInterface?: string | undefined;
}

/**
 * Waits until nothing is being downloaded for a bank connection (`updateStatus` is `READY`), which is no success by itself, and
 * tells success and failure by interface and account. Start it after the call that began the import or update.
 *
 * Looks every 3 seconds for at most 10 minutes unless set.
 *
 * @throws FlowError `TIMEOUT`; FinapiError `NOT_FOUND` where the user has no such bank connection
 */
export async function waitForUpdate<Connection extends ConnectionLike>(
  access: UpdatedAccess<Connection>,
  options: UpdateOptions<Connection>,
): Promise<UpdateOutcome<Connection>> {
  const { bankConnectionId: id, bankingInterface, onProgress } = options;
  return within('the update', options, { intervalMs: 3000, timeoutMs: 600_000 }, async (wait) => {
    const bankConnection = await poll(
      wait,
      async (call) => {
        const state = await access.bankConnections.getBankConnection({ id }, call);
        tell(onProgress, state);
        return state;
      },
      ({ updateStatus }) => updateStatus === 'READY',
    );
    const { accounts } = await poll(
      wait,
      (call) => access.accounts.getAndSearchAllAccounts({ bankConnectionIds: [id] }, call),
      () => true,
    );
    return outcomeOf(bankConnection, accounts, bankingInterface);
  });
}

function outcomeOf<Connection extends ConnectionLike>(
  bankConnection: Connection,
  listed: readonly AccountLike[],
  only: string | undefined,
): UpdateOutcome<Connection> {
  const wanted = (name: string): boolean => only === undefined || name === only;
  const interfaces = bankConnection.interfaces
    .map((it) => ({ bankingInterface: nameOf(it), userActionRequired: it.userActionRequired, ...verdict(failureOf(it)) }))
    .filter((it) => wanted(it.bankingInterface));
  const accounts = listed.flatMap((account) =>
    account.interfaces
      .map((it) => {
        const bankingInterface = nameOf(it);
        const { status } = it;
        const failed = interfaces.find((other) => other.bankingInterface === bankingInterface)?.error;
        const error = failed ?? (status === 'UPDATED' || status === 'UPDATED_FIXED' ? undefined : { code: status });
        return { accountId: account.id, bankingInterface, status, ...verdict(error) };
      })
      .filter((it) => wanted(it.bankingInterface)),
  );
  const ok = interfaces.every((it) => it.ok) && accounts.every((it) => it.ok || it.status === 'DEPRECATED');
  return { ok, bankConnection, interfaces, accounts };
}

const verdict = (error: UpdateFailure | undefined): { ok: boolean; error?: UpdateFailure } =>
  error === undefined ? { ok: true } : { ok: false, error };

const nameOf = (it: { readonly bankingInterface?: string; readonly interface?: string }): string =>
  it.bankingInterface ?? it.interface ?? 'UNKNOWN';

/** Of the update that was asked for and the batch update, the later one counts. */
function failureOf({ lastManualUpdate, lastAutoUpdate }: ConnectionLike['interfaces'][number]): UpdateFailure | undefined {
  const [last] = [lastManualUpdate, lastAutoUpdate]
    .filter((it) => it !== undefined && it !== null)
    .sort((a, b) => timeOf(b.timestamp) - timeOf(a.timestamp));
  if (last === undefined || last.result === 'OK') return undefined;
  const { result, errorMessage, errorType } = last;
  return { code: result, ...(errorMessage ? { message: errorMessage } : {}), ...(errorType ? { type: errorType } : {}) };
}

function timeOf(timestamp: string): number {
  try {
    return parseTimestamp(timestamp).getTime();
  } catch {
    return 0;
  }
}
