// The APIs that a sandbox can stand for, as data: what differs between them is said here alone.
import { operations as accessV1Operations } from '@finapi-ts/client/access-v1/operations';
import type { AnswerTable } from './answers.js';
import { answers as accessV1Answers } from './generated/access-v1/answers.js';
import { germanTimestamp } from './timestamps.js';

/** Whose token a call carries. */
export type Identity = 'client' | 'user' | 'admin';

/** A row of the client's operation table, as far as the sandbox reads it. */
export interface Operation {
  readonly method: string;
  /** Path template, like `/api/v1/accounts/{id}`. */
  readonly path: string;
  readonly token: readonly Identity[];
  readonly body?: string;
  /** Paged: the property that holds a page's items. */
  readonly items?: string;
  /** POST with `X-HTTP-Method-Override` stands for the method. */
  readonly override?: boolean;
}

export interface Api {
  readonly operations: Readonly<Record<string, Operation>>;
  readonly answers: AnswerTable;
  /** Where `revokeToken` has its parameters. */
  readonly revocation: 'query' | 'form';
  /** A point in time as the API writes it. */
  readonly timestamp: (ms: number) => string;
}

export const accessV1: Api = {
  operations: accessV1Operations,
  answers: accessV1Answers,
  revocation: 'query',
  timestamp: germanTimestamp,
};

/** Name of an operation of Access V1. */
export type OperationId = keyof typeof accessV1Operations;
