// Starts the mock of an API in this process, on a free port of this machine, and stops it.
import { type Api, repository } from '@finapi-ts/scripts/apis';
import { mockDocument } from '@finapi-ts/scripts/mock';
import { createLogger } from '@stoplight/prism-core';
import { getHttpOperationsFromSpec } from '@stoplight/prism-http';
import { createServer } from '@stoplight/prism-http-server';

export interface Mock {
  readonly url: string;
  close(): Promise<void>;
}

export async function startMock(api: Api): Promise<Mock> {
  const operations = await getHttpOperationsFromSpec(mockDocument(repository, api));
  const server = createServer(operations, {
    cors: false,
    components: { logger: createLogger('mock', { level: 'silent' }) },
    config: {
      mock: { dynamic: false },
      checkSecurity: true,
      validateRequest: true,
      validateResponse: true,
      isProxy: false,
      errors: false,
      upstreamProxy: undefined,
    },
  });
  const url = await server.listen(0, '127.0.0.1');
  return { url, close: () => server.close() };
}
