// A sandbox of finAPI for tests, and a clock that they control.
export type { Identity, OperationId } from './api.js';
export type { Client, ClientChanges, ClientOptions, Clients } from './clients.js';
export { type Clock, createTestClock, type TestClock } from './clock.js';
export type { Fault, FaultHandle, Faults } from './faults.js';
export type { LogEntry } from './log.js';
export type { Message, Outcome, Reply } from './message.js';
export { createSandbox, type Sandbox, type SandboxAnswer, type SandboxOptions, type SandboxRequest } from './sandbox.js';
export type { Token, Tokens } from './tokens.js';
export type { User, UserOptions, Users } from './users.js';
