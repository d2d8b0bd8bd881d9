// What fixtures/tokens.js checks of the token layer, wherever it runs; and the servers that its runtime's own `fetch` meets.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createSandbox } from '@finapi-ts/testing';

/** Checks by their names. A check that did not run is none that went well. */
const names = [
  'client token',
  'one request for all',
  'echo in the last minute',
  'never expires',
  'user login',
  'refresh',
  'rotation',
  'late 401 of 50 calls',
  'refused password once',
  'lock',
  'retry-after',
  'time-out',
  'abort with its own reason',
  'revocation',
  'logout',
  'saved session',
  'bounded pool',
  'fleet over one store',
  'both clocks',
  'answer beyond 64 KiB',
  'redirect',
  'members of an answer',
  'polluted prototype',
  'disposal',
  'no secret shown',
  'events',
  'diagnostics channel',
  'http: a session',
  'http: answer beyond 64 KiB',
  'http: redirect',
  'http: silence',
] as const;

export type TokenResults = Readonly<Record<string, string>>;

/** What is expected everywhere. */
export const allWork: TokenResults = Object.fromEntries(names.map((name) => [name, 'works']));

/** A server with a sandbox at `/api/v1` and `/oauth`, and with answers below other paths that no token endpoint gives. */
export interface TokenServer {
  readonly url: string;
  /** What was sent to where a redirect leads: nothing, if all is well. */
  readonly caught: readonly string[];
  close(): Promise<void>;
}

export async function startTokens(): Promise<TokenServer> {
  const sandbox = createSandbox({
    clients: [{ clientId: 'app', clientSecret: 'secret & söhne' }],
    users: [{ id: 'alice', password: 'a pässword+&=' }],
  });
  const caught: string[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => void pieces.push(piece));
    request.on('end', () => {
      const body = Buffer.concat(pieces).toString('utf8');
      const target = request.url ?? '';
      if (target.startsWith('/silent/')) return;
      if (target.startsWith('/caught')) {
        caught.push(`${request.method} ${body}`);
        response.writeHead(200).end('{}');
      } else if (target.startsWith('/redirect/')) {
        response.writeHead(307, { location: '/caught' }).end();
      } else if (target.startsWith('/large/')) {
        // Without an end: whoever reads all of it never comes back.
        response.writeHead(200, { 'content-type': 'application/json' });
        const pour = (): void => {
          while (!response.destroyed && response.write('x'.repeat(16_384)));
        };
        response.on('drain', pour);
        pour();
      } else {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
        sandbox.handle({ method: request.method ?? 'GET', target, headers, body }).then(
          (outcome) =>
            outcome === 'reset' ? request.socket.destroy() : response.writeHead(outcome.status, outcome.headers).end(outcome.body),
          (cause) => response.writeHead(500).end(String(cause)),
        );
      }
    });
  });
  return { url: await listen(server), caught, close: () => end(server) };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function end(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
