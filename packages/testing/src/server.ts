/// <reference lib="esnext.disposable" preserve="true" />
// The sandbox behind HTTP on this machine, for code that cannot be given a `fetch`.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Sandbox } from './sandbox.js';

export interface SandboxServer {
  /** Like `http://127.0.0.1:40123`. */
  readonly url: string;
  /** Stops listening and ends all connections. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Serves a sandbox on 127.0.0.1 alone, on a free port unless one is given. Rejects where the port is taken. */
export async function startServer(sandbox: Pick<Sandbox, 'handle'>, { port = 0 }: { readonly port?: number } = {}): Promise<SandboxServer> {
  const server = createServer((request, response) => void answer(sandbox, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
    return closing;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close, [Symbol.asyncDispose]: close };
}

async function answer(sandbox: Pick<Sandbox, 'handle'>, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  try {
    const target = request.url ?? '';
    if (!target.startsWith('/')) return void response.writeHead(400).end();
    const body = await textOf(request);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const outcome = await sandbox.handle({ method: request.method ?? 'GET', target, headers, body }, gone.signal);
    if (outcome === 'reset') request.socket.destroy();
    else response.writeHead(outcome.status, outcome.headers).end(outcome.body);
  } catch (cause) {
    // An answer of the test's own has failed; whoever gave up waits for none.
    if (!gone.signal.aborted) response.writeHead(500, { 'content-type': 'text/plain; charset=utf-8' }).end(String(cause));
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces).toString('utf8');
}
