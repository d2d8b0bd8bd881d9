// finAPI Access V2 as an API of `createFinapi`, and the types of its data.
import { accessV2 } from '@finapi-ts/auth-helpers';
import { type AccessV2, createAccessV2, servers } from '@finapi-ts/client/access-v2';
import type { Api } from './api.js';

export type * from '@finapi-ts/client/access-v2';

/** finAPI Access V2: `createFinapi({ apis: { access } })` gives it as `finapi.access`. */
export const access: Api<'access', AccessV2> = {
  kind: 'access',
  servers,
  tokens: { servers, preset: accessV2 },
  create: createAccessV2,
};
