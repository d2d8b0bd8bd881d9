// Types: the token layer fits the client without either importing the other, and keeps identities apart.
import type { Auth, TokenSource, UserTokenSource } from '@finapi-ts/auth-helpers';
import { createAuth } from '@finapi-ts/auth-helpers';
import type { Credential, TokenProvider, TokenSource as Wanted } from '@finapi-ts/client';
import { createAccessV1 } from '@finapi-ts/client/access-v1';
import { expect, expectTypeOf, it } from 'vitest';
import { client } from '../src/scripted.ts';

it('an application satisfies the provider that the client takes, and a user its credential', () => {
  expectTypeOf<Auth>().toExtend<TokenProvider>();
  expectTypeOf<UserTokenSource>().toExtend<Credential<'user'>>();
  expectTypeOf<TokenSource<'client'>>().toExtend<Wanted<'client'>>();
  expectTypeOf<TokenSource<'admin'>>().toExtend<Credential<'admin'>>();
});

it('identities are not mixed up', () => {
  expectTypeOf<TokenSource<'client'>>().not.toExtend<Credential<'user'>>();
  expectTypeOf<UserTokenSource>().not.toExtend<Credential<'client'>>();
  expectTypeOf<TokenSource<'admin'>>().not.toExtend<Credential<'client'>>();
});

it('an application is given to the client as it is', () => {
  const auth = createAuth(client);
  const finapi = createAccessV1({ baseUrl: client.baseUrl, auth });
  expect(finapi.as(auth.user('alice')).accounts.getAccount).toBeTypeOf('function');
  // @ts-expect-error a client's token is none of a user
  expect(() => finapi.as(auth.client)).toBeTypeOf('function');
});
