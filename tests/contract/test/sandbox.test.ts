// Every operation of the table, through the client, against the sandbox of packages/testing: its answers are what the document declares.

import { createAccessV1 } from '@finapi-ts/client/access-v1';
import { operations as table } from '@finapi-ts/client/access-v1/operations';
import { locate, readDocument, repository } from '@finapi-ts/scripts/apis';
import type { Node } from '@finapi-ts/scripts/grammar';
import { buildModel, type Operation } from '@finapi-ts/scripts/model';
import { createSandbox, type OperationId, type Sandbox } from '@finapi-ts/testing';
import { describe, expect, it } from 'vitest';
import { argumentsOf, breachesOf } from '../src/arguments.ts';
import type { Answer, LooseClient } from '../src/exchange.ts';
import { createValidator } from '../src/validator.ts';

const source = readDocument(repository, locate(repository, { id: 'access-v1' }).document, 'run: npm run generate');
const model = buildModel({ ...source, value: source.value as Node });
const validator = createValidator(source.value as Node);

type Identity = 'client' | 'user' | 'admin';
type Groups = ReturnType<LooseClient['as']>;

/** Ids and secrets are those of the document's examples, so that calls made of these examples are valid. */
const client = { client_id: 'your-client-id', client_secret: 'your-client-secret' };
const admin = { client_id: 'your-admin-id', client_secret: 'your-admin-secret' };
const alice = { id: 'alice', password: 'a-long-password' };

/** Operations that find the user in another state than signed in. */
const users: Readonly<Record<string, readonly object[]>> = {
  createUser: [],
  verifyUser: [{ ...alice, verified: false }],
  deleteUnverifiedUser: [{ ...alice, verified: false }],
};

interface Stage {
  readonly sandbox: Sandbox;
  /** Calls an operation with a token of this identity, by default one that it takes. */
  call(operation: Operation, args: object, identity?: Identity): Promise<Answer>;
  callWith(token: string, operation: Operation, args: object): Promise<Answer>;
}

function stageFor(id: string): Stage {
  const sandbox = createSandbox({
    clients: [
      { clientId: client.client_id, clientSecret: client.client_secret },
      { clientId: admin.client_id, clientSecret: admin.client_secret, role: 'admin' },
    ],
    users: (users[id] ?? [alice]) as (typeof alice)[],
  });
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
    const finapi = createAccessV1({ baseUrl: sandbox.baseUrl, fetch: sandbox.fetch, retry: false, auth }) as unknown as LooseClient;
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

/** What the schemas cannot tell: that some field must be set, and the token of a password change. */
async function completed({ call }: Stage, { id }: Operation, args: object): Promise<object> {
  if (id === 'editAuthorizedUser') return { phone: '+49 89 1234567', ...args };
  if (id !== 'executePasswordChange') return args;
  const first = model.operations.find((operation) => operation.id === 'requestPasswordChange') as Operation;
  const { value } = await call(first, { userId: alice.id });
  return { ...args, passwordChangeToken: (value as { passwordChangeToken: string }).passwordChangeToken };
}

const declares = ({ answers }: Operation, wanted: number): boolean => answers.some(({ status }) => status === wanted);

/** The client calls a status unexpected that the document does not declare. */
const asClientTells = (operation: Operation, status: number): unknown => (declares(operation, status) ? status : 'unexpected');

const answered = new Set<string>();

describe('the sandbox', () => {
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
      expect(stage.sandbox.log.at(-1)).toMatchObject({ operationId: id, status: success?.status, path: operation.path });
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
      if (!declares(operation, 401)) return;
      expect(answer.body).toMatchObject({ error: 'invalid_token' });
      expect(validator.answer(operation, 401, answer.body)).toEqual([]);
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
    process.stdout.write(`sandbox: ${answered.size} of ${Object.keys(table).length} operations\n`);
    expect([...answered].sort()).toEqual((Object.keys(table) as OperationId[]).sort());
  });
});
