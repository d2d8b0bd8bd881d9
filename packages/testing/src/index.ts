// A sandbox of finAPI for tests, and a clock that they control.
export type { AccessVersion, ApiId, Identity, OperationId } from './api.js';
export type {
  AuthenticationStep,
  BankBehaviour,
  BankConnection,
  BankConnectionOptions,
  BankConnections,
  UpdateOutcome,
} from './bank.js';
export type { CallbackEntry, PostFetch } from './callbacks.js';
export type { Client, ClientChanges, ClientOptions, Clients } from './clients.js';
export { type Clock, createTestClock, type TestClock } from './clock.js';
export type { Fault, FaultHandle, Faults } from './faults.js';
export type { WebForm, WebFormError, WebFormPayload, WebFormStatus, WebForms, WebFormType } from './forms.js';
export type { LogEntry } from './log.js';
export type { Message, Outcome, Reply } from './message.js';
export { createSandbox, type Notification, type Sandbox, type SandboxAnswer, type SandboxOptions, type SandboxRequest } from './sandbox.js';
export type { Token, Tokens } from './tokens.js';
export type { User, UserOptions, Users } from './users.js';
