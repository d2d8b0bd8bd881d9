// Every operation of every API, driven by the operation table, through its named method, against the mock of the document.
import { FinapiError } from '@finapi-ts/client';
import { type Api, locate, readApis, readDocument, repository } from '@finapi-ts/scripts/apis';
import type { Node } from '@finapi-ts/scripts/grammar';
import { buildModel, type Operation } from '@finapi-ts/scripts/model';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { argumentsOf, breachesOf } from '../src/arguments.ts';
import { exchange, faultsOf, type LooseClient } from '../src/exchange.ts';
import { type Mock, startMock } from '../src/server.ts';
import { createValidator } from '../src/validator.ts';

/** Operations with nothing to break, by the reason; with their API where another one has more of that name. */
const unbreakable: Readonly<Record<string, readonly string[]>> = {
  'they take no arguments': [
    'getAuthorizedUser',
    'deleteAuthorizedUser',
    'getClientConfiguration',
    'deleteAllAccounts',
    'deleteAllBankConnections',
    'deleteAllCategories',
    'deleteAllLabels',
    'deleteAllNotificationRules',
  ],
  'their only argument is any text, in the path': [
    'verifyUser',
    'deleteUnverifiedUser',
    'web-form.getProfile',
    'web-form.deleteProfile',
    'web-form.getTask',
    'web-form.getTranslation',
    'web-form.deleteTranslation',
    'web-form.getWebForm',
    'web-form.deleteWebForm',
    'web-form.cancelWebForm',
  ],
  'their only argument is a list of ids in the path, which the mock knows as one path': [
    'getMultipleTransactions',
    'getMultipleSecurities',
    'getMultipleLabels',
    'getMultipleCategories',
    'getMultipleBanks',
    'getMultipleBankConnections',
    'getMultipleAccounts',
  ],
};

/** An entry of the client, as its users get it. */
const load = (entry: string): Promise<object> => import(/* @vite-ignore */ `@finapi-ts/client/${entry}`);

for (const api of readApis(repository)) await contractOf(api);

async function contractOf(api: Api): Promise<void> {
  const source = readDocument(repository, locate(repository, api).document, 'run: npm run generate');
  const document = source.value as Node;
  const model = buildModel({ ...source, value: document });
  const validator = createValidator(document);
  const { operations: table } = (await load(`${api.id}/operations`)) as { operations: Record<string, unknown> };
  const entry = (await load(api.id)) as Record<string, (options: object) => LooseClient>;
  const create = entry[`create${api.name}`] as (options: object) => LooseClient;
  const called = new Set<string>();

  let mock: Mock;
  beforeAll(async () => {
    mock = await startMock(api);
  });
  afterAll(() => mock.close());

  const call = (operation: Operation, args: object, options: object = {}) => exchange(create, mock.url, operation, args, options);

  describe(api.title, () => {
    it('has the same operations in the document and in the table', () => {
      expect(model.operations.map(({ id }) => id).sort()).toEqual(Object.keys(table).sort());
    });

    describe.each(model.operations.map((operation) => ({ id: operation.id, operation })))('$id', ({ id, operation }) => {
      const { least, all } = argumentsOf(model, operation);

      it.each([
        ['the least it takes', least],
        ['all it can take', all],
      ])('is understood with %s', async (_, args) => {
        expect(faultsOf(validator, operation, await call(operation, args))).toEqual([]);
        called.add(id);
      });

      if (operation.token.length > 0) {
        it('without a token fails with a typed 401', async () => {
          const { answer } = await call(operation, least, { headers: { authorization: 'none' } });
          // The document does not declare a 401 for revoking; there it is an answer that nobody expects.
          const declared = operation.answers.some(({ status }) => status === 401);
          expect(answer).toMatchObject({
            ok: false,
            status: declared ? 401 : 'unexpected',
            error: { code: 'UNAUTHORIZED', status: 401, operationId: id },
          });
        });
      }

      const breaches = breachesOf(model, operation);
      it.each(breaches.map((breach) => [breach.rule, breach] as const))(
        'is refused when %s, for just that',
        async (_, { args, place, name }) => {
          const { answer, matched, violations } = await call(operation, args);
          // Without its one field, a form is no body at all.
          const without = operation.body !== undefined && Object.keys(args).length === 0 ? '|^request body parameter is required$' : '';
          expect(answer.ok).toBe(false);
          expect((answer.error as FinapiError).status).toBeGreaterThanOrEqual(400);
          expect((answer.error as FinapiError).status).toBeLessThan(500);
          expect(matched).toBe(id);
          expect(violations.length).toBeGreaterThan(0);
          for (const { location, message } of violations)
            expect([...location, message].join(' ')).toMatch(new RegExp(`^request ${place}.*\\b${name}\\b${without}`, 'i'));
        },
      );

      it('has something to get wrong, or is listed', () => {
        const listed = Object.values(unbreakable).flat();
        expect(breaches.length === 0).toBe(listed.includes(id) || listed.includes(`${api.id}.${id}`));
      });

      it.each(operation.answers.filter(({ status }) => status >= 400))(
        'fails with the error of $status when answered so',
        async ({ status }) => {
          const { answer, matched } = await call(operation, least, { headers: { prefer: `code=${status}` } });
          expect(matched).toBe(id);
          expect(answer).toMatchObject({ ok: false, status });
          expect(answer.error).toBeInstanceOf(FinapiError);
          expect(answer.error).toMatchObject({ status, operationId: id, path: operation.path });
          expect(validator.answer(operation, status, answer.body)).toEqual([]);
        },
      );
    });

    it(`has been called with every operation`, () => {
      process.stdout.write(`${api.title}: ${called.size} of ${Object.keys(table).length} operations\n`);
      expect(called.size).toBe(Object.keys(table).length);
    });
  });
}
