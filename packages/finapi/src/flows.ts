// What everyone writes by hand around the operations: waiting, web forms, authentication steps, look-back, deletion.
export {
  type AuthenticateOptions,
  type AuthenticationAnswer,
  type AuthenticationStep,
  authenticate,
  type StepChallenge,
} from './flows/authenticate.js';
export {
  type BackgroundUpdateOptions,
  type TaskOptions,
  type TaskOutcome,
  type TaskProgress,
  updateInBackground,
  waitForTask,
} from './flows/background.js';
export { type DeletedUser, type DeleteUserOptions, type DeletingFinapi, deleteUser } from './flows/delete-user.js';
export { FlowError, type FlowErrorCode } from './flows/errors.js';
export { type SeenIds, type TransactionAccess, type TransactionsOptions, transactionsSince } from './flows/transactions.js';
export { type UpdatedAccess, type UpdateFailure, type UpdateOptions, type UpdateOutcome, waitForUpdate } from './flows/update.js';
export type { Timers, WaitOptions } from './flows/wait.js';
export {
  type OpenOptions,
  openWebForm,
  type WebFormFailure,
  type WebFormOptions,
  type WebFormOutcome,
  waitForWebForm,
} from './flows/web-form.js';
