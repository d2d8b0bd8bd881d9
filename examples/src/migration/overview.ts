// What both versions of the program give: what has changed between them must not show here.
import type { Settings } from '../settings.ts';

export interface Overview {
  readonly accounts: readonly {
    readonly iban: string | undefined;
    readonly balance: number | undefined;
    readonly isUpToDate: boolean;
    /** In UTC, `2026-03-30T12:00:00.000Z`. */
    readonly updatedAt: string | undefined;
  }[];
  /** Those that were asked for, in the order of their ids. */
  readonly transactions: readonly {
    readonly id: number;
    /** `YYYY-MM-DD` */
    readonly booked: string;
    readonly amount: number;
    readonly purpose: string;
    readonly category: string;
  }[];
}

export interface Asked extends Pick<Settings, 'environment' | 'clientId' | 'clientSecret' | 'readPassword'> {
  readonly userId: string;
  /** Of the user's transactions, at most 1000; one that there is no longer is left out. */
  readonly transactionIds: readonly number[];
  /** Reaches finAPI; the global one unless set. */
  readonly fetch?: typeof fetch;
}
