// Every operation of every API, through the client, against the sandbox of packages/testing: its answers are what the documents declare.

import { createAccessV1 } from '@finapi-ts/client/access-v1';
import { type Api, locate, readApis, readDocument, repository } from '@finapi-ts/scripts/apis';
import type { Node } from '@finapi-ts/scripts/grammar';
import { buildModel, type Operation } from '@finapi-ts/scripts/model';
import { createSandbox, type Sandbox } from '@finapi-ts/testing';
import { describe, expect, it } from 'vitest';
import { argumentsOf, breachesOf } from '../src/arguments.ts';
import type { Answer, LooseClient } from '../src/exchange.ts';
import { createValidator } from '../src/validator.ts';

type Identity = 'client' | 'user' | 'admin';
type Groups = ReturnType<LooseClient['as']>;

const client = { client_id: 'your-client-id', client_secret: 'your-client-secret' };
const admin = { client_id: 'your-admin-id', client_secret: 'your-admin-secret' };
const alice = { id: 'alice', password: 'a-long-password' };

/** Operations that find the user in another state than signed in. */
const users: Readonly<Record<string, readonly object[]>> = {
  createUser: [],
  verifyUser: [{ ...alice, verified: false }],
  deleteUnverifiedUser: [{ ...alice, verified: false }],
};

/** What the schemas cannot tell: that some field must be set, which versions there are, and ids and tokens that the sandbox has made. */
const made: Readonly<Record<string, { readonly by: string; readonly args: object; readonly as: string; readonly from: string }>> = {
  executePasswordChange: {
    by: 'requestPasswordChange',
    args: { userId: alice.id },
    as: 'passwordChangeToken',
    from: 'passwordChangeToken',
  },
  getWebForm: { by: 'createForBankConnectionImport', args: {}, as: 'id', from: 'id' },
  deleteWebForm: { by: 'createForBankConnectionImport', args: {}, as: 'id', from: 'id' },
  cancelWebForm: { by: 'createForBankConnectionImport', args: {}, as: 'id', from: 'id' },
  getTask: { by: 'createBankConnectionUpdateTask', args: { bankConnectionId: 1, importNewAccountsMode: 'SKIP' }, as: 'id', from: 'id' },
};
const fixed: Readonly<Record<string, object>> = {
  editAuthorizedUser: { phone: '+49 89 1234567' },
  switchApiVersion: { apiVersion: 'V2' },
};
/** What an argument of this name is at the sandbox, wherever an operation takes it. */
const own: Readonly<Record<string, string>> = {
  ...client,
  grant_type: 'client_credentials',
  username: alice.id,
  password: alice.password,
  userId: alice.id,
  clientId: client.client_id,
  oldClientSecret: client.client_secret,
  newClientSecret: '0123456789abcdefghij0123456789abcdef',
};
/** Ids of Web Form are texts of this length. */
const uuid = '00000000-0000-4000-8000-000000000007';

function owned(args: object): object {
  const entries = Object.entries(args).map(([name, value]) => [
    name,
    name === 'id' && typeof value === 'string' ? uuid : (own[name] ?? value),
  ]);
  return Object.fromEntries(entries);
}

/** An entry of the client, as its users get it. */
const load = (entry: string): Promise<object> => import(/* @vite-ignore */ `@finapi-ts/client/${entry}`);

const declares = ({ answers }: Operation, wanted: number): boolean => answers.some(({ status }) => status === wanted);

/** The client calls a status unexpected that the document does not declare. */
const asClientTells = (operation: Operation, status: number): unknown => (declares(operation, status) ? status : 'unexpected');

interface Stage {
  readonly sandbox: Sandbox;
  /** Calls an operation with a token of this identity, by default one that it takes. */
  call(operation: Operation, args: object, identity?: Identity): Promise<Answer>;
  callWith(token: string, operation: Operation, args: object): Promise<Answer>;
}

for (const api of readApis(repository)) await contractOf(api);

async function contractOf(api: Api): Promise<void> {
  const source = readDocument(repository, locate(repository, api).document, 'run: npm run generate');
  const model = buildModel({ ...source, value: source.value as Node });
  const validator = createValidator(source.value as Node);
  const { operations: table } = (await load(`${api.id}/operations`)) as { operations: Record<string, unknown> };
  const entry = (await load(api.id)) as Record<string, (options: object) => LooseClient>;
  const create = entry[`create${api.name}`] as (options: object) => LooseClient;
  const answered = new Set<string>();

  function stageFor(id: string): Stage {
    const sandbox = createSandbox({
      clients: [
        { clientId: client.client_id, clientSecret: client.client_secret },
        { clientId: admin.client_id, clientSecret: admin.client_secret, role: 'admin' },
      ],
      users: (users[id] ?? [alice]) as (typeof alice)[],
    });
    // Tokens are the same in all APIs, and not all have an endpoint for them.
    const plain = createAccessV1({ baseUrl: sandbox.baseUrl, fetch: sandbox.fetch, retry: false });
    const tokenOf = async (identity: Identity): Promise<string> => {
      const grant =
        identity === 'user'
          ? ({ grant_type: 'password', ...client, username: alice.id, password: alice.password } as const)
          : ({ grant_type: 'client_credentials', ...(identity === 'admin' ? admin : client) } as const);
      return (await plain.authorization.getToken(grant)).access_token;
    };
    const callWith = (token: string, operation: Operation, args: object): Promise<Answer> => {
      const auth = { client: { identity: 'client', token }, admin: { identity: 'admin', token } } as const;
      const finapi = create({ baseUrl: sandbox.baseUrl, fetch: sandbox.fetch, retry: false, auth });
      // An operation stands on one view of the client, whoever's token it is.
      const [view] = operation.token;
      const groups = view === 'user' ? finapi.as({ identity: 'user', token }) : view === 'admin' ? finapi.admin : (finapi as Groups);
      const method = groups[operation.group]?.[operation.id];
      if (method === undefined) throw new Error(`the client has no method ${operation.group}.${operation.id}`);
      return method(args).answer();
    };
    return {
      sandbox,
      callWith,
      async call(operation, args, identity = operation.token[0]) {
        return callWith(identity === undefined ? 'none' : await tokenOf(identity), operation, args);
      },
    };
  }

  async function completed({ call }: Stage, { id }: Operation, wanted: object): Promise<object> {
    const args = owned(wanted);
    const { by, args: given = {}, as = '', from = '' } = made[id] ?? {};
    const first = model.operations.find((operation) => operation.id === by);
    if (first === undefined) return { ...args, ...fixed[id] };
    const { value } = await call(first, given);
    return { ...args, [as]: (value as Record<string, unknown>)[from] };
  }

  describe(`the sandbox of ${api.title}`, () => {
    describe.each(model.operations.map((operation) => ({ id: operation.id, operation })))('at $id', ({ id, operation }) => {
      const { least, all } = argumentsOf(model, operation);
      const [success] = operation.answers.filter(({ status }) => status < 300);

      it.each([
        ['the least it takes', least],
        ['all it can take', all],
      ])('answers a call with %s as the document declares', async (_, args) => {
        const stage = stageFor(id);
        const answer = await stage.call(operation, await completed(stage, operation, args));
        expect(answer).toMatchObject({ ok: true, status: success?.status });
        expect(validator.answer(operation, Number(answer.status), answer.value)).toEqual([]);
        expect(stage.sandbox.log.at(-1)).toMatchObject({ api: api.id, operationId: id, status: success?.status, path: operation.path });
        answered.add(id);
      });

      const missing = breachesOf(model, operation).filter(({ rule }) => rule.endsWith(' is missing'));
      it.each(missing)('answers 400 when $rule', async ({ args }) => {
        const answer = await stageFor(id).call(operation, args);
        expect(answer).toMatchObject({ ok: false, status: 400 });
        expect(validator.answer(operation, 400, answer.body)).toEqual([]);
      });

      if (operation.token.length === 0) return;

      it('answers 401 to a token that it has not issued', async () => {
        const answer = await stageFor(id).callWith('made-up', operation, least);
        expect(answer).toMatchObject({ ok: false, status: asClientTells(operation, 401) });
        if (declares(operation, 401)) expect(validator.answer(operation, 401, answer.body)).toEqual([]);
      });

      const others = (['client', 'user', 'admin'] as const).filter((identity) => !operation.token.includes(identity));
      it.each(others.filter((identity) => identity !== 'user' || users[id] === undefined))(
        'answers 403 to the token of the %s',
        async (identity) => {
          const answer = await stageFor(id).call(operation, least, identity);
          expect(answer).toMatchObject({ ok: false, status: asClientTells(operation, 403) });
          if (declares(operation, 403)) expect(validator.answer(operation, 403, answer.body)).toEqual([]);
        },
      );
    });

    it('has answered every operation', () => {
      process.stdout.write(`sandbox: ${answered.size} of ${Object.keys(table).length} operations of ${api.title}\n`);
      expect([...answered].sort()).toEqual(Object.keys(table).sort());
    });
  });
}
