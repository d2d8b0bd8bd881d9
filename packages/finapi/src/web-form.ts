// finAPI Web Form as an API of `createFinapi`, and the types of its data.
import { accessV2 } from '@finapi-ts/auth-helpers';
import { createWebFormApi, servers, type WebFormApi } from '@finapi-ts/client/web-form';
import type { Api } from './api.js';

export type * from '@finapi-ts/client/web-form';

/** Web Form takes tokens of Access. The hosts of Access stand here as well, so that Access itself need not be loaded. */
const accessServers = { sandbox: 'https://sandbox.finapi.io', live: 'https://live.finapi.io' } as const;

/** finAPI Web Form: `createFinapi({ apis: { webForm } })` gives it as `finapi.webForm`. */
export const webForm: Api<'webForm', WebFormApi> = {
  kind: 'webForm',
  servers,
  tokens: { servers: accessServers, preset: accessV2 },
  create: createWebFormApi,
};
