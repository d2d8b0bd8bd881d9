// finAPI Access V1 as an API of `createFinapi`, and the types of its data.
import { accessV1 as preset } from '@finapi-ts/auth-helpers';
import { type AccessV1, createAccessV1, servers } from '@finapi-ts/client/access-v1';
import type { Api } from './api.js';

export type * from '@finapi-ts/client/access-v1';

/** finAPI Access V1: `createFinapi({ apis: { accessV1 } })` gives it as `finapi.accessV1`. */
export const accessV1: Api<'accessV1', AccessV1> = {
  kind: 'accessV1',
  servers,
  tokens: { servers, preset },
  create: createAccessV1,
};
