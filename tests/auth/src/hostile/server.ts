// A server on this machine that answers as badly as it is told, and keeps what it got.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it arrived. */
export interface Got {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Names and values in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

/** How a request is answered; what it returns is ignored. */
export type Behaviour = (request: Got, response: ServerResponse) => unknown;

export interface Hostile extends AsyncDisposable {
  /** Like `http://127.0.0.1:40123`. */
  readonly url: string;
  readonly got: readonly Got[];
  /** Settles once so many requests have arrived. */
  arrived(count: number): Promise<void>;
}

/** Serves on a free port of the loopback interface alone. */
export async function hostile(behave: Behaviour): Promise<Hostile> {
  const got: Got[] = [];
  const waiting = new Set<() => void>();
  const server = createServer(async (incoming, response) => {
    // Whoever leaves in the middle is no fault here.
    response.on('error', () => {});
    const body = await textOf(incoming).catch(() => undefined);
    if (body === undefined) return;
    const request: Got = {
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      rawHeaders: incoming.rawHeaders,
      body,
    };
    got.push(request);
    for (const look of waiting) look();
    behave(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    arrived: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (got.length < count) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
