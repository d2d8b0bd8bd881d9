// Two paths that differ only in a parameter's name: the mock must tell their operations apart.
import { createAccessV1 } from '@finapi-ts/client/access-v1';
import { readApis, repository } from '@finapi-ts/scripts/apis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Mock, startMock } from '../src/server.ts';

const api = readApis(repository).find(({ id }) => id === 'access-v1');
if (api === undefined) throw new Error('spec/apis.json has no access-v1');

let mock: Mock;
beforeAll(async () => {
  mock = await startMock(api);
});
afterAll(() => mock.close());

describe('the mock of Access V1', () => {
  it('tells the two operations of identical path templates apart', async () => {
    const seen: { readonly operation: string | null; readonly violations: unknown }[] = [];
    const { banks } = createAccessV1({
      baseUrl: mock.url,
      auth: { client: { identity: 'client', token: 'client-token' } },
      middleware: [
        async (request, next) => {
          const response = await next(request);
          const { headers } = response;
          seen.push({ operation: headers.get('x-mock-operation'), violations: JSON.parse(headers.get('sl-violations') ?? '[]') });
          return response;
        },
      ],
    });
    const { id } = (await banks.getBank({ id: 7 })) as { id: number };
    expect(id).toEqual(expect.any(Number));
    await banks.getMultipleBanks({ ids: [1, 2, 3] });
    expect(seen).toEqual([
      { operation: 'getBank', violations: [] },
      { operation: 'getMultipleBanks', violations: [] },
    ]);
  });
});
