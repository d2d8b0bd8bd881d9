// What reading an entity again says about a claim.
import { FinapiError } from '@finapi-ts/client';

/** Whether finAPI itself says what a callback claims. Go on with `entity`, never with the claim. */
export type Confirmation<Entity> =
  | { readonly confirmed: true; readonly entity: Entity }
  /** finAPI says something else: the claim is false, or out of date. */
  | { readonly confirmed: false; readonly reason: 'DIFFERS'; readonly entity: Entity }
  /** finAPI knows nothing of it, or not of this user. */
  | { readonly confirmed: false; readonly reason: 'UNKNOWN'; readonly entity?: undefined };

export async function compare<Entity>(read: () => PromiseLike<Entity>, agrees: (entity: Entity) => boolean): Promise<Confirmation<Entity>> {
  let entity: Entity;
  try {
    entity = await read();
  } catch (cause) {
    if (cause instanceof FinapiError && cause.status === 404) return { confirmed: false, reason: 'UNKNOWN' };
    throw cause;
  }
  return agrees(entity) ? { confirmed: true, entity } : { confirmed: false, reason: 'DIFFERS', entity };
}
