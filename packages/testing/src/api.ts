// The APIs that a sandbox stands for, as data: what differs between them is said here alone.
import { operations as accessV1Operations } from '@finapi-ts/client/access-v1/operations';
import { operations as accessV2Operations } from '@finapi-ts/client/access-v2/operations';
import { operations as webFormOperations } from '@finapi-ts/client/web-form/operations';
import { accessHandlers } from './access.js';
import type { AnswerTable } from './answers.js';
import type { Handler } from './call.js';
import { type FailureWriter, flatFailures, listedFailures } from './failure.js';
import { answers as accessV1Answers } from './generated/access-v1/answers.js';
import { answers as accessV2Answers } from './generated/access-v2/answers.js';
import { answers as webFormAnswers } from './generated/web-form/answers.js';
import { germanDay, germanTimestamp, offsetTimestamp, utcTimestamp } from './timestamps.js';
import { webFormHandlers } from './web-form.js';

/** Whose token a call carries. */
export type Identity = 'client' | 'user' | 'admin';

/** Name of an API, as its folder in the client has it. */
export type ApiId = 'access-v1' | 'access-v2' | 'web-form';

/** Versions of Access that a client can be bound to. */
export type AccessVersion = 1 | 2;

/** A row of the client's operation table, as far as the sandbox reads it. */
export interface Operation {
  readonly group?: string;
  readonly method: string;
  /** Path template, like `/api/v1/accounts/{id}`. */
  readonly path: string;
  readonly token: readonly Identity[];
  /** Statuses of its errors. */
  readonly errors?: readonly number[];
  readonly body?: string;
  /** Paged: the property that holds a page's items. */
  readonly items?: string;
  /** POST with `X-HTTP-Method-Override` stands for the method. */
  readonly override?: boolean;
}

export interface Api {
  readonly id: ApiId;
  /** Paths that begin like this are its own, known or not. */
  readonly prefixes: readonly string[];
  readonly operations: Readonly<Record<string, Operation>>;
  readonly answers: AnswerTable;
  /** Operations that the sandbox does not answer from examples. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Clients bound to another version get 403, from its token endpoint too where `tokens` says so. */
  readonly versions: { readonly calls: readonly AccessVersion[]; readonly tokens: readonly AccessVersion[] };
  /** Where `revokeToken` has its parameters. */
  readonly revocation: 'query' | 'form';
  /** Whether an answer always has an `X-Request-Id`, or only where the call had one. */
  readonly requestIds: 'always' | 'echoed';
  readonly failures: FailureWriter;
  /** A point in time as the API writes it. */
  readonly timestamp: (ms: number) => string;
  /** A booking day as the API writes it. */
  readonly day: (ms: number) => string;
  /** What stands for a value that there is none of; undefined leaves it out. */
  readonly none: null | undefined;
  /** The field that names an interface to a bank. */
  readonly bankingInterface: 'interface' | 'bankingInterface';
  /** A challenge of a 510, before its own fields. */
  readonly challenge: Readonly<Record<string, unknown>>;
}

/** What Access V1 says of a challenge even where there is none. */
const unset = [
  'opticalData',
  'redirectContext',
  'answerFieldLabel',
  'photoTanData',
  'redirectUrl',
  'twoStepProcedures',
  'challengeMessage',
  'redirectContextField',
  'photoTanMimeType',
];

export const accessV1: Api = {
  id: 'access-v1',
  prefixes: ['/api/v1/', '/oauth/'],
  operations: accessV1Operations,
  answers: accessV1Answers,
  handlers: accessHandlers,
  // Guides for Access V2 name this token endpoint as well.
  versions: { calls: [1], tokens: [1, 2] },
  revocation: 'query',
  requestIds: 'always',
  failures: listedFailures({ bank: null, multiStepAuthentication: null }),
  timestamp: germanTimestamp,
  day: (ms) => `${germanDay(ms)} 00:00:00.000`,
  none: null,
  bankingInterface: 'interface',
  challenge: Object.fromEntries(unset.map((name) => [name, null])),
};

export const accessV2: Api = {
  id: 'access-v2',
  prefixes: ['/api/v2/'],
  operations: accessV2Operations,
  answers: accessV2Answers,
  handlers: accessHandlers,
  versions: { calls: [2], tokens: [2] },
  revocation: 'form',
  requestIds: 'always',
  failures: listedFailures({}),
  timestamp: utcTimestamp,
  day: germanDay,
  none: undefined,
  bankingInterface: 'bankingInterface',
  challenge: { opticalDataAsReinerSct: false },
};

const webForm: Api = {
  id: 'web-form',
  prefixes: ['/api/webForms', '/api/tasks', '/api/profiles', '/api/translations'],
  operations: webFormOperations,
  answers: webFormAnswers,
  handlers: webFormHandlers,
  versions: { calls: [1, 2], tokens: [] },
  revocation: 'form',
  requestIds: 'echoed',
  failures: flatFailures,
  timestamp: offsetTimestamp,
  day: germanDay,
  none: undefined,
  bankingInterface: 'bankingInterface',
  challenge: {},
};

export const apis: readonly Api[] = [accessV1, accessV2, webForm];

/** Name of an operation; one that several APIs have is meant in all of them. */
export type OperationId = keyof typeof accessV1Operations | keyof typeof accessV2Operations | keyof typeof webFormOperations;
