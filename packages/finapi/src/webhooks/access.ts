// Callbacks of Access: notifications by rules, and users that were deleted.
import { type CallOptions, FinapiError } from '@finapi-ts/client';
import { type CallbackBody, type CallbackInput, own, type ParseOptions, readBody, text, wrong } from './body.js';
import { type Confirmation, compare } from './confirmation.js';

/** What V1 and V2 say of a rule. */
interface RuleLike {
  readonly id: number;
  readonly callbackHandle?: string | null;
}

/** What `confirm` calls: `user.access`, or `user.accessV1`. */
export interface RulesOfUser<Rule extends RuleLike> {
  readonly notificationRules: {
    getNotificationRule(args: { id: number }, options?: CallOptions): PromiseLike<Rule>;
    getAndSearchAllNotificationRules(
      args?: Record<never, never>,
      options?: CallOptions,
    ): PromiseLike<{ readonly notificationRules: readonly Rule[] }>;
  };
}

/** What a notification says. Nothing signs it. */
export interface NotificationClaim {
  /** The rule by which it was sent. */
  readonly notificationRuleId: number | undefined;
  /** What you gave the rule to know its notifications by; such as something that names the user, and that nobody can guess. */
  readonly callbackHandle: string | undefined;
  /** All of it. What is in it depends on the rule's `triggerEvent`, and finAPI's documents do not say. */
  readonly payload: CallbackBody;
  /**
   * Reads the rule with the token of its user: whether there is one of this id and handle. That says nothing about the event, so
   * read what is new as well.
   */
  confirm<Rule extends RuleLike>(access: RulesOfUser<Rule>, options?: CallOptions): Promise<Confirmation<Rule>>;
}

/**
 * Reads a notification, as `userNotificationCallbackUrl` gets it.
 *
 * @throws CallbackError where it names neither rule nor handle
 */
export async function parseNotification(input: CallbackInput, options: ParseOptions = {}): Promise<NotificationClaim> {
  const payload = await readBody(input, options);
  const notificationRuleId = own(payload, 'notificationRuleId') ?? undefined;
  if (notificationRuleId !== undefined && !(Number.isSafeInteger(notificationRuleId) && (notificationRuleId as number) > 0))
    throw wrong('notificationRuleId is no id');
  const callbackHandle = (own(payload, 'callbackHandle') ?? undefined) === undefined ? undefined : text(payload, 'callbackHandle', 512);
  if (notificationRuleId === undefined && callbackHandle === undefined)
    throw wrong('neither notificationRuleId nor callbackHandle is there');
  const ruleId = notificationRuleId as number | undefined;
  return {
    notificationRuleId: ruleId,
    callbackHandle,
    payload,
    async confirm({ notificationRules }, callOptions) {
      if (ruleId !== undefined)
        return compare(
          () => notificationRules.getNotificationRule({ id: ruleId }, callOptions),
          (rule) => (rule.callbackHandle ?? undefined) === callbackHandle,
        );
      const { notificationRules: rules } = await notificationRules.getAndSearchAllNotificationRules({}, callOptions);
      const entity = rules.find((rule) => rule.callbackHandle === callbackHandle);
      return entity === undefined ? { confirmed: false, reason: 'UNKNOWN' } : { confirmed: true, entity };
    },
  };
}

/** What `confirm` calls: `finapi.access`, or `finapi.accessV1`. */
export interface UsersOfClient {
  readonly users: { getVerificationStatus(args: { userId: string }, options?: CallOptions): PromiseLike<unknown> };
}

/** What a user synchronisation says. Nothing signs it: delete nothing before it is confirmed. */
export interface UserClaim {
  readonly userId: string;
  /** `DELETED`; finAPI names no other. */
  readonly event: string;
  /** Asks with the client's token whether finAPI still knows the user. `true` where the user is gone, as the event says. */
  confirm(access: UsersOfClient, options?: CallOptions): Promise<boolean>;
}

/**
 * Reads a user synchronisation, as `userSynchronizationCallbackUrl` gets it.
 *
 * @throws CallbackError where it is none
 */
export async function parseUserCallback(input: CallbackInput, options: ParseOptions = {}): Promise<UserClaim> {
  const body = await readBody(input, options);
  const userId = text(body, 'userId', 512);
  const event = text(body, 'event', 64);
  return {
    userId,
    event,
    async confirm({ users }, callOptions) {
      try {
        await users.getVerificationStatus({ userId }, callOptions);
        return false;
      } catch (cause) {
        if (cause instanceof FinapiError && cause.status === 404) return event === 'DELETED';
        throw cause;
      }
    },
  };
}
