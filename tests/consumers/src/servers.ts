// What the calls are sent to: the mock, and a server that never answers.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Mock, startMock } from '@finapi-ts/contract-tests/server';
import { readApis, repository } from '@finapi-ts/scripts/apis';

export async function startAccessV1(): Promise<Mock> {
  const api = readApis(repository).find(({ id }) => id === 'access-v1');
  if (api === undefined) throw new Error('spec/apis.json has no access-v1');
  return startMock(api);
}

export async function startSilent(): Promise<Mock> {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
