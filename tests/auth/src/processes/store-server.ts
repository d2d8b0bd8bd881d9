// A token store for several processes: the one in memory, with its leases, behind HTTP on this machine.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Lease, SetOptions, TokenStore } from '@finapi-ts/auth-helpers';
import { memoryStore } from '@finapi-ts/auth-helpers/stores/memory';
import type { Clock } from '@finapi-ts/testing';

/** What one process asks of the store. */
export interface StoreRequest {
  readonly call: 'get' | 'set' | 'delete' | 'lease' | 'renew' | 'release';
  readonly key: string;
  readonly value?: string;
  readonly options?: SetOptions;
  readonly ifVersion?: string;
  readonly ttlMs?: number;
  /** Of a lease. */
  readonly id?: number;
}

export interface StoreServer extends AsyncDisposable {
  readonly url: string;
  readonly store: TokenStore;
}

/** @param clock the clock by which entries and leases end */
export async function serveStore(clock: Clock): Promise<StoreServer> {
  const store = memoryStore({ clock }) as Required<TokenStore>;
  const leases: Lease[] = [];

  const answer = async ({ call, key, value = '', options, ifVersion, ttlMs = 0, id = -1 }: StoreRequest): Promise<unknown> => {
    switch (call) {
      case 'get':
        return store.get(key);
      case 'set':
        return store.set(key, value, options);
      case 'delete':
        return store.delete(key, { ifVersion });
      case 'lease': {
        const lease = await store.lease(key, { ttlMs });
        return lease && { id: leases.push(lease) - 1, owner: lease.owner };
      }
      case 'renew':
        return leases[id]?.renew();
      case 'release':
        return leases[id]?.release();
    }
  };
  const server = createServer((request, response) => {
    textOf(request)
      .then((text) => answer(JSON.parse(text)))
      .then(
        (value) => response.end(JSON.stringify({ value })),
        (cause) => response.writeHead(500).end(String(cause)),
      );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    store,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
