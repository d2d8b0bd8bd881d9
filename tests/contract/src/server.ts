// Starts the mock of an API in this process, on a free port of this machine, and stops it.
import { type Api, repository } from '@finapi-ts/scripts/apis';
import type { Node } from '@finapi-ts/scripts/grammar';
import { mockDocument } from '@finapi-ts/scripts/mock';
import { createLogger } from '@stoplight/prism-core';
import { getHttpOperationsFromSpec } from '@stoplight/prism-http';
import { createServer } from '@stoplight/prism-http-server';

export interface Mock {
  readonly url: string;
  close(): Promise<void>;
}

export const startMock = (api: Api): Promise<Mock> => serve(mockDocument(repository, api));

/** Serves any document as it is. */
export async function serve(document: Node): Promise<Mock> {
  const operations = await getHttpOperationsFromSpec(document);
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
