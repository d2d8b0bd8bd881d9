import type { AccessV1 } from '@finapi-ts/client/access-v1';
import type { AccessV2, UserOperations } from '@finapi-ts/client/access-v2';
import type { WebFormApi, UserOperations as WebFormOperations } from '@finapi-ts/client/web-form';
import { describe, expectTypeOf, it } from 'vitest';
import { access } from '../src/access.js';
import { accessV1 } from '../src/access-v1.js';
import { createFinapi } from '../src/index.js';
import { webForm } from '../src/web-form.js';

const client = { environment: 'sandbox', clientId: 'household', clientSecret: 'secret' } as const;

describe('the types of an application', () => {
  it('have the APIs that were given, and no others', () => {
    const finapi = createFinapi({ ...client, apis: { access, webForm } });
    expectTypeOf(finapi.access).toEqualTypeOf<AccessV2>();
    expectTypeOf(finapi.webForm).toEqualTypeOf<WebFormApi>();
    expectTypeOf(finapi).not.toHaveProperty('accessV1');
    const alice = finapi.user('alice');
    expectTypeOf(alice.access).toEqualTypeOf<UserOperations>();
    expectTypeOf(alice.webForm).toEqualTypeOf<WebFormOperations>();
    expectTypeOf(alice).not.toHaveProperty('accessV1');
    expectTypeOf(createFinapi({ ...client, apis: { accessV1 } }).accessV1).toEqualTypeOf<AccessV1>();
  });

  it('keep what takes another identity apart', () => {
    const finapi = createFinapi({ ...client, apis: { access } });
    expectTypeOf(finapi.access).not.toHaveProperty('accounts');
    expectTypeOf(finapi.user('alice').access).not.toHaveProperty('clientConfiguration');
    expectTypeOf(finapi.access.admin).toHaveProperty('mandatorAdministration');
  });

  it('refuse an API under the name of another, and hosts without Access', () => {
    // @ts-expect-error: Access V2 is no Web Form
    void (() => createFinapi({ ...client, apis: { webForm: access } }));
    // @ts-expect-error: tokens come from Access
    void (() => createFinapi({ ...client, environment: { webForm: 'https://f.example' }, apis: { webForm } }));
    // @ts-expect-error: there is no such environment
    void (() => createFinapi({ ...client, environment: 'production', apis: { access } }));
  });
});
