// What a token store must do, so that the processes of an application act as one.

/** What a store says of a key. */
export interface StoredValue {
  /** `undefined` where nothing is stored. */
  readonly value: string | undefined;
  /** Changes with every write; `null` where nothing is stored. */
  readonly version: string | null;
  /**
   * What time it is for the store, in milliseconds since 1970. Stored ends are told by it, so that no process has to trust the
   * clock of another.
   */
  readonly now: number;
}

export interface SetOptions {
  /** Write only over this version; `null`: only where nothing is stored; absent: over whatever is there. */
  readonly ifVersion?: string | null | undefined;
  /** Owner of a lease: write only while no other owner has the lease of this key. It fences off who lost theirs. */
  readonly owner?: string | undefined;
  /** Milliseconds after which the entry may be forgotten; for ever where absent. */
  readonly ttlMs?: number | undefined;
  /** Tell those who watch, in all processes. */
  readonly notify?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The right to renew a token, for a time. It is a row or a key with an owner, not a lock held on a connection. */
export interface Lease {
  /** Whose it is: a name that no other lease has. */
  readonly owner: string;
  /** Extends it by its time to live; `false` where it was lost. */
  renew(): Promise<boolean>;
  /** Gives it back, if it is still this owner's. */
  release(): Promise<void>;
}

/**
 * Keeps tokens for several processes, or over a restart. The values hold tokens in clear text: protect them, or wrap the store
 * in one that encrypts.
 */
export interface TokenStore {
  /** What is stored, in one round trip. */
  get(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<StoredValue>;
  /** The new version; `undefined` where `ifVersion` did not match or another has the lease, and nothing was written. */
  set(key: string, value: string, options?: SetOptions): Promise<string | undefined>;
  /** Whether something was deleted. */
  delete(key: string, options?: { readonly ifVersion?: string | undefined; readonly signal?: AbortSignal | undefined }): Promise<boolean>;
  /** `undefined` where another owner has it. A store without leases serves one process at a time. */
  lease?(key: string, options: { readonly ttlMs: number; readonly signal?: AbortSignal | undefined }): Promise<Lease | undefined>;
  /**
   * Calls back with the key of every write that was to be told, by whichever process, until the signal aborts. Resolves once it
   * listens. What is written while the connection is down may go untold.
   */
  watch?(changed: (key: string) => void, options: { readonly signal: AbortSignal }): Promise<void>;
}
