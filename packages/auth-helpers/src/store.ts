// What a token store must do, so that the processes of an application act as one.

export interface StoredValue {
  readonly value: string;
  /** Changes with every write. */
  readonly version: string;
}

export interface SetOptions {
  /** Write only over this version; `null`: only where nothing is stored; absent: over whatever is there. */
  readonly ifVersion?: string | null | undefined;
  /** Milliseconds after which the entry may be forgotten; for ever where absent. */
  readonly ttlMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The right to renew a token, for a time. It is a row or a key with an owner, not a lock held on a connection. */
export interface Lease {
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
  get(key: string, options?: { readonly signal?: AbortSignal | undefined }): Promise<StoredValue | undefined>;
  /** The new version; `undefined` where `ifVersion` did not match, and nothing was written. */
  set(key: string, value: string, options?: SetOptions): Promise<string | undefined>;
  /** Whether something was deleted. */
  delete(key: string, options?: { readonly ifVersion?: string | undefined; readonly signal?: AbortSignal | undefined }): Promise<boolean>;
  /** `undefined` where another owner has it. A store without leases serves one process at a time. */
  lease?(key: string, options: { readonly ttlMs: number; readonly signal?: AbortSignal | undefined }): Promise<Lease | undefined>;
}
