// A token server on loopback that gives the same token until it ends, as finAPI does, and a resource that takes it.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Server, tokenPath } from './candidates/candidate.ts';

export interface TokenServer extends Server {
  /** Token requests so far. */
  readonly requests: () => number;
  /** Everything that was sent to it so far: headers and bodies. */
  readonly received: () => string;
  /** The current token is no longer good; the next request brings another. */
  readonly revoke: () => void;
  readonly close: () => void;
}

const lifeS = 3600;
/** How long a token request takes, and the pause between one 401 and the next, in milliseconds. */
const tokenMs = 20;
const staggerMs = 10;

export async function startTokenServer({ redirectTo }: { readonly redirectTo?: string } = {}): Promise<TokenServer> {
  let requests = 0;
  let refusals = 0;
  let received = '';
  let issued = 0;
  let expiresAt = 0;

  const server = createServer(async (request, response) => {
    received += `${JSON.stringify(request.headers)}${await bodyOf(request)}`;
    const answer = (status: number, body: object, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    if (request.url?.split('?')[0] !== tokenPath) {
      // The scheme's case is free (RFC 9110, section 11.1), and a peer repeats that of the answer.
      if (request.headers.authorization?.toLowerCase() === `bearer ${token(issued)}`) return answer(200, {});
      refusals += 1;
      setTimeout(answer, refusals * staggerMs, 401, {});
      return;
    }
    requests += 1;
    if (redirectTo !== undefined) return answer(307, {}, { location: redirectTo + tokenPath });
    if (Date.now() >= expiresAt) {
      issued += 1;
      expiresAt = Date.now() + lifeS * 1000;
    }
    const expires_in = Math.floor((expiresAt - Date.now()) / 1000);
    setTimeout(answer, tokenMs, 200, { access_token: token(issued), token_type: 'bearer', expires_in });
  });
  // A thousand may come at once.
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0, backlog: 2048 }, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    received: () => received,
    revoke: () => {
      issued += 1;
      expiresAt = Date.now() + lifeS * 1000;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

const token = (number: number): string => `4f2c8e1a-7b3d-4c55-9a10-${String(number).padStart(12, '0')}`;

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
