// What users have at their banks: connections that are updated by the clock, accounts, transactions and payments.

/** How updates of a bank connection end. */
export type UpdateOutcome =
  /** All accounts are up to date. */
  | 'success'
  /** The last account could not be downloaded, the others are up to date. */
  | 'accountFails'
  /** The bank refused; nothing was downloaded. */
  | 'error'
  /** A task of Web Form needs the user; in any other place it ends like `success`. */
  | 'webFormRequired';

/** What a bank can want before it answers: the `status` of a challenge. */
export type AuthenticationStep =
  | 'TWO_STEP_PROCEDURE_REQUIRED'
  | 'CHALLENGE_RESPONSE_REQUIRED'
  | 'REDIRECT_REQUIRED'
  | 'DECOUPLED_AUTH_REQUIRED'
  | 'DECOUPLED_AUTH_IN_PROGRESS';

/** How a bank behaves towards a connection. */
export interface BankBehaviour {
  /** How updates end. Default `success`. */
  readonly outcome?: UpdateOutcome;
  /** What import, update and `connectInterface` are asked for with 510 before they start, in this order. Default: nothing. */
  readonly steps?: readonly AuthenticationStep[];
  /** How many transactions an update adds to each account. Default 1. */
  readonly newTransactions?: number;
}

export interface BankConnectionOptions extends BankBehaviour {
  readonly userId: string;
  /** Default: that of the document's example. */
  readonly bankId?: number;
  readonly name?: string;
  /** How many accounts it has. Default 2. */
  readonly accounts?: number;
  /** Default `['XS2A']`. */
  readonly bankingInterfaces?: readonly string[];
}

export interface BankConnection extends Required<BankBehaviour> {
  readonly id: number;
  readonly userId: string;
  readonly bankId: number | undefined;
  readonly name: string | undefined;
  readonly bankingInterfaces: readonly string[];
  readonly accountIds: readonly number[];
  readonly updateStatus: 'IN_PROGRESS' | 'READY';
  /** How many updates have ended, the import included. */
  readonly updates: number;
  /** The end of the last one, and whether the bank let it. */
  readonly lastUpdate: { readonly at: number; readonly refused: boolean } | undefined;
}

/** The bank connections of all users, as a test sees and steers them. */
export interface BankConnections {
  list(filter?: { readonly userId?: string }): readonly BankConnection[];
  /** Throws where there is none. */
  get(id: number): BankConnection;
  /** Adds one that has been imported and is ready. */
  add(options: BankConnectionOptions): BankConnection;
  /** Changes how its bank behaves from now on. */
  configure(id: number, behaviour: BankBehaviour): BankConnection;
  /** How banks behave towards connections that users import from now on. */
  configureImports(behaviour: BankBehaviour & Pick<BankConnectionOptions, 'accounts'>): void;
  /** Ends a running update before its time; nothing where none runs. */
  finishUpdate(id: number): void;
}

export interface Account {
  readonly id: number;
  readonly connectionId: number;
  readonly userId: string;
  readonly iban: string;
  name: string | undefined;
  isNew: boolean;
  status: 'UPDATED' | 'DOWNLOAD_IN_PROGRESS' | 'DOWNLOAD_FAILED';
  lastSuccessfulUpdate: number | undefined;
  lastUpdateAttempt: number | undefined;
}

export interface Transaction {
  readonly id: number;
  readonly accountId: number;
  /** Always with two decimals. */
  readonly amount: number;
  /** Some moment of the day on which the bank booked it. */
  readonly bookedAt: number;
  readonly importedAt: number;
  readonly purpose: string;
  readonly counterpartName: string;
}

export interface Payment {
  readonly id: number;
  readonly type: 'MONEY_TRANSFER' | 'DIRECT_DEBIT';
  readonly accountId: number | undefined;
  readonly amount: number;
  readonly orderCount: number;
  readonly requestedAt: number;
}

interface Entry {
  connection: BankConnection;
  /** When the running update ends. */
  endsAt: number | undefined;
}

/** What the bank has of one user. */
interface Holdings {
  /** Whether there ever was a connection. */
  connected: boolean;
  readonly connections: Map<number, Entry>;
  readonly accounts: Map<number, Account>;
  readonly transactions: Transaction[];
  readonly payments: Payment[];
}

export interface Bank extends BankConnections {
  /** Whether the user has had a bank connection; until then, examples answer. */
  knows(userId: string): boolean;
  find(userId: string, id: number): BankConnection | undefined;
  accounts(userId: string): readonly Account[];
  transactions(userId: string): readonly Transaction[];
  payments(userId: string): readonly Payment[];
  /** What holds for connections that are imported. */
  readonly imports: Required<BankBehaviour>;
  /** As `add`, with the first download still to come. */
  importFor(options: Pick<BankConnectionOptions, 'userId' | 'bankId' | 'name' | 'bankingInterfaces'>): BankConnection;
  /** Starts an update that ends at this time, or after `updateMs`. */
  begin(connection: BankConnection, endsAt?: number): BankConnection;
  change(id: number, changes: Partial<Pick<BankConnection, 'name' | 'bankingInterfaces'>>): BankConnection;
  addPayment(userId: string, payment: Omit<Payment, 'id' | 'requestedAt'>): Payment;
  /** An id for something that is not kept. */
  nextId(): number;
  removeConnection(id: number): void;
  removeAccount(userId: string, id: number): void;
  /** All of a user goes. */
  forget(userId: string): void;
  /** Ends the updates whose time is over. */
  settle(): void;
}

const day = 86_400_000;
const usual: Required<BankBehaviour> = { outcome: 'success', steps: [], newTransactions: 1 };

/** `updateMs` is how long updates take, in milliseconds of the clock. */
export function createBank(now: () => number, updateMs: number): Bank {
  const users = new Map<string, Holdings>();
  let imports: Required<BankBehaviour> & { readonly accounts: number } = { ...usual, accounts: 2 };
  let count = 0;
  const nextId = (): number => {
    count += 1;
    return 70_000 + count;
  };
  const holdings = (userId: string): Holdings | undefined => users.get(userId.toLowerCase());
  const opened = (userId: string): Holdings => {
    const key = userId.toLowerCase();
    const found = users.get(key) ?? { connected: false, connections: new Map(), accounts: new Map(), transactions: [], payments: [] };
    users.set(key, found);
    return found;
  };
  const entries = (): Entry[] => [...users.values()].flatMap(({ connections }) => [...connections.values()]);
  const entryOf = (id: number): Entry => {
    const found = entries().find(({ connection }) => connection.id === id);
    if (found === undefined)
      throw new Error(
        `the sandbox has no bank connection ${id}; it has: ${
          entries()
            .map(({ connection }) => connection.id)
            .join(', ') || 'none'
        }`,
      );
    return found;
  };
  const accountsOf = ({ userId, id }: BankConnection): Account[] =>
    [...opened(userId).accounts.values()].filter(({ connectionId }) => connectionId === id);

  function create(options: BankConnectionOptions): Entry {
    const { userId, bankId, name, accounts = 2, bankingInterfaces = ['XS2A'], ...behaviour } = options;
    if (!(Number.isInteger(accounts) && accounts >= 0)) throw new RangeError(`accounts is a whole number from 0 on, not ${accounts}`);
    const id = nextId();
    const own = opened(userId);
    own.connected = true;
    const accountIds = Array.from({ length: accounts }, nextId);
    for (const accountId of accountIds)
      own.accounts.set(accountId, {
        id: accountId,
        connectionId: id,
        userId,
        iban: ibanOf(accountId),
        name: undefined,
        isNew: true,
        status: 'DOWNLOAD_IN_PROGRESS',
        lastSuccessfulUpdate: undefined,
        lastUpdateAttempt: undefined,
      });
    const connection: BankConnection = {
      ...usual,
      ...checked(behaviour),
      id,
      userId,
      bankId,
      name,
      bankingInterfaces,
      accountIds,
      updateStatus: 'READY',
      updates: 0,
      lastUpdate: undefined,
    };
    const entry: Entry = { connection, endsAt: undefined };
    own.connections.set(id, entry);
    return entry;
  }

  function begin(entry: Entry, endsAt: number): BankConnection {
    entry.endsAt = endsAt;
    entry.connection = { ...entry.connection, updateStatus: 'IN_PROGRESS' };
    for (const account of accountsOf(entry.connection)) {
      account.status = 'DOWNLOAD_IN_PROGRESS';
      account.lastUpdateAttempt = now();
    }
    return entry.connection;
  }

  function finish(entry: Entry, at: number): void {
    const { connection } = entry;
    const refused = connection.outcome === 'error';
    const accounts = accountsOf(connection);
    for (const [index, account] of accounts.entries()) {
      account.lastUpdateAttempt = at;
      const failed = refused || (connection.outcome === 'accountFails' && index === accounts.length - 1);
      account.status = failed ? 'DOWNLOAD_FAILED' : 'UPDATED';
      if (failed) continue;
      // The first download reaches back some days.
      const days = account.lastSuccessfulUpdate === undefined ? [2, 1, 0] : Array.from({ length: connection.newTransactions }, () => 0);
      for (const back of days) opened(connection.userId).transactions.push(transactionOf(account.id, nextId(), at, back));
      account.lastSuccessfulUpdate = at;
    }
    entry.endsAt = undefined;
    entry.connection = { ...connection, updateStatus: 'READY', updates: connection.updates + 1, lastUpdate: { at, refused } };
  }

  function removeAccount(userId: string, id: number): void {
    const own = opened(userId);
    const account = own.accounts.get(id);
    if (account === undefined) return;
    own.accounts.delete(id);
    own.transactions.splice(0, own.transactions.length, ...own.transactions.filter(({ accountId }) => accountId !== id));
    const entry = entryOf(account.connectionId);
    entry.connection = { ...entry.connection, accountIds: entry.connection.accountIds.filter((it) => it !== id) };
  }

  return {
    list: ({ userId } = {}) =>
      (userId === undefined ? entries() : [...(holdings(userId)?.connections.values() ?? [])]).map(({ connection }) => connection),
    get: (id) => entryOf(id).connection,
    add(options) {
      const entry = create(options);
      finish(entry, now());
      return entry.connection;
    },
    configure(id, behaviour) {
      const entry = entryOf(id);
      entry.connection = { ...entry.connection, ...checked(behaviour) };
      return entry.connection;
    },
    configureImports({ accounts = imports.accounts, ...behaviour }) {
      imports = { ...imports, ...checked(behaviour), accounts };
    },
    finishUpdate(id) {
      const entry = entryOf(id);
      if (entry.endsAt !== undefined) finish(entry, now());
    },
    get imports() {
      return imports;
    },
    importFor(options) {
      return begin(create({ ...imports, ...options }), now() + updateMs);
    },
    begin: ({ id }, endsAt = now() + updateMs) => begin(entryOf(id), endsAt),
    change(id, changes) {
      const entry = entryOf(id);
      entry.connection = { ...entry.connection, ...changes };
      return entry.connection;
    },
    knows: (userId) => holdings(userId)?.connected === true,
    find: (userId, id) => holdings(userId)?.connections.get(id)?.connection,
    accounts: (userId) => [...(holdings(userId)?.accounts.values() ?? [])],
    transactions: (userId) => holdings(userId)?.transactions ?? [],
    payments: (userId) => holdings(userId)?.payments ?? [],
    addPayment(userId, payment) {
      const made = { ...payment, id: nextId(), requestedAt: now() };
      opened(userId).payments.push(made);
      return made;
    },
    nextId,
    removeConnection(id) {
      const { connection } = entryOf(id);
      for (const account of accountsOf(connection)) removeAccount(connection.userId, account.id);
      opened(connection.userId).connections.delete(id);
    },
    removeAccount,
    forget: (userId) => void users.delete(userId.toLowerCase()),
    settle() {
      for (const entry of entries()) if (entry.endsAt !== undefined && entry.endsAt <= now()) finish(entry, entry.endsAt);
    },
  };
}

function checked(behaviour: BankBehaviour): Partial<Required<BankBehaviour>> {
  const { newTransactions } = behaviour;
  if (newTransactions !== undefined && !(Number.isInteger(newTransactions) && newTransactions >= 0))
    throw new RangeError(`newTransactions is a whole number from 0 on, not ${newTransactions}`);
  return Object.fromEntries(Object.entries(behaviour).filter(([, value]) => value !== undefined));
}

function transactionOf(accountId: number, id: number, at: number, daysBack: number): Transaction {
  return {
    id,
    accountId,
    amount: -(1000 + (id % 100)) / 100,
    bookedAt: at - daysBack * day,
    importedAt: at,
    purpose: `Purchase ${id}`,
    counterpartName: 'Example Shop',
  };
}

/** A German IBAN with the right check digits (ISO 13616), at a bank that does not exist. */
function ibanOf(id: number): string {
  const bban = `88888888${String(id).padStart(10, '0')}`;
  // D and E are 13 and 14 there.
  const check = 98n - (BigInt(`${bban}131400`) % 97n);
  return `DE${String(check).padStart(2, '0')}${bban}`;
}
