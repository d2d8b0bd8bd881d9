// finAPI's callbacks, which nothing signs: read as claims, believed only after finAPI itself was asked.
export {
  type NotificationClaim,
  parseNotification,
  parseUserCallback,
  type RulesOfUser,
  type UserClaim,
  type UsersOfClient,
} from './webhooks/access.js';
export { type CallbackBody, CallbackError, type CallbackErrorCode, type CallbackInput, type ParseOptions } from './webhooks/body.js';
export type { Confirmation } from './webhooks/confirmation.js';
export { parseTaskCallback, parseWebFormCallback, type TaskClaim, type WebFormClaim } from './webhooks/web-form.js';
